/** Breaking a network on purpose, and asking the doctor. */
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject, type Json, type JsonObject } from '@yinxin/core';
import type { DoctorContext } from '../../network/doctor/context.ts';
import { createDoctorContext } from '../../network/doctor/doctor.ts';
import { type Examination, runChecks } from '../../network/doctor/examination.ts';
import type { CheckId, Finding, State } from '../../network/doctor/finding.ts';
import { pick } from '../../network/doctor/json.ts';
import { canConnect } from '../../network/doctor/listeners.ts';
import { type Machine, thisMachine } from '../../network/doctor/machine.ts';
import { type NodePlan, nodesOf } from '../../network/nodes.ts';
import { isHealthy } from '../../network/operations.ts';
import { cityCryptoOf, ordererCryptoOf } from '../../network/paths.ts';
import { citiesOf, type Organisation, orderersOf, portOf } from '../../network/plan.ts';
import { findProcess, startProcess, stopProcess } from '../../network/processes.ts';
import { type Environment, runProgram } from '../../network/programs.ts';
import type { TestNetwork } from '../fixtures/fabric.ts';

export interface Asked {
  readonly profile?: string;
  readonly machine?: Partial<Machine>;
  readonly environment?: Environment;
}

/** A new doctor, who knows nothing yet. */
export function callDoctor(network: TestNetwork, { profile, machine, environment }: Asked = {}): DoctorContext {
  const scratch = mkdtempSync(join(network.paths.scratch, 'doctor-'));
  const surroundings = {
    home: network.home,
    environment: environment ?? process.env,
    repository: network.context.repository,
    machine: { ...thisMachine, ...machine },
  };
  return createDoctorContext(profile, surroundings, scratch);
}

export async function examine(network: TestNetwork, asked: Asked = {}): Promise<Examination> {
  return runChecks(callDoctor(network, asked));
}

/** `check subject` of the findings in a state, in order. */
export function list({ findings }: Examination, state: State): readonly string[] {
  return findings.filter((finding) => finding.state === state).map(({ check, subject }) => `${check} ${subject}`);
}

export function findFinding({ findings }: Examination, check: CheckId, subject: string): Finding {
  const found = findings.find((finding) => finding.check === check && finding.subject === subject);
  if (!found) throw new Error(`no finding ${check} ${subject}`);
  return found;
}

export function cityNamed(network: TestNetwork, name: string): Organisation {
  const city = citiesOf(network.plan).find((candidate) => candidate.name === name);
  if (!city) throw new Error(name);
  return city;
}

export const cryptoNamed = (network: TestNetwork, name: string) =>
  cityCryptoOf(network.paths, cityNamed(network, name));

/** The file is as it was when `work` has ended. */
export async function withFile<T>(file: string, change: (file: string) => void, work: () => Promise<T>): Promise<T> {
  const kept = readFileSync(file);
  try {
    change(file);
    return await work();
  } finally {
    writeFileSync(file, kept);
  }
}

export const overwriteWith = (other: string) => (file: string) => writeFileSync(file, readFileSync(other));

export function editJson(file: string, change: (json: Json) => Json): void {
  const json: Json = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(change(json)));
}

export function pidOf(network: TestNetwork, name: string): number {
  const found = findProcess(network.paths, name);
  if (!found) throw new Error(`${name} does not run`);
  return found.pid;
}

export function planOf(network: TestNetwork, name: string): NodePlan {
  const node = nodesOf(network.context, network.plan).find((candidate) => candidate.name === name);
  if (!node) throw new Error(name);
  return node;
}

export async function stop(network: TestNetwork, name: string): Promise<void> {
  const record = findProcess(network.paths, name);
  if (record) await stopProcess(network.paths, record);
}

/** With a change of its command line, where one is given. */
export async function start(
  network: TestNetwork,
  name: string,
  toArgs = (args: readonly string[]) => args,
): Promise<void> {
  const { process: plan } = planOf(network, name);
  await startProcess(network.paths, { ...plan, args: toArgs(plan.args) });
}

export async function waitUntilListening(network: TestNetwork, name: string): Promise<void> {
  const [port = 0] = planOf(network, name).ports;
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await canConnect('127.0.0.1', port)) return;
    await sleep(50);
  }
  throw new Error(`${name} does not listen`);
}

/** Its data folder is elsewhere while `work` goes on: it starts as if it had never been on the channel. */
export async function withoutData<T>(network: TestNetwork, name: string, work: () => Promise<T>): Promise<T> {
  const data = join(network.paths.nodeOf(name), 'data');
  const { operations } = planOf(network, name);
  await stop(network, name);
  renameSync(data, `${data}.kept`);
  try {
    await start(network, name);
    for (let attempt = 0; attempt < 100; attempt++) {
      if (operations && (await isHealthy(operations.port, operations.tls))) break;
      await sleep(100);
    }
    return await work();
  } finally {
    await stop(network, name);
    if (existsSync(data)) rmSync(data, { recursive: true });
    renameSync(`${data}.kept`, data);
  }
}

