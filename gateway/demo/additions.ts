/** What came into certs/ after the founding, registered at the next start by the demonstration's own administrators, as the contract asks for it. */
import { canonicalize, type Json, type KeyUse, type ProposalAction } from '@yinxin/core';
import type { Clock } from '../platform.ts';
import type { Catalogue, CatalogueIssuer } from './catalogue.ts';
import { type Cities, type City, inEveryCity } from './cities.ts';

export interface AdditionDeps {
  readonly cities: Cities;
  readonly clock: Clock;
}

const uses: readonly KeyUse[] = ['anchor', 'status', 'code'];

/** Interfaces have no index signature; all of them are plain members. */
export const toJson = (input: object) => input as unknown as Json;
const isSame = (a: object, b: object) => canonicalize(toJson(a)) === canonicalize(toJson(b));

/** The registry as a city's own gateway knows it now. */
const trustOf = ({ gateway }: City) => gateway.services.readModel.trust();

/** Domains, types, bases and matters that the ledger lacks. */
function findProposals({ domains, types, bases, matters }: Catalogue, { cities }: AdditionDeps): ProposalAction[] {
  const trust = trustOf(cities.home);
  const newDomains = domains.filter(({ domain }) => !trust.domain(domain));
  const newTypes = types.filter(({ type, version }) => !trust.type(type, version));
  const newBases = bases.filter(({ basis }) => !trust.basis(basis));
  const newMatters = matters.filter(({ matter }) => !trust.matter(matter));
  return [
    ...newDomains.map((input) => ({ action: 'registerDomain', input }) as const),
    ...newTypes.map((definition) => ({ action: 'registerType', input: { definition } }) as const),
    ...newBases.map((input) => ({ action: 'registerBasis', input }) as const),
    ...newMatters.map((input) => ({ action: 'registerMatter', input }) as const),
  ];
}

/** A domain of each organisation that has a gateway here. */
function representatives({ cities }: AdditionDeps): ReadonlyMap<string, string> {
  const here = trustOf(cities.home).domains.filter(({ domain }) => cities.of(domain));
  return new Map(here.map(({ msp, domain }) => [msp, domain]));
}

/** Proposes it unless an earlier start has, and has one organisation after the other approve it until it is adopted. */
async function adopt(action: ProposalAction, home: string, deps: AdditionDeps): Promise<void> {
  const { cities, clock } = deps;
  const { governing } = cities.home.gateway.services;
  const findOpen = () =>
    governing
      .proposals('open')
      .proposals.find((proposal) => proposal.expires > clock() && isSame(proposal.action, action));
  if (!findOpen()) await cities.submit(home, 'propose', toJson(action));
  for (const [msp, domain] of representatives(deps)) {
    const open = findOpen();
    if (!open) return;
    if (open.approvals.some((approval) => approval.msp === msp)) continue;
    await cities.submit(domain, 'approve', { proposal: open.proposal });
  }
}

/** A domain that came later has no key for its lists yet. */
async function registerListKey(domain: string, city: City): Promise<void> {
  const { keys, services } = city.gateway;
  const isThere = keys.listKeys().some((key) => key.domain === domain && trustOf(city).listKey(key.kid));
  if (!isThere) await services.governing.makeListKey({ domain });
}

/** A body that came later gets first keys, which are in force a day later. */
async function registerBody(body: CatalogueIssuer, city: City, { clock }: AdditionDeps): Promise<void> {
  const { issuer, domain, region, name } = body;
  const { keys, services } = city.gateway;
  const { governing } = services;
  if (!trustOf(city).issuer(issuer)) {
    await governing.submit({ domain }, 'registerIssuer', toJson({ issuer, domain, region, name, from: clock() }));
  }
  for (const use of uses) {
    const isThere = keys
      .sm2Keys()
      .some((key) => key.issuer === issuer && key.use === use && trustOf(city).key(key.key));
    if (!isThere) await governing.makeKey({ domain }, { issuer, use, recovery: true });
  }
}

async function registerEntitlements(body: CatalogueIssuer, city: City, { clock }: AdditionDeps): Promise<void> {
  const { issuer, domain, region, types } = body;
  const missing = types.filter((type) => !trustOf(city).entitlement(issuer, type));
  for (const type of missing) {
    const input = { issuer, type, region, from: clock(), until: null };
    await city.gateway.services.governing.submit({ domain }, 'registerEntitlement', input);
  }
}

/** Goes on where an earlier start was cut off. @throws YinxinError of the contract, such as a version that is not the next one */
export async function registerAdditions(catalogue: Catalogue, deps: AdditionDeps): Promise<void> {
  const { cities } = deps;
  const home = catalogue.domains[0]?.domain ?? '';
  for (const action of findProposals(catalogue, deps)) await adopt(action, home, deps);
  for (const { domain } of catalogue.domains) {
    const city = cities.of(domain);
    if (city) await registerListKey(domain, city); // a new organisation joins by it, and what reads its domains would conflict
  }
  await cities.caughtUp();
  await inEveryCity(cities, async (city) => {
    for (const body of catalogue.issuers) {
      if (cities.of(body.domain) !== city || trustOf(city).issuer(body.issuer)?.closed) continue;
      await registerBody(body, city, deps);
      await registerEntitlements(body, city, deps);
    }
  });
  await cities.caughtUp();
}
