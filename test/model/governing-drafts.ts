/** Random transactions of governance. */
import { acts, type Instant } from '@yinxin/core';
import { bases, channel, makeAgreement, makeKeyInput, matters, vouch } from '../fixtures/network.ts';
import { bodies, domains, keys, listPairs, organisationNames, plus, typePool } from './cast.ts';
import { all, day, type History } from './facts.ts';
import type { Draft, Pen } from './pen.ts';
import { approves } from './proposals.ts';
import {
  agreementNow,
  closingOf,
  compromiseOf,
  domainNow,
  domainsNow,
  isResting,
  issuerFact,
  keyWindow,
  slotsOf,
} from './questions.ts';

export class GoverningDrafts {
  readonly #pen: Pen;

  constructor(pen: Pen) {
    this.#pen = pen;
  }

  /** A transaction of this name. */
  write(name: string, history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    switch (name) {
      case 'propose':
        return this.#proposal(history, time);
      case 'approve':
      case 'withdraw':
      case 'expire':
        return this.#vote(history);
      case 'registerIssuer':
        return this.#registration(time);
      case 'registerKey':
        return this.#keyRegistration(history, time);
      case 'retireKey':
      case 'reportCompromise': {
        const registered = keys.filter(({ row }) => keyWindow(history, row.key) && !compromiseOf(history, row.key));
        const { key, issuer } = random.pick(registered.length > 0 ? registered : keys).row;
        const when =
          name === 'retireKey'
            ? { until: pen.when(time) }
            : { from: plus(time, random.pick([0, -day, -30 * day, -31 * day, 1])) };
        return { input: { key, ...when }, domain: pen.domainOf(history, issuer) };
      }
      case 'registerListKey': {
        const { domain, kid, jwk } = random.pick(listPairs);
        const owner = domain === '510107' ? '510100' : domain;
        return { input: { domain: owner, kid, jwk, from: pen.when(time), until: null }, domain: owner };
      }
      case 'retireListKey':
      case 'reportListKeyCompromise': {
        const { domain, kid } = random.pick(listPairs);
        const when =
          name === 'retireListKey' ? { until: pen.when(time) } : { from: plus(time, random.pick([0, -day, 1])) };
        return { input: { kid, ...when }, domain: domain === '510107' ? '510100' : domain };
      }
      case 'registerEntitlement':
      case 'endEntitlement':
        return this.#entitlement(name, history, time);
      case 'renameIssuer': {
        const { issuer } = pen.body(history);
        const zh = `机构${random.below(4)}`;
        return { input: { issuer, name: { zh, en: 'Body' } }, domain: pen.domainOf(history, issuer) };
      }
      case 'closeIssuer':
      case 'acceptSuccession':
        return this.#succession(name, history, time);
      default:
        return this.#agreement(name, history, time);
    }
  }

