/**
 * Rows of governance by ledger time. The times in them are their senders' timestamps: what was endorsed in June and kept back until July would
 * rewrite June, and a body could take back what it signed. Every reader files rows through here before judging anything by them.
 */
import type {
  AgreementRow,
  DomainRow,
  EntitlementRow,
  IssuerRow,
  KeyRow,
  ListKeyRow,
  Row,
  TypeRow,
  Window,
} from './ledger-model.ts';
import type { Instant } from './model.ts';
import { reportableSeconds } from './rules/compromise.ts';
import { firstKeyWaitSeconds } from './rules/keys.ts';
import { laterOf } from './rules/windows.ts';
import { epochSeconds, toInstant } from './time.ts';

/** By these a majority decides, of the past too. */
const majorityTransactions: readonly string[] = ['propose', 'approve'];

/** The same thing as a transaction wrote it and as readers take it. */
export interface Filed<T> {
  readonly raw: T;
  readonly filed: T;
}

/** The transaction that wrote a row: its name, and ledger time with it and before it. */
export interface Ordered {
  readonly transaction: string;
  readonly time: Instant;
  readonly before: Instant;
}

type Before<T> = Filed<T> | undefined;

const shift = (time: Instant, seconds: number) => toInstant(epochSeconds(time) + seconds);

/** After all that was ordered before: an end leaves out its own second, in which something may have been anchored just before it. */
const afterAll = ({ time, before }: Ordered) => (time > before ? time : shift(before, 1));

/** An end that is set, or brought forward, comes not before `earliest`, and never puts off one that was filed. Of what is new it is as written. */
function fileEnd({ until }: Pick<Window, 'until'>, before: Before<Pick<Window, 'until'>>, earliest: Instant) {
  if (!before) return until;
  const { raw, filed } = before;
  if (until === raw.until || until === filed.until) return filed.until;
  if (until === null) return until;
  const end = laterOf(until, earliest);
  return filed.until !== null && until < filed.until && filed.until < end ? filed.until : end;
}

/** Lists in rows only grow, at their end: each item beside what it was before. */
function fileItems<T>(
  items: readonly T[],
  before: Before<readonly T[]>,
  file: (item: T, earlier: Before<T>) => T,
): readonly T[] {
  return items.map((item, at) => {
    const [raw, filed] = [before?.raw[at], before?.filed[at]];
    return file(item, raw === undefined || filed === undefined ? undefined : { raw, filed });
  });
}

const pick = <R, K extends keyof R>(before: Before<R>, member: K): Before<R[K]> =>
  before && { raw: before.raw[member], filed: before.filed[member] };

type Exposed = Pick<KeyRow, 'compromisedFrom'>;

/** A domain's own report reaches thirty days back from ledger time; a majority, as far as it says. */
function fileCompromise({ compromisedFrom }: Exposed, { raw, filed }: Filed<Exposed>, { transaction, time }: Ordered) {
  const isCarriedOn = compromisedFrom === raw.compromisedFrom || compromisedFrom === filed.compromisedFrom;
  if (isCarriedOn) return filed.compromisedFrom;
  if (compromisedFrom === null || majorityTransactions.includes(transaction)) return compromisedFrom;
  return laterOf(compromisedFrom, shift(time, -reportableSeconds));
}

function fileKey(row: KeyRow, before: Before<KeyRow>, ordered: Ordered): KeyRow {
  const { time } = ordered;
  if (!before) {
    const from = row.vouchedBy === 'first' ? laterOf(row.from, shift(time, firstKeyWaitSeconds)) : row.from;
    return { ...row, from, registered: laterOf(row.registered, time) };
  }
  const { from, registered } = before.filed;
  const compromisedFrom = fileCompromise(row, before, ordered);
  return { ...row, from, registered, until: fileEnd(row, before, afterAll(ordered)), compromisedFrom };
}

function fileListKey(row: ListKeyRow, before: Before<ListKeyRow>, ordered: Ordered): ListKeyRow {
  if (!before) return { ...row, from: laterOf(row.from, ordered.time) };
  const { from } = before.filed;
  const compromisedFrom = fileCompromise(row, before, ordered);
  return { ...row, from, until: fileEnd(row, before, afterAll(ordered)), compromisedFrom };
}

function fileIssuer(row: IssuerRow, before: Before<IssuerRow>, ordered: Ordered): IssuerRow {
  const earliest = afterAll(ordered);
  const { closed } = row;
  const formerNames = fileItems(
    row.formerNames,
    pick(before, 'formerNames'),
    (former, earlier) => earlier?.filed ?? { ...former, until: laterOf(former.until, earliest) },
  );
  return {
    ...row,
    formerNames,
    closed: closed && (before?.filed.closed ?? { ...closed, at: laterOf(closed.at, earliest) }),
  };
}

/** A new window may begin in the past: without it nothing was anchored then. */
function fileEntitlement(row: EntitlementRow, before: Before<EntitlementRow>, ordered: Ordered): EntitlementRow {
  const windows = fileItems(row.windows, pick(before, 'windows'), (window, earlier) => ({
    ...window,
    until: fileEnd(window, earlier, afterAll(ordered)),
  }));
  return { ...row, windows };
}

function fileAgreement(row: AgreementRow, before: Before<AgreementRow>, { time }: Ordered): AgreementRow {
  const approvals = fileItems(
    row.approvals,
    pick(before, 'approvals'),
    (approval, earlier) => earlier?.filed ?? { ...approval, time: laterOf(approval.time, time) },
  );
  const suspensions = fileItems(row.suspensions, pick(before, 'suspensions'), (suspension, earlier) => ({
    ...suspension,
    from: earlier?.filed.from ?? laterOf(suspension.from, time),
    until: fileEnd(suspension, earlier, time),
  }));
  const approved = row.approved && (before?.filed.approved ?? laterOf(row.approved, time));
  return { ...row, approvals, approved, suspensions, until: fileEnd(row, before, time) };
}

/** What began stays as it was filed. */
function fileBeginning<R extends DomainRow | TypeRow>(row: R, before: Before<R>, { time }: Ordered): R {
  return { ...row, from: before?.filed.from ?? laterOf(row.from, time) };
}

/**
 * The row as readers take it. A time that the transaction itself set counts no earlier than ledger time (an end of what lets a body anchor, no earlier
 * than the second after all that was ordered before); one that it carried on stays as it was filed. Never earlier than written, the same when applied again, and the row itself where ledger time is not later than its times. `before` is the
 * row's last version: undefined for the first. What the founding wrote holds as it stands; rows of other kinds have no such times.
 */
export function fileRow(row: Row, before: Filed<Row> | undefined, ordered: Ordered): Row {
  if (ordered.transaction === 'found') return row;
  const of = <R extends Row>() => before as unknown as Before<R>; // a row's versions are of one kind
  switch (row.kind) {
    case 'key':
      return fileKey(row, of(), ordered);
    case 'listKey':
      return fileListKey(row, of(), ordered);
    case 'issuer':
      return fileIssuer(row, of(), ordered);
    case 'entitlement':
      return fileEntitlement(row, of(), ordered);
    case 'agreement':
      return fileAgreement(row, of(), ordered);
    case 'domain':
    case 'type':
      return fileBeginning(row, of(), ordered);
    default:
      return row;
  }
}
