/** Certificate files out of the vault: the record, its inclusion proof from the ledger's leaves, and for a day the holder's token. */
import {
  type BatchAnswer,
  type CertificateFile,
  fromBase64,
  type MerkleTree,
  merkleTree,
  parseIdentifier,
  toBase64,
  toHolderToken,
  toLeaf,
  YinxinError,
} from '@yinxin/core';
import type { EntryRef } from '../index/read-model.ts';
import type { VaultRecord } from '../vault/vault.ts';
import type { Anchorings } from './anchorings.ts';
import { type BatchKey, getIssued, getTokens, parseBatchId } from './batch-records.ts';
import { tokenPart } from './draft.ts';
import type { IssuingDeps, Operator } from './issuing.ts';
import { isManager } from './signing-keys.ts';

type Deps = Pick<IssuingDeps, 'readModel' | 'vault' | 'clock'>;
type FileDeps = Deps & { readonly anchorings: Anchorings };

const unknown = () => new YinxinError('CERTIFICATE_UNKNOWN');

/** The record of a certificate that this gateway issued: the vault's, when its leaf is the ledger's. */
export async function findRecord(
  { readModel, vault }: Deps,
  identifier: string,
): Promise<{ readonly ref: EntryRef; readonly record: VaultRecord; readonly leaf: Uint8Array }> {
  const ref = await readModel.findEntry(parseIdentifier(identifier));
  if (!ref) throw unknown();
  const [record, knowledge] = await Promise.all([vault.get(ref.issuer, ref.type, ref.entry), readModel.knowledge(ref)]);
  const leaf = record && toLeaf(record.body);
  if (!leaf || toBase64(leaf) !== knowledge.anchor?.leaf) throw unknown();
  return { ref, record, leaf };
}

/** @throws YinxinError ISSUER_CLOSED */
function mayRead({ readModel, clock }: Deps, operator: Operator, issuer: string): boolean {
  return isManager(readModel.trust(), operator.issuer, issuer, clock());
}

/** What the files of a batch share. */
interface BatchProof {
  readonly first: number;
  readonly last: number;
  readonly tree: MerkleTree;
  readonly leaves: readonly Uint8Array[];
  readonly statement: string;
  readonly signature: string;
  readonly anchored: string | null;
}

async function readProof({ readModel, vault, anchorings }: FileDeps, key: BatchKey): Promise<BatchProof | undefined> {
  const { issuer, type, first } = key;
  const [batch, leaves, issued] = await Promise.all([
    readModel.batch({ issuer, type, entry: first }),
    readModel.leaves(issuer, type, first),
    getIssued(vault, key),
  ]);
  if (!batch || !leaves) return undefined;
  const signed = await readModel.transaction(batch.row.txId);
  if (!signed) return undefined;
  const { statement, signature } = signed;
  const { last } = batch.row;
  const anchored = issued ? await anchorings.current(key, issued) : null;
  return { first, last, tree: merkleTree(leaves), leaves, statement, signature, anchored };
}

function toFile(record: VaultRecord, proof: BatchProof): CertificateFile {
  const index = record.body.entry - proof.first;
  const path = proof.tree.path(index).map(toBase64);
  const { statement, signature, anchored } = proof;
  const { body, fields, secret } = record;
  return { body, fields, secret, proof: { statement, signature, index, path, anchored } };
}

/** See `Issuing.certificate`. */
export async function readCertificate(
  deps: FileDeps,
  operator: Operator,
  identifier: string,
): Promise<CertificateFile> {
  const { ref, record } = await findRecord(deps, identifier);
  if (!mayRead(deps, operator, ref.issuer)) throw unknown();
  const batch = await deps.readModel.batch(ref);
  const proof = batch && (await readProof(deps, batch.row));
  if (!proof) throw unknown();
  return toFile(record, proof);
}

/** See `Issuing.batch`. */
export async function readBatchFiles(
  deps: FileDeps,
  operator: Operator,
  id: string,
  after: number,
  limit: number,
): Promise<BatchAnswer> {
  const key = parseBatchId(id);
  const issued = key && mayRead(deps, operator, key.issuer) ? await getIssued(deps.vault, key) : undefined;
  const proof = key && issued && (await readProof(deps, key));
  if (!proof) throw new YinxinError('NOT_FOUND', { kind: 'batch' });
  const waiting = deps.clock() < issued.tokensUntil ? await getTokens(deps.vault, key) : undefined;
  const tokens = waiting === undefined ? undefined : fromBase64(waiting);
  const from = Math.max(proof.first, after + 1);
  const to = Math.min(proof.last, from + limit - 1);
  const certificates: CertificateFile[] = [];
  for (let entry = from; entry <= to; entry += 1) {
    const record = await deps.vault.get(key.issuer, key.type, entry);
    if (!record) throw new YinxinError('VAULT_DAMAGED', { issuer: key.issuer, type: key.type, entry });
    certificates.push(withToken(toFile(record, proof), proof, tokens));
  }
  return { ...issued.summary, certificates, next: to < proof.last ? to : null };
}

function withToken(file: CertificateFile, { leaves }: BatchProof, tokens: Uint8Array | undefined): CertificateFile {
  const { index } = file.proof;
  const leaf = leaves[index];
  if (!tokens || !leaf) return file;
  return { ...file, holderToken: toBase64(toHolderToken(tokenPart(tokens, index), leaf)) };
}
