/** Transactions that a ledger holds as valid though the rules do not give them: what colluding organisations can have written, and readers do not believe. */
import {
  digestState,
  formatRow,
  formatRowKey,
  type Json,
  parseInstant,
  peerPolicy,
  type Row,
  rowKeyOf,
  rowKeys,
  type StatusRow,
  toBase64,
  toHex,
  YinxinError,
} from '@yinxin/core';
import { expect } from 'chai';
import { KeptRow } from '../../../gateway/index/kept-row.ts';
import type { ReadModel, VoidTransaction } from '../../../gateway/index/read-model.ts';
import { type ReplayedBlock, replayBlock, type State } from '../../../gateway/index/replay.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import { verifyIndex } from '../../../gateway/index/verify.ts';
import type { Proposal } from '../../../gateway/ledger/embedded/block.ts';
import type { Block, Transaction } from '../../../gateway/ledger/port.ts';
import {
  adminOf,
  channel,
  chengdu,
  joinLeaves,
  makeAnchorInput,
  makeChange,
  makeLeaves,
  makeNetwork,
  makeStatusInput,
  shenzhen,
} from '../../fixtures/network.ts';
import { type HeldNetwork, useHeldNetworks } from './held.ts';

const anchored = parseInstant('2026-06-01T09:00:00Z');
const later = parseInstant('2026-06-01T10:00:00Z');
const type = 'business-licence';
const {
  issuers: [own, other],
  found,
} = makeNetwork([type]);
const refOf = (entry: number) => ({ issuer: own.issuer, type, entry });

const suspend = (entry: number, time = later) =>
  makeStatusInput(own, [makeChange(entry, time)], { time, batches: [1] });

type Simulated = Proposal['simulated'];
const simulate = (proposal: Proposal, changes: Partial<Simulated>): Proposal => ({
  ...proposal,
  simulated: { ...proposal.simulated, ...changes },
});
const writing = (proposal: Proposal, rows: readonly Row[]): Proposal =>
  simulate(proposal, {
    writes: new Map([
      ...proposal.simulated.writes,
      ...rows.map((row) => [formatRowKey(rowKeyOf(row)), formatRow(row)] as const),
    ]),
  });

