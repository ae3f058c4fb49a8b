/** What peers say of their ledgers: height, blocks, the channel's configuration. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Json, YinxinError } from '@yinxin/core';
import { reasonOf } from '../programs.ts';
import { type Asking, memoise } from './asking.ts';
import { parseBlock } from './block.ts';
import { type ChannelConfiguration, parseConfiguration } from './channel-configuration.ts';
import type { Facts } from './facts.ts';
import type { PeerView, View } from './view.ts';

export type AskPeer = (peer: PeerView, step: string, args: readonly string[]) => Promise<string>;

export interface LedgerFacts extends Pick<Facts, 'height' | 'heightLater' | 'block' | 'blockOfFile' | 'configuration'> {
  /** For questions about the channel. @throws YinxinError NETWORK_STATE `{node}` when the peer is not on it, and as Asking */
  readonly askPeer: AskPeer;
}

const pauseMilliseconds = 700;

/** What a peer says of a channel that it does not have. */
const notJoined = /Invalid chain ID|channel .* not found|creator org unknown/i;

/** Fabric's ledger.proto, BlockchainInfo: field 1 is the height, a varint. */
const heightTag = 0x08;

export function parseHeight(info: Uint8Array): number {
  const end = info.findIndex((byte, index) => index > 0 && byte < 0x80);
  if (info[0] !== heightTag || end < 0) throw new YinxinError('NETWORK_FAILED', { step: 'height', why: 'no height' });
  return info.subarray(1, end + 1).reduceRight((value, byte) => value * 0x80 + (byte & 0x7f), 0);
}

export function createLedgerFacts({ askNode, run }: Asking, { channel, peers }: View, scratch: string): LedgerFacts {
  /** By a system contract that every member of the channel may ask, and not only the peer's own organisation. */
  async function readHeight(peer: PeerView): Promise<number> {
    const call = JSON.stringify({ Args: ['GetChainInfo', channel] });
    const args = ['chaincode', 'query', '--channelID', channel, '--name', 'qscc', '--ctor', call, '--hex'];
    return parseHeight(Buffer.from((await askNode(peer, 'height', args)).trim(), 'hex'));
  }

  const height = memoise(({ name }) => name, readHeight);

  const askPeer: AskPeer = async (peer, step, args) => {
    try {
      await height(peer);
    } catch (error) {
      if (notJoined.test(reasonOf(error))) throw new YinxinError('NETWORK_STATE', { node: peer.name });
      throw error;
    }
    return askNode(peer, step, args);
  };

  async function decode(file: string): Promise<Json> {
    // a path may be longer than a name
    const json = join(scratch, `${createHash('sha256').update(file).digest('hex')}.json`);
    await run('configtxlator', 'decode', ['proto_decode', '--type', 'common.Block', '--input', file, '--output', json]);
    return JSON.parse(readFileSync(json, 'utf8'));
  }

  async function fetch(peer: PeerView, which: string): Promise<Json> {
    const file = join(scratch, `${peer.name}-${which}.block`);
    await askPeer(peer, 'fetch', ['channel', 'fetch', which, file, '--channelID', channel]);
    return decode(file);
  }

  async function readConfiguration(): Promise<ChannelConfiguration> {
    let last: unknown = new YinxinError('LEDGER_UNREACHABLE', { node: channel });
    for (const peer of peers) {
      try {
        return parseConfiguration(await fetch(peer, 'config'));
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  const block = memoise(
    ([peer, number]: readonly [PeerView, number]) => `${peer.name} ${number}`,
    async ([peer, number]) => parseBlock(await fetch(peer, String(number))),
  );
  const configuration = memoise(() => '', readConfiguration);
  return {
    askPeer,
    height,
    heightLater: async (peer) => {
      await sleep(pauseMilliseconds);
      return readHeight(peer);
    },
    block: (peer, number) => block([peer, number]),
    blockOfFile: async (file) => parseBlock(await decode(file)),
    configuration: () => configuration(undefined),
  };
}
