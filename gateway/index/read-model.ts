/** The read model: everything the gateway answers about the ledger, from an index that a follower keeps. */
import type {
  AgreementRow,
  BatchRow,
  ErrorCode,
  HistoryItem,
  Instant,
  KnownChange,
  LedgerKnowledge,
  ParsedIdentifier,
  ProposalRow,
  RegisterRow,
  Trust,
  TrustClaims,
} from '@yinxin/core';
import type { Ledger } from '../ledger/port.ts';
import type { Clock } from '../platform.ts';
import type { Rules } from './rules.ts';

/** Names one certificate by its place in a register. */
export interface EntryRef {
  readonly issuer: string;
  readonly type: string;
  readonly entry: number;
}

/** A batch row as it was anchored, and what its transaction adds. */
export interface AnchoredBatch {
  /** `touched` is 0 always: status changes are told by the status rows. */
  readonly row: BatchRow;
  readonly block: number;
  /** Ledger time of the anchoring transaction. */
  readonly time: Instant;
}

/** Where an entry stands in its batch's tree. */
export interface EntryPath {
  /** From 0. */
  readonly index: number;
  /** 32 bytes. */
  readonly leaf: Uint8Array;
  /** Sibling hashes from the leaf upwards, base64: a certificate file's `proof.path`. */
  readonly path: readonly string[];
}

/** A transaction that an issuer signed for. */
export interface SignedTransaction {
  readonly txId: string;
  readonly block: number;
  /** Ledger time. */
  readonly time: Instant;
  readonly caller: { readonly msp: string; readonly id: string };
  readonly statement: string;
  /** base64 of 64 bytes. */
  readonly signature: string;
}

/** An entry whose status was changed, and by what. */
export interface ChangedEntry {
  readonly entry: number;
  readonly changes: readonly KnownChange[];
}

/** Why a transaction is void: no rule has its name; the rules refuse it; they decide other rows, or another event; it gives a row to others than they do. */
export type VoidReason = 'unknown' | 'refused' | 'writes' | 'event' | 'policies';

/** A transaction that the ledger holds as valid, and of which nothing counts. */
export interface VoidTransaction {
  readonly block: number;
  readonly txId: string;
  readonly transaction: string;
  /** The organisation that sent it. */
  readonly msp: string;
  readonly why: VoidReason;
  /** Of a refusal. */
  readonly code?: ErrorCode;
}

export interface VoidTransactions {
  readonly count: number;
  /** Newest first, at most 100. */
  readonly newest: readonly VoidTransaction[];
}

export interface StateDigest {
  /** Number of blocks in the state, and the newest one's hash. */
  readonly height: number;
  readonly hash: string;
  /** Of core's `digestState`, in base64. */
  readonly digest: string;
}

export interface HistoryPage {
  readonly items: readonly HistoryItem[];
  /** Pass as `after` for the next page; null at the end. */
  readonly next: number | null;
}

/**
 * Knows only transactions that are valid and exactly what the rules decide; never asks the ledger to answer. Answers go on while the
 * ledger is away: `asOf` says since when. After a block that does not continue the chain (LEDGER_DAMAGED), or once another organisation was seen to hold
 * other blocks (LEDGER_DIVERGED), nothing newer is taken in and every wait throws that.
 *
 * A `height` asks for what blocks 0 … height − 1 say, nothing later; without one, for all. What they say is known for sure and does not
 * age: `asOf` and the trust's end are the present ones in either case. @throws YinxinError HEIGHT_UNKNOWN for a height above the present
 * one, or before the network was founded
 */
