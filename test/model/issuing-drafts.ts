/** Random batches and changes of status. */
import { type Act, acts, digestChanges, type Instant, type Status, type StatusChange } from '@yinxin/core';
import { channel, makeAnchorInput, makeLeaves, makeStatusInput } from '../fixtures/network.ts';
import { bodies, keys, plus } from './cast.ts';
import { all, day, type History, last } from './facts.ts';
import type { Draft, Pen } from './pen.ts';
import { batchesOf, changesOf, isClosed, lastEntry, managerAt, maySign } from './questions.ts';
import { decider, outcome, readings, statusAfter } from './statuses.ts';

const allActs: readonly Act[] = acts;
const statuses: readonly Status[] = ['ACTIVE', 'SUSPENDED', 'SUPERSEDED', 'REVOKED', 'CANCELLED'];

export class IssuingDrafts {
  readonly #pen: Pen;

  constructor(pen: Pen) {
    this.#pen = pen;
  }

  anchor(history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const able = bodies.filter(
      ({ issuer }) =>
        !isClosed(history, issuer, time) && keys.some(({ row }) => maySign(history, row.key, issuer, 'anchor', time)),
    );
    const body = random.chance(0.9) && able.length > 0 ? random.pick(able) : pen.body(history);
    const { issuer } = body;
    const entitled = all(history, 'entitlement', (fact) => fact.issuer === issuer).map(({ type }) => type);
    const type = (random.chance(0.9) ? random.pickAny(entitled) : undefined) ?? pen.type(history);
    const newest = lastEntry(history, issuer, type);
    const first = newest + (random.chance(0.95) ? 1 : random.pick([0.5, 2]) * 2);
    const leaves = makeLeaves(1 + random.below(3), `${random.below(9)}`);
    const corrected = all(history, 'change', (fact) => fact.issuer === issuer && fact.type === type).filter(
      ({ act }) => act === 'correct',
    );
    const supersedes =
      (random.chance(0.5) ? random.pickAny(corrected)?.entry : undefined) ??
      1 + random.below(Math.max(1, newest + (random.chance(0.1) ? 2 : 0)));
    const supersessions = newest > 0 && random.chance(0.3) ? [{ entry: first, supersedes }] : [];
    const key = pen.key(history, issuer, 'anchor', time);
    const versions = all(history, 'type', ({ definition }) => definition.type === type).length;
    const typeVersion = Math.max(1, random.chance(0.8) ? versions : versions + random.pick([-1, -1, 1]));
    const stated = plus(time, random.pick([0, 0, 0, 0, -600, 600, 601]));
    const statement = { typeVersion, ...(random.chance(0.02) && { channel: 'other' }) };
    const input = makeAnchorInput(body, { first, time: stated, type, leaves, supersessions, statement, key });
    const said = {
      format: 'yinxin-anchor/1',
      ...{ channel, issuer, type, typeVersion, first, last: first + leaves.length - 1 },
      ...{ root: '', supersedes: null, time: stated, key: key.row.key, ...statement },
    } as const;
    pen.signatures.note(input.statement, input.signature, {
      by: key.row.key,
      said: { says: 'anchor', statement: said, leaves: input.leaves, supersessions },
    });
    return { input, domain: pen.domainOf(history, issuer), role: 'client' };
  }

  change(history: History, time: Instant): Draft {
    const pen = this.#pen;
    const { random } = pen;
    const isManaged = (issuer: string) => {
      const manager = managerAt(history, issuer, time);
      return keys.some(({ row }) => manager !== undefined && maySign(history, row.key, manager, 'status', time));
    };
    const managed = all(history, 'batch', ({ issuer }) => isManaged(issuer));
    const register = random.pickAny(managed.length > 0 ? managed : all(history, 'batch'));
    const body = bodies.find(({ issuer }) => issuer === register?.issuer) ?? random.pick(bodies);
    const { issuer } = body;
    const type = register?.type ?? 'business-licence';
    const changed = all(history, 'change', (fact) => fact.issuer === issuer && fact.type === type).map(
      ({ entry }) => entry,
    );
    const newest = Math.max(1, lastEntry(history, issuer, type));
    const reissues = all(history, 'change', (fact) => fact.issuer === issuer && fact.type === type).flatMap(
      ({ entry, by }) => (by === undefined ? [] : [entry, by]),
    );
    const wanted = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () =>
      random.chance(0.4) && reissues.length > 0
        ? random.pick(reissues)
        : random.chance(0.75)
          ? (random.pickAny(changed) ?? 1)
          : 1 + random.below(newest + (random.chance(0.05) ? 1 : 0)),
    );
    const entries = [...new Set(wanted)].sort((a, b) => a - b);
    const changes = entries.map((entry) => this.#step(history, { issuer, type, entry }, time));
    const batches = entries.map(
      (entry) => batchesOf(history, issuer, type).find((one) => one.first <= entry && entry <= one.last)?.first ?? 1,
    );
    const manager = random.chance(0.95) ? managerAt(history, issuer, time) : issuer;
    const key = pen.key(history, manager, 'status', time);
    const stated = plus(time, random.pick([0, 0, 0, 0, 0, 600, -601]));
    const count = random.chance(0.98) ? changes.length : changes.length + 1;
    const input = makeStatusInput(body, changes, { time: stated, batches, key, statement: { count } });
    const statement = {
      format: 'yinxin-status/1',
      ...{ channel, issuer, count, changes: digestChanges(changes), time: stated, key: key.row.key },
    } as const;
    pen.signatures.note(input.statement, input.signature, {
      by: key.row.key,
      said: { says: 'status', statement, changes },
    });
    return { input, domain: pen.domainOf(history, manager ?? issuer), role: 'client' };
  }

  #step(
    history: History,
    place: { readonly issuer: string; readonly type: string; readonly entry: number },
    time: Instant,
  ): StatusChange {
    const pen = this.#pen;
    const { random } = pen;
    const { issuer, type, entry } = place;
    const changes = changesOf(history, issuer, type, entry);
    const reading = random.pick(readings(history, changes));
    const from = random.chance(0.97) ? statusAfter(reading) : random.pick(statuses);
    const newest = last(changes, 'change');
    const deciding = random.chance(0.5) ? decider(reading)?.sequence : undefined;
    const corrects = deciding ?? 1 + random.below(Math.max(1, changes.length));
    const lawful = allActs.filter((act) => outcome(reading, act, corrects) !== undefined);
    const act = (random.chance(0.93) ? random.pickAny(lawful) : undefined) ?? random.pick(allActs);
    const sequence = changes.length + (random.chance(0.97) ? 1 : random.below(3));
    const effectives = [
      time,
      time,
      time,
      plus(time, -random.below(100 * day)),
      plus(time, random.below(60 * day)),
      plus(time, random.pick([1, 367]) * day),
    ];
    return {
      ...{
        type,
        entry,
        sequence: Math.max(1, sequence),
        from,
        to: outcome(reading, act, corrects) ?? random.pick(statuses),
        act,
      },
      basis: random.chance(0.95) ? 'licence-law-69' : random.pick(['licence-law-70', 'licence-law-8']),
      document: '示范〔2026〕1号',
      effective: newest && random.chance(0.4) ? newest.effective : random.pick(effectives),
      ...(act === 'correct' && { corrects }),
    };
  }
}
