/** Between Fabric and the rules: text in, rows fetched, decision written, canonical text out; errors leave as refusals only. */
import {
  canonicalize,
  createRules,
  epochSeconds,
  formatRefusal,
  formatRow,
  fromUtf8,
  type HistoryInput,
  type Instant,
  type Json,
  type ListInput,
  parseJson,
  parseRow,
  peerPolicy,
  type Row,
  type RowKey,
  type RowKind,
  type RowSource,
  rowKeyOf,
  runRule,
  toInstant,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { toCaller } from './caller.ts';
import type { ContractContext, HistoryItem, StateIterator, Stub, Timestamp } from './stub.ts';
import { thumbprintOf } from './thumbprint.ts';

/** A batch of 32,768 leaves that are all reissues is 2.5 MB. */
const maxInputBytes = 4 * 1_048_576;

/** Runs a transaction so that nothing but a refusal leaves it. @throws Error whose message is `YINXIN/1 <CODE> <details>` */
export async function refusing(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    const refusal = error instanceof YinxinError ? error : new YinxinError('INTERNAL');
    throw new Error(formatRefusal(refusal), { cause: error });
  }
}

export function parseInput(text: string): Json {
  return parseJson(utf8(text), { maxBytes: maxInputBytes });
}

const compositeKey = (stub: Stub, { kind, parts }: RowKey) => stub.createCompositeKey(kind, [...parts]);

const toTime = ({ seconds }: Timestamp) => toInstant(Number(seconds.toString()));

async function getRow(stub: Stub, key: RowKey): Promise<Row | undefined> {
  const value = await stub.getState(compositeKey(stub, key));
  return value.length === 0 ? undefined : parseRow(fromUtf8(value));
}

async function collect<T, U>(iterator: StateIterator<T>, convert: (item: T) => U): Promise<readonly U[]> {
  const items: U[] = [];
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) items.push(convert(next.value));
  } finally {
    await iterator.close();
  }
  return items;
}

async function getRows(stub: Stub, kind: RowKind): Promise<readonly Row[]> {
  return collect(await stub.getStateByPartialCompositeKey(kind, []), ({ value }) => parseRow(fromUtf8(value)));
}

/** The state of the world as rules read it. */
function toSource(stub: Stub): RowSource {
  return { get: (key) => getRow(stub, key), all: (kind) => getRows(stub, kind) };
}

/** How far a transaction's timestamp may lie from the endorser's clock. Without a bound a sender could date back, or push ledger time ahead for all. */
const clockToleranceSeconds = 600;

/** @throws YinxinError CLOCK_OFF */
function requireClock(time: Instant, clock: () => Instant): void {
  const now = clock();
  const apart = Math.abs(epochSeconds(time) - epochSeconds(now));
  if (apart > clockToleranceSeconds) throw new YinxinError('CLOCK_OFF', { transaction: time, peer: now });
}

const rules = createRules(thumbprintOf);

/** A transaction that writes: reads, decides, writes, one event of its own name. */
export function submit(context: ContractContext, name: string, text: string, clock: () => Instant): Promise<string> {
  return refusing(async () => {
    const { stub } = context;
    const rule = rules.get(name);
    if (!rule) throw new YinxinError('INTERNAL', { transaction: name });
    const input = parseInput(text);
    const time = toTime(stub.getTxTimestamp());
    requireClock(time, clock);
    const { writes, owned, event } = await runRule(rule, input, toSource(stub), {
      channel: stub.getChannelID(),
      txId: stub.getTxID(),
      time,
      caller: toCaller(context),
    });
    await Promise.all([
      ...writes.map((row) => stub.putState(compositeKey(stub, rowKeyOf(row)), utf8(formatRow(row)))),
      ...owned.map(({ key, msps }) => stub.setStateValidationParameter(compositeKey(stub, key), peerPolicy(...msps))),
    ]);
    const answer = canonicalize(event);
    stub.setEvent(name, utf8(answer));
    return answer;
  });
}

/** One row as it is kept. */
export function readOne({ stub }: ContractContext, toKey: (json: Json) => RowKey, text: string): Promise<string> {
  return refusing(async () => {
    const key = toKey(parseInput(text));
    const value = await stub.getState(compositeKey(stub, key));
    if (value.length === 0) throw new YinxinError('NOT_FOUND', { kind: key.kind, parts: key.parts });
    return fromUtf8(value);
  });
}

/** A page of rows: `{bookmark, rows}`; an empty bookmark ends it. Rows are canonical already and go out as they are. */
export async function listRows(stub: Stub, { kind, prefix, pageSize, bookmark }: ListInput): Promise<string> {
  const from = bookmark === '' ? '' : stub.createCompositeKey(kind, bookmark.split('/'));
  const page = await stub.getStateByPartialCompositeKeyWithPagination(kind, [...prefix], pageSize, from);
  const rows = await collect(page.iterator, ({ value }) => fromUtf8(value));
  const next = page.metadata?.bookmark ?? '';
  const after = next === '' ? '' : stub.splitCompositeKey(next).attributes.join('/');
  return `{"bookmark":${canonicalize(after)},"rows":[${rows.join(',')}]}`;
}

/** Up to `count` items after the one of transaction `bookmark`, without reading on. @throws YinxinError INPUT_INVALID when it is not there */
async function takeHistory(
  iterator: StateIterator<HistoryItem>,
  bookmark: string,
  count: number,
): Promise<readonly HistoryItem[]> {
  const items: HistoryItem[] = [];
  let isAfter = bookmark === '';
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (isAfter) items.push(next.value);
      else isAfter = next.value.txId === bookmark;
      if (items.length === count) break;
    }
  } finally {
    await iterator.close();
  }
  if (!isAfter) throw new YinxinError('INPUT_INVALID', { member: 'bookmark' });
  return items;
}

/** A page of what was written under one key, newest first: `{bookmark, items: [{row, time, txId}]}`, `row` null where it was deleted. */
export async function readHistory(stub: Stub, { key, pageSize, bookmark }: HistoryInput): Promise<string> {
  const found = await takeHistory(await stub.getHistoryForKey(compositeKey(stub, key)), bookmark, pageSize + 1);
  const page = found.slice(0, pageSize);
  const items = page.map(({ txId, timestamp, isDelete, value }) => {
    const time = canonicalize(toTime(timestamp));
    return `{"row":${isDelete ? 'null' : fromUtf8(value)},"time":${time},"txId":${canonicalize(txId)}}`;
  });
  const after = found.length > pageSize ? (page[page.length - 1]?.txId ?? '') : '';
  return `{"bookmark":${canonicalize(after)},"items":[${items.join(',')}]}`;
}
