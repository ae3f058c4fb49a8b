/** A block of Fabric's as the port's `Block`: the transactions of one chaincode. Says what the block holds, not whether it holds together (`verify.ts`). */
import type { Block, Transaction } from '../../port.ts';
import { readCall } from './call.ts';
import { readCreator } from './creator.ts';
import { headerTypes, parseEnvelope } from './envelope.ts';
import { diverged, type FabricBlock, reading } from './fabric-block.ts';
import { MalformedMessage } from './protobuf.ts';
import { nameValidationCode } from './validation-codes.ts';

const validCode = 0;

/** @throws MalformedMessage */
function readTransaction(bytes: Buffer, code: number, chaincode: string): Transaction | undefined {
  const { type, txId, time, chaincode: called, creator, data } = parseEnvelope(bytes);
  if (type !== headerTypes.endorserTransaction) return undefined;
  const call = readCall(data, called, chaincode);
  if (!call) return undefined;
  const { event, policies, ...rest } = call;
  return {
    txId,
    time,
    valid: code === validCode,
    code: nameValidationCode(code),
    creator: readCreator(creator),
    ...rest,
    ...(policies.length > 0 ? { policies } : {}),
    ...(event ? { event } : {}),
  };
}

/** Anybody may have nonsense ordered, which peers then find invalid: it is left out. What a peer found valid it has read whole. */
function readUnlessInvalid(bytes: Buffer, code: number, chaincode: string): Transaction | undefined {
  try {
    return readTransaction(bytes, code, chaincode);
  } catch (error) {
    if (error instanceof MalformedMessage && code !== validCode) return undefined;
    throw error;
  }
}

/** The envelope of a block that changes the channel's configuration: it is alone in its block. */
export function findConfiguration({ number, envelopes }: FabricBlock): Buffer | undefined {
  const [only, ...more] = envelopes;
  if (!only || more.length > 0) return undefined;
  try {
    const { type, data } = parseEnvelope(only);
    return type === headerTypes.config ? data : undefined;
  } catch (error) {
    if (error instanceof MalformedMessage && number > 0) return undefined; // nonsense that was ordered alone
    throw error;
  }
}

/**
 * A transaction that peers found invalid and that cannot be read is left out; several may carry one id, of which at most one is valid.
 * @throws YinxinError LEDGER_DIVERGED `{block}` when one that is flagged valid cannot be read, or flags are missing
 */
export function decodeBlock(block: FabricBlock, chaincode: string): Block {
  const { number, previousHash, dataHash, hash, envelopes, metadata } = block;
  return reading(number, () => {
    const isConfiguration = findConfiguration(block) !== undefined;
    if (!isConfiguration && metadata.codes.length !== envelopes.length) throw diverged(number);
    const transactions = isConfiguration
      ? []
      : envelopes.flatMap((bytes, at) => readUnlessInvalid(bytes, metadata.codes[at] ?? 255, chaincode) ?? []);
    return { number, previousHash, dataHash, hash, transactions };
  });
}
