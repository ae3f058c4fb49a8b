/** The vault: what comes back, what is refused, and what a reader of the disk sees. */
import { join } from 'node:path';
import { type Json, toBase64, toHex, utf8 } from '@yinxin/core';
import { expect } from 'chai';
import { deriveKey, sealedBox } from '../../../gateway/seal.ts';
import { openStore, prefixBounds, type StoreOperation } from '../../../gateway/store.ts';
import { openVault } from '../../../gateway/vault/open.ts';
import { sealRecords } from '../../../gateway/vault/sealing.ts';
import type { SealedOperation, Vault, VaultRecord } from '../../../gateway/vault/vault.ts';
import { exampleValues, issueBatch, issuer, loadType } from '../../fixtures/certificates.ts';
import { seededRandom } from '../../fixtures/network.ts';
import { expectRefusal, flip, readAll, useFolder } from '../support.ts';

const type = loadType('business-licence');
const otherIssuer = '11990300DEMA00013K';
const files = issueBatch([1, 2, 3].map((entry) => ({ type, values: exampleValues(type), entry }))).map(
  ({ file }) => file,
);
const records = files.map(
  ({ body, fields, secret = '' }): VaultRecord => ({
    body,
    fields,
    secret,
    holderTokenHash: toBase64(new Uint8Array(32)),
  }),
);
const key = seededRandom('vault key')(32);
const place = (kind: 'key' | 'record', entry: number) => `${kind}/${issuer}/${type.type}/00000000000${entry}`;
/** All three keys lie in one page, named after the last. */
const page = place('key', 3);

