/** What peers say of themselves, asked with Fabric's own command. */
import { isJsonObject, type Json } from '@yinxin/core';
import { runPeer } from '../../network/lifecycle.ts';
import { operatorOf } from '../../network/members.ts';
import type { Organisation } from '../../network/plan.ts';
import type { TestNetwork } from '../fixtures/fabric.ts';

export interface ChainEnd {
  readonly height: number;
  /** Of the newest block, hex. */
  readonly hash: string;
}

const parse = (text: string): Json => JSON.parse(text);

export async function readChainEnd({ context, plan }: TestNetwork, city: Organisation): Promise<ChainEnd> {
  const args = ['channel', 'getinfo', '-c', plan.channel];
  const { stdout } = await runPeer(operatorOf(context, city), 'info', args);
  const info = parse(stdout.slice(stdout.indexOf('{')));
  const { height, currentBlockHash } = isJsonObject(info) ? info : {};
  if (typeof height !== 'number' || typeof currentBlockHash !== 'string') throw new Error(stdout);
  return { height, hash: Buffer.from(currentBlockHash, 'base64').toString('hex') };
}

/** The last entry of a register in the peer's own state; 0 where there is no such register. */
export async function readLastEntry(
  { context, plan }: TestNetwork,
  city: Organisation,
  register: { readonly issuer: string; readonly type: string },
): Promise<number> {
  const call = JSON.stringify({ Args: ['readRegister', JSON.stringify(register)] });
  const args = ['chaincode', 'query', '-C', plan.channel, '-n', plan.chaincode, '-c', call];
  const answer = await runPeer(operatorOf(context, city), 'query', args).catch((error: unknown) => {
    if (JSON.stringify(error, Object.getOwnPropertyNames(error)).includes('NOT_FOUND')) return undefined;
    throw error;
  });
  const row = answer ? parse(answer.stdout) : null;
  return isJsonObject(row) ? Number(row['last']) : 0;
}
