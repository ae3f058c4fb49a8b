/** Dishonest organisations on a real network: what Fabric does not let them write for another, and what it lets them write and no honest reader believes. */
import { GatewayError } from '@hyperledger/fabric-gateway';
import { formatRowKey, type RowKey, rowKeys } from '@yinxin/core';
import { expect } from 'chai';
import type { TestKey } from '../../fixtures/certificates.ts';
import { describeWithFabric, withNetwork } from '../../fixtures/fabric.ts';
import {
  adminOf,
  chengdu,
  chongqing,
  clientOf,
  deyang,
  listJwkOf,
  listKidOf,
  shenzhen,
} from '../../fixtures/network.ts';
import { asJson, rejection } from '../port-suite.ts';
import { corrupt, type Forged, startContract, stopContract } from './forgery-colluders.ts';
import { deleting, handingOver, type Order, putting } from './forgery-order.ts';
import { Scene } from './forgery-scene.ts';
import {
  amendments,
  anchorInput,
  forgedBatch,
  forgedStatus,
  later,
  networkWide,
  other,
  own,
  registrations,
  statusInput,
  types,
} from './forgery-world.ts';
import { now } from './opened.ts';

const [licence, foodLicence] = types;
const one = [chengdu.msp];
const two = [chengdu.msp, chongqing.msp];

/** Of each kind that belongs to a city, one of Shenzhen's. */
const rowsOfShenzhen: readonly RowKey[] = [
  rowKeys.domain(shenzhen.domain),
  rowKeys.organisation(shenzhen.msp),
  rowKeys.issuer(own.issuer),
  rowKeys.key(own.anchorKey.row.key),
  rowKeys.listKey(listKidOf(shenzhen.domain)),
  rowKeys.entitlement(own.issuer, licence),
  rowKeys.register(own.issuer, licence),
  rowKeys.batch(own.issuer, licence, 1),
];
/** What can be done to a row. */
const assaults: readonly ((key: RowKey) => Order)[] = [
  (key) => ({ writes: [{ key: formatRowKey(key), value: '{"forged":true}' }] }),
  deleting,
  (key) => handingOver(key, chengdu.msp),
];

