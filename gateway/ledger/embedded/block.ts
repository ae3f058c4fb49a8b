/** Blocks of the embedded ledger as bytes: a header line and a line of transactions, both canonical JSON (RFC 8785), linked by SHA-256. */
import { hash } from 'node:crypto';
import { YinxinError } from '@yinxin/core';
import type { Block, Transaction } from '../port.ts';
import type { Simulated } from './simulated.ts';

/** `previousHash` of block 0. */
export const noHash = '0'.repeat(64);

/** A simulated transaction on its way into a block. */
export interface Proposal {
  readonly txId: string;
  readonly time: Transaction['time'];
  readonly creator: Transaction['creator'];
  readonly transaction: string;
  /** Canonical JSON; megabytes for a large batch, so it is spliced into the block as it is. */
  readonly inputText: string;
  readonly simulated: Simulated;
}

const sha256 = (bytes: Uint8Array | string) => hash('sha256', bytes, 'hex');

/** Strings of keys and values hold U+0000, which core's `canonicalize` refuses; JSON.stringify writes strings as RFC 8785 does. */
const text = (value: string | null) => JSON.stringify(value);

/** The transaction's canonical JSON: members in the order of their names. */
export function formatTransaction(proposal: Proposal, code: string): string {
  const { creator, inputText, time, transaction, txId, simulated } = proposal;
  const { event, writes } = simulated;
  const eventText = event ? `"event":{"name":${text(event.name)},"payload":${event.payload}},` : '';
  const writeTexts = [...writes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `{"key":${text(key)},"value":${text(value)}}`);
  return (
    `{"code":${text(code)},"creator":{"id":${text(creator.id)},"msp":${text(creator.msp)}},${eventText}` +
    `"input":${inputText},"time":${text(time)},"transaction":${text(transaction)},"txId":${text(txId)},` +
    `"valid":${code === 'VALID'},"writes":[${writeTexts.join(',')}]}`
  );
}

/** The block's bytes and the hash of its header. */
export function formatBlock(
  number: number,
  previousHash: string,
  transactions: readonly string[],
): { readonly bytes: Buffer; readonly hash: string } {
  const data = Buffer.from(`[${transactions.join(',')}]`);
  const header = `{"dataHash":"${sha256(data)}","number":${number},"previousHash":"${previousHash}"}`;
  return { bytes: Buffer.concat([Buffer.from(`${header}\n`), data]), hash: sha256(header) };
}

type Header = Pick<Block, 'dataHash' | 'number' | 'previousHash'>;

/**
 * Reads a block that this program wrote; its data hash and number are checked, its link not yet.
 * @throws YinxinError LEDGER_DAMAGED
 */
export function parseBlock(bytes: Uint8Array, number: number): Block {
  const damaged = () => new YinxinError('LEDGER_DAMAGED', { block: number });
  const end = bytes.indexOf(10);
  if (end < 0) throw damaged();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [headerText, data] = [buffer.toString('utf8', 0, end), buffer.subarray(end + 1)];
  try {
    const header = JSON.parse(headerText) as Header; // formatBlock wrote it, or the comparison below fails
    if (header.number !== number || header.dataHash !== sha256(data)) throw damaged();
    const transactions = JSON.parse(data.toString('utf8')) as readonly Transaction[]; // the hash is that of formatBlock's text
    return { ...header, hash: sha256(headerText), transactions };
  } catch {
    throw damaged();
  }
}
