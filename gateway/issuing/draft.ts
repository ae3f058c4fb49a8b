/** A batch before it is signed: bodies, leaves and vault records of checked rows from a first entry on (core/FORMATS.md). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Body,
  type CertificateType,
  commitFields,
  deriveFaceSalt,
  formatIdentifier,
  hashCommitments,
  hashFace,
  holderTokenRandomBytes,
  type Instant,
  type MerkleTree,
  merkleTree,
  pickFace,
  type Supersession,
  secretBytes,
  sm3,
  toBase64,
  toHolderToken,
  toLeaf,
} from '@yinxin/core';
import type { Random } from '../platform.ts';
import type { VaultRecord } from '../vault/vault.ts';
import { type CheckedRow, rowsPerTurn } from './rows.ts';

export interface DraftOptions {
  readonly issuer: string;
  readonly type: CertificateType;
  readonly first: number;
  readonly issuedAt: Instant;
}

export interface Draft {
  readonly records: readonly VaultRecord[];
  readonly leaves: readonly Uint8Array[];
  readonly tree: MerkleTree;
  readonly supersessions: readonly Supersession[];
  /** The random parts of the holder tokens, 24 bytes each. */
  readonly tokens: Uint8Array;
}

function toBody({ issuer, type, issuedAt }: DraftOptions, row: CheckedRow, entry: number, secret: Uint8Array): Body {
  const { values, validFrom, validUntil, reissue } = row;
  const serial = reissue?.serial ?? entry;
  const version = reissue?.version ?? 1;
  return {
    format: 'yinxin-certificate/1',
    id: formatIdentifier({ typeCode: type.code, issuer, serial, version }),
    entry,
    type: type.type,
    typeVersion: type.version,
    issuer,
    issuedAt,
    validFrom,
    validUntil,
    supersedes: reissue?.supersedes ?? null,
    fields: hashCommitments(commitFields(secret, values)),
    face: hashFace(deriveFaceSalt(secret), pickFace(type.face, values)),
  };
}

/** Secrets and tokens are drawn here, never derived from content. Gives way to other requests now and then. */
export async function draftBatch(options: DraftOptions, rows: readonly CheckedRow[], random: Random): Promise<Draft> {
  const secrets = random(rows.length * secretBytes);
  const tokens = random(rows.length * holderTokenRandomBytes);
  const records: VaultRecord[] = [];
  const leaves: Uint8Array[] = [];
  const supersessions: Supersession[] = [];
  for (const [at, row] of rows.entries()) {
    if (at % rowsPerTurn === rowsPerTurn - 1) await nextTurn();
    const secret = secrets.subarray(at * secretBytes, (at + 1) * secretBytes);
    const body = toBody(options, row, options.first + at, secret);
    const leaf = toLeaf(body);
    const token = toHolderToken(tokenPart(tokens, at), leaf);
    leaves.push(leaf);
    records.push({
      body,
      fields: row.values,
      secret: toBase64(secret),
      proof: null,
      holderTokenHash: toBase64(sm3(token)),
    });
    if (row.reissue) supersessions.push({ entry: body.entry, supersedes: row.reissue.entry });
  }
  return { records, leaves, tree: merkleTree(leaves), supersessions, tokens };
}

/** The random part of the token of the batch's certificate at this index. */
export function tokenPart(tokens: Uint8Array, index: number): Uint8Array {
  return tokens.subarray(index * holderTokenRandomBytes, (index + 1) * holderTokenRandomBytes);
}
