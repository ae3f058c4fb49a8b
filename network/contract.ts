/** The contract as organisations approve it: built once, named by its SM3, packed to the same bytes everywhere, run as a process of each city. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, YinxinError } from '@yinxin/core';
import { makeFolder, makeWhole, readJson, writeFile, writeJson } from './files.ts';
import { cityCryptoOf, type Paths } from './paths.ts';
import { peerNode } from './peer-config.ts';
import { type ContractPlan, contractPortOf, type NetworkPlan, type Organisation } from './plan.ts';
import type { ProcessPlan } from './processes.ts';
import { runProgram } from './programs.ts';
import { packTarGz } from './tar.ts';

/** Where the contract's source and its packages lie. */
export interface Repository {
  readonly root: string;
  /** The program that runs this very command. */
  readonly node: string;
}

const labelOf = (sm3: string) => `yinxin-${sm3}`;

/** Builds the contract of this repository into the network folder, where it stays for as long as it is approved. @returns its SM3 */
export async function buildContract({ root, node }: Repository, paths: Paths): Promise<string> {
  const built = join(paths.scratch, 'contract');
  rmSync(built, { recursive: true, force: true });
  await makeWhole(built, (draft) =>
    runProgram('contract', node, [join(root, 'chaincode', 'build.ts'), draft], { cwd: root }),
  );
  const sm3 = readIdentity(built);
  const folder = paths.contractOf(sm3);
  makeFolder(join(folder, '..'));
  if (existsSync(folder)) rmSync(built, { recursive: true });
  else renameSync(built, folder);
  return sm3;
}

function readIdentity(folder: string): string {
  const identity = readJson(join(folder, 'identity.json'));
  const sm3 = isJsonObject(identity) ? identity['sm3'] : undefined;
  if (typeof sm3 === 'string' && /^[0-9a-f]{64}$/.test(sm3)) return sm3;
  throw new YinxinError('NETWORK_FAILED', { step: 'contract', program: 'chaincode/build.ts', why: 'no identity' });
}

/**
 * Where a peer finds the contract, for Fabric's own builder of contracts that run as a service, which fills this in from
 * CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG of the peer. Ours takes the whole from beside the peer instead.
 */
const connectionTemplate = {
  address: '{{.address}}',
  dial_timeout: '10s',
  tls_required: true,
  client_auth_required: true,
  root_cert: '{{.root_cert}}',
  client_cert: '{{.client_cert}}',
  client_key: '{{.client_key}}',
};

/** Writes the package that every organisation installs. @returns its id, as peers give it */
export function writePackage(paths: Paths, sm3: string): string {
  const label = labelOf(sm3);
  const code = packTarGz([
    { name: 'connection.json', content: JSON.stringify(connectionTemplate) },
    { name: 'identity.json', content: JSON.stringify({ sm3 }) },
  ]);
  const archive = packTarGz([
    { name: 'metadata.json', content: JSON.stringify({ type: 'ccaas', label }) },
    { name: 'code.tar.gz', content: code },
  ]);
  writeFile(paths.packageOf(sm3), archive);
  return `${label}:${createHash('sha256').update(archive).digest('hex')}`;
}

export const connectionsFolder = (paths: Paths, city: Organisation) =>
  join(paths.nodeOf(peerNode(city)), 'connections');

/** Where the peer put what its builder copied, once the package is installed; it reads this whenever it connects. */
function copiesOf(paths: Paths, city: Organisation, { packageId }: ContractPlan): readonly string[] {
  const builds = join(paths.nodeOf(peerNode(city)), 'data', 'externalbuilder', 'builds');
  const build = join(builds, packageId.replace(':', '-'));
  return ['bld', 'release/chaincode/server'].map((folder) => join(build, folder, 'connection.json')).filter(existsSync);
}

/** What the peer's builder will copy when the package is installed; and the copy, since an earlier contract may come back on another port. */
export function writeConnection(plan: NetworkPlan, paths: Paths, city: Organisation, contract: ContractPlan): void {
  const { peer, contract: own } = cityCryptoOf(paths, city);
  const read = (file: string) => readFileSync(file, 'utf8');
  const connection = {
    address: `127.0.0.1:${contractPortOf(plan, city, contract)}`,
    dial_timeout: '10s',
    tls_required: true,
    client_auth_required: true,
    root_cert: read(own.tls.ca),
    client_cert: read(peer.tls.certificate),
    client_key: read(peer.tls.key),
  };
  const wanted = join(connectionsFolder(paths, city), `${labelOf(contract.sm3)}.json`);
  for (const file of [wanted, ...copiesOf(paths, city, contract)]) writeJson(file, connection);
}

/** `contract.shenzhen`, and after upgrades `contract.shenzhen.2`: while one is under way, both run. */
export function contractNode({ slug }: Organisation, { sequence }: ContractPlan): string {
  return sequence === 1 ? `contract.${slug}` : `contract.${slug}.${sequence}`;
}

export function toContractProcess(
  { root, node }: Repository,
  plan: NetworkPlan,
  paths: Paths,
  city: Organisation,
  contract: ContractPlan,
): ProcessPlan {
  const folder = paths.contractOf(contract.sm3);
  const { tls } = cityCryptoOf(paths, city).contract;
  return {
    name: contractNode(city, contract),
    program: node,
    args: [
      join(folder, 'server.cjs'),
      '--chaincode-address',
      `127.0.0.1:${contractPortOf(plan, city, contract)}`,
      '--chaincode-id',
      contract.packageId,
      '--chaincode-tls-cert-file',
      tls.certificate,
      '--chaincode-tls-key-file',
      tls.key,
      '--chaincode-tls-client-cacert-file',
      tls.ca,
    ],
    env: { NODE_PATH: join(root, 'node_modules'), CORE_CHAINCODE_LOGGING_LEVEL: 'WARNING' },
    cwd: folder,
  };
}
