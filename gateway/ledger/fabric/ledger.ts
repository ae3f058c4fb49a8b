/** The ledger port over a Hyperledger Fabric network: the peers of a connection profile, one's own first. */
import { mkdir } from 'node:fs/promises';
import { common } from '@hyperledger/fabric-protos';
import { canonicalize, fromUtf8, type Instant, type Json, toHex, YinxinError } from '@yinxin/core';
import type { ConnectionProfile } from '@yinxin/core/connection-profile';
import type { Clock } from '../../platform.ts';
import type { Block, Caller, Ledger, Receipt } from '../port.ts';
import { type Asking, ask } from './asking.ts';
import { createSources } from './blocks/deliver.ts';
import { FabricBlocks } from './blocks/fabric-blocks.ts';
import { awaitCommit, type Commit, order } from './committing.ts';
import { type Connections, openConnections, type PeerConnection } from './connections.ts';
import { type Endorsed, endorse } from './endorsing.ts';
import { readFault, type Why } from './faults.ts';
import { type FabricIdentity, Identities } from './identities.ts';
import { findTransaction } from './lookup.ts';
import { type Patience, usualPatience } from './patience.ts';
import { Peers } from './peers.ts';
import { type Proposed, propose } from './proposal.ts';

export interface FabricLedgerOptions {
  readonly profile: ConnectionProfile;
  /** What the profile's relative paths start from. */
  readonly profileFolder: string;
  /** Where the adapter keeps what it has verified of the channel. */
  readonly folder: string;
  /** Gives transactions their timestamps. */
  readonly clock: Clock;
  readonly patience?: Patience;
}

/** The contract's names are such; others would reach functions that Fabric's own library adds. */
const namePattern = /^[A-Za-z][A-Za-z0-9]*$/;

/** Of a transaction that was found invalid: a fresh proposal may be valid, since rows, the policies on them or the contract changed meanwhile. */
const conflicts = [
  'MVCC_READ_CONFLICT',
  'PHANTOM_READ_CONFLICT',
  'ENDORSEMENT_POLICY_FAILURE',
  'EXPIRED_CHAINCODE',
  'CHAINCODE_VERSION_CONFLICT',
];

const parseAnswer = (bytes: Uint8Array) => JSON.parse(fromUtf8(bytes)) as Json;

function readChainInfo(bytes: Uint8Array | undefined): { readonly height: number; readonly newestHash: string } {
  const info = common.BlockchainInfo.deserializeBinary(bytes ?? new Uint8Array());
  return { height: info.getHeight(), newestHash: toHex(info.getCurrentblockhash_asU8()) };
}

