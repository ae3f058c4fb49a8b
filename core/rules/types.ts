/** Certificate types in versions. A new version may add, retire or re-mask fields, and never changes what a field of an earlier one means. */
import { parseType } from '../catalogue.ts';
import { YinxinError } from '../errors.ts';
import { canonicalBytes } from '../jcs.ts';
import type { RegisterTypeInput } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { CertificateType, Field, Instant, Json } from '../model.ts';
import { epochSeconds } from '../time.ts';
import { invalid, requireAbsent } from './common.ts';
import { rowKeys } from './rows.ts';
import type { Action, RuleContext, View } from './rule.ts';

/** How long batches of a version may still be anchored once the next one is there. */
const changeoverSeconds = 7 * 86_400;

/** Of its canonical JSON. Every reader of the network holds all versions of all types. */
const maxDefinitionBytes = 65_536;

/** @throws YinxinError LIMIT_REACHED */
function requireSmall(definition: CertificateType): void {
  const { length } = canonicalBytes(definition as unknown as Json); // a parsed type is JSON; interfaces merely lack the index signature
  if (length > maxDefinitionBytes) {
    throw new YinxinError('LIMIT_REACHED', { member: 'type.definition', max: maxDefinitionBytes });
  }
}

const changed = (member: string) => new YinxinError('TYPE_MEANING_CHANGED', { member });

/** @throws YinxinError TYPE_MEANING_CHANGED */
function requireSameField(earlier: Field, field: Field): void {
  for (const member of ['kind', 'unit', 'longTermValue', 'tag'] as const) {
    if (earlier[member] !== field[member]) throw changed(`fields.${field.key}.${member}`);
  }
  const isKept = (earlier.enum ?? []).every((value) => field.enum?.includes(value));
  if (!isKept) throw changed(`fields.${field.key}.enum`);
}

/** What said no goes on saying no, for as long as the field is there. @throws YinxinError TYPE_MEANING_CHANGED */
function requireSameConclusion({ conclusion }: CertificateType, { fields, conclusion: next }: CertificateType): void {
  if (!conclusion || !fields.some(({ key }) => key === conclusion.field)) return;
  const isKept =
    next?.field === conclusion.field && conclusion.negative.every((value) => next.negative.includes(value));
  if (!isKept) throw changed('conclusion');
}

/** @throws YinxinError TYPE_MEANING_CHANGED */
function requireSameMeaning(earlier: CertificateType, definition: CertificateType): void {
  if (earlier.code !== definition.code) throw changed('code');
  if (earlier.holder.kind !== definition.holder.kind) throw changed('holder.kind');
  for (const field of definition.fields) {
    const before = earlier.fields.find(({ key }) => key === field.key);
    if (before) requireSameField(before, field);
  }
  requireSameConclusion(earlier, definition);
}

/** A new type, or the next version of one; none is ever overwritten. Rows refuse with ALREADY_EXISTS, INPUT_INVALID, TYPE_MEANING_CHANGED. */
export const typeRegistration: Action<RegisterTypeInput> = {
  parse(json) {
    const read = memberReader(json, 'type', 'INPUT_INVALID', ['definition']);
    const definition = parseType(read.value('definition'));
    requireSmall(definition);
    return { definition };
  },
  needs: () => ({ keys: [], kinds: ['type'] }),
  rows(view, { definition }, { time }) {
    const { type, version, code } = definition;
    requireAbsent(view, rowKeys.type(type, version));
    const known = view.all('type').map((row) => row.definition);
    if (known.some((other) => other.code === code && other.type !== type)) {
      throw new YinxinError('ALREADY_EXISTS', { kind: 'type', code });
    }
    const earlier = known.filter((other) => other.type === type);
    if (version !== earlier.length + 1) throw invalid('definition.version', `not ${earlier.length + 1}`);
    for (const one of earlier) requireSameMeaning(one, definition);
    return [{ kind: 'type', definition, from: time }];
  },
};

const ageSeconds = (since: Instant, { time }: RuleContext) => epochSeconds(time) - epochSeconds(since);

/** That a version is there and not long replaced. Reads it and the next one. @throws YinxinError TYPE_UNKNOWN, TYPE_VERSION_ENDED */
export function requireTypeVersion(view: View, type: string, version: number, context: RuleContext): void {
  if (!view.get(rowKeys.type(type, version))) throw new YinxinError('TYPE_UNKNOWN', { type, version });
  const next = view.get(rowKeys.type(type, version + 1));
  if (next && ageSeconds(next.from, context) >= changeoverSeconds) {
    throw new YinxinError('TYPE_VERSION_ENDED', { type, version, next: next.from });
  }
}
