/** Random transactions that can be sent to a real network: by who is there, in the roles that a gateway has, dated by a clock that nobody can turn. */
import { type Instant, toInstant } from '@yinxin/core';
import { Author } from '../../model/author.ts';
import { organisationNames } from '../../model/cast.ts';
import { seconds } from '../../model/facts.ts';
import type { Sent } from '../../model/judging.ts';
import { mutate } from '../../model/mutant.ts';
import type { Oracle } from '../../model/oracle.ts';
import type { Random } from '../../model/random.ts';
import type { Signatures } from '../../model/signatures.ts';

export const clockNow = (): Instant => toInstant(Math.floor(Date.now() / 1000));

/** In the cast, and on no network here. */
const nobody = 'BeijingMSP';
export const present = organisationNames.filter((msp) => msp !== nobody);

/** Of the ten minutes that the contract bears: nothing is dated so near to them that a second would decide. */
const surelyWithin = 540;
const surelyWithout = 660;

function isSendable({ caller, time, clock }: Sent): boolean {
  const apart = Math.abs(seconds(time) - seconds(clock));
  return (
    present.includes(caller.msp) &&
    (caller.role === 'admin' || caller.role === 'client') &&
    (apart <= surelyWithin || apart >= surelyWithout)
  );
}

/** After these something can never sign or issue again; too many of them, and for want of time that passes nothing lawful would be left. */
const endings = /^(reportCompromise|retireKey|closeIssuer|acceptSuccession|endEntitlement|reportListKeyCompromise)$/;
const endingsShare = 0.15;

const isEnding = ({ name, input }: Sent) => endings.test(name) || input.includes('"recordCompromise"');

export class Writer {
  readonly #random: Random;
  readonly #author: Author;
  readonly #oracle: Oracle;
  #lawful: Sent | undefined;

  constructor(random: Random, signatures: Signatures, oracle: Oracle) {
    this.#random = random;
    this.#author = new Author(random, signatures);
    this.#oracle = oracle;
  }

  /** The next, and whether the model would take it now. */
  write(): { readonly sent: Sent; readonly isLawful: boolean } {
    for (;;) {
      const clock = clockNow();
      const sent = { ...this.#draft(clock), clock };
      if (!isSendable(sent)) continue;
      const isLawful = this.#oracle.judge(sent) !== undefined;
      if (isLawful && isEnding(sent) && !this.#random.chance(endingsShare)) continue;
      if (isLawful) this.#lawful = sent;
      return { sent, isLawful };
    }
  }

  #draft(clock: Instant): Sent {
    if (this.#lawful && this.#random.chance(0.2)) return mutate(this.#random, this.#lawful);
    const sent = this.#author.write(this.#oracle.history, clock);
    const isOff = this.#random.chance(0.01);
    return isOff ? { ...sent, time: toInstant(seconds(clock) + this.#random.pick([-899, -700, 700, 899])) } : sent;
  }
}
