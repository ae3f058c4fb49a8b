/** Where in a block a transaction stands, and what the peer that gave the block found of it. */
import { parseEnvelope } from './blocks/envelope.ts';
import { parseFabricBlock } from './blocks/fabric-block.ts';
import { MalformedMessage } from './blocks/protobuf.ts';
import { nameValidationCode } from './blocks/validation-codes.ts';

const validCode = 0;

function isOf(envelope: Buffer, txId: string): boolean {
  try {
    return parseEnvelope(envelope).txId === txId;
  } catch (error) {
    if (error instanceof MalformedMessage) return false; // nonsense that somebody had ordered
    throw error;
  }
}

/**
 * `bytes` of a block that holds it. Of several with one id the valid one counts, else the first: whoever sees a proposal can have nonsense of the same id
 * ordered before it. Undefined where it is not in the block.
 */
export function findTransaction(bytes: Uint8Array, txId: string): { block: number; code: string } | undefined {
  const { envelopes, metadata, number } = parseFabricBlock(bytes, 0);
  const codes = envelopes.flatMap((envelope, at) => (isOf(envelope, txId) ? (metadata.codes[at] ?? []) : []));
  const code = codes.find((one) => one === validCode) ?? codes[0];
  return code === undefined ? undefined : { block: number, code: nameValidationCode(code) };
}
