/** The demonstration network from an empty folder to a complete one, and every later start: each step is done once and may be cut off anywhere. */
import { calendarDateAt, isJsonObject, parseInstant, YinxinError } from '@yinxin/core';
import type { DataFiles, NetworkFile } from '../data-files.ts';
import type { OpenGateway } from '../open.ts';
import type { Clock, Random } from '../platform.ts';
import { registerAdditions } from './additions.ts';
import { concludeAgreements } from './agreements.ts';
import type { Catalogue } from './catalogue.ts';
import { makeCertificates } from './certificates.ts';
import { writeClients } from './clients.ts';
import { foundNetwork } from './founding.ts';
import type { Progress } from './progress.ts';

export interface NetworkDeps {
  readonly gateway: OpenGateway;
  readonly files: DataFiles;
  readonly catalogue: Catalogue;
  readonly channel: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Where this machine reaches the gateway: goes into client files and `command.json`. */
  readonly url: string;
  readonly progress: Progress;
  /** False: the network alone, without certificates. */
  readonly withCertificates: boolean;
}

const homeOf = ({ domains }: Catalogue) => domains[0] ?? { domain: '', msp: '' };

/** The day of founding, from the ledger. */
async function readFoundingDay({ gateway, catalogue }: NetworkDeps) {
  const row = await gateway.ledger.evaluate({ msp: homeOf(catalogue).msp, role: 'client' }, 'readNetwork', {});
  const founded = isJsonObject(row) ? row['founded'] : undefined;
  if (typeof founded !== 'string') throw new YinxinError('INTERNAL');
  return calendarDateAt(parseInstant(founded));
}

function toNetworkFile({ channel, catalogue }: NetworkDeps, demonstration: NetworkFile['demonstration']): NetworkFile {
  const domains = catalogue.domains.map(({ domain }) => domain);
  return { channel, home: homeOf(catalogue).domain, domains, demonstration };
}

/** After it the network is founded, complete, and as certs/ has it; files name this URL. @throws YinxinError */
export async function prepareNetwork(deps: NetworkDeps): Promise<void> {
  const { gateway, files, catalogue, url, clock, random, progress } = deps;
  const { readModel, issuing, governing } = gateway.services;
  await foundNetwork(catalogue, { ...deps, ...gateway });
  await readModel.caughtUpTo((await gateway.ledger.info()).height - 1);
  const additions = { governing, readModel, keys: gateway.keys, clock };
  await registerAdditions(catalogue, additions);
  await concludeAgreements(catalogue, additions);
  await writeClients(catalogue, { files, clients: gateway.clients, random, gateway: url });
  await files.writeCommand({ gateway: url, home: homeOf(catalogue).domain });
  await gateway.pin.refresh();
  await issuing.settle();
  const network = await files.readNetwork();
  if (network?.demonstration === 'complete') return;
  if (!network) await files.writeNetwork(toNetworkFile(deps, 'under-way'));
  if (deps.withCertificates)
    await makeCertificates(catalogue, { issuing, progress, today: await readFoundingDay(deps) });
  await files.writeNetwork(toNetworkFile(deps, 'complete'));
}
