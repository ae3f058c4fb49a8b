/** Lawful transactions with something changed: the sender, the time, or a member of the JSON. */
import type { Json } from '@yinxin/core';
import { bodies, domains, keys, listPairs, organisationNames, plus } from './cast.ts';
import { day } from './facts.ts';
import type { Sent } from './judging.ts';
import { transactionNames } from './oracle.ts';
import type { Random } from './random.ts';

type Path = readonly (string | number)[];

/** Every place in the JSON. Type definitions are one piece: whether one is well formed is not the model's to say. */
function places(json: Json, path: Path = []): readonly Path[] {
  if (typeof json !== 'object' || json === null || path.at(-1) === 'definition') return [path];
  const inner = Object.entries(json).flatMap(([name, item]) =>
    places(item as Json, [...path, Array.isArray(json) ? Number(name) : name]),
  );
  return [path, ...inner];
}

function replace(json: Json, [name, ...rest]: Path, change: (old: Json) => Json | undefined): Json | undefined {
  if (name === undefined) return change(json);
  if (Array.isArray(json)) {
    return json.flatMap((item: Json, at): readonly Json[] => {
      const made = at === name ? replace(item, rest, change) : item;
      return made === undefined ? [] : [made];
    });
  }
  const entries = Object.entries(json as { readonly [key: string]: Json }).flatMap(([key, item]) => {
    const made = key === name ? replace(item, rest, change) : item;
    return made === undefined ? [] : [[key, made] as const];
  });
  return Object.fromEntries(entries);
}

const texts = [
  ...domains.flatMap(({ domain, region, msp }) => [domain, region, msp]),
  ...bodies.map(({ issuer }) => issuer),
  ...keys.slice(0, 8).map(({ row }) => row.key),
  ...listPairs.map(({ kid }) => kid),
  ...[
    'business-licence',
    'hygiene-licence',
    'licence-law-69',
    'company-opening',
    '510603',
    '',
    '长期',
    'ab'.repeat(32),
  ],
  ...[
    'registerDomain',
    'amendDomain',
    'recordCompromise',
    'registerMatter',
    '2026-02-30T00:00:00Z',
    '2020-01-01T00:00:00Z',
  ],
];

function changeText(random: Random, text: string): Json | undefined {
  const at = random.below(text.length + 1);
  const isTime = /^\d{4}-.*Z$/.test(text);
  return random.pick<() => Json | undefined>([
    () => random.pick(texts),
    () => random.pick(texts),
    () => (isTime ? plus(text, random.pick([1, -1, day, -day, 40 * day, -40 * day, -700, 700])) : text.toUpperCase()),
    () => text.slice(0, at) + random.pick([...'A0a1-/ ']) + text.slice(at + 1),
    () => text.slice(0, at) + text.slice(at + 1),
    () => `${text}${random.pick(['', ' ', '0', '=', '\n'])}`,
    () => null,
    () => 7,
    () => [text],
    () => undefined,
  ])();
}

function changeNumber(random: Random, number: number): Json | undefined {
  return random.pick<Json | undefined>([number + 1, number - 1, 0, -1, 1_000_000, String(number), null, undefined]);
}

function changeList(random: Random, items: readonly Json[]): Json | undefined {
  return random.pick<() => Json | undefined>([
    () => [],
    () => items.slice(1),
    () => [...items, ...items.slice(0, 1)],
    () => [...items].reverse(),
    () => null,
    () => ({ ...items }),
    () => undefined,
  ])();
}

function changeValue(random: Random, old: Json): Json | undefined {
  if (typeof old === 'string') return changeText(random, old);
  if (typeof old === 'number') return changeNumber(random, old);
  if (Array.isArray(old)) return changeList(random, old);
  if (old === null || typeof old === 'boolean')
    return random.pick<Json | undefined>([
      random.pick(texts),
      plus('2027-01-01T00:00:00Z', random.below(900) * day),
      {},
      0,
      undefined,
    ]);
  return random.pick<Json | undefined>([{ ...old, extra: 1 }, { ...old, kind: 'domain' }, null, [old], {}]);
}

function changeInput(random: Random, sent: Sent): Sent {
  const json = JSON.parse(sent.input) as Json;
  const made = replace(json, random.pick(places(json)), (old) => changeValue(random, old));
  return { ...sent, input: JSON.stringify(made ?? null) };
}

const roles = ['admin', 'client', 'peer', 'member', 'orderer'] as const;

/** The same transaction, changed once or twice. */
export function mutate(random: Random, sent: Sent): Sent {
  const changes: readonly (() => Sent)[] = [
    () => ({ ...sent, caller: { ...sent.caller, msp: random.pick(organisationNames) } }),
    () => ({ ...sent, caller: { ...sent.caller, role: random.pick(roles.slice(0, 4)) as Sent['caller']['role'] } }),
    () => ({ ...sent, time: plus(sent.time, random.pick([1, -1, 600, -600, 601, -601, day, -day, 40 * day])) }),
    () => {
      const by = random.pick([600, day, 8 * day, 31 * day, 400 * day, -day, -31 * day]);
      return { ...sent, time: plus(sent.time, by), clock: plus(sent.clock, by) };
    },
    () => ({ ...sent, name: random.pick(transactionNames) }),
    ...Array.from({ length: 11 }, () => () => changeInput(random, sent)),
  ];
  const once = random.pick(changes)();
  return random.chance(0.15) ? mutate(random, once) : once;
}
