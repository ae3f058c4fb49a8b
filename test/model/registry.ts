/** The model's rules on bodies, their keys, their entitlements and the domains' list keys. */
import { listPairs } from './cast.ts';
import { all, day, type Happening, last, seconds } from './facts.ts';
import {
  given,
  isSame,
  isWindow,
  type Judge,
  must,
  mustAdminister,
  mustAdministerBody,
  mustNotPrecede,
  mustShorten,
  type Sent,
  take,
} from './judging.ts';
import {
  closingOf,
  compromiseOf,
  domainAround,
  isClosed,
  issuerFact,
  keyWindow,
  maySign,
  slotsOf,
} from './questions.ts';
import { anything, creditCode, instant, keyId, object, orNull, region, slug, text, words } from './shapes.ts';

export const judgeIssuer: Judge = (history, sent, json) => {
  const input = take(object({ issuer: creditCode, domain: region, region, name: words, from: instant }), json);
  mustAdminister(history, input.domain, sent);
  must(!issuerFact(history, input.issuer) && domainAround(history, input.region) === input.domain);
  const { name, ...body } = input;
  return [
    { fact: 'issuer', ...body },
    { fact: 'name', issuer: input.issuer, name },
  ];
};

export const judgeName: Judge = (history, sent, json) => {
  const { issuer, name } = take(object({ issuer: creditCode, name: words }), json);
  mustAdministerBody(history, issuer, sent);
  must(!isClosed(history, issuer, sent.time));
  const names = all(history, 'name', (fact) => fact.issuer === issuer);
  must(!isSame(names.at(-1)?.name, name) && names.length <= 32);
  return [{ fact: 'name', issuer, name }];
};

export const judgeClosing: Judge = (history, sent, json) => {
  const closing = take(object({ issuer: creditCode, at: instant, successor: orNull(creditCode) }), json);
  const { issuer, successor } = closing;
  mustAdministerBody(history, issuer, sent);
  must(closingOf(history, issuer) === undefined);
  mustNotPrecede(closing.at, sent);
  if (successor === null) return [{ fact: 'closing', ...closing }];
  const heir = given(issuerFact(history, successor));
  must(successor !== issuer && closingOf(history, successor) === undefined);
  const isOwn = heir.domain === issuerFact(history, issuer)?.domain;
  return [{ fact: isOwn ? 'closing' : 'offer', ...closing }];
};

export const judgeAcceptance: Judge = (history, sent, json) => {
  const { issuer } = take(object({ issuer: creditCode }), json);
  must(closingOf(history, issuer) === undefined);
  const { at, successor, time } = given(last(history, 'offer', (fact) => fact.issuer === issuer));
  must(successor !== null && seconds(sent.time) - seconds(time) < 30 * day);
  mustAdministerBody(history, successor, sent);
  must(closingOf(history, successor) === undefined);
  return [{ fact: 'closing', issuer, at: seconds(at) > seconds(sent.time) ? at : sent.time, successor }];
};

const voucher = object({ key: keyId, signature: text });

export const judgeKey: Judge = (history, sent, json, signatures) => {
  const shape = {
    possession: text,
    signature: text,
    from: instant,
    until: orNull(instant),
    vouchedBy: orNull(voucher),
  };
  const { possession, signature, from, until, vouchedBy } = take(object(shape), json);
  must(isWindow({ from, until }));
  const { by, said } = given(signatures.find(possession, signature));
  must(said.says === 'possession' && said.key === by && said.channel === 'certs');
  const { issuer, use, key, time } = said;
  mustAdministerBody(history, issuer, sent);
  must(!isClosed(history, issuer, sent.time) && keyWindow(history, key) === undefined);
  must(Math.abs(seconds(time) - seconds(sent.time)) <= 600);
  if (vouchedBy === null) mustNotPrecede(from, sent, day);
  else {
    mustNotPrecede(from, sent, -600);
    must(maySign(history, vouchedBy.key, issuer, undefined, sent.time));
    must(signatures.find(possession, vouchedBy.signature)?.by === vouchedBy.key);
  }
  return [{ fact: 'key', key, issuer, use, voucher: vouchedBy?.key, from, until }];
};

