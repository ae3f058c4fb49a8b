/** The second reading of a roster: chunks are sent, several at a time; what came of each is kept before the next step, so that a run that is cut off anywhere goes on from there. */
import { epochSeconds, type Instant, isErrorCode, isJsonObject, type Json, YinxinError } from '@yinxin/core';
import type { RosterFile } from '../rosters/roster.ts';
import type { Job, Part, ReadyRow } from './job.ts';
import type { Patient } from './patience.ts';
import type { DoneChunk, PlannedChunk, RefusedRows, RowRefusal, RunHead, RunLog, RunState } from './run-file.ts';
import { digestSegment, readSegments, type Segment } from './segments.ts';

/** The gateway remembers idempotency keys for thirty days after its answer; a day is left for clocks and for what is under way. */
const rememberedSeconds = 29 * 86_400;

/** A chunk that has come to its end: which of its good rows were done, and which refused by the gateway. */
export interface EndedSegment {
  readonly segment: Segment;
  readonly part: Part;
  readonly done: DoneChunk;
  /** By position among the good rows. */
  readonly refused: RefusedRows;
}

export interface Carrying {
  readonly head: RunHead;
  readonly state: RunState;
  readonly log: RunLog;
  readonly job: Job;
  readonly roster: RosterFile;
  readonly patient: Patient;
  readonly now: () => Instant;
  /** Aborted when the run is to stop after what is under way. */
  readonly stop: AbortSignal;
  /** Rows that have come to their end, of those that are sent. */
  readonly onRows: (rows: number) => void;
  /** In the order of the roster. */
  readonly onEnded: (ended: EndedSegment) => Promise<void>;
}

/** What the gateway refused of these rows, by position among the good rows of the chunk. */
function readRefusals(error: YinxinError, positions: readonly number[]): RefusedRows {
  const rows: Json | undefined = error.details['rows'];
  const refused = new Map<number, RowRefusal>();
  for (const item of Array.isArray(rows) ? rows : []) {
    const json = isJsonObject(item) ? item : {};
    const at = positions[Number(json['row'])];
    const { code, key } = { code: json['code'], key: json['key'] };
    if (at !== undefined && isErrorCode(code)) refused.set(at, { code, ...(typeof key === 'string' && { key }) });
  }
  return refused;
}

const merge = (parts: readonly RefusedRows[]): RefusedRows => new Map(parts.flatMap((part) => [...part]));

class Carrier {
  readonly #carrying: Carrying;
  readonly #abort = new AbortController();
  /** Rows of chunks that have ended, and of those under way. */
  #ended = 0;
  readonly #under = new Map<number, number>();
  #fault: { readonly error: unknown } | undefined;

  constructor(carrying: Carrying) {
    this.#carrying = carrying;
  }