class FabricLedger implements Ledger {
  readonly #options: FabricLedgerOptions;
  readonly #connections: Connections;
  readonly #identities: Identities;
  readonly #asking: Asking;
  readonly #blocks: FabricBlocks;
  readonly #active = new Set<Promise<unknown>>();
  /** Number of blocks that whoever follows has: verified, whichever peer gave them. */
  #height = 0;
  /** Hex. Of the newest of them; undefined until one was given out. */
  #newestHash: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: FabricLedgerOptions, connections: Connections, identities: Identities, blocks: FabricBlocks) {
    const patience = options.patience ?? usualPatience;
    const peers = new Peers([...connections.own, ...connections.others], patience.probe);
    this.#options = options;
    this.#connections = connections;
    this.#identities = identities;
    this.#blocks = blocks;
    this.#asking = {
      peers,
      patience,
      isBehind: (peer) => this.#isBehind(peer),
      isClosing: () => this.#closing !== undefined,
    };
  }

  submit(caller: Caller, transaction: string, input: Json): Promise<Receipt> {
    return this.#track(async () => {
      const { identity, proposed } = this.#propose(caller, transaction, input);
      const endorsed = await endorse(this.#asking, identity, proposed);
      const { txId, time } = proposed;
      const { block, code } = await this.#recheck(txId, await this.#commit(identity, proposed, endorsed));
      if (conflicts.includes(code)) throw new YinxinError('CONFLICT', { txId, code });
      if (code !== 'VALID') throw new YinxinError('INTERNAL', { txId, code });
      return { txId, block, time, result: parseAnswer(endorsed.transaction.getResult()) };
    });
  }

  evaluate(caller: Caller, transaction: string, input: Json): Promise<Json> {
    return this.#track(async () => {
      const { identity, proposed } = this.#propose(caller, transaction, input);
      const answer = await ask(this.#asking, {
        budget: this.#asking.patience.evaluate,
        call: (peer) => peer.gateway(identity).newProposal(proposed.bytes).evaluate(),
        read: readFault,
      });
      return parseAnswer(answer);
    });
  }

  async *blocks(from: number, signal: AbortSignal): AsyncGenerator<Block> {
    this.#noteHeight(from);
    for await (const block of this.#blocks.blocks(from, signal)) {
      this.#noteHeight(block.number + 1, block.hash);
      yield block;
    }
  }

  confirmed(): Promise<number> {
    return this.#track(() => this.#blocks.confirmed());
  }

  info(): Promise<{ readonly height: number; readonly newestHash: string }> {
    return this.#track(async () => {
      return this.#query(
        (peer) => peer.query('GetChainInfo'),
        readChainInfo,
        ({ height, newestHash }, { msp }) => {
          const isOther = height === this.#height && newestHash !== (this.#newestHash ?? newestHash);
          return height >= this.#height && !(isOther && msp !== this.#options.profile.msp); // another city's word alone ends nothing
        },
      );
    });
  }

  transaction(txId: string): Promise<{ readonly block: number; readonly code: string } | undefined> {
    return this.#track(() => this.#find(txId));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#active);
    await this.#blocks.close();
    this.#connections.close();
  }

  #noteHeight(height: number, newestHash?: string): void {
    if (height > this.#height) this.#newestHash = newestHash;
    this.#height = Math.max(this.#height, height);
  }

  /** Such as one that has just joined again from nothing. */
  async #isBehind(peer: PeerConnection): Promise<boolean> {
    try {
      return readChainInfo(await peer.query('GetChainInfo')).height < this.#height;
    } catch {
      return false; // away by now: nothing is known of it
    }
  }

  #propose(caller: Caller, transaction: string, input: Json): { identity: FabricIdentity; proposed: Proposed } {
    const identity = this.#identities.get(caller);
    if (!namePattern.test(transaction)) throw new YinxinError('INPUT_INVALID', { member: 'transaction' });
    const [peer] = this.#asking.peers.inOrder();
    if (!peer) throw new YinxinError('LEDGER_UNREACHABLE', { why: 'peer away' });
    const { profile, clock } = this.#options;
    const invocation = { transaction, input: canonicalize(input), time: clock() };
    return { identity, proposed: propose(peer.network(identity), profile.chaincode, invocation) };
  }

  async #commit(identity: FabricIdentity, { txId }: Proposed, endorsed: Endorsed): Promise<Commit> {
    const { patience } = this.#asking;
    const sent = await order(this.#asking, identity, endorsed);
    const budget = sent === 'taken' ? patience.commit : patience.doubt;
    return awaitCommit(this.#asking, identity, { channel: this.#options.profile.channel, txId, budget });
  }

  #find(txId: string): Promise<Commit | undefined> {
    return this.#query(
      (peer) => peer.query('GetBlockByTxID', txId),
      (bytes) => bytes && findTransaction(bytes, txId),
    );
  }

  /** Whoever sees a proposal can have nonsense of the same id ordered before it, and of the two peers tell what became of the first. */
  async #recheck(txId: string, told: Commit): Promise<Commit> {
    if (told.code === 'VALID' || conflicts.includes(told.code)) return told;
    const found = await this.#find(txId).catch(() => undefined);
    return found?.code === 'VALID' ? found : told;
  }

  /** The first peer that answers, and with enough: one that is catching up may know less than is known here. */
  async #query<T>(
    call: (peer: PeerConnection) => Promise<Uint8Array | undefined>,
    read: (bytes: Uint8Array | undefined) => T,
    isEnough: (answer: T, peer: PeerConnection) => boolean = () => true,
  ): Promise<T> {
    const { peers } = this.#asking;
    let why: Why = 'peer away';
    for (const peer of peers.inOrder()) {
      try {
        const answer = read(await call(peer));
        if (isEnough(answer, peer)) return answer;
        why = 'peer behind';
      } catch {
        peers.suspect(peer);
      }
    }
    throw new YinxinError('LEDGER_UNREACHABLE', { why, ...this.#tellExpiry() });
  }

  /** Peers do not say why they close the door. */
  #tellExpiry(): { readonly msp?: string; readonly role?: string; readonly expired?: Instant } {
    const { profile, clock } = this.#options;
    const { msp, role, notAfter } = this.#identities.reader(profile.msp);
    return clock() > notAfter ? { msp, role, expired: notAfter } : {};
  }

  /** Runs something that closing must wait for. @throws YinxinError LEDGER_UNREACHABLE once closing */
  async #track<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closing) throw new YinxinError('LEDGER_UNREACHABLE', { why: 'closed' });
    const running = run();
    this.#active.add(running);
    try {
      return await running;
    } finally {
      this.#active.delete(running);
    }
  }
}

/**
 * Opens the ledger of a profile; no peer need be there yet.
 * @throws YinxinError SETTING_INVALID `{setting: 'profile', member}`; LEDGER_DAMAGED when what was kept of the channel does not hold
 */
export async function openFabricLedger(options: FabricLedgerOptions): Promise<Ledger> {
  const { profile, profileFolder, folder, clock, patience = usualPatience } = options;
  const identities = await Identities.read(profile, profileFolder, clock);
  const reader = identities.reader(profile.msp);
  const connections = await openConnections({ profile, profileFolder, reader, patience });
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { chaincode, genesis } = profile;
    const blocks = await FabricBlocks.open({ sources: createSources(connections), chaincode, genesis, folder });
    return new FabricLedger(options, connections, identities, blocks);
  } catch (error) {
    connections.close();
    throw error;
  }
}
