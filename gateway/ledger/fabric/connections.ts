/**
 * A connection to each peer of the profile: gRPC over mutual TLS, and on it Fabric's gateway client for whoever acts. All that follows, asks
 * and submits goes through these; which peer is tried first, and when one's own is tried again, is decided in `peers.ts`.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js';
import { connect, type Gateway, hash, type Network } from '@hyperledger/fabric-gateway';
import { YinxinError } from '@yinxin/core';
import type { ConnectionProfile, ProfileNode } from '@yinxin/core/connection-profile';
import { isMissing } from './faults.ts';
import type { FabricIdentity } from './identities.ts';
import { Limiter } from './limiter.ts';
import type { Patience } from './patience.ts';

/** As peers themselves allow; a block may hold 10 MiB and more. */
const maxMessageBytes = 100 * 1_048_576;

/** Of the 500 that a peer allows to all its clients together. */
const maxCalls = 200;

const channelOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  // A peer that is started again is found again within about a second.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.min_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // Peers refuse more than one a minute.
  'grpc.keepalive_time_ms': 90_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** What `blocks/deliver.ts` makes requests of its own with: the gateway client has none for a range of blocks, or for headers alone. */
export interface Wire {
  readonly client: Client;
  readonly channel: string;
  readonly reader: FabricIdentity;
  /** SHA-256 of the client's TLS certificate, to which peers bind requests for blocks. */
  readonly tlsHash: Uint8Array;
}

export interface PeerConnection {
  /** For messages: `peer.chengdu`. */
  readonly name: string;
  readonly msp: string;
  /** Fabric's gateway client as `identity` (the reader's when none is named). Calls carry a deadline each; streams do not. */
  gateway(identity?: FabricIdentity): Gateway;
  /** The profile's channel on it. */
  network(identity?: FabricIdentity): Network;
  /**
   * Asks the system contract `qscc` of this peer's organisation alone: GetChainInfo, GetBlockByNumber, GetBlockByTxID, GetTransactionByID. The
   * channel is added as first argument. Undefined when it answers that it has no such block or transaction.
   * @throws YinxinError LEDGER_UNREACHABLE `{peer}`
   */
  query(name: string, ...args: string[]): Promise<Uint8Array | undefined>;
  /** Runs a call as one of a bounded number at a time. */
  limited<T>(call: () => Promise<T>): Promise<T>;
  readonly wire: Wire;
}

export interface Connections {
  /** Of the profile's own organisation, in the profile's order. */
  readonly own: readonly PeerConnection[];
  /** Of other organisations. */
  readonly others: readonly PeerConnection[];
  /** Ends every stream and call. */
  close(): void;
}

interface Tls {
  readonly ca: Buffer;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

const deadline = (milliseconds: number) => () => ({ deadline: Date.now() + milliseconds }); // gRPC's own clock, not the ledger's

const hostOf = ({ address }: ProfileNode) => address.slice(0, address.lastIndexOf(':'));

/** Checks the name in the peer's certificate itself, since what is sent as server name may not be an address (RFC 6066 §3). */
function secure(node: ProfileNode, { ca, certificate, key }: Tls): ChannelCredentials {
  const expected = node.serverName ?? hostOf(node);
  return credentials.createSsl(ca, key, certificate, {
    checkServerIdentity: (_sent, presented) => checkServerIdentity(expected, presented),
  });
}

function nameOf(node: ProfileNode) {
  const expected = node.serverName ?? hostOf(node);
  return { 'grpc.ssl_target_name_override': isIP(expected) === 0 ? expected : 'localhost' };
}

class Connection implements PeerConnection {
  readonly name: string;
  readonly msp: string;
  readonly #channel: string;
  readonly #reader: FabricIdentity;
  readonly #patience: Patience;
  readonly #client: Client;
  readonly #tlsHash: Uint8Array;
  readonly #gateways = new Map<FabricIdentity, Gateway>();
  readonly #limiter = new Limiter(maxCalls);

  constructor(node: ProfileNode, tls: Tls, { profile, reader, patience }: ConnectionOptions) {
    this.name = node.name;
    this.msp = node.msp;
    this.#channel = profile.channel;
    this.#reader = reader;
    this.#patience = patience;
    this.#client = new Client(node.address, secure(node, tls), { ...channelOptions, ...nameOf(node) });
    this.#tlsHash = createHash('sha256').update(new X509Certificate(tls.certificate).raw).digest();
  }

  gateway(identity: FabricIdentity = this.#reader): Gateway {
    const known = this.#gateways.get(identity);
    if (known) return known;
    const gateway = connect({
      client: this.#client,
      identity: { mspId: identity.msp, credentials: identity.certificate },
      signer: identity.sign,
      hash: hash.none,
      tlsClientCertificateHash: this.#tlsHash,
      evaluateOptions: deadline(this.#patience.evaluateCall),
      endorseOptions: deadline(this.#patience.endorseCall),
      submitOptions: deadline(this.#patience.submitCall),
      commitStatusOptions: deadline(this.#patience.commitCall),
    });
    this.#gateways.set(identity, gateway);
    return gateway;
  }

  network(identity?: FabricIdentity): Network {
    return this.gateway(identity).getNetwork(this.#channel);
  }

  async query(name: string, ...args: string[]): Promise<Uint8Array | undefined> {
    const options = { arguments: [this.#channel, ...args], endorsingOrganizations: [this.msp] };
    const proposal = this.network().getContract('qscc').newProposal(name, options);
    try {
      return await this.limited(() => proposal.evaluate(deadline(this.#patience.queryCall)()));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new YinxinError('LEDGER_UNREACHABLE', { peer: this.name });
    }
  }

  limited<T>(call: () => Promise<T>): Promise<T> {
    return this.#limiter.run(call);
  }

  get wire(): Wire {
    return { client: this.#client, channel: this.#channel, reader: this.#reader, tlsHash: this.#tlsHash };
  }

  close(): void {
    this.#client.close();
  }
}

async function readPem(base: string, file: string, member: string): Promise<Buffer> {
  try {
    return await readFile(resolve(base, file));
  } catch {
    throw new YinxinError('SETTING_INVALID', { setting: 'profile', member });
  }
}

export interface ConnectionOptions {
  readonly profile: ConnectionProfile;
  /** The profile's own folder. */
  readonly profileFolder: string;
  /** As whom queries and streams are made. */
  readonly reader: FabricIdentity;
  readonly patience: Patience;
}

/** Reads the TLS files; dials nothing yet. @throws YinxinError SETTING_INVALID `{setting: 'profile', member}` when a file is missing */
export async function openConnections(options: ConnectionOptions): Promise<Connections> {
  const { profile, profileFolder } = options;
  const certificate = await readPem(profileFolder, profile.tls.certificate, 'tls.certificate');
  const key = await readPem(profileFolder, profile.tls.key, 'tls.key');
  const all: Connection[] = [];
  for (const node of profile.peers) {
    const ca = await readPem(profileFolder, node.tlsCa, 'peers.tlsCa');
    all.push(new Connection(node, { ca, certificate, key }, options));
  }
  return {
    own: all.filter(({ msp }) => msp === profile.msp),
    others: all.filter(({ msp }) => msp !== profile.msp),
    close: () => {
      for (const connection of all) connection.close();
    },
  };
}
