/** Types and entitlements that came into certs/ after the founding: a new type is a new file, registered at the next start. */
import type { CertificateType, Instant, Json, Trust } from '@yinxin/core';
import type { Ledger } from '../ledger/port.ts';
import type { Catalogue, CatalogueIssuer } from './catalogue.ts';

export interface AdditionDeps {
  readonly ledger: Ledger;
  /** The registry as it is. */
  readonly trust: Trust;
  readonly time: Instant;
}

/** The newest block that was written, and the types that are new. */
export interface Additions {
  readonly block: number | undefined;
  readonly types: readonly CertificateType[];
}

function findMissingTypes({ types }: Catalogue, trust: Trust): readonly CertificateType[] {
  return types.filter(({ type, version }) => trust.type(type, version) === undefined);
}

interface MissingEntitlement {
  readonly issuer: CatalogueIssuer;
  readonly type: string;
}

/** Of bodies that the ledger knows: a new body needs keys and comes by its own procedure. */
function findMissingEntitlements({ issuers }: Catalogue, trust: Trust): readonly MissingEntitlement[] {
  return issuers
    .filter(({ issuer }) => trust.issuer(issuer) !== undefined)
    .flatMap((issuer) => issuer.types.map((type) => ({ issuer, type })))
    .filter(({ issuer, type }) => trust.entitlement(issuer.issuer, type) === undefined);
}

/** @throws YinxinError of the contract, such as a version that is not the next one */
export async function registerAdditions(
  catalogue: Catalogue,
  { ledger, trust, time }: AdditionDeps,
): Promise<Additions> {
  const mspOf = (domain: string) => trust.domain(domain)?.msp ?? '';
  const home = catalogue.domains[0]?.domain ?? '';
  let block: number | undefined;
  const submit = async (msp: string, transaction: string, input: object) => {
    const receipt = await ledger.submit({ msp, role: 'admin' }, transaction, input as unknown as Json); // interfaces have no index signature
    block = receipt.block;
  };
  const types = findMissingTypes(catalogue, trust);
  for (const definition of types) await submit(mspOf(home), 'registerType', { definition });
  for (const { issuer, type } of findMissingEntitlements(catalogue, trust)) {
    const entitlement = { issuer: issuer.issuer, type, region: issuer.region, from: time, until: null };
    await submit(mspOf(issuer.domain), 'registerEntitlement', entitlement);
  }
  return { block, types };
}
