import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  canonicalize,
  epochSeconds,
  formatRowKey,
  type Json,
  rowKeys,
  toInstant,
  type YinxinError,
} from '@yinxin/core';
import { expect } from 'chai';
import { Level } from 'level';
import { LedgerStore } from '../../gateway/ledger/embedded/store.ts';
import type { Ledger } from '../../gateway/ledger/port.ts';
import {
  adminOf,
  chengdu,
  chongqing,
  foundingTime,
  makeAnchorInput,
  makeLeaves,
  makeNetwork,
  shenzhen,
} from '../fixtures/network.ts';
import { openLedger, withFolder } from './folder.ts';
import { asJson, ledgerPortSuite, rejection, takeBlocks } from './port-suite.ts';

const suiteFolders: string[] = [];
ledgerPortSuite('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yinxin-ledger-'));
  suiteFolders.push(folder);
  const { ledger, clock } = await openLedger(folder);
  return { ledger, now: clock.now };
});

const network = makeNetwork();
const [issuer] = network.issuers;

const found = (ledger: Ledger) => ledger.submit(network.founder, 'found', asJson(network.found));
const anchor = (ledger: Ledger, first: number, time = foundingTime) =>
  ledger.submit(issuer.caller, 'anchor', asJson(makeAnchorInput(issuer, { first, time, leaves: makeLeaves(2) })));

const readRange = (payload: Json | undefined) => payload as { readonly last: number }; // an anchoring's event

/** A closed ledger of three blocks. */
async function make(folder: string): Promise<void> {
  const { ledger } = await openLedger(folder);
  await found(ledger);
  await anchor(ledger, 1);
  await anchor(ledger, 3);
  await ledger.close();
}

/** Changes what is stored behind the ledger's back. */
async function tamper(folder: string, key: string, change: (value: Buffer) => Buffer | undefined): Promise<void> {
  const level = new Level<string, Buffer>(folder, { valueEncoding: 'buffer' });
  const value: Buffer | undefined = await level.get(key);
  const changed = change(value ?? Buffer.alloc(0));
  if (changed) await level.put(key, changed);
  else await level.del(key);
  await level.close();
}
const blockKey = (number: number) => `b/${String(number).padStart(12, '0')}`;

/** Changes one digit of the last transaction's timestamp, or whatever else holds a zero near the end. */
function changeByte(value: Buffer): Buffer {
  const changed = Buffer.from(value);
  const at = changed.lastIndexOf('0');
  changed.write('1', at);
  return changed;
}

