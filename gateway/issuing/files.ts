/** Certificate files out of the vault: the record, its inclusion proof from the ledger's leaves, and for a day the holder's token. As lines also from what issuing still holds. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BatchAnswer,
  type CertificateFile,
  equal,
  formatCertificateFile,
  fromBase64,
  parseIdentifier,
  toBase64,
  toHolderToken,
  toLeaf,
  YinxinError,
} from '@yinxin/core';
import type { EntryPath, EntryRef } from '../index/read-model.ts';
import { getErasure } from '../keeping/erasing.ts';
import type { VaultRecord } from '../vault/vault.ts';
import type { Anchorings } from './anchorings.ts';
import { type BatchKey, getIssued, getTokens, type IssuedBatch, parseBatchId } from './batch-records.ts';
import { tokenPart } from './draft.ts';
import type { FileLines, IssuingDeps, Operator } from './issuing.ts';
import type { BatchProof, LinePage } from './lines.ts';
import { isManager } from './signing-keys.ts';
import type { Issued } from './waiting.ts';
import type { Pool } from './workers/pool.ts';

type Deps = Pick<IssuingDeps, 'readModel' | 'vault' | 'clock'>;

/** Files between two turns of the event loop: some six milliseconds. */
const filesPerTurn = 64;
const lineFeed = new Uint8Array([10]);

const unknown = () => new YinxinError('CERTIFICATE_UNKNOWN');

/**
 * The record of a certificate that this gateway issued: the vault's, when its leaf is the ledger's.
 * @throws YinxinError CERTIFICATE_UNKNOWN; CERTIFICATE_ERASED to those who may know
 */
export async function findRecord(
  { readModel, vault }: Deps,
  identifier: string,
  mayKnow: (issuer: string) => boolean,
): Promise<{ readonly ref: EntryRef; readonly record: VaultRecord; readonly leaf: Uint8Array }> {
  const ref = await readModel.findEntry(parseIdentifier(identifier));
  if (!ref) throw unknown();
  const [record, knowledge] = await Promise.all([vault.get(ref.issuer, ref.type, ref.entry), readModel.knowledge(ref)]);
  if (!record && mayKnow(ref.issuer) && (await getErasure(vault, ref))) throw new YinxinError('CERTIFICATE_ERASED');
  const leaf = record && toLeaf(record.body);
  if (!leaf || toBase64(leaf) !== knowledge.anchor?.leaf) throw unknown();
  return { ref, record, leaf };
}

/** @throws YinxinError ISSUER_CLOSED */
function mayRead({ readModel, clock }: Deps, operator: Operator, issuer: string): boolean {
  return isManager(readModel.trust(), operator.issuer, issuer, clock());
}

type OwnRegister = Pick<EntryRef, 'issuer' | 'type'>;

type Proof = Omit<BatchProof, 'tree'>;

/** What was asked for of a request's certificates, when it may be read. */
interface Asked {
  readonly key: BatchKey;
  readonly issued: IssuedBatch;
  readonly proof: Proof;
  readonly from: number;
  readonly to: number;
}

export class Files {
  readonly anchorings: Anchorings;
  readonly #deps: Deps;
  readonly #pool: Pool;

  constructor(deps: Deps, anchorings: Anchorings, pool: Pool) {
    this.#deps = deps;
    this.anchorings = anchorings;
    this.#pool = pool;
  }

