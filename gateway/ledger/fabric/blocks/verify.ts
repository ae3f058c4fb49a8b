/** Whether a block holds: its data hash, its link, and its orderers' signatures under the channel's configuration of its time. Codes of transactions are a peer's own word and not covered. */
import { type Configuration, parseConfiguration, readConfig } from './configuration.ts';
import { findConfiguration } from './decode.ts';
import { diverged, type FabricBlock, hashData, reading } from './fabric-block.ts';
import { Message } from './protobuf.ts';
import { bytesField } from './protobuf-writer.ts';
import { isWellSigned, readLastConfiguration } from './signatures.ts';

/** The configuration that a block brings, not yet vouched for; undefined when it brings none. @throws MalformedMessage */
function readConfiguration(block: FabricBlock): Configuration | undefined {
  const data = findConfiguration(block);
  return data && parseConfiguration(readConfig(data), block.number, block.hash);
}

/** @throws YinxinError LEDGER_DIVERGED `{block: 0}` unless it is the block 0 that the profile names */
export function verifyGenesis(block: FabricBlock, genesis: string): Configuration {
  return reading(0, () => {
    const configuration = readConfiguration(block);
    const isGenesis = block.number === 0 && block.hash === genesis && hashData(block) === block.dataHash;
    if (!isGenesis || !configuration || configuration.sequence !== 0) throw diverged(0);
    return configuration;
  });
}

/**
 * The data hash does not say where one envelope ends: two run together hash the same and read as one, the second hiding the first. So each must be
 * written in the one way in which orderers take it (Fabric's `protoutil.VerifyTransactionsAreWellFormed`).
 */
function isWellFormed(envelope: Buffer): boolean {
  const message = new Message(envelope);
  const [payload, signature] = [message.bytes(1), message.bytes(2)];
  if (payload.length === 0 || signature.length === 0) return false;
  return envelope.equals(Buffer.concat([bytesField(1, payload), bytesField(2, signature)]));
}

/**
 * A block from 1 on, without its link, under the configuration in force before it.
 * @returns the configuration in force after it: another one only where the block brings it
 * @throws YinxinError LEDGER_DIVERGED `{block}`
 */
export function verifyContent(block: FabricBlock, configuration: Configuration): Configuration {
  const { number } = block;
  return reading(number, () => {
    const next = readConfiguration(block);
    const inForce = next ? number : configuration.block;
    const holds =
      hashData(block) === block.dataHash &&
      (next !== undefined || block.envelopes.every(isWellFormed)) &&
      readLastConfiguration(block) === inForce &&
      (next === undefined || next.sequence === configuration.sequence + 1) &&
      isWellSigned(block, configuration);
    if (!holds) throw diverged(number);
    return next ?? configuration;
  });
}

/** Whether a block follows on another. */
export function isLinked(block: FabricBlock, before: Pick<FabricBlock, 'number' | 'hash'>): boolean {
  return block.number === before.number + 1 && block.previousHash === before.hash;
}
