/** Records with an end: beside each lies a small one whose name begins with that end, so that what is over comes first. */
import type { Instant } from '@yinxin/core';
import type { SealedOperation, Vault } from '../vault/vault.ts';

const prefixOf = (kind: string) => `${kind}-expiry/`;

/** Gives the record `name`, which is one of this kind, its end. */
export function putExpiry(kind: string, name: string, at: Instant): SealedOperation {
  return { type: 'put', name: `${prefixOf(kind)}${at}/${name}`, value: name };
}

/** Forgets the records of this kind that are past their end. */
export async function sweepExpired(vault: Vault, kind: string, now: Instant): Promise<void> {
  // the names are `<instant>/…`, and 0 follows the slash
  const past = await vault.listSealed(prefixOf(kind), `${prefixOf(kind)}${now}0`);
  const del = (name: string): SealedOperation => ({ type: 'del', name });
  if (past.length > 0)
    await vault.put(
      [],
      past.flatMap(({ name, value }) => [del(name), del(value as string)]), // putExpiry wrote it
    );
}
