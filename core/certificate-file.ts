/** The certificate file, `*.yinxin.json`, `application/vnd.yinxin.certificate+json`: exactly its JCS bytes (core/FORMATS.md). */
import { parseBody } from './body.ts';
import { fromBase64, requireBase64Hash, toBase64 } from './bytes.ts';
import { YinxinError } from './errors.ts';
import { commitField, commitFields, type Disclosure, deriveSalt, type FieldValues } from './fields.ts';
import { canonicalBytes, parseCanonical } from './jcs.ts';
import { isJsonObject, type MemberReader, memberReader } from './members.ts';
import type { Body, CertificateFile, FieldValue, Json, Proof } from './model.ts';

/** Largest file that is read. */
export const maxFileBytes = 512 * 1024;
const maxPathLength = 15 + 1;

/** A body and some of its fields, each with its salt; the others stay as commitments. Without a proof: its leaf has to be found on the ledger. */
export interface DisclosedBody {
  readonly body: Body;
  readonly fields: FieldValues;
  /** base64, for each value shown. */
  readonly salts: { readonly [key: string]: string };
  /** base64, for each field hidden. */
  readonly commitments: { readonly [key: string]: string };
}

const malformed = (member: string) => new YinxinError('MALFORMED_FILE', { member });

function isFieldValue(json: Json | undefined): json is FieldValue {
  if (typeof json === 'string') return true;
  if (Array.isArray(json)) return json.every((item) => typeof item === 'string');
  return isJsonObject(json) && Object.values(json).every((item) => typeof item === 'string');
}

/** @throws YinxinError MALFORMED_FILE */
export function parseFieldValues(json: Json, where: string): FieldValues {
  if (!isJsonObject(json)) throw malformed(where);
  const values: { [key: string]: FieldValue } = {};
  for (const [key, value] of Object.entries(json)) {
    if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(key)) throw malformed(`${where}.key`);
    if (!isFieldValue(value)) throw malformed(`${where}.${key}`);
    values[key] = value;
  }
  return values;
}

function parseProof(json: Json): Proof {
  const read = memberReader(json, 'proof', 'MALFORMED_FILE', ['statement', 'signature', 'index', 'path', 'anchored']);
  const path = read.array('path').map((hash) => {
    if (typeof hash !== 'string') throw malformed('proof.path');
    return requireBase64Hash(hash);
  });
  if (path.length > maxPathLength) throw new YinxinError('MALFORMED_PROOF', { why: 'path too long' });
  fromBase64(read.text('signature'));
  const anchored = read.value('anchored') === null ? null : read.text('anchored');
  return {
    statement: read.text('statement'),
    signature: read.text('signature'),
    index: read.natural('index'),
    path,
    anchored,
  };
}

/** The object of a file. @throws YinxinError MALFORMED_FILE, SECRET_WITH_HIDDEN_FIELD, MALFORMED_… of a member */
export function toCertificateFile(json: Json): CertificateFile {
  const read = memberReader(json, 'file', 'MALFORMED_FILE', [
    'body',
    'fields',
    'secret',
    'salts',
    'commitments',
    'proof',
    'holderToken',
  ]);
  const file = {
    body: parseBody(read.value('body')),
    fields: parseFieldValues(read.value('fields'), 'fields'),
    proof: parseProof(read.value('proof')),
    ...(read.has('holderToken') ? { holderToken: read.text('holderToken') } : {}),
  };
  if (file.holderToken !== undefined) fromBase64(file.holderToken, 32);
  if (read.has('secret')) {
    if (read.has('salts') || read.has('commitments')) throw new YinxinError('SECRET_WITH_HIDDEN_FIELD');
    fromBase64(read.text('secret'), 16);
    return { ...file, secret: read.text('secret') };
  }
  if (file.holderToken !== undefined) throw malformed('holderToken');
  return { ...file, ...readOpenings(read, file.fields) };
}

/** Salts of the values shown and commitments of the others. */
function readOpenings(
  read: MemberReader<'salts' | 'commitments'>,
  fields: FieldValues,
): Pick<DisclosedBody, 'salts' | 'commitments'> {
  const salts = read.texts('salts');
  const commitments = read.texts('commitments');
  for (const salt of Object.values(salts)) fromBase64(salt, 16);
  for (const commitment of Object.values(commitments)) fromBase64(commitment, 32);
  const shown = Object.keys(fields);
  if (shown.length !== Object.keys(salts).length || !shown.every((key) => salts[key] !== undefined))
    throw malformed('salts');
  if (shown.some((key) => commitments[key] !== undefined)) throw malformed('commitments');
  return { salts, commitments };
}

/** @throws YinxinError MALFORMED_FILE, MALFORMED_… of a member */
export function parseDisclosedBody(json: Json): DisclosedBody {
  const read = memberReader(json, 'disclosed', 'MALFORMED_FILE', ['body', 'fields', 'salts', 'commitments']);
  const fields = parseFieldValues(read.value('fields'), 'fields');
  return { body: parseBody(read.value('body')), fields, ...readOpenings(read, fields) };
}

/** Reads a file's bytes; refuses what does not re-serialise to itself. @throws YinxinError as toCertificateFile, and NOT_CANONICAL, TOO_LARGE, … */
export function parseCertificateFile(bytes: Uint8Array): CertificateFile {
  return toCertificateFile(parseCanonical(bytes, { maxBytes: maxFileBytes }));
}

/** The bytes of a file, UTF-8, without line end. */
export function formatCertificateFile(file: CertificateFile): Uint8Array {
  return canonicalBytes(toJson(file));
}

function toJson(file: CertificateFile): Json {
  const { body, proof, ...rest } = file;
  return { ...rest, body: { ...body }, proof: { ...proof } };
}

export function toDisclosure(file: Omit<CertificateFile, 'proof'>): Disclosure {
  if (file.secret !== undefined) return { kind: 'all', values: file.fields, secret: fromBase64(file.secret, 16) };
  return { kind: 'some', values: file.fields, salts: file.salts ?? {}, commitments: file.commitments ?? {} };
}

/**
 * Derives a file that shows only the fields named; the others stay as commitments. It carries neither secret nor holder token, and verifies like the first.
 * @throws YinxinError FIELD_UNKNOWN when a key is not shown in `file`
 */
export function discloseFields(file: CertificateFile, keys: readonly string[]): CertificateFile {
  return { ...discloseBody(file, keys), proof: file.proof };
}

/** The same without the proof. @throws YinxinError as discloseFields */
export function discloseBody(file: Omit<CertificateFile, 'proof'>, keys: readonly string[]): DisclosedBody {
  const shown = Object.keys(file.fields);
  for (const key of keys) if (!shown.includes(key)) throw new YinxinError('FIELD_UNKNOWN', { key });
  const secret = file.secret === undefined ? undefined : fromBase64(file.secret, 16);
  const salts: { [key: string]: string } = {};
  const commitments: { [key: string]: string } = { ...file.commitments };
  const fields: { [key: string]: FieldValue } = {};
  const allCommitments = secret ? commitFields(secret, file.fields) : {};
  for (const [key, value] of Object.entries(file.fields)) {
    const salt = secret ? toBase64(deriveSalt(secret, key)) : (file.salts?.[key] ?? '');
    if (keys.includes(key)) {
      fields[key] = value;
      salts[key] = salt;
    } else {
      commitments[key] = allCommitments[key] ?? commitField(fromBase64(salt, 16), key, value);
    }
  }
  return { body: file.body, fields, salts, commitments };
}
