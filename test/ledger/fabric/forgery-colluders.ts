/** Dishonest organisations on a real network: their contract processes exchanged for ones that obey them, and clients that choose who endorses. */
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GatewayError, type Transaction } from '@hyperledger/fabric-gateway';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { canonicalize, type Instant, type Json, utf8 } from '@yinxin/core';
import type { ConnectionProfile } from '@yinxin/core/connection-profile';
import { nameValidationCode } from '../../../gateway/ledger/fabric/blocks/validation-codes.ts';
import { type Connections, openConnections } from '../../../gateway/ledger/fabric/connections.ts';
import { Identities } from '../../../gateway/ledger/fabric/identities.ts';
import { usualPatience } from '../../../gateway/ledger/fabric/patience.ts';
import { propose } from '../../../gateway/ledger/fabric/proposal.ts';
import { readProfile } from '../../../gateway/ledger/opening.ts';
import type { Caller } from '../../../gateway/ledger/port.ts';
import { type NodePlan, nodesOf } from '../../../network/nodes.ts';
import { findProcess, stopProcess } from '../../../network/processes.ts';
import { startNodes } from '../../../network/running.ts';
import type { TestNetwork } from '../../fixtures/fabric.ts';
import { type Order, orderName } from './forgery-order.ts';
import { now } from './opened.ts';

const program = fileURLToPath(new URL('forgery-contract.ts', import.meta.url));

export async function stopContract(network: TestNetwork, msp: string): Promise<void> {
  const record = findProcess(network.paths, contractOf(network, msp).name);
  if (record) await stopProcess(network.paths, record);
}

export async function startContract(network: TestNetwork, msp: string): Promise<void> {
  await startNodes(network.context, [contractOf(network, msp)]);
}

function contractOf({ context, plan }: TestNetwork, msp: string): NodePlan {
  const node = nodesOf(context, plan).find((one) => one.kind === 'contract' && one.msp === msp);
  if (!node) throw new Error(`no contract of ${msp}`);
  return node;
}

/** From now on the organisation's peer endorses whatever it is ordered to. */
export async function corrupt(network: TestNetwork, msp: string): Promise<void> {
  const node = contractOf(network, msp);
  const [, ...options] = node.process.args;
  await stopContract(network, msp);
  await startNodes(network.context, [{ ...node, process: { ...node.process, args: [program, ...options] } }]);
}

/** What a transaction claims to be, what it is to write, and who is asked to endorse that. */
export interface Forgery {
  readonly caller: Caller;
  readonly transaction: string;
  readonly input: Json;
  readonly order: Order;
  readonly endorsers: readonly string[];
  /** As which it is dated; default: now. */
  readonly time?: Instant;
}

export interface Forged {
  readonly txId: string;
  readonly block: number;
  /** What its client's peer found. */
  readonly code: string;
}

/** The layers of a transaction that is to be signed and ordered, down to who endorsed it. */
function open(bytes: Uint8Array) {
  const prepared = gateway.PreparedTransaction.deserializeBinary(bytes);
  const envelope = prepared.getEnvelope() ?? new common.Envelope();
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const action = transaction.getActionsList()[0] ?? new peer.TransactionAction();
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const endorsed = actionPayload.getAction() ?? new peer.ChaincodeEndorsedAction();
  return { prepared, envelope, payload, transaction, action, actionPayload, endorsed };
}

/** The first with the endorsements of the second besides its own. */
function addEndorsements(bytes: Uint8Array, borrowed: Uint8Array): Uint8Array {
  const { prepared, envelope, payload, transaction, action, actionPayload, endorsed } = open(bytes);
  for (const one of open(borrowed).endorsed.getEndorsementsList()) endorsed.addEndorsements(one);
  actionPayload.setAction(endorsed);
  action.setPayload(actionPayload.serializeBinary());
  transaction.setActionsList([action]);
  payload.setData(transaction.serializeBinary());
  envelope.setPayload(payload.serializeBinary());
  prepared.setEnvelope(envelope);
  return prepared.serializeBinary();
}

const isDisagreement = (error: unknown) =>
  error instanceof GatewayError && error.details.some(({ message }) => message.includes('do not match'));

async function order(transaction: Transaction): Promise<Forged> {
  const { transactionId: txId, blockNumber, code } = await (await transaction.submit()).getStatus();
  return { txId, block: Number(blockNumber), code: nameValidationCode(code) };
}

/** A client of one organisation that asks its own peer, and whom else it likes. */
export class DishonestClient {
  readonly #profile: ConnectionProfile;
  readonly #identities: Identities;
  readonly #connections: Connections;

  private constructor(profile: ConnectionProfile, identities: Identities, connections: Connections) {
    this.#profile = profile;
    this.#identities = identities;
    this.#connections = connections;
  }

  /** `path` is its organisation's connection profile. */
  static async open(path: string): Promise<DishonestClient> {
    const profile = await readProfile(path, 'profile');
    const profileFolder = dirname(path);
    const identities = await Identities.read(profile, profileFolder, now);
    const reader = identities.reader(profile.msp);
    const connections = await openConnections({ profile, profileFolder, reader, patience: usualPatience });
    return new DishonestClient(profile, identities, connections);
  }

  /** Endorsed by exactly these, and ordered. @throws GatewayError when an endorser refuses, or says something else than the others */
  async forge(forgery: Forgery): Promise<Forged> {
    for (let left = 5; ; left -= 1) {
      try {
        return await order(await this.#propose(forgery).endorse());
      } catch (error) {
        // one of their peers may be a block behind
        if (left === 0 || !isDisagreement(error)) throw error;
        await wait(100);
      }
    }
  }

  /** The same, with an endorsement besides that the lender's honest peer gave to a question. */
  async borrow(forgery: Forgery, lender: string): Promise<Forged> {
    const { caller } = forgery;
    const question = { caller, transaction: 'readNetwork', input: {}, order: {}, endorsers: [lender] };
    const lent = await this.#propose(question).endorse();
    const forged = await this.#propose(forgery).endorse();
    const bytes = addEndorsements(forged.getBytes(), lent.getBytes());
    return order(this.#peer.gateway(this.#identities.get(caller)).newTransaction(bytes));
  }

  close(): void {
    this.#connections.close();
  }

  get #peer() {
    const [own] = this.#connections.own;
    if (!own) throw new Error('no peer');
    return own;
  }

  /** As an honest gateway makes it; then the order goes in, and who is to endorse, which the id does not depend on. */
  #propose({ caller, transaction, input, order, endorsers, time = now() }: Forgery) {
    const identity = this.#identities.get(caller);
    const invocation = { transaction, input: canonicalize(input), time };
    const { bytes } = propose(this.#peer.network(identity), this.#profile.chaincode, invocation);
    const proposed = gateway.ProposedTransaction.deserializeBinary(bytes);
    const signed = proposed.getProposal() ?? new peer.SignedProposal();
    const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
    const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
    payload.getTransientmapMap().set(orderName, utf8(JSON.stringify(order)));
    proposal.setPayload(payload.serializeBinary());
    signed.setProposalBytes(proposal.serializeBinary());
    proposed.setProposal(signed);
    proposed.setEndorsingOrganizationsList([...endorsers]);
    return this.#peer.gateway(identity).newProposal(proposed.serializeBinary());
  }
}
