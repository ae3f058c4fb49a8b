/** Where in a block a transaction stands, and what the peer that gave the block found of it. */
import { parseEnvelope } from './blocks/envelope.ts';
import { parseFabricBlock } from './blocks/fabric-block.ts';
import { MalformedMessage } from './blocks/protobuf.ts';
import { nameValidationCode } from './blocks/validation-codes.ts';

function isOf(envelope: Buffer, txId: string): boolean {
  try {
    return parseEnvelope(envelope).txId === txId;
  } catch (error) {
    if (error instanceof MalformedMessage) return false; // nonsense that somebody had ordered
    throw error;
  }
}

/** `bytes` of a block that holds it. Of several with one id the first counts, as for peers. Undefined where it is not in the block. */
export function findTransaction(bytes: Uint8Array, txId: string): { block: number; code: string } | undefined {
  const { envelopes, metadata, number } = parseFabricBlock(bytes, 0);
  const at = envelopes.findIndex((envelope) => isOf(envelope, txId));
  const code = metadata.codes[at];
  return code === undefined ? undefined : { block: number, code: nameValidationCode(code) };
}
