import {
  approve,
  type ContractCaller,
  expire,
  type Instant,
  type ProposalAction,
  parseInstant,
  propose,
  type Row,
  type Rule,
  rowKeys,
  withdraw,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  adminOf,
  chengdu,
  chongqing,
  clientOf,
  deyang,
  makeNetwork,
  meishan,
  shenzhen,
} from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const lastSecond = parseInstant('2026-06-30T23:59:59Z');
const end = parseInstant('2026-07-01T00:00:00Z');
const id = '12'.repeat(32);
const matter: ProposalAction = {
  action: 'registerMatter',
  input: { matter: 'school-entry', name: { zh: '入学', en: 'Entering school' } },
};

function setting(moreDomains: Parameters<typeof makeNetwork>[2] = []) {
  const world = World.founded(makeNetwork(['business-licence'], 0, moreDomains));
  const run = (rule: Rule<{ readonly proposal: string }>, caller: ContractCaller, time: Instant = now) =>
    world.run(rule, { proposal: id }, caller, time);
  const offer = (action: ProposalAction = matter, caller = adminOf(shenzhen)) =>
    world.run(propose, action, caller, now, id);
  const proposal = () => world.get(rowKeys.proposal(id));
  const isAdopted = () => world.get(rowKeys.matter('school-entry')) !== undefined;
  return { world, run, offer, proposal, isAdopted };
}

const kinds = (rows: readonly Row[]) => rows.map(({ kind }) => kind);

