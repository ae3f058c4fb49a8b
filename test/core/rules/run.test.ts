import {
  type ContractCaller,
  createRules,
  type Json,
  type Outcome,
  parseInstant,
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
  shenzhen,
} from '../../fixtures/network.ts';
import { txId, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
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
    (await outcome).owned.map(({ key, msp }) => `${[key.kind, ...key.parts].join('/')} ${msp}`);
  return { world, run, owners };
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
    const { writes } = await run('propose', matter, adminOf(chengdu));
    expect(writes.map(({ kind }) => kind)).to.deep.equal(['proposal', 'organisation', 'governance']);
    expect(writes[1]).to.deep.include({ openProposals: [txId] });
  });

  it('of one organisation touches no row of another’s: a proposer’s count is its own', async () => {
    const { run } = setting();
    await run('propose', { action: 'registerMatter', input: { matter: 'school-entry', name } }, adminOf(chengdu));
    const { writes } = await run('approve', { proposal: txId }, adminOf(chongqing));
    const msps = writes.flatMap((row) => (row.kind === 'organisation' || row.kind === 'governance' ? [row.msp] : []));
    expect(msps).to.deep.equal(['ChongqingMSP', 'ChongqingMSP']);
  });

  it('is none of anchoring', async () => {
    const { world, run } = setting();
    const [issuer] = world.network.issuers;
    const { writes } = await run('anchor', makeAnchorInput(issuer, { first: 1, time: now }), issuer.caller);
    expect(writes.map(({ kind }) => kind)).to.deep.equal(['register', 'batch']);
  });
});

describe('a row comes to belong to an organisation', () => {
  it('in the founding transaction, with everything else of a domain', async () => {
    const world = new World();
    const found = rules.get('found');
    if (!found) throw new Error('no founding');
    const input = JSON.parse(JSON.stringify(world.network.found)) as Json;
    const context = { channel, txId, time: foundingTime, caller: world.network.founder };
    const { writes, owned } = await runRule(found, input, world.source(), context);
    const ownedKinds = ['domain', 'organisation', 'issuer', 'key', 'listKey', 'entitlement', 'register'];
    const kindsOf = (kinds: readonly string[]) => kinds.filter((kind) => ownedKinds.includes(kind)).sort();
    expect(owned.map(({ key }) => key.kind).sort()).to.deep.equal(kindsOf(writes.map(({ kind }) => kind)));
    const [, second] = world.network.issuers;
    expect(owned).to.deep.include({ key: rowKeys.issuer(second.issuer), msp: second.domain.msp });
    expect(owned).to.deep.include({ key: rowKeys.key(second.anchorKey.row.key), msp: second.domain.msp });
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

  it('when a domain joins, and goes to another organisation', async () => {
    const { run, owners } = setting();
    const decide = async (action: string, input: object) => {
      await run('propose', { action, input }, adminOf(shenzhen));
      return owners(run('approve', { proposal: txId }, adminOf(chengdu)));
    };
    expect(await decide('registerDomain', { ...deyang, msp: 'ChongqingMSP' })).to.deep.equal([
      `domain/${deyang.domain} ChongqingMSP`,
    ]);
    expect(await decide('amendDomain', { ...deyang, msp: 'ChongqingMSP', name })).to.deep.equal([]);
    expect(await decide('amendDomain', { ...deyang, msp: 'NewMSP', name })).to.deep.equal([
      `domain/${deyang.domain} NewMSP`,
      'organisation/NewMSP NewMSP',
    ]);
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