describeWithFabric('forging on a real Fabric network', function () {
  this.timeout(60_000);
  const network = withNetwork({ cities: 4, ordering: 'raft' });
  let scene: Scene;
  let proposal: string;

  before('a founded network with a certificate', async () => {
    scene = await Scene.open(network());
  });
  after(() => scene?.close());

  describe('while all peers are honest', () => {
    it('every gateway finds Shenzhen’s certificates valid', async () => {
      const [one, two] = await Promise.all(scene.readers.map((reader) => scene.tell(reader)));
      expect(one).to.deep.equal(two);
      expect(one?.reasons).to.deep.equal(scene.files.map(() => 'VALID'));
    });

    it('they refuse to one city’s people what only another’s may do', async () => {
      for (const { transaction, input } of [...registrations(), ...amendments()]) {
        const refused = await rejection(scene.everybody.submit(adminOf(chengdu), transaction, input));
        expect(refused.code, transaction).to.equal('CALLER_NOT_PERMITTED');
      }
      const issuing = [
        ['anchor', anchorInput(foodLicence, 1)],
        ['changeStatus', statusInput(1)],
      ] as const;
      for (const [transaction, input] of issuing) {
        const refused = await rejection(scene.everybody.submit(clientOf(chengdu), transaction, asJson(input)));
        expect(refused.code, transaction).to.equal('CALLER_NOT_PERMITTED');
      }
    });

    it('a proposal that two of four cities approve stays open', async () => {
      const input = { basis: 'forged-law-2', name: { zh: '伪造', en: 'Forged' }, acts: ['revoke'] };
      const proposed = await scene.everybody.submit(
        adminOf(chengdu),
        'propose',
        asJson({ action: 'registerBasis', input }),
      );
      proposal = proposed.txId;
      const approved = await scene.everybody.submit(adminOf(chongqing), 'approve', { proposal });
      expect(approved.result).to.include({ state: 'open', approvals: 2 });
    });
  });

  /** What neither one nor two can do. */
  function cannotTouch(endorsers: readonly string[]): void {
    it('cannot overwrite, delete or take over a row of another city, of whatever kind', async () => {
      for (const assault of assaults) {
        await scene.expectInvalid(() => Promise.all(rowsOfShenzhen.map((key) => scene.forge(assault(key), endorsers))));
      }
    });

    it('cannot register, retire or end in another city’s name all that its administrators can', async () => {
      const deeds = [
        ...registrations(),
        ...amendments(),
        { transaction: 'approve', input: { proposal }, as: adminOf(shenzhen) },
      ];
      await scene.expectInvalid(() =>
        Promise.all(deeds.map(({ transaction, input, as }) => scene.forge({ as }, endorsers, { transaction, input }))),
      );
    });

    it('cannot anchor in another city’s register, nor change a status under its batch', async () => {
      const register = await scene.head(licence);
      const batch = await scene.shenzhen.model.batch({ issuer: own.issuer, type: licence, entry: 1 });
      if (!batch) throw new Error('nothing is anchored');
      const next = forgedBatch(register);
      const anchoring = putting(next, { ...register, last: next.last, time: now() });
      const revoking = putting(forgedStatus(1), { ...batch.row, touched: 1 });
      await scene.expectInvalid(() =>
        Promise.all([
          scene.forge(anchoring, endorsers, { transaction: 'anchor', input: asJson(anchorInput(licence, 5)) }),
          scene.forge(revoking, endorsers, { transaction: 'changeStatus', input: asJson(statusInput(1)) }),
        ]),
      );
    });

    it('cannot put an endorsement under it that the other city’s peer gave to something else', async () => {
      const claim = { caller: adminOf(chengdu), transaction: 'renameIssuer', input: {}, endorsers };
      const order = assaults[0]?.(rowKeys.issuer(own.issuer)) ?? {};
      await scene.expectInvalid(async () => [await scene.client.borrow({ ...claim, order }, shenzhen.msp)]);
    });
  }

  describe('one city whose peer endorses anything', () => {
    before(() => corrupt(network(), chengdu.msp));

    cannotTouch(one);

    it('cannot write a new row of another city either, nor one of the whole network', async () => {
      const rows = [forgedStatus(1), ...networkWide()];
      await scene.expectInvalid(() =>
        Promise.all([
          ...rows.map((row) => scene.forge(putting(row), one)),
          ...registrations().map(({ transaction, input, as }) =>
            scene.forge({ as, without: ['organisation'] }, one, { transaction, input }),
          ),
        ]),
      );
    });

    it('finds no honest peer that says the same', async () => {
      const [deed] = registrations();
      if (!deed) throw new Error('no deed');
      const { transaction, input, as } = deed;
      for (const honest of [shenzhen.msp, deyang.msp]) {
        const error = await scene
          .forge({ as }, [chengdu.msp, honest], { transaction, input })
          .catch((thrown) => thrown);
        expect(error).to.be.instanceOf(GatewayError);
        const said = (error as GatewayError).details.map(({ message }) => message).join();
        expect(said).to.include('CALLER_NOT_PERMITTED');
      }
      const silent = await scene
        .forge({}, [chengdu.msp, shenzhen.msp], { transaction: 'readNetwork' })
        .catch((thrown) => thrown);
      expect((silent as GatewayError).details.map(({ message }) => message).join()).to.include('do not match');
    });

    it('can write its own rows alone, which nobody believes', async () => {
      const order = putting({ kind: 'entitlement', issuer: other.issuer, type: licence, windows: [] });
      const why = await scene.expectTaken(async () => [
        await scene.forge(order, one, { transaction: 'registerEntitlement' }),
      ]);
      expect(why).to.deep.equal(['INPUT_INVALID']);
    });

    it('does not keep others from working, who find another endorser', async () => {
      for (const first of [1, 4, 7, 10]) await scene.submit('anchor', anchorInput(foodLicence, first));
      await scene.govern('renameIssuer', { issuer: own.issuer, name: { zh: '新名', en: 'New name' } });
    });
  });

  describe('two cities that collude', () => {
    before(() => corrupt(network(), chongqing.msp));

    /** One after the other: some write the same row. */
    async function forgeEach(forgeries: readonly (() => Promise<Forged>)[]): Promise<readonly Forged[]> {
      const forged: Forged[] = [];
      for (const each of forgeries) forged.push(await each());
      return forged;
    }

    cannotTouch(two);

    it('can have Fabric take new rows of another city, just as its own acts would write them; they are void', async () => {
      const deeds = [
        ...registrations(),
        { transaction: 'approve', input: { proposal }, as: adminOf(shenzhen) },
        { transaction: 'anchor', input: asJson(anchorInput(licence, 5)), row: forgedBatch(await scene.head(licence)) },
        { transaction: 'changeStatus', input: asJson(statusInput(1)), row: forgedStatus(1) },
      ];
      const forgeries = deeds.map(({ transaction, input, ...how }) => {
        const order: Order = 'as' in how ? { as: how.as, without: ['organisation'] } : putting(how.row);
        return () => scene.forge(order, two, { transaction, input });
      });
      const why = await scene.expectTaken(() => forgeEach(forgeries));
      const refused = registrations().map(() => 'CALLER_NOT_PERMITTED');
      expect(why).to.deep.equal([...refused, 'ALREADY_APPROVED', 'CALLER_NOT_PERMITTED', 'CALLER_NOT_PERMITTED']);
    });

    it('can have it take what is the whole network’s: types, domains, bases, matters, proposals adopted by all; void', async () => {
      const input = { action: 'registerMatter', input: { matter: 'any', name: { zh: '示范', en: 'Demo' } } };
      const rows = networkWide();
      const forgeries = rows.map((row) => () => scene.forge(putting(row), two, { transaction: 'propose', input }));
      expect(await scene.expectTaken(() => forgeEach(forgeries))).to.deep.equal(rows.map(() => 'writes'));
    });

    it('can have it take what is not what it says: other rows, another event, other owners of rows, of any name; void', async () => {
      const retire = ({ row: { key } }: TestKey) => ({ transaction: 'retireKey', input: { key, until: later(3_600) } });
      const as = adminOf(chengdu);
      const event = { name: 'retireKey', payload: { key: own.anchorKey.row.key } };
      const ownerless = rowKeys.governance(deyang.msp);
      const forgeries = [
        () => scene.forge({ as, ...putting(forgedStatus(4)) }, two, retire(other.anchorKey)),
        () => scene.forge({ as, event }, two, retire(other.statusKey)),
        () => scene.forge({ as, ...handingOver(ownerless, chengdu.msp) }, two, retire(other.codeKey)),
        () => scene.forge(putting(forgedStatus(4)), two, { transaction: 'sweep' }),
      ];
      expect(await scene.expectTaken(() => forgeEach(forgeries))).to.deep.equal([
        'writes',
        'event',
        'policies',
        'unknown',
      ]);
    });

    it('are believed where they write just what the rules decide, so it is only the lies that make it void', async () => {
      const input = { kid: listKidOf(chengdu.domain), until: later(3_600) };
      const { block, txId, code } = await scene.forge({ as: adminOf(chengdu) }, two, {
        transaction: 'retireListKey',
        input,
      });
      expect(code).to.equal('VALID');
      for (const { model } of scene.readers) {
        await model.caughtUpTo(block);
        expect(await model.findVoid(block, txId)).to.equal(undefined);
        expect(model.trust().listKey(input.kid)?.until).to.equal(input.until);
      }
    });

    it('can have it take an event that nothing was written for, which tells nobody anything', async () => {
      const voids = scene.shenzhen.model.voids().count;
      const event = { name: 'anchor', payload: { issuer: own.issuer, type: licence, first: 5, last: 14 } };
      const input = asJson(anchorInput(licence, 5));
      const forging = () => scene.forge({ event }, two, { transaction: 'anchor', input });
      expect(await scene.expectTaken(async () => [await forging()])).to.deep.equal(['not void']);
      expect(await scene.shenzhen.model.batch({ issuer: own.issuer, type: licence, entry: 5 })).to.equal(undefined);
      expect(scene.shenzhen.model.voids().count).to.equal(voids);
    });

    it('are told of by every honest gateway: when it is asked whether it is ready, in its figures, and by name', async () => {
      const all = await Promise.all(scene.readers.map((reader) => reader.voids()));
      const { count } = scene.shenzhen.model.voids();
      expect(count).to.equal(18);
      for (const { counts } of all) expect(counts).to.deep.equal([count, count, count]);
      expect(all[0]?.named).to.deep.equal(all[1]?.named);
    });

    it('do not keep the others from working: anchoring, revoking, governing', async () => {
      const { last } = await scene.head(foodLicence);
      await scene.submit('anchor', anchorInput(foodLicence, last + 1));
      await scene.submit('anchor', anchorInput(licence, 5)); // where a batch was put before
      await scene.submit('changeStatus', statusInput(2, { to: 'REVOKED', act: 'revoke' }));
      const renamed = await scene.govern('renameIssuer', {
        issuer: own.issuer,
        name: { zh: '又一新名', en: 'Newer name' },
      });
      for (const reader of scene.readers) await reader.model.caughtUpTo(renamed.block);
      const [one, two] = await Promise.all(scene.readers.map((reader) => scene.tell(reader)));
      expect(one).to.deep.equal(two);
      expect(one?.reasons).to.deep.equal(['VALID', 'REVOKED', 'VALID', 'VALID']);
      expect((await scene.head(licence)).last).to.equal(7);
    });

    it('are enough to stop all where no third peer is honest, which is said in so many words', async () => {
      const { height } = await scene.shenzhen.ledger.info();
      await stopContract(network(), deyang.msp);
      const { last } = await scene.head(foodLicence);
      const { code, details } = await rejection(scene.submit('anchor', anchorInput(foodLicence, last + 1)));
      expect({ code, details }).to.deep.equal({ code: 'LEDGER_UNREACHABLE', details: { why: 'endorsers disagree' } });
      expect((await scene.shenzhen.ledger.info()).height).to.equal(height);
      await startContract(network(), deyang.msp);
      await scene.submit('anchor', anchorInput(foodLicence, last + 1));
    });
  });

  /** Nobody believes anything false of a certificate, a key or a right. To clear it away takes a mended contract. */
  describe('what two cities that collude can obstruct', () => {
    it('a change of the status of one certificate, by putting one there first', async () => {
      const refused = await rejection(scene.submit('changeStatus', statusInput(1)));
      expect(refused.code).to.equal('SEQUENCE_STALE');
    });

    it('a register, by taking over the row that its next batch would make', async () => {
      const register = await scene.head(foodLicence);
      const batch = forgedBatch(register);
      const key = rowKeys.batch(own.issuer, foodLicence, batch.first);
      const why = await scene.expectTaken(async () => [
        await scene.forge({ ...putting(batch), ...handingOver(key, chengdu.msp) }, two, { transaction: 'anchor' }),
      ]);
      expect(why).to.deep.equal(['INPUT_INVALID']);
      const { details } = await rejection(scene.submit('anchor', anchorInput(foodLicence, batch.first)));
      expect(details).to.deep.equal({ why: 'endorsers disagree' });
      await scene.submit('anchor', anchorInput(licence, (await scene.head(licence)).last + 1));
    });

    it('what a city governs, by taking over a row that has no owner', async () => {
      const key = rowKeys.governance(shenzhen.msp);
      const why = await scene.expectTaken(async () => [await scene.forge(handingOver(key, chengdu.msp), two)]);
      expect(why).to.deep.equal(['unknown']);
      const name = { zh: '再一新名', en: 'Newest name' };
      const { details } = await rejection(scene.govern('renameIssuer', { issuer: own.issuer, name }));
      expect(details).to.deep.equal({ why: 'endorsers disagree' });
    });

    it('all that rests on a row of the network: a type, by deleting it', async () => {
      const order = deleting(rowKeys.type(licence, 1));
      const why = await scene.expectTaken(async () => [await scene.forge(order, two, { transaction: 'propose' })]);
      expect(why).to.deep.equal(['INPUT_INVALID']);
      const refused = await rejection(
        scene.submit('anchor', anchorInput(licence, (await scene.head(licence)).last + 1)),
      );
      expect(refused.code).to.equal('TYPE_UNKNOWN');
      await scene.submit('changeStatus', statusInput(3));
    });

    it('the time of all, by dating an act of their own ahead: by as much as their own peers are set to bear', async () => {
      const time = later(840);
      const { domain } = chengdu;
      const [kid, jwk] = [listKidOf('510199'), listJwkOf('510199')];
      const input = asJson({ domain, kid, jwk, from: time, until: null });
      const forged = await scene.forge({ as: adminOf(chengdu) }, two, { transaction: 'registerListKey', input, time });
      expect(forged.code).to.equal('VALID');
      for (const { model } of scene.readers) {
        await model.caughtUpTo(forged.block);
        expect(await model.findVoid(forged.block, forged.txId)).to.equal(undefined);
        expect(model.time()).to.equal(time);
      }
    });
  });
});
