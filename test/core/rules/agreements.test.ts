import {
  approveAgreement,
  type ContractCaller,
  endAgreement,
  findAgreementFault,
  type Instant,
  type ProposeAgreementInput,
  parseInstant,
  proposeAgreement,
  resumeAgreement,
  rowKeys,
  suspendAgreement,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  adminOf,
  chengdu,
  chongqing,
  clientOf,
  deyang,
  makeAgreement,
  makeNetwork,
  meishan,
  shenzhen,
} from '../../fixtures/network.ts';
import { expectRefusal, refuses, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const july = parseInstant('2026-07-01T00:00:00Z');
const august = parseInstant('2026-08-01T00:00:00Z');
const input: ProposeAgreementInput = makeAgreement([chongqing, chengdu], chengdu);
const offer = (world: World, changes: object = {}, caller: ContractCaller = adminOf(chengdu), time: Instant = now) =>
  world.run(proposeAgreement, { ...input, ...changes }, caller, time);

function setting(moreDomains: Parameters<typeof makeNetwork>[2] = []) {
  const world = World.founded(makeNetwork(['business-licence', 'hygiene-licence'], 0, moreDomains));
  const act =
    (rule: typeof approveAgreement) =>
    (domain: { readonly domain: string; readonly msp: string }, time: Instant = now, caller = adminOf(domain)) =>
      world.run(rule, { agreement: input.agreement, domain: domain.domain }, caller, time);
  const end = (domain: typeof chengdu, until: Instant, time: Instant = now, caller = adminOf(domain)) =>
    world.run(endAgreement, { agreement: input.agreement, domain: domain.domain, until }, caller, time);
  const row = () => {
    const found = world.get(rowKeys.agreement(input.agreement));
    if (!found) throw new Error('no agreement');
    return found;
  };
  const acts = { approve: act(approveAgreement), suspend: act(suspendAgreement), resume: act(resumeAgreement), end };
  return { world, row, ...acts };
}

/** The agreement between Chengdu and Chongqing, approved in July. */
function agreed() {
  const context = setting();
  offer(context.world);
  context.approve(chongqing, july);
  return context;
}

describe('a recognition agreement', () => {
  it('is in force once every party has approved, the proposer by proposing', () => {
    const { world, row, approve } = setting();
    offer(world);
    const { domain: _domain, ...terms } = input;
    expect(row()).to.deep.equal({
      kind: 'agreement',
      ...terms,
      proposedBy: '510100',
      approvals: [{ domain: '510100', time: now }],
      approved: null,
      suspensions: [],
    });
    expect(findAgreementFault(row(), august)).to.equal('not-begun');
    approve(chongqing, july);
    expect(row().approved).to.equal(july);
    expect(findAgreementFault(row(), july)).to.equal(undefined);
  });

  it('needs each of two parties that share an organisation', () => {
    const { world, row, approve } = setting([deyang, meishan]);
    offer(world, makeAgreement([chongqing, deyang, meishan], deyang), adminOf(deyang));
    approve(chongqing);
    expect(row().approved).to.equal(null);
    approve(meishan, july, adminOf(deyang));
    expect(row().approved).to.equal(july);
  });

  it('is for administrators of a party, for each on its own behalf', () => {
    const { world, approve } = setting();
    for (const caller of [clientOf(chengdu), adminOf(chongqing), adminOf(shenzhen)]) {
      expectRefusal(() => offer(world, {}, caller), 'CALLER_NOT_PERMITTED');
    }
    expectRefusal(() => offer(world, { domain: '440300' }, adminOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    offer(world);
    for (const caller of [clientOf(chongqing), adminOf(chengdu), adminOf(shenzhen)]) {
      expectRefusal(() => approve(chongqing, now, caller), 'CALLER_NOT_PERMITTED');
    }
    expectRefusal(() => approve(shenzhen), 'CALLER_NOT_PERMITTED');
  });

  it('is not approved twice by one party', () => {
    const { world, approve, row } = setting();
    offer(world);
    expectRefusal(() => approve(chengdu), 'ALREADY_APPROVED');
    approve(chongqing, july);
    expectRefusal(() => approve(chongqing, august), 'ALREADY_APPROVED');
    expect(row().approved).to.equal(july);
  });

  it('never changes its terms: its name is taken', () => {
    const { world } = setting();
    offer(world);
    expectRefusal(() => offer(world, { types: ['hygiene-licence'] }), 'ALREADY_EXISTS', { kind: 'agreement' });
    expectRefusal(() => offer(world, { domain: '500000' }, adminOf(chongqing)), 'ALREADY_EXISTS');
  });

  const party = (domain: string, phone = '0990-12345') => ({ domain, office: { zh: '窗口', en: 'Office' }, phone });
  const [west, east] = [party('500000'), party('510100')];
  refuses(
    [
      ['one party', { parties: [east] }, 'INPUT_INVALID', 'agreement.parties'],
      ['the same party twice', { parties: [east, east] }, 'INPUT_INVALID', 'agreement.parties'],
      ['parties that descend', { parties: [east, west] }, 'INPUT_INVALID', 'agreement.parties'],
      ['an unknown party', { parties: [east, party('990100')] }, 'NOT_FOUND'],
      ['a telephone that is none', { parties: [party('500000', 'ask Zhang'), east] }, 'INPUT_INVALID', 'party.phone'],
      ['a mobile number', { parties: [party('500000', '139-1234 5678'), east] }, 'INPUT_INVALID', 'party.phone'],
      ['one as from abroad', { parties: [party('500000', '+86 139 1234 5678'), east] }, 'INPUT_INVALID', 'party.phone'],
      ['one with a 0', { parties: [party('500000', '019912345678'), east] }, 'INPUT_INVALID', 'party.phone'],
      ['one and an extension', { parties: [party('500000', '13912345678-1'), east] }, 'INPUT_INVALID', 'party.phone'],
      ['a code with a long number', { agreement: 'id440305199001011234' }, 'INPUT_INVALID', 'agreement.agreement'],
      ['a code with a part of five digits', { agreement: 'a-20261' }, 'INPUT_INVALID', 'agreement.agreement'],
      [
        'an office with a long number',
        { parties: [{ ...west, office: { zh: '张三 440305199001011234', en: 'Zhang San' } }, east] },
        'INPUT_INVALID',
        'name.zh',
      ],
      ['no type', { types: [] }, 'INPUT_INVALID', 'agreement.types'],
      ['an unknown type', { types: ['no-such-type'] }, 'TYPE_UNKNOWN'],
      ['a type twice', { types: ['business-licence', 'business-licence'] }, 'INPUT_INVALID', 'agreement.types'],
      ['a list of no matter', { matters: [] }, 'INPUT_INVALID', 'agreement.matters'],
      ['an unknown matter', { matters: ['no-such-matter'] }, 'NOT_FOUND'],
      [
        'matters that descend',
        { matters: ['medical-care-elsewhere', 'company-opening'] },
        'INPUT_INVALID',
        'agreement.matters',
      ],
      ['an end that is the beginning', { until: input.from }, 'INPUT_INVALID', 'until'],
      ['an end in the past', { until: '2026-05-31T23:59:59Z' }, 'INPUT_INVALID', 'until'],
      ['approvals brought along', { approvals: [] }, 'INPUT_INVALID', 'agreement.approvals'],
    ],
    offer,
  );

  it('names offices by their lines, near and far', () => {
    for (const phone of [
      '000-0000 5101',
      '010-12345678',
      '+86 513 8123 4567',
      '0513-81234567-8',
      '12345',
      '+852 1823 4567',
    ]) {
      const { world, row } = setting();
      offer(world, { parties: [party('500000', phone), east] });
      expect(row().parties[0]?.phone).to.equal(phone);
    }
  });

  it('must exist', () => {
    const { approve, suspend, resume, end } = setting();
    for (const act of [approve, suspend, resume]) expectRefusal(() => act(chengdu), 'NOT_FOUND', { kind: 'agreement' });
    expectRefusal(() => end(chengdu, july), 'NOT_FOUND');
  });
});

describe('suspending an agreement', () => {
  it('rests it until every party that suspended it has resumed', () => {
    const { row, suspend, resume } = agreed();
    suspend(chengdu, july);
    suspend(chongqing, july);
    resume(chengdu, august);
    expect(findAgreementFault(row(), august)).to.equal('suspended');
    resume(chongqing, parseInstant('2026-08-02T00:00:00Z'));
    expect(findAgreementFault(row(), august)).to.equal('suspended');
    expect(findAgreementFault(row(), parseInstant('2026-08-02T00:00:00Z'))).to.equal(undefined);
  });

  it('is done once by each party, and undone by none but itself', () => {
    const { row, suspend, resume } = agreed();
    expectRefusal(() => resume(chengdu), 'AGREEMENT_STATE');
    suspend(chengdu, july);
    expectRefusal(() => suspend(chengdu, july), 'AGREEMENT_STATE');
    expectRefusal(() => resume(chongqing, july), 'AGREEMENT_STATE');
    expectRefusal(() => resume(chengdu, july, adminOf(chongqing)), 'CALLER_NOT_PERMITTED');
    resume(chengdu, august);
    suspend(chengdu, august);
    expect(row().suspensions).to.have.length(2);
  });

  it('is done sixteen times at most by each party, whatever the others did', () => {
    const { row, suspend, resume, end } = agreed();
    for (let turn = 0; turn < 16; turn += 1) {
      suspend(chengdu, july);
      resume(chengdu, july);
    }
    expectRefusal(() => suspend(chengdu, july), 'LIMIT_REACHED', { member: 'suspensions', max: 16 });
    suspend(chongqing, july);
    expect(row().suspensions).to.have.length(17);
    end(chongqing, august, july);
  });

  it('is for administrators of a party', () => {
    const { suspend } = agreed();
    for (const caller of [clientOf(chengdu), adminOf(chongqing)]) {
      expectRefusal(() => suspend(chengdu, july, caller), 'CALLER_NOT_PERMITTED');
    }
    expectRefusal(() => suspend(shenzhen, july), 'CALLER_NOT_PERMITTED');
  });
});

describe('ending an agreement', () => {
  it('is done by any party, now or for later, and may be brought forward', () => {
    const { row, end } = agreed();
    end(chongqing, august);
    expect(findAgreementFault(row(), parseInstant('2026-07-31T23:59:59Z'))).to.equal(undefined);
    expect(findAgreementFault(row(), august)).to.equal('ended');
    end(chengdu, july, july);
    expect(row().until).to.equal(july);
  });

  it('is not put in the past, nor back to later', () => {
    const { end } = agreed();
    expectRefusal(() => end(chengdu, july, august), 'INPUT_INVALID', { member: 'until' });
    end(chengdu, july);
    expectRefusal(() => end(chengdu, july), 'INPUT_INVALID', { before: july });
    expectRefusal(() => end(chongqing, august), 'INPUT_INVALID', { before: july });
  });

  it('leaves nothing to approve, suspend, resume or end', () => {
    const { world, approve, suspend, resume, end } = setting();
    offer(world);
    suspend(chengdu);
    end(chengdu, july);
    for (const act of [approve, suspend, resume]) expectRefusal(() => act(chongqing, july), 'AGREEMENT_STATE');
    expectRefusal(() => resume(chengdu, july), 'AGREEMENT_STATE');
    expectRefusal(() => end(chengdu, july, july), 'AGREEMENT_STATE');
  });

  it('is for administrators of a party', () => {
    const { end } = agreed();
    for (const caller of [clientOf(chengdu), adminOf(chongqing)]) {
      expectRefusal(() => end(chengdu, july, july, caller), 'CALLER_NOT_PERMITTED');
    }
    expectRefusal(() => end(shenzhen, july, july), 'CALLER_NOT_PERMITTED');
  });
});
