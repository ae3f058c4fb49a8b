/** What an input may look like, for the model: readers that answer undefined for anything else. */
import type { Instant, Json, KeyId, Words } from '@yinxin/core';

export type Reader<T> = (json: Json | undefined) => T | undefined;
type Read<R> = R extends Reader<infer T> ? T : never;

/** An object with exactly these members. */
export function object<S extends { readonly [name: string]: Reader<unknown> }>(
  shape: S,
): Reader<{ readonly [K in keyof S]: Read<S[K]> }> {
  return (json) => {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
    const given = json as { readonly [name: string]: Json };
    if (Object.keys(given).sort().join() !== Object.keys(shape).sort().join()) return undefined;
    const entries = Object.entries(shape).map(([name, read]) => [name, read(given[name])] as const);
    if (entries.some(([, value]) => value === undefined)) return undefined;
    return Object.fromEntries(entries) as { readonly [K in keyof S]: Read<S[K]> };
  };
}

export const list =
  <T>(read: Reader<T>): Reader<readonly T[]> =>
  (json) => {
    if (!Array.isArray(json)) return undefined;
    const items = json.map((item: Json) => read(item));
    return items.some((item) => item === undefined) ? undefined : (items as readonly T[]);
  };

export const orNull =
  <T>(read: Reader<T>): Reader<T | null> =>
  (json) =>
    json === null ? null : read(json);

export const text: Reader<string> = (json) => (typeof json === 'string' ? json : undefined);
export const anything: Reader<Json> = (json) => json;
export const count: Reader<number> = (json) => (Number.isInteger(json) && Number(json) > 0 ? Number(json) : undefined);
export const matching =
  (pattern: RegExp): Reader<string> =>
  (json) =>
    typeof json === 'string' && pattern.test(json) ? json : undefined;

export const instant: Reader<Instant> = (json) => {
  if (typeof json !== 'string' || !/^(?:19|[2-9]\d)\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(json)) return undefined;
  const parsed = new Date(json);
  return !Number.isNaN(parsed.getTime()) && `${parsed.toISOString().slice(0, 19)}Z` === json
    ? (json as Instant)
    : undefined;
};
export const keyId: Reader<KeyId> = (json) => matching(/^[0-9a-f]{32}$/)(json) as KeyId | undefined;
export const region = matching(/^[1-9][0-9]{5}$/);
export const slug = matching(/^[a-z][a-z0-9-]{1,63}$/);
/** Of an agreement or a matter: words and short numbers. */
export const code: Reader<string> = (json) =>
  typeof json === 'string' &&
  json.length >= 2 &&
  json.length <= 64 &&
  json.split('-').every((part, at) => /^[a-z]+$/.test(part) || (at > 0 && /^[0-9]{1,4}$/.test(part)))
    ? json
    : undefined;
/** An office's telephone. */
export const phone: Reader<string> = (json) => {
  if (typeof json !== 'string' || !/^\+?[0-9][0-9 -]{1,18}[0-9]$/.test(json)) return undefined;
  const digits = json.replaceAll(/[^0-9]/g, '').replace(/^0+/, '');
  const national = digits.startsWith('86') ? digits.slice(2).replace(/^0+/, '') : digits;
  const isMobile = [digits, national].some((number) => number.length >= 11 && /^1[3-9]/.test(number));
  return isMobile ? undefined : json;
};

const name: Reader<string> = (json) => {
  if (typeof json !== 'string' || json !== json.trim() || /[\n\r\u2028\u2029]/.test(json)) return undefined;
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]|[0-9０-９]{7}/u.test(json)) return undefined;
  return [...json].length >= 1 && [...json].length <= 100 ? json : undefined;
};
export const words: Reader<Words> = object({ zh: name, en: name });

/** GB 32100 with GB 11714. */
export const creditCode: Reader<string> = (json) => {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  if (typeof json !== 'string' || !/^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(json)) return undefined;
  const sum = [...json.slice(0, 17)].reduce((total, char, at) => total + alphabet.indexOf(char) * (3 ** at % 31), 0);
  const inner = [3, 7, 9, 10, 5, 8, 4, 2].reduce(
    (total, weight, at) => total + weight * Number.parseInt(json[8 + at] ?? '', 36),
    0,
  );
  const innerCheck = '0X987654321'[inner % 11];
  return json[17] === alphabet[(31 - (sum % 31)) % 31] && json[16] === innerCheck ? json : undefined;
};
