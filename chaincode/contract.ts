/** The contract: every transaction that META-INF/metadata.json declares, each one line over a rule of core. */
import { type Instant, parseHistoryInput, parseListInput, singleReads, toInstant } from '@yinxin/core';
import { type Context, Contract } from 'fabric-contract-api';
import { listRows, parseInput, readHistory, readOne, refusing, submit } from './execute.ts';
import { requirePlainSender } from './sender.ts';
import type { ContractContext } from './stub.ts';

type Answer = Promise<string>;

/** The clock of the process: a peer has no other. */
const peerClock = (): Instant => toInstant(Math.floor(Date.now() / 1000));

/**
 * Each method is a transaction: one JSON text in, canonical JSON out.
 * @throws Error whose message is `YINXIN/1 <CODE> <details>`, and no other
 */
export class YinxinContract extends Contract {
  readonly #clock: () => Instant;

  /** `clock` is the endorser's own; Fabric, which makes the contract without arguments, runs it on the process's. */
  constructor(clock: () => Instant = peerClock) {
    super('yinxin');
    this.#clock = clock;
  }

  /** On a peer, before each of them: the embedded ledger, where nobody else sends, has no envelopes. */
  override async beforeTransaction({ stub }: Context): Promise<void> {
    requirePlainSender(stub);
  }

  found(context: ContractContext, input: string): Answer {
    return submit(context, 'found', input, this.#clock);
  }
  propose(context: ContractContext, input: string): Answer {
    return submit(context, 'propose', input, this.#clock);
  }
  approve(context: ContractContext, input: string): Answer {
    return submit(context, 'approve', input, this.#clock);
  }
  withdraw(context: ContractContext, input: string): Answer {
    return submit(context, 'withdraw', input, this.#clock);
  }
  expire(context: ContractContext, input: string): Answer {
    return submit(context, 'expire', input, this.#clock);
  }
  registerIssuer(context: ContractContext, input: string): Answer {
    return submit(context, 'registerIssuer', input, this.#clock);
  }
  renameIssuer(context: ContractContext, input: string): Answer {
    return submit(context, 'renameIssuer', input, this.#clock);
  }
  closeIssuer(context: ContractContext, input: string): Answer {
    return submit(context, 'closeIssuer', input, this.#clock);
  }
  acceptSuccession(context: ContractContext, input: string): Answer {
    return submit(context, 'acceptSuccession', input, this.#clock);
  }
  registerKey(context: ContractContext, input: string): Answer {
    return submit(context, 'registerKey', input, this.#clock);
  }
  retireKey(context: ContractContext, input: string): Answer {
    return submit(context, 'retireKey', input, this.#clock);
  }
  reportCompromise(context: ContractContext, input: string): Answer {
    return submit(context, 'reportCompromise', input, this.#clock);
  }
  registerListKey(context: ContractContext, input: string): Answer {
    return submit(context, 'registerListKey', input, this.#clock);
  }
  retireListKey(context: ContractContext, input: string): Answer {
    return submit(context, 'retireListKey', input, this.#clock);
  }
  reportListKeyCompromise(context: ContractContext, input: string): Answer {
    return submit(context, 'reportListKeyCompromise', input, this.#clock);
  }
  registerEntitlement(context: ContractContext, input: string): Answer {
    return submit(context, 'registerEntitlement', input, this.#clock);
  }
  endEntitlement(context: ContractContext, input: string): Answer {
    return submit(context, 'endEntitlement', input, this.#clock);
  }
  proposeAgreement(context: ContractContext, input: string): Answer {
    return submit(context, 'proposeAgreement', input, this.#clock);
  }
  approveAgreement(context: ContractContext, input: string): Answer {
    return submit(context, 'approveAgreement', input, this.#clock);
  }
  suspendAgreement(context: ContractContext, input: string): Answer {
    return submit(context, 'suspendAgreement', input, this.#clock);
  }
  resumeAgreement(context: ContractContext, input: string): Answer {
    return submit(context, 'resumeAgreement', input, this.#clock);
  }
  endAgreement(context: ContractContext, input: string): Answer {
    return submit(context, 'endAgreement', input, this.#clock);
  }
  anchor(context: ContractContext, input: string): Answer {
    return submit(context, 'anchor', input, this.#clock);
  }
  changeStatus(context: ContractContext, input: string): Answer {
    return submit(context, 'changeStatus', input, this.#clock);
  }

  readNetwork(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readNetwork, input);
  }
  readDomain(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readDomain, input);
  }
  readIssuer(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readIssuer, input);
  }
  readKey(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readKey, input);
  }
  readType(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readType, input);
  }
  readBasis(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readBasis, input);
  }
  readMatter(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readMatter, input);
  }
  readAgreement(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readAgreement, input);
  }
  readProposal(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readProposal, input);
  }
  readOrganisation(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readOrganisation, input);
  }
  readGovernance(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readGovernance, input);
  }
  readEntitlement(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readEntitlement, input);
  }
  readRegister(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readRegister, input);
  }
  readBatch(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readBatch, input);
  }
  readStatus(context: ContractContext, input: string): Answer {
    return readOne(context, singleReads.readStatus, input);
  }
  listRows({ stub }: ContractContext, input: string): Answer {
    return refusing(async () => listRows(stub, parseListInput(parseInput(input))));
  }
  readHistory({ stub }: ContractContext, input: string): Answer {
    return refusing(async () => readHistory(stub, parseHistoryInput(parseInput(input))));
  }
}

/** What `fabric-chaincode-node` loads. */
export const contracts = [YinxinContract];
