/** The model's rules on recognition agreements. */
import type { Json } from '@yinxin/core';
import { all, type History, seconds } from './facts.ts';
import {
  given,
  isWindow,
  type Judge,
  must,
  mustAdminister,
  mustNotPrecede,
  mustShorten,
  type Sent,
  take,
} from './judging.ts';
import { type Agreed, agreementNow, domainNow, isResting } from './questions.ts';
import { code, instant, list, object, orNull, phone, region, slug, words } from './shapes.ts';

const rises = (items: readonly string[]) =>
  items.length > 0 && items.every((item, at) => at === 0 || String(items[at - 1]) < item);

export const judgeAgreement: Judge = (history, sent, json) => {
  const party = object({ domain: region, office: words, phone });
  const input = take(
    object({
      agreement: code,
      name: words,
      parties: list(party),
      types: list(slug),
      matters: orNull(list(code)),
      from: instant,
      until: orNull(instant),
      domain: region,
    }),
    json,
  );
  const { agreement, types, matters, from, until, domain } = input;
  const parties = input.parties.map((one) => one.domain);
  must(isWindow(input) && parties.length >= 2 && parties.length <= 64 && rises(parties));
  must(rises(types) && (matters === null || rises(matters)) && parties.includes(domain));
  mustAdminister(history, domain, sent);
  must(agreementNow(history, agreement) === undefined);
  must(parties.every((one) => domainNow(history, one) !== undefined));
  must(types.every((type) => history.some((fact) => fact.fact === 'type' && fact.definition.type === type)));
  must((matters ?? []).every((matter) => history.some((fact) => fact.fact === 'matter' && fact.matter === matter)));
  if (until !== null) mustNotPrecede(until, sent);
  return [
    { fact: 'agreement', terms: { agreement, parties, types, matters, from, until } },
    { fact: 'agreed', agreement, domain },
  ];
};

const partyShape = object({ agreement: code, domain: region });

/** An agreement that has not ended, named by an administrator of a party. */
function ongoing(
  history: History,
  sent: Sent,
  { agreement, domain }: { readonly agreement: string; readonly domain: string },
): Agreed {
  const now = given(agreementNow(history, agreement));
  must(now.terms.parties.includes(domain));
  mustAdminister(history, domain, sent);
  must(now.until === null || seconds(now.until) > seconds(sent.time));
  return now;
}

function named(
  history: History,
  sent: Sent,
  json: Json,
): { readonly agreement: string; readonly domain: string; readonly now: Agreed } {
  const input = take(partyShape, json);
  return { ...input, now: ongoing(history, sent, input) };
}

export const judgeApproval: Judge = (history, sent, json) => {
  const { agreement, domain, now } = named(history, sent, json);
  must(!now.approvers.includes(domain));
  return [{ fact: 'agreed', agreement, domain }];
};

export const judgeRest: Judge = (history, sent, json) => {
  const { agreement, domain } = named(history, sent, json);
  must(!isResting(history, agreement, domain));
  const own = all(history, 'rested', (fact) => fact.agreement === agreement && fact.domain === domain);
  must(own.length < 16);
  return [{ fact: 'rested', agreement, domain }];
};

export const judgeResumption: Judge = (history, sent, json) => {
  const { agreement, domain } = named(history, sent, json);
  must(isResting(history, agreement, domain));
  return [{ fact: 'resumed', agreement, domain }];
};

export const judgeAgreementEnd: Judge = (history, sent, json) => {
  const input = take(object({ agreement: code, domain: region, until: instant }), json);
  mustShorten(input.until, ongoing(history, sent, input).until, sent);
  return [{ fact: 'agreement-end', agreement: input.agreement, until: input.until }];
};