export interface ReadModel {
  /** Until it has once caught up with the ledger. @throws YinxinError LEDGER_DAMAGED, LEDGER_DIVERGED, LEDGER_UNREACHABLE after `close` */
  ready(): Promise<void>;
  /** Until block `block` is in the index: to read one's own writes. @throws as ready; LEDGER_UNREACHABLE also after so many milliseconds */
  caughtUpTo(block: number, timeoutMilliseconds?: number): Promise<void>;
  /** Number of blocks in the index. */
  height(): number;
  /** Number of blocks in the index that another organisation was seen to hold too: what may be signed for. */
  confirmedHeight(): number;
  /** Until block `block` is in the index and another organisation was seen to hold it. @throws as ready; LEDGER_UNREACHABLE also after so many milliseconds */
  confirmedUpTo(block: number, timeoutMilliseconds?: number): Promise<void>;
  /**
   * Before signing for what `confirmedHeight` covers: lets the newest block be confirmed, if that takes a moment only.
   * @throws YinxinError LEDGER_DAMAGED, LEDGER_DIVERGED: nothing is signed any more; NOT_READY before a founded network was confirmed
   */
  readyToSign(): Promise<void>;
  /** Ledger time: of the newest transaction that counts, never going back. 1970 before the first. */
  time(): Instant;
  /** When this was last known to be all that the ledger held, by own ledger's word and another organisation's. */
  asOf(): Instant;
  /** Why nothing newer is taken in: an error, LEDGER_UNREACHABLE only while the ledger is away; undefined while it is followed. */
  fault(): unknown;
  /** The registry, filed by ledger time (core's `fileRow`); agreements once all parties approved. It expires thirty days after `asOf`. @throws YinxinError HEIGHT_UNKNOWN, NOT_READY before the network was founded */
  trust(height?: number): Trust;
  /** The same as claims for this domain to sign. @throws as trust */
  trustClaims(domain: string, height?: number): TrustClaims;
  /** `anchor` is absent for an entry that the register does not have. @throws YinxinError HEIGHT_UNKNOWN */
  knowledge(ref: EntryRef, height?: number): Promise<LedgerKnowledge>;
  /** The entry that an identifier names: a first version by its serial, a later one by following supersessions. @throws YinxinError HEIGHT_UNKNOWN */
  findEntry(identifier: ParsedIdentifier, height?: number): Promise<EntryRef | undefined>;
  /** The entries of a register that have changes, ascending; as they were when the reading began. @throws YinxinError HEIGHT_UNKNOWN */
  statuses(issuer: string, type: string, height?: number): AsyncIterable<ChangedEntry>;
  /** Newest first, at most 50. */
  proposals(state?: ProposalRow['state']): readonly ProposalRow[];
  /** Also those that not every party has approved; newest first, at most 200. */
  agreements(): readonly AgreementRow[];
  agreement(agreement: string): AgreementRow | undefined;
  /** The head of a register, as of the newest block. */
  register(issuer: string, type: string): RegisterRow | undefined;
  /** The last entry of a register, 0 of an empty one; undefined where there is none. @throws YinxinError HEIGHT_UNKNOWN */
  lastEntry(issuer: string, type: string, height: number): Promise<number | undefined>;
  /** The batch that holds the entry. */
  batch(ref: EntryRef): Promise<AnchoredBatch | undefined>;
  transaction(txId: string): Promise<SignedTransaction | undefined>;
  /** One page of leaves is read and hashed, whatever the size of the batch. Undefined for an entry that the register does not have. */
  path(ref: EntryRef): Promise<EntryPath | undefined>;
  /** Of the entries from `ref` on, as many as asked for and as its batch has; empty for an entry that the register does not have. */
  paths(ref: EntryRef, count: number): Promise<readonly EntryPath[]>;
  /** Leaf hashes of the batch that begins at `first`, 32 bytes each, in entry order: up to a megabyte; for a part of them see `paths`. */
  leaves(issuer: string, type: string, first: number): Promise<readonly Uint8Array[] | undefined>;
  /** What happened to a certificate in ledger order, items after the first `after`; empty for an unknown entry. */
  history(ref: EntryRef, after: number, limit: number): Promise<HistoryPage>;
  /** Transactions of which nothing counts, since the first block. */
  voids(): VoidTransactions;
  /** Whether a transaction of this block is one of them: what was submitted may be found valid and still count for nothing. */
  findVoid(block: number, txId: string): Promise<VoidTransaction | undefined>;
  /** Whether a transaction of this block counts, as far as the block was taken in a moment ago: of blocks long past nothing is known. */
  hasCounted(block: number, txId: string): boolean;
  /** Reads the whole state; of several who ask at once, one reading for all. */
  stateDigest(): Promise<StateDigest>;
  /** Gives back the room of what was written over; done by itself after the index was built anew. @returns bytes on disk before and after */
  compact(): Promise<{ readonly before: number; readonly after: number }>;
  close(): Promise<void>;
}

/** For `openReadModel` of open.ts. */
export interface ReadModelOptions {
  /** Made when missing; may be deleted while no process uses it, and is rebuilt from the ledger, as is one of another format. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** Of which the ledger is. */
  readonly channel: string;
  /** By which its transactions are judged; another table means another index. */
  readonly rules: Rules;
  readonly clock: Clock;
  /** How often the ledger is asked whether there is more, and asked again after it could not be reached. Default 5 seconds. */
  readonly heartbeatMilliseconds?: number;
}
