/** A gateway restored from a backup that is older than the ledger, as on Fabric, where the ledger is not the gateway's own; and a sample of every type. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackupsAnswer, CertificateFile, Restoration } from '@yinxin/core';
import { expect } from 'chai';
import { readCatalogue } from '../../../gateway/demo/catalogue.ts';
import { inventValues } from '../../../gateway/demo/values.ts';
import { openEmbeddedLedger } from '../../../gateway/ledger/embedded/ledger.ts';
import type { OpenLedger } from '../../../gateway/ledger/opening.ts';
import { apiOf, member } from '../../fixtures/api.ts';
import {
  certsFolder,
  shared,
  smallCatalogue,
  startTestCities,
  startTestGateway,
  type TestGateway,
} from '../../fixtures/gateway.ts';
import {
  backupPath,
  makeBackup,
  now,
  openClerk,
  passphraseOf,
  restoreTo,
  startRestored,
  useFolders,
} from './support.ts';

describe('a gateway restored from a backup that is older than its ledger', () => {
  const folder = useFolders();

  it('says which entries it lacks, goes on numbering after them, and finishes what was under way', async () => {
    const ledger = await openEmbeddedLedger({
      folder: join(folder(), 'ledger'),
      channel: 'certs',
      clock: now,
      random: (bytes) => randomBytes(bytes),
    });
    const catalogue = await smallCatalogue();
    const home = join(folder(), 'home');
    let gate: Promise<void> | undefined;
    const held: OpenLedger = async (place) => {
      const open = await shared(ledger)(place);
      return {
        ...open,
        async submit(...asked) {
          await gate;
          return open.submit(...asked);
        },
      };
    };
    const first = await startTestCities(held, { home, catalogue });
    const clerk = await openClerk(first);
    const early = await clerk.issue(30);
    const fabric = { genesis: 'a1\n', 'configuration.json': '{}', 'unchecked.json': '[]' };
    mkdirSync(join(home, 'fabric'));
    for (const [name, text] of Object.entries(fabric)) writeFileSync(join(home, 'fabric', name), text);
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const inFlight = clerk.issue(25);
    await delay(300);
    const backup = await makeBackup(clerk.api);
    resolve();
    const between = await inFlight;
    const later = await clerk.issue(12);
    await clerk.issue(3, 'food-business-licence');
    const path = backupPath(first, backup);
    const passphrase = passphraseOf(home);
    await first.stop();
    expect(backup.parts.map(({ part }) => part)).to.deep.equal(['vault', 'index', 'keys', 'files']);

    const { home: restoredHome, restored } = await restoreTo(folder(), path, passphrase);
    expect(restored.proof).to.include({ index: 'unchecked', blocks: undefined });
    expect(restored.proof).to.include({ records: early.length, pending: between.length });
    for (const [name, text] of Object.entries(fabric)) {
      expect(readFileSync(join(restoredHome, 'fabric', name), 'utf8')).to.equal(text);
    }
    cpSync(join(home, 'cities'), join(restoredHome, 'cities'), { recursive: true });
    cpSync(join(home, 'passphrase'), join(restoredHome, 'passphrase'));
    let second: TestGateway | undefined;
    try {
      second = await startTestCities(shared(ledger), { home: restoredHome, catalogue });
      const again = await openClerk(second);
      const listed = await again.api.get('/v1/backups', { token: await again.api.token('admins/440300') });
      const { missing } = (listed.json as unknown as BackupsAnswer).restored as Restoration;
      expect(missing?.map(({ type, missing: some }) => [type, some])).to.have.deep.members([
        ['business-licence', later.length],
        ['food-business-licence', 3],
      ]);
      for (const identifier of [...early, ...between]) expect(await again.verdict(identifier)).to.equal('valid');
      const fresh = await again.issue(5);
      expect(new Set([...early, ...between, ...later, ...fresh]).size).to.equal(72);
      expect(await again.verdict(fresh[0] ?? '')).to.equal('valid');
      await second.stop();
      second = await startTestCities(shared(ledger), { home: restoredHome, catalogue });
      const { restored: told } = await second.running.gateway.services.backups.list({ domain: '440300' });
      expect(told?.missing).to.deep.equal(missing);
      expect(second.bugs).to.deep.equal([]);
    } finally {
      await second?.stop();
      await ledger.close();
    }
  });
});

describe('a restored sample of every type', () => {
  const folder = useFolders();

  it('gives the very same files', async () => {
    const catalogue = await readCatalogue(certsFolder);
    const gateway = await startTestGateway({ catalogue });
    const api = apiOf(gateway);
    const files = new Map<string, { readonly issuer: string; readonly file: string }>();
    const names = [...new Set(catalogue.types.map(({ type }) => type))];
    for (const name of names) {
      const type = catalogue.types.filter((one) => one.type === name).sort((a, b) => b.version - a.version)[0];
      const body = catalogue.issuers.find(({ types }) => types.includes(name));
      if (!type || !body) continue;
      const token = await api.token(body.issuer);
      const rows = [{ values: inventValues(type, body.domain, 4_711) }];
      const request = { issuer: body.issuer, type: name, rows, ...(type.legacy && { stock: true }) };
      const headers = { 'idempotency-key': `sample-${name}` };
      const batch = await api.post('/v1/batches', request, { token, headers });
      expect(batch.status, `${name}: ${batch.text}`).to.equal(201);
      const page = await api.get(`/v1/batches/${String(member(batch, 'id'))}`, { token });
      const [file] = member(page, 'certificates') as unknown as readonly CertificateFile[];
      const identifier = file?.body.id ?? '';
      const kept = await api.get(`/v1/certificates/${identifier}`, { token });
      files.set(identifier, { issuer: body.issuer, file: kept.text });
    }
    expect(files.size).to.equal(38);
    const backup = await makeBackup(api);
    const path = backupPath(gateway, backup);
    const passphrase = passphraseOf(gateway.home);
    const { home, restored } = await restoreTo(folder(), path, passphrase);
    await gateway.stop();
    expect(restored.proof.records).to.equal(38);
    const second = await startRestored(home, passphrase, catalogue);
    try {
      const other = apiOf(second);
      for (const [identifier, { issuer, file }] of files) {
        const kept = await other.get(`/v1/certificates/${identifier}`, { token: await other.token(issuer) });
        expect(kept.text).to.equal(file);
      }
    } finally {
      await second.stop();
    }
  });
});