export const judgeRetirement: Judge = (history, sent, json) => {
  const { key, until } = take(object({ key: keyId, until: instant }), json);
  mustAdministerBody(history, given(last(history, 'key', (fact) => fact.key === key)).issuer, sent);
  mustShorten(until, given(keyWindow(history, key))[1], sent);
  return [{ fact: 'key-end', key, until }];
};

/** The first word on a key is its domain's, and of the last thirty days. */
function reported(recorded: string | undefined, from: string, sent: Sent): void {
  const ago = seconds(sent.time) - seconds(from);
  must(recorded === undefined && ago >= 0 && ago <= 30 * day);
}

export const judgeCompromise: Judge = (history, sent, json) => {
  const { key, from } = take(object({ key: keyId, from: instant }), json);
  mustAdministerBody(history, given(last(history, 'key', (fact) => fact.key === key)).issuer, sent);
  reported(compromiseOf(history, key), from, sent);
  return [{ fact: 'compromise', key, from }];
};

export const judgeListKey: Judge = (history, sent, json) => {
  const shape = { domain: region, kid: text, jwk: anything, from: instant, until: orNull(instant) };
  const { domain, kid, jwk, from, until } = take(object(shape), json);
  must(isWindow({ from, until }) && listPairs.some((pair) => pair.kid === kid && isSame(pair.jwk, jwk)));
  mustAdminister(history, domain, sent);
  mustNotPrecede(from, sent, -600);
  must(keyWindow(history, kid) === undefined);
  return [{ fact: 'list-key', key: kid, domain, from, until }];
};

const listKeyDomain = (history: Parameters<Judge>[0], kid: string) =>
  given(last(history, 'list-key', (fact) => fact.key === kid)).domain;

export const judgeListKeyRetirement: Judge = (history, sent, json) => {
  const { kid, until } = take(object({ kid: text, until: instant }), json);
  mustAdminister(history, listKeyDomain(history, kid), sent);
  mustShorten(until, given(keyWindow(history, kid))[1], sent);
  return [{ fact: 'key-end', key: kid, until }];
};

export const judgeListKeyCompromise: Judge = (history, sent, json) => {
  const { kid, from } = take(object({ kid: text, from: instant }), json);
  mustAdminister(history, listKeyDomain(history, kid), sent);
  reported(compromiseOf(history, kid), from, sent);
  return [{ fact: 'compromise', key: kid, from }];
};

/** Whether a place lies in a region whose code may end in noughts. */
function isInside(place: string, outer: string): boolean {
  const digits = outer.endsWith('0000') ? 2 : outer.endsWith('00') ? 4 : 6;
  return place.slice(0, digits) === outer.slice(0, digits);
}

export const judgeEntitlement: Judge = (history, sent, json): readonly Happening[] => {
  const shape = { issuer: creditCode, type: slug, region, from: instant, until: orNull(instant) };
  const input = take(object(shape), json);
  const { issuer, type } = input;
  const body = given(issuerFact(history, issuer));
  must(isWindow(input));
  mustAdminister(history, body.domain, sent);
  must(!isClosed(history, issuer, sent.time));
  must(history.some((fact) => fact.fact === 'type' && fact.definition.type === type));
  must(isInside(input.region, body.region) && domainAround(history, input.region) === body.domain);
  const slots = slotsOf(history, issuer, type);
  const newest = slots.at(-1);
  must(slots.length < 64);
  must(!newest || (newest.until !== null && seconds(newest.until) <= seconds(input.from)));
  return [{ fact: 'entitlement', ...input }];
};

export const judgeEntitlementEnd: Judge = (history, sent, json) => {
  const input = take(object({ issuer: creditCode, type: slug, until: instant }), json);
  mustAdministerBody(history, input.issuer, sent);
  mustShorten(input.until, given(slotsOf(history, input.issuer, input.type).at(-1)).until, sent);
  return [{ fact: 'entitlement-end', ...input }];
};