  async run(): Promise<void> {
    const { job, roster, head, stop } = this.#carrying;
    const open = new Set<Promise<void>>();
    let [tail, start, count]: [Promise<void>, number, number] = [Promise.resolve(), 0, 0];
    try {
      for await (const segment of readSegments(roster, job, head.started)) {
        if (this.#fault || stop.aborted) break;
        this.#requirePlanned(segment, head.chunks[segment.chunk]);
        count += 1;
        const ended = this.#end(segment, start);
        start += segment.ready.length;
        const kept: Promise<void> = this.#inOrder(tail, ended)
          .catch((error: unknown) => this.#fail(error))
          .finally(() => open.delete(kept));
        tail = kept;
        open.add(kept);
        while (open.size >= job.inFlight && !this.#fault) await Promise.race(open);
      }
    } catch (error) {
      this.#fail(error);
    }
    await Promise.all(open);
    if (this.#fault) throw this.#fault.error;
    if (stop.aborted) throw new YinxinError('RUN_STOPPED');
    if (count !== head.chunks.length) throw new YinxinError('ROSTER_CHANGED');
  }

  async #inOrder(before: Promise<void>, ended: Promise<EndedSegment>): Promise<void> {
    ended.catch(() => undefined); // seen below; until then it is nobody's
    await before;
    if (this.#fault) return;
    await this.#carrying.onEnded(await ended);
  }

  /** The first fault is the run's; what is under way is given up, and found again under its key. */
  #fail(error: unknown): void {
    this.#fault ??= { error };
    this.#abort.abort();
  }

  #requirePlanned(segment: Segment, planned: PlannedChunk | undefined): void {
    const isSame = planned && planned.rows === segment.ready.length;
    if (!isSame || planned.digest !== digestSegment(this.#carrying.head.run, segment))
      throw new YinxinError('ROSTER_CHANGED');
  }

  #report(chunk: number, rows: number): void {
    this.#under.set(chunk, rows);
    let all = this.#ended;
    for (const under of this.#under.values()) all += under;
    this.#carrying.onRows(all);
  }

  async #end(segment: Segment, start: number): Promise<EndedSegment> {
    const { chunk, ready } = segment;
    const { state } = this.#carrying;
    const refused = [...(state.refused.get(chunk) ?? [])];
    const known = state.done.get(chunk);
    const partOf = (): Part => {
      const all = merge(refused);
      const rest: readonly ReadyRow[] = all.size === 0 ? ready : ready.filter((_, at) => !all.has(at));
      return { chunk, start, rows: ready.length, ready: rest };
    };
    const done = known && this.#carrying.job.isKept(partOf(), known) ? known : await this.#send(partOf, refused);
    this.#under.delete(chunk);
    this.#ended += ready.length;
    this.#report(chunk, 0);
    this.#under.delete(chunk);
    return { segment, part: partOf(), done, refused: merge(refused) };
  }

  /** Until no row is refused: the others go under a key of their own, which is on the disk before they are sent. */
  async #send(partOf: () => Part, refused: RefusedRows[]): Promise<DoneChunk> {
    const { head, log, now } = this.#carrying;
    for (;;) {
      const part = partOf();
      const { chunk } = part;
      if (part.ready.length === 0) {
        const nothing = { chunk, rows: 0, first: 0, batch: '', block: 0, time: '', at: now() };
        log.appendDone(nothing);
        return nothing;
      }
      const key = refused.length === 0 ? `${head.run}-${chunk}` : `${head.run}-${chunk}-${refused.length}`;
      const sent = await this.#sendOnce(part, key, merge(refused));
      if (sent instanceof Map) {
        log.appendRefused(chunk, sent);
        refused.push(sent);
        continue;
      }
      const done: DoneChunk = { chunk, ...sent, at: now() };
      log.appendDone(done);
      return done;
    }
  }

  /** Sent again under a key that is forgotten, rows would be done twice. @throws YinxinError RUN_EXPIRED */
  #requireRemembered(): void {
    const { head, now } = this.#carrying;
    if (epochSeconds(now()) - epochSeconds(head.started) > rememberedSeconds)
      throw new YinxinError('RUN_EXPIRED', { run: head.run.slice(0, 8) });
  }

  async #sendOnce(
    part: Part,
    key: string,
    before: RefusedRows,
  ): Promise<Omit<DoneChunk, 'chunk' | 'at'> | Map<number, RowRefusal>> {
    const { job, patient } = this.#carrying;
    const onRows = (rows: number) => this.#report(part.chunk, rows);
    this.#requireRemembered();
    try {
      return await patient(() => {
        if (this.#fault) throw this.#fault.error;
        return job.send(part, { key, signal: this.#abort.signal, onRows }).catch((error: unknown) => {
          throw this.#fault ? this.#fault.error : error; // a request that was given up tells nothing of the gateway
        });
      });
    } catch (error) {
      if (!(error instanceof YinxinError) || error.code !== 'ROWS_INVALID') throw error;
      const positions = Array.from({ length: part.rows }, (_, at) => at).filter((at) => !before.has(at));
      const refused = new Map(readRefusals(error, positions));
      if (refused.size === 0) throw error;
      return refused;
    }
  }
}

/**
 * Sends what is not done yet.
 * @throws YinxinError ROSTER_CHANGED before anything is sent of a chunk that differs from the one that was checked; RUN_STOPPED; RUN_EXPIRED; DISK_FULL; and as `Job.send`
 */
export function carryOut(carrying: Carrying): Promise<void> {
  return new Carrier(carrying).run();
}