  /** See `Issuing.certificate`. */
  async certificate(operator: Operator, identifier: string): Promise<CertificateFile> {
    const may = (issuer: string) => mayRead(this.#deps, operator, issuer);
    const { ref, record } = await findRecord(this.#deps, identifier, may);
    if (!may(ref.issuer)) throw unknown();
    const [proof, path] = await Promise.all([this.#readProof(ref), this.#deps.readModel.path(ref)]);
    if (!proof || !path) throw unknown();
    return toFile(record, proof, path);
  }

  /** See `Issuing.batch`. */
  async batch(operator: Operator, id: string, after: number, limit: number): Promise<BatchAnswer> {
    const asked = await this.#find(operator, id, after, limit);
    const certificates: CertificateFile[] = [];
    for await (const files of this.#read(asked)) certificates.push(...files);
    return { ...asked.issued.summary, certificates, next: nextOf(asked) };
  }

  /** See `Issuing.batchLines`. */
  async lines(operator: Operator, id: string, after: number, limit: number): Promise<FileLines> {
    const asked = await this.#find(operator, id, after, limit);
    return { head: { ...asked.issued.summary, next: nextOf(asked) }, lines: this.#format(asked) };
  }

  /** The files of a request that was just issued, from what issuing still holds of them, else from the vault. */
  async issuedLines(operator: Operator, { summary, held }: Issued): Promise<FileLines> {
    try {
      const asked = await this.#find(operator, summary.id, 0, summary.last - summary.first + 1);
      return { head: summary, lines: held ? this.#finish(held, asked.proof) : this.#format(asked) };
    } catch (error) {
      held?.letGo();
      throw error;
    }
  }

  /** See `Issuing.ownLines`. */
  async *ownLines(operator: Operator, register: OwnRegister, after: number, limit: number): AsyncGenerator<Uint8Array> {
    const { vault } = this.#deps;
    if (!mayRead(this.#deps, operator, register.issuer)) {
      throw new YinxinError('CALLER_NOT_PERMITTED', { issuer: operator.issuer });
    }
    const entries = await vault.entriesAfter(register.issuer, register.type, after, limit);
    for (let at = 0; at < entries.length; at += filesPerTurn) {
      yield Buffer.concat(await this.#formatOwn(register, entries.slice(at, at + filesPerTurn)));
      await nextTurn();
    }
  }

  /** What the ledger does not hold, or not so, was not issued: it is left out. */
  async #formatOwn(register: OwnRegister, entries: readonly number[]): Promise<Uint8Array[]> {
    const { vault, readModel } = this.#deps;
    const [first = 0, last = first] = [entries[0], entries[entries.length - 1]];
    const kept = await vault.getRange(register.issuer, register.type, first, last);
    const lines: Uint8Array[] = [];
    let proof: Proof | undefined;
    let paths: readonly EntryPath[] = [];
    let from = 0;
    for (const record of kept) {
      const { entry } = record.body;
      if (!paths[entry - from]) {
        from = entry;
        paths = await readModel.paths({ ...register, entry }, last - entry + 1);
        proof = await this.#readProof({ ...register, entry });
      }
      const path = paths[entry - from];
      if (!proof || !path || !equal(path.leaf, toLeaf(record.body))) continue;
      lines.push(formatCertificateFile(toFile(record, proof, path)), lineFeed);
    }
    return lines;
  }

  /** A page is given away; those not asked for any more are let go of with the generator. */
  async *#finish({ pages, tree, letGo }: NonNullable<Issued['held']>, shared: Proof): AsyncGenerator<Uint8Array> {
    const proof = { ...shared, tree };
    const format = (page: LinePage) => this.#pool.lane(page.bytes.length).run('lines', { page, proof });
    let next: Promise<Uint8Array> | undefined;
    try {
      for (const [at, page] of pages.entries()) {
        const lines = await (next ?? format(page));
        const following = pages[at + 1];
        next = following && format(following); // while these are being sent
        next?.catch(() => undefined);
        yield lines;
      }
    } finally {
      letGo();
    }
  }

  async *#format(asked: Asked): AsyncGenerator<Uint8Array> {
    for await (const files of this.#read(asked)) {
      yield Buffer.concat(files.flatMap((file) => [formatCertificateFile(file), lineFeed]));
    }
  }

  /** @throws YinxinError NOT_FOUND */
  async #find(operator: Operator, id: string, after: number, limit: number): Promise<Asked> {
    const key = parseBatchId(id);
    const mayBe = key && mayRead(this.#deps, operator, key.issuer);
    const issued = mayBe ? await getIssued(this.#deps.vault, key) : undefined;
    const proof = key && issued && (await this.#readProof({ ...key, entry: key.first }));
    if (!proof) throw new YinxinError('NOT_FOUND', { kind: 'batch' });
    const from = Math.max(key.first, after + 1);
    return { key, issued, proof, from, to: Math.min(issued.summary.last, from + limit - 1) };
  }

  /** The files asked for, in pieces. Certificates that were erased are not among them. */
  async *#read({ key, issued, proof, from, to }: Asked): AsyncGenerator<readonly CertificateFile[]> {
    const { vault, clock, readModel } = this.#deps;
    const waiting = clock() < issued.tokensUntil ? await getTokens(vault, key) : undefined;
    const tokens = waiting === undefined ? undefined : fromBase64(waiting);
    for (let entry = from; entry <= to; ) {
      const end = Math.min(to, entry + filesPerTurn - 1);
      const records = await vault.getRange(key.issuer, key.type, entry, end);
      const paths = await readModel.paths({ ...key, entry }, end - entry + 1);
      const start = entry;
      yield records.flatMap((record) => {
        const path = paths[record.body.entry - start];
        if (!path) return []; // never: the batch has them all
        const file = toFile(record, proof, path);
        const random = tokens && tokenPart(tokens, record.body.entry - key.first);
        return [random ? { ...file, holderToken: toBase64(toHolderToken(random, path.leaf)) } : file];
      });
      entry = end + 1;
      await nextTurn();
    }
  }

  /** What the files of the batch that holds the entry share. */
  async #readProof(ref: EntryRef): Promise<Proof | undefined> {
    const { readModel } = this.#deps;
    const batch = await readModel.batch(ref);
    const signed = batch && (await readModel.transaction(batch.row.txId));
    if (!signed) return undefined;
    const { issuer, type, first } = batch.row;
    const anchored = await this.anchorings.current({ issuer, type, first });
    return { first, statement: signed.statement, signature: signed.signature, anchored };
  }
}

const nextOf = ({ to, issued }: Asked) => (to < issued.summary.last ? to : null);

function toFile(record: VaultRecord, proof: Proof, { index, path }: EntryPath): CertificateFile {
  const { body, fields, secret } = record;
  const { statement, signature, anchored } = proof;
  return { body, fields, secret, proof: { statement, signature, index, path, anchored } };
}
