/** Looking into JSON that Fabric's programs print. */
import { isJsonObject, type Json } from '@yinxin/core';

/** The value at a path of members and indexes; undefined where it does not lead. */
export function pick(json: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let found = json;
  for (const step of path) {
    if (typeof step === 'number') found = Array.isArray(found) ? found[step] : undefined;
    else found = isJsonObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

export function pickText(json: Json | undefined, ...path: readonly (string | number)[]): string | undefined {
  const found = pick(json, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** 64-bit integers of Fabric's programs are numbers here and strings there; nought is often left out. */
export function pickNumber(json: Json | undefined, ...path: readonly (string | number)[]): number | undefined {
  const found = pick(json, ...path);
  const number = typeof found === 'string' && found !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

export function pickArray(json: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = pick(json, ...path);
  return Array.isArray(found) ? found : [];
}

export function pickNames(json: Json | undefined, ...path: readonly (string | number)[]): readonly string[] {
  const found = pick(json, ...path);
  return isJsonObject(found) ? Object.keys(found).sort() : [];
}
