/** The read model as of a height: what blocks 0 … height − 1 said, and nothing later. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DomainRow,
  type IssuerRow,
  type ProposalRow,
  parseIdentifier,
  toBase64,
  toLeaf,
  toTrust,
  utf8,
} from '@yinxin/core';
import { expect } from 'chai';
import type { ReadModel } from '../../../gateway/index/read-model.ts';
import { openStore } from '../../../gateway/store.ts';
import {
  anchorKey,
  exampleValues,
  issueBatch,
  issuer,
  loadType,
  makeKey,
  makeTrustClaims,
  statusKey,
} from '../../fixtures/certificates.ts';
import { expectRefusal } from '../support.ts';
import { clock, makeAgreement, makeTape, rowsOf, useReadModels, usualRows } from './tape.ts';

const type = loadType('business-licence');
const values = exampleValues(type);
const claims = makeTrustClaims([type]);
const [body] = claims.issuers;
if (!body) throw new Error('no issuer');

const ref = (entry: number) => ({ issuer, type: type.type, entry });
const first = issueBatch([1, 2, 3].map((entry) => ({ type, values, entry })));
const serial = '0000000001';
const reissue = issueBatch([{ type, values, entry: 4, reissue: { serial, version: 2, ofEntry: 1 } }]);
const idOf = ([issued]: typeof first) => parseIdentifier(issued?.file.body.id ?? '');

const agreement = makeAgreement(type.type);

const proposal = (id: string, state: ProposalRow['state']): ProposalRow => ({
  kind: 'proposal',
  proposal: id.repeat(64),
  action: { action: 'registerMatter', input: { matter: 'business-start', name: { zh: '企业开办', en: 'Start' } } },
  proposedBy: 'ShenzhenMSP',
  time: clock('09:00:00'),
  expires: clock('10:00:00'),
  approvals: [],
  state,
  closed: null,
});

async function listStatuses(readModel: ReadModel, height?: number) {
  const found: (readonly [number, number])[] = [];
  for await (const { entry, changes } of readModel.statuses(issuer, type.type, height)) {
    found.push([entry, changes.length]);
  }
  return found;
}

describe('the read model as of a height', () => {
  const open = useReadModels();

  it('holds each row as it was then, and the kinds that came to be later not at all', async () => {
    const tape = makeTape(type.type);
    const founding = tape.write(usualRows(type));
    const renamed: IssuerRow = {
      ...body,
      name: { zh: '新名', en: 'New name' },
      formerNames: [{ name: body.name, until: clock('09:30:00') }],
    };
    const later = tape.write([renamed, agreement]);
    const approved = tape.write([{ ...agreement, approved: clock('09:40:00') }]);
    const readModel = await open(tape);
    const told = (height: number) => {
      const trust = readModel.trust(height);
      return [trust.issuer(issuer)?.name.zh, trust.agreements.map((row) => row.approved)];
    };
    expect(told(founding)).to.deep.equal(['示范局', []]);
    expect(told(later), 'an agreement is there once it is approved').to.deep.equal(['新名', []]);
    expect(told(approved)).to.deep.equal(['新名', [clock('09:40:00')]]);
    expect(readModel.trust(founding).height).to.equal(founding);
    expect(readModel.trust()).to.deep.include({ height: approved });
    expect(readModel.trustClaims('510100', founding)).to.deep.include({ agreements: [], height: founding });
    expect(readModel.trustClaims('510100').agreements).to.have.length(1);
    expect(readModel.trustClaims('510100', later).agreements).to.have.length(0);
  });

  it('is the trust that core makes of the claims of that height, lookup by lookup', async () => {
    const tape = makeTape(type.type);
    const successor: IssuerRow = { ...body, issuer: '11990300DEMA00013K' };
    const matter = { kind: 'matter', matter: 'business-start', name: { zh: '企业开办', en: 'Start' } } as const;
    const basis = {
      kind: 'basis',
      basis: 'licence-law-69',
      name: { zh: '第六十九条', en: 'Art. 69' },
      acts: [],
    } as const;
    const closed = { at: clock('09:00:00'), successor: successor.issuer };
    const registered = { from: clock('09:10:00'), registered: clock('09:10:00') };
    const vouched = makeKey(issuer, 'code', 'vouched', { ...registered, vouchedBy: statusKey.row.key });
    const unknown = makeKey(issuer, 'code', 'unknown', { ...registered, vouchedBy: vouched.row.key });
    const district: DomainRow = {
      kind: 'domain',
      domain: '440304',
      name: { zh: '福田区', en: 'Futian' },
      region: '440304',
      msp: 'FutianMSP',
      from: clock('09:20:00'),
    };
    const heights = [
      tape.write(usualRows(type)),
      tape.write([successor, matter, { kind: 'type', definition: { ...type, version: 2 }, from: clock('09:00:00') }]),
      tape.write([{ ...body, closed }, basis, { ...agreement, approved: clock('09:00:00') }]),
      tape.write([vouched.row, unknown.row, district]),
      tape.write([{ ...statusKey.row, compromisedFrom: clock('09:00:00') }]),
    ];
    const readModel = await open(tape);
    for (const height of heights) {
      const [own, core] = [readModel.trust(height), toTrust(readModel.trustClaims('510100', height))];
      const tell = (trust: typeof core) => [
        [trust.channel, trust.height, trust.asOf, trust.expires, trust.onlyDomain],
        [trust.domains, trust.bases, trust.matters, trust.agreements, trust.types],
        ['440300', '999999'].map((domain) => trust.domain(domain)),
        [undefined, clock('09:00:00'), clock('09:20:00')].map((at) =>
          ['440304', '999999'].map((place) => trust.domainOf(place, at)?.domain),
        ),
        [issuer, successor.issuer, 'nobody'].map((name) => [
          trust.issuer(name),
          trust.managerOf(name, clock('09:00:00')),
        ]),
        [anchorKey, statusKey, vouched, unknown].map(({ row }) => trust.key(row.key)),
        [1, 2, 3].map((version) => trust.type(type.type, version)),
        [type.type, 'no-such-type'].map((name) => trust.entitlement(issuer, name)),
        [trust.basis('licence-law-69'), trust.matter('business-start'), trust.listKey('none')],
      ];
      expect(tell(own)).to.deep.equal(tell(core));
    }
    const trust = readModel.trust();
    expect(trust.agreements).to.have.length(1);
    expect(trust.key(unknown.row.key)?.compromisedFrom, 'a key falls with its voucher').to.equal(registered.from);
    expect(trust.domainOf('440304', clock('09:19:59'))?.domain).to.equal('440300');
    expect(trust.domainOf('440304', clock('09:20:00'))?.domain).to.equal('440304');
  });

  it('gives an old registry the present age: what it said is known for sure', async () => {
    const tape = makeTape(type.type);
    const founding = tape.write(usualRows(type));
    tape.write([{ ...body, name: { zh: '新名', en: 'New name' } }]);
    const readModel = await open(tape);
    const { asOf, expires } = readModel.trust();
    expect(asOf).to.equal(clock('10:00:00'));
    expect(readModel.trust(founding)).to.include({ asOf, expires });
  });

  it('has bases, matters and agreements in its claims, so that a trust list has', async () => {
    const tape = makeTape(type.type);
    const more = {
      bases: [{ kind: 'basis', basis: 'licence-law-69', name: { zh: '第六十九条', en: 'Art. 69' }, acts: ['revoke'] }],
      matters: [{ kind: 'matter', matter: 'business-start', name: { zh: '企业开办', en: 'Start' } }],
      agreements: [{ ...agreement, approved: clock('09:00:00') }],
    } as const;
    tape.write(rowsOf({ ...claims, ...more }));
    const readModel = await open(tape);
    expect(readModel.trustClaims('510100')).to.deep.include(more);
    expect(readModel.trust().basis('licence-law-69')?.acts).to.deep.equal(['revoke']);
    expect(readModel.trust().matter('business-start')?.name.en).to.equal('Start');
  });

  it('does not know an entry, a change or a supersession of a later block', async () => {
    const tape = makeTape(type.type);
    const founding = tape.write(usualRows(type));
    const anchored = tape.anchor(first);
    const revoked = tape.change(2);
    const superseded = tape.anchor(reissue, { supersessions: [{ entry: 4, supersedes: 1 }] });
    const readModel = await open(tape);
    const acts = async (entry: number, height?: number) =>
      (await readModel.knowledge(ref(entry), height)).changes.map(({ act }) => act);
    const before = await readModel.knowledge(ref(2), founding);
    expect(before).to.not.have.property('anchor');
    expect(before).to.include({ height: founding, asOf: clock('10:00:00') });
    expect((await readModel.knowledge(ref(2), anchored)).anchor?.block).to.equal(anchored - 1);
    expect([await acts(2, anchored), await acts(2, revoked), await acts(2)]).to.deep.equal([
      [],
      ['revoke'],
      ['revoke'],
    ]);
    expect([await acts(1, revoked), await acts(1, superseded)]).to.deep.equal([[], ['supersede']]);
    expect(await readModel.findEntry(idOf(first), founding)).to.equal(undefined);
    expect(await readModel.findEntry(idOf(first), anchored)).to.deep.equal(ref(1));
    expect(await readModel.findEntry(idOf(reissue), revoked)).to.equal(undefined);
    expect(await readModel.findEntry(idOf(reissue), superseded)).to.deep.equal(ref(4));
  });

  it('dates a change by ledger time: held back, by the later transaction before it; sent by a slow or a fast clock, never earlier', async () => {
    const tape = makeTape(type.type);
    tape.write(usualRows(type), { time: clock('08:00:00') });
    tape.anchor(first, { time: clock('09:00:00') });
    const heldBack = tape.change(1, {}, { time: clock('08:30:00') });
    tape.change(2, {}, { time: clock('09:20:00') });
    const slow = tape.change(3, {}, { time: clock('09:10:00') });
    const readModel = await open(tape);
    const recorded = async (entry: number) => (await readModel.knowledge(ref(entry))).changes.at(-1)?.recorded;
    expect(await recorded(1)).to.equal(clock('09:00:00'));
    expect(await recorded(2)).to.equal(clock('09:20:00'));
    expect(await recorded(3)).to.equal(clock('09:20:00'));
    expect(readModel.time()).to.equal(clock('09:20:00'));
    expect((await readModel.knowledge(ref(1), heldBack)).time).to.equal(clock('09:00:00'));
    expect((await readModel.knowledge(ref(1), slow)).time).to.equal(clock('09:20:00'));
    const { items } = await readModel.history(ref(1), 0, 10);
    expect(items.at(-1)?.time).to.equal(clock('09:00:00'));
    expect(items.at(-1)?.change).to.not.have.any.keys('block', 'recorded');
  });

  it('lists the entries of a register that have changes, ascending, as of a height', async () => {
    const tape = makeTape(type.type);
    tape.write(usualRows(type));
    const anchored = tape.anchor(first);
    const suspended = tape.change(3, { to: 'SUSPENDED', act: 'suspend' });
    tape.change(1);
    tape.change(3, { to: 'ACTIVE', act: 'resume' });
    const readModel = await open(tape);
    expect(await listStatuses(readModel)).to.deep.equal([
      [1, 1],
      [3, 2],
    ]);
    expect(await listStatuses(readModel, suspended)).to.deep.equal([[3, 1]]);
    expect(await listStatuses(readModel, anchored)).to.deep.equal([]);
  });

  it('says in the history which changes count for nothing', async () => {
    const tape = makeTape(type.type);
    tape.write(usualRows(type));
    tape.anchor(first);
    tape.change(1, { to: 'SUSPENDED', act: 'suspend' }, { time: clock('09:10:00') });
    tape.change(1, { from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' }, { time: clock('09:20:00') });
    const voids = async () => (await (await open(tape)).history(ref(1), 0, 10)).items.map((item) => item.void);
    expect(await voids()).to.deep.equal([undefined, undefined, undefined]);
    tape.write([{ ...statusKey.row, compromisedFrom: clock('09:15:00') }], { time: clock('09:30:00') });
    expect(await voids()).to.deep.equal([undefined, undefined, true]);
  });

  it('calls a body in its history what it was called then', async () => {
    const tape = makeTape(type.type);
    tape.write(usualRows(type));
    tape.anchor(first, { time: clock('09:00:00') });
    const name = { zh: '新名', en: 'New name' };
    tape.write([{ ...body, name, formerNames: [{ name: body.name, until: clock('09:30:00') }] }]);
    tape.change(1, {}, { time: clock('09:40:00') });
    const readModel = await open(tape);
    const { items } = await readModel.history(ref(1), 0, 10);
    expect(items.map(({ issuerName }) => issuerName.zh)).to.deep.equal(['示范局', '新名']);
  });

  it('lists proposals, those made last first, by their state', async () => {
    const tape = makeTape(type.type);
    tape.write(usualRows(type));
    for (const id of ['c', 'a', 'b']) tape.write([proposal(id, 'open')]);
    tape.write([proposal('c', 'adopted')]);
    const readModel = await open(tape);
    const ids = (state?: ProposalRow['state']) => readModel.proposals(state).map((row) => row.proposal[0]);
    expect(ids()).to.deep.equal(['b', 'a', 'c']);
    expect(ids('open')).to.deep.equal(['b', 'a']);
    expect(ids('adopted')).to.deep.equal(['c']);
  });

  it('lists fifty proposals and two hundred agreements at most, the newest, and finds any agreement by name', async () => {
    const tape = makeTape(type.type);
    tape.write(usualRows(type));
    const number = (at: number) => String(at).padStart(3, '0');
    for (let at = 0; at < 60; at += 1) tape.write([{ ...proposal('a', 'open'), proposal: number(at) }]);
    for (let at = 0; at < 210; at += 1) tape.write([{ ...agreement, agreement: `demo-${number(at)}` }]);
    tape.write([{ ...agreement, agreement: 'demo-000', approved: clock('09:00:00') }]);
    const readModel = await open(tape);
    const told = readModel.proposals('open').map((row) => row.proposal);
    expect([told.length, told[0], told.at(-1)]).to.deep.equal([50, '059', '010']);
    const names = readModel.agreements().map((row) => row.agreement);
    expect([names.length, names[0], names.at(-1)]).to.deep.equal([200, 'demo-209', 'demo-010']);
    expect(readModel.agreement('demo-000')?.approved).to.equal(clock('09:00:00'));
    expect(readModel.agreement('demo-001')?.approved).to.equal(null);
    expect(readModel.agreement('none')).to.equal(undefined);
    expect(readModel.trustClaims('510100').agreements.map((row) => row.agreement)).to.deep.equal(['demo-000']);
  });

  it('refuses a height that the ledger has not reached, or at which there was no network', async () => {
    const tape = makeTape(type.type);
    tape.write([]);
    const founding = tape.write(usualRows(type));
    tape.anchor(first);
    const readModel = await open(tape);
    for (const height of [0, -1, 1, 1.5, Number.NaN, tape.height() + 1]) {
      await expectRefusal('HEIGHT_UNKNOWN', () => readModel.trust(height));
      await expectRefusal('HEIGHT_UNKNOWN', () => readModel.trustClaims('510100', height));
      await expectRefusal('HEIGHT_UNKNOWN', () => readModel.knowledge(ref(1), height));
      await expectRefusal('HEIGHT_UNKNOWN', () => readModel.findEntry(idOf(first), height));
      await expectRefusal('HEIGHT_UNKNOWN', () => readModel.statuses(issuer, type.type, height));
    }
    expect(readModel.trust(founding).issuer(issuer)?.domain).to.equal('440300');
    expect(readModel.trust(tape.height()).height).to.equal(tape.height());
  });

  it('is not ready before the network was founded', async () => {
    const tape = makeTape(type.type);
    tape.write([]);
    const readModel = await open(tape);
    await expectRefusal('NOT_READY', () => readModel.trust());
    tape.write(usualRows(type));
    await readModel.caughtUpTo(1);
    expect(readModel.trust().channel).to.equal('certs');
  });

  it('keeps an old registry apart from what comes after it', async () => {
    const tape = makeTape(type.type);
    const founding = tape.write(usualRows(type));
    const readModel = await open(tape);
    expect(readModel.trust().key(statusKey.row.key)?.compromisedFrom).to.equal(null);
    const from = clock('09:00:00');
    const recorded = tape.write([{ ...statusKey.row, compromisedFrom: from }]);
    await readModel.caughtUpTo(recorded - 1);
    expect(readModel.trust().key(statusKey.row.key)?.compromisedFrom).to.equal(from);
    expect(readModel.trust(founding).key(statusKey.row.key)?.compromisedFrom).to.equal(null);
    expect(readModel.trust(founding).key(anchorKey.row.key)?.compromisedFrom).to.equal(null);
  });
});

describe('an index that is opened again', () => {
  const open = useReadModels();

  async function tell(readModel: ReadModel, heights: readonly number[]) {
    const told = [];
    for (const height of heights) {
      const knowledge = [];
      for (const entry of [1, 2, 4]) knowledge.push(await readModel.knowledge(ref(entry), height));
      const found = await readModel.findEntry(idOf(reissue), height);
      told.push([readModel.trustClaims('510100', height), knowledge, found, await listStatuses(readModel, height)]);
    }
    return [
      told,
      readModel.proposals(),
      readModel.agreements(),
      readModel.register(issuer, type.type),
      readModel.time(),
    ];
  }

  function fill() {
    const tape = makeTape(type.type);
    const heights = [
      tape.write(usualRows(type), { time: clock('08:00:00') }),
      tape.anchor(first, { time: clock('08:10:00') }),
      tape.write([proposal('c', 'open')], { time: clock('08:20:00') }),
      tape.write([proposal('a', 'open'), agreement]),
      tape.change(2),
      tape.write([{ ...statusKey.row, compromisedFrom: clock('09:00:00') }, proposal('c', 'adopted')]),
      tape.anchor(reissue, { supersessions: [{ entry: 4, supersedes: 1 }] }),
    ];
    return { tape, heights };
  }

  it('answers for every height as before, in the same order', async () => {
    const { tape, heights } = fill();
    const folder = mkdtempSync(join(tmpdir(), 'yinxin-tape-'));
    const readModel = await open(tape, { folder });
    const before = await tell(readModel, heights);
    await readModel.close();
    const again = await open(tape, { folder });
    expect(await tell(again, heights)).to.deep.equal(before);
  });

  it('is rebuilt from the ledger where it was written in another format, and nothing of that is left', async () => {
    const { tape, heights } = fill();
    const folder = mkdtempSync(join(tmpdir(), 'yinxin-tape-'));
    const asOf = clock('09:00:00');
    const old = await openStore(folder);
    const put = (key: string, value: string) => ({ type: 'put', key, value: utf8(value) }) as const;
    const filler = Array.from({ length: 1_500 }, (_, at) => put(`row/batch/${at}`, '{}'));
    const stale = put(`change/${issuer}/${type.type}/000000000001/000000000009`, 'not even JSON');
    const checkpoint = put('checkpoint', JSON.stringify({ block: 99, hash: 'other', time: asOf, asOf }));
    await old.write([...filler, stale, checkpoint]);
    await old.close();
    const fresh = await open(tape);
    const rebuilt = await open(tape, { folder });
    expect(rebuilt.height()).to.equal(tape.height());
    expect(await tell(rebuilt, heights)).to.deep.equal(await tell(fresh, heights));
    await rebuilt.close();
    const store = await openStore(folder);
    for await (const { key } of store.entries('row/', 'row0')) expect.fail(`${key} is left`);
    await store.close();
  });

  it('knows the leaf of every entry of a batch', async () => {
    const { tape, heights } = fill();
    const readModel = await open(tape);
    for (const { file } of [...first, ...reissue]) {
      const { anchor } = await readModel.knowledge(ref(file.body.entry), heights.at(-1));
      expect(anchor?.leaf).to.equal(toBase64(toLeaf(file.body)));
    }
  });
});
