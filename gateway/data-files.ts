/** The small readable files of the data folder that others use: the pin, the network that this gateway serves, what the command needs to know. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ClientFile,
  type Json,
  memberReader,
  parseClientFile,
  parseJson,
  type TrustPin,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { parseTrustPin } from '@yinxin/core/jose';
import { writeDurably } from './durable-file.ts';

/** `network.json`: the channel, the domain whose lists this gateway serves, all domains that it signs for, and how far the demonstration got. */
export interface NetworkFile {
  readonly channel: string;
  readonly home: string;
  readonly domains: readonly string[];
  readonly demonstration: 'under-way' | 'complete';
}

export interface DataFiles {
  readNetwork(): Promise<NetworkFile | undefined>;
  writeNetwork(network: NetworkFile): Promise<void>;
  readPin(): Promise<TrustPin | undefined>;
  writePin(pin: TrustPin): Promise<void>;
  /** Client files by folder and name, such as `clients/auditor` or `admins/440300`. */
  readClient(name: string): Promise<ClientFile | undefined>;
  writeClient(name: string, client: ClientFile): Promise<void>;
  /** `command.json`: where the command finds the gateway. */
  writeCommand(command: { readonly gateway: string; readonly home: string }): Promise<void>;
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseNetwork(json: Json): NetworkFile {
  const names = ['channel', 'home', 'domains', 'demonstration'] as const;
  const read = memberReader(json, 'network.json', 'SETTING_INVALID', names);
  const isComplete = read.matching('demonstration', /^(under-way|complete)$/) === 'complete';
  return {
    channel: read.text('channel'),
    home: read.text('home'),
    domains: read.array('domains').map(String),
    demonstration: isComplete ? 'complete' : 'under-way',
  };
}

function parseFile<T>(path: string, bytes: Uint8Array | undefined, parse: (json: Json) => T): T | undefined {
  if (!bytes) return undefined;
  try {
    return parse(parseJson(bytes));
  } catch (error) {
    if (error instanceof YinxinError) throw new YinxinError('SETTING_INVALID', { setting: path, reason: 'damaged' });
    throw error;
  }
}

/** @throws YinxinError SETTING_INVALID with `{setting, reason}` when a file is damaged */
export function openDataFiles(folder: string): DataFiles {
  const path = (name: string) => join(folder, name);
  async function write(name: string, value: object): Promise<void> {
    await mkdir(dirname(path(name)), { recursive: true, mode: 0o700 });
    await writeDurably(path(name), utf8(`${JSON.stringify(value, null, 2)}\n`));
  }
  const read = async <T>(name: string, parse: (json: Json) => T) =>
    parseFile(name, await readIfThere(path(name)), parse);
  return {
    readNetwork: () => read('network.json', parseNetwork),
    writeNetwork: (network) => write('network.json', network),
    readPin: () => read('pin.json', (json) => parseTrustPin(JSON.stringify(json))),
    writePin: (pin) => write('pin.json', pin),
    readClient: (name) => read(`${name}.json`, parseClientFile),
    writeClient: (name, client) => write(`${name}.json`, client),
    writeCommand: (command) => write('command.json', command),
  };
}
