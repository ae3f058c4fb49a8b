/** Blocks recorded from real networks (test/vectors/fabric), and how to take them apart and put them together again with something changed. */
import { readdirSync, readFileSync } from 'node:fs';
import { Message } from '../../../gateway/ledger/fabric/blocks/protobuf.ts';
import { bytesField, numberField } from '../../../gateway/ledger/fabric/blocks/protobuf-writer.ts';

export type Network = 'bft' | 'raft';

export interface Recorded {
  /** Hash of block 0, as the network's own profiles name it. */
  readonly genesis: string;
  /** Hashes of all blocks, as peers name them. */
  readonly hashes: readonly string[];
  /** Numbers of the blocks that bring a configuration. */
  readonly configurations: readonly number[];
  readonly blocks: readonly Buffer[];
}

const folder = new URL('../../vectors/fabric/', import.meta.url);

type Index = Readonly<Record<Network, Omit<Recorded, 'blocks'>>>;

export function readRecorded(network: Network): Recorded {
  const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as Index; // of this shape, or the tests fail
  const files = readdirSync(new URL(`${network}/`, folder));
  const blocks = files.map((_, number) => readFileSync(new URL(`${network}/${number}.block`, folder)));
  return { ...index[network], blocks };
}

/** A `common.Block`. */
export interface Parts {
  readonly number: number;
  readonly previousHash: Buffer;
  readonly dataHash: Buffer;
  readonly envelopes: readonly Buffer[];
  /** By Fabric's indices: 0 signatures, 2 codes, 4 commit hash. */
  readonly metadata: readonly Buffer[];
}

export function takeApart(bytes: Buffer): Parts {
  const block = new Message(bytes);
  const header = block.message(1);
  return {
    number: header.natural(1),
    previousHash: header.bytes(2),
    dataHash: header.bytes(3),
    envelopes: block.message(2).list(1),
    metadata: block.message(3).list(1),
  };
}

export function putTogether({ number, previousHash, dataHash, envelopes, metadata }: Parts): Buffer {
  const header = [numberField(1, number), bytesField(2, previousHash), bytesField(3, dataHash)];
  return Buffer.concat([
    bytesField(1, header),
    bytesField(
      2,
      envelopes.map((envelope) => bytesField(1, envelope)),
    ),
    bytesField(
      3,
      metadata.map((one) => bytesField(1, one)),
    ),
  ]);
}

export const change = (bytes: Buffer, changes: (parts: Parts) => Partial<Parts>): Buffer => {
  const parts = takeApart(bytes);
  return putTogether({ ...parts, ...changes(parts) });
};

export const withMetadata = (bytes: Buffer, index: number, value: Buffer): Buffer =>
  change(bytes, ({ metadata }) => ({ metadata: metadata.map((one, at) => (at === index ? value : one)) }));

/** A `common.MetadataSignature`: `header` of Raft, `identifier` of SmartBFT. */
export interface Signature {
  readonly header: Buffer;
  readonly signature: Buffer;
  readonly identifier: Buffer;
}

export function readSignatures(bytes: Buffer): { readonly note: Buffer; readonly signatures: readonly Signature[] } {
  const metadata = new Message(takeApart(bytes).metadata[0] ?? Buffer.alloc(0));
  const signatures = metadata.messages(2).map((one) => {
    return { header: one.bytes(1), signature: one.bytes(2), identifier: one.bytes(3) };
  });
  return { note: metadata.bytes(1), signatures };
}

export function formatSignatures(note: Buffer, signatures: readonly Signature[]): Buffer {
  const fields = signatures.map(({ header, identifier, signature }) =>
    bytesField(2, [
      ...(header.length > 0 ? [bytesField(1, header)] : []),
      bytesField(2, signature),
      ...(identifier.length > 0 ? [bytesField(3, identifier)] : []),
    ]),
  );
  return Buffer.concat([bytesField(1, note), ...fields]);
}

/** The block with other signatures. */
export function withSignatures(bytes: Buffer, changes: (all: readonly Signature[]) => readonly Signature[]): Buffer {
  const { note, signatures } = readSignatures(bytes);
  return withMetadata(bytes, 0, formatSignatures(note, changes(signatures)));
}

/** A copy with one bit changed. */
export function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
