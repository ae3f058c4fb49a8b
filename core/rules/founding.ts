/** The founding transaction: everything of the first day, in order, each row seen by those after it. */
import { YinxinError } from '../errors.ts';
import type { FoundInput, Row } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { requireAbsent, requireAdminRole, requireChannel } from './common.ts';
import { keyRows, listKeyRows, parseRegisterKeyInput, parseRegisterListKeyInput } from './keys.ts';
import {
  domainRows,
  entitlementRows,
  issuerRows,
  parseRegisterDomainInput,
  parseRegisterEntitlementInput,
  parseRegisterIssuerInput,
  parseRegisterTypeInput,
  typeRows,
} from './registry.ts';
import { rowKeys } from './rows.ts';
import { FetchedRows, type Rule, type RuleContext } from './rule.ts';

const members = ['channel', 'domains', 'types', 'issuers', 'keys', 'listKeys', 'entitlements'] as const;

/** @throws YinxinError INPUT_INVALID and what the single registrations throw */
export function parseFoundInput(json: Json): FoundInput {
  const read = memberReader(json, 'found', 'INPUT_INVALID', members);
  return {
    channel: read.text('channel'),
    domains: read.array('domains').map(parseRegisterDomainInput),
    types: read.array('types').map(parseRegisterTypeInput),
    issuers: read.array('issuers').map(parseRegisterIssuerInput),
    keys: read.array('keys').map(parseRegisterKeyInput),
    listKeys: read.array('listKeys').map(parseRegisterListKeyInput),
    entitlements: read.array('entitlements').map(parseRegisterEntitlementInput),
  };
}

/** All rows, made one after the other over those before. */
function foundingRows(input: FoundInput, context: RuleContext): readonly Row[] {
  const rows: Row[] = [{ kind: 'network', channel: input.channel, founded: context.time }];
  const overlay = new FetchedRows();
  const apply = <T>(items: readonly T[], make: (item: T) => readonly Row[]) => {
    for (const item of items) {
      const made = make(item);
      overlay.add(made);
      rows.push(...made);
    }
  };
  apply(input.domains, (domain) => domainRows(overlay, domain));
  apply(input.types, (type) => typeRows(overlay, type, context.time));
  apply(input.issuers, (issuer) => issuerRows(overlay, issuer));
  apply(input.keys, (key) => keyRows(overlay, key, context, true));
  apply(input.listKeys, (listKey) => listKeyRows(overlay, listKey));
  apply(input.entitlements, (entitlement) => entitlementRows(overlay, entitlement, context.time));
  return rows;
}

export const found: Rule<FoundInput> = {
  parse: parseFoundInput,
  needs: () => ({ keys: [rowKeys.network()] }),
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
