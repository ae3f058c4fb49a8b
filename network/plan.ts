/** The plan of a network, kept in `network.json`: who takes part, on which ports, with which contract. Everything else follows from it. */
import { type Json, memberReader, YinxinError } from '@yinxin/core';

export type Ordering = 'bft' | 'raft';

export interface ContractPlan {
  /** SM3 of the built contract, 64 hex digits. */
  readonly sm3: string;
  /** As peers know the package: label, colon, SHA-256. */
  readonly packageId: string;
  /** Of the definition that the organisations approve: 1, 2, 3 … */
  readonly sequence: number;
}

export interface NetworkPlan {
  readonly format: 'yinxin-network/1';
  readonly channel: string;
  readonly chaincode: string;
  readonly ordering: Ordering;
  readonly basePort: number;
  /** Names, in the order in which they joined; the first three have an orderer each, unless `raft`. */
  readonly cities: readonly string[];
  /** How many of them are in the genesis block; later ones joined by `add-city`. */
  readonly founders: number;
  /** Hash of block 0's header, hex; null until it is made. */
  readonly genesis: string | null;
  /** What the organisations run; null until it is built. */
  readonly contract: ContractPlan | null;
  /** What an upgrade is bringing in; null when there is none under way. */
  readonly upgrade: ContractPlan | null;
  /** The city that `add-city` is bringing in; null when there is none under way. */
  readonly joining: string | null;
}

/** A member of the network: as a city it has a peer and a contract process; as an ordering organisation, an orderer. */
export interface Organisation {
  /** `Shenzhen`, `ShenzhenOrderer`, `ProvinceOrderer`. */
  readonly name: string;
  /** Lower case, for files and processes: `shenzhen`, also of its orderer; `province`. */
  readonly slug: string;
  readonly msp: string;
  readonly domain: string;
  /** Its place in the row of ports. */
  readonly slot: number;
}

const knownCities = ['Shenzhen', 'Chengdu', 'Chongqing', 'Sichuan', 'HongKong', 'Macao'] as const;
export const fewestCities = 3;
export const mostCities = 9;
const orderingCities = 3;
const portsPerSlot = 10;
const offsets = { peer: 1, peerContract: 2, peerOperations: 3, orderer: 4, ordererAdmin: 5, ordererOperations: 6 };
/** Two in turn: while an upgrade is under way, both contracts of a city run. */
const contractOffsets = [7, 8] as const;
export const portCount = (mostCities + 1) * portsPerSlot;

export interface PlanOptions {
  readonly cities: number;
  readonly ordering: Ordering;
  readonly basePort: number;
}

export function createPlan({ cities, ordering, basePort }: PlanOptions): NetworkPlan {
  return {
    format: 'yinxin-network/1',
    channel: 'certs',
    chaincode: 'yinxin',
    ordering,
    basePort,
    cities: Array.from({ length: cities }, (_, index) => knownCities[index] ?? `City${index + 1}`),
    founders: cities,
    genesis: null,
    contract: null,
    upgrade: null,
    joining: null,
  };
}

export function isCityName(text: string): boolean {
  return /^[A-Z][A-Za-z0-9]{1,31}$/.test(text) && text !== 'Province';
}

function toCity(name: string, index: number): Organisation {
  const slug = name.toLowerCase();
  return { name, slug, msp: `${name}MSP`, domain: `${slug}.yinxin.internal`, slot: index + 1 };
}

/** Those that have joined. */
export function citiesOf({ cities }: NetworkPlan): readonly Organisation[] {
  return cities.map(toCity);
}

/** Those that have joined, and the one that is joining: all whose processes run. */
export function allCitiesOf({ cities, joining }: NetworkPlan): readonly Organisation[] {
  return (joining === null ? cities : [...cities, joining]).map(toCity);
}

export function foundersOf(plan: NetworkPlan): readonly Organisation[] {
  return citiesOf(plan).slice(0, plan.founders);
}

function toOrderer({ name, slug, slot }: Pick<Organisation, 'name' | 'slug' | 'slot'>): Organisation {
  return { name: `${name}Orderer`, slug, msp: `${name}OrdererMSP`, domain: `${slug}-orderer.yinxin.internal`, slot };
}

export function orderersOf(plan: NetworkPlan): readonly Organisation[] {
  const province = toOrderer({ name: 'Province', slug: 'province', slot: 0 });
  return plan.ordering === 'raft' ? [province] : [...citiesOf(plan).slice(0, orderingCities).map(toOrderer), province];
}

export type PortUse = keyof typeof offsets;

export function portOf({ basePort }: NetworkPlan, { slot }: Organisation, use: PortUse): number {
  return basePort + slot * portsPerSlot + offsets[use];
}

/** All that its organisations may come to use. */
export function portsOf(plan: NetworkPlan): readonly number[] {
  const contracts = (city: Organisation) =>
    contractOffsets.map((offset) => plan.basePort + city.slot * portsPerSlot + offset);
  const of = (uses: readonly PortUse[]) => (organisation: Organisation) =>
    uses.map((use) => portOf(plan, organisation, use));
  return [
    ...orderersOf(plan).flatMap(of(['orderer', 'ordererAdmin', 'ordererOperations'])),
    ...allCitiesOf(plan).flatMap(of(['peer', 'peerContract', 'peerOperations'])),
    ...allCitiesOf(plan).flatMap(contracts),
  ];
}

/** Of the contract process: alternates with every sequence. */
export function contractPortOf({ basePort }: NetworkPlan, { slot }: Organisation, { sequence }: ContractPlan): number {
  return basePort + slot * portsPerSlot + contractOffsets[sequence % 2 === 1 ? 0 : 1];
}

/** What runs: the contract, and the one that an upgrade is bringing in. */
export function contractsOf({ contract, upgrade }: NetworkPlan): readonly ContractPlan[] {
  return [contract, upgrade].filter((found) => found !== null);
}

function parseContract(json: Json): ContractPlan | null {
  if (json === null) return null;
  const read = memberReader(json, 'network.contract', 'SETTING_INVALID', ['sm3', 'packageId', 'sequence']);
  return {
    sm3: read.matching('sm3', /^[0-9a-f]{64}$/),
    packageId: read.text('packageId'),
    sequence: read.positive('sequence'),
  };
}

const members = [
  'format',
  'channel',
  'chaincode',
  'ordering',
  'basePort',
  'cities',
  'founders',
  'genesis',
  'contract',
  'upgrade',
  'joining',
] as const;

/** @throws YinxinError SETTING_INVALID */
export function parsePlan(json: Json): NetworkPlan {
  const read = memberReader(json, 'network', 'SETTING_INVALID', members);
  const format = read.text('format');
  if (format !== 'yinxin-network/1') throw new YinxinError('SETTING_INVALID', { setting: 'network', member: 'format' });
  return {
    format,
    channel: read.text('channel'),
    chaincode: read.text('chaincode'),
    ordering: read.matching('ordering', /^(bft|raft)$/) === 'raft' ? 'raft' : 'bft',
    basePort: read.positive('basePort'),
    cities: read.array('cities').map(String),
    founders: read.positive('founders'),
    genesis: read.value('genesis') === null ? null : read.matching('genesis', /^[0-9a-f]{64}$/),
    contract: parseContract(read.value('contract')),
    upgrade: parseContract(read.value('upgrade')),
    joining: read.value('joining') === null ? null : read.text('joining'),
  };
}
