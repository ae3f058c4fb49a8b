/** Certificate files as lines (NDJSON): all of a file but its proof is put together when it is numbered, the rest once the batch is anchored. */
import { canonicalize, type FieldValues, type Proof } from '@yinxin/core';
import { createPathReader, type Tree } from './tree.ts';

/** Files in one page. */
export const rowsPerPage = 256;
const firstPageBytes = 262_144;

/** A run of files without their proofs. Its memory can be given to another thread. */
export interface LinePage {
  /** Of the first file. */
  readonly entry: number;
  /** What comes before and after each file's proof, one after another, UTF-8. */
  readonly bytes: Uint8Array;
  /** For each file the end of the one and of the other. */
  readonly ends: Uint32Array;
}

/** What the proofs of a batch share. */
export interface BatchProof extends Pick<Proof, 'statement' | 'signature' | 'anchored'> {
  /** The entry of leaf 0. */
  readonly first: number;
  readonly tree: Tree;
}

/** The parts of a file that are known before it is anchored. `secret` and `holderToken` in base64. */
export interface FileParts {
  readonly entry: number;
  /** As core's `formatBody` writes it. */
  readonly body: string;
  readonly fields: FieldValues;
  readonly secret: string;
  readonly holderToken: string;
}

/** Puts pages together, file by file, entries ascending. */
export class PageWriter {
  readonly #pages: LinePage[] = [];
  #buffer = Buffer.allocUnsafeSlow(0);
  #ends: number[] = [];
  #length = 0;
  #entry = 0;

  /** The members of a file in the order of RFC 8785: body, fields, holderToken, proof, secret. All but the fields is ASCII. */
  add({ entry, body, fields, secret, holderToken }: FileParts): void {
    if (this.#ends.length === 0) this.#entry = entry;
    this.#write(`{"body":${body},"fields":`, 'latin1');
    this.#write(canonicalize(fields), 'utf8');
    this.#write(`,"holderToken":"${holderToken}","proof":`, 'latin1');
    this.#ends.push(this.#length);
    this.#write(`,"secret":"${secret}"}\n`, 'latin1');
    this.#ends.push(this.#length);
    if (this.#ends.length === 2 * rowsPerPage) this.#endPage();
  }

  end(): readonly LinePage[] {
    if (this.#ends.length > 0) this.#endPage();
    return this.#pages;
  }

  #write(text: string, encoding: 'latin1' | 'utf8'): void {
    const most = encoding === 'latin1' ? text.length : 3 * text.length;
    if (this.#length + most > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstPageBytes, 2 * (this.#length + most)));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#length += this.#buffer.write(text, this.#length, encoding);
  }

  #endPage(): void {
    const bytes = new Uint8Array(this.#buffer.subarray(0, this.#length));
    this.#pages.push({ entry: this.#entry, bytes, ends: Uint32Array.from(this.#ends) });
    this.#ends = [];
    this.#length = 0;
  }
}

/** The files of a page, each exactly its canonical bytes and LF. */
export function formatPage({ entry, bytes, ends }: LinePage, proof: BatchProof): Uint8Array {
  const path = createPathReader(proof.tree);
  const before = `{"anchored":${JSON.stringify(proof.anchored)},"index":`;
  const after = `],"signature":"${proof.signature}","statement":${JSON.stringify(proof.statement)}}`;
  const proofs: string[] = [];
  let length = bytes.length;
  for (let at = 0; at < ends.length / 2; at += 1) {
    const index = entry + at - proof.first;
    const hashes = path(index);
    const text = `${before}${index},"path":[${hashes.length > 0 ? `"${hashes.join('","')}"` : ''}${after}`;
    proofs.push(text);
    length += text.length;
  }
  const lines = Buffer.allocUnsafeSlow(length);
  let from = 0;
  let to = 0;
  const copyUpTo = (end: number) => {
    lines.set(bytes.subarray(from, end), to);
    to += end - from;
    from = end;
  };
  for (const [at, text] of proofs.entries()) {
    copyUpTo(ends[2 * at] ?? 0);
    to += lines.write(text, to, 'latin1');
    copyUpTo(ends[2 * at + 1] ?? 0);
  }
  return lines;
}
