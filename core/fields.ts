/** Salted commitments of a certificate's fields, and its face (core/FORMATS.md). */

import { sm3, sm3Base64, sm3Latin1 } from '#sm3';
import { ascii, concat, fromBase64, utf8 } from './bytes.ts';
import { YinxinError } from './errors.ts';
import { canonicalize, sortKeys } from './jcs.ts';
import type { FieldValue } from './model.ts';
import { Preimage } from './preimage.ts';

export type FieldValues = { readonly [key: string]: FieldValue };

/** Bytes of a certificate's secret, of a salt, and of a hash. */
export const secretBytes = 16;
const saltBytes = 16;
const hashBytes = 32;

const tag = (name: string) => concat(ascii(name), new Uint8Array(1));
const saltTag = tag('yinxin-salt');
const fieldTag = tag('yinxin-field');
const fieldsTag = 'yinxin-fields\0';
const faceSaltTag = tag('yinxin-face-salt');
const faceTag = tag('yinxin-face');
const saltPreimage = new Preimage();
const fieldPreimage = new Preimage().append(fieldTag);
const facePreimage = new Preimage();

/** What hashing needs of a field's key; the keys of all types together are few. */
interface KeyForms {
  readonly utf8: Uint8Array;
  /** UTF-8 of `["key",`: what JCS([key, value]) begins with. */
  readonly head: Uint8Array;
  /** `"key":` */
  readonly member: string;
}

const keyForms = new Map<string, KeyForms>();
const keyFormsMax = 4096;

function toKeyForms(key: string): KeyForms {
  const kept = keyForms.get(key);
  if (kept) return kept;
  const text = canonicalize(key);
  const forms = { utf8: utf8(key), head: utf8(`[${text},`), member: `${text}:` };
  if (keyForms.size < keyFormsMax) keyForms.set(key, forms);
  return forms;
}

/** `SM3("yinxin-salt" ‖ 0x00 ‖ secret ‖ key)`, first 16 bytes. */
export function deriveSalt(secret: Uint8Array, key: string): Uint8Array {
  return sm3(startSalts(secret).append(toKeyForms(key).utf8).view()).subarray(0, saltBytes);
}

function startSalts(secret: Uint8Array): Preimage {
  return saltPreimage.keep(0).append(saltTag).append(secret);
}

/** `SM3("yinxin-field" ‖ 0x00 ‖ salt ‖ JCS([key, value]))` in base64. */
export function commitField(salt: Uint8Array, key: string, value: FieldValue): string {
  return finishCommitment(fieldPreimage.keep(fieldTag.length).append(salt), toKeyForms(key), value);
}

function finishCommitment(salted: Preimage, forms: KeyForms, value: FieldValue): string {
  return sm3Base64(salted.append(forms.head).appendText(canonicalize(value)).appendText(']').view());
}

/** The body's `fields` (base64), from commitments by key, each base64. */
export function hashCommitments(commitments: { readonly [key: string]: string }): string {
  let text = fieldsTag;
  for (const key of sortKeys(Object.keys(commitments))) {
    text += `${text === fieldsTag ? '{' : ','}${toKeyForms(key).member}"${commitments[key]}"`;
  }
  return sm3Base64(text === fieldsTag ? `${text}{}` : `${text}}`);
}

/** base64 commitments of all values under one secret. */
export function commitFields(secret: Uint8Array, values: FieldValues): { [key: string]: string } {
  const commitments: { [key: string]: string } = {};
  startSalts(secret);
  const secretEnd = saltTag.length + secret.length;
  for (const key of sortKeys(Object.keys(values))) {
    const value = values[key];
    if (value === undefined) continue;
    const forms = toKeyForms(key);
    const salt = sm3Latin1(saltPreimage.keep(secretEnd).append(forms.utf8).view());
    commitments[key] = finishCommitment(
      fieldPreimage.keep(fieldTag.length).appendLatin1(salt, saltBytes),
      forms,
      value,
    );
  }
  return commitments;
}

export function deriveFaceSalt(secret: Uint8Array): Uint8Array {
  return sm3(facePreimage.keep(0).append(faceSaltTag).append(secret).view()).subarray(0, saltBytes);
}

/** The body's `face` (base64): the values of the type's face fields under their own salt. */
export function hashFace(faceSalt: Uint8Array, faceValues: FieldValues): string {
  return sm3Base64(facePreimage.keep(0).append(faceTag).append(faceSalt).appendText(canonicalize(faceValues)).view());
}

/** The face's part of all values. @throws YinxinError FIELD_MISSING */
export function pickFace(face: readonly string[], values: FieldValues): FieldValues {
  const picked: { [key: string]: FieldValue } = {};
  for (const key of face) {
    const value = values[key];
    if (value === undefined) throw new YinxinError('FIELD_MISSING', { key });
    picked[key] = value;
  }
  return picked;
}

/** What a holder gives away of a certificate: everything (the secret), or some values with their salts. */
export type Disclosure =
  | { readonly kind: 'all'; readonly values: FieldValues; readonly secret: Uint8Array }
  | {
      readonly kind: 'some';
      readonly values: FieldValues;
      /** base64, for each value shown. */
      readonly salts: { readonly [key: string]: string };
      /** base64, for each field hidden. */
      readonly commitments: { readonly [key: string]: string };
    };

/** The body's `fields` (base64) that a disclosure opens to. @throws YinxinError FIELDS_MISMATCH when a shown value has no salt */
export function openFields(disclosure: Disclosure): string {
  if (disclosure.kind === 'all') return hashCommitments(commitFields(disclosure.secret, disclosure.values));
  const commitments: { [key: string]: string } = {};
  for (const [key, commitment] of Object.entries(disclosure.commitments)) {
    fromBase64(commitment, hashBytes);
    commitments[key] = commitment;
  }
  for (const [key, value] of Object.entries(disclosure.values)) {
    const salt = disclosure.salts[key];
    if (salt === undefined || commitments[key] !== undefined) throw new YinxinError('FIELDS_MISMATCH', { key });
    commitments[key] = commitField(fromBase64(salt, saltBytes), key, value);
  }
  return hashCommitments(commitments);
}
