/** Rotation of an issuer's key: all is sealed anew while issuing goes on, whenever the process ends. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { openStore } from '../../../gateway/store.ts';
import { openVault } from '../../../gateway/vault/open.ts';
import { type IssuerKey, type SealedRecords, sealRecords } from '../../../gateway/vault/sealing.ts';
import type { Vault, VaultRecord } from '../../../gateway/vault/vault.ts';
import { exampleValues, issueBatch, issuer, loadType } from '../../fixtures/certificates.ts';
import { seededRandom } from '../../fixtures/network.ts';
import { readAll, useFolder } from '../support.ts';

const types = [loadType('driving-licence'), loadType('business-licence')] as const;
const [licence] = types;
const otherIssuer = '11990300DEMA00013K';

describe('vault: rotation', () => {
  const folder = useFolder();
  const path = () => join(folder(), 'vault');
  const random = seededRandom('rotation');
  let vault: Vault;
  const openAt = (at: string) => openVault({ folder: at, key: new Uint8Array(32).fill(7), random });
  beforeEach(async () => {
    vault = await openAt(path());
  });
  afterEach(() => vault.close());

  const seal = (key: IssuerKey, type: (typeof types)[number], first: number, count: number): SealedRecords => {
    const [one] = issueBatch([{ type, values: exampleValues(type), entry: 1 }]);
    if (!one) throw new Error('nothing was issued');
    const { body, fields, secret = '' } = one.file;
    const records = Array.from(
      { length: count },
      (_, at): VaultRecord => ({
        body: { ...body, issuer: key.issuer, entry: first + at },
        fields,
        secret,
        holderTokenHash: body.face,
      }),
    );
    return sealRecords(key, type, records, random);
  };
  /** Many pages of few certificates. */
  const putMany = async (of: string, pages: number) => {
    const key = await vault.issuerKey(of);
    const sealed = types.flatMap((type) => Array.from({ length: pages }, (_, at) => seal(key, type, at * 2 + 1, 2)));
    await vault.put(sealed);
  };
  const count = async (from: Vault, of: string, type = licence.type) => (await from.getRange(of, type, 1, 1000)).length;
  const keysOnDisk = async (at: string) => {
    const store = await openStore(at);
    const keys: string[] = [];
    for await (const { key } of store.entries('issuer-key/', 'issuer-key0')) keys.push(key);
    await store.close();
    return keys;
  };

  it('seals every page anew, leaves other issuers alone, and the old key is gone from the disk', async () => {
    await putMany(issuer, 40);
    await putMany(otherIssuer, 3);
    await vault.close();
    const store = await openStore(path());
    const old = Buffer.from((await store.get(`issuer-key/${issuer}/000000000001`)) ?? []);
    await store.close();
    expect(readAll(path()).includes(old)).to.equal(true);
    vault = await openAt(path());
    expect(await vault.rotate(issuer)).to.deep.equal({ issuer, generation: 2, pages: 80, certificates: 160 });
    expect((await vault.issuerKey(issuer)).generation).to.equal(2);
    expect([await count(vault, issuer), await count(vault, otherIssuer)]).to.deep.equal([80, 6]);
    await vault.close();
    expect(readAll(path()).includes(old)).to.equal(false);
    expect(await keysOnDisk(path())).to.deep.equal([
      `issuer-key/${otherIssuer}/000000000001`,
      `issuer-key/${issuer}/000000000002`,
    ]);
    vault = await openAt(path());
    expect([await count(vault, issuer), await count(vault, otherIssuer)]).to.deep.equal([80, 6]);
  });

  it('takes what was sealed under the old key before, during and after', async () => {
    const key = await vault.issuerKey(issuer);
    await putMany(issuer, 40);
    const before = vault.put([seal(key, licence, 101, 5)]);
    const rotated = vault.rotate(issuer);
    const during = vault.put([seal(key, licence, 201, 200)]);
    expect(vault.rotate(issuer)).to.equal(rotated);
    await Promise.all([before, rotated, during]);
    await vault.put([seal(key, licence, 501, 300)]);
    await vault.close();
    vault = await openAt(path());
    expect(await count(vault, issuer)).to.equal(80 + 5 + 200 + 300);
    expect(await keysOnDiskNow()).to.deep.equal([`issuer-key/${issuer}/000000000002`]);
  });
  const keysOnDiskNow = async () => {
    await vault.close();
    const keys = await keysOnDisk(path());
    vault = await openAt(path());
    return keys;
  };

  it('makes no two keys of one generation, asked for a body that never issued while its first key is made', async () => {
    const [key, rotated, next] = await Promise.all([
      vault.issuerKey(issuer),
      vault.rotate(issuer),
      vault.issuerKey(issuer),
    ]);
    expect([key.generation, rotated.generation]).to.deep.equal([1, 2]);
    await vault.put([seal(key, licence, 1, 3)]);
    await vault.put([seal(next, licence, 4, 3)]);
    await vault.close();
    vault = await openAt(path());
    expect(await count(vault, issuer)).to.equal(6);
  });

  it('goes on after a process that ended at any moment of it', async () => {
    await putMany(issuer, 100);
    const copies: string[] = [];
    let isDone = false;
    const rotating = vault.rotate(issuer).then(() => {
      isDone = true;
    });
    while (!isDone && copies.length < 8) {
      const copy = join(folder(), `copy-${copies.length}`);
      cpSync(path(), copy, { recursive: true });
      copies.push(copy);
      await nextTurn();
    }
    await rotating;
    let unfinished = 0;
    for (const copy of copies) {
      if ((await keysOnDisk(copy)).length === 2) unfinished += 1;
      const again = await openAt(copy);
      const { generation } = await again.issuerKey(issuer);
      expect([1, 2]).to.include(generation);
      for (const type of types) expect(await count(again, issuer, type.type), copy).to.equal(200);
      if (generation === 2) await again.put([seal(await again.issuerKey(issuer), licence, 301, 10)]);
      // what was cut off is under way again, or was finished before this asks
      if (generation === 2) await again.rotate(issuer);
      await again.close();
      expect(await keysOnDisk(copy)).to.have.length(1);
    }
    expect(unfinished, 'copies in the middle of it').to.be.greaterThan(1);
  });
});
