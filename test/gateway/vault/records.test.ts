/** Sealed records give back what was sealed, for every type; and the certificates with the same claims are found. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FieldValues, toBase64, toHex, toLeaf } from '@yinxin/core';
import { expect } from 'chai';
import { openVault } from '../../../gateway/vault/open.ts';
import { claimDigester, sealRecords } from '../../../gateway/vault/sealing.ts';
import type { Vault, VaultRecord } from '../../../gateway/vault/vault.ts';
import { exampleValues, type Issue, issueBatch, issuer, loadType } from '../../fixtures/certificates.ts';
import { seededRandom } from '../../fixtures/network.ts';
import { useFolder } from '../support.ts';

const types = readdirSync(new URL('../../../certs/types', import.meta.url)).map((file) =>
  loadType(file.replace('.json', '')),
);
const toRecord = (issue: Issue): VaultRecord => {
  const [issued] = issueBatch([issue]);
  if (!issued) throw new Error('nothing was issued');
  const { body, fields, secret = '' } = issued.file;
  return { body, fields, secret, holderTokenHash: body.face };
};

describe('vault: records', () => {
  const folder = useFolder();
  const random = seededRandom('records');
  let vault: Vault;
  const open = async () => {
    vault = await openVault({ folder: join(folder(), 'vault'), key: new Uint8Array(32).fill(7), random });
  };
  beforeEach(open);
  afterEach(() => vault.close());

  it('gives the same record, and so the same leaf, for every type, first versions and reissues, with what is optional and without', async () => {
    expect(types).to.have.length(38);
    const key = await vault.issuerKey(issuer);
    for (const type of types) {
      const all = exampleValues(type);
      const isNeeded = (name: string) =>
        type.face.includes(name) || type.fields.some((field) => field.key === name && field.required);
      const few: FieldValues = Object.fromEntries(Object.entries(all).filter(([name]) => isNeeded(name)));
      const texts = type.fields.filter(({ key: name }) => typeof all[name] === 'string').map(({ key: name }) => name);
      const odd = { ...all, ...Object.fromEntries(texts.map((name) => [name, `𠮷㐂"\\\\u2028\\u2028·${name}`])) };
      const issues: Issue[] = [
        { type, values: all, entry: 8 },
        { type, values: few, entry: 9 },
        { type, values: all, entry: 10, reissue: { serial: '0000000003', version: 2, ofEntry: 3 } },
        { type, values: all, entry: 11, body: { validUntil: null } },
      ];
      const records = issues.map(toRecord);
      const [first] = records;
      if (first)
        records.push({
          ...first,
          fields: odd,
          body: { ...first.body, id: toRecord({ type, values: all, entry: 12 }).body.id, entry: 12 },
        });
      await vault.put([sealRecords(key, type, records, random)]);
      for (const record of records) {
        const found = await vault.get(issuer, type.type, record.body.entry);
        expect(found, type.type).to.deep.equal(record);
        if (found) expect(toHex(toLeaf(found.body))).to.equal(toHex(toLeaf(record.body)));
      }
    }
    await vault.close();
    await open();
    for (const type of types) {
      const found = await vault.getRange(issuer, type.type, 1, 20);
      expect(
        found.map(({ body }) => body.entry),
        type.type,
      ).to.deep.equal([8, 9, 10, 11, 12]);
    }
  });

  describe('with the same claim fields', () => {
    const type = loadType('driving-licence');
    const [claim = ''] = type.claim;
    const valuesOf = (name: string) => ({ ...exampleValues(type), [claim]: name });
    const put = async (first: number, names: readonly string[]) => {
      const records = names.map((name, at) => toRecord({ type, values: valuesOf(name), entry: first + at }));
      await vault.put([sealRecords(await vault.issuerKey(issuer), type, records, random)]);
    };
    const find = async (...names: readonly string[]) => {
      const digest = claimDigester(vault.digestKey(), issuer, type);
      return vault.findSame(
        issuer,
        type.type,
        names.map((name) => digest(valuesOf(name))),
      );
    };

    it('finds the newest, also after opening again, and of other fields nothing', async () => {
      await put(1, ['甲', '乙', '丙']);
      await put(4, ['乙']);
      expect(await find('甲', '乙', '丁')).to.deep.equal([1, 4, undefined]);
      await vault.close();
      await open();
      expect(await find('乙', '丙')).to.deep.equal([4, 3]);
      const digest = claimDigester(vault.digestKey(), issuer, type);
      const { [claim]: _, ...rest } = valuesOf('甲');
      expect(await vault.findSame(issuer, type.type, [digest(rest)])).to.deep.equal([undefined]);
      expect(await vault.findSame(issuer, 'business-licence', [digest(valuesOf('甲'))])).to.deep.equal([undefined]);
    });

    it('finds the one before, when the newest was removed or erased', async () => {
      await put(1, ['甲', '乙']);
      await put(3, ['甲', '乙', '甲']);
      await vault.remove(issuer, type.type, 4, 5);
      expect(await find('甲', '乙')).to.deep.equal([3, 2]);
      await put(4, ['乙']);
      expect(await vault.erase(issuer, type.type, 3)).to.equal(true);
      expect(await find('甲', '乙')).to.deep.equal([1, 4]);
      await vault.erase(issuer, type.type, 1);
      expect(await find('甲', '乙')).to.deep.equal([undefined, 4]);
    });

    it('digests under a key of the vault, each register for itself', async () => {
      const digest = (key: Uint8Array, body: string) => toBase64(claimDigester(key, body, type)(valuesOf('甲')));
      const own = digest(vault.digestKey(), issuer);
      expect(own).to.equal(digest((await vault.issuerKey(issuer)).digestKey, issuer));
      expect(own).to.not.equal(digest(new Uint8Array(32), issuer));
      expect(own).to.not.equal(digest(vault.digestKey(), '11990300DEMA00013K'));
    });
  });
});
