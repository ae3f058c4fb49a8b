/** Reads certs/: the types, and the domains and issuing bodies of the demonstration network. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CertificateType,
  type ErrorCode,
  type Json,
  memberReader,
  parseJson,
  parseType,
  type RegisterDomainInput,
  type Words,
  YinxinError,
} from '@yinxin/core';

export interface CatalogueIssuer {
  readonly issuer: string;
  readonly domain: string;
  readonly region: string;
  readonly name: Words;
  /** The types that it may issue. */
  readonly types: readonly string[];
}

export interface Catalogue {
  /** The first is the gateway's home. */
  readonly domains: readonly RegisterDomainInput[];
  readonly issuers: readonly CatalogueIssuer[];
  readonly types: readonly CertificateType[];
}

function readWords(json: Json): Words {
  const read = memberReader(json, 'name', 'INPUT_INVALID', ['zh', 'en']);
  return { zh: read.text('zh'), en: read.text('en') };
}

function readDomain(json: Json): RegisterDomainInput {
  const read = memberReader(json, 'domains', 'INPUT_INVALID', ['domain', 'name', 'region', 'msp']);
  return {
    domain: read.text('domain'),
    name: readWords(read.value('name')),
    region: read.text('region'),
    msp: read.text('msp'),
  };
}

function readIssuer(json: Json): CatalogueIssuer {
  const read = memberReader(json, 'issuers', 'INPUT_INVALID', ['issuer', 'domain', 'region', 'name', 'types']);
  return {
    issuer: read.text('issuer'),
    domain: read.text('domain'),
    region: read.text('region'),
    name: readWords(read.value('name')),
    types: read.array('types').map(String),
  };
}

/** Reads one file. @throws YinxinError with `code` and `{file, problem}` when it is not what it should be */
async function readJsonFile<T>(folder: string, file: string, code: ErrorCode, parse: (json: Json) => T): Promise<T> {
  try {
    return parse(parseJson(await readFile(join(folder, file))));
  } catch (error) {
    if (!(error instanceof YinxinError)) throw new YinxinError('FILE_UNREADABLE', { file });
    throw new YinxinError(code, { ...error.details, file, problem: error.code });
  }
}

/** Types ascend by name and version. @throws YinxinError TYPE_INVALID, INPUT_INVALID, FILE_UNREADABLE with `{file}` */
export async function readCatalogue(folder: string): Promise<Catalogue> {
  const files = (await readdir(join(folder, 'types'))).filter((file) => file.endsWith('.json')).sort();
  const types = await Promise.all(
    files.map((file) => readJsonFile(folder, join('types', file), 'TYPE_INVALID', parseType)),
  );
  const network = await readJsonFile(folder, 'issuers.json', 'INPUT_INVALID', (json) => {
    const read = memberReader(json, 'issuers.json', 'INPUT_INVALID', ['domains', 'issuers']);
    return { domains: read.array('domains').map(readDomain), issuers: read.array('issuers').map(readIssuer) };
  });
  return { ...network, types, issuers: assignTypes(network, types) };
}

/** A type that no body lists goes to the body that its code names, else to the first of the home city: so a new type is one file. */
function assignTypes(
  { domains, issuers }: Omit<Catalogue, 'types'>,
  types: readonly CertificateType[],
): readonly CatalogueIssuer[] {
  const listed = new Set(issuers.flatMap((issuer) => issuer.types));
  const newcomers = types.filter(({ type }) => !listed.has(type));
  const home = issuers.filter(({ domain }) => domain === domains[0]?.domain);
  const takerOf = ({ code }: CertificateType) => issuers.find(({ issuer }) => code.startsWith(issuer)) ?? home[0];
  return issuers.map((issuer) => {
    const taken = newcomers.filter((type) => takerOf(type) === issuer).map(({ type }) => type);
    return { ...issuer, types: [...issuer.types, ...new Set(taken)] };
  });
}
