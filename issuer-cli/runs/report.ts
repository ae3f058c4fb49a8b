/** What came of a run: a list of what was done, with the roster's own columns; and the failed rows alone, as they were, with the reason behind them. */
import { join } from 'node:path';
import { type Context, say } from '../context.ts';
import { toFileError } from '../files.ts';
import { explainCell } from '../messages/roster.ts';
import {
  createRosterWriter,
  type RosterFile,
  type RosterFinding,
  type RosterWriter,
  type SourceRow,
} from '../rosters/roster.ts';
import type { EndedSegment } from './carry-out.ts';
import { keptFindings } from './check.ts';
import type { Job, RowProblem } from './job.ts';

export const reasonHeading = '原因';

export interface ReportedRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface Report {
  readonly done: number;
  readonly failed: number;
  /** The first of the failed rows', in their order. */
  readonly findings: readonly RosterFinding[];
  /** The first of those that were done: the last cells of the list. */
  readonly first: readonly ReportedRow[];
  readonly doneFile: string;
  /** Undefined when no row failed. */
  readonly failedFile: string | undefined;
}

/** More are not listed one by one. */
export const listedAtMost = 4_096;

/** The list of what was done is CSV that every spreadsheet opens, whatever the roster was. */
const listShape: RosterFile['shape'] = { kind: 'csv', encoding: 'UTF-8', hasMark: true, separator: ',', headerLine: 1 };

/** Why a row failed, in the words of the table of problems. */
export function formatReasons(problems: readonly RowProblem[], context: Context): string {
  const [stop, comma] = [say(context, { zh: '；', en: '; ' }), say(context, { zh: '：', en: ': ' })];
  const space = say(context, { zh: '', en: ' ' });
  const words = problems.map(({ field, heading, code }) => {
    const { what, next } = explainCell(field, code, context.language);
    const where = field ? say(context, field.label) : (heading ?? '');
    return `${where === '' ? '' : where + comma}${what}${space}${next} [${code}]`;
  });
  return words.join(stop);
}

/** Takes rows in the order of the roster. Both lists appear when all is told. */
export class ReportWriter {
  readonly #context: Context;
  readonly #job: Job;
  readonly #roster: RosterFile;
  readonly #folder: string;
  #done: RosterWriter | undefined;
  #failed: RosterWriter | undefined;
  #counts = { done: 0, failed: 0 };
  readonly #findings: RosterFinding[] = [];
  readonly #first: ReportedRow[] = [];

  constructor(job: Job, roster: RosterFile, folder: string, context: Context) {
    this.#job = job;
    this.#roster = roster;
    this.#folder = folder;
    this.#context = context;
  }

  get #doneName(): string {
    return this.#job.type ? 'issued.csv' : 'done.csv';
  }

  get #failedName(): string {
    return `failed.${this.#roster.shape.kind}`;
  }

  /** A failed roster that fails again keeps one column of reasons. */
  get #width(): number {
    const { header } = this.#roster;
    return header[header.length - 1] === reasonHeading ? header.length - 1 : header.length;
  }

  #open(name: string, shape: RosterFile['shape'], last: readonly string[]): Promise<RosterWriter> {
    const header = this.#roster.header.slice(0, this.#width);
    return createRosterWriter(join(this.#folder, name), { shape, header }, last);
  }

  async take({ segment, part, done, refused }: EndedSegment): Promise<void> {
    try {
      let sent = 0;
      for (const { source, at, problems } of segment.rows) {
        const refusal = at === undefined ? undefined : refused.get(at);
        const faults = problems ?? (refusal && [this.#toProblem(refusal)]);
        if (faults) await this.#addFailed(source, faults);
        else {
          const ready = part.ready[sent];
          if (ready) await this.#addDone(source, this.#job.doneCells(ready, sent, done, part));
          sent += 1;
        }
      }
    } catch (error) {
      throw toFileError(this.#folder, error);
    }
  }

  #toProblem({ code, key }: { readonly code: RowProblem['code']; readonly key?: string }): RowProblem {
    const field = key === undefined ? undefined : this.#job.type?.fields.find((own) => own.key === key);
    return { code, ...(field && { field }) };
  }

  async #addDone({ line, cells }: SourceRow, last: readonly string[]): Promise<void> {
    this.#done ??= await this.#open(this.#doneName, listShape, this.#job.doneHeadings);
    await this.#done.add(cells.slice(0, this.#width), last);
    this.#counts.done += 1;
    if (this.#first.length < listedAtMost) this.#first.push({ line, cells: last });
  }

  async #addFailed({ line, cells }: SourceRow, problems: readonly RowProblem[]): Promise<void> {
    this.#failed ??= await this.#open(this.#failedName, this.#roster.shape, [reasonHeading]);
    await this.#failed.add(cells.slice(0, this.#width), [formatReasons(problems, this.#context)]);
    this.#counts.failed += 1;
    for (const problem of problems) {
      if (this.#findings.length < keptFindings) this.#findings.push({ line, ...problem });
    }
  }

  async close(): Promise<Report> {
    try {
      await this.#done?.close();
      await this.#failed?.close();
    } catch (error) {
      throw toFileError(this.#folder, error);
    }
    return {
      ...this.#counts,
      findings: this.#findings,
      first: this.#first,
      doneFile: this.#doneName,
      failedFile: this.#failed && this.#failedName,
    };
  }

  /** Leaves nothing of the lists behind. */
  async abandon(): Promise<void> {
    await this.#done?.abandon().catch(() => undefined);
    await this.#failed?.abandon().catch(() => undefined);
  }
}
