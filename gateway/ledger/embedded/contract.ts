/** The contract class as a peer would run it: only what its metadata declares can be invoked. The only arrow from gateway to chaincode. */
import { YinxinContract } from '@yinxin/chaincode';
import metadata from '@yinxin/chaincode/metadata.json' with { type: 'json' };
import type { ContractContext } from '@yinxin/chaincode/stub';
import { parseRefusal, YinxinError } from '@yinxin/core';
import type { Clock } from '../../platform.ts';

type Method = (context: ContractContext, input: string) => Promise<string>;

const declared = new Set(metadata.contracts.yinxin.transactions.map(({ name }) => name));

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/** Runs a declared transaction. @throws YinxinError the contract's refusal, INPUT_INVALID for a name that is not declared */
export type Invoke = (transaction: string, context: ContractContext, input: string) => Promise<string>;

/** The contract of an endorser with this clock. */
export function createInvoke(clock: Clock): Invoke {
  const contract = new YinxinContract(clock);
  return async (transaction, context, input) => {
    const method: unknown = declared.has(transaction) ? Reflect.get(contract, transaction) : undefined;
    if (!isMethod(method)) throw new YinxinError('INPUT_INVALID', { member: 'transaction' });
    try {
      return await method.call(contract, context, input);
    } catch (error) {
      const refusal = error instanceof Error ? parseRefusal(error.message) : undefined;
      throw refusal ?? error;
    }
  };
}
