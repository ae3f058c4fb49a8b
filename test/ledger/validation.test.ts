import { expect } from 'chai';
import type { Proposal } from '../../gateway/ledger/embedded/block.ts';
import { Simulation } from '../../gateway/ledger/embedded/simulation.ts';
import { LedgerStore } from '../../gateway/ledger/embedded/store.ts';
import { validate } from '../../gateway/ledger/embedded/validation.ts';
import { foundingTime } from '../fixtures/network.ts';
import { withFolder } from './folder.ts';

const value = (text: string) => new TextEncoder().encode(text);
type Run = (stub: Simulation) => Promise<void>;

const read =
  (key: string): Run =>
  async (stub) => {
    await stub.getState(key);
  };
const put =
  (key: string): Run =>
  (stub) =>
    stub.putState(key, value('new'));
const remove =
  (key: string): Run =>
  (stub) =>
    stub.deleteState(key);
/** Reads the range to its end, or only `most` of it. */
const range =
  (start: string, end: string, most = 100): Run =>
  async (stub) => {
    const iterator = await stub.getStateByRange(start, end);
    for (let count = 0; count < most && !(await iterator.next()).done; count += 1);
    await iterator.close();
  };

/** Simulates each transaction, all on the same state of a, b and d, and validates them as one block. */
function codesOf(transactions: readonly (readonly Run[])[]): Promise<readonly string[]> {
  return withFolder(async (folder) => {
    const store = await LedgerStore.open(folder);
    const simulate = async (runs: readonly Run[], txId: string): Promise<Proposal> => {
      const snapshot = store.snapshot();
      const stub = new Simulation(store, snapshot, { txId, channel: 'certs', time: foundingTime });
      for (const run of runs) await run(stub);
      await snapshot.close();
      const creator = { msp: 'M', id: 'x' };
      return { txId, time: foundingTime, creator, transaction: 't', inputText: '{}', simulated: stub.finish() };
    };
    await store.commit(0, '', [await simulate([put('a'), put('b'), put('d')], 'first')], ['VALID']);
    const codes = await validate(
      store,
      1,
      await Promise.all(transactions.map((runs, at) => simulate(runs, `tx${at}`))),
    );
    await store.close();
    return codes;
  });
}

describe('validating the transactions of one block', () => {
  const ok = 'VALID';
  const mvcc = 'MVCC_READ_CONFLICT';
  const phantom = 'PHANTOM_READ_CONFLICT';
  const cases: readonly [what: string, transactions: readonly (readonly Run[])[], codes: readonly string[]][] = [
    [
      'lets the first of two that read and write a key through',
      [
        [read('a'), put('a')],
        [read('a'), put('a')],
      ],
      [ok, mvcc],
    ],
    [
      'lets the first of two that make a key through',
      [
        [read('x'), put('x')],
        [read('x'), put('x')],
      ],
      [ok, mvcc],
    ],
    ['sees a key that was deleted', [[remove('a')], [read('a')]], [ok, mvcc]],
    ['lets writers that read nothing pass, as Fabric does', [[put('a')], [put('a')]], [ok, ok]],
    ['ignores the writes of what was invalid', [[put('a')], [read('a'), put('b')], [read('b')]], [ok, mvcc, ok]],
    [
      'keeps strangers apart',
      [
        [read('a'), put('a')],
        [read('b'), put('b')],
      ],
      [ok, ok],
    ],
    ['sees a key that was added inside a range', [[put('c')], [range('a', 'e')]], [ok, phantom]],
    ['sees a key that was added at the end of a range', [[put('dd')], [range('a', 'e')]], [ok, phantom]],
    ['sees a key of a range that was changed', [[put('b')], [range('a', 'e')]], [ok, phantom]],
    ['sees a key of a range that was deleted', [[remove('d')], [range('a', 'e')]], [ok, phantom]],
    ['does not mind what lies outside a range', [[put('e'), put('Z')], [range('a', 'e')]], [ok, ok]],
    ['minds a range without end', [[put('z')], [range('a', '')]], [ok, phantom]],
    ['does not mind what comes after the part that was read', [[put('d'), put('c')], [range('a', 'e', 2)]], [ok, ok]],
    ['minds what comes inside the part that was read', [[put('aa')], [range('a', 'e', 2)]], [ok, phantom]],
  ];
  for (const [what, transactions, codes] of cases) {
    it(what, async () => expect(await codesOf(transactions)).to.deep.equal(codes));
  }
});
