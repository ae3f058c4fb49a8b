/** Which rows of a roster have the claim fields of a certificate that this gateway issued: by keyed digests, nothing is read of the others. */
import { type DuplicatesAnswer, type DuplicatesRequest, type FieldValues, YinxinError } from '@yinxin/core';
import type { Operator } from '../issuing/issuing.ts';
import { isManager } from '../issuing/signing-keys.ts';
import { claimDigester } from '../vault/sealing.ts';
import type { KeepingDeps } from './keeping.ts';

/** Records that are opened side by side. */
const readAtOnce = 64;

function requireClaims(values: FieldValues, claim: readonly string[], row: number): void {
  const other = Object.keys(values).find((key) => !claim.includes(key));
  if (other !== undefined) throw new YinxinError('INPUT_INVALID', { member: `rows.${row}.${other.slice(0, 64)}` });
}

export async function findDuplicates(
  { readModel, vault, clock }: KeepingDeps,
  operator: Operator,
  { issuer, type: name, rows }: DuplicatesRequest,
): Promise<DuplicatesAnswer> {
  const trust = readModel.trust();
  if (!isManager(trust, operator.issuer, issuer, clock())) {
    throw new YinxinError('CALLER_NOT_PERMITTED', { issuer: operator.issuer });
  }
  const type = trust.types.find((candidate) => candidate.type === name);
  if (!type) throw new YinxinError('TYPE_UNKNOWN', { type: name });
  const digest = claimDigester(vault.digestKey(), issuer, type);
  const digests = rows.map(({ values }, row) => {
    requireClaims(values, type.claim, row);
    return digest(values);
  });
  const entries = await vault.findSame(issuer, name, digests);
  // what is being issued is not issued yet
  const last = readModel.register(issuer, name)?.last ?? 0;
  const found = [...entries.entries()].flatMap(([row, entry]) =>
    entry !== undefined && entry <= last ? [{ row, entry }] : [],
  );
  const duplicates: { row: number; identifier: DuplicatesAnswer['duplicates'][number]['identifier'] }[] = [];
  for (let from = 0; from < found.length; from += readAtOnce) {
    const some = found.slice(from, from + readAtOnce);
    const records = await Promise.all(some.map(({ entry }) => vault.get(issuer, name, entry)));
    for (const [at, { row }] of some.entries()) {
      const record = records[at];
      if (record) duplicates.push({ row, identifier: record.body.id });
    }
  }
  return { duplicates };
}
