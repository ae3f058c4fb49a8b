/** Closing a body, and who takes over. A succession into another domain binds nobody without that domain's consent, and never runs in a circle. */
import { YinxinError } from '../errors.ts';
import type { AcceptSuccessionInput, CloseIssuerInput, IssuerRow } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import { epochSeconds, parseInstant, toInstant } from '../time.ts';
import { issuerKeys, issuerOf, parseIssuer, requireIssuerAdmin } from './bodies.ts';
import { rowKeys } from './rows.ts';
import type { Decision, Rule, View } from './rule.ts';
import { laterOf, requireNotBefore } from './windows.ts';

/** How long an offer may be accepted. */
const offerSeconds = 30 * 86_400;

const illegal = (why: string) => new YinxinError('SUCCESSION_ILLEGAL', { why });

/** The body, when no closing of it is on record yet, not even for later. @throws YinxinError ISSUER_UNKNOWN, ISSUER_CLOSED */
function unclosedIssuerOf(view: View, issuer: string): IssuerRow {
  const row = issuerOf(view, issuer);
  if (row.closed) throw new YinxinError('ISSUER_CLOSED', { issuer, at: row.closed.at });
  return row;
}

/** A body with any closing on record takes over from none: so successions never run in a circle. @throws YinxinError SUCCESSION_ILLEGAL */
function successorOf(view: View, issuer: string, successor: string): IssuerRow {
  const row = view.get(rowKeys.issuer(successor));
  if (!row) throw illegal('unknown');
  if (successor === issuer) throw illegal('the body itself');
  if (row.closed) throw illegal('closed');
  return row;
}

const decision = (row: IssuerRow): Decision => ({
  writes: [row],
  event: {
    issuer: row.issuer,
    closed: row.closed && { ...row.closed },
    offered: row.offered && { ...row.offered },
  },
});

/** A later offer takes the place of one that nobody accepted. */
export const closeIssuer: Rule<CloseIssuerInput> = {
  parse(json) {
    const read = memberReader(json, 'closing', 'INPUT_INVALID', ['issuer', 'at', 'successor']);
    return {
      issuer: parseIssuer(read.text('issuer')),
      at: parseInstant(read.text('at')),
      successor: read.value('successor') === null ? null : parseIssuer(read.text('successor')),
    };
  },
  needs: ({ issuer, successor }, fetched) => ({
    keys: [...issuerKeys(issuer, fetched), ...(successor === null ? [] : issuerKeys(successor, fetched))],
  }),
  decide(view, { issuer, at, successor }, context) {
    const row = issuerOf(view, issuer);
    requireIssuerAdmin(view, row, context);
    unclosedIssuerOf(view, issuer);
    requireNotBefore(at, 'closing.at', context);
    const heir = successor === null ? undefined : successorOf(view, issuer, successor);
    const closing = { at, successor };
    if (heir === undefined || heir.domain === row.domain) return decision({ ...row, closed: closing, offered: null });
    const expires = toInstant(epochSeconds(context.time) + offerSeconds);
    return decision({ ...row, closed: null, offered: { ...closing, expires } });
  },
};

/** Takes effect when it was offered for, and not before now. */
export const acceptSuccession: Rule<AcceptSuccessionInput> = {
  parse(json) {
    const read = memberReader(json, 'succession', 'INPUT_INVALID', ['issuer']);
    return { issuer: parseIssuer(read.text('issuer')) };
  },
  needs({ issuer }, fetched) {
    const successor = fetched.get(rowKeys.issuer(issuer))?.offered?.successor;
    return { keys: [rowKeys.issuer(issuer), ...(typeof successor === 'string' ? issuerKeys(successor, fetched) : [])] };
  },
  decide(view, { issuer }, context) {
    const row = unclosedIssuerOf(view, issuer);
    const { offered } = row;
    if (!offered || offered.successor === null) throw illegal('nothing is offered');
    requireIssuerAdmin(view, issuerOf(view, offered.successor), context);
    if (offered.expires <= context.time) throw illegal('expired');
    const { issuer: successor } = successorOf(view, issuer, offered.successor);
    return decision({ ...row, closed: { at: laterOf(offered.at, context.time), successor }, offered: null });
  },
};
