/** The connection profile: what the gateway of one organisation must know of a Fabric network, whoever runs that. Written by `network/`, or by hand. */
import { YinxinError } from './errors.ts';
import { memberReader } from './members.ts';
import type { Json } from './model.ts';

export interface ProfileNode {
  /** For messages: `peer.chengdu`. */
  readonly name: string;
  readonly msp: string;
  /** `host:port`. */
  readonly address: string;
  /** PEM file of the certificate authority that signed its TLS certificate. */
  readonly tlsCa: string;
  /** The name in its TLS certificate, where that is not the host. */
  readonly serverName: string | null;
}

export interface ProfileIdentity {
  readonly msp: string;
  readonly role: 'admin' | 'client';
  /** A folder as Fabric's own programs take it: one certificate in `signcerts`, its private key in `keystore`. */
  readonly mspFolder: string;
}

/** All paths are relative to the profile's own folder, or absolute. */
export interface ConnectionProfile {
  readonly format: 'yinxin-fabric/1';
  readonly channel: string;
  readonly chaincode: string;
  /** Hash of block 0's header, 64 hex digits: no other channel is this one. */
  readonly genesis: string;
  /** The organisation whose gateway uses this profile. */
  readonly msp: string;
  /** In the order in which they are tried: the organisation's own first; at least one of another organisation. */
  readonly peers: readonly ProfileNode[];
  /** Needed by administrators' commands only. */
  readonly orderers: readonly ProfileNode[];
  /** The client's side of mutual TLS: PEM files. */
  readonly tls: { readonly certificate: string; readonly key: string };
  /** As whom the gateway may sign; a demonstration's may hold those of several organisations. */
  readonly identities: readonly ProfileIdentity[];
}

const invalid = (member: string) => new YinxinError('SETTING_INVALID', { setting: 'profile', member });

function parseNode(json: Json): ProfileNode {
  const read = memberReader(json, 'profile.node', 'SETTING_INVALID', ['name', 'msp', 'address', 'tlsCa', 'serverName']);
  return {
    name: read.text('name'),
    msp: read.text('msp'),
    address: read.matching('address', /^[^\s:/]+:\d{1,5}$/),
    tlsCa: read.text('tlsCa'),
    serverName: read.value('serverName') === null ? null : read.text('serverName'),
  };
}

function parseIdentity(json: Json): ProfileIdentity {
  const read = memberReader(json, 'profile.identity', 'SETTING_INVALID', ['msp', 'role', 'mspFolder']);
  const role = read.matching('role', /^(admin|client)$/) === 'admin' ? 'admin' : 'client';
  return { msp: read.text('msp'), role, mspFolder: read.text('mspFolder') };
}

function parseTls(json: Json): ConnectionProfile['tls'] {
  const read = memberReader(json, 'profile.tls', 'SETTING_INVALID', ['certificate', 'key']);
  return { certificate: read.text('certificate'), key: read.text('key') };
}

const members = ['format', 'channel', 'chaincode', 'genesis', 'msp', 'peers', 'orderers', 'tls', 'identities'] as const;

/** @throws YinxinError SETTING_INVALID with `{setting: 'profile', member}`: also without two peers of two organisations, or an identity of its own organisation */
export function parseConnectionProfile(json: Json): ConnectionProfile {
  const read = memberReader(json, 'profile', 'SETTING_INVALID', members);
  if (read.text('format') !== 'yinxin-fabric/1') throw invalid('format');
  const msp = read.text('msp');
  const peers = read.array('peers').map(parseNode);
  const identities = read.array('identities').map(parseIdentity);
  if (peers[0]?.msp !== msp || peers.every((peer) => peer.msp === msp)) throw invalid('peers');
  if (!identities.some((identity) => identity.msp === msp)) throw invalid('identities');
  return {
    format: 'yinxin-fabric/1',
    channel: read.text('channel'),
    chaincode: read.text('chaincode'),
    genesis: read.matching('genesis', /^[0-9a-f]{64}$/),
    msp,
    peers,
    orderers: read.array('orderers').map(parseNode),
    tls: parseTls(read.value('tls')),
    identities,
  };
}
