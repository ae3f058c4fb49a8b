/** What a body asks about what is kept of its certificates: duplicates, erasure, export; and who may. */
import {
  type CertificateFile,
  type FieldValues,
  formatIdentifier,
  fromBase64,
  isHolderTokenOf,
  type RosterRow,
  toLeaf,
} from '@yinxin/core';
import { expect } from 'chai';
import { applyErasures, listErasures } from '../../../gateway/backup/erasures.ts';
import { createKeeping } from '../../../gateway/keeping/create.ts';
import type { Keeping } from '../../../gateway/keeping/keeping.ts';
import type { Partners } from '../../../gateway/partners.ts';
import { sealRecords } from '../../../gateway/vault/sealing.ts';
import { createVerifying } from '../../../gateway/verifying/create.ts';
import { chengdu, shenzhen } from '../../fixtures/network.ts';
import { expectRefusal } from '../support.ts';
import { driving, licence, makeRows, openWorld, operator, otherOperator, useNetworks, type World } from '../world.ts';

const document = '示范〔2026〕8号';
const claimsOf = ({ values }: RosterRow, type = licence): { readonly values: FieldValues } => ({
  values: Object.fromEntries(type.claim.map((key) => [key, values[key] ?? ''])),
});

describe('keeping', () => {
  const newNetwork = useNetworks();
  let world: World;
  let keeping: Keeping;
  const rows = makeRows(licence, 6);

  beforeEach(async () => {
    world = await openWorld(await newNetwork());
    keeping = createKeeping({ ...world, clock: world.clock.now });
  });
  afterEach(() => world.close());

  const issue = (some: readonly RosterRow[], type = licence, key = 'one') =>
    world.issuing.issue(operator, { issuer: operator.issuer, type: type.type, rows: some }, key);
  const filesOf = async (id: string) => (await world.issuing.batch(operator, id, 0, 100)).certificates;
  const own = async (after: number, limit: number, as = operator) => {
    const parts: Uint8Array[] = [];
    const register = { issuer: operator.issuer, type: licence.type };
    for await (const part of world.issuing.ownLines(as, register, after, limit)) parts.push(part);
    const lines = Buffer.concat(parts).toString().split('\n');
    expect(lines.pop()).to.equal('');
    return lines.map((line) => JSON.parse(line) as CertificateFile);
  };

  describe('duplicates', () => {
    const find = (some: readonly { readonly values: FieldValues }[], as = operator) =>
      keeping.duplicates(as, { issuer: operator.issuer, type: licence.type, rows: some });

    it('names the newest certificate with the same claim fields, row by row', async () => {
      const first = await filesOf((await issue(rows.slice(0, 4))).id);
      expect(await find(rows.map((row) => claimsOf(row)))).to.deep.equal({
        duplicates: first.map(({ body }, row) => ({ row, identifier: body.id })),
      });
      const [again] = await filesOf((await issue(rows.slice(1, 2), licence, 'two')).id);
      const { duplicates } = await find(rows.slice(1, 2).map((row) => claimsOf(row)));
      expect(duplicates).to.deep.equal([{ row: 0, identifier: again?.body.id }]);
      expect(await find([])).to.deep.equal({ duplicates: [] });
    });

    it('takes claim fields alone, all of them, of a known type, from whoever manages the body', async () => {
      await issue(rows);
      const [row] = rows;
      if (!row) throw new Error('no row');
      await expectRefusal('INPUT_INVALID', () => find([{ values: row.values }]));
      const { values } = claimsOf(row);
      const few = Object.fromEntries(Object.entries(values).slice(1));
      expect(await find([{ values: few }])).to.deep.equal({ duplicates: [] });
      await expectRefusal('CALLER_NOT_PERMITTED', () => find([claimsOf(row)], otherOperator));
      const request = { issuer: operator.issuer, type: 'no-such-type', rows: [] };
      await expectRefusal('TYPE_UNKNOWN', () => keeping.duplicates(operator, request));
    });
  });

  describe('erasure', () => {
    it('leaves the ledger’s facts, and no field, file, code, duplicate or waiting token of it', async () => {
      const persons = makeRows(driving, 3);
      const { id } = await issue(persons, driving);
      const [before, one] = await filesOf(id);
      if (!one) throw new Error('no certificate');
      const { id: identifier } = one.body;
      const answer = await keeping.erase(operator, { identifier, document });
      expect(answer).to.deep.equal({ identifier, document, time: world.clock.now() });
      await expectRefusal('CERTIFICATE_ERASED', () => world.issuing.certificate(operator, identifier));
      await expectRefusal('CERTIFICATE_UNKNOWN', () => world.issuing.certificate(otherOperator, identifier));
      const holder = { holderToken: one.holderToken ?? '' };
      for (const access of [operator, holder]) {
        await expectRefusal('CERTIFICATE_ERASED', () => world.issuing.code(access, identifier, { face: 'closed' }));
      }
      await expectRefusal('CERTIFICATE_UNKNOWN', () =>
        world.issuing.code(otherOperator, identifier, { face: 'closed' }),
      );
      await expectRefusal('NOT_FOUND', () => world.verifying.body(identifier));
      const claims = claimsOf(persons[1] ?? { values: {} }, driving).values;
      await expectRefusal('CERTIFICATE_UNKNOWN', () => world.verifying.verify({ identifier, claims }, 'anonymous'));
      const request = {
        issuer: operator.issuer,
        type: driving.type,
        rows: persons.map((row) => claimsOf(row, driving)),
      };
      expect((await keeping.duplicates(operator, request)).duplicates.map(({ row }) => row)).to.deep.equal([0, 2]);

      const files = await filesOf(id);
      expect(files.map(({ body }) => body.entry)).to.deep.equal([1, 3]);
      for (const { body, holderToken = '' } of files) {
        expect(isHolderTokenOf(fromBase64(holderToken), toLeaf(body))).to.equal(true);
      }
      expect(files[0]?.holderToken).to.equal(before?.holderToken);
      const tokens = await world.vault.listSealed('outbox/');
      expect(tokens).to.have.length(1);
      const random = Buffer.from(String(tokens[0]?.value), 'base64');
      expect([...random.subarray(24, 48)].every((byte) => byte === 0)).to.equal(true);
      expect([...random.subarray(0, 24)].every((byte) => byte === 0)).to.equal(false);
      // what its holder has is as genuine as before
      expect((await world.verifying.verify({ file: one }, 'anonymous')).verdict.verdict).to.equal('valid');
    });

    it('keeps a small record, answers again alike, and is for the managing body', async () => {
      const [one] = await filesOf((await issue(rows)).id);
      if (!one) throw new Error('no certificate');
      const identifier = one.body.id;
      const request = { identifier, document };
      expect((await world.verifying.body(identifier)).body.id).to.equal(identifier);
      await expectRefusal('CERTIFICATE_UNKNOWN', () => keeping.erase(otherOperator, request));
      const answer = await keeping.erase(operator, request);
      world.clock.advance(60);
      expect(await keeping.erase(operator, { ...request, document: '示范〔2026〕9号' })).to.deep.equal(answer);
      expect(await listErasures(world.vault)).to.deep.equal([
        {
          issuer: operator.issuer,
          type: licence.type,
          entry: 1,
          identifier,
          document,
          time: answer.time,
          client: 'clerk-1',
        },
      ]);
      const unknown = formatIdentifier({ typeCode: licence.code, issuer: operator.issuer, serial: 9, version: 1 });
      await expectRefusal('CERTIFICATE_UNKNOWN', () => keeping.erase(operator, { identifier: unknown, document }));
      await expectRefusal('NOT_FOUND', () => world.verifying.body(identifier));
      const asked: string[] = [];
      const partners: Partners = {
        async ask({ path }) {
          asked.push(path);
          return undefined;
        },
      };
      const verifying = createVerifying({ ...world, clock: world.clock.now, partners });
      const { verdict, fields } = await verifying.byNumber(identifier, 'anonymous');
      expect([verdict.verdict, fields, asked]).to.deep.equal(['indeterminate', undefined, []]);
    });

    it('is made again in a vault that is older', async () => {
      const files = await filesOf((await issue(rows)).id);
      const [one, two] = files;
      if (!one || !two) throw new Error('no certificates');
      await keeping.erase(operator, { identifier: one.body.id, document });
      const items = await listErasures(world.vault);
      const older = [{ ...(items[0] as object), entry: 2, identifier: two.body.id }];
      expect((await applyErasures(world.vault, [...items, ...older])).map(({ entry }) => entry)).to.deep.equal([2]);
      await expectRefusal('CERTIFICATE_ERASED', () => world.issuing.certificate(operator, two.body.id));
    });
  });

  describe('an erasure of a number that is given again, where an embedded ledger was restored', () => {
    const erasureOf = ({ body }: CertificateFile, document: string) => ({
      ...{ issuer: body.issuer, type: body.type, entry: body.entry, identifier: body.id },
      ...{ time: world.clock.now(), document, client: 'clerk-0' },
    });
    const placeOf = { issuer: operator.issuer, type: licence.type, entry: 1 };
    const identifier = formatIdentifier({ typeCode: licence.code, issuer: operator.issuer, serial: 1, version: 1 });
    const earlier = () => [
      { ...placeOf, identifier, time: world.clock.now(), document: '示范〔2025〕1号', client: 'old' },
    ];
    const isKept = async () => (await world.vault.get(operator.issuer, licence.type, 1)) !== undefined;

    it('does not pass for one of the certificate that has it now', async () => {
      await applyErasures(world.vault, earlier());
      world.clock.advance(60);
      const [one] = await filesOf((await issue(rows)).id);
      if (!one) throw new Error('no certificate');
      expect(one.body.id).to.equal(identifier);
      world.clock.advance(60);
      expect(await keeping.erase(operator, { identifier, document })).to.include({ document });
      expect(await isKept()).to.equal(false);
    });

    it('does not take that one away, and gives way to its own', async () => {
      const items = earlier();
      world.clock.advance(60);
      const [one] = await filesOf((await issue(rows)).id);
      if (!one) throw new Error('no certificate');
      expect(await applyErasures(world.vault, items)).to.deep.equal([]);
      expect(await isKept()).to.equal(true);
      world.clock.advance(60);
      expect(await applyErasures(world.vault, [erasureOf(one, document)])).to.have.length(1);
      expect(await isKept()).to.equal(false);
    });
  });

  describe('export', () => {
    it('gives whole files by entry, page by page, over several batches, without tokens', async () => {
      const files = [
        ...(await filesOf((await issue(rows.slice(0, 4))).id)),
        ...(await filesOf((await issue(rows.slice(4), licence, 'two')).id)),
      ].map(({ holderToken: _, ...file }) => file);
      expect(await own(0, 100)).to.deep.equal(files);
      expect(await own(3, 2)).to.deep.equal(files.slice(3, 5));
      expect(await own(6, 2)).to.deep.equal([]);
      const [one] = files;
      if (!one) throw new Error('no certificate');
      await keeping.erase(operator, { identifier: one.body.id, document });
      expect(await own(0, 2)).to.deep.equal(files.slice(1, 3));
      await expectRefusal('CALLER_NOT_PERMITTED', () => own(0, 1, otherOperator));
    });

    it('leaves out what is being issued', async () => {
      await issue(rows.slice(0, 2));
      const records = await world.vault.getRange(operator.issuer, licence.type, 1, 2);
      const stored = records.map((record) => ({ ...record, body: { ...record.body, entry: record.body.entry + 2 } }));
      const key = await world.vault.issuerKey(operator.issuer);
      await world.vault.put([sealRecords(key, licence, stored, world.random)]);
      expect(await own(0, 9)).to.have.length(2);
      const request = { issuer: operator.issuer, type: licence.type, rows: [claimsOf(rows[0] ?? { values: {} })] };
      expect(await keeping.duplicates(operator, request)).to.deep.equal({ duplicates: [] });
    });
  });

  it('is the successor’s business once a body is closed, and no longer its own', async () => {
    const [one] = await filesOf((await issue(rows)).id);
    if (!one) throw new Error('no certificate');
    const { issuer } = operator;
    world.clock.advance(60);
    const closing = { issuer, at: world.clock.now(), successor: otherOperator.issuer };
    await world.governing.submit({ domain: shenzhen.domain }, 'closeIssuer', closing);
    await world.governing.submit({ domain: chengdu.domain }, 'acceptSuccession', { issuer });
    world.clock.advance(1);
    const request = { identifier: one.body.id, document };
    await expectRefusal('ISSUER_CLOSED', () => keeping.erase(operator, request));
    await expectRefusal('ISSUER_CLOSED', () => own(0, 9));
    expect(await own(0, 9, otherOperator)).to.have.length(6);
    await keeping.erase(otherOperator, request);
    expect(await own(0, 9, otherOperator)).to.have.length(5);
    await expectRefusal('CALLER_NOT_PERMITTED', () => keeping.rotate({ domain: shenzhen.domain }, issuer));
    expect((await keeping.rotate({ domain: chengdu.domain }, issuer)).certificates).to.equal(6);
  });

  describe('rotation', () => {
    it('is for the administrator of the body’s city', async () => {
      await issue(rows);
      const domain = shenzhen.domain;
      expect(await keeping.rotate({ domain }, operator.issuer)).to.deep.equal({
        ...{ issuer: operator.issuer, generation: 2, pages: 1, certificates: 6 },
      });
      await expectRefusal('CALLER_NOT_PERMITTED', () => keeping.rotate({ domain: '510100' }, operator.issuer));
      await expectRefusal('ISSUER_UNKNOWN', () => keeping.rotate({ domain }, '11990300DEMA99999X'));
      await issue(rows, licence, 'two');
      expect(await own(0, 100)).to.have.length(12);
    });
  });
});
