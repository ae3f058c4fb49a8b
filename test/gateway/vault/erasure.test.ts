/** Erasing a certificate from the vault: what is asked for afterwards, and what the disk still holds. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Freezable } from '../../../gateway/frozen-store.ts';
import { openStore } from '../../../gateway/store.ts';
import { openVault } from '../../../gateway/vault/open.ts';
import { claimDigester, type SealedRecords, sealRecords } from '../../../gateway/vault/sealing.ts';
import type { Vault, VaultRecord } from '../../../gateway/vault/vault.ts';
import { exampleValues, issueBatch, issuer, loadType } from '../../fixtures/certificates.ts';
import { seededRandom } from '../../fixtures/network.ts';
import { expectRefusal, readAll, useFolder } from '../support.ts';

const type = loadType('driving-licence');
const [one] = issueBatch([{ type, values: exampleValues(type), entry: 1 }]);

describe('vault: erasure', () => {
  const folder = useFolder();
  const path = () => join(folder(), 'vault');
  const random = seededRandom('erasure');
  let vault: Vault & Freezable;
  const open = async () => {
    vault = await openVault({ folder: path(), key: new Uint8Array(32).fill(7), random });
  };
  beforeEach(open);
  afterEach(() => vault.close());

  const put = async (first: number, count: number): Promise<SealedRecords> => {
    if (!one) throw new Error('nothing was issued');
    const { body, fields, secret = '' } = one.file;
    const records = Array.from({ length: count }, (_, at): VaultRecord => {
      const own = { ...fields, [type.claim[0] ?? '']: `示范-${first + at}` };
      return { body: { ...body, entry: first + at }, fields: own, secret, holderTokenHash: body.face };
    });
    const sealed = sealRecords(await vault.issuerKey(issuer), type, records, random);
    await vault.put([sealed], [{ type: 'put', name: `outbox/${first}`, value: `tokens ${first}` }]);
    return sealed;
  };
  /** The bytes of a record and of the page with its key. */
  const bytesOf = ({ first, records, ends, pages, pageEnds }: SealedRecords, entry: number) => {
    const at = entry - first;
    const page = Math.floor(at / 128);
    return {
      record: Buffer.from(records.slice(ends[at - 1] ?? 0, ends[at])),
      page: Buffer.from(pages.slice(pageEnds[page - 1] ?? 0, pageEnds[page])),
    };
  };
  /** In pieces: level's log breaks long values off at its blocks. */
  const isOnDisk = (bytes: Buffer, at = path()) => {
    const files = readAll(at);
    const pieces = Array.from({ length: Math.floor(bytes.length / 48) }, (_, at) =>
      bytes.subarray(at * 48, at * 48 + 48),
    );
    return pieces.some((piece) => files.includes(piece));
  };

  it('keeps every other certificate, and knows nothing of the erased one', async () => {
    await put(1, 300);
    expect(await vault.erase(issuer, type.type, 130, [{ type: 'put', name: 'erasure/130', value: 'who' }])).to.equal(
      true,
    );
    expect(await vault.get(issuer, type.type, 130)).to.equal(undefined);
    expect(await vault.getSealed('erasure/130')).to.equal('who');
    expect(await vault.erase(issuer, type.type, 130)).to.equal(false);
    expect(await vault.erase(issuer, type.type, 301)).to.equal(false);
    await vault.close();
    await open();
    expect(await vault.getRange(issuer, type.type, 1, 300)).to.have.length(299);
    expect(await vault.entriesAfter(issuer, type.type, 128, 2)).to.deep.equal([129, 131]);
    const digest = claimDigester(vault.digestKey(), issuer, type);
    const digests = [129, 130].map((entry) =>
      digest({ ...exampleValues(type), [type.claim[0] ?? '']: `示范-${entry}` }),
    );
    expect(await vault.findSame(issuer, type.type, digests)).to.deep.equal([129, undefined]);
  });

  for (const age of ['just written', 'compacted before', 'of an earlier opening'] as const) {
    it(`leaves nothing of it in the folder’s files (${age})`, async () => {
      const older = await put(1, 200);
      const sealed = await put(201, 2000);
      if (age !== 'just written') {
        await vault.close();
        await open();
      }
      if (age === 'compacted before') await vault.erase(issuer, type.type, 2000);
      const { record, page } = bytesOf(sealed, 700);
      const kept = bytesOf(older, 100);
      expect([isOnDisk(record), isOnDisk(page)]).to.deep.equal([true, true]);
      await vault.erase(issuer, type.type, 700, [{ type: 'del', name: 'outbox/201' }]);
      expect([isOnDisk(record), isOnDisk(page)]).to.deep.equal([false, false]);
      expect([isOnDisk(kept.record), isOnDisk(kept.page)]).to.deep.equal([true, true]);
      await vault.close();
      expect([isOnDisk(record), isOnDisk(page)]).to.deep.equal([false, false]);
      await open();
      expect(await vault.getRange(issuer, type.type, 1, 2200)).to.have.length(age === 'compacted before' ? 2198 : 2199);
    });
  }

  it('waits with the disk for a backup that is being taken, and sees to it then', async () => {
    const sealed = await put(1, 200);
    const { record, page } = bytesOf(sealed, 100);
    const frozen = vault.freeze();
    expect(await vault.erase(issuer, type.type, 100)).to.equal(true);
    expect(await vault.get(issuer, type.type, 100)).to.equal(undefined);
    const cut = join(folder(), 'cut');
    cpSync(path(), cut, { recursive: true });
    await frozen.close();
    await vault.close();
    expect([isOnDisk(record), isOnDisk(page)]).to.deep.equal([false, false]);
    // a process that ended in between goes on after the next opening
    expect([isOnDisk(record, cut), isOnDisk(page, cut)]).to.deep.equal([true, true]);
    const again = await openVault({ folder: cut, key: new Uint8Array(32).fill(7), random });
    await again.close();
    expect([isOnDisk(record, cut), isOnDisk(page, cut)]).to.deep.equal([false, false]);
    await open();
  });

  it('closes while a backup is being taken, and sees to the disk later', async () => {
    const { record, page } = bytesOf(await put(1, 200), 100);
    vault.freeze();
    await vault.erase(issuer, type.type, 100);
    await vault.close();
    await open();
    await vault.close();
    expect([isOnDisk(record), isOnDisk(page)]).to.deep.equal([false, false]);
    await open();
  });

  it('does not take a page for whole that says nothing of an entry whose record is there', async () => {
    const sealed = await put(1, 10);
    await vault.erase(issuer, type.type, 5);
    const { record } = bytesOf(sealed, 5);
    await vault.close();
    const store = await openStore(path());
    await store.write([{ type: 'put', key: `record/${issuer}/${type.type}/000000000005`, value: record }]);
    await store.close();
    await open();
    await expectRefusal('VAULT_DAMAGED', () => vault.get(issuer, type.type, 5));
  });
});
