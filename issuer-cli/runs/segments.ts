/** A roster cut into chunks: always the same for the same roster, so that a chunk is sent again under its key only as it was. */
import { createHmac } from 'node:crypto';
import { fromHex, type Instant } from '@yinxin/core';
import type { RosterFile, SourceRow } from '../rosters/roster.ts';
import type { Job, Reading, ReadyRow, RowProblem } from './job.ts';
import { SeenLines } from './repeated.ts';

export interface SegmentRow {
  readonly source: SourceRow;
  /** Position among the good rows of the segment; absent for a bad row. */
  readonly at?: number;
  readonly problems?: readonly RowProblem[];
}

/** Rows of a roster in their order, of which the good ones make one request. */
export interface Segment {
  readonly chunk: number;
  readonly rows: readonly SegmentRow[];
  readonly ready: readonly ReadyRow[];
}

/** Bad rows count too, so that a roster of bad rows alone is not held in memory. */
const rowsPerReady = 2;

export interface SegmentReader {
  /** Called for every row as it is read. */
  readonly onRow?: (source: SourceRow, reading: Reading) => void;
  /** Called after every block, with the rows so far. */
  readonly onBlock?: (rows: number) => Promise<void> | void;
}

/** A certificate is acted on once: a second row of it is a mistake. */
function refuseRepeated(reading: Reading, { line }: SourceRow, seen: SeenLines): Reading {
  if ('problems' in reading || reading.ready.certificate === undefined) return reading;
  const isRepeated = seen.see(reading.ready.certificate, line) !== undefined;
  return isRepeated ? { problems: [{ code: 'CERTIFICATE_REPEATED' }] } : reading;
}

/** Reads a roster once, from its beginning. */
export async function* readSegments(
  roster: RosterFile,
  job: Job,
  now: Instant,
  { onRow, onBlock }: SegmentReader = {},
): AsyncGenerator<Segment> {
  let [rows, ready, bytes, chunk, count]: [SegmentRow[], ReadyRow[], number, number, number] = [[], [], 0, 0, 0];
  const seen = new SeenLines(new Uint8Array(4));
  const cut = (): Segment => {
    const segment = { chunk, rows, ready };
    [rows, ready, bytes, chunk] = [[], [], 0, chunk + 1];
    return segment;
  };
  for await (const block of roster.blocks()) {
    await job.prepare(block);
    for (const source of block) {
      const reading = refuseRepeated(job.read(source, now), source, seen);
      onRow?.(source, reading);
      if ('problems' in reading) rows.push({ source, problems: reading.problems });
      else {
        const size = reading.ready.body.length * 3 + 64; // at most three bytes of UTF-8 a unit
        if (ready.length === job.maxRows || (ready.length > 0 && bytes + size > job.maxBytes)) yield cut();
        rows.push({ source, at: ready.length });
        ready.push(reading.ready);
        bytes += size;
      }
      if (rows.length === job.maxRows * rowsPerReady) yield cut();
    }
    count += block.length;
    await onBlock?.(count);
  }
  if (rows.length > 0) yield cut();
}

/** base64 HMAC-SM3, under the run's name, of what would be sent of a segment and from which lines. */
export function digestSegment(run: string, { rows, ready }: Segment): string {
  const mac = createHmac('sm3', fromHex(run));
  mac.update(rows.map(({ source, at }) => (at === undefined ? `!${source.line}` : String(source.line))).join());
  mac.update('\n');
  mac.update(
    ready.map(({ body, certificate }) => (certificate === undefined ? body : `${certificate} ${body}`)).join('\n'),
  );
  return mac.digest('base64');
}