describe('the embedded ledger', function () {
  this.timeout(20_000);
  after(() => Promise.all(suiteFolders.map((folder) => rm(folder, { recursive: true, force: true }))));

  it('goes on where it was closed', () =>
    withFolder(async (folder) => {
      await make(folder);
      const { ledger } = await openLedger(folder, { seed: 'second', verify: 'all' });
      const receipt = await anchor(ledger, 5);
      expect(receipt.block).to.equal(3);
      const blocks = await takeBlocks(ledger);
      expect(blocks.map(({ transactions }) => transactions[0]?.transaction)).to.deep.equal([
        'found',
        'anchor',
        'anchor',
        'anchor',
      ]);
      expect(blocks[0]?.previousHash).to.equal('0'.repeat(64));
      await ledger.close();
    }));

  it('no longer says what its newest block is once a write has failed', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      await found(ledger);
      const { commit } = LedgerStore.prototype;
      LedgerStore.prototype.commit = () => Promise.reject(new Error('no space left'));
      try {
        expect((await rejection(anchor(ledger, 1))).code).to.equal('COMMIT_UNKNOWN');
      } finally {
        LedgerStore.prototype.commit = commit;
      }
      expect((await rejection(ledger.info())).code).to.equal('LEDGER_UNREACHABLE');
      expect((await rejection(anchor(ledger, 1))).code).to.equal('LEDGER_UNREACHABLE');
      await ledger.close();
    }));

  it('takes transaction time from its clock', () =>
    withFolder(async (folder) => {
      const { ledger, clock } = await openLedger(folder);
      clock.advance(61);
      expect((await found(ledger)).time).to.equal(toInstant(epochSeconds(foundingTime) + 61));
      await ledger.close();
    }));

  it('is open in one place at a time', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      expect((await rejection(openLedger(folder))).code).to.equal('DATA_IN_USE');
      await ledger.close();
      await (await openLedger(folder)).ledger.close();
    }));

  it('writes the callers it is told as X.509 names, and takes no other names', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      await found(ledger);
      const [block] = await takeBlocks(ledger);
      expect(block?.transactions[0]?.creator).to.deep.equal({
        msp: 'ShenzhenMSP',
        id: 'x509::/OU=admin/CN=ShenzhenMSP-admin::/CN=embedded',
      });
      const forged = ledger.evaluate({ msp: 'A/OU=admin', role: 'client' }, 'readNetwork', {});
      expect((await rejection(forged)).details).to.deep.equal({ member: 'msp' });
      await ledger.close();
    }));

  it('stores each transaction in canonical form', () =>
    withFolder(async (folder) => {
      await make(folder);
      const { ledger } = await openLedger(folder);
      for (const { transactions } of await takeBlocks(ledger)) {
        for (const { writes, ...rest } of transactions)
          expect(Object.keys(rest)).to.deep.equal(Object.keys(rest).sort());
        for (const { input } of transactions) expect(JSON.stringify(input)).to.equal(canonicalize(input));
      }
      await ledger.close();
    }));

  const damages: readonly [
    why: string,
    key: string,
    change: (value: Buffer) => Buffer | undefined,
    sees: 'opening' | 'audit',
  ][] = [
    ['a byte of the newest block changed', blockKey(2), changeByte, 'opening'],
    ['the newest block cut short', blockKey(2), (value) => value.subarray(0, value.length - 1), 'opening'],
    ['the newest block cut to its header', blockKey(2), (value) => value.subarray(0, 100), 'opening'],
    ['the newest block emptied', blockKey(2), () => Buffer.alloc(0), 'opening'],
    ['the block before the newest replaced', blockKey(1), changeByte, 'opening'],
    [
      'the newest block’s link changed',
      blockKey(2),
      (value) => Buffer.from(value.toString().replace(/"previousHash":".{4}/, '"previousHash":"0000')),
      'opening',
    ],
    ['a byte of an old block changed', blockKey(0), changeByte, 'audit'],
    ['an old block removed', blockKey(0), () => undefined, 'audit'],
    [
      'a value of the state changed',
      `s/${formatRowKey(rowKeys.register(issuer.issuer, 'business-licence'))}`,
      changeByte,
      'audit',
    ],
    ['a value of the state removed', `s/${formatRowKey(rowKeys.network())}`, () => undefined, 'audit'],
    ['a value of the state made up', 's/x', () => Buffer.from('0.0 {}'), 'audit'],
  ];
  for (const [why, key, change, sees] of damages) {
    it(`finds ${why} ${sees === 'opening' ? 'on opening' : 'when it checks everything'}`, () =>
      withFolder(async (folder) => {
        await make(folder);
        await tamper(folder, key, change);
        if (sees === 'audit') await (await openLedger(folder)).ledger.close();
        const opening = openLedger(folder, sees === 'audit' ? { verify: 'all' } : {});
        expect((await rejection(opening)).code).to.equal('LEDGER_DAMAGED');
      }));
  }
  it('records what it found invalid, and applies none of it', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      await found(ledger);
      const inputs = [1, 2, 3].map((count) =>
        asJson(makeAnchorInput(issuer, { first: 1, time: foundingTime, leaves: makeLeaves(count) })),
      );
      const outcomes = await Promise.allSettled(inputs.map((input) => ledger.submit(issuer.caller, 'anchor', input)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      const all = (await takeBlocks(ledger, 1)).flatMap(({ transactions }) => transactions);
      expect(all.map(({ code }) => code)).to.have.members(['VALID', 'MVCC_READ_CONFLICT', 'MVCC_READ_CONFLICT']);
      expect(all.every(({ writes, valid, code }) => writes.length === 2 && valid === (code === 'VALID'))).to.equal(
        true,
      );
      const done = all.find(({ valid }) => valid);
      const { last } = readRange(done?.event?.payload);
      const register = await ledger.evaluate(issuer.caller, 'readRegister', {
        issuer: issuer.issuer,
        type: 'business-licence',
      });
      expect(register).to.include({ last });
      await ledger.close();
      await (await openLedger(folder, { verify: 'all' })).ledger.close();
    }));

  it('finds phantoms: a range read while a row was added to it', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      await found(ledger);
      const name = { zh: '示范', en: 'Demo' };
      const { msp } = shenzhen;
      const propose = async (region: string) => {
        const input = { domain: `${region}00`, name, region, msp };
        return ledger.submit(adminOf(shenzhen), 'propose', { action: 'registerDomain', input });
      };
      let conflict: YinxinError | undefined;
      // two domains are added at once, by votes that read all domains; on a busy machine they may not meet at once
      for (let turn = 1; turn <= 9 && !conflict; turn += 1) {
        const [one, other] = [await propose(`330${turn}`), await propose(`340${turn}`)];
        const votes = [
          () => ledger.submit(adminOf(chengdu), 'approve', { proposal: one.txId }),
          () => ledger.submit(adminOf(chongqing), 'approve', { proposal: other.txId }),
        ];
        const outcomes = await Promise.allSettled(votes.map((vote) => vote()));
        expect(outcomes.map(({ status }) => status)).to.include('fulfilled');
        const lost = outcomes.findIndex(({ status }) => status === 'rejected');
        const outcome = outcomes[lost];
        if (outcome?.status !== 'rejected') continue;
        conflict = outcome.reason as YinxinError; // the port promises nothing else
        await votes[lost]?.();
      }
      expect(conflict).to.deep.include({ code: 'CONFLICT' });
      expect(conflict?.details).to.include({ code: 'PHANTOM_READ_CONFLICT' });
      await ledger.close();
    }));

  it('gathers what waits into one block', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      await found(ledger);
      const reads = Array.from({ length: 100 }, () => ledger.submit(issuer.caller, 'readNetwork', {}));
      await Promise.all(reads);
      const sizes = (await takeBlocks(ledger, 1)).map(({ transactions }) => transactions.length);
      expect(Math.max(...sizes)).to.be.within(2, 64);
      expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(100);
      await ledger.close();
    }));

  it('finishes what is in flight before it closes', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      const founding = found(ledger);
      await ledger.close();
      expect((await founding).block).to.equal(0);
    }));

  it('ends its followers when it closes', () =>
    withFolder(async (folder) => {
      const { ledger } = await openLedger(folder);
      const next = ledger.blocks(0, new AbortController().signal)[Symbol.asyncIterator]().next();
      await ledger.close();
      expect((await next).done).to.equal(true);
    }));
});
