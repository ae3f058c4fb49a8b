/** Where everything lies in a network folder. */
import { join } from 'node:path';
import type { Organisation } from './plan.ts';

export interface Paths {
  readonly home: string;
  readonly plan: string;
  readonly lock: string;
  /** Process records, one file each. */
  readonly processes: string;
  readonly logs: string;
  readonly profiles: string;
  readonly crypto: string;
  readonly genesis: string;
  readonly packageOf: (sm3: string) => string;
  /** The built contract. */
  readonly contractOf: (sm3: string) => string;
  /** The external builder that every peer uses. */
  readonly builder: string;
  /** Configuration and data of a node: `peer.shenzhen`, `orderer.province`. */
  readonly nodeOf: (node: string) => string;
  /** Configuration with which the administrator of a city calls Fabric's `peer`. */
  readonly operatorOf: (city: Organisation) => string;
  readonly scratch: string;
}

export function pathsOf(home: string): Paths {
  const at = (...parts: readonly string[]) => join(home, ...parts);
  return {
    home,
    plan: at('network.json'),
    lock: at('lock'),
    processes: at('processes'),
    logs: at('logs'),
    profiles: at('profiles'),
    crypto: at('crypto'),
    genesis: at('channel', 'genesis.block'),
    packageOf: (sm3) => at('contracts', `${sm3}.tar.gz`),
    contractOf: (sm3) => at('contracts', sm3),
    builder: at('builder'),
    nodeOf: (node) => at('nodes', node),
    operatorOf: (city) => at('operators', city.slug),
    scratch: at('scratch'),
  };
}

/** PEM files of one end of a TLS connection. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** Folders and files as `cryptogen` lays them out. */
export interface CityCrypto {
  readonly folder: string;
  /** What the channel's configuration holds of it. */
  readonly msp: string;
  readonly tlsCa: string;
  readonly peer: { readonly msp: string; readonly tls: TlsFiles };
  readonly contract: { readonly folder: string; readonly tls: TlsFiles };
  readonly admin: { readonly msp: string; readonly tls: TlsFiles };
  readonly client: { readonly msp: string; readonly tls: TlsFiles };
}

export function cityCryptoOf({ crypto }: Paths, { domain }: Organisation): CityCrypto {
  const folder = join(crypto, 'peerOrganizations', domain);
  const node = (name: string) => join(folder, 'peers', `${name}.${domain}`);
  const user = (name: string) => join(folder, 'users', `${name}@${domain}`);
  const userFiles = (name: string) => ({ msp: join(user(name), 'msp'), tls: tlsFiles(user(name), 'client') });
  return {
    folder,
    msp: join(folder, 'msp'),
    tlsCa: join(folder, 'tlsca', `tlsca.${domain}-cert.pem`),
    peer: { msp: join(node('peer'), 'msp'), tls: tlsFiles(node('peer'), 'server') },
    contract: { folder: node('contract'), tls: tlsFiles(node('contract'), 'server') },
    admin: userFiles('Admin'),
    client: userFiles('User1'),
  };
}

export interface OrdererCrypto {
  readonly folder: string;
  readonly msp: string;
  readonly tlsCa: string;
  readonly node: { readonly msp: string; readonly certificate: string; readonly tls: TlsFiles };
  readonly admin: { readonly msp: string; readonly tls: TlsFiles };
}

export function ordererCryptoOf({ crypto }: Paths, { domain }: Organisation): OrdererCrypto {
  const folder = join(crypto, 'ordererOrganizations', domain);
  const node = join(folder, 'orderers', `orderer.${domain}`);
  const admin = join(folder, 'users', `Admin@${domain}`);
  return {
    folder,
    msp: join(folder, 'msp'),
    tlsCa: join(folder, 'tlsca', `tlsca.${domain}-cert.pem`),
    node: {
      msp: join(node, 'msp'),
      certificate: join(node, 'msp', 'signcerts', `orderer.${domain}-cert.pem`),
      tls: tlsFiles(node, 'server'),
    },
    admin: { msp: join(admin, 'msp'), tls: tlsFiles(admin, 'client') },
  };
}

function tlsFiles(folder: string, end: 'server' | 'client'): TlsFiles {
  const file = (name: string) => join(folder, 'tls', name);
  return { certificate: file(`${end}.crt`), key: file(`${end}.key`), ca: file('ca.crt') };
}
