/** Fabric's `common.Block` as bytes, and its hashes: SHA-256 over the header in DER (X.690), and over the envelopes one after the other. Nothing is verified here. */
import { createHash, hash } from 'node:crypto';
import { YinxinError } from '@yinxin/core';
import { MalformedMessage, Message } from './protobuf.ts';

export interface FabricBlock {
  readonly number: number;
  /** Hex. */
  readonly previousHash: string;
  /** Hex: what the header says, which `hashData` must give. */
  readonly dataHash: string;
  /** The header as it is hashed and signed: SEQUENCE { INTEGER number, OCTET STRING previousHash, OCTET STRING dataHash }. */
  readonly header: Buffer;
  /** Hex. Of the header. */
  readonly hash: string;
  readonly envelopes: readonly Buffer[];
  readonly metadata: {
    /** A `common.Metadata` with the orderers' signatures. */
    readonly signatures: Buffer;
    /** A byte for each envelope: what the peer that gave the block found. Nobody has signed it. */
    readonly codes: Buffer;
    /** Hex. The peer's own, over its codes and writes of this and all blocks before; empty in block 0. */
    readonly commitHash: string;
  };
}

export const diverged = (block: number) => new YinxinError('LEDGER_DIVERGED', { block });

/** Runs what reads a block; `block` is its number, or the one awaited. @throws YinxinError LEDGER_DIVERGED `{block}` for what cannot be read */
export function reading<T>(block: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedMessage ? diverged(block) : error;
  }
}

/** Lengths of up to two bytes: a header of Fabric's has at most about 80. */
function formatDer(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const maxHashBytes = 64;

function formatHeader(number: number, previousHash: Buffer, dataHash: Buffer): Buffer {
  if (previousHash.length > maxHashBytes || dataHash.length > maxHashBytes) throw new MalformedMessage('hash too long');
  const digits = number.toString(16);
  const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  const integer = (magnitude[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), magnitude]) : magnitude;
  return formatDer(
    0x30,
    Buffer.concat([formatDer(0x02, integer), formatDer(0x04, previousHash), formatDer(0x04, dataHash)]),
  );
}

/** `awaited` is for the error only. @throws YinxinError LEDGER_DIVERGED `{block: awaited}` when it is no block */
export function parseFabricBlock(bytes: Uint8Array, awaited: number): FabricBlock {
  return reading(awaited, () => {
    const block = new Message(bytes);
    const fields = block.message(1);
    const number = fields.natural(1);
    const [previousHash, dataHash] = [fields.bytes(2), fields.bytes(3)];
    const header = formatHeader(number, previousHash, dataHash);
    const [signatures, , codes, , commit] = block.message(3).list(1);
    const empty = Buffer.alloc(0);
    return {
      number,
      previousHash: previousHash.toString('hex'),
      dataHash: dataHash.toString('hex'),
      header,
      hash: hash('sha256', header, 'hex'),
      envelopes: block.message(2).list(1),
      metadata: {
        signatures: signatures ?? empty,
        codes: codes ?? empty,
        commitHash: new Message(commit ?? empty).bytes(1).toString('hex'),
      },
    };
  });
}

/** Hex. */
export function hashData({ envelopes }: FabricBlock): string {
  const hasher = createHash('sha256');
  for (const envelope of envelopes) hasher.update(envelope);
  return hasher.digest('hex');
}
