/** Who sent a transaction: organisation, and the role that the OUs of the X.509 certificate give (Fabric's NodeOUs). */
import type { ContractCaller } from '@yinxin/core';
import type { ContractContext } from './stub.ts';

/** Subject and issuer as fabric-shim writes them: `/OU=admin/CN=name`. It escapes only the first slash of a value, so that a value with a backslash or slash is ambiguous and must give no role. */
const idPattern = /^x509::((?:\/[^/=\\:]*=[^/\\:]*)+)::[^\n]*$/;
const roles = ['admin', 'client', 'peer', 'orderer'] as const;

/** The one role that the subject's OUs name; `member` for none, for several, and for an id that cannot be read exactly. */
export function parseRole(id: string): ContractCaller['role'] {
  const attributes = idPattern.exec(id)?.[1]?.slice(1).split('/') ?? [];
  const [role, ...others] = roles.filter((name) => attributes.includes(`OU=${name}`));
  return role === undefined || role === 'orderer' || others.length > 0 ? 'member' : role;
}

export function toCaller({ clientIdentity }: ContractContext): ContractCaller {
  return { msp: clientIdentity.getMSPID(), role: parseRole(clientIdentity.getID()) };
}
