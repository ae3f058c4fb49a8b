/** The channel: what its genesis block says, and the block's hash, by which everyone knows it. */
import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject, type Json, YinxinError } from '@yinxin/core';
import { makeFolder, readJson, writeJson } from './files.ts';
import { cityCryptoOf, ordererCryptoOf, type Paths } from './paths.ts';
import { foundersOf, type NetworkPlan, type Organisation, orderersOf, portOf } from './plan.ts';
import { type Programs, runProgram } from './programs.ts';

const loopback = '127.0.0.1';
const signature = (Rule: string) => ({ Type: 'Signature', Rule });
const implicit = (Rule: string) => ({ Type: 'ImplicitMeta', Rule });
const anyOf = (msp: string, roles: readonly string[]) => `OR(${roles.map((role) => `'${msp}.${role}'`).join(', ')})`;

/** Of a city: peers endorse, administrators and gateways write. */
function cityPolicies(msp: string) {
  return {
    Readers: signature(anyOf(msp, ['admin', 'peer', 'client'])),
    Writers: signature(anyOf(msp, ['admin', 'client'])),
    Admins: signature(anyOf(msp, ['admin'])),
    Endorsement: signature(anyOf(msp, ['peer'])),
  };
}

export function toCityOrganisation(plan: NetworkPlan, paths: Paths, city: Organisation) {
  return {
    Name: city.name,
    ID: city.msp,
    MSPDir: cityCryptoOf(paths, city).msp,
    Policies: cityPolicies(city.msp),
    // here and not in an update later: peers find each other from the first block on
    AnchorPeers: [{ Host: loopback, Port: portOf(plan, city, 'peer') }],
  };
}

function toOrderingOrganisation(plan: NetworkPlan, paths: Paths, orderer: Organisation) {
  const { name, msp } = orderer;
  return {
    Name: name,
    ID: msp,
    MSPDir: ordererCryptoOf(paths, orderer).msp,
    Policies: {
      Readers: signature(anyOf(msp, ['admin', 'orderer', 'client'])),
      Writers: signature(anyOf(msp, ['admin', 'orderer', 'client'])),
      Admins: signature(anyOf(msp, ['admin'])),
    },
    OrdererEndpoints: [`${loopback}:${portOf(plan, orderer, 'orderer')}`],
  };
}

/** Any two different cities' peers. In the channel and not in the contract's definition: a city joins, and nobody approves the contract again. */
export function endorsementRule(msps: readonly string[]): string {
  return `OutOf(2, ${msps.map((msp) => `'${msp}.peer'`).join(', ')})`;
}

const defaultPolicies = {
  Readers: implicit('ANY Readers'),
  Writers: implicit('ANY Writers'),
  Admins: implicit('MAJORITY Admins'),
};

function toConsenter(plan: NetworkPlan, paths: Paths, orderer: Organisation, index: number) {
  const { certificate, tls } = ordererCryptoOf(paths, orderer).node;
  const address = { Host: loopback, Port: portOf(plan, orderer, 'orderer') };
  const tlsCertificates = { ClientTLSCert: tls.certificate, ServerTLSCert: tls.certificate };
  return { ID: index + 1, ...address, MSPID: orderer.msp, Identity: certificate, ...tlsCertificates };
}

/** The latency of everything; the sample's 2 s would be felt at every counter. */
const batchTimeout = '200ms';

const smartBft = {
  RequestBatchMaxInterval: batchTimeout,
  // sample: 5 s, 20 s, 5 s, 60 s; with these a leader that died is replaced in 3 s instead of 25
  RequestForwardTimeout: '1s',
  RequestComplainTimeout: '2s',
  ViewChangeResendInterval: '1s',
  LeaderHeartbeatTimeout: '3s',
  RequestAutoRemoveTimeout: '3m',
  // sample: 20 s; a change of leader that fails (the others had not decided the same yet) is begun again after that, each time a little later
  ViewChangeTimeout: '5s',
  CollectTimeout: '1s',
  IncomingMessageBufferSize: 200,
  RequestPoolSize: 100_000,
  LeaderHeartbeatCount: 10,
};