/** Completes the network, and waits until it is ready. */
export async function repair(network: TestNetwork): Promise<void> {
  const { code, stderr } = await network.run('up');
  if (code !== 0) throw new Error(stderr);
}

export function runPeer(network: TestNetwork, city: Organisation, args: readonly string[]): Promise<unknown> {
  const env = { FABRIC_CFG_PATH: network.paths.operatorOf(city), FABRIC_LOGGING_SPEC: 'error' };
  return runProgram('test', network.context.programs.peer, args, { env });
}

export function ordererArgs({ plan, paths }: TestNetwork): readonly string[] {
  const [orderer] = orderersOf(plan);
  if (!orderer) throw new Error('no orderer');
  const address = `127.0.0.1:${portOf(plan, orderer, 'orderer')}`;
  return ['--orderer', address, '--tls', '--cafile', ordererCryptoOf(paths, orderer).tlsCa];
}

/** Changes the channel's configuration, as an administrator of the first city, with the signatures of the others asked for. */
export async function updateChannel(
  network: TestNetwork,
  change: (channelGroup: Json) => Json,
  alsoSigned: readonly Organisation[] = [],
): Promise<void> {
  const { plan, context } = network;
  const [first] = citiesOf(plan);
  if (!first) throw new Error('no city');
  const folder = mkdtempSync(join(network.paths.scratch, 'update-'));
  const at = (name: string) => join(folder, name);
  const translate = (...args: readonly string[]) => runProgram('test', context.programs.configtxlator, args, {});
  const decode = async (type: string, file: string): Promise<Json> => {
    await translate('proto_decode', '--type', type, '--input', at(file), '--output', at(`${file}.json`));
    return JSON.parse(readFileSync(at(`${file}.json`), 'utf8'));
  };
  const encode = async (type: string, json: Json, file: string) => {
    writeFileSync(at(`${file}.json`), JSON.stringify(json));
    await translate('proto_encode', '--type', type, '--input', at(`${file}.json`), '--output', at(file));
  };
  await runPeer(network, first, ['channel', 'fetch', 'config', at('block'), '--channelID', plan.channel]);
  const config = pickConfig(await decode('common.Block', 'block'));
  await encode('common.Config', config, 'before');
  await encode('common.Config', { ...config, channel_group: change(config['channel_group'] ?? null) }, 'after');
  const files = ['--original', at('before'), '--updated', at('after'), '--output', at('update')];
  await translate('compute_update', '--channel_id', plan.channel, ...files);
  const config_update = await decode('common.ConfigUpdate', 'update');
  const header = { channel_header: { channel_id: plan.channel, type: 2 } };
  await encode('common.Envelope', { payload: { header, data: { config_update } } }, 'envelope');
  for (const city of alsoSigned) await runPeer(network, city, ['channel', 'signconfigtx', '--file', at('envelope')]);
  const update = ['channel', 'update', '--file', at('envelope'), '--channelID', plan.channel];
  await runPeer(network, first, [...update, ...ordererArgs(network)]);
  rmSync(folder, { recursive: true });
}

function pickConfig(block: Json): JsonObject {
  const config = pick(block, 'data', 'data', 0, 'payload', 'data', 'config');
  if (!isJsonObject(config)) throw new Error('no configuration');
  return config;
}

/** The same certificate with another end, signed anew by its authority. DER: RFC 5280, ITU-T X.690. */
export function endCertificate(file: string, authorityKey: string, until: Date): void {
  const der = new X509Certificate(readFileSync(file)).raw;
  const [, body] = readHeader(der, 0);
  const tbsEnd = readHeader(der, body)[2];
  const algorithmEnd = readHeader(der, tbsEnd)[2];
  const tbs = Buffer.from(der.subarray(body, tbsEnd));
  const utcTime = Buffer.from([0x17, 13]);
  const notBefore = tbs.indexOf(utcTime);
  const notAfter = tbs.indexOf(utcTime, notBefore + 1);
  const text = `${until
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, '')
    .slice(2)}`;
  tbs.write(text, notAfter + utcTime.length, 'latin1');
  const signature = sign('sha256', tbs, createPrivateKey(readFileSync(authorityKey)));
  const bits = Buffer.concat([Buffer.from([0x03, signature.length + 1, 0]), signature]);
  const content = Buffer.concat([tbs, der.subarray(tbsEnd, algorithmEnd), bits]);
  const length = Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff]);
  const base64 = Buffer.concat([length, content]).toString('base64').replaceAll(/.{64}/g, '$&\n');
  writeFileSync(file, `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
}

/** @returns tag, start of the content, end */
function readHeader(der: Buffer, at: number): readonly [number, number, number] {
  const first = der[at + 1] ?? 0;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const length = more === 0 ? first : der.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  return [der[at] ?? 0, start, start + length];
}
