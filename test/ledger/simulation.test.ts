import type { Stub } from '@yinxin/chaincode/stub';
import { expect } from 'chai';
import { Simulation } from '../../gateway/ledger/embedded/simulation.ts';
import { LedgerStore } from '../../gateway/ledger/embedded/store.ts';
import { foundingTime } from '../fixtures/network.ts';
import { withFolder } from './folder.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const txId = 'ab'.repeat(32);

/** Runs against a store that holds `rows`, put there by one block. */
function simulate(rows: { readonly [key: string]: string }, run: (stub: Simulation) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const store = await LedgerStore.open(folder);
    const simulated = { reads: new Map(), ranges: [], writes: new Map(Object.entries(rows)) };
    const creator = { msp: 'M', id: 'x' };
    await store.commit(
      0,
      '',
      [{ txId, time: foundingTime, creator, transaction: 't', inputText: '{}', simulated }],
      ['VALID'],
    );
    const snapshot = store.snapshot();
    await run(new Simulation(store, snapshot, { txId, channel: 'certs', time: foundingTime }));
    await snapshot.close();
    await store.close();
  });
}

async function keysOf(
  iterator: Awaited<ReturnType<Stub['getStateByPartialCompositeKey']>>,
  most = 100,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let next = await iterator.next(); !next.done && keys.push(next.value.key) < most; ) next = await iterator.next();
  await iterator.close();
  return keys;
}

async function fails(promise: Promise<unknown>, message: string): Promise<void> {
  const outcome = await promise.then(
    () => 'done',
    (error: Error) => error.message,
  );
  expect(outcome).to.include(message);
}

describe('a simulated transaction', () => {
  it('does not see what it writes', () =>
    simulate({ a: '1' }, async (stub) => {
      await stub.putState('a', bytes('2'));
      await stub.putState('b', bytes('2'));
      expect(text(await stub.getState('a'))).to.equal('1');
      expect(await stub.getState('b')).to.have.length(0);
      expect(await keysOf(await stub.getStateByRange('', ''))).to.deep.equal(['a']);
    }));

  it('notes the version of each key it read, and that there was none', () =>
    simulate({ a: '1' }, async (stub) => {
      await stub.getState('a');
      await stub.getState('b');
      expect([...stub.finish().reads]).to.deep.equal([
        ['a', '0.0'],
        ['b', undefined],
      ]);
    }));

  it('keeps the last write to a key, and the last event', () =>
    simulate({}, async (stub) => {
      await stub.putState('a', bytes('1'));
      await stub.deleteState('a');
      await stub.putState('b', bytes('1'));
      await stub.putState('b', bytes('2'));
      stub.setEvent('one', bytes('1'));
      stub.setEvent('two', bytes('2'));
      expect([...stub.finish().writes]).to.deep.equal([
        ['a', null],
        ['b', '2'],
      ]);
      expect(stub.finish().event).to.deep.equal({ name: 'two', payload: '2' });
    }));

  it('puts no empty value, no empty key and no nameless event', () =>
    simulate({}, async (stub) => {
      await fails(stub.putState('a', bytes('')), 'empty');
      await fails(stub.putState('', bytes('1')), 'empty');
      expect(() => stub.setEvent('', bytes('1'))).to.throw('non-empty');
    }));

  it('makes composite keys as fabric-shim does, and takes them apart', () =>
    simulate({}, async (stub) => {
      const key = stub.createCompositeKey('kind', ['a', 'b']);
      expect(key).to.equal('\u0000kind\u0000a\u0000b\u0000');
      expect(stub.splitCompositeKey(key)).to.deep.equal({ objectType: 'kind', attributes: ['a', 'b'] });
      expect(() => stub.createCompositeKey('kind', [''])).to.throw('non-zero length');
    }));

  it('ranges over composite keys of whole parts only', () =>
    simulate(
      { '\u0000k\u0000a\u0000': '1', '\u0000k\u0000ab\u0000': '2', '\u0000kk\u0000a\u0000': '3', a: '4' },
      async (stub) => {
        expect(await keysOf(await stub.getStateByPartialCompositeKey('k', ['a']))).to.deep.equal([
          '\u0000k\u0000a\u0000',
        ]);
        expect(await keysOf(await stub.getStateByPartialCompositeKey('k', []))).to.have.length(2);
        expect(await keysOf(await stub.getStateByRange('', ''))).to.deep.equal(['a']);
        await fails(stub.getStateByRange('\u0000k', ''), 'null character');
      },
    ));

  it('orders keys by their UTF-8 bytes', () =>
    simulate({ '\u{20000}': '1', '\uffee': '2', z: '3' }, async (stub) => {
      expect(await keysOf(await stub.getStateByRange('', ''))).to.deep.equal(['z', '\uffee', '\u{20000}']);
    }));

  it('answers for a range as far as it read it', () =>
    simulate({ a: '1', b: '2', c: '3' }, async (stub) => {
      await keysOf(await stub.getStateByRange('a', 'c'));
      await keysOf(await stub.getStateByRange('a', ''), 1);
      const [whole, part] = stub.finish().ranges;
      expect(whole).to.deep.include({
        found: [
          ['a', '0.0'],
          ['b', '0.0'],
        ],
        isExhausted: true,
      });
      expect(part).to.deep.include({ found: [['a', '0.0']], isExhausted: false });
    }));

  it('pages, with the next key for a bookmark, where nothing is written', () =>
    simulate(
      { '\u0000k\u0000a\u0000': '1', '\u0000k\u0000b\u0000': '2', '\u0000k\u0000c\u0000': '3' },
      async (stub) => {
        const first = await stub.getStateByPartialCompositeKeyWithPagination('k', [], 2);
        expect(await keysOf(first.iterator)).to.have.length(2);
        expect(first.metadata?.bookmark).to.equal('\u0000k\u0000c\u0000');
        const last = await stub.getStateByPartialCompositeKeyWithPagination('k', [], 2, first.metadata?.bookmark);
        expect(await keysOf(last.iterator)).to.deep.equal(['\u0000k\u0000c\u0000']);
        expect(last.metadata?.bookmark).to.equal('');
        await fails(stub.putState('a', bytes('1')), 'cannot write');
      },
    ));

  it('does not page after it wrote', () =>
    simulate({}, async (stub) => {
      await stub.putState('a', bytes('1'));
      await fails(stub.getStateByPartialCompositeKeyWithPagination('k', [], 2), 'cannot page');
    }));
});
