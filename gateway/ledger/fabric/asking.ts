/** Puts one question to the peers, in order, until one of them answers it: what passes by itself is asked again after a pause, a refusal never. */
import { setTimeout as wait } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import type { PeerConnection } from './connections.ts';
import type { Fault, Why } from './faults.ts';
import type { Patience } from './patience.ts';
import type { Peers } from './peers.ts';

export interface Asking {
  readonly peers: Peers;
  readonly patience: Patience;
  /** Whether a peer has not yet caught up with what was seen of the channel: then its refusals are of a state that is past. */
  readonly isBehind: (peer: PeerConnection) => Promise<boolean>;
  /** Once the ledger closes, nothing is asked again. */
  readonly isClosing: () => boolean;
}

export interface Question<T> {
  readonly call: (peer: PeerConnection) => Promise<T>;
  /** What an error says; some are answers. */
  readonly read: (error: unknown) => Fault | { readonly kind: 'answer'; readonly answer: T };
  /** For all attempts together, in milliseconds. */
  readonly budget: number;
}

/** Pauses that double. */
export class Pauses {
  readonly #longest: number;
  #next: number;

  constructor({ firstPause, longestPause }: Patience) {
    this.#next = firstPause;
    this.#longest = longestPause;
  }

  async wait(): Promise<void> {
    await wait(this.#next);
    this.#next = Math.min(2 * this.#next, this.#longest);
  }
}

type Open = Exclude<Fault, { kind: 'refused' }>;
type Round<T> = { readonly answer: T } | { readonly faults: readonly Open[] };

/** A peer that is behind refuses by a state that is past: worth asking again. */
async function weigh({ peers, isBehind }: Asking, fault: Fault, peer: PeerConnection): Promise<Fault> {
  const by = fault.kind === 'passing' ? (fault.refusal?.by ?? []) : [];
  const refusing = fault.kind === 'refused' ? [peer] : peers.inOrder().filter(({ msp }) => by.includes(msp));
  const areBehind = await Promise.all(refusing.map(isBehind));
  return areBehind.includes(true) ? { kind: 'passing', why: 'peer behind' } : fault;
}

/** Each peer once; those that endorsers disagree about end it, since another peer may be the one that is behind. */
async function askRound<T>(asking: Asking, { call, read }: Question<T>): Promise<Round<T>> {
  const { peers } = asking;
  const faults: Open[] = [];
  for (const peer of peers.inOrder()) {
    try {
      return { answer: await peer.limited(() => call(peer)) };
    } catch (error) {
      const found = read(error);
      if (found.kind === 'answer') return found;
      const fault = await weigh(asking, found, peer);
      if (fault.kind === 'refused') throw fault.error;
      if (fault.kind === 'away') peers.suspect(peer);
      faults.push(fault);
      if (fault.why === 'endorsers disagree') break;
    }
  }
  return { faults };
}

/** How long a round like this one is worth repeating. */
function budgetOf(faults: readonly Open[], budget: number, patience: Patience): number {
  if (faults.every(({ kind }) => kind === 'stuck')) return 0;
  if (faults.every(({ kind }) => kind === 'away')) return Math.min(budget, patience.away);
  if (faults.some((fault) => fault.kind === 'passing' && fault.refusal)) return Math.min(budget, patience.disagreement);
  return budget;
}

/** What the last fault of a round says. */
function toError(faults: readonly Open[]): YinxinError {
  for (const fault of faults) if (fault.kind === 'passing' && fault.refusal) return fault.refusal.error;
  const whys: readonly Why[] = faults.map(({ why }) => why);
  return new YinxinError('LEDGER_UNREACHABLE', { why: whys.find((why) => why !== 'peer away') ?? 'peer away' });
}

/** @throws YinxinError the refusal; LEDGER_UNREACHABLE `{why}` */
export async function ask<T>(asking: Asking, question: Question<T>): Promise<T> {
  const began = performance.now();
  const pauses = new Pauses(asking.patience);
  for (;;) {
    const round = await askRound(asking, question);
    if ('answer' in round) return round.answer;
    const elapsed = performance.now() - began;
    if (asking.isClosing() || elapsed >= budgetOf(round.faults, question.budget, asking.patience)) {
      throw toError(round.faults);
    }
    await pauses.wait();
  }
}
