/** Writes transactions at random: lawful more often than not by what the history says, and in every way wrong now and then. */
import { type ContractCaller, type Instant, sm3, toHex, utf8 } from '@yinxin/core';
import { organisationNames, plus } from './cast.ts';
import { day, type History } from './facts.ts';
import { GoverningDrafts } from './governing-drafts.ts';
import { IssuingDrafts } from './issuing-drafts.ts';
import type { Sent } from './judging.ts';
import { type Draft, Pen } from './pen.ts';
import { domainNow } from './questions.ts';
import type { Random } from './random.ts';
import type { Signatures } from './signatures.ts';

const weights: { readonly [name: string]: number } = {
  anchor: 20,
  changeStatus: 26,
  propose: 8,
  approve: 10,
  withdraw: 2,
  expire: 2,
  registerIssuer: 4,
  renameIssuer: 2,
  closeIssuer: 1,
  acceptSuccession: 3,
  registerKey: 7,
  retireKey: 2,
  reportCompromise: 1,
  registerListKey: 2,
  retireListKey: 1,
  reportListKeyCompromise: 1,
  registerEntitlement: 7,
  endEntitlement: 2,
  proposeAgreement: 4,
  approveAgreement: 8,
  suspendAgreement: 2,
  resumeAgreement: 2,
  endAgreement: 1,
};
const names = Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
export class Author {
  readonly #random: Random;
  readonly #issuing: IssuingDrafts;
  readonly #governing: GoverningDrafts;
  #written = 0;

  constructor(random: Random, signatures: Signatures) {
    const pen = new Pen(random, signatures);
    this.#random = random;
    this.#issuing = new IssuingDrafts(pen);
    this.#governing = new GoverningDrafts(pen);
  }

  /** One transaction at a time of the peer's clock. */
  write(history: History, clock: Instant): Sent {
    const random = this.#random;
    const name = random.pick(names);
    const time = this.#skewed(clock);
    const { input, domain, role = 'admin' } = this.#draft(name, history, time);
    this.#written += 1;
    const txId = toHex(sm3(utf8(`${this.#written} ${JSON.stringify(input)} ${time}`)));
    return { name, input: JSON.stringify(input), caller: this.#caller(history, domain, role), time, clock, txId };
  }

  #draft(name: string, history: History, time: Instant): Draft {
    if (name === 'anchor') return this.#issuing.anchor(history, time);
    if (name === 'changeStatus') return this.#issuing.change(history, time);
    return this.#governing.write(name, history, time);
  }

  /** The sender's clock, mostly within what the peer bears. */
  #skewed(clock: Instant): Instant {
    const random = this.#random;
    if (random.chance(0.03)) return plus(clock, random.pick([-601, 601, day, -day]));
    return random.chance(0.7) ? clock : plus(clock, random.below(1201) - 600);
  }

  #caller(history: History, domain: string | undefined, role: ContractCaller['role']): ContractCaller {
    const random = this.#random;
    const honest = domain === undefined ? undefined : domainNow(history, domain)?.msp;
    const msp = honest === undefined || random.chance(0.06) ? random.pick(organisationNames) : honest;
    return { msp, role: random.chance(0.03) ? random.pick(['client', 'peer', 'member'] as const) : role };
  }
}