/** Sample: 500 ms; a single orderer elects itself, and needs no time for it. */
const raftOptions = {
  TickInterval: '100ms',
  ElectionTick: 10,
  HeartbeatTick: 1,
  MaxInflightBlocks: 5,
  SnapshotIntervalSize: '16 MB',
};

function toConsensus(plan: NetworkPlan, paths: Paths) {
  const consenters = orderersOf(plan).map((orderer, index) => toConsenter(plan, paths, orderer, index));
  if (plan.ordering === 'bft') return { OrdererType: 'BFT', SmartBFT: smartBft, ConsenterMapping: consenters };
  const Consenters = consenters.map(({ Host, Port, ClientTLSCert, ServerTLSCert }) => {
    return { Host, Port, ClientTLSCert, ServerTLSCert };
  });
  return { OrdererType: 'etcdraft', EtcdRaft: { Consenters, Options: raftOptions } };
}

/** As `configtxgen` reads it. */
export function toChannelConfiguration(plan: NetworkPlan, paths: Paths) {
  const cities = foundersOf(plan);
  return {
    Profiles: {
      Channel: {
        Policies: defaultPolicies,
        Capabilities: { V3_0: true },
        Orderer: {
          ...toConsensus(plan, paths),
          BatchTimeout: batchTimeout,
          BatchSize: { MaxMessageCount: 500, AbsoluteMaxBytes: '10 MB', PreferredMaxBytes: '2 MB' },
          Organizations: orderersOf(plan).map((orderer) => toOrderingOrganisation(plan, paths, orderer)),
          Policies: { ...defaultPolicies, BlockValidation: implicit('ANY Writers') },
          Capabilities: { V2_0: true },
        },
        Application: {
          Organizations: cities.map((city) => toCityOrganisation(plan, paths, city)),
          Policies: {
            ...defaultPolicies,
            LifecycleEndorsement: implicit('MAJORITY Endorsement'),
            Endorsement: signature(endorsementRule(cities.map(({ msp }) => msp))),
          },
          Capabilities: { V2_5: true },
        },
      },
    },
  };
}

/** Writes the genesis block when it is not there. */
export async function makeGenesis({ configtxgen }: Programs, plan: NetworkPlan, paths: Paths): Promise<void> {
  if (existsSync(paths.genesis)) return;
  const folder = dirname(paths.genesis);
  makeFolder(folder);
  writeJson(join(folder, 'configtx.yaml'), toChannelConfiguration(plan, paths));
  const draft = `${paths.genesis}.draft`;
  const args = ['-configPath', folder, '-profile', 'Channel', '-channelID', plan.channel, '-outputBlock', draft];
  await runProgram('genesis', configtxgen, args, {});
  renameSync(draft, paths.genesis);
}

/** SHA-256 of block 0's header in DER, hex: SEQUENCE { INTEGER 0, OCTET STRING (none before it), OCTET STRING data hash }. */
export async function hashGenesis({ configtxlator }: Programs, paths: Paths): Promise<string> {
  const json = join(paths.scratch, 'genesis.json');
  makeFolder(paths.scratch);
  const args = ['proto_decode', '--type', 'common.Block', '--input', paths.genesis, '--output', json];
  await runProgram('genesis', configtxlator, args, {});
  const dataHash = readDataHash(readJson(json));
  if (dataHash.length !== 32) throw new YinxinError('NETWORK_FAILED', { step: 'genesis', why: 'no data hash' });
  const header = Buffer.concat([Buffer.from('3027020100040004' + '20', 'hex'), dataHash]);
  return createHash('sha256').update(header).digest('hex');
}

function readDataHash(block: Json | undefined): Buffer {
  const header = isJsonObject(block) ? block['header'] : undefined;
  const text = isJsonObject(header) ? header['data_hash'] : undefined;
  return Buffer.from(typeof text === 'string' ? text : '', 'base64');
}
