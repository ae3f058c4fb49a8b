/** Checks of what is stored: the newest block on every opening; on request every block, and the state replayed from them. */
import { YinxinError } from '@yinxin/core';
import type { Block } from '../port.ts';
import { noHash, parseBlock } from './block.ts';
import type { Tip } from './orderer.ts';
import type { LedgerStore } from './store.ts';

const damaged = (block: number) => new YinxinError('LEDGER_DAMAGED', { block });

/** @throws YinxinError LEDGER_DAMAGED when it is missing or its data hash differs */
export async function readBlock(store: LedgerStore, number: number): Promise<Block> {
  const bytes = await store.getBlock(number);
  if (!bytes) throw damaged(number);
  return parseBlock(bytes, number);
}

function checkLink(block: Block, before: Block | undefined): void {
  if (block.previousHash !== (before?.hash ?? noHash)) throw damaged(block.number);
}

/** The newest block's data hash and link. @throws YinxinError LEDGER_DAMAGED */
export async function verifyNewest(store: LedgerStore): Promise<Tip> {
  const height = await store.getHeight();
  if (height === 0) return { height, hash: noHash };
  const newest = await readBlock(store, height - 1);
  checkLink(newest, height > 1 ? await readBlock(store, height - 2) : undefined);
  return { height, hash: newest.hash };
}

/** Every link and data hash, the index of transaction ids, and the state against a replay; holds all keys in memory. @throws YinxinError LEDGER_DAMAGED */
export async function verifyAll(store: LedgerStore, { height }: Tip): Promise<void> {
  const state = new Map<string, string>();
  let before: Block | undefined;
  for (let number = 0; number < height; number += 1) {
    const block = await readBlock(store, number);
    checkLink(block, before);
    await replay(store, block, state);
    before = block;
  }
  for await (const [key, { version, value }] of store.iterateState('', '')) {
    if (state.get(key) !== `${version} ${value}`) throw damaged(Number(version.split('.')[0]));
    state.delete(key);
  }
  if (state.size > 0) throw damaged(height - 1);
}

async function replay(store: LedgerStore, { number, transactions }: Block, state: Map<string, string>): Promise<void> {
  for (const [at, { txId, code, writes, valid }] of transactions.entries()) {
    const indexed = await store.getTransaction(txId);
    if (indexed?.block !== number || indexed.code !== code) throw damaged(number);
    for (const { key, value } of valid ? writes : []) {
      if (value === null) state.delete(key);
      else state.set(key, `${number}.${at} ${value}`);
    }
  }
}
