/** The embedded ledger's own parts, endorsing and ordering apart: what it makes of the same transactions in the blocks and in the order in which Fabric put them. */
import { canonicalize, type Instant, type Json, YinxinError } from '@yinxin/core';
import { readBlock } from '../../../gateway/ledger/embedded/audit.ts';
import { noHash, type Proposal } from '../../../gateway/ledger/embedded/block.ts';
import { createInvoke } from '../../../gateway/ledger/embedded/contract.ts';
import { Simulation } from '../../../gateway/ledger/embedded/simulation.ts';
import { LedgerStore } from '../../../gateway/ledger/embedded/store.ts';
import { validate } from '../../../gateway/ledger/embedded/validation.ts';
import { channel } from '../../fixtures/network.ts';
import type { Sent } from '../../model/judging.ts';

/** Keeps in mind which rows were given a policy, which the embedded ledger has no use for. */
class Endorsing extends Simulation {
  readonly policies = new Set<string>();
  override async setStateValidationParameter(key = ''): Promise<void> {
    this.policies.add(key);
  }
}

export interface Endorsed {
  readonly proposal: Proposal;
  /** Keys that were given a policy. */
  readonly policies: ReadonlySet<string>;
}

const touchedBy = ({ proposal, policies }: Endorsed) => [...proposal.simulated.writes.keys(), ...policies];

export class Mirror {
  readonly #store: LedgerStore;
  #clock: Instant;
  readonly #invoke = createInvoke(() => this.#clock);
  #height = 0;

  private constructor(store: LedgerStore, clock: Instant) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Over an empty folder. */
  static async open(folder: string, clock: Instant): Promise<Mirror> {
    return new Mirror(await LedgerStore.open(folder), clock);
  }

  /** On the state as it is now. @returns the refusal, where there is one */
  async endorse({ name, input, caller, time, clock, txId }: Sent): Promise<Endorsed | YinxinError> {
    this.#clock = clock;
    const creator = { msp: caller.msp, id: `x509::/OU=${caller.role}/CN=mirror::/CN=mirror` };
    const inputText = canonicalize(JSON.parse(input) as Json);
    const snapshot = this.#store.snapshot();
    const stub = new Endorsing(this.#store, snapshot, { txId, channel, time });
    const clientIdentity = { getMSPID: () => creator.msp, getID: () => creator.id };
    try {
      await this.#invoke(name, { stub, clientIdentity }, inputText);
    } catch (error) {
      if (error instanceof YinxinError) return error;
      throw error;
    } finally {
      await snapshot.close();
    }
    const proposal = { txId, time, creator, transaction: name, inputText, simulated: stub.finish() };
    return { proposal, policies: stub.policies };
  }

  /**
   * The validation codes of a block of these. A row that was given a policy earlier in the block is closed for the rest of it: Fabric cannot know yet whether
   * the policy will hold, and says so before it looks at versions.
   */
  async judge(block: readonly Endorsed[]): Promise<readonly string[]> {
    const given = new Set<string>();
    const isClosed = block.map((one) => {
      if (touchedBy(one).some((key) => given.has(key))) return true;
      for (const key of one.policies) given.add(key);
      return false;
    });
    const open = block.filter((_, at) => !isClosed[at]).map(({ proposal }) => proposal);
    const codes = [...(await validate(this.#store, this.#height, open))];
    return isClosed.map((closed) => (closed ? 'ENDORSEMENT_POLICY_FAILURE' : (codes.shift() ?? '')));
  }

  async commit(block: readonly Endorsed[], codes: readonly string[]): Promise<void> {
    const before = this.#height === 0 ? noHash : (await readBlock(this.#store, this.#height - 1)).hash;
    const proposals = block.map(({ proposal }) => proposal);
    await this.#store.commit(this.#height, before, proposals, codes);
    this.#height += 1;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
