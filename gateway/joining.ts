/** A gateway of one organisation on a Fabric network that others run with it: what it needs besides the ledger, made at each start where it is missing. */
import { type IssuerRow, type Json, type Trust, YinxinError } from '@yinxin/core';
import { writeClients } from './demo/clients.ts';
import type { Clock, Random } from './platform.ts';
import type { OpenSite } from './site.ts';

export interface JoiningDeps {
  readonly site: OpenSite;
  /** Whose gateway this is. */
  readonly domain: string;
  /** The organisation as whom it acts. */
  readonly msp: string;
  readonly clock: Clock;
  readonly random: Random;
}

const notReady = (reason: string, details: { readonly [name: string]: Json } = {}) =>
  new YinxinError('NETWORK_STATE', { setting: 'YINXIN_DOMAIN', reason, ...details });

/** @throws YinxinError NETWORK_STATE before the network was founded or the domain registered; SETTING_INVALID for another organisation's domain */
function readTrust({ site, domain, msp }: JoiningDeps): Trust {
  const { readModel } = site.gateway.services;
  let trust: Trust;
  try {
    trust = readModel.trust();
  } catch (error) {
    if (error instanceof YinxinError && error.code === 'NOT_READY') throw notReady('not founded');
    throw error;
  }
  const row = trust.domain(domain);
  if (!row) throw notReady('not registered', { domain });
  if (row.msp !== msp) throw new YinxinError('SETTING_INVALID', { setting: 'YINXIN_DOMAIN', reason: 'of another' });
  return trust;
}

/** Its bodies that are not closed. */
function bodiesOf({ site, domain, clock }: JoiningDeps): readonly IssuerRow[] {
  const { issuers } = site.gateway.services.readModel.trustClaims(domain);
  return issuers.filter((row) => row.domain === domain && (row.closed === null || clock() < row.closed.at));
}

/** After it the gateway has a key for its lists, client files for its administrator, its bodies' operators, an auditor and a verifier, and its pin. */
export async function joinNetwork(deps: JoiningDeps): Promise<void> {
  const { site, domain, random } = deps;
  const { gateway, files, url } = site;
  const { readModel, governing, issuing } = gateway.services;
  await readModel.ready();
  const trust = readTrust(deps);
  const isListed = gateway.keys.listKeys().some((key) => key.domain === domain && trust.listKey(key.kid));
  if (!isListed) await governing.makeListKey({ domain });
  const row = trust.domain(domain);
  const issuers = bodiesOf(deps).map(({ issuer, region, name }) => ({ issuer, domain, region, name, types: [] }));
  await writeClients(
    { domains: row ? [row] : [], issuers },
    { files, random, placeOf: () => ({ clients: gateway.clients, gateway: url }) },
  );
  await files.writeCommand({ gateway: url, home: domain });
  await gateway.pin.refresh();
  await issuing.settle();
}
