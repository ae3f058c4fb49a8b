/** Lets a city into a running channel: its organisation with its anchor peer, and its peer in the endorsement policy, signed by a majority of the cities. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type Json, type JsonObject, YinxinError } from '@yinxin/core';
import { toCityOrganisation } from './channel.ts';
import type { Context } from './context.ts';
import { makeFolder, readJson, writeFile, writeJson } from './files.ts';
import { runOrdered, runPeer } from './lifecycle.ts';
import { channelOf, operatorOf } from './members.ts';
import { citiesOf, type NetworkPlan, type Organisation } from './plan.ts';
import { runProgram } from './programs.ts';

/** Sets the value at a path of members; what is not touched stays the same object. @throws YinxinError NETWORK_FAILED when the path is not there */
export function replaceAt(json: Json, path: readonly string[], change: (found: Json) => Json): Json {
  const [name, ...rest] = path;
  if (name === undefined) return change(json);
  const found = isJsonObject(json) ? json[name] : undefined;
  if (!isJsonObject(json) || found === undefined) throw unexpected(name);
  return { ...json, [name]: replaceAt(found, rest, change) };
}

const unexpected = (member: string) =>
  new YinxinError('NETWORK_FAILED', { step: 'channel configuration', why: member });

function objectAt(json: Json, path: readonly string[]): JsonObject {
  let found: Json = {};
  replaceAt(json, path, (value) => {
    found = value;
    return value;
  });
  if (!isJsonObject(found)) throw unexpected(path.at(-1) ?? '');
  return found;
}

const application = ['channel_group', 'groups', 'Application'];
const endorsementRule = [...application, 'policies', 'Endorsement', 'policy', 'value'];

/** common.SignaturePolicyEnvelope: one more principal, and one more signature that counts towards the two. */
function withEndorser(envelope: Json, msp: string): Json {
  const identities = objectAt({ envelope }, ['envelope'])['identities'];
  if (!Array.isArray(identities)) throw unexpected('identities');
  const principal = { principal: { msp_identifier: msp, role: 'PEER' }, principal_classification: 'ROLE' };
  const withRule = replaceAt(envelope, ['rule', 'n_out_of', 'rules'], (rules) => {
    if (!Array.isArray(rules)) throw unexpected('rules');
    return [...rules, { signed_by: identities.length }];
  });
  return replaceAt(withRule, ['identities'], () => [...identities, principal]);
}

/** The configuration with the city in it; undefined when it is there already. */
export function addCity(config: Json, city: Organisation, organisation: Json): Json | undefined {
  if (objectAt(config, [...application, 'groups'])[city.name] !== undefined) return undefined;
  const withGroup = replaceAt(config, [...application, 'groups'], (groups) => ({
    ...objectAt({ groups }, ['groups']),
    [city.name]: organisation,
  }));
  return replaceAt(withGroup, endorsementRule, (envelope) => withEndorser(envelope, city.msp));
}

interface Translator {
  decode(type: string, file: string): Promise<Json>;
  encode(type: string, json: Json, file: string): Promise<string>;
}

/** Fabric's own translator between protobuf and JSON, working in a folder. */
function createTranslator({ programs }: Context, folder: string): Translator {
  const run = (args: readonly string[]) => runProgram('channel configuration', programs.configtxlator, args, {});
  return {
    async decode(type, file) {
      const output = join(folder, `${file}.json`);
      await run(['proto_decode', '--type', type, '--input', join(folder, file), '--output', output]);
      const json = readJson(output);
      if (json === undefined) throw unexpected(file);
      return json;
    },
    async encode(type, json, file) {
      const input = join(folder, `${file}.json`);
      writeJson(input, json);
      await run(['proto_encode', '--type', type, '--input', input, '--output', join(folder, file)]);
      return join(folder, file);
    },
  };
}

/** As `configtxgen` writes the group of an organisation. */
async function printOrganisation(
  context: Context,
  plan: NetworkPlan,
  city: Organisation,
  folder: string,
): Promise<Json> {
  const organisation = toCityOrganisation(plan, context.paths, city);
  writeFile(join(folder, 'configtx.yaml'), JSON.stringify({ Organizations: [organisation] }));
  const args = ['-configPath', folder, '-printOrg', city.name];
  const { stdout } = await runProgram('channel configuration', context.programs.configtxgen, args, {});
  return JSON.parse(stdout);
}

/** The difference as an envelope that can be signed. */
async function computeUpdate(
  context: Context,
  { channel }: NetworkPlan,
  [before, after]: readonly [Json, Json],
  folder: string,
): Promise<string> {
  const { encode, decode } = createTranslator(context, folder);
  const original = await encode('common.Config', before, 'before.pb');
  const updated = await encode('common.Config', after, 'after.pb');
  const args = ['compute_update', '--channel_id', channel, '--original', original, '--updated', updated];
  const output = ['--output', join(folder, 'update.pb')];
  await runProgram('channel configuration', context.programs.configtxlator, [...args, ...output], {});
  const config_update = await decode('common.ConfigUpdate', 'update.pb');
  const header = { channel_header: { channel_id: channel, type: 2 } }; // common.HeaderType CONFIG_UPDATE
  return encode('common.Envelope', { payload: { header, data: { config_update } } }, 'envelope.pb');
}

/** Nothing happens when the city is in the channel already. The cities so far decide: more than half of their administrators sign. */
export async function letIn(context: Context, plan: NetworkPlan, city: Organisation): Promise<void> {
  const folder = join(context.paths.scratch, 'update');
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder);
  const [first, ...others] = citiesOf(plan);
  if (!first) throw new YinxinError('INTERNAL');
  const channel = channelOf(context, plan);

  const fetch = ['channel', 'fetch', 'config', join(folder, 'block.pb'), '--channelID', plan.channel];
  await runOrdered(operatorOf(context, first), channel, 'fetch', fetch);
  const block = await createTranslator(context, folder).decode('common.Block', 'block.pb');
  const config = readConfig(block);
  const wanted = addCity(config, city, await printOrganisation(context, plan, city, folder));
  if (wanted === undefined) return;

  const envelope = await computeUpdate(context, plan, [config, wanted], folder);
  // the one who sends signs too
  const signers = others.slice(0, Math.floor(plan.cities.length / 2));
  for (const signer of signers) {
    await runPeer(operatorOf(context, signer), 'sign', ['channel', 'signconfigtx', '--file', envelope]);
  }
  const update = ['channel', 'update', '--file', envelope, '--channelID', plan.channel];
  await runOrdered(operatorOf(context, first), channel, 'update', update);
  rmSync(folder, { recursive: true });
}

function readConfig(block: Json): Json {
  const data = objectAt(block, ['data'])['data'];
  const [envelope] = Array.isArray(data) ? data : [];
  if (envelope === undefined) throw unexpected('data');
  return objectAt(envelope, ['payload', 'data', 'config']);
}
