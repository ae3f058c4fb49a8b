import {
  type ContractCaller,
  createRules,
  type Json,
  type Outcome,
  parseInstant,
  type Row,
  rowKeyOf,
  rowKeys,
  runRule,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  adminOf,
  channel,
  chengdu,
  chongqing,
  deyang,
  foundingTime,
  listJwkOf,
  listKidOf,
  makeAnchorInput,
  makeIssuer,
  makeNetwork,
  meishan,
  shenzhen,
} from '../../fixtures/network.ts';
import { txId, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const later = parseInstant('2026-06-02T00:00:00Z');
const name = { zh: '示范', en: 'Demo' };
/** The fixtures' names of list keys, in place of a hash. */
const thumbprints = new Map(['440300', '510100', '500000'].map((domain) => [listJwkOf(domain).x, listKidOf(domain)]));
const rules = createRules(({ x }) => thumbprints.get(x) ?? '');

function setting(network = makeNetwork()) {
  const world = World.founded(network);
  /** As the contract does it: decides, then keeps what was written. */
  const run = async (rule: string, input: unknown, caller: ContractCaller, time = now): Promise<Outcome> => {
    const found = rules.get(rule);
    if (!found) throw new Error('no such rule');
    const json = JSON.parse(JSON.stringify(input)) as Json;
    const outcome = await runRule(found, json, world.source(), { channel, txId, time, caller });
    for (const row of outcome.writes) world.put(row);
    return outcome;
  };
  const owners = async (outcome: Promise<Outcome>) =>
    (await outcome).owned.map(({ key, msps }) => `${[key.kind, ...key.parts].join('/')} ${msps.join(' ')}`);
  return { world, run, owners };
}

/** A network in which Shenzhen and another vote. */
function voting() {
  const { run, owners } = setting();
  /** Adopted by the vote of the last of the others. @returns what that gave to whom */
  const decide = async (action: string, input: object, ...others: readonly { readonly msp: string }[]) => {
    await run('propose', { action, input }, adminOf(shenzhen));
    let given: readonly string[] = [];
    for (const other of others) given = await owners(run('approve', { proposal: txId }, adminOf(other)));
    return given;
  };
  let acts = 0;
  /** Any governing act. */
  const act = (by: { readonly msp: string }) => {
    acts += 1;
    const input = { matter: `matter-${acts}`, name };
    return owners(run('propose', { action: 'registerMatter', input }, adminOf(by)));
  };
  return { decide, act };
}

describe('a governing act', () => {
  it('also writes the row of its organisation as it is, and names itself', async () => {
    const { world, run } = setting();
    const [{ issuer }] = world.network.issuers;
    const own = world.get(rowKeys.organisation('ShenzhenMSP'));
    const { writes, owned } = await run('renameIssuer', { issuer, name }, adminOf(shenzhen));
    expect(writes.map(({ kind }) => kind)).to.deep.equal(['issuer', 'organisation', 'governance']);
    expect(writes[1]).to.deep.equal(own);
    expect(writes[2]).to.deep.equal({ kind: 'governance', msp: 'ShenzhenMSP', txId });
    expect(owned).to.deep.equal([]);
  });

  it('writes the row of its organisation once where the rule itself changes it', async () => {
    const { run } = setting();
    const matter = { action: 'registerMatter', input: { matter: 'school-entry', name } };
    const { writes } = await run('propose', matter, adminOf(shenzhen));
    expect(writes.map(({ kind }) => kind)).to.deep.equal(['proposal', 'organisation', 'governance']);
    expect(writes[1]).to.deep.include({ openProposals: [txId] });
  });

  it('of one organisation touches no row of another’s: a proposer’s count is its own', async () => {
    const { run } = setting();
    await run('propose', { action: 'registerMatter', input: { matter: 'school-entry', name } }, adminOf(chengdu));
    const { writes } = await run('approve', { proposal: txId }, adminOf(chongqing));
    const msps = writes.flatMap((row) => ('msp' in row ? [row.msp] : []));
    expect(new Set(msps)).to.deep.equal(new Set(['ChongqingMSP']));
  });

  it('is none of anchoring', async () => {
    const { world, run } = setting();
    const [issuer] = world.network.issuers;
    const { writes } = await run('anchor', makeAnchorInput(issuer, { first: 1, time: now }), issuer.caller);
    expect(writes.map(({ kind }) => kind)).to.deep.equal(['register', 'batch']);
  });
});

describe('a row comes to belong to an organisation', () => {
  it('in the founding transaction, with everything else of a domain; only the founder’s own organisation joins by it', async () => {
    const world = new World();
    const found = rules.get('found');
    if (!found) throw new Error('no founding');
    const input = JSON.parse(JSON.stringify(world.network.found)) as Json;
    const context = { channel, txId, time: foundingTime, caller: world.network.founder };
    const { writes, owned } = await runRule(found, input, world.source(), context);
    const ownedKinds = ['domain', 'organisation', 'issuer', 'key', 'listKey', 'entitlement', 'register'];
    const isOfOthers = (row: Row) => (row.kind === 'domain' || row.kind === 'organisation') && row.msp !== shenzhen.msp;
    const expected = writes.filter((row) => ownedKinds.includes(row.kind) && !isOfOthers(row));
    expect(owned.map(({ key }) => key)).to.deep.equal(expected.map(rowKeyOf));
    expect(expected.map(({ kind }) => kind)).to.include.members(ownedKinds);
    const [, second] = world.network.issuers;
    expect(owned).to.deep.include({ key: rowKeys.issuer(second.issuer), msps: [second.domain.msp] });
    expect(owned).to.deep.include({ key: rowKeys.key(second.anchorKey.row.key), msps: [second.domain.msp] });
  });

  it('when it is new, and not again', async () => {
    const { world, run, owners } = setting(makeNetwork(['business-licence', 'food-business-licence']));
    const [issuer] = world.network.issuers;
    const fresh = makeIssuer(40, shenzhen);
    const body = { issuer: fresh.issuer, domain: '440300', region: '440300', name, from: now };
    const admin = adminOf(shenzhen);
    expect(await owners(run('registerIssuer', body, admin))).to.deep.equal([`issuer/${fresh.issuer} ShenzhenMSP`]);
    const window = { issuer: fresh.issuer, type: 'business-licence', region: '440300', from: now, until: null };
    expect(await owners(run('registerEntitlement', window, admin))).to.deep.equal([
      `entitlement/${fresh.issuer}/business-licence ShenzhenMSP`,
      `register/${fresh.issuer}/business-licence ShenzhenMSP`,
    ]);
    const end = { issuer: fresh.issuer, type: 'business-licence', until: now };
    expect(await owners(run('endEntitlement', end, admin))).to.deep.equal([]);
    const anchorAt = (first: number) => run('anchor', makeAnchorInput(issuer, { first, time: now }), issuer.caller);
    const batch = `batch/${issuer.issuer}/business-licence`;
    expect(await owners(anchorAt(1))).to.deep.equal([`${batch}/000000000001 ShenzhenMSP`]);
    expect(await owners(anchorAt(2))).to.deep.equal([`${batch}/000000000002 ShenzhenMSP`]);
  });

  it('when it is a domain’s that goes to an organisation that has joined', async () => {
    const { decide, act } = voting();
    for (const one of [chengdu, chongqing]) await act(one);
    expect(await decide('registerDomain', { ...deyang, msp: 'ChongqingMSP' }, chengdu)).to.deep.equal([
      `domain/${deyang.domain} ChongqingMSP`,
    ]);
    expect(await decide('amendDomain', { ...deyang, msp: 'ChongqingMSP', name }, chengdu)).to.deep.equal([]);
    expect(await decide('amendDomain', { ...deyang, msp: 'ShenzhenMSP', name }, chengdu)).to.deep.equal([
      `domain/${deyang.domain} ShenzhenMSP`,
    ]);
  });
});

describe('an organisation joins', () => {
  const ownDomain = `domain/${chengdu.domain}`;

  it('by its first governing act, which writes its domains as they are, and makes them and its own row its own', async () => {
    const { world, run, owners } = setting(makeNetwork(['business-licence'], 0, [deyang, meishan]));
    const before = [deyang, meishan].map(({ domain }) => world.get(rowKeys.domain(domain)));
    const matter = { action: 'registerMatter', input: { matter: 'school-entry', name } };
    const outcome = run('propose', matter, adminOf(deyang));
    const { writes } = await outcome;
    expect(writes.map(({ kind }) => kind)).to.deep.equal([
      'proposal',
      'organisation',
      'domain',
      'domain',
      'governance',
    ]);
    expect(writes[1]).to.deep.equal({ kind: 'organisation', msp: 'SichuanMSP', joined: now, openProposals: [txId] });
    expect(writes.slice(2, 4)).to.deep.equal(before);
    expect(await owners(outcome)).to.deep.equal([
      'organisation/SichuanMSP SichuanMSP',
      `domain/${deyang.domain} SichuanMSP`,
      `domain/${meishan.domain} SichuanMSP`,
    ]);
    const next = run('withdraw', { proposal: txId }, adminOf(deyang), later);
    expect((await next).writes.map(({ kind }) => kind)).to.deep.equal(['proposal', 'organisation', 'governance']);
    expect(world.get(rowKeys.organisation('SichuanMSP'))?.joined).to.equal(now);
    expect(await owners(next)).to.deep.equal([]);
  });

  it('not by being named: a mistaken name is nobody’s, and a majority puts it right', async () => {
    const { decide, act } = voting();
    for (const one of [chengdu, chongqing]) await act(one);
    expect(await decide('registerDomain', { ...deyang, msp: 'MistakenMSP' }, chengdu)).to.deep.equal([]);
    expect(await decide('amendDomain', { ...deyang, msp: 'MistakenToo' }, chengdu, chongqing)).to.deep.equal([]);
    expect(await decide('amendDomain', deyang, chengdu, chongqing)).to.deep.equal([]);
    expect(await act(deyang)).to.include(`domain/${deyang.domain} SichuanMSP`);
  });

  it('and loses to one that has not: any organisation’s peer may endorse then, until that one acts', async () => {
    const { decide, act } = voting();
    for (const one of [chengdu, chongqing]) await act(one);
    const anybody = ['ChengduMSP', 'ChongqingMSP', 'ShenzhenMSP'].join(' ');
    expect(await decide('amendDomain', { ...chengdu, msp: 'MistakenMSP' }, chengdu)).to.deep.equal([
      `${ownDomain} ${anybody}`,
    ]);
    expect(await decide('amendDomain', { ...chengdu, msp: 'NewMSP' }, chongqing)).to.deep.equal([]);
    expect(await act({ msp: 'NewMSP' })).to.deep.equal(['organisation/NewMSP NewMSP', `${ownDomain} NewMSP`]);
  });

  it('and gives up or takes over a domain by that very act', async () => {
    const { decide, act } = voting();
    expect(await decide('amendDomain', { ...chengdu, msp: 'ChongqingMSP' }, chongqing)).to.deep.equal([
      `${ownDomain} ChongqingMSP`,
      'organisation/ChongqingMSP ChongqingMSP',
      `domain/${chongqing.domain} ChongqingMSP`,
    ]);
    expect(await act(chongqing)).to.deep.equal([]);
    const other = voting();
    expect(await other.decide('amendDomain', { ...chengdu, msp: 'NewMSP' }, chengdu)).to.deep.equal([
      'organisation/ChengduMSP ChengduMSP',
    ]);
  });

  it('not by anchoring: what its bodies were given at the founding is its own already', async () => {
    const { world, run, owners } = setting();
    const [, issuer] = world.network.issuers;
    const batch = `batch/${issuer.issuer}/business-licence/000000000001`;
    expect(await owners(run('anchor', makeAnchorInput(issuer, { first: 1, time: now }), issuer.caller))).to.deep.equal([
      `${batch} ${issuer.domain.msp}`,
    ]);
    expect(world.get(rowKeys.organisation(issuer.domain.msp))?.joined).to.equal(null);
  });
});

describe('list keys', () => {
  it('are named by their thumbprints in every rule of the table', async () => {
    const { run } = setting();
    const refusal = (promise: Promise<unknown>) =>
      promise.then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    const listKey = { domain: '440300', kid: 'A'.repeat(43), jwk: listJwkOf('440300'), from: now, until: null };
    expect(await refusal(run('registerListKey', listKey, adminOf(shenzhen)))).to.include('not the thumbprint');
    const network = makeNetwork();
    const founding = { ...network.found, listKeys: [listKey] };
    expect(await refusal(run('found', founding, network.founder))).to.include('not the thumbprint');
  });
});
