/** The members of this machine's network, as Fabric's own commands see them. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import type { Context } from './context.ts';
import { type Channel, type Endpoint, isStarting, type Operator, retry } from './lifecycle.ts';
import { ordererAddress, ordererNode } from './orderer-config.ts';
import { cityCryptoOf, ordererCryptoOf, type Paths } from './paths.ts';
import { peerAddress } from './peer-config.ts';
import { type NetworkPlan, type Organisation, orderersOf, portOf } from './plan.ts';
import { runProgram } from './programs.ts';

export function operatorOf({ paths, programs }: Context, city: Organisation): Operator {
  return { program: programs.peer, folder: paths.operatorOf(city) };
}

export function channelOf({ paths }: Context, plan: NetworkPlan): Channel {
  const toEndpoint = (orderer: Organisation): Endpoint => {
    const { tlsCa } = ordererCryptoOf(paths, orderer);
    return { address: ordererAddress(plan, orderer), tlsCa, serverName: null };
  };
  return { channel: plan.channel, chaincode: plan.chaincode, orderers: orderersOf(plan).map(toEndpoint) };
}

export function peerOf({ paths }: Context, plan: NetworkPlan, city: Organisation): Endpoint {
  return { address: peerAddress(plan, city), tlsCa: cityCryptoOf(paths, city).tlsCa, serverName: null };
}

/**
 * `osnadmin channel remove` takes the ledger and leaves the log of the consensus, which then knows more than the ledger: Fabric 3.1.5
 * panics on it when the orderer joins again, and hangs or ends.
 */
export function forgetRemoved(paths: Paths, { channel }: NetworkPlan, orderer: Organisation): void {
  const data = join(paths.nodeOf(ordererNode(orderer)), 'data');
  if (existsSync(join(data, 'ledger', 'chains', channel))) return;
  for (const name of ['wal', 'snapshots']) rmSync(join(data, name, channel), { recursive: true, force: true });
}

/** An orderer takes part in the channel by its administrator's word. */
export async function joinOrderer(context: Context, plan: NetworkPlan, orderer: Organisation): Promise<void> {
  const { paths, programs } = context;
  forgetRemoved(paths, plan, orderer);
  const { admin, tlsCa } = ordererCryptoOf(paths, orderer);
  const address = `127.0.0.1:${portOf(plan, orderer, 'ordererAdmin')}`;
  const tls = ['--ca-file', tlsCa, '--client-cert', admin.tls.certificate, '--client-key', admin.tls.key];
  const command = ['channel', 'join', '--channelID', plan.channel, '--config-block', paths.genesis];
  const args = [...command, '--orderer-address', address, ...tls];
  const { stdout } = await retry(isStarting, () => runProgram('join', programs.osnadmin, args, {}));
  const status = /Status: (\d+)/.exec(stdout)?.[1];
  // 405: it has joined before
  if (status === '201' || status === '405') return;
  throw new YinxinError('NETWORK_FAILED', { step: 'join', program: 'osnadmin', why: stdout.trim() });
}
