/** What administrators of a domain may do through their gateway, and what not. */
import { epochSeconds, type Json, type KeyRequest, type RegisterDomainInput, toInstant } from '@yinxin/core';
import { expect } from 'chai';
import { createGoverning, type Governing } from '../../../gateway/governing/governing.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import { findListKeys } from '../../../gateway/lists/list-keys.ts';
import { adminOf, chengdu, shenzhen } from '../../fixtures/network.ts';
import { expectRefusal } from '../support.ts';
import { operator, otherIssuer, portOf, useWorld } from '../world.ts';

const here = { domain: shenzhen.domain };
const there = { domain: chengdu.domain };
const { issuer } = operator;
/** Of nobody in the world. */
const newBody = '11990300DEMA00419W';
const name = { zh: '示范局', en: 'Demo Bureau' };
const city = (domain: string): RegisterDomainInput => ({
  domain,
  region: domain.slice(0, 4),
  name: { zh: `示范市${domain}`, en: `Demo City ${domain}` },
  msp: 'SichuanMSP',
});
const toJson = (input: object) => input as unknown as Json; // plain members

describe('governing', () => {
  const world = useWorld();
  const now = () => world().clock.now();
  const body = (domain: string) => ({ issuer: newBody, domain, region: domain, name, from: now() });

  it('acts as the organisation of the administrator’s domain, and answers once the read model knows', async () => {
    const matter = { action: 'registerMatter', input: { matter: 'first-matter', name } };
    const { txId, block, time, event } = await world().governing.submit(here, 'propose', matter);
    expect([time, world().readModel.height()]).to.deep.equal([now(), block + 1]);
    expect(event).to.include({ proposal: txId, state: 'open' });
    const [proposal] = world().governing.proposals('open').proposals;
    expect(proposal).to.deep.include({ proposal: txId, proposedBy: shenzhen.msp });
    await world().governing.submit(there, 'approve', { proposal: txId });
    expect(world().governing.proposals('open').proposals).to.deep.equal([]);
    expect(world().governing.proposals().proposals[0]).to.include({ proposal: txId, state: 'adopted' });
    expect(world().readModel.trust().matter('first-matter')?.name).to.deep.equal(name);
  });

  it('passes on what the contract refuses', async () => {
    await expectRefusal('NOT_FOUND', () => world().governing.submit(here, 'approve', { proposal: 'a'.repeat(64) }));
    await expectRefusal('INPUT_INVALID', () => world().governing.submit(here, 'propose', 'nothing'));
  });

  it('refuses what would act for another domain: bodies, keys, lists, entitlements, agreements', async () => {
    const { governing, readModel, keys } = world();
    const anchorKey = keys.sm2Keys().find((key) => key.issuer === issuer)?.key ?? '';
    const kid = keys.listKeys().find(({ domain }) => domain === here.domain)?.kid ?? '';
    const height = readModel.height();
    const attempts = [
      ['registerIssuer', body(here.domain)],
      ['closeIssuer', { issuer, at: now(), successor: null }],
      ['renameIssuer', { issuer, name }],
      ['retireKey', { key: anchorKey, until: now() }],
      ['reportCompromise', { key: anchorKey, from: now() }],
      ['retireListKey', { kid, until: now() }],
      ['reportListKeyCompromise', { kid, from: now() }],
      ['registerEntitlement', { issuer, type: 'tax-registration', region: '440300', from: now(), until: null }],
      ['endEntitlement', { issuer, type: 'business-licence', until: now() }],
      ['approveAgreement', { agreement: 'any', domain: here.domain }],
    ] as const;
    for (const [transaction, input] of attempts) {
      await expectRefusal('CALLER_NOT_PERMITTED', () => governing.submit(there, transaction, input));
    }
    const request = { issuer, use: 'anchor' } as const;
    await expectRefusal('CALLER_NOT_PERMITTED', () => governing.makeKey(there, request));
    await expectRefusal('CALLER_NOT_PERMITTED', () => governing.submit({ domain: '999999' }, 'approve', {}));
    expect(readModel.height()).to.equal(height);
  });

  it('keeps apart domains for which one organisation speaks, as the ledger would not', async () => {
    const { governing, ledger } = world();
    for (const domain of ['510600', '511400']) {
      const action = toJson({ action: 'registerDomain', input: city(domain) });
      const { txId } = await governing.submit(here, 'propose', action);
      await governing.submit(there, 'approve', { proposal: txId });
    }
    await expectRefusal('CALLER_NOT_PERMITTED', () =>
      governing.submit({ domain: '510600' }, 'registerIssuer', body('511400')),
    );
    await ledger.evaluate(adminOf(city('510600')), 'registerIssuer', body('511400'));
    await governing.submit({ domain: '511400' }, 'registerIssuer', body('511400'));
  });

  it('says that a commit is unknown when it was never seen, and nothing else', async () => {
    const { governing, readModel } = world();
    const blind = createGoverning({
      ...world(),
      clock: now,
      readModel: { ...readModel, caughtUpTo: () => Promise.reject(new Error('gone')) },
    });
    const matter = { action: 'registerMatter', input: { matter: 'second-matter', name } };
    await expectRefusal('COMMIT_UNKNOWN', () => blind.submit(here, 'propose', matter));
    const unseen = createGoverning({ ...world(), clock: now, readModel: { ...readModel, hasCounted: () => false } });
    await expectRefusal('COMMIT_UNKNOWN', () => unseen.submit(here, 'renameIssuer', { issuer, name }));
    await readModel.caughtUpTo((await world().ledger.info()).height - 1);
    expect(governing.proposals('open').proposals.map(({ action }) => action)).to.deep.include(matter);
  });

  it('says of what peers took, and no reader gives anything, that it does not hold', async () => {
    const { readModel } = world();
    const voided = createGoverning({
      ...world(),
      clock: now,
      readModel: {
        ...readModel,
        findVoid: async (block, txId) => ({
          block,
          txId,
          transaction: 'renameIssuer',
          msp: here.domain,
          why: 'writes',
        }),
      },
    });
    const { details } = await expectRefusal('LEDGER_DIVERGED', () =>
      voided.submit(here, 'renameIssuer', { issuer, name: { ...name, en: 'Another Bureau' } }),
    );
    expect(details).to.include({ why: 'writes', block: readModel.height() - 1 });
  });
});

