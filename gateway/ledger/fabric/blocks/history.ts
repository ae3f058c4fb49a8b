/**
 * Which configuration of the channel was in force when. The newest one that was verified is kept in `configuration.json`; any other is found from
 * there, or from block 0, by configuration blocks alone: each must be signed under the one before and count one further, so none can be left out.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, memberReader, parseJson, YinxinError } from '@yinxin/core';
import { writeDurably } from '../../../durable-file.ts';
import { type Configuration, parseConfiguration } from './configuration.ts';
import { diverged, reading } from './fabric-block.ts';
import { type Fetch, fetchBlock } from './fetch.ts';
import { MalformedMessage } from './protobuf.ts';
import { readLastConfiguration } from './signatures.ts';
import type { BlockSource } from './source.ts';
import { verifyContent, verifyGenesis } from './verify.ts';

const format = 'yinxin-fabric-configuration/1';
const maxFileBytes = 64 * 1_048_576;

function formatRecord({ block, hash, bytes }: Configuration): Buffer {
  return Buffer.from(`${JSON.stringify({ format, block, hash, config: bytes.toString('base64') })}\n`);
}

function parseRecord(json: Json): Configuration {
  const read = memberReader(json, 'configuration', 'LEDGER_DAMAGED', ['format', 'block', 'hash', 'config']);
  if (read.text('format') !== format) throw new YinxinError('LEDGER_DAMAGED');
  const bytes = Buffer.from(read.text('config'), 'base64');
  return parseConfiguration(bytes, read.natural('block'), read.matching('hash', /^[0-9a-f]{64}$/));
}

/** Undefined when there is none, or one that cannot be read: it is found again from block 0. */
async function readRecord(path: string): Promise<Configuration | undefined> {
  try {
    return parseRecord(parseJson(await readFile(path), { maxBytes: maxFileBytes }));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing || error instanceof YinxinError || error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

export class ConfigurationHistory {
  readonly #path: string;
  readonly #genesis: string;
  #newest: Configuration | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, genesis: string, newest: Configuration | undefined) {
    this.#path = path;
    this.#genesis = genesis;
    this.#newest = newest;
  }

  /** `genesis` is the hash of block 0. */
  static async open(folder: string, genesis: string): Promise<ConfigurationHistory> {
    const path = join(folder, 'configuration.json');
    return new ConfigurationHistory(path, genesis, await readRecord(path));
  }

  /** Takes over a configuration that was verified; durable when it settles. @throws YinxinError LEDGER_DIVERGED when another was verified in its place */
  adopt(configuration: Configuration): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#adopt(configuration));
    return this.#writing;
  }

  async #adopt(configuration: Configuration): Promise<void> {
    const newest = this.#newest;
    if (newest?.block === configuration.block && newest.hash !== configuration.hash) throw diverged(newest.block);
    if (newest && newest.block >= configuration.block) return;
    await writeDurably(this.#path, formatRecord(configuration));
    this.#newest = configuration;
  }

  /** Under which block `number`, from 1 on, is to be verified. @throws YinxinError LEDGER_UNREACHABLE, LEDGER_DIVERGED `{block}` */
  async inForce(source: BlockSource, number: number, fetch: Fetch): Promise<Configuration> {
    const numbers = await this.#findNumbers(source, number, fetch);
    const known = this.#newest;
    let found = numbers[0] === known?.block ? known : undefined;
    for (const one of found ? numbers.slice(1) : numbers) {
      const block = await fetchBlock(source, one, 'whole', fetch);
      found = found ? verifyContent(block, found) : verifyGenesis(block, this.#genesis);
      if (found.block !== one) throw diverged(one);
      await this.adopt(found);
    }
    if (!found) throw diverged(number);
    return found;
  }

  /** Of the configuration blocks before `number`, back to the one that is known, or to block 0; in order. What peers say, not verified yet. */
  async #findNumbers(source: BlockSource, number: number, fetch: Fetch): Promise<readonly number[]> {
    const numbers: number[] = [];
    let first = number;
    do {
      const block = await fetchBlock(source, first - 1, 'header', fetch);
      const last = reading(block.number, () => readLastConfiguration(block));
      if (last >= first) throw diverged(block.number);
      numbers.unshift(last);
      first = last;
    } while (first > 0 && first !== this.#newest?.block);
    return numbers;
  }
}
