/** What the doctor looks at: a network of this machine, by its folder, or somebody else's, by a connection profile. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Json, YinxinError } from '@yinxin/core';
import { type ConnectionProfile, type ProfileNode, parseConnectionProfile } from '@yinxin/core/connection-profile';
import type { Context } from '../context.ts';
import { contractNode } from '../contract.ts';
import { namingFile, writeJson } from '../files.ts';
import { type NodePlan, nodesOf } from '../nodes.ts';
import { ordererNode } from '../orderer-config.ts';
import { cityCryptoOf, ordererCryptoOf, type Paths, type TlsFiles } from '../paths.ts';
import { peerNode, toClientConfiguration } from '../peer-config.ts';
import {
  type ContractPlan,
  citiesOf,
  contractPortOf,
  contractsOf,
  type NetworkPlan,
  type Organisation,
  orderersOf,
  portOf,
} from '../plan.ts';
import type { Endpoint } from './handshake.ts';

export interface NodeView {
  /** `peer.chengdu`, `orderer.province`, `contract.shenzhen`. */
  readonly name: string;
  readonly msp: string;
  /** Where TLS must be spoken: the service first. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
}

interface Signer {
  readonly msp: string;
  readonly mspFolder: string;
}

export interface PeerView extends NodeView {
  /** As whom it is asked. */
  readonly signer: Signer;
  /** Folder of the `core.yaml` with which Fabric's `peer` does so. */
  readonly configuration: string;
}

export interface OrdererView extends NodeView {
  /** Where its administrator asks. */
  readonly admin: Endpoint;
}

export interface ContractView extends NodeView {
  readonly contract: ContractPlan;
}

/** What only the network's own machine can show. */
export interface LocalView {
  readonly plan: NetworkPlan;
  readonly paths: Paths;
  /** With the processes that should run. */
  readonly nodes: readonly NodePlan[];
  readonly cities: readonly Organisation[];
  readonly orderers: readonly Organisation[];
  readonly ordererViews: readonly OrdererView[];
  readonly contracts: readonly ContractView[];
}

export interface RemoteView {
  readonly file: string;
  readonly profile: ConnectionProfile;
  /** A path of the profile, made absolute. */
  readonly at: (path: string) => string;
}

interface CommonView {
  readonly channel: string;
  readonly chaincode: string;
  /** Hash of block 0's header; null when the network is not made yet. */
  readonly genesis: string | null;
  readonly peers: readonly PeerView[];
  readonly orderers: readonly NodeView[];
}

export type View = CommonView &
  (
    | { readonly local: LocalView; readonly remote: undefined }
    | { readonly local: undefined; readonly remote: RemoteView }
  );

const loopback = '127.0.0.1';

function toEndpoint(port: number, tlsCa: string, client: TlsFiles): Endpoint {
  return { host: loopback, port, serverName: null, tlsCa, client };
}

/** Not with the folder's own `operators`: those may be what is wrong. */
function writeClient(folder: string, { host, port, serverName, tlsCa, client }: Endpoint, signer: Signer): string {
  const address = `${host}:${port}`;
  const configuration = toClientConfiguration({ address, serverName, ...signer, tls: { ...client, ca: tlsCa } });
  writeJson(join(folder, 'core.yaml'), configuration);
  return folder;
}

function toPeer(plan: NetworkPlan, paths: Paths, city: Organisation, scratch: string): PeerView {
  const { tlsCa, admin } = cityCryptoOf(paths, city);
  const name = peerNode(city);
  const at = (use: 'peer' | 'peerOperations') => toEndpoint(portOf(plan, city, use), tlsCa, admin.tls);
  const signer = { msp: city.msp, mspFolder: admin.msp };
  const configuration = writeClient(join(scratch, name), at('peer'), signer);
  return { name, msp: city.msp, endpoints: [at('peer'), at('peerOperations')], signer, configuration };
}

function toOrderer(plan: NetworkPlan, paths: Paths, orderer: Organisation): OrdererView {
  const { tlsCa, admin: user } = ordererCryptoOf(paths, orderer);
  const at = (use: 'orderer' | 'ordererAdmin' | 'ordererOperations') =>
    toEndpoint(portOf(plan, orderer, use), tlsCa, user.tls);
  const endpoints = [at('orderer'), at('ordererAdmin'), at('ordererOperations')] as const;
  return { name: ordererNode(orderer), msp: orderer.msp, endpoints, admin: at('ordererAdmin') };
}

function toContracts(plan: NetworkPlan, paths: Paths, city: Organisation): readonly ContractView[] {
  const { tlsCa, admin } = cityCryptoOf(paths, city);
  return contractsOf(plan).map((contract) => {
    const endpoint = toEndpoint(contractPortOf(plan, city, contract), tlsCa, admin.tls);
    return { name: contractNode(city, contract), msp: city.msp, endpoints: [endpoint], contract };
  });
}

/** `scratch`: a folder for the configuration of Fabric's `peer`. */
export function viewFolder(network: Context, plan: NetworkPlan, scratch: string): View {
  const { paths } = network;
  const { channel, chaincode, genesis } = plan;
  const [cities, orderers] = [citiesOf(plan), orderersOf(plan)];
  const ordererViews = orderers.map((orderer) => toOrderer(plan, paths, orderer));
  const contracts = cities.flatMap((city) => toContracts(plan, paths, city));
  return {
    channel,
    chaincode,
    genesis,
    peers: cities.map((city) => toPeer(plan, paths, city, scratch)),
    orderers: ordererViews,
    local: { plan, paths, nodes: nodesOf(network, plan), cities, orderers, ordererViews, contracts },
    remote: undefined,
  };
}

/** @throws YinxinError FILE_UNREADABLE, SETTING_INVALID */
function readProfile(file: string): ConnectionProfile {
  let json: Json;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new YinxinError('FILE_UNREADABLE', { file });
  }
  return namingFile(file, () => parseConnectionProfile(json));
}

/** `scratch`: as above. @throws YinxinError FILE_UNREADABLE, SETTING_INVALID */
export function viewProfile(file: string, scratch: string): View {
  const profile = readProfile(file);
  const { channel, chaincode, genesis, msp } = profile;
  const at = (path: string) => resolve(dirname(file), path);
  const client = { certificate: at(profile.tls.certificate), key: at(profile.tls.key) };
  const toNode = ({ name, msp: owner, address, tlsCa, serverName }: ProfileNode): NodeView => {
    const [host = '', port] = address.split(':');
    return { name, msp: owner, endpoints: [{ host, port: Number(port), serverName, tlsCa: at(tlsCa), client }] };
  };
  const own = profile.identities.filter((identity) => identity.msp === msp);
  const identity = own.find(({ role }) => role === 'admin') ?? own[0];
  const signer = { msp, mspFolder: at(identity?.mspFolder ?? '') };
  const peers = profile.peers.map(toNode).map((node): PeerView => {
    const configuration = writeClient(join(scratch, node.name), node.endpoints[0], signer);
    return { ...node, signer, configuration };
  });
  const orderers = profile.orderers.map(toNode);
  return { channel, chaincode, genesis, peers, orderers, local: undefined, remote: { file, profile, at } };
}
