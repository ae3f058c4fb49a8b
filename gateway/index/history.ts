/** What an identifier names, and what happened to it: answers that follow one certificate through the index. */
import { type HistoryItem, type ParsedIdentifier, type RecordedChange, YinxinError } from '@yinxin/core';
import type { AnchoredBatch, EntryRef, HistoryPage, SignedTransaction } from './read-model.ts';
import type { IndexReader } from './reader.ts';
import type { Registry } from './registry.ts';

/** The serials that this network gives. */
const serialPattern = /^\d{10}$/;

/** The reissue that superseded an entry. */
async function findSuccessor(reader: IndexReader, ref: EntryRef): Promise<EntryRef | undefined> {
  const by = (await reader.changes(ref)).find(({ act }) => act === 'supersede')?.by;
  return typeof by === 'number' ? { ...ref, entry: by } : undefined;
}

/** The serial of a certificate is its first version's entry; an entry that is a reissue has no identifier of its own number. */
export async function findEntry(
  registry: Registry,
  reader: IndexReader,
  { typeCode, issuer, serial, version }: ParsedIdentifier,
): Promise<EntryRef | undefined> {
  const type = registry.slug(typeCode);
  if (type === undefined || !serialPattern.test(serial)) return undefined;
  const entry = Number(serial);
  if (entry < 1 || entry > (registry.register(issuer, type)?.last ?? 0)) return undefined;
  let ref: EntryRef | undefined = { issuer, type, entry };
  if ((await reader.superseded(ref)) !== null) return undefined;
  for (let at = 1; at < version && ref; at += 1) ref = await findSuccessor(reader, ref);
  return ref;
}

/** The transaction behind an event. Index and transactions are written together. @throws YinxinError INTERNAL when it is missing */
async function requireTransaction(reader: IndexReader, txId: string): Promise<SignedTransaction> {
  const transaction = await reader.transaction(txId);
  if (!transaction) throw new YinxinError('INTERNAL', { txId });
  return transaction;
}

type Event = Pick<HistoryItem, 'event' | 'txId' | 'key' | 'entry' | 'change'>;

function toEvents({ entry }: EntryRef, { row }: AnchoredBatch, changes: readonly RecordedChange[]): readonly Event[] {
  const anchored: Event = { event: 'anchored', txId: row.txId, key: row.key, entry };
  const others = changes.map(
    (change): Event => ({
      event: change.act === 'supersede' ? 'superseded' : 'status-changed',
      txId: change.txId,
      key: change.key,
      change,
    }),
  );
  return [anchored, ...others];
}

export async function readHistory(
  registry: Registry,
  reader: IndexReader,
  ref: EntryRef,
  after: number,
  limit: number,
): Promise<HistoryPage> {
  const [batch, changes] = await Promise.all([reader.batch(ref), reader.changes(ref)]);
  if (!batch) return { items: [], next: null };
  const events = toEvents(ref, batch, changes);
  const { issuer } = ref;
  const issuerName = registry.issuer(issuer)?.name ?? { zh: issuer, en: issuer };
  const items = events.slice(after, after + limit).map(async (event): Promise<HistoryItem> => {
    const { block, time, caller, statement, signature } = await requireTransaction(reader, event.txId);
    return { ...event, block, time, caller, issuer, issuerName, statement, signature };
  });
  return { items: await Promise.all(items), next: after + limit < events.length ? after + limit : null };
}
