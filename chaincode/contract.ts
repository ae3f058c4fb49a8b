/** The contract: every transaction that META-INF/metadata.json declares, each one line over a rule of core. */
import {
  anchor,
  changeStatus,
  parseHistoryInput,
  parseListInput,
  registerDomain,
  registerEntitlement,
  registerIssuer,
  registerKey,
  registerType,
  singleReads,
} from '@yinxin/core';
import { Contract } from 'fabric-contract-api';
import { listRows, parseInput, readHistory, readOne, refusing, submit } from './execute.ts';
import type { ContractContext } from './stub.ts';
import { foundByThumbprints, registerListKeyByThumbprint } from './thumbprint.ts';

type Answer = Promise<string>;

/**
 * Each method is a transaction: one JSON text in, canonical JSON out.
 * @throws Error whose message is `YINXIN/1 <CODE> <details>`, and no other
 */
export class YinxinContract extends Contract {
  constructor() {
    super('yinxin');
  }

  found(context: ContractContext, input: string): Answer {
    return submit(context, 'found', foundByThumbprints, input);
  }
  registerDomain(context: ContractContext, input: string): Answer {
    return submit(context, 'registerDomain', registerDomain, input);
  }
  registerType(context: ContractContext, input: string): Answer {
    return submit(context, 'registerType', registerType, input);
  }
  registerIssuer(context: ContractContext, input: string): Answer {
    return submit(context, 'registerIssuer', registerIssuer, input);
  }
  registerKey(context: ContractContext, input: string): Answer {
    return submit(context, 'registerKey', registerKey, input);
  }
  registerListKey(context: ContractContext, input: string): Answer {
    return submit(context, 'registerListKey', registerListKeyByThumbprint, input);
  }
  registerEntitlement(context: ContractContext, input: string): Answer {
    return submit(context, 'registerEntitlement', registerEntitlement, input);
  }
  anchor(context: ContractContext, input: string): Answer {
    return submit(context, 'anchor', anchor, input);
  }
  changeStatus(context: ContractContext, input: string): Answer {
    return submit(context, 'changeStatus', changeStatus, input);
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
