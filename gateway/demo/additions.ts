/** What came into certs/ after the founding, registered at the next start by the demonstration's own administrators, as the contract asks for it. */
import { canonicalize, type Json, type KeyUse, type ProposalAction } from '@yinxin/core';
import type { Administrator, Governing } from '../governing/governing.ts';
import type { ReadModel } from '../index/read-model.ts';
import type { KeyStore } from '../keys/store.ts';
import type { Clock } from '../platform.ts';
import type { Catalogue, CatalogueIssuer } from './catalogue.ts';

export interface AdditionDeps {
  readonly governing: Governing;
  readonly readModel: ReadModel;
  readonly keys: Pick<KeyStore, 'sm2Keys' | 'listKeys'>;
  readonly clock: Clock;
}

const uses: readonly KeyUse[] = ['anchor', 'status', 'code'];

/** Interfaces have no index signature; all of them are plain members. */
export const toJson = (input: object) => input as unknown as Json;
const isSame = (a: object, b: object) => canonicalize(toJson(a)) === canonicalize(toJson(b));

/** Domains, types, bases and matters that the ledger lacks. */
function findProposals({ domains, types, bases, matters }: Catalogue, { readModel }: AdditionDeps): ProposalAction[] {
  const trust = readModel.trust();
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

/** An administrator of each organisation. */
function representatives({ readModel }: AdditionDeps): ReadonlyMap<string, Administrator> {
  return new Map(readModel.trust().domains.map(({ msp, domain }) => [msp, { domain }]));
}

/** Proposes it unless an earlier start has, and has one organisation after the other approve it until it is adopted. */
async function adopt(action: ProposalAction, home: string, deps: AdditionDeps): Promise<void> {
  const { governing, clock } = deps;
  const findOpen = () =>
    governing
      .proposals('open')
      .proposals.find((proposal) => proposal.expires > clock() && isSame(proposal.action, action));
  if (!findOpen()) await governing.submit({ domain: home }, 'propose', toJson(action));
  for (const [msp, administrator] of representatives(deps)) {
    const open = findOpen();
    if (!open) return;
    if (open.approvals.some((approval) => approval.msp === msp)) continue;
    await governing.submit(administrator, 'approve', { proposal: open.proposal });
  }
}

/** A domain that came later has no key for its lists yet. */
async function registerListKeys({ domains }: Catalogue, { governing, readModel, keys }: AdditionDeps) {
  for (const { domain } of domains) {
    const isThere = keys.listKeys().some((key) => key.domain === domain && readModel.trust().listKey(key.kid));
    if (!isThere) await governing.makeListKey({ domain });
  }
}

/** A body that came later gets first keys, which are in force a day later. */
async function registerBody(body: CatalogueIssuer, { governing, readModel, keys, clock }: AdditionDeps): Promise<void> {
  const { issuer, domain, region, name } = body;
  if (!readModel.trust().issuer(issuer)) {
    await governing.submit({ domain }, 'registerIssuer', toJson({ issuer, domain, region, name, from: clock() }));
  }
  for (const use of uses) {
    const isThere = keys
      .sm2Keys()
      .some((key) => key.issuer === issuer && key.use === use && readModel.trust().key(key.key));
    if (!isThere) await governing.makeKey({ domain }, { issuer, use, recovery: true });
  }
}

async function registerEntitlements(body: CatalogueIssuer, { governing, readModel, clock }: AdditionDeps) {
  const { issuer, domain, region, types } = body;
  const missing = types.filter((type) => !readModel.trust().entitlement(issuer, type));
  for (const type of missing) {
    const input = { issuer, type, region, from: clock(), until: null };
    await governing.submit({ domain }, 'registerEntitlement', input);
  }
}

/** Goes on where an earlier start was cut off. @throws YinxinError of the contract, such as a version that is not the next one */
export async function registerAdditions(catalogue: Catalogue, deps: AdditionDeps): Promise<void> {
  const home = catalogue.domains[0]?.domain ?? '';
  for (const action of findProposals(catalogue, deps)) await adopt(action, home, deps);
  await registerListKeys(catalogue, deps);
  for (const body of catalogue.issuers) {
    if (deps.readModel.trust().issuer(body.issuer)?.closed) continue;
    await registerBody(body, deps);
    await registerEntitlements(body, deps);
  }
}
