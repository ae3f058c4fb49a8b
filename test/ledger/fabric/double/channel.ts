/** The channel that the double's peers share: the contract over the embedded ledger's simulation and validation, and real blocks made of what is ordered. */
import type { common } from '@hyperledger/fabric-protos';
import { peer as peerProtos } from '@hyperledger/fabric-protos';
import { formatRefusal, type Instant, YinxinError } from '@yinxin/core';
import type { Proposal } from '../../../../gateway/ledger/embedded/block.ts';
import { createInvoke, type Invoke } from '../../../../gateway/ledger/embedded/contract.ts';
import { Simulation } from '../../../../gateway/ledger/embedded/simulation.ts';
import { LedgerStore } from '../../../../gateway/ledger/embedded/store.ts';
import { validate } from '../../../../gateway/ledger/embedded/validation.ts';
import { makeBlock, makeGenesis, makeOrdering, type SignedBlock } from './blocks.ts';
import type { Organisation } from './organisations.ts';
import { formatResponse, type ReadProposal, readEnvelope } from './transactions.ts';

export const channelName = 'certs';
export const chaincodeName = 'yinxin';

/** How many organisations must endorse. */
const endorsersNeeded = 2;

const codes = peerProtos.TxValidationCode;
type Code = keyof typeof codes;
const isCode = (name: string): name is Code => Object.hasOwn(codes, name);

interface Ordered {
  readonly envelope: common.Envelope;
  readonly proposal: Proposal;
  readonly isEndorsed: boolean;
}

export interface Commit {
  readonly block: number;
  readonly code: number;
}

/** What fabric-shim gives back: the contract's answer, or the message of its error. */
export type Simulation_ = { readonly response: Uint8Array; readonly result: string } | { readonly message: string };

export class Channel {
  readonly blocks: SignedBlock[];
  readonly #ordering = makeOrdering();
  readonly #store: LedgerStore;
  readonly #invoke: Invoke;
  readonly #proposals = new Map<string, Proposal>();
  readonly #commits = new Map<string, Commit>();
  readonly #waiters = new Set<() => void>();
  #queue: Ordered[] = [];
  #making: Promise<void> = Promise.resolve();

  private constructor(store: LedgerStore, cities: readonly Organisation[], clock: () => Instant) {
    this.#store = store;
    this.#invoke = createInvoke(clock);
    this.blocks = [makeGenesis(channelName, this.#ordering, cities)];
  }

  /** State in `folder`. */
  static async open(folder: string, cities: readonly Organisation[], clock: () => Instant): Promise<Channel> {
    return new Channel(await LedgerStore.open(folder), cities, clock);
  }

  /** Runs the contract as one peer does. */
  async simulate(proposal: ReadProposal): Promise<Simulation_> {
    const { creator, texts, time, txId } = proposal;
    const [transaction = '', inputText = ''] = texts;
    const snapshot = this.#store.snapshot();
    try {
      const stub = new Simulation(this.#store, snapshot, { txId, channel: channelName, time });
      const clientIdentity = { getMSPID: () => creator.msp, getID: () => creator.id };
      const result = await this.#invoke(transaction, { stub, clientIdentity }, inputText);
      const simulated = stub.finish();
      this.#proposals.set(txId, { txId, time, creator, transaction, inputText, simulated });
      return { response: formatResponse(proposal, simulated, result), result };
    } catch (error) {
      return { message: toMessage(error, transaction) };
    } finally {
      await snapshot.close();
    }
  }

  /** Into the next block, whatever comes of it. */
  order(envelope: common.Envelope): void {
    const { endorsers, isSigned, txId } = readEnvelope(envelope);
    const proposal = this.#proposals.get(txId);
    if (!proposal || !isSigned) throw new Error('an envelope that no peer would pass on');
    this.#queue.push({ envelope, proposal, isEndorsed: endorsers.size >= endorsersNeeded });
    this.#making = this.#making.then(() => this.#makeBlock());
  }

  commitOf(txId: string): Commit | undefined {
    return this.#commits.get(txId);
  }

  /** Until the next block is there. */
  async nextBlock(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.add(resolve);
    await promise;
  }

  async close(): Promise<void> {
    await this.#making;
    await this.#store.close();
  }

  async #makeBlock(): Promise<void> {
    const batch = this.#queue.splice(0);
    if (batch.length === 0) return;
    const before = this.blocks[this.blocks.length - 1];
    if (!before) throw new Error('no genesis');
    const number = this.blocks.length;
    const names = await this.#validate(number, batch);
    const flags = names.map((name) => codes[isCode(name) ? name : 'INVALID_OTHER_REASON']);
    const envelopes = batch.map(({ envelope }) => envelope.serializeBinary());
    const block = makeBlock({ ordering: this.#ordering, before, envelopes, codes: flags });
    const proposals = batch.map(({ proposal }) => proposal);
    await this.#store.commit(number, before.hash.toString('hex'), proposals, names);
    this.blocks.push(block);
    for (const [at, { txId }] of proposals.entries()) {
      if (!this.#commits.has(txId)) this.#commits.set(txId, { block: number, code: flags[at] ?? 255 });
    }
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async #validate(number: number, batch: readonly Ordered[]): Promise<readonly string[]> {
    const unendorsed = (proposal: Proposal): Proposal => ({
      ...proposal,
      simulated: { ...proposal.simulated, writes: new Map() },
    });
    const counted = batch.map(({ isEndorsed, proposal }) => (isEndorsed ? proposal : unendorsed(proposal)));
    const names = await validate(this.#store, number, counted);
    return names.map((name, at) => {
      const one = batch[at];
      if (one && this.#isKnown(one, batch.slice(0, at))) return 'DUPLICATE_TXID';
      return one?.isEndorsed === true ? name : 'ENDORSEMENT_POLICY_FAILURE';
    });
  }

  #isKnown({ proposal }: Ordered, earlier: readonly Ordered[]): boolean {
    return this.#commits.has(proposal.txId) || earlier.some((one) => one.proposal.txId === proposal.txId);
  }
}

/** As fabric-contract-api and the contract word it. */
function toMessage(error: unknown, transaction: string): string {
  if (!(error instanceof YinxinError)) return String(error);
  const isUndeclared = error.code === 'INPUT_INVALID' && error.details['member'] === 'transaction';
  return isUndeclared ? `You've asked to invoke a function that does not exist: ${transaction}` : formatRefusal(error);
}
