/** The key store: what is on disk, what opens it, and what it refuses. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { toBase64, toHex, verifySm2 } from '@yinxin/core';
import { expect } from 'chai';
import type { Random } from '../../../gateway/platform.ts';
import { seededRandom } from '../../fixtures/network.ts';
import { expectRefusal, flip, openTestStore, readAll, useFolder } from '../support.ts';

const issuer = '11990300DEMA00021E';

describe('key store', () => {
  const folder = useFolder();
  const path = (file: string) => join(folder(), file);
  const open = (changes = {}) => openTestStore(folder(), changes);

  async function found() {
    const store = await open();
    const { key, publicKey } = await store.createSm2Key(issuer, 'anchor');
    const { kid, jwk } = await store.createListKey('440300');
    const vaultKey = await store.vaultKey();
    return { store, key, publicKey, kid, jwk, vaultKey };
  }

  it('holds the same keys after opening again', async () => {
    const { key, publicKey, kid, jwk, vaultKey } = await found();
    const again = await open();
    expect(again.sm2Keys()).to.deep.equal([{ key, issuer, use: 'anchor', publicKey }]);
    expect(again.listKeys()).to.deep.equal([{ kid, domain: '440300', jwk }]);
    expect(await again.vaultKey()).to.deep.equal(Buffer.from(vaultKey));
  });

  it('signs after opening again with the key that it made', async () => {
    const { key, publicKey } = await found();
    const message = new Uint8Array([1, 2, 3]);
    const signature = (await open()).sm2(key)?.sign(message);
    expect(signature && verifySm2(message, signature, publicKey)).to.equal(true);
  });

  it('makes another key each time, and holds all of one body or domain after opening again', async () => {
    const { store, key, kid } = await found();
    const other = await store.createSm2Key(issuer, 'anchor');
    const [one, two] = await Promise.all(['440300', '440300'].map((of) => store.createListKey(of)));
    const again = await open();
    expect(again.sm2Keys().map((held) => held.key)).to.have.members([key, other.key]);
    expect(again.listKeys().map((held) => held.kid)).to.have.members([kid, one?.kid, two?.kid]);
    expect(new Set(again.listKeys().map(({ domain }) => domain))).to.deep.equal(new Set(['440300']));
    for (const held of again.listKeys()) expect(again.list(held.kid)?.held).to.deep.equal(held);
  });

  it('keeps every file to its owner', async () => {
    await found();
    const files = readdirSync(folder());
    expect(files).to.have.length(4);
    for (const file of files) expect(statSync(path(file)).mode & 0o777, file).to.equal(0o600);
  });

  it('makes the folder for its owner alone', async () => {
    await openTestStore(path('keys'));
    expect(statSync(path('keys')).mode & 0o777).to.equal(0o700);
  });

  it('refuses another passphrase', async () => {
    await found();
    for (const passphrase of ['', '印信 passphrasf', '印信 passphrase ']) {
      await expectRefusal('PASSPHRASE_WRONG', () => open({ passphrase }));
    }
  });

  it('refuses an SM2 key file with any byte changed, and names the key', async () => {
    const { key } = await found();
    const good = readFileSync(path(`${key}.json`));
    for (let at = 0; at < good.length; at += 1) {
      writeFileSync(path(`${key}.json`), flip(good, at));
      const refusal = await expectRefusal('KEY_STORE_DAMAGED', open);
      expect(refusal.details, `byte ${at}`).to.deep.equal({ keys: [key] });
    }
  });

  it('refuses a list key and the vault key with any byte changed', async () => {
    const { kid } = await found();
    for (const name of [kid, 'vault']) {
      const good = readFileSync(path(`${name}.json`));
      for (let at = 0; at < good.length; at += 1) {
        writeFileSync(path(`${name}.json`), flip(good, at));
        await expectRefusal('KEY_STORE_DAMAGED', open);
      }
      writeFileSync(path(`${name}.json`), good);
    }
  });

  it('tells a damaged store.json from a wrong passphrase, at every byte', async () => {
    await found();
    const good = readFileSync(path('store.json'));
    for (let at = 0; at < good.length; at += 1) {
      writeFileSync(path('store.json'), flip(good, at));
      const refusal = await expectRefusal('KEY_STORE_DAMAGED', open);
      expect(refusal.details, `byte ${at}`).to.deep.equal({ keys: ['store'] });
    }
  });

  it('refuses a key file under the name of another key, and names every damaged one', async () => {
    const { store, key } = await found();
    const { key: other } = await store.createSm2Key(issuer, 'status');
    renameSync(path(`${key}.json`), path('held.json'));
    renameSync(path(`${other}.json`), path(`${key}.json`));
    renameSync(path('held.json'), path(`${other}.json`));
    const refusal = await expectRefusal('KEY_STORE_DAMAGED', open);
    expect(refusal.details).to.deep.equal({ keys: [key, other].sort() });
  });

  it('refuses a key file of another store, also under the same passphrase', async () => {
    const { key } = await found();
    await openTestStore(path('other'));
    writeFileSync(path(`other/${key}.json`), readFileSync(path(`${key}.json`)));
    await expectRefusal('KEY_STORE_DAMAGED', () => openTestStore(path('other')));
  });

  it('never founds a new store over keys whose store.json is missing', async () => {
    await found();
    rmSync(path('store.json'));
    const refusal = await expectRefusal('KEY_STORE_DAMAGED', open);
    expect(refusal.details).to.deep.equal({ keys: ['store'] });
    expect(readdirSync(folder())).to.not.include('store.json');
  });

  it('clears away a file that a power cut left half written', async () => {
    const { key } = await found();
    writeFileSync(path('0123.json.tmp'), '{"format":');
    expect((await open()).sm2Keys().map((held) => held.key)).to.deep.equal([key]);
    expect(readdirSync(folder())).to.not.include('0123.json.tmp');
  });

  it('writes no private key in any readable form, and shows none', async () => {
    const source = seededRandom('secrets');
    const drawn: Uint8Array[] = [];
    const random: Random = (bytes) => {
      const made = source(bytes);
      drawn.push(made);
      return made;
    };
    const store = await open({ random });
    await store.createSm2Key(issuer, 'code');
    await store.createListKey('440300');
    await store.vaultKey();
    const secrets = drawn.filter(({ length }) => length === 32).slice(1); // the first is scrypt's salt
    expect(secrets).to.have.length(3);
    const written = readAll(folder());
    const shown = inspect(store, { showHidden: true, depth: 9 }) + JSON.stringify(store);
    for (const secret of secrets) {
      const bytes = Buffer.from(secret);
      const texts = [toHex(secret), toHex(secret).toUpperCase(), toBase64(secret), bytes.toString('base64url')];
      expect(written.includes(bytes)).to.equal(false);
      for (const text of texts) expect(written.includes(text) || shown.includes(text)).to.equal(false);
      expect(shown).to.not.include(secret.subarray(0, 6).join(', '));
    }
  });
});
