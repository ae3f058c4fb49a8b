/** What anybody should be told of a certificate, by the model; and what core says of the same from the ledger's rows. */
import {
  choosePolicy,
  conclude,
  type Instant,
  parseIdentifier,
  rowKeys,
  type Subject,
  type Trust,
  toBase64,
  toInstant,
  toTrust,
  type Verdict,
  verify,
} from '@yinxin/core';
import { all, type History, seconds, within } from './facts.ts';
import type { Peer } from './peer.ts';
import {
  agreementNow,
  batchesOf,
  changesOf,
  domainAround,
  isClosed,
  issuerFact,
  keyFault,
  managerAt,
  slotsOf,
  wasResting,
} from './questions.ts';
import { statusAt } from './statuses.ts';

export interface Question {
  readonly subject: Subject;
  readonly now: Instant;
  readonly at: Instant | undefined;
  readonly place: string | undefined;
  readonly matter: string | undefined;
}

/** Only its being a number matters here: the record is given. */
const identifier = parseIdentifier('1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U');

export type Told = Pick<Verdict, 'verdict' | 'reason' | 'genuine'>;

function recognition(history: History, { subject, at, now, place, matter }: Question): string | undefined {
  if (place === undefined) return undefined;
  const home = issuerFact(history, subject.issuer)?.domain ?? '';
  const moment = at ?? now;
  const here = domainAround(history, place, moment);
  const manager = managerAt(history, subject.issuer, moment);
  const answerable = manager === undefined ? undefined : issuerFact(history, manager)?.domain;
  if (here !== undefined && (here === home || here === answerable)) return undefined;
  const names = [...new Set(all(history, 'agreement').map(({ terms }) => terms.agreement))];
  const between = names
    .flatMap((name) => agreementNow(history, name) ?? [])
    .filter(({ since }) => since !== undefined)
    .filter(({ terms }) => here !== undefined && terms.parties.includes(home) && terms.parties.includes(here))
    .filter(({ terms }) => terms.types.includes(subject.type.type));
  const standing = between.filter(
    ({ terms, until, since }) =>
      seconds(moment) >= seconds(since ?? '') &&
      within(moment, terms.from, until) &&
      !wasResting(history, terms.agreement, moment),
  );
  if (standing.some(({ terms }) => terms.matters === null || terms.matters.includes(matter ?? ''))) return undefined;
  if (standing.length > 0) return matter === undefined ? 'MATTER_REQUIRED' : 'MATTER_NOT_COVERED';
  return between.length > 0 ? 'AGREEMENT_NOT_IN_FORCE' : 'NOT_RECOGNISED';
}

function validity({ subject, at, now }: Question, anchored: Instant): string | undefined {
  const moment = at ?? now;
  const issued = seconds(anchored) > seconds(subject.issuedAt) ? anchored : subject.issuedAt;
  if (at !== undefined && !subject.type.legacy && seconds(at) < seconds(issued)) return 'NOT_YET_ISSUED';
  const today = toInstant(seconds(moment) + 8 * 3600).slice(0, 10);
  if (today < subject.validFrom) return 'NOT_YET_VALID';
  return subject.validUntil !== null && today > subject.validUntil ? 'EXPIRED' : undefined;
}

/** For a number that the gateway has a record of. */
export function tell(history: History, question: Question): Told {
  const { subject, at, now } = question;
  const { issuer, entry } = subject;
  const type = subject.type.type;
  const batch = batchesOf(history, issuer, type).find((one) => one.first <= entry && entry <= one.last);
  const unknown = { verdict: 'invalid', reason: 'NOT_ANCHORED', genuine: 'no' } as const;
  if (!batch) return unknown;
  const body = issuerFact(history, issuer);
  const isEntitled = slotsOf(history, issuer, type).some(({ from, until }) => within(batch.recorded, from, until));
  const right =
    !body || seconds(batch.recorded) < seconds(body.from)
      ? 'ISSUER_UNKNOWN'
      : isClosed(history, issuer, batch.recorded)
        ? 'ISSUER_CLOSED'
        : isEntitled
          ? undefined
          : 'NOT_ENTITLED';
  const status = statusAt(history, changesOf(history, issuer, type, entry), at ?? now)?.to;
  const origin = [right, keyFault(history, batch.key, batch.recorded)];
  const others = [status === 'ACTIVE' ? undefined : status, validity(question, batch.recorded)];
  const place = recognition(history, question);
  const faults = [...origin, ...others, place === 'MATTER_REQUIRED' ? undefined : place];
  const genuine = origin.some((fault) => fault !== undefined) ? 'no' : 'unknown';
  const fault = faults.find((one) => one !== undefined);
  if (fault !== undefined) return { verdict: 'invalid', reason: fault as Told['reason'], genuine };
  const isAhead = at !== undefined && seconds(at) > seconds(now) + 600;
  const open = isAhead ? 'TIME_AHEAD' : (place as Told['reason'] | undefined);
  if (open !== undefined) return { verdict: 'indeterminate', reason: open, genuine };
  return { verdict: 'valid', reason: 'VALID', genuine };
}

export function trustOf(peer: Peer, now: Instant): Trust {
  return toTrust({
    iss: '440300',
    channel: 'certs',
    height: peer.height,
    iat: seconds(now),
    exp: seconds(now) + 86_400,
    domains: peer.all('domain'),
    issuers: peer.all('issuer'),
    keys: peer.all('key'),
    listKeys: peer.all('listKey'),
    entitlements: peer.all('entitlement'),
    types: peer.all('type'),
    bases: peer.all('basis'),
    matters: peer.all('matter'),
    agreements: peer.all('agreement'),
  });
}

/** What core concludes from the ledger's rows. */
export function ask(peer: Peer, trust: Trust, { subject, now, at, place, matter }: Question): Told {
  const { issuer, entry } = subject;
  const type = subject.type.type;
  const place_ = (txId: string) => peer.places.get(txId) ?? { block: 0, recorded: now };
  const batch = peer
    .all('batch')
    .find((row) => row.issuer === issuer && row.type === type && row.first <= entry && entry <= row.last);
  const changes = peer.get(rowKeys.status(issuer, type, entry))?.changes ?? [];
  const leaf = toBase64(new Uint8Array(32));
  const anchor = batch && {
    ...{ leaf, statement: batch.statement, key: batch.key, txId: batch.txId, supersedes: null },
    ...{ block: place_(batch.txId).block, time: place_(batch.txId).recorded },
  };
  const ledger = {
    ...{ height: peer.height, time: peer.time, asOf: now },
    ...(anchor && { anchor }),
    changes: changes.map((change) => ({ ...change, ...place_(change.txId) })),
  };
  const checks = verify(
    { kind: 'number', identifier },
    trust,
    now,
    { ledger, record: subject },
    {
      ...(at !== undefined && { at }),
      ...(place !== undefined && { domain: place }),
      ...(matter !== undefined && { matter }),
    },
  );
  const { verdict, reason, genuine } = conclude(
    checks,
    choosePolicy({ kind: 'number', domainNamed: place !== undefined }),
  );
  return { verdict, reason, genuine };
}
