/** From settings to gateways that serve: lock, listen, open, prepare, answer. Reads no environment; main.ts and tests give everything. */
import { setTimeout as delay } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import { describeMissing } from './backup/words.ts';
import type { Catalogue } from './demo/catalogue.ts';
import { createCities } from './demo/cities.ts';
import { prepareNetwork } from './demo/network.ts';
import type { Progress } from './demo/progress.ts';
import { type DemonstrationPlan, planEmbedded, planFabric } from './demo/sites.ts';
import { readPageFiles } from './http/page.ts';
import { joinNetwork } from './joining.ts';
import { openFabricBy, readProfile } from './ledger/opening.ts';
import type { Ledger } from './ledger/port.ts';
import type { OpenGateway } from './open.ts';
import type { Settings } from './settings.ts';
import { type ListeningSite, listenSite, type OpenSite, type SitePlan, type SiteSurroundings } from './site.ts';

export interface StartOptions extends SiteSurroundings {
  readonly settings: Settings;
  /** Of an embedded ledger; a Fabric network's profile names its own. */
  readonly channel: string;
  readonly catalogue: Catalogue;
  /** Of the built page; one that is not there is no page. */
  readonly pageFolder: string;
  readonly progress: Progress;
  /** False: no certificates of the demonstration. */
  readonly withCertificates?: boolean;
  /** In place of what the settings say: several gateways of one demonstration, over whatever ledger. */
  readonly demonstration?: DemonstrationPlan;
}

export interface RunningGateway {
  /** Where it answers on this machine, without a slash at its end. */
  readonly url: string;
  /** What goes into codes: the public URL, where one is set. */
  readonly publicUrl: string;
  readonly gateway: OpenGateway;
  readonly hasPage: boolean;
  /** All gateways of this process, this one first. */
  readonly sites: readonly OpenSite[];
  /** Ends within seconds; what was acknowledged is on disk already. */
  stop(): Promise<void>;
}

/** What is started, and what is done before it serves. */
interface Plan {
  readonly channel: string;
  readonly sites: readonly SitePlan[];
  prepare(home: OpenSite, others: readonly OpenSite[]): Promise<void>;
}

const patience = { milliseconds: 30_000, pause: 500 } as const;

/** A network that is just coming up is waited for. @throws YinxinError LEDGER_UNREACHABLE */
async function awaitLedger(ledger: Ledger, progress: Progress): Promise<void> {
  for (let waited = 0; ; waited += patience.pause) {
    try {
      await ledger.info();
      return;
    } catch (error) {
      const isUnreachable = error instanceof YinxinError && error.code === 'LEDGER_UNREACHABLE';
      const isAway = isUnreachable && error.details['expired'] === undefined;
      if (!isAway || waited >= patience.milliseconds) throw error;
    }
    const seconds = patience.milliseconds / 1000;
    const zh = `还连不上账本，最多再等 ${seconds} 秒。网络若没有启动，请运行“npm run network -- up”。`;
    const en = `The ledger cannot be reached yet: waiting up to ${seconds} seconds. If the network is not up, run “npm run network -- up”.`;
    if (waited === 0) progress.note({ zh, en });
    await delay(patience.pause);
  }
}

function planDemonstration(options: StartOptions, plan: DemonstrationPlan): Plan {
  const { withCertificates = true } = options;
  return {
    ...plan,
    prepare: (home, others) =>
      prepareNetwork({ ...options, ...plan, cities: createCities(home, others), withCertificates }),
  };
}

/** One organisation's gateway on a network that it runs with others. */
async function planMember(options: StartOptions, path: string, domain: string): Promise<Plan> {
  const { home, homeName, port, publicUrl } = options.settings;
  const { channel, msp } = await readProfile(path, 'YINXIN_FABRIC_PROFILE');
  const openLedger = openFabricBy(path, 'YINXIN_FABRIC_PROFILE');
  const site = { home, port, publicUrl, domains: [domain], openLedger, ...(homeName !== undefined && { homeName }) };
  return { channel, sites: [site], prepare: (opened) => joinNetwork({ ...options, site: opened, domain, msp }) };
}

async function makePlan(options: StartOptions): Promise<Plan> {
  const { settings, catalogue, channel, demonstration } = options;
  const { ledger } = settings;
  if (demonstration) return planDemonstration(options, demonstration);
  switch (ledger.kind) {
    case 'embedded':
      return planDemonstration(options, planEmbedded(settings, catalogue, channel));
    case 'demonstration':
      return planDemonstration(options, await planFabric(settings, ledger.network, catalogue));
    case 'member':
      return planMember(options, ledger.profile, ledger.domain);
  }
}

/** Opens every site with the others, and those that were named, as its partners. */
async function openSites(
  listening: readonly ListeningSite[],
  { channel }: Plan,
  { settings, pageFolder }: StartOptions,
): Promise<readonly OpenSite[]> {
  const makePage = await readPageFiles(pageFolder);
  const opened: OpenSite[] = [];
  for (const site of listening) {
    const neighbours = listening.filter((other) => other !== site).map(({ url }) => url);
    opened.push(await site.open({ channel, partners: [...neighbours, ...settings.partners], makePage }));
  }
  return opened;
}

/** Of a folder that was restored: what the ledger has that it lacks, noted at the first start and told at each. */
async function noteMissing({ services }: OpenGateway, progress: Progress): Promise<void> {
  const restored = await services.backups.settle();
  for (const words of describeMissing(restored)) progress.note(words);
}

async function serve(
  options: StartOptions,
  plan: Plan,
  listening: readonly ListeningSite[],
): Promise<Omit<RunningGateway, 'stop'>> {
  const sites = await openSites(listening, plan, options);
  const [home, ...others] = sites;
  if (!home) throw new YinxinError('INTERNAL');
  for (const { gateway } of sites) await awaitLedger(gateway.ledger, options.progress);
  await plan.prepare(home, others);
  for (const { gateway } of sites) await gateway.services.readModel.ready();
  for (const { gateway } of sites) await noteMissing(gateway, options.progress);
  for (const site of sites) site.serve();
  // gateways that serve can give each other their word on what was issued before
  if (others.length > 0) await Promise.all(sites.map(({ gateway }) => gateway.services.issuing.settle()));
  const { url, publicUrl, gateway } = home;
  return { url, publicUrl, gateway, hasPage: home.hasPage(), sites };
}

async function stopAll(listening: readonly ListeningSite[]): Promise<void> {
  await Promise.all(listening.map((site) => site.stop()));
}

/** Listens at once, so that `/readyz` can say no, and answers everything once the network is there. @throws YinxinError, after letting go of everything */
export async function startGateway(options: StartOptions): Promise<RunningGateway> {
  const plan = await makePlan(options);
  const listening: ListeningSite[] = [];
  try {
    for (const site of plan.sites) listening.push(await listenSite(site, options));
    const running = await serve(options, plan, listening);
    return { ...running, stop: () => stopAll(listening) };
  } catch (error) {
    await stopAll(listening);
    throw error;
  }
}
