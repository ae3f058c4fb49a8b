/** What the vault keeps of batches besides the certificates: those under way, those issued, and holder tokens for a day. */
import {
  type BatchSummary,
  epochSeconds,
  type Instant,
  type Json,
  type RowFinding,
  type Supersession,
  toInstant,
} from '@yinxin/core';
import type { SealedOperation, Vault } from '../vault/vault.ts';
import { putExpiry } from './expiry.ts';
import type { RequestMark } from './once.ts';

/** A batch whose records are stored and which may have been sent. One per register. */
export interface PendingBatch {
  readonly request: RequestMark;
  readonly issuer: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly first: number;
  readonly last: number;
  /** base64. */
  readonly root: string;
  readonly supersessions: readonly Supersession[];
  readonly warnings: readonly RowFinding[];
}

export interface IssuedBatch {
  readonly summary: BatchSummary;
  /** The JWS that stands in each of its files. */
  readonly anchored: string | null;
  /** Until when the holder tokens wait to be fetched. */
  readonly tokensUntil: Instant;
}

const tokenSeconds = 86_400;

/** What names a batch for good: its register and its first entry. */
export type BatchKey = Pick<PendingBatch, 'issuer' | 'type' | 'first'>;

/** Records of this kind end. */
export const outbox = 'outbox';

const names = {
  pending: ({ issuer, type }: Pick<BatchKey, 'issuer' | 'type'>) => `pending-batch/${issuer}/${type}`,
  issued: ({ issuer, type, first }: BatchKey) => `issued-batch/${issuer}/${type}/${first}`,
  outbox: ({ issuer, type, first }: BatchKey) => `${outbox}/${issuer}/${type}/${first}`,
  wordless: ({ issuer, type, first }: BatchKey) => `wordless-batch/${issuer}/${type}/${first}`,
} as const;

const put = (name: string, value: unknown): SealedOperation => ({ type: 'put', name, value: value as Json }); // records of plain members
const del = (name: string): SealedOperation => ({ type: 'del', name });

/** How long holder tokens wait for a batch issued now. */
export const tokensUntil = (now: Instant) => toInstant(epochSeconds(now) + tokenSeconds);

/** `tokens`: base64 of the random parts. */
export function putPending(batch: PendingBatch, tokens: string): readonly SealedOperation[] {
  return [put(names.pending(batch), batch), put(names.outbox(batch), tokens)];
}

export function dropPending(batch: PendingBatch): readonly SealedOperation[] {
  return [del(names.pending(batch)), del(names.outbox(batch))];
}

/** From here on the tokens have an end. */
export function completePending(batch: PendingBatch, issued: IssuedBatch): readonly SealedOperation[] {
  return [
    put(names.issued(batch), issued),
    putExpiry(outbox, names.outbox(batch), issued.tokensUntil),
    del(names.pending(batch)),
  ];
}

/** An issued batch of which no other domain has said yet that it is anchored. */
export function putWordless({ issuer, type, first }: BatchKey): readonly SealedOperation[] {
  return [put(names.wordless({ issuer, type, first }), { issuer, type, first })];
}

/** The word has come. */
export function keepWord(batch: BatchKey, issued: IssuedBatch): readonly SealedOperation[] {
  return [put(names.issued(batch), issued), del(names.wordless(batch))];
}

/** Values under these names were written by the functions above. */
export async function getPending(
  vault: Vault,
  register: Pick<BatchKey, 'issuer' | 'type'>,
): Promise<PendingBatch | undefined> {
  return (await vault.getSealed(names.pending(register))) as PendingBatch | undefined;
}

export async function listPending(vault: Vault): Promise<readonly PendingBatch[]> {
  return (await vault.listSealed('pending-batch/')).map(({ value }) => value as unknown as PendingBatch);
}

export async function listWordless(vault: Vault): Promise<readonly BatchKey[]> {
  return (await vault.listSealed('wordless-batch/')).map(({ value }) => value as unknown as BatchKey);
}

export async function getIssued(vault: Vault, batch: BatchKey): Promise<IssuedBatch | undefined> {
  return (await vault.getSealed(names.issued(batch))) as IssuedBatch | undefined;
}

/** The random parts of a batch's tokens in base64, while they wait. */
export async function getTokens(vault: Vault, batch: BatchKey): Promise<string | undefined> {
  return (await vault.getSealed(names.outbox(batch))) as string | undefined;
}

export const toBatchId = ({ issuer, type, first }: BatchKey) => `${issuer}.${type}.${first}`;

/** Undefined for what is no batch id. */
export function parseBatchId(id: string): BatchKey | undefined {
  const [, issuer, type, first] = /^([0-9A-Z]{18})\.([a-z][a-z0-9-]{1,63})\.([1-9]\d{0,11})$/.exec(id) ?? [];
  return issuer && type && first ? { issuer, type, first: Number(first) } : undefined;
}
