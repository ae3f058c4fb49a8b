/** Which orderer leads, and how far all of them are, as their figures tell. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { ordererCryptoOf } from '../../network/paths.ts';
import { type Organisation, orderersOf, portOf } from '../../network/plan.ts';
import type { TestNetwork } from '../fixtures/fabric.ts';

function readMetrics({ paths, plan }: TestNetwork, orderer: Organisation): Promise<string> {
  const { tls } = ordererCryptoOf(paths, orderer).admin;
  const [cert, key, ca] = [tls.certificate, tls.key, tls.ca].map((file) => readFileSync(file));
  const place = { host: '127.0.0.1', port: portOf(plan, orderer, 'ordererOperations'), path: '/metrics' };
  return new Promise((resolve) => {
    const call = request({ ...place, cert, key, ca, agent: false, timeout: 1_000 }, (response) => {
      let text = '';
      response.on('data', (chunk: Uint8Array) => {
        text += Buffer.from(chunk).toString();
      });
      response.on('end', () => resolve(text));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(''));
    call.end();
  });
}

/** Of those that most of the orderers name, since one that was away may be behind. @throws Error when none says */
export async function readLeader(network: TestNetwork): Promise<Organisation> {
  const orderers = orderersOf(network.plan);
  const texts = await Promise.all(orderers.map((orderer) => readMetrics(network, orderer)));
  const votes = texts.flatMap((text) => /^consensus_BFT_leader_id\{[^}]*\} (\d+)/m.exec(text)?.[1] ?? []);
  const count = (id: string) => votes.filter((vote) => vote === id).length;
  const [id] = [...votes].sort((a, b) => count(b) - count(a));
  const leader = orderers[Number(id) - 1]; // consenters are numbered from 1, in this order
  if (!leader) throw new Error('no orderer says who leads');
  return leader;
}

/** Number of blocks of each; 0 of one that does not say. */
export async function readOrdererHeights(network: TestNetwork): Promise<readonly number[]> {
  const texts = await Promise.all(orderersOf(network.plan).map((orderer) => readMetrics(network, orderer)));
  return texts.map((text) => Number(/^ledger_blockchain_height\{[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0));
}