describe('a proposal', () => {
  it('is open for thirty days with the approval of whoever made it', () => {
    const { offer, proposal, isAdopted } = setting();
    expect(kinds(offer())).to.deep.equal(['proposal', 'organisation']);
    expect(proposal()).to.deep.equal({
      kind: 'proposal',
      proposal: id,
      action: matter,
      proposedBy: 'ShenzhenMSP',
      time: now,
      expires: end,
      approvals: [{ msp: 'ShenzhenMSP', time: now }],
      state: 'open',
      closed: null,
    });
    expect(isAdopted()).to.equal(false);
  });

  it('is adopted and carried out in the transaction that makes the majority', () => {
    const { offer, run, proposal, isAdopted } = setting();
    offer();
    expect(kinds(run(approve, adminOf(chongqing), lastSecond))).to.deep.equal(['proposal', 'matter']);
    expect(proposal()).to.include({ state: 'adopted', closed: lastSecond });
    expect(isAdopted()).to.equal(true);
  });

  it('is adopted at once in a network of one organisation', () => {
    const { world, offer, isAdopted } = setting();
    for (const domain of [chengdu, chongqing]) world.put({ kind: 'domain', ...domain, msp: shenzhen.msp, from: now });
    expect(kinds(offer())).to.deep.equal(['proposal', 'matter']);
    expect(isAdopted()).to.equal(true);
  });

  it('needs more than half of the organisations: two of four are too few', () => {
    const { offer, run, isAdopted } = setting([deyang]);
    offer();
    run(approve, adminOf(chengdu));
    expect(isAdopted()).to.equal(false);
    run(approve, adminOf(deyang));
    expect(isAdopted()).to.equal(true);
  });

  it('counts an organisation once, for however many domains it speaks', () => {
    const { offer, run, isAdopted } = setting([deyang, meishan]);
    offer(matter, adminOf(deyang));
    expectRefusal(() => run(approve, adminOf(meishan)), 'ALREADY_APPROVED');
    run(approve, adminOf(shenzhen));
    expect(isAdopted()).to.equal(false);
    run(approve, adminOf(chengdu));
    expect(isAdopted()).to.equal(true);
  });

  it('is not approved twice by one organisation', () => {
    const { world, offer, run } = setting([deyang]);
    offer();
    expectRefusal(() => run(approve, adminOf(shenzhen)), 'ALREADY_APPROVED');
    run(approve, adminOf(chengdu));
    const before = world.dump();
    expectRefusal(() => run(approve, adminOf(chengdu)), 'ALREADY_APPROVED');
    expect(world.dump()).to.deep.equal(before);
  });

  it('loses the approvals of organisations that no domain has any more', () => {
    const { world, offer, run, isAdopted } = setting([deyang]);
    offer();
    run(approve, adminOf(chengdu));
    world.put({ kind: 'domain', ...chengdu, msp: 'NewMSP', from: now });
    run(approve, adminOf(chongqing));
    expect(isAdopted()).to.equal(false);
    expectRefusal(() => run(withdraw, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
    run(approve, { msp: 'NewMSP', role: 'admin' });
    expect(isAdopted()).to.equal(true);
  });

  it('is for administrators of organisations with a domain', () => {
    const { offer, run } = setting();
    for (const caller of [clientOf(shenzhen), adminOf({ msp: 'BeijingMSP' })]) {
      expectRefusal(() => offer(matter, caller), 'CALLER_NOT_PERMITTED');
    }
    expectRefusal(() => new World().run(propose, matter, adminOf(shenzhen), now), 'CALLER_NOT_PERMITTED');
    offer();
    for (const rule of [approve, withdraw, expire]) {
      expectRefusal(() => run(rule, clientOf(chengdu)), 'CALLER_NOT_PERMITTED');
      expectRefusal(() => run(rule, adminOf({ msp: 'BeijingMSP' }), end), 'CALLER_NOT_PERMITTED');
    }
  });

  it('is refused at once when it could not be carried out', () => {
    const { world, offer } = setting();
    const before = world.dump();
    expectRefusal(() => offer({ action: 'registerDomain', input: { ...chengdu } }), 'ALREADY_EXISTS');
    expect(world.dump()).to.deep.equal(before);
  });

  it('is checked again when adopted, and stays open when it no longer holds', () => {
    const { world, offer, run, proposal } = setting();
    offer();
    world.adopt(matter, now);
    expectRefusal(() => run(approve, adminOf(chongqing)), 'ALREADY_EXISTS', { kind: 'matter' });
    expect(proposal()).to.deep.include({ state: 'open', approvals: [{ msp: 'ShenzhenMSP', time: now }] });
  });

  it('is not approved or withdrawn once its thirty days are over', () => {
    const { offer, run, isAdopted } = setting();
    offer();
    expectRefusal(() => run(approve, adminOf(chengdu), end), 'PROPOSAL_EXPIRED', { expires: end });
    expectRefusal(() => run(withdraw, adminOf(shenzhen), end), 'PROPOSAL_EXPIRED');
    expect(isAdopted()).to.equal(false);
  });

  it('is put on record as expired by any administrator, not before its end', () => {
    const { offer, run, proposal } = setting();
    offer();
    expectRefusal(() => run(expire, adminOf(chongqing), lastSecond), 'PROPOSAL_NOT_EXPIRED', { expires: end });
    run(expire, adminOf(chongqing), end);
    expect(proposal()).to.include({ state: 'expired', closed: end });
  });

  it('is withdrawn by whoever made it; another takes back its own approval, and may give it again', () => {
    const { offer, run, proposal } = setting([deyang]);
    offer();
    expectRefusal(() => run(withdraw, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
    run(approve, adminOf(chengdu));
    run(withdraw, adminOf(chengdu));
    expect(proposal()).to.deep.include({ state: 'open', approvals: [{ msp: 'ShenzhenMSP', time: now }] });
    run(approve, adminOf(chengdu));
    expect(proposal()?.approvals).to.have.length(2);
    run(withdraw, adminOf(shenzhen));
    expect(proposal()).to.include({ state: 'withdrawn', closed: now });
  });

  it('is one of at most sixteen that its organisation has open', () => {
    const { world } = setting([deyang]);
    const numbered = (n: number, caller = adminOf(shenzhen), time = now) => {
      const input = { matter: `matter-${n}`, name: { zh: `事项${n}`, en: `Matter ${n}` } };
      const proposal = String(n).padStart(64, '0');
      const rows = world.run(propose, { action: 'registerMatter', input }, caller, time, proposal);
      return { rows, proposal };
    };
    const openOf = () => world.get(rowKeys.organisation('ShenzhenMSP'))?.openProposals;
    const named = (...numbers: readonly number[]) => numbers.map((n) => String(n).padStart(64, '0'));
    const upTo = (end: number) => Array.from({ length: end }, (_, n) => n);
    const [first, second, third] = Array.from({ length: 16 }, (_, n) => numbered(n));
    if (!first || !second || !third) throw new Error('sixteen');
    expect(openOf()).to.deep.equal(named(...upTo(16)));
    const full = () => expectRefusal(() => numbered(16), 'LIMIT_REACHED', { member: 'openProposals', max: 16 });
    full();
    expect(numbered(17, adminOf(chengdu)).rows).to.have.length(2);
    const act = (rule: Rule<{ readonly proposal: string }>, { proposal }: typeof first, caller: ContractCaller) => {
      world.run(rule, { proposal }, caller, rule === expire ? end : now);
    };
    act(approve, first, adminOf(chengdu));
    act(withdraw, first, adminOf(chengdu));
    act(approve, first, adminOf(chengdu));
    full();
    act(approve, first, adminOf(chongqing));
    numbered(18);
    expect(openOf()).to.deep.equal(named(...upTo(16).slice(1), 18));
    full();
    act(withdraw, second, adminOf(shenzhen));
    numbered(19);
    full();
    act(expire, third, adminOf(chongqing));
    numbered(20);
    full();
    expect(openOf()).to.deep.equal(named(...upTo(16).slice(3), 18, 19, 20));
  });

  it('that is adopted, withdrawn or expired is closed to everything', () => {
    const ways: readonly ((s: ReturnType<typeof setting>) => unknown)[] = [
      ({ run }) => run(approve, adminOf(chengdu)),
      ({ run }) => run(withdraw, adminOf(shenzhen)),
      ({ run }) => run(expire, adminOf(chengdu), end),
    ];
    for (const close of ways) {
      const context = setting();
      context.offer();
      close(context);
      for (const rule of [approve, withdraw, expire])
        expectRefusal(() => context.run(rule, adminOf(chongqing), end), 'PROPOSAL_CLOSED');
    }
  });

  it('must exist, be named by a transaction id, and be of a known kind', () => {
    const { world, run } = setting();
    expectRefusal(() => run(approve, adminOf(shenzhen)), 'NOT_FOUND', { kind: 'proposal' });
    const odd =
      <T>(rule: Rule<T>, input: unknown) =>
      () =>
        world.run(rule, input, adminOf(shenzhen), now);
    expectRefusal(odd(approve, { proposal: 'A' }), 'INPUT_INVALID', { member: 'input.proposal' });
    expectRefusal(odd(propose, { action: 'deleteAll', input: {} }), 'INPUT_INVALID', {
      member: 'proposal.action',
    });
    expectRefusal(odd(propose, { ...matter, approvals: [] }), 'INPUT_INVALID', {
      member: 'proposal.approvals',
    });
  });
});
