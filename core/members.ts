/** Reads the members of a JSON object strictly: every one known, present and of its kind. */
import { type ErrorCode, YinxinError } from './errors.ts';
import type { Json } from './model.ts';

export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export interface MemberReader<Name extends string> {
  has(name: Name): boolean;
  /** Any value, `null` too. */
  value(name: Name): Json;
  text(name: Name): string;
  matching(name: Name, pattern: RegExp): string;
  /** A safe integer from 0. */
  natural(name: Name): number;
  /** A safe integer from 1. */
  positive(name: Name): number;
  boolean(name: Name): boolean;
  array(name: Name): readonly Json[];
  object(name: Name): JsonObject;
  /** An object whose values are strings. */
  texts(name: Name): { readonly [key: string]: string };
}

/**
 * A reader of `json`, called `where` in errors, that allows the members named (the optional ones may be missing).
 * @throws YinxinError with `code` and `{member}`: not an object, an unknown member, and, when read, one missing or of another kind
 */
export function memberReader<Name extends string>(
  json: Json | undefined,
  where: string,
  code: ErrorCode,
  names: readonly Name[],
): MemberReader<Name> {
  const fail = (member: string) => new YinxinError(code, { member });
  if (!isJsonObject(json)) throw fail(where);
  const object = json;
  const known: readonly string[] = names;
  for (const key of Object.keys(object)) if (!known.includes(key)) throw fail(`${where}.${key.slice(0, 64)}`);

  const has = (name: Name) => Object.prototype.hasOwnProperty.call(object, name);
  function value(name: Name): Json {
    const found = has(name) ? object[name] : undefined;
    if (found === undefined) throw fail(`${where}.${name}`);
    return found;
  }
  function check<T extends Json>(name: Name, isKind: (found: Json) => found is T): T {
    const found = value(name);
    if (!isKind(found)) throw fail(`${where}.${name}`);
    return found;
  }
  const text = (name: Name) => check(name, (found): found is string => typeof found === 'string');
  const natural = (name: Name) =>
    check(name, (found): found is number => typeof found === 'number' && Number.isSafeInteger(found) && found >= 0);
  return {
    has,
    value,
    text,
    natural,
    matching(name, pattern) {
      const found = text(name);
      if (!pattern.test(found)) throw fail(`${where}.${name}`);
      return found;
    },
    positive(name) {
      const found = natural(name);
      if (found < 1) throw fail(`${where}.${name}`);
      return found;
    },
    boolean: (name) => check(name, (found): found is boolean => typeof found === 'boolean'),
    array: (name) => check(name, (found): found is readonly Json[] => Array.isArray(found)),
    object: (name) => check(name, isJsonObject),
    texts: (name) =>
      check(
        name,
        (found): found is { readonly [key: string]: string } =>
          isJsonObject(found) && Object.values(found).every((item) => typeof item === 'string'),
      ),
  };
}
