/** Reads certs/: the types, and what the demonstration network is founded with: domains, issuing bodies, legal bases, matters, recognition agreements. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgreementParty,
  type CertificateType,
  type ErrorCode,
  isAct,
  type Json,
  memberReader,
  parseJson,
  parseType,
  type RegisterBasisInput,
  type RegisterDomainInput,
  type RegisterMatterInput,
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

export interface CatalogueAgreement {
  readonly agreement: string;
  readonly name: Words;
  /** How long it lasts, counted from its proposal. */
  readonly years: number;
  /** The first proposes it. */
  readonly parties: readonly AgreementParty[];
  readonly types: readonly string[];
  readonly matters: readonly string[];
}

export interface Catalogue {
  /** The first is the gateway's home. */
  readonly domains: readonly RegisterDomainInput[];
  readonly issuers: readonly CatalogueIssuer[];
  readonly types: readonly CertificateType[];
  readonly bases: readonly RegisterBasisInput[];
  readonly matters: readonly RegisterMatterInput[];
  readonly agreements: readonly CatalogueAgreement[];
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

function readBasis(json: Json): RegisterBasisInput {
  const read = memberReader(json, 'bases', 'INPUT_INVALID', ['basis', 'name', 'acts']);
  const acts = read.array('acts').filter(isAct);
  if (acts.length < read.array('acts').length) throw new YinxinError('INPUT_INVALID', { member: 'bases.acts' });
  return { basis: read.text('basis'), name: readWords(read.value('name')), acts };
}

function readMatter(json: Json): RegisterMatterInput {
  const read = memberReader(json, 'matters', 'INPUT_INVALID', ['matter', 'name']);
  return { matter: read.text('matter'), name: readWords(read.value('name')) };
}

function readParty(json: Json): AgreementParty {
  const read = memberReader(json, 'parties', 'INPUT_INVALID', ['domain', 'office', 'phone']);
  return { domain: read.text('domain'), office: readWords(read.value('office')), phone: read.text('phone') };
}

function readAgreement(json: Json): CatalogueAgreement {
  const names = ['agreement', 'name', 'years', 'parties', 'types', 'matters'] as const;
  const read = memberReader(json, 'agreements', 'INPUT_INVALID', names);
  return {
    agreement: read.text('agreement'),
    name: readWords(read.value('name')),
    years: read.positive('years'),
    parties: read.array('parties').map(readParty),
    types: read.array('types').map(String),
    matters: read.array('matters').map(String),
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

/** `<name>.json`, which holds one list, called by the same name. */
function readList<T>(folder: string, name: string, parse: (json: Json) => T): Promise<readonly T[]> {
  const file = `${name}.json`;
  return readJsonFile(folder, file, 'INPUT_INVALID', (json) =>
    memberReader(json, file, 'INPUT_INVALID', [name]).array(name).map(parse),
  );
}

async function readTypes(folder: string): Promise<readonly CertificateType[]> {
  const files = (await readdir(join(folder, 'types'))).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map((file) => readJsonFile(folder, join('types', file), 'TYPE_INVALID', parseType)));
}

/** Types ascend by name and version. @throws YinxinError TYPE_INVALID, INPUT_INVALID, FILE_UNREADABLE with `{file}` */
export async function readCatalogue(folder: string): Promise<Catalogue> {
  const types = await readTypes(folder);
  const network = await readJsonFile(folder, 'issuers.json', 'INPUT_INVALID', (json) => {
    const read = memberReader(json, 'issuers.json', 'INPUT_INVALID', ['domains', 'issuers']);
    return { domains: read.array('domains').map(readDomain), issuers: read.array('issuers').map(readIssuer) };
  });
  return {
    domains: network.domains,
    issuers: assignTypes(network, types),
    types,
    bases: await readList(folder, 'bases', readBasis),
    matters: await readList(folder, 'matters', readMatter),
    agreements: await readList(folder, 'agreements', readAgreement),
  };
}

/** A type that no body lists goes to the body that its code names, else to the first of the home city: so a new type is one file. */
function assignTypes(
  { domains, issuers }: Pick<Catalogue, 'domains' | 'issuers'>,
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
