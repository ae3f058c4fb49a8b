/** What an orderer says of the channel, to its own administrator. */
import { type Json, YinxinError } from '@yinxin/core';
import type { Asking } from './asking.ts';
import { pickNumber, pickText } from './json.ts';
import type { OrdererView } from './view.ts';

export interface OrdererAnswer {
  /** `active` is well; `inactive`, `onboarding`, `failed`. */
  readonly status: string;
  /** `consenter` is well; `follower`, `config-tracker`. */
  readonly relation: string;
  readonly height: number;
}

/** @throws YinxinError LEDGER_UNREACHABLE, FABRIC_MISSING, NETWORK_FAILED `{why}`: also when it is not on the channel */
export async function readOrderer(asking: Asking, orderer: OrdererView, channel: string): Promise<OrdererAnswer> {
  await asking.requireReached(orderer);
  const { host, port, tlsCa, client } = orderer.admin;
  const tls = ['--ca-file', tlsCa, '--client-cert', client.certificate, '--client-key', client.key];
  const args = ['channel', 'list', '--channelID', channel, '--orderer-address', `${host}:${port}`, ...tls];
  const said = await asking.run('osnadmin', 'orderer', args);
  const start = said.indexOf('{');
  const json: Json = start < 0 ? {} : JSON.parse(said.slice(start));
  const status = pickText(json, 'status');
  if (status === undefined) {
    throw new YinxinError('NETWORK_FAILED', { step: 'orderer', why: pickText(json, 'error') ?? said.trim() });
  }
  return { status, relation: pickText(json, 'consensusRelation') ?? '', height: pickNumber(json, 'height') ?? 0 };
}