describe('making a key', () => {
  const world = useWorld();
  const now = () => world().clock.now();
  const later = (seconds: number) => toInstant(epochSeconds(now()) + seconds);
  const make = (changes: Partial<KeyRequest> = {}, governing: Governing = world().governing) =>
    governing.makeKey(here, { issuer, use: 'code', ...changes });
  const held = (use = 'code') =>
    world()
      .keys.sm2Keys()
      .filter((key) => key.issuer === issuer && key.use === use);

  it('registers a key of this gateway that one in force vouches for, of another use where there is one', async () => {
    const [current] = held('status');
    const made = await make({ until: later(86_400 * 365) });
    expect(made).to.include({ from: now(), until: later(86_400 * 365), vouchedBy: current?.key });
    expect(held().map(({ key }) => key)).to.include(made.key);
    expect(world().readModel.trust().key(made.key)).to.include({ issuer, use: 'code', compromisedFrom: null });
  });

  it('makes a recovery key that nobody vouches for and that waits a day', async () => {
    const made = await make({ recovery: true });
    expect(made).to.include({ vouchedBy: 'first', until: null });
    expect(epochSeconds(made.from) - epochSeconds(now())).to.be.within(86_400, 86_500);
  });

  it('takes up a key whose registration was refused, or never sent, instead of making another', async () => {
    const before = held().length;
    await expectRefusal('INPUT_INVALID', () => make({ from: later(-86_400) }));
    await expectRefusal('INPUT_INVALID', () => make({ recovery: true, from: later(3_600) }));
    const unreachable: Ledger = { ...portOf(world().ledger), submit: () => Promise.reject(new Error('cut off')) };
    const cut = createGoverning({ ...world(), clock: now, ledger: unreachable });
    await make({}, cut).catch(() => undefined);
    expect(held()).to.have.length(before + 1);
    const [a, b] = await Promise.all([make(), make()]);
    expect(a.key).to.not.equal(b.key);
    expect(held()).to.have.length(before + 2);
  });

  it('refuses a body that is not there, one that is closed, and makes nothing where no key can vouch', async () => {
    await expectRefusal('ISSUER_UNKNOWN', () => make({ issuer: newBody }));
    for (const { key } of ['anchor', 'status', 'code'].flatMap(held)) {
      await world()
        .governing.submit(here, 'reportCompromise', { key, from: now() })
        .catch(() => undefined);
    }
    const before = world().keys.sm2Keys().length;
    await expectRefusal('SIGNING_KEY_MISSING', () => make());
    await world().governing.submit(here, 'closeIssuer', { issuer, at: now(), successor: otherIssuer });
    await world().governing.submit(there, 'acceptSuccession', { issuer });
    world().clock.advance(1);
    await expectRefusal('ISSUER_CLOSED', () => make({ recovery: true }));
    expect(world().keys.sm2Keys()).to.have.length(before);
  });
});

describe('making a key for lists', () => {
  const world = useWorld();
  const now = () => world().clock.now();
  const held = (domain = here.domain) =>
    world()
      .keys.listKeys()
      .filter((key) => key.domain === domain);

  it('makes a further one of the administrator’s own domain, in force from now on, beside the old', async () => {
    const [old] = held();
    const made = await world().governing.makeListKey(here);
    expect(made).to.include({ from: now(), until: null });
    expect(held().map(({ kid }) => kid)).to.have.members([old?.kid, made.kid]);
    const { trust, height } = world().readModel;
    expect(height()).to.equal(made.block + 1);
    const jwk = held().find(({ kid }) => kid === made.kid)?.jwk;
    expect(trust().listKey(made.kid)).to.deep.include({ domain: here.domain, jwk, compromisedFrom: null });
    expect(trust().listKey(old?.kid ?? '')).to.include({ until: null });
    expect(held(there.domain)).to.have.length(1);
  });

  it('takes up one whose registration was cut off, and signs nothing by it before', async () => {
    const before = held().length;
    const unreachable: Ledger = { ...portOf(world().ledger), submit: () => Promise.reject(new Error('cut off')) };
    const cut = createGoverning({ ...world(), clock: now, ledger: unreachable });
    for (const _ of [1, 2]) await cut.makeListKey(here).catch(() => undefined);
    const left = held().filter(({ kid }) => !world().readModel.trust().listKey(kid));
    expect([left.length, held().length]).to.deep.equal([1, before + 1]);
    expect(findListKeys(world().keys, world().readModel.trust(), now()).map(({ kid }) => kid)).to.not.include(
      left[0]?.kid,
    );
    const [a, b] = await Promise.all([1, 2].map(() => world().governing.makeListKey(here)));
    expect(a?.kid).to.equal(left[0]?.kid);
    expect(b?.kid).to.not.equal(a?.kid);
    expect(held()).to.have.length(before + 2);
  });

  it('makes none for a domain that the ledger does not have', async () => {
    const before = world().keys.listKeys().length;
    await expectRefusal('CALLER_NOT_PERMITTED', () => world().governing.makeListKey({ domain: '999999' }));
    expect(world().keys.listKeys()).to.have.length(before);
  });
});
