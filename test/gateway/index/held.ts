/** A founded network on the parts of an embedded ledger, endorsing and ordering apart: what was endorsed may be kept back, or be changed before it is ordered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  canonicalize,
  type FoundInput,
  type Instant,
  type Json,
  type StateEntry,
  sm3,
  toHex,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { expect } from 'chai';
import { openReadModel } from '../../../gateway/index/open.ts';
import type { ReadModel } from '../../../gateway/index/read-model.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import { readBlock, verifyNewest } from '../../../gateway/ledger/embedded/audit.ts';
import type { Proposal } from '../../../gateway/ledger/embedded/block.ts';
import { createInvoke } from '../../../gateway/ledger/embedded/contract.ts';
import { Orderer } from '../../../gateway/ledger/embedded/orderer.ts';
import { Simulation } from '../../../gateway/ledger/embedded/simulation.ts';
import { LedgerStore } from '../../../gateway/ledger/embedded/store.ts';
import type { Block, Caller, Ledger } from '../../../gateway/ledger/port.ts';
import { channel } from '../../fixtures/certificates.ts';
import { adminOf, chengdu, foundingTime, makeAgreement, shenzhen } from '../../fixtures/network.ts';

const toJson = (input: object) => JSON.parse(JSON.stringify(input)) as Json;
/** In force between both cities. */
export const agreement = 'sample-2026';

export interface HeldNetwork {
  readonly ledger: Ledger;
  set(time: Instant): void;
  endorse(caller: Caller, transaction: string, input: object): Promise<Proposal>;
  /** Orders what was endorsed; it is valid. */
  order(proposal: Proposal): Promise<void>;
  /** @returns the transaction id */
  submit(caller: Caller, transaction: string, input: object): Promise<string>;
  blocks(): Promise<readonly Block[]>;
  /** The world state, ascending by key. */
  state(): AsyncIterable<StateEntry>;
  open(folder?: string, ledger?: Ledger): Promise<ReadModel>;
}

export interface HeldNetworks {
  newFolder(): string;
  /** Founded so, with an agreement in force. */
  make(found: FoundInput): Promise<HeldNetwork>;
}

/** Closed and removed after each test. */
export function useHeldNetworks(): HeldNetworks {
  const folders: string[] = [];
  const closings: (() => Promise<void>)[] = [];
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'yinxin-held-'));
    folders.push(folder);
    return folder;
  };
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  async function make(found: FoundInput): Promise<HeldNetwork> {
    let now = foundingTime;
    const store = await LedgerStore.open(newFolder());
    closings.push(() => store.close());
    const orderer = new Orderer(store, await verifyNewest(store), () => undefined);
    const invoke = createInvoke(() => now);
    let count = 0;

    async function endorse({ msp, role }: Caller, transaction: string, input: object): Promise<Proposal> {
      count += 1;
      const txId = toHex(sm3(utf8(`transaction ${count}`)));
      const creator = { msp, id: `x509::/OU=${role}/CN=${msp}-${role}::/CN=embedded` };
      const inputText = canonicalize(toJson(input));
      const snapshot = store.snapshot();
      const stub = new Simulation(store, snapshot, { txId, channel, time: now });
      const clientIdentity = { getMSPID: () => creator.msp, getID: () => creator.id };
      await invoke(transaction, { stub, clientIdentity }, inputText);
      await snapshot.close();
      return { txId, time: now, creator, transaction, inputText, simulated: stub.finish() };
    }
    async function order(proposal: Proposal) {
      expect((await orderer.order(proposal)).code).to.equal('VALID');
    }
    async function submit(caller: Caller, transaction: string, input: object) {
      const proposal = await endorse(caller, transaction, input);
      await order(proposal);
      return proposal.txId;
    }
    const away = () => Promise.reject(new YinxinError('LEDGER_UNREACHABLE'));
    const ledger: Ledger = {
      submit: away,
      evaluate: away,
      transaction: async () => undefined,
      close: async () => undefined,
      confirmed: async () => orderer.tip.height,
      info: async () => ({ height: orderer.tip.height, newestHash: orderer.tip.hash }),
      async *blocks(from) {
        for (let at = from; at < orderer.tip.height; at += 1) yield await readBlock(store, at);
      },
    };
    await submit(adminOf(shenzhen), 'found', found);
    await submit(adminOf(shenzhen), 'proposeAgreement', makeAgreement([shenzhen, chengdu], shenzhen));
    await submit(adminOf(chengdu), 'approveAgreement', { agreement, domain: chengdu.domain });
    return {
      ledger,
      async *state() {
        for await (const [key, { value }] of store.iterateState('', '')) yield [key, value];
      },
      async blocks() {
        const blocks: Block[] = [];
        for (let at = 0; at < orderer.tip.height; at += 1) blocks.push(await readBlock(store, at));
        return blocks;
      },
      set: (time) => {
        now = time;
      },
      endorse,
      order,
      submit,
      async open(folder = newFolder(), from = ledger) {
        const readModel = await openReadModel({
          folder,
          ledger: from,
          channel,
          rules: networkRules,
          clock: () => now,
          heartbeatMilliseconds: 10,
        });
        closings.push(() => readModel.close());
        await readModel.ready();
        return readModel;
      },
    };
  }

  return { newFolder, make };
}
