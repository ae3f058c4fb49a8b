/** The model's rules on what needs a majority of the organisations. */
import type { Act, CertificateType, Json } from '@yinxin/core';
import { typePool } from './cast.ts';
import { all, day, type FactOf, type Happening, type History, last, seconds } from './facts.ts';
import { given, isSame, type Judge, must, mustBeOrganised, type Sent, take } from './judging.ts';
import { compromiseOf, domainNow, domainsNow, openProposals, organisations } from './questions.ts';
import { anything, code, instant, keyId, list, matching, object, region, text, words } from './shapes.ts';

const domainShape = object({
  domain: region,
  name: words,
  region: matching(/^[1-9][0-9]([0-9]{2}){0,2}$/),
  msp: matching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/),
});
const allActs: readonly string[] = [
  'suspend',
  'resume',
  'cancel',
  'revoke',
  'withdraw',
  'forfeit',
  'correct',
] satisfies readonly Act[];

/** Whether a version says of common fields, and of the answer no, what an earlier one said. */
function keepsMeaning(earlier: CertificateType, later: CertificateType): boolean {
  const meaning = (type: CertificateType, key: string) => {
    const field = type.fields.find((one) => one.key === key);
    return field && [field.kind, field.unit, field.longTermValue, field.tag];
  };
  const common = earlier.fields.filter(({ key }) => meaning(later, key) !== undefined);
  const values = (type: CertificateType, key: string) => type.fields.find((one) => one.key === key)?.enum ?? [];
  const saidNo = common.some(({ key }) => key === earlier.conclusion?.field)
    ? (earlier.conclusion?.negative ?? [])
    : [];
  return (
    earlier.code === later.code &&
    earlier.holder.kind === later.holder.kind &&
    common.every(({ key }) => isSame(meaning(earlier, key), meaning(later, key))) &&
    common.every(({ key }) => values(earlier, key).every((value) => values(later, key).includes(value))) &&
    saidNo.every(
      (value) => later.conclusion?.field === earlier.conclusion?.field && later.conclusion?.negative.includes(value),
    )
  );
}

function typeRegistered(history: History, json: Json): Happening {
  const { definition: given_ } = take(object({ definition: anything }), json);
  const definition = given(typePool.find((one) => isSame(one, given_)));
  const versions = all(history, 'type').map((fact) => fact.definition);
  const own = versions.filter(({ type }) => type === definition.type);
  must(definition.version === own.length + 1);
  must(!versions.some(({ type, code }) => code === definition.code && type !== definition.type));
  must(own.every((earlier) => keepsMeaning(earlier, definition)));
  return { fact: 'type', definition };
}

/** What carrying out an action now would do. */
function carryOut(history: History, action: string, json: Json, sent: Sent): Happening {
  if (action === 'registerDomain') {
    const input = take(domainShape, json);
    must(!domainNow(history, input.domain) && input.domain.startsWith(input.region));
    must(!domainsNow(history).some((other) => other.region === input.region));
    return { fact: 'domain', ...input };
  }
  if (action === 'amendDomain') {
    const input = take(domainShape, json);
    const now = given(domainNow(history, input.domain));
    must(now.region === input.region && !(isSame(now.name, input.name) && now.msp === input.msp));
    return { fact: 'domain', ...input };
  }
  if (action === 'registerBasis') {
    const pattern = /^[a-z]+(-([a-z]+|\d{1,4}))*$/;
    const input = take(object({ basis: matching(pattern), name: words, acts: list(text) }), json);
    const { acts, basis } = input;
    must(basis.length >= 2 && basis.length <= 64 && acts.length > 0);
    must(acts.every((act, at) => allActs.includes(act) && acts.indexOf(act) === at));
    const before = last(history, 'basis', (fact) => fact.basis === basis);
    must(!before || !isSame([before.name, [...before.acts].sort()], [input.name, [...acts].sort()]));
    return { fact: 'basis', ...input };
  }
  if (action === 'registerMatter') {
    const { matter } = take(object({ matter: code, name: words }), json);
    must(!history.some((fact) => fact.fact === 'matter' && fact.matter === matter));
    return { fact: 'matter', matter };
  }
  if (action === 'recordCompromise') {
    const { key, from } = take(object({ key: keyId, from: instant }), json);
    must(history.some((fact) => fact.fact === 'key' && fact.key === key));
    must(seconds(from) <= seconds(sent.time) && compromiseOf(history, key) !== from);
    return { fact: 'compromise', key, from };
  }
  must(action === 'registerType');
  return typeRegistered(history, json);
}

/** Whether an organisation's last word was an approval. */
export function approves(history: History, proposal: string, msp: string): boolean {
  const words_ = history
    .filter((fact) => fact.fact === 'approval' || fact.fact === 'disapproval')
    .filter((fact) => fact.proposal === proposal && fact.msp === msp);
  return words_.at(-1)?.fact === 'approval';
}

/** The adoption, when with one more approval more than half are for it. */
function adoption(
  history: History,
  fact: Pick<FactOf<'proposal'>, 'proposal' | 'action' | 'input'>,
  sent: Sent,
): readonly Happening[] {
  const { proposal, action, input } = fact;
  const votes = organisations(history).filter(
    (msp) => msp === sent.caller.msp || approves(history, proposal, msp),
  ).length;
  if (votes <= organisations(history).length / 2) return [];
  return [{ fact: 'proposal-end', proposal }, carryOut(history, action, input, sent)];
}

export const judgePropose: Judge = (history, sent, json) => {
  const { action, input } = take(object({ action: text, input: anything }), json);
  mustBeOrganised(history, sent);
  carryOut(history, action, input, sent);
  const proposal = { proposal: sent.txId, action, input };
  const { msp } = sent.caller;
  const adopted = adoption(history, proposal, sent);
  must(adopted.length > 0 || openProposals(history, msp).length < 16);
  return [{ fact: 'proposal', ...proposal, msp }, { fact: 'approval', proposal: sent.txId, msp }, ...adopted];
};

function openProposal(history: History, sent: Sent, json: Json): FactOf<'proposal'> {
  const { proposal } = take(object({ proposal: matching(/^[0-9a-f]{64}$/) }), json);
  mustBeOrganised(history, sent);
  const fact = given(last(history, 'proposal', (one) => one.proposal === proposal));
  must(!history.some((one) => one.fact === 'proposal-end' && one.proposal === proposal));
  return fact;
}

const isOver = ({ time }: FactOf<'proposal'>, sent: Sent) => seconds(sent.time) - seconds(time) >= 30 * day;

export const judgeApprove: Judge = (history, sent, json) => {
  const fact = openProposal(history, sent, json);
  must(!isOver(fact, sent) && !approves(history, fact.proposal, sent.caller.msp));
  return [{ fact: 'approval', proposal: fact.proposal, msp: sent.caller.msp }, ...adoption(history, fact, sent)];
};

export const judgeWithdraw: Judge = (history, sent, json) => {
  const { proposal, msp, ...fact } = openProposal(history, sent, json);
  must(!isOver({ proposal, msp, ...fact }, sent));
  if (msp === sent.caller.msp) return [{ fact: 'proposal-end', proposal }];
  must(approves(history, proposal, sent.caller.msp));
  return [{ fact: 'disapproval', proposal, msp: sent.caller.msp }];
};

export const judgeExpire: Judge = (history, sent, json) => {
  const fact = openProposal(history, sent, json);
  must(isOver(fact, sent));
  return [{ fact: 'proposal-end', proposal: fact.proposal }];
};
