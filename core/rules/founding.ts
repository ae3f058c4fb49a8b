/** The founding transaction: everything of the first day, in order, each row seen by those after it. */
import { YinxinError } from '../errors.ts';
import type { FoundInput, Row } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { basisRegistration } from './bases.ts';
import { requireAbsent } from './common.ts';
import { domainRegistration } from './domains.ts';
import { entitlementRows, parseRegisterEntitlementInput } from './entitlements.ts';
import { issuerRows, registerIssuer } from './issuers.ts';
import { keyRows, parseRegisterKeyInput } from './keys.ts';
import { listKeyRows, parseRegisterListKeyInput } from './list-keys.ts';
import { matterRegistration } from './matters.ts';
import { ownedKinds } from './owner.ts';
import { requireAdminRole } from './permission.ts';
import { rowKeyOf, rowKeys } from './rows.ts';
import { type Action, FetchedRows, type Rule, type RuleContext } from './rule.ts';
import { requireChannel } from './signing.ts';
import { typeRegistration } from './types.ts';

const members = [
  'channel',
  'domains',
  'types',
  'bases',
  'matters',
  'issuers',
  'keys',
  'listKeys',
  'entitlements',
] as const;

/** @throws YinxinError INPUT_INVALID and what the single registrations throw */
function parseFoundInput(json: Json): FoundInput {
  const read = memberReader(json, 'found', 'INPUT_INVALID', members);
  return {
    channel: read.text('channel'),
    domains: read.array('domains').map(domainRegistration.parse),
    types: read.array('types').map(typeRegistration.parse),
    bases: read.array('bases').map(basisRegistration.parse),
    matters: read.array('matters').map(matterRegistration.parse),
    issuers: read.array('issuers').map(registerIssuer.parse),
    keys: read.array('keys').map(parseRegisterKeyInput),
    listKeys: read.array('listKeys').map(parseRegisterListKeyInput),
    entitlements: read.array('entitlements').map(parseRegisterEntitlementInput),
  };
}

/** All rows, made one after the other over those before, each once. @throws YinxinError ALREADY_EXISTS and what the single registrations throw */
function foundingRows(input: FoundInput, context: RuleContext): readonly Row[] {
  const rows: Row[] = [{ kind: 'network', channel: input.channel, founded: context.time }];
  const overlay = new FetchedRows();
  const apply = <T>(items: readonly T[], make: (item: T) => readonly Row[]) => {
    for (const item of items) {
      const made = make(item);
      for (const row of made) requireAbsent(overlay, rowKeyOf(row));
      overlay.add(made);
      rows.push(...made);
    }
  };
  const act = <T>(items: readonly T[], action: Action<T>) =>
    apply(items, (item) => action.rows(overlay, item, context));
  act(input.domains, domainRegistration);
  act(input.types, typeRegistration);
  act(input.bases, basisRegistration);
  act(input.matters, matterRegistration);
  apply(input.issuers, (issuer) => issuerRows(overlay, issuer));
  apply(input.keys, (key) => keyRows(overlay, key, context, true));
  apply(input.listKeys, (listKey) => listKeyRows(overlay, listKey));
  apply(input.entitlements, (entitlement) => entitlementRows(overlay, entitlement, context));
  return rows;
}

export const found: Rule<FoundInput> = {
  parse: parseFoundInput,
  // whatever will belong to an organisation must be known to be new: before the founding there is none of it
  needs: () => ({ keys: [rowKeys.network()], kinds: ownedKinds }),
  decide(view, input, context) {
    requireAbsent(view, rowKeys.network());
    requireAdminRole(context);
    requireChannel(input.channel, context);
    if (!input.domains.some(({ msp }) => msp === context.caller.msp)) {
      throw new YinxinError('CALLER_NOT_PERMITTED', { why: 'of none of the domains' });
    }
    const writes = foundingRows(input, context);
    return { writes, event: { channel: input.channel, rows: writes.length } };
  },
};