describe('transactions that are not what the rules decide', () => {
  const { make, newFolder } = useHeldNetworks();

  /** Three entries of Shenzhen's body are anchored. */
  async function setUp(): Promise<HeldNetwork> {
    const network = await make(found);
    network.set(anchored);
    const leaves = makeLeaves(3);
    await network.submit(own.caller, 'anchor', makeAnchorInput(own, { first: 1, time: anchored, leaves }));
    network.set(later);
    return network;
  }
  const changesOf = async (readModel: ReadModel, entry: number) =>
    (await readModel.knowledge(refOf(entry))).changes.map(({ act }) => act);

  interface Forgery {
    readonly name: string;
    readonly forge: (honest: Proposal) => Proposal;
    readonly why: Pick<VoidTransaction, 'why' | 'code'>;
  }
  const statusKeyOf = formatRowKey(rowKeys.status(own.issuer, type, 1));
  const revoked = (proposal: Proposal): Row => {
    const row = JSON.parse(proposal.simulated.writes.get(statusKeyOf) ?? '') as StatusRow;
    return { ...row, changes: row.changes.map((change) => ({ ...change, to: 'REVOKED', act: 'revoke' })) };
  };
  const forgeries: readonly Forgery[] = [
    {
      name: 'sent by an organisation that may not',
      forge: (honest) => ({ ...honest, creator: { ...honest.creator, msp: chengdu.msp } }),
      why: { why: 'refused', code: 'CALLER_NOT_PERMITTED' },
    },
    {
      name: 'with a statement that another body signed',
      forge: (honest) => {
        const input = makeStatusInput(other, [makeChange(1, later)], { time: later, batches: [1] });
        return { ...honest, inputText: JSON.stringify(input) };
      },
      why: { why: 'refused', code: 'CALLER_NOT_PERMITTED' },
    },
    {
      name: 'with an input that is none',
      forge: (honest) => ({ ...honest, inputText: '{"statement":1.5}' }),
      why: { why: 'refused', code: 'INPUT_INVALID' },
    },
    {
      name: 'of a name that no rule has',
      forge: (honest) => ({ ...honest, transaction: 'readStatus' }),
      why: { why: 'unknown' },
    },
    {
      name: 'that wrote another row than was signed',
      forge: (honest) => writing(honest, [revoked(honest)]),
      why: { why: 'writes' },
    },
    {
      name: 'that wrote a row more',
      forge: (honest) =>
        writing(honest, [{ kind: 'matter', matter: 'any', name: { zh: '示范事项', en: 'Demo matter' } }]),
      why: { why: 'writes' },
    },
    {
      name: 'that left a row out',
      forge: (honest) => simulate(honest, { writes: new Map([...honest.simulated.writes].slice(1)) }),
      why: { why: 'writes' },
    },
    {
      name: 'that deleted a row',
      forge: (honest) => {
        const network = formatRowKey(rowKeys.network());
        return simulate(honest, { writes: new Map([...honest.simulated.writes, [network, null]]) });
      },
      why: { why: 'writes' },
    },
    {
      name: 'that says something else',
      forge: (honest) => simulate(honest, { event: { name: 'changeStatus', payload: '{"count":2}' } }),
      why: { why: 'event' },
    },
    {
      name: 'that says it under another name',
      forge: (honest) => {
        const { event } = honest.simulated;
        return simulate(honest, { event: { name: 'anchor', payload: event?.payload ?? '' } });
      },
      why: { why: 'event' },
    },
  ];
  for (const { name, forge, why } of forgeries) {
    it(`count for nothing: one ${name}`, async () => {
      const network = await setUp();
      const before = await (await network.open()).stateDigest();
      const forged = forge(await network.endorse(own.caller, 'changeStatus', suspend(1)));
      await network.order(forged);
      const block = (await network.ledger.info()).height - 1;
      const readModel = await network.open();
      const { txId, transaction, creator } = forged;
      const told = { block, txId, transaction, msp: creator.msp, ...why };
      expect(readModel.voids()).to.deep.equal({ count: 1, newest: [told] });
      expect(await readModel.findVoid(block, txId)).to.deep.equal(told);
      expect(await changesOf(readModel, 1)).to.deep.equal([]);
      expect(await readModel.transaction(txId)).to.equal(undefined);
      expect(readModel.time(), 'its time neither').to.equal(anchored);
      expect(readModel.trust().matter('any')).to.equal(undefined);
      expect(readModel.fault()).to.equal(undefined);
      expect(readModel.height()).to.equal(block + 1);
      expect(await readModel.stateDigest()).to.include({ height: block + 1, digest: before.digest });
    });
  }

  it('leave alone whatever does not read what they wrote; what does is void too', async () => {
    const network = await setUp();
    const honest = await network.endorse(own.caller, 'changeStatus', suspend(1));
    const fresh = new Map([...honest.simulated.writes].filter(([key]) => key === statusKeyOf));
    await network.order(simulate({ ...honest, creator: { ...honest.creator, msp: chengdu.msp } }, { writes: fresh }));
    await network.submit(own.caller, 'changeStatus', suspend(2));
    const readModel = await network.open();
    expect(readModel.voids().count).to.equal(1);
    expect(await changesOf(readModel, 1)).to.deep.equal([]);
    expect(await changesOf(readModel, 2)).to.deep.equal(['suspend']);
    const resumed = makeChange(1, later, { sequence: 2, from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' });
    const input = makeStatusInput(own, [resumed], { time: later, batches: [1] });
    await network.submit(own.caller, 'changeStatus', input);
    await readModel.caughtUpTo((await network.ledger.info()).height - 1);
    expect(readModel.voids().count).to.equal(2);
    expect(readModel.voids().newest[0]).to.include({ why: 'refused', code: 'SEQUENCE_STALE' });
    expect(await changesOf(readModel, 1)).to.deep.equal([]);
    expect(readModel.time()).to.equal(later);
  });

  it('are a reason to build a restored index anew: only replaying tells which they are', async () => {
    const network = await setUp();
    const folder = newFolder();
    await network.submit(own.caller, 'changeStatus', suspend(1));
    await (await network.open(folder)).close();
    const find = () => verifyIndex({ folder, ledger: network.ledger, now: later });
    expect(await find()).to.include({ sound: true });
    const stranger = await network.endorse(own.caller, 'changeStatus', suspend(2));
    await network.order(writing(stranger, [{ kind: 'organisation', msp: 'X', joined: null, openProposals: [] }]));
    const readModel = await network.open(folder);
    expect(readModel.voids().count).to.equal(1);
    await readModel.close();
    expect(await find()).to.deep.equal({ sound: false, flaw: 'void' });
  });

  it('are told by an index that is opened again, and by one that is built anew', async () => {
    const network = await setUp();
    const folder = newFolder();
    for (const entry of [1, 2]) {
      const honest = await network.endorse(own.caller, 'changeStatus', suspend(entry));
      await network.order({ ...honest, transaction: 'sweep' });
    }
    const readModel = await network.open(folder);
    const [voids, digest] = [readModel.voids(), await readModel.stateDigest()];
    expect(voids.newest.map(({ block }) => block)).to.deep.equal([5, 4]);
    await readModel.close();
    for (const again of [await network.open(folder), await network.open()]) {
      expect(again.voids()).to.deep.equal(voids);
      expect(await again.stateDigest()).to.deep.equal(digest);
      expect(await again.findVoid(4, 'ab'.repeat(32))).to.equal(undefined);
    }
  });

  it('are the second of two that do the same in one block, each decided on the state before it', async () => {
    const network = await setUp();
    const anchor = () =>
      network.endorse(own.caller, 'anchor', makeAnchorInput(own, { first: 4, time: later, leaves: makeLeaves(2) }));
    const [filler, first, second] = [
      await network.endorse(adminOf(chengdu), 'propose', {
        action: 'registerMatter',
        input: { matter: 'any', name: { zh: '示范事项', en: 'Demo matter' } },
      }),
      await anchor(),
      simulate(await anchor(), { reads: new Map() }),
    ];
    await Promise.all([filler, first, second].map((proposal) => network.order(proposal)));
    const readModel = await network.open();
    expect(readModel.height(), 'the last two shared a block').to.equal(6);
    expect(readModel.voids().newest).to.deep.equal([
      { block: 5, txId: second.txId, transaction: 'anchor', msp: shenzhen.msp, why: 'refused', code: 'ENTRY_NOT_NEXT' },
    ]);
    expect((await readModel.batch(refOf(4)))?.row.txId).to.equal(first.txId);
  });

  it('are none that write nothing: a question that was ordered is harmless, whatever time it bears', async () => {
    const network = await setUp();
    const question = await network.endorse(own.caller, 'readNetwork', {});
    await network.order({ ...question, time: parseInstant('2099-01-01T00:00:00Z') });
    const readModel = await network.open();
    expect(readModel.voids()).to.deep.equal({ count: 0, newest: [] });
    expect(readModel.time()).to.equal(anchored);
    expect(readModel.height()).to.equal(5);
  });
});

describe('replaying a block', () => {
  const { make } = useHeldNetworks();

  const stateOf = (rows: ReadonlyMap<string, string>): State => ({
    async get(key) {
      const text = rows.get(key);
      return text === undefined ? undefined : new KeptRow(text);
    },
    async *entries(prefix) {
      for (const [key, text] of [...rows].sort()) if (key.startsWith(prefix)) yield [key, new KeptRow(text)];
    },
  });
  /** As anybody may who has the blocks. */
  async function replay(blocks: readonly Block[]) {
    const rows = new Map<string, string>();
    const replayed: ReplayedBlock[] = [];
    for (const block of blocks) {
      const done = await replayBlock(block, { channel, rules: networkRules, state: stateOf(rows) });
      for (const [key, { text }] of done.state) rows.set(key, text);
      replayed.push(done);
    }
    return { rows, replayed };
  }
  async function record(): Promise<HeldNetwork> {
    const network = await make(found);
    network.set(anchored);
    await network.submit(own.caller, 'anchor', makeAnchorInput(own, { first: 1, time: anchored }));
    await network.submit(own.caller, 'changeStatus', suspend(1, anchored));
    const name = { zh: '新名', en: 'New name' };
    await network.submit(adminOf(shenzhen), 'renameIssuer', { issuer: own.issuer, name });
    return network;
  }

  it('gives every row that the ledger holds, and so its digest, which the read model gives too', async () => {
    const network = await record();
    const { rows } = await replay(await network.blocks());
    const digest = toBase64(await digestState([...rows].sort()));
    expect(digest).to.equal(toBase64(await digestState(network.state())));
    const { height, newestHash } = await network.ledger.info();
    const readModel = await network.open();
    expect(await readModel.stateDigest()).to.deep.equal({ height, hash: newestHash, digest });
  });

  it('has a digest in the bytes of core/FORMATS.md (values by OpenSSL)', async () => {
    const rows = [
      ['\u0000a\u0000', '{"a":1}'],
      ['\u0000b\u0000一\u0000', '{"b":"一"}'],
    ] as const;
    const hex = async (count: number) => toHex(await digestState(rows.slice(0, count)));
    expect(await hex(0)).to.equal('0'.repeat(64));
    expect(await hex(1)).to.equal('6bf15e991205349549d24b9e7f5878f7ff0bf59fc02d4fe49698ffab8f02d654');
    expect(await hex(2)).to.equal('39a224f68868419b743055ea080dfb3626fd6d0500a5ffabd56dcfadf7e8aac3');
  });

  it('gives another digest for another row, another key or a row less', async () => {
    const rows: [string, string][] = [
      ['\u0000a\u0000', '{}'],
      ['\u0000b\u0000', '{}'],
    ];
    const digests = [
      rows,
      rows.slice(1),
      [['\u0000a\u0000', '{} '], ...rows.slice(1)],
      [['\u0000a\u0000{', '}'], ...rows.slice(1)],
      rows.toReversed(),
      [],
    ].map(async (state) => toBase64(await digestState(state as [string, string][])));
    expect(new Set(await Promise.all(digests)).size).to.equal(6);
  });

  it('finds no change in a row that was written as it was', async () => {
    const network = await record();
    const { replayed } = await replay(await network.blocks());
    const [counted] = replayed.at(-1)?.counted ?? [];
    expect(counted?.transaction.transaction).to.equal('renameIssuer');
    expect(counted?.transaction.writes.map(({ key }) => key)).to.include(
      formatRowKey(rowKeys.organisation(shenzhen.msp)),
    );
    const kinds = counted?.rows.map(({ row }) => row.kind);
    expect(kinds).to.include('issuer').and.not.include('organisation');
  });

  it('takes nothing from a row that was written twice, or from an event that is no canonical JSON', async () => {
    const blocks = await (await record()).blocks();
    const alter = (change: (transaction: Transaction) => Partial<Transaction>) =>
      blocks.map((block, at) =>
        at < blocks.length - 1
          ? block
          : { ...block, transactions: block.transactions.map((made) => ({ ...made, ...change(made) })) },
      );
    const voidsOf = async (altered: readonly Block[]) => (await replay(altered)).replayed.at(-1)?.voids ?? [];
    const twice = alter(({ writes }) => ({ writes: [...writes.slice(1), ...writes.slice(1, 2)] }));
    expect(await voidsOf(twice)).to.have.deep.nested.property('[0].why', 'writes');
    const odd = alter(({ transaction }) => ({ event: { name: transaction, payload: 1.5 } }));
    expect(await voidsOf(odd)).to.have.deep.nested.property('[0].why', 'event');
    expect(await voidsOf(blocks)).to.deep.equal([]);
  });

  it('takes nothing from one that gives a row to others than its owner, whatever else it does, and tells of one that does no more', async () => {
    const blocks = await (await record()).blocks();
    const key = formatRowKey(rowKeys.batch(own.issuer, type, 1));
    const give = (policies: Transaction['policies'], change: Partial<Transaction> = {}) =>
      blocks.map((block) => ({
        ...block,
        transactions: block.transactions.map((made) =>
          made.transaction === 'anchor' ? { ...made, ...change, ...(policies && { policies }) } : made,
        ),
      }));
    const whyOf = async (altered: readonly Block[]) =>
      (await replay(altered)).replayed.flatMap(({ voids }) => voids.map(({ why }) => why));
    const policy = (msp: string) => toHex(peerPolicy(msp));
    expect(await whyOf(give([{ key, policy: policy(shenzhen.msp) }]))).to.deep.equal([]);
    const head = formatRowKey(rowKeys.register(own.issuer, type));
    for (const given of [
      { key, policy: policy(chengdu.msp) },
      { key, policy: '' },
      { key: head, policy: policy(shenzhen.msp) },
    ]) {
      expect(await whyOf(give([given]))).to.deep.equal(['policies', 'refused']);
    }
    expect(await whyOf(give([{ key, policy: policy(shenzhen.msp) }], { writes: [] }))).to.deep.equal([
      'writes',
      'refused',
    ]);
  });

  it('takes nothing from an anchoring whose leaves are not those of the signed root, or not written as they must be', async () => {
    const blocks = await (await record()).blocks();
    const whyOf = async (change: (leaves: string) => string) => {
      const altered = blocks.map((block) => ({
        ...block,
        transactions: block.transactions.map((made) => {
          if (made.transaction !== 'anchor') return made;
          const input = made.input as { readonly [key: string]: Json };
          return { ...made, input: { ...input, leaves: change(String(input['leaves'])) } };
        }),
      }));
      return (await replay(altered)).replayed.flatMap(({ voids }) => voids.map(({ why, code }) => `${why} ${code}`));
    };
    expect(await whyOf((leaves) => leaves)).to.deep.equal([]);
    const other = (leaves: string) => `${leaves.startsWith('A') ? 'B' : 'A'}${leaves.slice(1)}`;
    expect((await whyOf(other))[0]).to.equal('refused ROOT_MISMATCH');
    expect((await whyOf(() => joinLeaves(makeLeaves(2))))[0]).to.match(/^refused INPUT/);
    expect((await whyOf((leaves) => `${leaves.slice(0, -2)}9=`))[0]).to.equal('refused MALFORMED_TEXT');
    expect((await whyOf((leaves) => leaves.replace('=', ' ')))[0]).to.match(/^refused/);
    expect((await whyOf(() => ''))[0]).to.match(/^refused/);
  });

  it('says nothing of a transaction where the state cannot be read', async () => {
    const blocks = await (await record()).blocks();
    const [founding] = blocks;
    const failing = () => Promise.reject(new YinxinError('NOT_FOUND'));
    const state: State = {
      get: failing,
      async *entries() {
        yield await failing();
      },
    };
    if (!founding) throw new Error('no block');
    const outcome = await replayBlock(founding, { channel, rules: networkRules, state }).catch(String);
    expect(outcome).to.equal('Error: the state cannot be read');
  });

  it('is by the channel: what was founded as another network is void', async () => {
    const [founding] = await (await record()).blocks();
    if (!founding) throw new Error('no block');
    const state = stateOf(new Map());
    const { voids } = await replayBlock(founding, { channel: 'other', rules: networkRules, state });
    expect(voids).to.have.deep.nested.property('[0].why', 'refused');
  });
});
