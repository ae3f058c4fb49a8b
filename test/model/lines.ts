/** Lines of reissues, told a second time from the facts: who follows whom, who rests, and whether two were ever in force at once. */
import type { StatusChange } from '@yinxin/core';
import { type Change, type FactOf, type History, seconds } from './facts.ts';
import { changesOf } from './questions.ts';
import { badness, decider, hasEnded, type Made, readings, standing } from './statuses.ts';

type Register = Pick<Change, 'issuer' | 'type'>;

const longest = 16;

const birthOf = (history: History, { issuer, type }: Register, entry: number): FactOf<'change'> | undefined =>
  history.find(
    (fact): fact is FactOf<'change'> =>
      fact.fact === 'change' && fact.issuer === issuer && fact.type === type && fact.by === entry,
  );

const reissueOf = (history: History, { issuer, type }: Register, entry: number): number | undefined =>
  changesOf(history, issuer, type, entry).find(({ act }) => act === 'supersede')?.by;

/** What a correction takes back, if that was an end or a supersession. */
export function liftedBy(
  changes: readonly Made[],
  { act, corrects }: Pick<Change, 'act' | 'corrects'>,
): Made | undefined {
  return act === 'correct' ? changes.find(({ sequence, to }) => sequence === corrects && badness(to) === 2) : undefined;
}

/** Every entry that this one goes back to, the nearest first. */
function ancestors(history: History, register: Register, entry: number): readonly number[] {
  const before = birthOf(history, register, entry)?.entry;
  return before === undefined ? [] : [before, ...ancestors(history, register, before)];
}

/** Every entry that goes back to this one, the nearest first. */
export function descendants(history: History, register: Register, entry: number): readonly number[] {
  const after = reissueOf(history, register, entry);
  return after === undefined ? [] : [after, ...descendants(history, register, after)];
}

/** Whether, since an entry took a place, anything before it was taken up again. */
export function isHaunted(history: History, register: Register, entry: number): boolean {
  const birth = birthOf(history, register, entry);
  const older = ancestors(history, register, entry);
  return history.slice(birth === undefined ? history.length : history.indexOf(birth)).some((fact) => {
    if (fact.fact !== 'change' || fact.issuer !== register.issuer || fact.type !== register.type) return false;
    const changes = changesOf(history, register.issuer, register.type, fact.entry);
    return older.includes(fact.entry) && liftedBy(changes, fact) !== undefined;
  });
}

/** The ones before it that may be in force again. */
function rivals(history: History, register: Register, entry: number): readonly number[] {
  const before = isHaunted(history, register, entry) ? birthOf(history, register, entry)?.entry : undefined;
  return before === undefined ? [] : [before, ...rivals(history, register, before)];
}

/** Whether nothing in its line stands in the way of a correction. */
export function isFreeToLift(history: History, issuer: string, change: StatusChange): boolean {
  const { type, entry, effective } = change;
  const register = { issuer, type };
  const mistaken = liftedBy(changesOf(history, issuer, type, entry), { ...change, corrects: change.corrects });
  if (!mistaken) return true;
  const [later, earlier] = [descendants(history, register, entry), rivals(history, register, entry)];
  const isResting = (other: number) =>
    readings(history, changesOf(history, issuer, type, other)).every((reading) => {
      const end = decider(reading);
      const isDown = end !== undefined && (mistaken.by === other ? hasEnded(end.to) : badness(end.to) === 2);
      return isDown && seconds(effective) >= seconds(end.effective);
    });
  return later.length <= longest && earlier.length <= longest && [...later, ...earlier].every(isResting);
}

/** When the certificate, ended before, was good again: after each end the earliest of its corrections, and of these the last. */
export function goodAgainFrom(changes: readonly Made[]): number {
  const times = changes.map(({ sequence, to }) => {
    const taken = changes.filter(({ corrects }) => badness(to) === 2 && corrects === sequence);
    return taken.length === 0
      ? Number.NEGATIVE_INFINITY
      : Math.min(...taken.map(({ effective }) => seconds(effective)));
  });
  return Math.max(Number.NEGATIVE_INFINITY, ...times);
}

/** Whether some reader, whichever of the changes that raise trust he distrusts, may take a certificate for unended at a time. */
function mayBeInForce(changes: readonly Made[], at: number): boolean {
  const doubtful = changes.filter(({ act }) => act === 'correct' || act === 'resume').slice(-8);
  return Array.from({ length: 2 ** doubtful.length }, (_, mask) => mask).some((mask) => {
    const counting = standing(changes, (change) => ((mask >> Math.max(0, doubtful.indexOf(change))) & 1) === 0);
    const last = decider(counting.filter(({ effective }) => seconds(effective) <= at));
    return last === undefined || badness(last.to) < 2;
  });
}

/** The entries of a certificate's line of which two may be in force at one time; undefined where all is well. */
export function findRivalry(history: History, register: Register, entry: number): readonly number[] | undefined {
  const { issuer, type } = register;
  const [oldest = entry] = ancestors(history, register, entry).slice(-1);
  const line = [oldest, ...descendants(history, register, oldest)];
  if (line.length === 1) return undefined;
  const all = line.map((one) => changesOf(history, issuer, type, one));
  const births: number[] = [];
  for (const one of line) {
    const birth = birthOf(history, register, one);
    births.push(Math.max(births.at(-1) ?? Number.NEGATIVE_INFINITY, birth ? seconds(birth.effective) : 0));
  }
  const times = [...new Set(all.flat().map(({ effective }) => seconds(effective)))];
  for (const at of times) {
    const inForce = line.filter((_, index) => at >= (births[index] ?? 0) && mayBeInForce(all[index] ?? [], at));
    if (inForce.length > 1) return inForce;
  }
  return undefined;
}
