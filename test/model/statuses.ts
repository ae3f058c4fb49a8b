/** What a certificate's changes come to, told a second time: which stand, which decides, what may follow. */
import type { Act, Status } from '@yinxin/core';
import { type FactOf, type History, seconds } from './facts.ts';
import { compromiseOf, issuerOfKey, keyFault, managerAt } from './questions.ts';

export type Made = FactOf<'change'>;

const endings = { cancel: 'CANCELLED', revoke: 'REVOKED', withdraw: 'WITHDRAWN', forfeit: 'FORFEITED' } as const;

export const hasEnded = (status: Status): boolean => Object.values(endings).some((one) => one === status);

/** How bad a status is for whoever holds the certificate. */
export const badness = (status: Status) => (status === 'ACTIVE' ? 0 : status === 'SUSPENDED' ? 1 : 2);

/** The one that counts: walk back over what is no correction, and skip what some correction of the list took back. */
export function decider(changes: readonly Made[]): Made | undefined {
  return changes
    .filter(({ act }) => act !== 'correct')
    .filter(({ sequence }) => !changes.some(({ corrects }) => corrects === sequence))
    .at(-1);
}

export const statusAfter = (changes: readonly Made[]): Status => decider(changes)?.to ?? 'ACTIVE';

/** Drops, one after the other, changes by keys that are not trusted and that improve on what stood before. */
export function standing(changes: readonly Made[], trusts: (change: Made) => boolean): readonly Made[] {
  const newest = changes.at(-1);
  if (!newest) return [];
  const before = standing(changes.slice(0, -1), trusts);
  const undone = before.find(({ sequence }) => sequence === newest.corrects);
  const improves =
    newest.act === 'correct'
      ? undone !== undefined && undone.act !== 'resume'
      : newest.act === 'resume' || badness(newest.to) < badness(statusAfter(before));
  return improves && !trusts(newest) ? before : [...before, newest];
}

/** The two ways in which the contract reads a certificate's past. */
export function readings(history: History, changes: readonly Made[]): readonly (readonly Made[])[] {
  return [changes, standing(changes, ({ key }) => compromiseOf(history, key) === undefined)];
}

/** What readers see at a legal time: keys of whoever managed the register, then good. */
export function statusAt(history: History, changes: readonly Made[], at: string): Made | undefined {
  const counting = standing(changes, ({ issuer, act, key, recorded }) => {
    const manager = act === 'supersede' ? issuer : managerAt(history, issuer, recorded);
    return issuerOfKey(history, key) === manager && keyFault(history, key, recorded) === undefined;
  });
  return decider(counting.filter(({ effective }) => seconds(effective) <= seconds(at)));
}

/** Where an act leads; undefined where it is not lawful. */
export function outcome(reading: readonly Made[], act: Act, corrects: number | undefined): Status | undefined {
  const from = statusAfter(reading);
  if (act === 'suspend') return from === 'ACTIVE' ? 'SUSPENDED' : undefined;
  if (act === 'resume') return from === 'SUSPENDED' ? 'ACTIVE' : undefined;
  if (act !== 'correct') return badness(from) < 2 ? endings[act] : undefined;
  const mistaken = reading.find(({ sequence }) => sequence === corrects);
  const isFresh = !reading.some((change) => change.corrects === corrects);
  if (!mistaken || mistaken.act === 'correct' || !isFresh) return undefined;
  const rest = reading.filter((change) => change !== mistaken);
  return statusAfter(rest.filter((change) => change.corrects === undefined || change.corrects !== corrects));
}
