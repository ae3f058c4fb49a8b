/** The worked vectors of test/vectors/formats.json, typed as far as the primitives need them, and the one way to expect a code. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type ErrorCode, YinxinError } from '../../../core/errors.ts';
import type { Json } from '../../../core/model.ts';

interface Vectors {
  readonly key: { readonly privateKeyHex: string; readonly publicKeyHex: string; readonly keyIdHex: string };
  readonly certificates: readonly {
    readonly values: { readonly [key: string]: Json };
    readonly commitments: { readonly [key: string]: string };
    readonly body: { readonly [key: string]: Json } & { readonly id: string; readonly entry: number };
    readonly bodyCanonical: string;
    readonly leaf: string;
  }[];
  readonly merkle: readonly {
    readonly size: number;
    readonly root: string;
    readonly paths: { readonly [index: string]: readonly string[] };
  }[];
  readonly anchor: {
    readonly statement: string;
    readonly signature: string;
    readonly paths: readonly (readonly string[])[];
  };
  readonly status: { readonly statement: string; readonly signature: string };
  readonly possession: { readonly statement: string; readonly signature: string };
  readonly codes: readonly {
    readonly name: string;
    readonly payloadHex: string;
    readonly codeHex: string;
    readonly digits: string;
    readonly deflatedDigits: string;
  }[];
}

export const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../vectors/formats.json', import.meta.url), 'utf8'),
);

/** Runs `act` and expects a YinxinError of exactly this code. */
export function expectCode(code: ErrorCode, act: () => unknown): void {
  let caught: unknown;
  try {
    act();
  } catch (error) {
    caught = error;
  }
  expect(caught, `should refuse with ${code}`).to.be.instanceOf(YinxinError);
  expect((caught as YinxinError).code).to.equal(code); // checked on the line before
}
