/** Running a rule over rows kept elsewhere, the same way on a peer, in the embedded ledger and in a reader that replays; and the table of all rules. */
import { YinxinError } from '../errors.ts';
import type { FoundInput, ListKeyRow, RegisterListKeyInput, Row } from '../ledger-model.ts';
import type { Json } from '../model.ts';
import { endAgreement, resumeAgreement, suspendAgreement } from './agreement-ends.ts';
import { approveAgreement, proposeAgreement } from './agreements.ts';
import { anchor } from './anchoring.ts';
import { reportCompromise } from './compromise.ts';
import { endEntitlement, registerEntitlement } from './entitlements.ts';
import { found } from './founding.ts';
import { governing } from './governing.ts';
import { registerIssuer, renameIssuer } from './issuers.ts';
import { registerKey, retireKey } from './keys.ts';
import { registerListKey, reportListKeyCompromise, retireListKey } from './list-keys.ts';
import { findOwned, type OwnedRow } from './owner.ts';
import { approve, expire, propose, withdraw } from './proposals.ts';
import type { RowKey, RowKind } from './rows.ts';
import { type ContractCaller, type Decision, FetchedRows, type Rule, type RuleContext } from './rule.ts';
import { changeStatus } from './status-change.ts';
import { acceptSuccession, closeIssuer } from './successions.ts';

/** The state as it was before the transaction. */
export interface RowSource {
  get(key: RowKey): Promise<Row | undefined>;
  /** Every row of a kind. */
  all(kind: RowKind): Promise<readonly Row[]>;
}

/** Fetches until the rule asks for nothing more: first what the input names, then what those rows name. */
async function fetchRows<Input>(
  rule: Rule<Input>,
  input: Input,
  source: RowSource,
  caller: ContractCaller,
): Promise<FetchedRows> {
  const fetched = new FetchedRows();
  for (;;) {
    const { keys, kinds = [] } = rule.needs(input, fetched, caller);
    const missingKinds = kinds.filter((kind) => !fetched.hasAll(kind));
    const missingKeys = keys.filter((key) => !fetched.has(key) && !missingKinds.includes(key.kind));
    if (missingKeys.length === 0 && missingKinds.length === 0) return fetched;
    await Promise.all([
      ...missingKeys.map(async (key) => fetched.set(key, await source.get(key))),
      ...missingKinds.map(async (kind) => fetched.setAll(kind, await source.all(kind))),
    ]);
  }
}

export interface Outcome extends Decision {
  /** Written rows that came to belong to an organisation. */
  readonly owned: readonly OwnedRow[];
}

/** Parses, fetches until nothing is missing, decides. @throws YinxinError the refusal, and what the source throws */
export async function runRule<Input>(
  rule: Rule<Input>,
  input: Json,
  source: RowSource,
  context: RuleContext,
): Promise<Outcome> {
  const parsed = rule.parse(input);
  const view = (await fetchRows(rule, parsed, source, context.caller)).complete();
  const decision = rule.decide(view, parsed, context);
  return { ...decision, owned: findOwned(view, decision.writes) };
}

/** RFC 7638 of an ES256 key, base64url of SHA-256, which core does not have. */
export type Thumbprint = (jwk: ListKeyRow['jwk']) => string;

/** So that no domain can take the name of another's key. @throws YinxinError INPUT_INVALID */
function requireThumbprint({ kid, jwk }: RegisterListKeyInput, thumbprint: Thumbprint): void {
  if (kid !== thumbprint(jwk))
    throw new YinxinError('INPUT_INVALID', { member: 'listKey.kid', why: 'not the thumbprint' });
}

/** The rule, of inputs whose list keys bear their thumbprints for names. */
function byThumbprint<Input>(
  rule: Rule<Input>,
  listKeysOf: (input: Input) => readonly RegisterListKeyInput[],
  thumbprint: Thumbprint,
): Rule<Input> {
  return {
    ...rule,
    parse(json) {
      const input = rule.parse(json);
      for (const listKey of listKeysOf(input)) requireThumbprint(listKey, thumbprint);
      return input;
    },
  };
}

/** What administrators do for their organisation. */
function governingRules(thumbprint: Thumbprint): { readonly [name: string]: Rule<unknown> } {
  return {
    propose,
    approve,
    withdraw,
    expire,
    registerIssuer,
    renameIssuer,
    closeIssuer,
    acceptSuccession,
    registerKey,
    retireKey,
    reportCompromise,
    registerListKey: byThumbprint<RegisterListKeyInput>(registerListKey, (input) => [input], thumbprint),
    retireListKey,
    reportListKeyCompromise,
    registerEntitlement,
    endEntitlement,
    proposeAgreement,
    approveAgreement,
    suspendAgreement,
    resumeAgreement,
    endAgreement,
  };
}

/** Every transaction that writes, by the name under which the contract offers it. */
export function createRules(thumbprint: Thumbprint): ReadonlyMap<string, Rule<unknown>> {
  const governed = Object.entries(governingRules(thumbprint)).map(([name, rule]) => [name, governing(rule)] as const);
  return new Map<string, Rule<unknown>>([
    ['found', byThumbprint<FoundInput>(found, ({ listKeys }) => listKeys, thumbprint)],
    ...governed,
    ['anchor', anchor],
    ['changeStatus', changeStatus],
  ]);
}
