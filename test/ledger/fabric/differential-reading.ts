/** Random questions to the contract: rows that are there, rows that are not, pages, histories, and now and then nonsense. */
import { type Json, rowKeys } from '@yinxin/core';
import type { Caller } from '../../../gateway/ledger/port.ts';
import { bases, clientOf, matters } from '../../fixtures/network.ts';
import { bodies, domains, keys, listPairs, typePool } from '../../model/cast.ts';
import { all, type History } from '../../model/facts.ts';
import type { Random } from '../../model/random.ts';
import { present } from './differential-writer.ts';

export interface Asked {
  readonly caller: Caller;
  readonly name: string;
  readonly input: Json;
}

const kinds = Object.keys(rowKeys);

export class Reading {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  ask(history: History): Asked {
    const random = this.#random;
    const { name, input } = random.chance(0.6) ? this.#row(history) : this.#page(history);
    const isSpoilt = random.chance(0.1);
    return { caller: clientOf({ msp: random.pick(present) }), name, input: isSpoilt ? this.#spoil(input) : input };
  }

  #place(): { readonly issuer: string; readonly type: string } {
    return { issuer: this.#random.pick(bodies).issuer, type: this.#random.pick(typePool).type };
  }

  #proposal(history: History): string {
    return this.#random.pickAny(all(history, 'proposal'))?.proposal ?? 'ab'.repeat(32);
  }

  #row(history: History): { readonly name: string; readonly input: { readonly [member: string]: Json } } {
    const random = this.#random;
    const place = this.#place();
    const number = 1 + random.below(12);
    return random.pick<() => { readonly name: string; readonly input: { readonly [member: string]: Json } }>([
      () => ({ name: 'readNetwork', input: {} }),
      () => ({ name: 'readDomain', input: { domain: random.pick(domains).domain } }),
      () => ({ name: 'readIssuer', input: { issuer: place.issuer } }),
      () => ({ name: 'readKey', input: { key: random.pick(keys).row.key } }),
      () => ({ name: 'readType', input: { type: place.type, version: 1 + random.below(3) } }),
      () => ({ name: 'readBasis', input: { basis: random.pick(bases).basis } }),
      () => ({ name: 'readMatter', input: { matter: random.pick(matters).matter } }),
      () => ({ name: 'readAgreement', input: { agreement: `agreement-${'abcdef'.charAt(random.below(6))}` } }),
      () => ({ name: 'readProposal', input: { proposal: this.#proposal(history) } }),
      () => ({ name: 'readOrganisation', input: { msp: random.pick(present) } }),
      () => ({ name: 'readGovernance', input: { msp: random.pick(present) } }),
      () => ({ name: 'readEntitlement', input: place }),
      () => ({ name: 'readRegister', input: place }),
      () => ({ name: 'readBatch', input: { ...place, first: number } }),
      () => ({ name: 'readStatus', input: { ...place, entry: number } }),
    ])();
  }

  #page(history: History): { readonly name: string; readonly input: { readonly [member: string]: Json } } {
    const random = this.#random;
    const { issuer, type } = this.#place();
    const pageSize = 1 + random.below(5);
    const first = random.pick([[], [issuer], [issuer, type], [random.pick(listPairs).kid]]);
    if (random.chance(0.5)) {
      return { name: 'listRows', input: { kind: random.pick(kinds), prefix: first, pageSize, bookmark: '' } };
    }
    const parts = random.pick([
      { kind: 'register', parts: [issuer, type] },
      { kind: 'organisation', parts: [random.pick(present)] },
      { kind: 'governance', parts: [random.pick(present)] },
      { kind: 'proposal', parts: [this.#proposal(history)] },
      { kind: 'issuer', parts: [issuer] },
    ]);
    const bookmark = random.chance(0.1) ? 'ab'.repeat(32) : '';
    return { name: 'readHistory', input: { ...parts, pageSize, bookmark } };
  }

  #spoil(input: { readonly [member: string]: Json }): Json {
    const random = this.#random;
    const member = random.pickAny(Object.keys(input));
    if (member === undefined) return { extra: 1 };
    const value = random.pick<Json>(['', 'no such thing', 0, 201, null, [''], {}, '\u0000']);
    return { ...input, [member]: value };
  }
}
