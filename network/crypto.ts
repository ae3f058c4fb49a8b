/** Keys and X.509 certificates of the organisations, made by `cryptogen`: a network on one machine needs no certificate authority that stays. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, makeWhole, writeJson } from './files.ts';
import { cityCryptoOf, ordererCryptoOf, type Paths } from './paths.ts';
import type { Organisation } from './plan.ts';
import { type Programs, runProgram } from './programs.ts';

/** Names in every TLS certificate: everything of this network listens on loopback. */
const SANS = ['127.0.0.1', 'localhost'];

/** Roles (admin, peer, client, orderer) are OUs of the certificates: channel policies and the contract read them there. */
const EnableNodeOUs = true;

/** Of every certificate's subject, which the ledger shows of whoever acts; cryptogen's own is San Francisco. */
const toPlace = ({ name }: Organisation) => ({ Country: 'CN', Province: name, Locality: name });

const toCity = (city: Organisation) => ({
  Name: city.name,
  Domain: city.domain,
  CA: toPlace(city),
  EnableNodeOUs,
  // of `contract` only the TLS half is kept
  Specs: [
    { Hostname: 'peer', SANS },
    { Hostname: 'contract', SANS },
  ],
  Users: { Count: 1 }, // User1, as whom the gateway signs; Admin there always is
});

const toOrderer = (orderer: Organisation) => ({
  Name: orderer.name,
  Domain: orderer.domain,
  CA: toPlace(orderer),
  EnableNodeOUs,
  Specs: [{ Hostname: 'orderer', SANS }],
});

/** Of those that have none yet. Each organisation is there whole or not at all. */
export async function makeCrypto(
  { cryptogen }: Programs,
  paths: Paths,
  cities: readonly Organisation[],
  orderers: readonly Organisation[],
): Promise<void> {
  const newCities = cities.filter((city) => !existsSync(cityCryptoOf(paths, city).folder));
  const newOrderers = orderers.filter((orderer) => !existsSync(ordererCryptoOf(paths, orderer).folder));
  if (newCities.length + newOrderers.length === 0) return;

  const made = join(paths.scratch, 'crypto');
  const madePaths = { ...paths, crypto: made };
  rmSync(made, { recursive: true, force: true });
  await makeWhole(made, async (draft) => {
    const config = join(draft, 'crypto-config.yaml');
    writeJson(config, { PeerOrgs: newCities.map(toCity), OrdererOrgs: newOrderers.map(toOrderer) });
    await runProgram('crypto', cryptogen, ['generate', `--config=${config}`, `--output=${draft}`], {});
  });
  for (const city of newCities) {
    // a contract process is no peer: with this identity it could endorse
    rmSync(join(cityCryptoOf(madePaths, city).contract.folder, 'msp'), { recursive: true });
    move(cityCryptoOf(madePaths, city).folder, cityCryptoOf(paths, city).folder);
  }
  for (const orderer of newOrderers) {
    move(ordererCryptoOf(madePaths, orderer).folder, ordererCryptoOf(paths, orderer).folder);
  }
  rmSync(made, { recursive: true });
}

function move(from: string, to: string): void {
  makeFolder(dirname(to));
  renameSync(from, to);
}