  #registration(time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const { issuer, domain } = random.pick(bodies);
    const region = random.chance(0.7)
      ? domain.domain
      : random.pick(['510600', '510603', '511402', '440305', '510104', '500112', '510000']);
    const owner = random.chance(0.9) ? domain.domain : random.pick(domains).domain;
    const name = { zh: '机构', en: 'Body' };
    return {
      input: { issuer, domain: owner, region, name, from: plus(time, random.pick([0, -day, 60])) },
      domain: owner,
    };
  }

  #entitlement(name: string, history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const { issuer } = pen.body(history);
    const type = pen.type(history);
    const domain = pen.domainOf(history, issuer);
    if (name === 'endEntitlement') return { input: { issuer, type, until: pen.soon(time) }, domain };
    const region = random.chance(0.8)
      ? (issuerFact(history, issuer)?.region ?? '440300')
      : random.pick(['440305', '510104', '510603', '510000']);
    const newest = slotsOf(history, issuer, type).at(-1);
    const from = random.chance(0.8) ? (newest?.until ?? plus(time, -60)) : pen.when(time);
    const until = random.chance(0.6) ? null : plus(from, random.pick([0, day, 90 * day]));
    return { input: { issuer, type, region, from, until }, domain };
  }

  #succession(name: string, history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const offers = all(history, 'offer', ({ issuer }) => !closingOf(history, issuer));
    const offer = random.pickAny(offers);
    if (name === 'acceptSuccession' && offer && random.chance(0.9)) {
      return { input: { issuer: offer.issuer }, domain: pen.domainOf(history, offer.successor ?? '') };
    }
    const { issuer } = pen.body(history);
    if (name === 'acceptSuccession') return { input: { issuer }, domain: '440300' };
    const successor = random.chance(0.15) ? null : pen.body(history).issuer;
    return { input: { issuer, at: pen.soon(time), successor }, domain: pen.domainOf(history, issuer) };
  }

  #keyRegistration(history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const fresh = keys.filter(({ row }) => !keyWindow(history, row.key) && issuerFact(history, row.issuer));
    const key = random.pick(random.chance(0.9) && fresh.length > 0 ? fresh : keys);
    const issuer = random.chance(0.93) ? key.row.issuer : pen.body(history).issuer;
    const use = random.chance(0.95) ? key.row.use : random.pick(['anchor', 'status', 'code'] as const);
    const claimed = random.chance(0.95) ? channel : 'other';
    const possession = { issuer, use, channel: claimed, time: plus(time, random.pick([0, 0, 0, -600, 600, -601])) };
    const voucher = pen.key(history, issuer, random.pick(['anchor', 'status', 'code'] as const), time);
    const isVouched = random.chance(0.7);
    const from = plus(time, isVouched ? random.pick([0, -600, -601, day]) : random.pick([day, day, 2 * day, 0]));
    const until = random.chance(0.8) ? null : plus(from, random.pick([0, 300 * day]));
    const plain = makeKeyInput(key, { from, until }, possession);
    const input = isVouched ? vouch(plain, voucher) : plain;
    const said = { says: 'possession', ...possession, key: key.row.key } as const;
    pen.signatures.note(input.possession, input.signature, { by: key.row.key, said });
    if (input.vouchedBy)
      pen.signatures.note(input.possession, input.vouchedBy.signature, { by: voucher.row.key, said });
    return { input, domain: pen.domainOf(history, issuer) };
  }

  #vote(history: History): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const open = all(history, 'proposal').filter(
      ({ proposal }) => !history.some((fact) => fact.fact === 'proposal-end' && fact.proposal === proposal),
    );
    const some = random.chance(0.9) ? open.slice(-4) : all(history, 'proposal');
    const proposal = random.pickAny(some)?.proposal ?? 'ab'.repeat(32);
    const silent = domainsNow(history).filter(({ msp }) => !approves(history, proposal, msp));
    const voters = random.chance(0.8) && silent.length > 0 ? silent : domainsNow(history);
    return { input: { proposal }, domain: random.pick(voters).domain };
  }

  #proposal(history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const [basis] = bases;
    const [matter] = matters;
    const { key } = random.pick(keys).row;
    const domain = random.pick(domains);
    const known = domainNow(history, domain.domain);
    const msp = random.chance(0.2) ? random.pick(organisationNames) : domain.msp;
    const actions = [
      () => ({ action: known ? 'amendDomain' : 'registerDomain', input: { ...domain, msp } }),
      () => ({
        action: random.pick(['amendDomain', 'registerDomain']),
        input: { ...domain, name: { zh: '别名', en: 'Other' } },
      }),
      () => ({ action: 'registerDomain', input: { ...domain, domain: `${domain.domain.slice(0, 4)}01` } }),
      () => ({ action: 'registerType', input: { definition: random.pick(typePool) } }),
      () => ({
        action: 'registerBasis',
        input: { ...basis, acts: random.chance(0.85) ? acts : ['revoke', 'correct'] },
      }),
      () => ({ action: 'registerMatter', input: { ...matter, matter: `matter-${'abc'.charAt(random.below(3))}` } }),
      () => ({ action: 'recordCompromise', input: { key, from: plus(time, random.pick([0, 1, -day, -100 * day])) } }),
    ];
    const choice = random.pick([0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 5, 6]);
    return { input: (actions[choice] ?? actions[0])?.(), domain: random.pick(domainsNow(history)).domain };
  }

  #agreement(name: string, history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const agreement = `agreement-${'abcdef'.charAt(random.below(6))}`;
    if (name === 'proposeAgreement') {
      const parties = domains.filter(() => random.chance(0.5)).slice(0, random.chance(0.9) ? 3 : 1);
      const proposer = random.pickAny(parties) ?? random.pick(domains);
      const from = plus(time, random.pick([0, -day, 10 * day]));
      const until = random.chance(0.5) ? null : plus(from, random.pick([0, day, 200 * day]));
      const terms = {
        agreement,
        from,
        until,
        types: [...new Set([pen.type(history), 'business-licence'])].sort(),
        matters: random.chance(0.4) ? null : ['company-opening'],
      };
      return { input: makeAgreement(parties, proposer, terms), domain: proposer.domain };
    }
    const isOver = (until: string | null | undefined) => typeof until === 'string' && until <= time;
    const named = all(history, 'agreement').map(({ terms }) => terms.agreement);
    const going = named.filter((one) => !isOver(agreementNow(history, one)?.until));
    const known = (random.chance(0.9) ? random.pickAny(going) : random.pickAny(named)) ?? agreement;
    const now = agreementNow(history, known);
    const parties = now?.terms.parties ?? [];
    const apt = parties.filter((one) => {
      if (name === 'approveAgreement') return !now?.approvers.includes(one);
      return isResting(history, known, one) === (name === 'resumeAgreement');
    });
    const party = random.chance(0.8) && apt.length > 0 ? random.pick(apt) : random.pickAny(parties);
    const domain = random.chance(0.95) ? (party ?? '440300') : random.pick(domains).domain;
    const end = name === 'endAgreement' ? { until: pen.when(time) } : {};
    return { input: { agreement: known, domain, ...end }, domain };
  }
}
