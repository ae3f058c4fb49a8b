/** The model's rules on anchoring and on changes of status. */
import type { StatusChange, Supersession } from '@yinxin/core';
import { all, day, type Happening, type History, last, seconds, within } from './facts.ts';
import { given, isSame, type Judge, must, type Sent, take } from './judging.ts';
import { descendants, goodAgainFrom, isFreeToLift, liftedBy } from './lines.ts';
import {
  batchesOf,
  changesOf,
  domainNow,
  isClosed,
  issuerFact,
  lastEntry,
  managerAt,
  maySign,
  slotsOf,
} from './questions.ts';
import { anything, count, list, object, text } from './shapes.ts';
import { decider, outcome, readings, statusAfter } from './statuses.ts';

const isNear = (one: string, other: string) => Math.abs(seconds(one) - seconds(other)) <= 600;

function mustSpeakFor(history: History, issuer: string, { caller }: Sent): void {
  must(given(domainNow(history, given(issuerFact(history, issuer)).domain)).msp === caller.msp);
}

function mustHaveVersion(history: History, type: string, version: number, sent: Sent): void {
  const versions = all(history, 'type', ({ definition }) => definition.type === type);
  const next = versions.find(({ definition }) => definition.version === version + 1);
  must(versions.some(({ definition }) => definition.version === version));
  must(!next || seconds(sent.time) - seconds(next.time) < 7 * day);
}

function superseded(
  history: History,
  {
    issuer,
    type,
    first,
    last: end,
  }: { readonly issuer: string; readonly type: string; readonly first: number; readonly last: number },
  items: readonly Supersession[],
  time: string,
): void {
  const rises = items.every(({ entry }, at) => at === 0 || Number(items[at - 1]?.entry) < entry);
  must(rises && new Set(items.map((item) => item.supersedes)).size === items.length);
  for (const { entry, supersedes } of items) {
    must(entry >= first && entry <= end && supersedes < first);
    const changes = changesOf(history, issuer, type, supersedes);
    must(readings(history, changes).every((reading) => ['ACTIVE', 'SUSPENDED'].includes(statusAfter(reading))));
    must(!changes.some(({ act }) => act === 'supersede') && seconds(time) >= goodAgainFrom(changes));
  }
}

export const judgeAnchor: Judge = (history, sent, json, signatures): readonly Happening[] => {
  const supersession = object({ entry: count, supersedes: count });
  const shape = { statement: text, signature: text, leaves: text, supersessions: list(supersession) };
  const input = take(object(shape), json);
  const { by, said } = given(signatures.find(input.statement, input.signature));
  must(said.says === 'anchor' && said.statement.key === by && said.leaves === input.leaves);
  must(isSame(said.supersessions, input.supersessions));
  const { channel, issuer, type, typeVersion: version, first, last: end, time, key } = said.statement;
  must(channel === 'certs' && isNear(time, sent.time));
  mustSpeakFor(history, issuer, sent);
  must(maySign(history, key, issuer, 'anchor', sent.time));
  must(seconds(given(issuerFact(history, issuer)).from) <= seconds(sent.time) && !isClosed(history, issuer, sent.time));
  must(slotsOf(history, issuer, type).some(({ from, until }) => within(sent.time, from, until)));
  mustHaveVersion(history, type, version, sent);
  must(first === lastEntry(history, issuer, type) + 1);
  const begun = history.find((fact) => fact.fact === 'entitlement' && fact.issuer === issuer && fact.type === type);
  const newest = batchesOf(history, issuer, type).at(-1) ?? given(begun);
  must(seconds(sent.time) >= seconds(newest.time));
  superseded(history, { issuer, type, first, last: end }, input.supersessions, time);
  return [
    { fact: 'batch', issuer, type, version, first, last: end, key },
    ...input.supersessions.map((item): Happening => {
      const before = changesOf(history, issuer, type, item.supersedes);
      return {
        fact: 'change',
        ...{ issuer, type, entry: item.supersedes, sequence: before.length + 1, from: statusAfter(before), key },
        ...{ to: 'SUPERSEDED', act: 'supersede', corrects: undefined, by: item.entry, effective: time },
      };
    }),
  ];
};

/** Times that a change must not come before: of what it lifts, of what it takes back, of when the certificate was good again. */
function mustFollow(change: StatusChange, reading: ReturnType<typeof changesOf>): void {
  const mistaken = reading.find(({ sequence }) => sequence === change.corrects);
  const lifted = change.act === 'resume' ? decider(reading) : mistaken;
  must(!lifted || seconds(change.effective) >= seconds(lifted.effective));
}

function changed(history: History, issuer: string, change: StatusChange, sent: Sent): void {
  const { type, entry, act } = change;
  must(slotsOf(history, issuer, type).length > 0);
  must(last(history, 'basis', ({ basis }) => basis === change.basis)?.acts.includes(act) === true);
  const changes = changesOf(history, issuer, type, entry);
  must(change.sequence === changes.length + 1);
  must(seconds(change.effective) - seconds(sent.time) <= 366 * day);
  const lawful = readings(history, changes).filter(
    (reading) => statusAfter(reading) === change.from && outcome(reading, act, change.corrects) === change.to,
  );
  must(lawful.length > 0);
  for (const reading of lawful) mustFollow(change, reading);
  if (act === 'suspend' || act === 'resume') must(seconds(change.effective) >= goodAgainFrom(changes));
  must(isFreeToLift(history, issuer, change));
}

export const judgeStatusChange: Judge = (history, sent, json, signatures): readonly Happening[] => {
  const shape = { statement: text, signature: text, changes: anything, batches: list(count) };
  const input = take(object(shape), json);
  const { by, said } = given(signatures.find(input.statement, input.signature));
  must(said.says === 'status' && said.statement.key === by && isSame(said.changes, input.changes));
  const { issuer, channel, time, key, count: counted } = said.statement;
  const { changes } = said;
  must(
    channel === 'certs' && isNear(time, sent.time) && counted === changes.length && input.batches.length === counted,
  );
  must(issuerFact(history, issuer) !== undefined);
  const manager = given(managerAt(history, issuer, sent.time));
  mustSpeakFor(history, manager, sent);
  must(maySign(history, key, manager, 'status', sent.time));
  const places = changes.map(({ type, entry }) => `${type} ${String(entry).padStart(9, '0')}`);
  must(places.every((place, at) => at === 0 || String(places[at - 1]) < place));
  for (const [at, { type, entry }] of changes.entries()) {
    const batch = given(batchesOf(history, issuer, type).find(({ first }) => first === input.batches[at]));
    must(entry >= batch.first && entry <= batch.last);
  }
  for (const change of changes) changed(history, issuer, change, sent);
  const needed = changes.flatMap((change) => {
    const { type, entry } = change;
    const isLift = liftedBy(changesOf(history, issuer, type, entry), { ...change, corrects: change.corrects });
    const later = isLift ? descendants(history, { issuer, type }, entry) : [];
    return later.map((one) => `${type} ${String(one).padStart(9, '0')}`);
  });
  must(new Set([...places, ...needed]).size === places.length + needed.length);
  return changes.map(({ type, entry, sequence, from, to, act, corrects, effective }) => ({
    fact: 'change',
    ...{ issuer, type, entry, sequence, from, to, act, corrects, by: undefined, effective, key },
  }));
};
