/** The first reading of a roster: everything is checked before anything is sent, and cut into chunks that the second reading must find again. */
import type { Instant } from '@yinxin/core';
import type { RosterFile, RosterFinding, SourceRow } from '../rosters/roster.ts';
import type { IssuedBefore } from './issued-before.ts';
import type { Job, Reading, ReadyRow } from './job.ts';
import { SeenLines } from './repeated.ts';
import type { PlannedChunk } from './run-file.ts';
import { digestSegment, readSegments } from './segments.ts';

/** Of a million bad rows the first are shown; all of them are in the list of failed rows. */
export const keptFindings = 1_000;
const keptSamples = 3;

export interface NormalisedCount {
  readonly kind: string;
  readonly rows: number;
  /** Where it was first. */
  readonly line: number;
  readonly label: { readonly zh: string; readonly en: string };
}

export interface Checked {
  readonly rows: number;
  readonly good: number;
  readonly chunks: readonly PlannedChunk[];
  /** The first of the bad rows'. */
  readonly problems: readonly RosterFinding[];
  readonly normalised: readonly NormalisedCount[];
  readonly samples: readonly ReadyRow[];
  /** Rows about somebody of whom there is one before it. */
  readonly repeated: number;
  readonly repeatedFirst: readonly RosterFinding[];
}

class Findings {
  readonly kept: RosterFinding[] = [];
  count = 0;
  add(finding: RosterFinding): void {
    this.count += 1;
    if (this.kept.length < keptFindings) this.kept.push(finding);
  }
}

class Tally {
  readonly #normalised = new Map<string, NormalisedCount>();
  readonly #seen: SeenLines;
  readonly problems = new Findings();
  readonly repeated = new Findings();
  readonly samples: ReadyRow[] = [];
  good = 0;

  constructor(seed: Uint8Array) {
    this.#seen = new SeenLines(seed);
  }

  add({ line }: SourceRow, reading: Reading): void {
    if ('problems' in reading) {
      for (const problem of reading.problems) this.problems.add({ line, ...problem });
      return;
    }
    const { ready, holder, changes } = reading;
    this.good += 1;
    if (this.samples.length < keptSamples) this.samples.push(ready);
    for (const { kind, field } of changes) this.#count(kind, line, field.label);
    const otherLine = holder === undefined ? undefined : this.#seen.see(holder, line);
    if (otherLine !== undefined) this.repeated.add({ line, otherLine, code: 'HOLDER_REPEATED' });
  }

  #count(kind: string, line: number, label: NormalisedCount['label']): void {
    const known = this.#normalised.get(kind);
    this.#normalised.set(kind, known ? { ...known, rows: known.rows + 1 } : { kind, rows: 1, line, label });
  }

  get normalised(): readonly NormalisedCount[] {
    return [...this.#normalised.values()];
  }
}

export interface CheckOptions {
  readonly run: string;
  readonly now: Instant;
  /** 4 random bytes. */
  readonly seed: Uint8Array;
  /** Asked about every good row where there is one. */
  readonly before?: IssuedBefore | undefined;
  readonly onRows: (rows: number) => void;
}

/** @throws YinxinError as `RosterFile.blocks` says */
export async function checkRoster(roster: RosterFile, job: Job, options: CheckOptions): Promise<Checked> {
  const { run, now, seed, before, onRows } = options;
  const tally = new Tally(seed);
  const chunks: PlannedChunk[] = [];
  let rows = 0;
  const reader = {
    onRow: (source: SourceRow, reading: Reading) => {
      tally.add(source, reading);
      if (before && 'ready' in reading && reading.holder !== undefined) before.add(source.line, reading.holder);
    },
    onBlock: async (count: number) => {
      rows = count;
      onRows(count);
      await before?.keepUp();
    },
  };
  for await (const segment of readSegments(roster, job, now, reader))
    chunks.push({ rows: segment.ready.length, digest: digestSegment(run, segment) });
  await before?.finish();
  return {
    rows,
    good: tally.good,
    chunks,
    problems: tally.problems.kept,
    normalised: tally.normalised,
    samples: tally.samples,
    repeated: tally.repeated.count,
    repeatedFirst: tally.repeated.kept,
  };
}
