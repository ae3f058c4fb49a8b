/** Who sent a transaction: organisation, and the role that the OUs of the X.509 certificate give. */
import { type ContractCaller, parseRole } from '@yinxin/core';
import type { ContractContext } from './stub.ts';

export function toCaller({ clientIdentity }: ContractContext): ContractCaller {
  return { msp: clientIdentity.getMSPID(), role: parseRole(clientIdentity.getID()) };
}
