/** A peer's `core.yaml`: what it must say, and where it departs from Fabric's sample, with the reason. JSON is YAML. */
import { cityCryptoOf, type Paths, type TlsFiles } from './paths.ts';
import { type NetworkPlan, type Organisation, portOf } from './plan.ts';

const loopback = '127.0.0.1';
/** Peers refuse to find builds again when it changes. */
export const builderName = 'yinxin';
/** Where a peer's builder finds the connection to each contract; the builder's script reads it. */
export const connectionsVariable = 'YINXIN_CONNECTIONS';

export const peerNode = (city: Organisation) => `peer.${city.slug}`;
export const peerAddress = (plan: NetworkPlan, city: Organisation) => `${loopback}:${portOf(plan, city, 'peer')}`;

/** Keys on disk, SHA-256: Fabric's own crypto knows no SM2; ours lies in what the contract checks. */
const BCCSP = { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } };

/** Mutual: a peer takes calls of those alone whose TLS authority the channel knows (before it has joined: its own city's). */
function toTls({ certificate, key, ca }: TlsFiles) {
  return {
    enabled: true,
    clientAuthRequired: true,
    cert: { file: certificate },
    key: { file: key },
    rootcert: { file: ca },
    clientRootCAs: { files: [ca] },
    clientCert: { file: certificate },
    clientKey: { file: key },
  };
}

const gossip = {
  // one peer a city: it fetches blocks from the orderers itself
  useLeaderElection: false,
  orgLeader: true,
  state: { enabled: false },
  // sample: 25 s, 3 s and 2 s; a peer dials the others before it has learned whom to trust, and until all know each other, endorsement does not fail over
  reconnectInterval: '1s',
  dialTimeout: '1s',
  connTimeout: '1s',
  // sample: 4 s; how soon others know which contract a peer runs, and at which height
  publishStateInfoInterval: '1s',
  requestStateInfoInterval: '1s',
  // sample: 5 s; how soon the figure of known peers is right
  membershipTrackerInterval: '1s',
  pvtData: {
    // sample: 60 s; approvals are private data of a city, and its peer that joins from nothing has nobody else to ask for them
    pullRetryThreshold: '1s',
    transientstoreMaxBlockRetention: 20_000,
    pushAckTimeout: '3s',
  },
};

const handlers = {
  authFilters: [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }, { name: 'TimeWindowCheck' }],
  decorators: [{ name: 'DefaultDecorator' }],
  endorsers: { escc: { name: 'DefaultEndorsement' } },
  validators: { vscc: { name: 'DefaultValidation' } },
};

export function toPeerConfiguration(plan: NetworkPlan, paths: Paths, city: Organisation) {
  const crypto = cityCryptoOf(paths, city);
  const address = peerAddress(plan, city);
  const { certificate, key, ca } = crypto.peer.tls;
  const at = (use: 'peerContract' | 'peerOperations') => `${loopback}:${portOf(plan, city, use)}`;
  return {
    peer: {
      id: peerNode(city),
      networkId: 'yinxin',
      listenAddress: address,
      address,
      // the sample's default is the same port for every peer of a machine
      chaincodeListenAddress: at('peerContract'),
      fileSystemPath: `${paths.nodeOf(peerNode(city))}/data`,
      localMspId: city.msp,
      mspConfigPath: crypto.peer.msp,
      BCCSP,
      tls: toTls(crypto.peer.tls),
      // sample: 60 s; gateways of Fabric 3.1.5 ping idle connections to peers and orderers every 10 s and are cut off for it
      keepalive: { minInterval: '5s' },
      gateway: {
        enabled: true,
        // sample: 30 s, for one endorser; less than clients wait, so that another city's peer takes the place of one that hangs
        endorsementTimeout: '5s',
        broadcastTimeout: '30s',
        dialTimeout: '2m',
      },
      // externalEndpoint: what other organisations may know of it; without it nobody finds it
      gossip: { ...gossip, bootstrap: address, externalEndpoint: address },
      authentication: { timewindow: '15m' },
      // sample: the pause between attempts to reach an orderer may grow to an hour
      deliveryclient: {
        connTimeout: '3s',
        reConnectBackoffThreshold: '5s',
        reconnectTotalTimeThreshold: '3600s',
        // sample: 30 s; how long a peer gets no blocks when the orderer that gives them hangs, while the others go on
        blockCensorshipTimeoutKey: '3s',
      },
      handlers,
      discovery: { enabled: true, authCacheEnabled: true, authCacheMaxSize: 1000, authCachePurgeRetentionRatio: 0.75 },
      limits: { concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 500 } },
    },
    // no Docker: with an endpoint that nobody answers, the peer never becomes healthy
    vm: { endpoint: '' },
    chaincode: {
      externalBuilders: [{ name: builderName, path: paths.builder, propagateEnvironment: [connectionsVariable] }],
      // sample: 5 minutes each, for images that are built; ours are three scripts and a process that runs already
      installTimeout: '60s',
      startuptimeout: '60s',
      executetimeout: '30s',
      mode: 'net',
      // never: fabric-shim up to 2.5.8 ends the process on a KEEPALIVE
      keepalive: 0,
      system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
      logging: { level: 'warning', shim: 'warning' },
    },
    ledger: {
      // the contract asks by key and by range; CouchDB is half as fast
      state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
      history: { enableHistoryDatabase: true },
    },
    operations: {
      listenAddress: at('peerOperations'),
      tls: {
        enabled: true,
        cert: { file: certificate },
        key: { file: key },
        clientAuthRequired: true,
        clientRootCAs: { files: [ca] },
      },
    },
    // sample: disabled; what an operator watches
    metrics: { provider: 'prometheus' },
  };
}

export interface ClientOptions {
  readonly address: string;
  readonly serverName: string | null;
  readonly msp: string;
  readonly mspFolder: string;
  readonly tls: TlsFiles;
}

/** With which an administrator calls Fabric's `peer`. */
export function toClientConfiguration({ address, serverName, msp, mspFolder, tls }: ClientOptions) {
  const override = serverName === null ? {} : { serverhostoverride: serverName };
  return {
    peer: {
      address,
      localMspId: msp,
      mspConfigPath: mspFolder,
      BCCSP,
      tls: { ...toTls(tls), ...override },
      client: { connTimeout: '3s' },
    },
  };
}

/** Of a city's administrator: `FABRIC_CFG_PATH=…/operators/shenzhen peer channel list`. */
export function toOperatorConfiguration(plan: NetworkPlan, paths: Paths, city: Organisation) {
  const { msp: mspFolder, tls } = cityCryptoOf(paths, city).admin;
  return toClientConfiguration({ address: peerAddress(plan, city), serverName: null, msp: city.msp, mspFolder, tls });
}
