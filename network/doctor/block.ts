/** Hashes of a block, as `configtxlator` decodes it: its header's, and of what its transactions changed. */
import { createHash } from 'node:crypto';
import type { Json } from '@yinxin/core';
import { pickNumber, pickText } from './json.ts';

export interface BlockFacts {
  readonly number: number;
  /** Of the header, hex: SHA-256 of its ASN.1 DER. */
  readonly hash: string;
  /** Over all changes of the state up to it, hex; empty of block 0. */
  readonly commitHash: string;
}

/** Place of the commit hash in the block's metadata: Fabric's common.proto, BlockMetadataIndex. */
const commitHashIndex = 4;
/** Its message is one field of 32 bytes behind a tag and a length. */
const commitHashPrefixBytes = 2;

function encodeDer(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]); // always shorter than 128 bytes here
}

function encodeInteger(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  // a leading bit set would make it negative
  return encodeDer(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** SEQUENCE { INTEGER number, OCTET STRING previous hash, OCTET STRING data hash } */
export function hashHeader(number: number, previous: Uint8Array, data: Uint8Array): string {
  const fields = [encodeInteger(number), encodeDer(0x04, previous), encodeDer(0x04, data)];
  return createHash('sha256')
    .update(encodeDer(0x30, Buffer.concat(fields)))
    .digest('hex');
}

export function parseBlock(block: Json): BlockFacts {
  const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
  const number = pickNumber(block, 'header', 'number') ?? 0;
  const previous = bytes(pickText(block, 'header', 'previous_hash'));
  const commitHash = bytes(pickText(block, 'metadata', 'metadata', commitHashIndex)).subarray(commitHashPrefixBytes);
  return {
    number,
    hash: hashHeader(number, previous, bytes(pickText(block, 'header', 'data_hash'))),
    commitHash: commitHash.toString('hex'),
  };
}
