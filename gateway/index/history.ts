/** What an identifier names, and what happened to it: answers that follow one certificate through the index. */
import {
  type HistoryItem,
  type Instant,
  issuerNameAt,
  type KnownChange,
  type ParsedIdentifier,
  parseKeyId,
  type RecordedChange,
  standingChanges,
  type Trust,
  YinxinError,
} from '@yinxin/core';
import type { AnchorRecord } from './batch-records.ts';
import type { EntryRef, HistoryPage, SignedTransaction } from './read-model.ts';
import type { IndexReader } from './reader.ts';
import type { Registry } from './registry.ts';

/** The serials that this network gives. */
const serialPattern = /^\d{10}$/;

/** The reissue that superseded an entry: there is one at most, even where the supersession was corrected. */
async function findReissue(reader: IndexReader, ref: EntryRef, height: number): Promise<EntryRef | undefined> {
  const by = (await reader.changes(ref, height)).find(({ act }) => act === 'supersede')?.by;
  return typeof by === 'number' ? { ...ref, entry: by } : undefined;
}

/** The serial of a certificate is its first version's entry; an entry that is a reissue has no identifier of its own number. */
export async function findEntry(
  registry: Registry,
  reader: IndexReader,
  { typeCode, issuer, serial, version }: ParsedIdentifier,
  height: number,
): Promise<EntryRef | undefined> {
  const type = registry.slug(typeCode);
  if (type === undefined || !serialPattern.test(serial)) return undefined;
  const entry = Number(serial);
  if (entry < 1 || entry > (registry.register(issuer, type)?.last ?? 0)) return undefined;
  let ref: EntryRef | undefined = { issuer, type, entry };
  const [batch, superseded] = await Promise.all([reader.batch(ref, height), reader.superseded(ref)]);
  if (!batch || superseded !== null) return undefined;
  for (let at = 1; at < version && ref; at += 1) ref = await findReissue(reader, ref, height);
  return ref;
}

/** The transaction behind an event. Index and transactions are written together. @throws YinxinError INTERNAL when it is missing */
async function requireTransaction(reader: IndexReader, txId: string, height: number): Promise<SignedTransaction> {
  const transaction = await reader.transaction(txId, height);
  if (!transaction) throw new YinxinError('INTERNAL', { txId });
  return transaction;
}

/** The change as the ledger holds it, where block and time are told beside it. */
export function toRecordedChange({ block: _block, recorded: _recorded, ...change }: KnownChange): RecordedChange {
  return change;
}

type Event = Pick<HistoryItem, 'event' | 'txId' | 'key' | 'entry' | 'change' | 'void'>;

function toEvents(
  { entry, issuer }: EntryRef,
  { row }: AnchorRecord,
  changes: readonly KnownChange[],
  trust: Trust,
): readonly Event[] {
  const standing = new Set(standingChanges(changes, trust, issuer));
  const anchored: Event = { event: 'anchored', txId: row.txId, key: row.key, entry };
  const others = changes.map(
    (change): Event => ({
      event: change.act === 'supersede' ? 'superseded' : 'status-changed',
      txId: change.txId,
      key: change.key,
      change: toRecordedChange(change),
      ...(!standing.has(change) && { void: true }),
    }),
  );
  return [anchored, ...others];
}

/** The body whose key signed, where it is not the register's own. */
function findActor(trust: Trust, key: string, issuer: string, at: Instant): Pick<HistoryItem, 'actor'> {
  const body = trust.issuer(trust.key(parseKeyId(key))?.issuer ?? issuer);
  return body && body.issuer !== issuer ? { actor: { issuer: body.issuer, name: issuerNameAt(body, at) } } : {};
}

export async function readHistory(
  trust: Trust,
  reader: IndexReader,
  ref: EntryRef,
  page: { readonly after: number; readonly limit: number; readonly height: number },
): Promise<HistoryPage> {
  const { after, limit, height } = page;
  const [batch, changes] = await Promise.all([reader.batch(ref, height), reader.changes(ref, height)]);
  if (!batch) return { items: [], next: null };
  const events = toEvents(ref, batch, changes, trust);
  const { issuer } = ref;
  const row = trust.issuer(issuer);
  const items = events.slice(after, after + limit).map(async (event): Promise<HistoryItem> => {
    const signed = event.event === 'anchored' ? batch.signed : await requireTransaction(reader, event.txId, height);
    const { block, time, caller, statement, signature } = signed;
    const issuerName = row ? issuerNameAt(row, time) : { zh: issuer, en: issuer };
    const actor = findActor(trust, event.key, issuer, time);
    return { ...event, block, time, caller, issuer, issuerName, ...actor, statement, signature };
  });
  return { items: await Promise.all(items), next: after + limit < events.length ? after + limit : null };
}
