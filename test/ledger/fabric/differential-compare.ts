/** Two ledgers with the same history, read in every way that there is: rows and their histories by the contract, blocks, and transactions by id. */
import { type Json, type Row, rowKeyOf, rowKeys } from '@yinxin/core';
import { expect } from 'chai';
import type { Ledger, Transaction } from '../../../gateway/ledger/port.ts';
import { chengdu, clientOf } from '../../fixtures/network.ts';
import { takeBlocks } from '../port-suite.ts';
import { tellTransaction } from './differential-outcome.ts';

const pageSize = 7;
/** Questions in flight at a time. */
const together = 8;

type Page<Item> = { readonly bookmark: string } & { readonly [items in 'rows' | 'items']?: readonly Item[] };

async function readPages<Item>(
  ledger: Ledger,
  name: string,
  input: { readonly [member: string]: Json },
): Promise<readonly Item[]> {
  const all: Item[] = [];
  let bookmark = '';
  do {
    const answer = await ledger.evaluate(clientOf(chengdu), name, { ...input, pageSize, bookmark });
    const page = answer as unknown as Page<Item>; // the contract's own answer
    all.push(...(page.rows ?? page.items ?? []));
    ({ bookmark } = page);
  } while (bookmark !== '');
  return all;
}

/** Every row, kind by kind, in the order of keys. */
export async function readRows(ledger: Ledger): Promise<readonly Row[]> {
  const rows = await Promise.all(
    Object.keys(rowKeys).map((kind) => readPages<Row>(ledger, 'listRows', { kind, prefix: [] })),
  );
  return rows.flat();
}

/** Runs over all items, a few at a time. */
async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += together) await Promise.all(items.slice(at, at + together).map(run));
}

/** @returns the number of rows */
export async function compareStates(fabric: Ledger, embedded: Ledger): Promise<number> {
  const rows = await readRows(embedded);
  expect(await readRows(fabric), 'rows').to.deep.equal(rows);
  return rows.length;
}

/** Whatever was ever written under each key. @returns the number of versions */
export async function compareHistories(fabric: Ledger, embedded: Ledger): Promise<number> {
  let versions = 0;
  await eachOf(await readRows(embedded), async (row) => {
    const { kind, parts } = rowKeyOf(row);
    const input = { kind, parts };
    const own = await readPages<Json>(embedded, 'readHistory', input);
    expect(await readPages<Json>(fabric, 'readHistory', input), `${kind} ${parts.join(' ')}`).to.deep.equal(own);
    versions += own.length;
  });
  return versions;
}

/** Where each valid transaction is in one ledger and in the other. */
export interface Places {
  readonly fabric: number;
  readonly embedded: number;
}

async function readValid(ledger: Ledger): Promise<readonly (readonly [block: number, transaction: Transaction])[]> {
  const blocks = await takeBlocks(ledger);
  return blocks.flatMap(({ number, transactions }) =>
    transactions.filter(({ valid }) => valid).map((transaction) => [number, transaction] as const),
  );
}

/** The valid transactions are the same in the same order, and are found by their ids. */
export async function compareBlocks(fabric: Ledger, embedded: Ledger): Promise<readonly Places[]> {
  const [theirs, own] = [await readValid(fabric), await readValid(embedded)];
  expect(theirs.map(([, one]) => tellTransaction(one))).to.deep.equal(own.map(([, one]) => tellTransaction(one)));
  const places = theirs.map(([block, { txId }], at) => ({ txId, fabric: block, embedded: own[at]?.[0] ?? -1 }));
  await eachOf(places, async ({ txId, fabric: block, embedded: ownBlock }) => {
    expect(await fabric.transaction(txId)).to.deep.equal({ block, code: 'VALID' });
    expect(await embedded.transaction(txId)).to.deep.equal({ block: ownBlock, code: 'VALID' });
  });
  return places;
}
