/** The catalogue as tests read it: types, issuers and sample rosters, from disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseType } from '../../core/catalogue.ts';
import type { CertificateType, Json } from '../../core/model.ts';

export const certsFolder = new URL('../../certs/', import.meta.url);

export function readText(path: string): string {
  return readFileSync(new URL(path, certsFolder), 'utf8');
}

export function readJson(path: string): Json {
  return JSON.parse(readText(path));
}

export const typeNames: readonly string[] = readdirSync(new URL('types/', certsFolder))
  .map((file) => file.replace(/\.json$/, ''))
  .sort();

export function readType(name: string): CertificateType {
  return parseType(readJson(`types/${name}.json`));
}

interface Issuers {
  readonly domains: readonly { domain: string; name: { zh: string; en: string }; region: string; msp: string }[];
  readonly issuers: readonly {
    issuer: string;
    domain: string;
    region: string;
    name: { zh: string; en: string };
    types: readonly string[];
  }[];
}

interface Party {
  readonly domain: string;
  readonly office: { zh: string; en: string };
  readonly phone: string;
}

interface Agreement {
  readonly agreement: string;
  readonly years: number;
  readonly parties: readonly Party[];
  readonly types: readonly string[];
  readonly matters: readonly string[];
}

export const catalogueAgreements: readonly Agreement[] = JSON.parse(readText('agreements.json')).agreements;
export const catalogueBases: readonly { basis: string; acts: readonly string[] }[] = JSON.parse(
  readText('bases.json'),
).bases;
export const catalogueMatters: readonly { matter: string; name: { zh: string; en: string } }[] = JSON.parse(
  readText('matters.json'),
).matters;

export const catalogueIssuers: Issuers = JSON.parse(readText('issuers.json'));

/** Header and rows of a sample: quoted cells may hold commas and doubled quotes, never line ends. */
export function readSample(name: string): readonly (readonly string[])[] {
  const lines = readText(`samples/${name}.csv`).split('\n').slice(0, -1);
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
}
