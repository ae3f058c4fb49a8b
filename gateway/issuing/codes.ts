/** Static codes, signed on demand with the issuer's code key (core/FORMATS.md). */
import { timingSafeEqual } from 'node:crypto';
import {
  type CertificateType,
  type Code,
  type CodeAnswer,
  type CodeFace,
  deriveFaceSalt,
  type FieldValue,
  formatDigits,
  formatSymbol,
  fromBase64,
  parseIdentifier,
  sm3,
  YinxinError,
} from '@yinxin/core';
import { deflateRaw } from '@yinxin/core/deflate';
import type { VaultRecord } from '../vault/vault.ts';
import { findRecord } from './files.ts';
import type { CodeAccess, CodeOptions, IssuingDeps } from './issuing.ts';
import { chooseKey, isManager, managerOf } from './signing-keys.ts';

const holderTokenBytes = 32;

/** The token's hash against the vault's, in a time that says nothing. */
function isHolder(token: string, { holderTokenHash }: VaultRecord): boolean {
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(token, holderTokenBytes);
  } catch {
    return false;
  }
  return timingSafeEqual(sm3(bytes), fromBase64(holderTokenHash, holderTokenBytes));
}

function mayHaveCode({ readModel, clock }: IssuingDeps, access: CodeAccess, record: VaultRecord): boolean {
  if ('holderToken' in access) return isHolder(access.holderToken, record);
  return isManager(readModel.trust(), access.issuer, record.body.issuer, clock());
}

function isCodeValue(value: FieldValue | undefined): value is string | readonly string[] {
  return typeof value === 'string' || Array.isArray(value);
}

/** @throws YinxinError INPUT_INVALID for an open code of a type whose face has a record of named parts: a code cannot hold one */
function toFace({ body, fields, secret }: VaultRecord, type: CertificateType, kind: CodeFace['kind']): CodeFace {
  if (kind === 'closed') return { kind, face: body.face };
  const values = type.face.map((key) => {
    const value = fields[key];
    if (!isCodeValue(value)) throw new YinxinError('INPUT_INVALID', { member: 'face' });
    return value;
  });
  return { kind, salt: deriveFaceSalt(fromBase64(secret)), values };
}

/** See `Issuing.code`. */
export async function makeCode(
  deps: IssuingDeps,
  access: CodeAccess,
  identifier: string,
  { face, purpose, addressee, expires }: CodeOptions,
): Promise<CodeAnswer> {
  const mayKnow = (issuer: string) =>
    'holderToken' in access || isManager(deps.readModel.trust(), access.issuer, issuer, deps.clock());
  const { record } = await findRecord(deps, identifier, mayKnow);
  if (!mayHaveCode(deps, access, record)) throw new YinxinError('CERTIFICATE_UNKNOWN');
  const { body } = record;
  const trust = deps.readModel.trust();
  const type = trust.type(body.type, body.typeVersion);
  if (!type) throw new YinxinError('TYPE_UNKNOWN', { type: body.type });
  const { serial, version } = parseIdentifier(body.id);
  const signedAt = deps.clock();
  const manager = managerOf(trust, body.issuer, signedAt).issuer;
  const code: Code = {
    channel: trust.channel,
    key: chooseKey(deps.keys, trust, manager, 'code', signedAt),
    signedAt,
    ...(expires !== undefined && { expires }),
    ...(purpose !== undefined && { purpose }),
    ...(addressee !== undefined && { addressee }),
    type: body.type,
    typeVersion: body.typeVersion,
    issuer: body.issuer,
    serial,
    version,
    entry: body.entry,
    issuedAt: body.issuedAt,
    validFrom: body.validFrom,
    validUntil: body.validUntil,
    fields: body.fields,
    face: toFace(record, type, face),
  };
  const bytes = deps.signer.signCode(code, manager);
  const digits = formatDigits(bytes, deflateRaw(bytes));
  return { identifier: body.id, digits, symbol: formatSymbol(deps.publicUrl(), digits) };
}
