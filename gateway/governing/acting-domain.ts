/** The transactions of governance, and for which domain each acts. */
import {
  isJsonObject,
  type Json,
  type JsonObject,
  parseKeyId,
  parsePossessionStatement,
  type Trust,
} from '@yinxin/core';

/** Undefined: for the organisation as a whole, or for a row that is not there, of which the contract decides. */
type FindDomain = (input: JsonObject, trust: Trust) => string | undefined;

/** What a member that is text names; what is no text, the contract refuses. */
const by =
  (member: string, find: (name: string, trust: Trust) => string | undefined): FindDomain =>
  (input, trust) => {
    const name = input[member];
    return typeof name === 'string' ? find(name, trust) : undefined;
  };
const byOrganisation: FindDomain = () => undefined;
const named = by('domain', (domain) => domain);
const domainOfIssuer = (issuer: string | undefined, trust: Trust) => trust.issuer(issuer ?? '')?.domain;
const ofIssuer = by('issuer', domainOfIssuer);
const ofSuccessor = by('issuer', (issuer, trust) =>
  domainOfIssuer(trust.issuer(issuer)?.offered?.successor ?? undefined, trust),
);
const ofPossession = by('possession', (text, trust) => domainOfIssuer(parsePossessionStatement(text).issuer, trust));
const ofKey = by('key', (key, trust) => domainOfIssuer(trust.key(parseKeyId(key))?.issuer, trust));
const ofListKey = by('kid', (kid, trust) => trust.listKey(kid)?.domain);

const domains = {
  propose: byOrganisation,
  approve: byOrganisation,
  withdraw: byOrganisation,
  expire: byOrganisation,
  registerIssuer: named,
  closeIssuer: ofIssuer,
  acceptSuccession: ofSuccessor,
  renameIssuer: ofIssuer,
  registerKey: ofPossession,
  retireKey: ofKey,
  reportCompromise: ofKey,
  registerListKey: named,
  retireListKey: ofListKey,
  reportListKeyCompromise: ofListKey,
  registerEntitlement: ofIssuer,
  endEntitlement: ofIssuer,
  proposeAgreement: named,
  approveAgreement: named,
  suspendAgreement: named,
  resumeAgreement: named,
  endAgreement: named,
} as const satisfies { readonly [transaction: string]: FindDomain };

export type GovernanceTransaction = keyof typeof domains;

export function isGovernanceTransaction(name: string): name is GovernanceTransaction {
  return Object.prototype.hasOwnProperty.call(domains, name);
}

export const governanceTransactions = Object.keys(domains).filter(isGovernanceTransaction);

/** The domain whose row a transaction would change. @throws YinxinError MALFORMED_STATEMENT, MALFORMED_KEY where a key is registered or named */
export function findActingDomain(trust: Trust, transaction: GovernanceTransaction, input: Json): string | undefined {
  return isJsonObject(input) ? domains[transaction](input, trust) : undefined;
}
