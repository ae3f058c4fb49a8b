/** Where the demonstration's gateways live: one for all cities over the embedded ledger; on a Fabric network one for each organisation that takes part. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type RegisterDomainInput, YinxinError } from '@yinxin/core';
import { openEmbedded, openFabricBy, readProfile } from '../ledger/opening.ts';
import { type Settings, settingInvalid } from '../settings.ts';
import type { SitePlan } from '../site.ts';
import type { Catalogue } from './catalogue.ts';

export interface DemonstrationPlan {
  readonly channel: string;
  /** What takes part of certs/. */
  readonly catalogue: Catalogue;
  /** Home first. */
  readonly sites: readonly [SitePlan, ...SitePlan[]];
}

type Places = Pick<Settings, 'home' | 'homeName' | 'port' | 'publicUrl'>;

const codes = (domains: readonly RegisterDomainInput[]) => domains.map(({ domain }) => domain);

function toHome({ home, homeName, port, publicUrl }: Places) {
  return { home, port, publicUrl, ...(homeName !== undefined && { homeName }) };
}

/** One gateway that speaks for everybody. */
export function planEmbedded(settings: Places, catalogue: Catalogue, channel: string): DemonstrationPlan {
  const site = { ...toHome(settings), domains: codes(catalogue.domains), openLedger: openEmbedded };
  return { channel, catalogue, sites: [site] };
}

/** Domains of these organisations, their bodies, and the agreements all of whose parties are among them. */
export function restrictCatalogue(catalogue: Catalogue, organisations: ReadonlySet<string>): Catalogue {
  const domains = catalogue.domains.filter(({ msp }) => organisations.has(msp));
  const isThere = ({ domain }: { readonly domain: string }) => domains.some((row) => row.domain === domain);
  return {
    ...catalogue,
    domains,
    issuers: catalogue.issuers.filter(isThere),
    agreements: catalogue.agreements.filter(({ parties }) => parties.every(isThere)),
  };
}

/** By organisation, the path of its connection profile; the demonstration's own, which signs for everybody, is left aside. */
async function readProfiles(network: string) {
  const folder = join(network, 'profiles');
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((name) => name.endsWith('.json') && name !== 'demonstration.json').sort();
  const found = new Map<string, { readonly path: string; readonly channel: string }>();
  for (const name of paths) {
    const path = join(folder, name);
    const { msp, channel } = await readProfile(path, `${name} (YINXIN_NETWORK)`);
    found.set(msp, { path, channel });
  }
  return found;
}

function placeOf(settings: Places, domains: readonly RegisterDomainInput[], index: number) {
  if (index === 0) return toHome(settings);
  const { home, port: first } = settings;
  const port = first === 0 ? 0 : first + index;
  if (port > 65_535) throw settingInvalid('PORT', 'not a port');
  return { home: join(home, 'cities', domains[0]?.domain ?? ''), port, publicUrl: undefined };
}

/**
 * One gateway for each organisation of the local network that certs/ knows, each by the organisation's own profile: on PORT, PORT + 1, …
 * @throws YinxinError NETWORK_STATE where no network is; SETTING_INVALID for a profile that cannot be read
 */
export async function planFabric(settings: Places, network: string, all: Catalogue): Promise<DemonstrationPlan> {
  const profiles = await readProfiles(network);
  const catalogue = restrictCatalogue(all, new Set(profiles.keys()));
  const organisations = new Set(catalogue.domains.map(({ msp }) => msp));
  const planned = [...organisations].flatMap((msp, index): SitePlan[] => {
    const profile = profiles.get(msp);
    const domains = catalogue.domains.filter((domain) => domain.msp === msp);
    if (!profile) return [];
    const openLedger = openFabricBy(profile.path, 'YINXIN_NETWORK');
    return [{ ...placeOf(settings, domains, index), domains: codes(domains), openLedger }];
  });
  const [home, ...others] = planned;
  const channel = [...profiles.values()][0]?.channel;
  if (!home || channel === undefined) {
    throw new YinxinError('NETWORK_STATE', { setting: 'YINXIN_NETWORK', reason: 'no network', network });
  }
  return { channel, catalogue, sites: [home, ...others] };
}