describe('vault', () => {
  const folder = useFolder();
  const path = () => join(folder(), 'vault');
  let vault: Vault;
  let random = seededRandom('vault');
  const open = async (changes = {}) => {
    vault = await openVault({ folder: path(), key, random, ...changes });
  };
  const get = (entry: number) => vault.get(issuer, type.type, entry);

  const put = async (some: readonly VaultRecord[], extra?: readonly SealedOperation[]) =>
    vault.put([sealRecords(await vault.issuerKey(issuer), type, some, random)], extra);

  beforeEach(async () => {
    random = seededRandom('vault');
    await open();
  });
  afterEach(() => vault.close());

  /** Closes the vault, changes what lies on disk, and opens it again. */
  async function tamper(change: (stored: (key: string) => Uint8Array) => readonly StoreOperation[]): Promise<void> {
    await vault.close();
    const store = await openStore(path());
    const all = new Map<string, Uint8Array>();
    for await (const { key, value } of store.entries(...prefixBounds(''))) all.set(key, value);
    const stored = (key: string) => {
      const value = all.get(key);
      if (!value) throw new Error(`nothing at ${key}`);
      return value;
    };
    await store.write(change(stored));
    await store.close();
    await open();
  }
  const putBack = (key: string, value: Uint8Array): StoreOperation => ({ type: 'put', key, value });

  it('gives back what was put, also after opening again', async () => {
    await put(records);
    for (const record of records) expect(await get(record.body.entry)).to.deep.equal(record);
    await vault.close();
    await open();
    for (const record of records) expect(await get(record.body.entry)).to.deep.equal(record);
  });

  it('knows nothing of what was not put', async () => {
    await put(records);
    expect(await get(4)).to.equal(undefined);
    expect(await vault.get(issuer, 'vehicle-licence', 1)).to.equal(undefined);
    expect(await vault.getSealed('request/1')).to.equal(undefined);
  });

  it('takes the place of earlier records, whatever pages their keys were in', async () => {
    const at = (first: number, count: number, secret: string) =>
      Array.from({ length: count }, (_, index): VaultRecord => {
        const [record] = records;
        if (!record) throw new Error('no record');
        return { ...record, secret, body: { ...record.body, entry: first + index } };
      });
    const secrets = [1, 2, 3, 4].map((byte) => toBase64(new Uint8Array(16).fill(byte)));
    const [one = '', two = '', three = '', four = ''] = secrets;
    await put(at(1, 300, one));
    await put(at(50, 3, two));
    await put(at(120, 20, three));
    await put(at(1, 1, four));
    const expected = (entry: number) => {
      if (entry === 1) return four;
      if (entry >= 50 && entry < 53) return two;
      return entry >= 120 && entry < 140 ? three : one;
    };
    const found = await vault.getRange(issuer, type.type, 1, 400);
    expect(found.map(({ body, secret }) => [body.entry, secret])).to.deep.equal(
      Array.from({ length: 300 }, (_, index) => [index + 1, expected(index + 1)]),
    );
    for (const entry of [1, 2, 49, 50, 52, 53, 119, 120, 139, 140, 300]) {
      expect((await get(entry))?.secret, String(entry)).to.equal(expected(entry));
    }
    expect(await vault.entriesAfter(issuer, type.type, 298, 9)).to.deep.equal([299, 300]);
    expect(await vault.entriesAfter(issuer, type.type, 0, 2)).to.deep.equal([1, 2]);
  });

  it('writes records and named records of one call together', async () => {
    await vault.putSealed('request/1', { state: 'pending' });
    const value: Json = { state: 'issued', entries: [1, 3] };
    await put(records, [
      { type: 'put', name: 'request/2', value },
      { type: 'del', name: 'request/1' },
    ]);
    expect(await get(3)).to.deep.equal(records[2]);
    expect(await vault.getSealed('request/2')).to.deep.equal(value);
    expect(await vault.getSealed('request/1')).to.equal(undefined);
  });

  it('lists named records by their beginning, in order', async () => {
    for (const name of ['b/2', 'b/1', 'a/1', 'c/1', 'b']) await vault.putSealed(name, name);
    expect(await vault.listSealed('b/')).to.deep.equal([
      { name: 'b/1', value: 'b/1' },
      { name: 'b/2', value: 'b/2' },
    ]);
    await vault.deleteSealed('b/1');
    expect((await vault.listSealed('')).map(({ name }) => name)).to.deep.equal(['a/1', 'b', 'b/2', 'c/1']);
    expect((await vault.listSealed('', 'b/2')).map(({ name }) => name)).to.deep.equal(['a/1', 'b']);
  });

  it('forgets a certificate together with its key', async () => {
    await put(records);
    await vault.remove(issuer, type.type, 1, 2, [{ type: 'put', name: 'removed', value: true }]);
    expect(await get(1)).to.equal(undefined);
    expect(await get(3)).to.deep.equal(records[2]);
    expect(await vault.getSealed('removed')).to.equal(true);
    await vault.close();
    const store = await openStore(path());
    expect((await store.get(page))?.length).to.equal(4 + 48 + 48); // generation, seal, and one key with its digest
    expect(await store.getAll([place('record', 1), place('record', 2)])).to.deep.equal([undefined, undefined]);
    await store.close();
    await open();
  });

  it('refuses a value that was changed anywhere (every byte of a seal: see the sealed box)', async () => {
    await put(records.slice(0, 1));
    await vault.putSealed('request/1', 1);
    for (const at of [place('key', 1), place('record', 1), 'named/request/1']) {
      const read = () => (at.startsWith('named/') ? vault.getSealed('request/1') : get(1));
      let good = new Uint8Array();
      for (const part of [0, 0.3, 0.5, 0.999]) {
        await tamper((stored) => {
          if (good.length === 0) good = Uint8Array.from(stored(at));
          return [putBack(at, flip(good, Math.floor(part * good.length)))];
        });
        await expectRefusal('VAULT_DAMAGED', read);
      }
      await tamper(() => [putBack(at, good)]);
      expect(await read()).to.not.equal(undefined);
    }
  });

  it('refuses two records that were exchanged', async () => {
    await put(records);
    await tamper((stored) => [
      putBack(place('record', 1), stored(place('record', 2))),
      putBack(place('record', 2), stored(place('record', 1))),
    ]);
    for (const entry of [1, 2]) await expectRefusal('VAULT_DAMAGED', () => get(entry));
    expect(await get(3)).to.deep.equal(records[2]);
    await expectRefusal('VAULT_DAMAGED', () => vault.getRange(issuer, type.type, 1, 3));
  });

  it('refuses pages that were exchanged, or are another issuer’s', async () => {
    await put(records.slice(0, 1));
    await put(records.slice(1));
    const others = records.map((record) => ({ ...record, body: { ...record.body, issuer: otherIssuer } }));
    await vault.put([sealRecords(await vault.issuerKey(otherIssuer), type, others.slice(1), random)]);
    const theirs = (at: string) => at.replace(issuer, otherIssuer);
    await tamper((stored) => [putBack(page, stored(theirs(page)))]);
    for (const entry of [2, 3]) await expectRefusal('VAULT_DAMAGED', () => get(entry));
    expect(await get(1)).to.deep.equal(records[0]);
    await tamper((stored) => [putBack(page, stored(place('key', 1)))]);
    for (const entry of [2, 3]) await expectRefusal('VAULT_DAMAGED', () => get(entry));
    expect((await vault.get(otherIssuer, type.type, 3))?.secret).to.equal(records[2]?.secret);
  });

  it('refuses an issuer’s key that was put in the place of another’s, before anything is read', async () => {
    await vault.issuerKey(issuer);
    await vault.issuerKey(otherIssuer);
    const at = (of: string) => `issuer-key/${of}/000000000001`;
    let good = new Uint8Array();
    await expectRefusal('VAULT_DAMAGED', () =>
      tamper((stored) => {
        good = Uint8Array.from(stored(at(issuer)));
        return [putBack(at(issuer), stored(at(otherIssuer)))];
      }),
    );
    const store = await openStore(path());
    await store.write([{ type: 'put', key: at(issuer), value: good }]);
    await store.close();
    await open();
  });

  it('refuses records that do not belong together before anything is sealed', async () => {
    const issuerKey = await vault.issuerKey(issuer);
    const [one, two] = records;
    if (!one || !two) throw new Error('no records');
    const seal = (some: readonly VaultRecord[]) => () => sealRecords(issuerKey, type, some, random);
    expect(seal([one, { ...two, body: { ...two.body, entry: 3 } }])).to.throw(RangeError);
    expect(seal([{ ...one, body: { ...one.body, issuer: otherIssuer } }])).to.throw(RangeError);
    expect(seal([{ ...one, fields: { ...one.fields, other: 'x' } }])).to.throw(RangeError);
    expect(seal([{ ...one, secret: 'AA==' }])).to.throw(RangeError);
  });

  it('refuses named records that were exchanged', async () => {
    await vault.putSealed('client/a', 'a');
    await vault.putSealed('client/b', 'b');
    await tamper((stored) => [putBack('named/client/a', stored('named/client/b'))]);
    await expectRefusal('VAULT_DAMAGED', () => vault.getSealed('client/a'));
    await expectRefusal('VAULT_DAMAGED', () => vault.listSealed('client/'));
  });

  it('refuses a record whose key is gone, or a key whose record is gone', async () => {
    await put(records);
    await tamper(() => [{ type: 'del', key: place('record', 2) }]);
    await expectRefusal('VAULT_DAMAGED', () => get(2));
    await tamper(() => [{ type: 'del', key: page }]);
    for (const entry of [1, 3]) await expectRefusal('VAULT_DAMAGED', () => get(entry));
    expect(await get(2)).to.equal(undefined);
  });

  it('refuses what an earlier version wrote, and says so', async () => {
    const named = sealedBox(deriveKey(key, 'yinxin-vault/1 named records'), random);
    await expectRefusal('VAULT_OUTDATED', () =>
      tamper(() => [putBack('check', named.seal(utf8('"vault"'), utf8('check')))]),
    );
    const store = await openStore(path());
    await store.write([putBack('check', named.seal(utf8('"vault/2"'), utf8('check')))]);
    await store.close();
    await open();
  });

  it('does not open under another key', async () => {
    await put(records);
    await vault.close();
    await expectRefusal('VAULT_DAMAGED', () => open({ key: flip(key, 0) }));
    await open();
    await tamper(() => [{ type: 'del', key: 'check' }]).then(
      () => expect.fail('opened without its check'),
      (error) => expect(error).to.have.property('code', 'VAULT_DAMAGED'),
    );
  });

  it('is open once at a time', async () => {
    await expectRefusal('DATA_IN_USE', () => openVault({ folder: path(), key, random }));
  });

  it('leaves no field, secret or key readable on disk', async () => {
    await put(records);
    await vault.putSealed('request/1', { rows: [exampleValues(type)] });
    await vault.close();
    const written = readAll(path());
    expect(written.includes(place('record', 1)), 'where records lie can be read').to.equal(true);
    const { fields = {}, secret = '', body } = records[0] ?? {};
    const texts = Object.values(fields).filter(
      (value): value is string => typeof value === 'string' && value.length > 3,
    );
    expect(texts.length).to.be.greaterThan(3);
    for (const text of [...texts, secret, body?.fields ?? '', toHex(key), toBase64(key)]) {
      expect(written.includes(text), text).to.equal(false);
    }
    await open();
  });

  it('digests under a key of its own', async () => {
    const digest = toHex(vault.keyedDigest(utf8('11010519491231002X')));
    await vault.close();
    await open();
    expect(toHex(vault.keyedDigest(utf8('11010519491231002X')))).to.equal(digest);
    const other = await openVault({ folder: join(folder(), 'other'), key: flip(key, 0), random });
    expect(toHex(other.keyedDigest(utf8('11010519491231002X')))).to.not.equal(digest);
    await other.close();
  });
});
