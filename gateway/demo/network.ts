/** The demonstration network from empty folders to a complete one, and every later start: each step is done once and may be cut off anywhere. */
import { calendarDateAt, isJsonObject, parseInstant, YinxinError } from '@yinxin/core';
import type { NetworkFile } from '../data-files.ts';
import type { Clock, Random } from '../platform.ts';
import { registerAdditions } from './additions.ts';
import { concludeAgreements } from './agreements.ts';
import type { Catalogue } from './catalogue.ts';
import { makeCertificates } from './certificates.ts';
import { type Cities, inEveryCity } from './cities.ts';
import { writeClients } from './clients.ts';
import { foundNetwork } from './founding.ts';
import type { Progress } from './progress.ts';

export interface NetworkDeps {
  readonly cities: Cities;
  readonly catalogue: Catalogue;
  readonly channel: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly progress: Progress;
  /** False: the network alone, without certificates. */
  readonly withCertificates: boolean;
}

const homeOf = ({ domains }: Catalogue) => domains[0] ?? { domain: '', msp: '' };

/** The day of founding, from the ledger. */
async function readFoundingDay({ cities, catalogue }: NetworkDeps) {
  const { ledger } = cities.home.gateway;
  const row = await ledger.evaluate({ msp: homeOf(catalogue).msp, role: 'client' }, 'readNetwork', {});
  const founded = isJsonObject(row) ? row['founded'] : undefined;
  if (typeof founded !== 'string') throw new YinxinError('INTERNAL');
  return calendarDateAt(parseInstant(founded));
}

function toNetworkFile({ channel, catalogue }: NetworkDeps, demonstration: NetworkFile['demonstration']): NetworkFile {
  const domains = catalogue.domains.map(({ domain }) => domain);
  return { channel, home: homeOf(catalogue).domain, domains, demonstration };
}

/** All client files lie in the home folder, so that one command acts for every city; each names its own city's gateway. */
async function writeFiles({ cities, catalogue, random }: NetworkDeps): Promise<void> {
  await writeClients(catalogue, {
    files: cities.home.files,
    random,
    placeOf(domain) {
      const { gateway, url } = cities.of(domain) ?? cities.home;
      return { clients: gateway.clients, gateway: url };
    },
  });
  for (const { files, url, domains } of cities.all) await files.writeCommand({ gateway: url, home: domains[0] ?? '' });
}

/** After it the network is founded, complete, and as certs/ has it; files name the gateways' URLs. @throws YinxinError */
export async function prepareNetwork(deps: NetworkDeps): Promise<void> {
  const { cities, catalogue, progress } = deps;
  const { files } = cities.home;
  await foundNetwork(catalogue, deps);
  await cities.caughtUp();
  await registerAdditions(catalogue, deps);
  await concludeAgreements(catalogue, deps);
  await writeFiles(deps);
  await inEveryCity(cities, async ({ gateway }) => {
    await gateway.pin.refresh();
    await gateway.services.issuing.settle();
  });
  const network = await files.readNetwork();
  if (network?.demonstration === 'complete') return;
  if (!network) await files.writeNetwork(toNetworkFile(deps, 'under-way'));
  if (deps.withCertificates) {
    const issuingOf = (domain: string) => (cities.of(domain) ?? cities.home).gateway.services.issuing;
    await makeCertificates(catalogue, { issuingOf, progress, today: await readFoundingDay(deps) });
  }
  await files.writeNetwork(toNetworkFile(deps, 'complete'));
}
