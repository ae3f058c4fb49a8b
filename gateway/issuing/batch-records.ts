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

/** One request's part of a batch under way. */
export interface PendingRequest {
  readonly request: RequestMark;
  readonly first: number;
  readonly last: number;
  readonly warnings: readonly RowFinding[];
}

/** A batch whose records are stored and which may have been sent. One per register. */
export interface PendingBatch {
  readonly issuer: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly first: number;
  readonly last: number;
  /** base64. */
  readonly root: string;
  readonly supersessions: readonly Supersession[];
  /** Whose certificates these are, by entry, without gap. */
  readonly requests: readonly PendingRequest[];
}

/** What is kept of a request whose certificates are issued. */
export interface IssuedBatch {
  readonly summary: BatchSummary;
  /** Until when the holder tokens wait to be fetched. */
  readonly tokensUntil: Instant;
}

const tokenSeconds = 86_400;

/** What names a request's certificates, or a whole batch, for good: the register and the first entry. */
export type BatchKey = Pick<PendingBatch, 'issuer' | 'type' | 'first'>;

/** Records of this kind end. */
export const outbox = 'outbox';

const names = {
  pending: ({ issuer, type }: Pick<BatchKey, 'issuer' | 'type'>) => `pending-batch/${issuer}/${type}`,
  issued: ({ issuer, type, first }: BatchKey) => `issued-batch/${issuer}/${type}/${first}`,
  outbox: ({ issuer, type, first }: BatchKey) => `${outbox}/${issuer}/${type}/${first}`,
  word: ({ issuer, type, first }: BatchKey) => `batch-word/${issuer}/${type}/${first}`,
  wordless: ({ issuer, type, first }: BatchKey) => `wordless-batch/${issuer}/${type}/${first}`,
} as const;

const put = (name: string, value: unknown): SealedOperation => ({ type: 'put', name, value: value as Json }); // records of plain members
const del = (name: string): SealedOperation => ({ type: 'del', name });

/** How long holder tokens wait for a batch issued now. */
export const tokensUntil = (now: Instant) => toInstant(epochSeconds(now) + tokenSeconds);

/** The keys of a batch's requests, in order. */
const keysOf = ({ issuer, type, requests }: PendingBatch) => requests.map(({ first }) => ({ issuer, type, first }));

/** `tokens`: for each request, base64 of the random parts. */
export function putPending(batch: PendingBatch, tokens: readonly string[]): readonly SealedOperation[] {
  return [put(names.pending(batch), batch), ...keysOf(batch).map((key, at) => put(names.outbox(key), tokens[at]))];
}

export function dropPending(batch: PendingBatch): readonly SealedOperation[] {
  return [del(names.pending(batch)), ...keysOf(batch).map((key) => del(names.outbox(key)))];
}

export const completePending = (batch: PendingBatch): SealedOperation => del(names.pending(batch));

/** A request of a batch that is anchored: from here on its tokens have an end. */
export function putIssued(batch: BatchKey, issued: IssuedBatch): readonly SealedOperation[] {
  return [put(names.issued(batch), issued), putExpiry(outbox, names.outbox(batch), issued.tokensUntil)];
}

/** An anchored batch of which no other domain has said yet that it is. */
export function putWordless({ issuer, type, first }: BatchKey): readonly SealedOperation[] {
  return [put(names.wordless({ issuer, type, first }), { issuer, type, first })];
}

/** The word on an anchored batch, the JWS that stands in each of its files. */
export const putWord = (batch: BatchKey, word: string): SealedOperation => put(names.word(batch), word);

/** The word has come. */
export function keepWord(batch: BatchKey, word: string): readonly SealedOperation[] {
  return [putWord(batch, word), del(names.wordless(batch))];
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

export async function getWord(vault: Vault, batch: BatchKey): Promise<string | undefined> {
  return (await vault.getSealed(names.word(batch))) as string | undefined;
}

/** The random parts of a request's tokens in base64, while they wait. */
export async function getTokens(vault: Vault, batch: BatchKey): Promise<string | undefined> {
  return (await vault.getSealed(names.outbox(batch))) as string | undefined;
}

/** Requests have at most so many rows. */
const maxRows = 4_096;
const tokenBytes = 24;

/** What overwrites the holder token of one certificate, while it waits. */
export async function toForgetToken(
  vault: Pick<Vault, 'getSealed'>,
  { issuer, type, entry }: { readonly issuer: string; readonly type: string; readonly entry: number },
): Promise<readonly SealedOperation[]> {
  for (let first = entry; first > Math.max(0, entry - maxRows); first -= 1) {
    const key = { issuer, type, first };
    const issued = (await vault.getSealed(names.issued(key))) as IssuedBatch | undefined;
    if (!issued) continue;
    const tokens = await vault.getSealed(names.outbox(key));
    if (typeof tokens !== 'string') return [];
    const bytes = Buffer.from(tokens, 'base64').fill(0, (entry - first) * tokenBytes, (entry - first + 1) * tokenBytes);
    // its end with it: it may just have come
    return [put(names.outbox(key), bytes.toString('base64')), putExpiry(outbox, names.outbox(key), issued.tokensUntil)];
  }
  return [];
}

export const toBatchId = ({ issuer, type, first }: BatchKey) => `${issuer}.${type}.${first}`;

/** Undefined for what is no batch id. */
export function parseBatchId(id: string): BatchKey | undefined {
  const [, issuer, type, first] = /^([0-9A-Z]{18})\.([a-z][a-z0-9-]{1,63})\.([1-9]\d{0,11})$/.exec(id) ?? [];
  return issuer && type && first ? { issuer, type, first: Number(first) } : undefined;
}
