/** What every judge of the model works with. */
import type { ContractCaller, Instant, Json } from '@yinxin/core';
import type { Happening, History } from './facts.ts';
import { seconds } from './facts.ts';
import { domainNow, issuerFact, organisations } from './questions.ts';
import type { Reader } from './shapes.ts';
import type { Signatures } from './signatures.ts';

export interface Sent {
  readonly name: string;
  /** JSON. */
  readonly input: string;
  readonly caller: ContractCaller;
  /** What the sender dates it. */
  readonly time: Instant;
  /** What the endorsing peer's clock says. */
  readonly clock: Instant;
  readonly txId: string;
}

export class Refused extends Error {}

export type Judge = (history: History, sent: Sent, input: Json, signatures: Signatures) => readonly Happening[];

export function must(condition: boolean): asserts condition {
  if (!condition) throw new Refused();
}

export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Refused();
  return value;
}

export const take = <T>(read: Reader<T>, json: Json): T => given(read(json));

/** Only an administrator of the domain's organisation. */
export function mustAdminister(history: History, domain: string, { caller }: Sent): void {
  must(caller.role === 'admin' && given(domainNow(history, domain)).msp === caller.msp);
}

export function mustAdministerBody(history: History, issuer: string, sent: Sent): void {
  mustAdminister(history, given(issuerFact(history, issuer)).domain, sent);
}

export function mustBeOrganised(history: History, { caller }: Sent): void {
  must(caller.role === 'admin' && organisations(history).includes(caller.msp));
}

export const mustNotPrecede = (time: string, { time: now }: { readonly time: string }, offset = 0): void =>
  must(seconds(time) >= seconds(now) + offset);

/** A window may be ended earlier than it would, and not in the past. */
export function mustShorten(until: string, present: string | null, sent: Sent): void {
  mustNotPrecede(until, sent);
  must(present === null || seconds(until) < seconds(present));
}

/** The window of an input ends after it begins. */
export const isWindow = ({ from, until }: { readonly from: string; readonly until: string | null }): boolean =>
  until === null || seconds(until) > seconds(from);

export const isSame = (one: unknown, other: unknown): boolean => sorted(one) === sorted(other);

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
