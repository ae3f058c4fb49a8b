/** Backups that are whole and say what was not: of a gateway whose own data had come to harm. Every such backup is refused when it is proved. */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBackups } from '../../../gateway/backup/backups.ts';
import type { Freezable, RawEntry } from '../../../gateway/frozen-store.ts';
import { openReadModel } from '../../../gateway/index/open.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import { openKeyStore } from '../../../gateway/keys/store.ts';
import { openEmbeddedLedger } from '../../../gateway/ledger/embedded/ledger.ts';
import { openVault } from '../../../gateway/vault/open.ts';
import { startTestGateway } from '../../fixtures/gateway.ts';
import { expectRefusal, flip } from '../support.ts';
import { now, openClerk, passphraseOf, restoreTo, useFolders } from './support.ts';

type Change = (key: string, value: Uint8Array) => Uint8Array | undefined;
type Changes = { readonly [part in 'ledger' | 'vault' | 'index']?: Change };

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

/** The same copy with some values changed or left out. */
function spoil(part: Freezable, change: Change | undefined): Freezable {
  if (!change) return { freeze: () => part.freeze() };
  const spoilEntry = ([key, value]: RawEntry): readonly RawEntry[] => {
    const changed = change(Buffer.from(key).toString('utf8'), value);
    return changed ? [[key, changed]] : [];
  };
  return {
    freeze() {
      const frozen = part.freeze();
      return {
        async *blocks() {
          for await (const block of frozen.blocks()) yield block.flatMap(spoilEntry);
        },
        close: () => frozen.close(),
      };
    },
  };
}

/** The part itself, but for its copy. */
function replaceFreeze<Part extends object>(part: Part, copy: Freezable): Part {
  return new Proxy(part, {
    get(target, name) {
      if (name === 'freeze') return copy.freeze;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('a backup of data that had come to harm', () => {
  const folder = useFolders();
  let home: string;
  let passphrase: string;

  before(async () => {
    home = join(folder(), 'home');
    const gateway = await startTestGateway({ home });
    const clerk = await openClerk(gateway);
    await clerk.issue(40);
    passphrase = passphraseOf(home);
    await gateway.stop();
  });

  async function backUp(changes: Changes): Promise<string> {
    const place = folder();
    const keys = await openKeyStore({ folder: join(home, 'keys'), passphrase, random });
    const vaultKey = await keys.vaultKey();
    const vault = await openVault({ folder: join(home, 'vault'), key: vaultKey, random });
    const ledger = await openEmbeddedLedger({ folder: join(home, 'ledger'), channel: 'certs', clock: now, random });
    const options = { folder: join(home, 'index'), ledger, channel: 'certs', rules: networkRules, clock: now };
    const readModel = await openReadModel(options);
    try {
      await readModel.ready();
      const backups = await openBackups({
        ...{ home, folder: place, channel: 'certs', domain: '440300', keys, vaultKey, random, clock: now },
        ledger: replaceFreeze(ledger, spoil(ledger as unknown as Freezable, changes.ledger)),
        vault: replaceFreeze(vault, spoil(vault, changes.vault)),
        readModel: { ...readModel, ...spoil(readModel, changes.index) },
      });
      const { name } = await backups.make({ domain: '440300' });
      return join(place, `${name}.backup`);
    } finally {
      await readModel.close();
      await ledger.close();
      await vault.close();
    }
  }

  async function refuse(changes: Changes, part: string): Promise<void> {
    const path = await backUp(changes);
    const target = folder();
    const error = await expectRefusal('BACKUP_UNSOUND', () => restoreTo(target, path, passphrase));
    expect(error.details['part']).to.equal(part);
    expect(readdirSync(target)).to.deep.equal([]);
  }

  const flipFirst = (prefix: string, at: (value: Uint8Array) => number): Change => {
    let isDone = false;
    return (key, value) => {
      if (isDone || !key.startsWith(prefix)) return value;
      isDone = true;
      return flip(value, at(value));
    };
  };
  const middle = (value: Uint8Array) => Math.floor(value.length / 2);

  it('is restored when nothing was changed', async () => {
    const { restored } = await restoreTo(folder(), await backUp({}), passphrase);
    expect(restored.proof).to.include({ records: 40, pending: 0, absent: 0 });
  });

  it('is refused with a record that does not open, or whose key is gone', async () => {
    await refuse({ vault: flipFirst('record/', middle) }, 'vault');
    await refuse({ vault: (key, value) => (key.startsWith('key/') ? undefined : value) }, 'vault');
  });

  it('is refused with two records exchanged', async () => {
    let first: Uint8Array | undefined;
    const exchange: Change = (key, value) => {
      if (!key.startsWith('record/')) return value;
      first ??= value;
      return first;
    };
    await refuse({ vault: exchange }, 'vault');
  });

  it('is refused with a block, or a row of the ledger, that is not what the blocks say', async () => {
    await refuse({ ledger: flipFirst('b/', middle) }, 'ledger');
    await refuse({ ledger: flipFirst('s/', (value) => value.length - 3) }, 'ledger');
  });

  it('is refused with an index that is not the ledger’s', async () => {
    await refuse({ index: flipFirst('state/', (value) => value.length - 3) }, 'index');
    await refuse({ index: (key, value) => (key.startsWith('batch/') ? undefined : value) }, 'index');
  });

  it('is restored with an index built anew where the backup’s is of another version of the program', async () => {
    const change: Change = (key, value) => (key === 'checkpoint' ? Buffer.from('{"format":1}') : value);
    const { restored } = await restoreTo(folder(), await backUp({ index: change }), passphrase);
    expect(restored.proof).to.include({ index: 'rebuilt', records: 40 });
  });
});
