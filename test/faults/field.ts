/** Where faults happen: a real Fabric network of three cities, founded, each with a gateway process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { citiesOf, type Organisation } from '../../network/plan.ts';
import { findProcess } from '../../network/processes.ts';
import { type Api, apiOf } from '../fixtures/api.ts';
import { startTestNetwork, type TestNetwork } from '../fixtures/fabric.ts';
import { chengduMarket, market, smallCatalogue, startTestGateway } from '../fixtures/gateway.ts';
import { GatewayProcess } from './gateway-process.ts';

/** One issuing body of each city, all with the same types. */
const bodies = [
  { slug: 'shenzhen', domain: '440300', issuer: market },
  { slug: 'chengdu', domain: '510100', issuer: chengduMarket },
  { slug: 'chongqing', domain: '500000', issuer: '11990300DEMA00312H' },
] as const;

export type Slug = (typeof bodies)[number]['slug'];

export interface FieldCity {
  readonly slug: Slug;
  readonly domain: string;
  readonly issuer: string;
  readonly organisation: Organisation;
  readonly gateway: GatewayProcess;
  readonly api: Api;
}

export interface Field {
  readonly network: TestNetwork;
  readonly cities: readonly FieldCity[];
  /** Removed with the field. */
  readonly folder: string;
  city(slug: Slug): FieldCity;
  /** `up`, as an operator would. @throws Error with what it said */
  up(): Promise<void>;
  /** Done before everything else when the field closes. */
  atClose(work: () => Promise<void>): void;
  close(): Promise<void>;
}

/** One day before the gateways are processes of their own: a demonstration over all three, so that each has its keys. */
async function found(network: TestNetwork, home: string): Promise<void> {
  const catalogue = await smallCatalogue(bodies.map(({ issuer }) => issuer));
  const ledger = { kind: 'demonstration', network: network.home } as const;
  const gateway = await startTestGateway({ home, ledger, catalogue: { ...catalogue, agreements: [] } });
  await gateway.stop();
}

/** A port of a city's row that nothing of the network uses. */
const gatewayPort = (network: TestNetwork, { slot }: Organisation) => network.plan.basePort + slot * 10 + 9;

function toCities(network: TestNetwork, home: string): readonly FieldCity[] {
  const organisations = citiesOf(network.plan);
  const urlOf = (organisation: Organisation) => `http://127.0.0.1:${gatewayPort(network, organisation)}`;
  return bodies.map(({ slug, domain, issuer }, index) => {
    const organisation = organisations.find((one) => one.slug === slug);
    if (!organisation) throw new Error(`no ${slug}`);
    const gateway = new GatewayProcess({
      home: index === 0 ? home : join(home, 'cities', domain),
      port: gatewayPort(network, organisation),
      profile: network.profile(slug),
      domain,
      partners: organisations.filter((one) => one !== organisation).map(urlOf),
    });
    return { slug, domain, issuer, organisation, gateway, api: apiOf({ url: gateway.url, home: gateway.place.home }) };
  });
}

/** Takes about 15 s. */
export async function openField(): Promise<Field> {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-faults-'));
  const network = await startTestNetwork();
  const home = join(folder, 'home');
  const cities = toCities(network, home);
  const last: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const work of last.splice(0)) await work();
    await Promise.all(cities.map(({ gateway }) => gateway.end('SIGKILL')));
    await network.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await found(network, home);
    await Promise.all(cities.map(({ gateway }) => gateway.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    network,
    cities,
    folder,
    city(slug) {
      const found = cities.find((city) => city.slug === slug);
      if (!found) throw new Error(`no ${slug}`);
      return found;
    },
    async up() {
      const { code, stdout, stderr } = await network.run('up');
      if (code !== 0) throw new Error(`up: ${stdout}${stderr}`);
    },
    atClose(work) {
      last.push(work);
    },
    close,
  };
}

/** @throws Error when it does not run */
export function pidOf({ network }: Field, node: string): number {
  const record = findProcess(network.paths, node);
  if (!record) throw new Error(`${node} does not run`);
  return record.pid;
}

export function isRunning({ network }: Field, node: string): boolean {
  return findProcess(network.paths, node) !== undefined;
}

/** kill -9, where it runs; gone when it settles. */
export async function endNode(field: Field, node: string): Promise<void> {
  if (isRunning(field, node)) process.kill(pidOf(field, node), 'SIGKILL');
  while (isRunning(field, node)) await delay(10);
}
