/** Erasing one certificate's personal data, and the small record that it was done. */
import {
  type ErasureAnswer,
  type ErasureRequest,
  type Identifier,
  type Instant,
  type Json,
  parseIdentifier,
  toBase64,
  toLeaf,
  YinxinError,
} from '@yinxin/core';
import type { EntryRef } from '../index/read-model.ts';
import { toForgetToken } from '../issuing/batch-records.ts';
import type { Operator } from '../issuing/issuing.ts';
import { isManager } from '../issuing/signing-keys.ts';
import type { Vault } from '../vault/vault.ts';
import type { KeepingDeps } from './keeping.ts';

/** What stays of it: nothing about the holder but the number. */
export interface Erasure extends EntryRef {
  readonly identifier: Identifier;
  readonly time: Instant;
  readonly document: string;
  readonly client: string;
}

const prefix = 'erasure/';
const nameOf = ({ issuer, type, entry }: EntryRef) => `${prefix}${issuer}/${type}/${entry}`;

export async function getErasure(vault: Pick<Vault, 'getSealed'>, ref: EntryRef): Promise<Erasure | undefined> {
  return (await vault.getSealed(nameOf(ref))) as Erasure | undefined; // written below
}

export async function listErased(vault: Pick<Vault, 'listSealed'>): Promise<readonly Erasure[]> {
  return (await vault.listSealed(prefix)).map(({ value }) => value as unknown as Erasure); // written below
}

/** With the record of it; false where nothing is kept that could be erased. */
export async function eraseKept(vault: Vault, erasure: Erasure): Promise<boolean> {
  const { issuer, type, entry } = erasure;
  const value = { ...erasure } as unknown as Json; // plain members
  const token = await toForgetToken(vault, erasure);
  return vault.erase(issuer, type, entry, [{ type: 'put', name: nameOf(erasure), value }, ...token]);
}

/** The record alone, of what is not kept. */
export function keepErasure(vault: Vault, erasure: Erasure): Promise<void> {
  return vault.putSealed(nameOf(erasure), { ...erasure } as unknown as Json); // plain members
}

const unknown = () => new YinxinError('CERTIFICATE_UNKNOWN');

function toAnswer({ identifier, time, document }: Erasure): ErasureAnswer {
  return { identifier, time, document };
}

/** Finds what the operator may erase. @throws YinxinError CERTIFICATE_UNKNOWN, ISSUER_CLOSED */
async function findOwn(
  { readModel, vault, clock }: KeepingDeps,
  { issuer }: Operator,
  identifier: Identifier,
): Promise<{ readonly ref: EntryRef; readonly before: Erasure | undefined }> {
  const found = await readModel.findEntry(parseIdentifier(identifier));
  if (!found || !isManager(readModel.trust(), issuer, found.issuer, clock())) throw unknown();
  const ref = { issuer: found.issuer, type: found.type, entry: found.entry };
  const [before, record] = await Promise.all([getErasure(vault, ref), vault.get(ref.issuer, ref.type, ref.entry)]);
  // an embedded ledger that was restored gives numbers again: the erasure may have been another's
  if (before && !record) return { ref, before };
  const { anchor } = await readModel.knowledge(ref);
  if (!record || toBase64(toLeaf(record.body)) !== anchor?.leaf) throw unknown();
  return { ref, before: undefined };
}

/** See `Keeping.erase`. */
export async function eraseCertificate(
  deps: KeepingDeps,
  operator: Operator,
  { identifier, document }: ErasureRequest,
): Promise<ErasureAnswer> {
  const { vault, clock } = deps;
  const { ref, before } = await findOwn(deps, operator, identifier);
  const erasure = before ?? { ...ref, identifier, time: clock(), document, client: operator.clientId };
  if (!before) await eraseKept(vault, erasure);
  const kept = await getErasure(vault, ref);
  if (!kept) throw unknown();
  return toAnswer(kept);
}
