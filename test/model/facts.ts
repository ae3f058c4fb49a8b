/** What happened, one plain fact after the other: the model keeps nothing else, and answers every question by reading all of it again. */
import type { Act, CertificateType, Instant, Json, KeyId, KeyUse, Status, Words } from '@yinxin/core';

export interface Change {
  readonly issuer: string;
  readonly type: string;
  readonly entry: number;
  readonly sequence: number;
  readonly from: Status;
  readonly to: Status;
  readonly act: Act | 'supersede';
  readonly corrects: number | undefined;
  readonly by: number | undefined;
  readonly effective: Instant;
  readonly key: KeyId;
}

export interface Terms {
  readonly agreement: string;
  readonly parties: readonly string[];
  readonly types: readonly string[];
  readonly matters: readonly string[] | null;
  readonly from: Instant;
  readonly until: Instant | null;
}

/** One shape for several sorts of fact. */
type Each<Sort extends string, Members> = Sort extends string ? { readonly fact: Sort } & Members : never;

export type Happening =
  | {
      readonly fact: 'domain';
      readonly domain: string;
      readonly region: string;
      readonly name: Words;
      readonly msp: string;
    }
  /** An organisation's first governing act. */
  | { readonly fact: 'joining'; readonly msp: string }
  | { readonly fact: 'type'; readonly definition: CertificateType }
  | { readonly fact: 'basis'; readonly basis: string; readonly name: Words; readonly acts: readonly string[] }
  | { readonly fact: 'matter'; readonly matter: string }
  | {
      readonly fact: 'issuer';
      readonly issuer: string;
      readonly domain: string;
      readonly region: string;
      readonly from: Instant;
    }
  | { readonly fact: 'name'; readonly issuer: string; readonly name: Words }
  | Each<'offer' | 'closing', { readonly issuer: string; readonly at: Instant; readonly successor: string | null }>
  | {
      readonly fact: 'key';
      readonly key: KeyId;
      readonly issuer: string;
      readonly use: KeyUse;
      /** The key that vouched for it. */
      readonly voucher: KeyId | undefined;
      readonly from: Instant;
      readonly until: Instant | null;
    }
  | {
      readonly fact: 'list-key';
      readonly key: string;
      readonly domain: string;
      readonly from: Instant;
      readonly until: Instant | null;
    }
  | { readonly fact: 'key-end'; readonly key: string; readonly until: Instant }
  | { readonly fact: 'compromise'; readonly key: string; readonly from: Instant }
  | {
      readonly fact: 'entitlement';
      readonly issuer: string;
      readonly type: string;
      readonly region: string;
      readonly from: Instant;
      readonly until: Instant | null;
    }
  | { readonly fact: 'entitlement-end'; readonly issuer: string; readonly type: string; readonly until: Instant }
  | { readonly fact: 'agreement'; readonly terms: Terms }
  | Each<'agreed' | 'rested' | 'resumed', { readonly agreement: string; readonly domain: string }>
  | { readonly fact: 'agreement-end'; readonly agreement: string; readonly until: Instant }
  | {
      readonly fact: 'proposal';
      readonly proposal: string;
      readonly action: string;
      readonly input: Json;
      readonly msp: string;
    }
  | Each<'approval' | 'disapproval', { readonly proposal: string; readonly msp: string }>
  | { readonly fact: 'proposal-end'; readonly proposal: string }
  | {
      readonly fact: 'batch';
      readonly issuer: string;
      readonly type: string;
      readonly version: number;
      readonly first: number;
      readonly last: number;
      readonly key: KeyId;
    }
  | ({ readonly fact: 'change' } & Change);

/** Sender's time and, once it is in a block, ledger time and block. */
export type Fact = Happening & { readonly time: Instant; readonly recorded: Instant; readonly block: number };
export type FactOf<K extends Fact['fact']> = Extract<Fact, { readonly fact: K }>;
export type History = readonly Fact[];

/** All facts of a sort that pass, oldest first. */
export function all<K extends Fact['fact']>(
  history: History,
  kind: K,
  passes: (fact: FactOf<K>) => boolean = () => true,
): readonly FactOf<K>[] {
  return history.filter((fact): fact is FactOf<K> => fact.fact === kind).filter(passes);
}

/** The newest of them. */
export function last<K extends Fact['fact']>(
  history: History,
  kind: K,
  passes?: (fact: FactOf<K>) => boolean,
): FactOf<K> | undefined {
  return all(history, kind, passes).at(-1);
}

export const seconds = (time: string): number => Date.parse(time) / 1000;
export const day = 86_400;
/** Whether a time lies in a window, the end left out. */
export const within = (at: string, from: string, until: string | null): boolean =>
  seconds(from) <= seconds(at) && (until === null || seconds(at) < seconds(until));
