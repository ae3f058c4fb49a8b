/** The read model over two ledgers with the same history: every answer must be the same, but for the numbers of blocks, which are translated. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatIdentifier, type Instant, type ProposalRow, parseIdentifier, parseRole } from '@yinxin/core';
import { expect } from 'chai';
import { openReadModel } from '../../../gateway/index/open.ts';
import type { EntryRef, ReadModel } from '../../../gateway/index/read-model.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import { channel } from '../../fixtures/network.ts';
import { bodies, domains, typePool } from '../../model/cast.ts';
import type { Places } from './differential-compare.ts';

const types = [...new Set(typePool.map(({ type }) => type))];
const registers = bodies.flatMap(({ issuer }) => types.map((type) => ({ issuer, type })));

const isRow = (item: unknown) => typeof item === 'object' && item !== null && 'kind' in item;

/** Numbers of the embedded ledger's blocks in Fabric's; senders by what the contract takes from their certificates. */
class Translation {
  readonly #blocks: ReadonlyMap<number, number>;

  constructor(places: readonly Places[]) {
    this.#blocks = new Map(places.map(({ embedded, fabric }) => [embedded, fabric]));
  }

  of(answer: unknown, isEmbedded: boolean): unknown {
    if (Array.isArray(answer)) return this.#list(answer, isEmbedded);
    if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) return answer;
    const members = Object.entries(answer).filter(([name]) => name !== 'height');
    return Object.fromEntries(
      members.map(([name, value]) => {
        if (name === 'block') return [name, isEmbedded ? this.#blocks.get(value as number) : value];
        if (name === 'caller') return [name, { ...value, id: parseRole((value as { id: string }).id) }];
        return [name, this.of(value, isEmbedded)];
      }),
    );
  }

  /** Rows that came in one block of Fabric's stand by their names, and came one after the other in the embedded ledger. */
  #list(items: readonly unknown[], isEmbedded: boolean): readonly unknown[] {
    const told = items.map((item) => this.of(item, isEmbedded));
    return told.every(isRow) ? told.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : told;
  }
}

/** Where two answers first differ, and how: short, where the answers are long. */
function findDifference(one: unknown, other: unknown, path = ''): string | undefined {
  const [text, otherText] = [JSON.stringify(one), JSON.stringify(other)];
  const isDeep = [one, other].every((value) => typeof value === 'object' && value !== null);
  if (!isDeep) return text === otherText ? undefined : `${path}: Fabric ${text}, embedded ${otherText}`;
  const [members, others] = [new Map(Object.entries(one as object)), new Map(Object.entries(other as object))];
  for (const name of new Set([...members.keys(), ...others.keys()])) {
    const found = findDifference(members.get(name), others.get(name), `${path}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The read model tells the newest fifty. Which those are among the proposals of one block is each ledger's own. */
const tellProposals = (rows: readonly ProposalRow[]) => (rows.length < 50 ? rows : rows.length);

interface Opened {
  readonly fabric: ReadModel;
  readonly embedded: ReadModel;
}

async function withReadModels(
  ledgers: { readonly [key in keyof Opened]: Ledger },
  now: Instant,
  run: (models: Opened) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'yinxin-index-'));
  const open = (name: keyof Opened) =>
    openReadModel({
      folder: join(folder, name),
      ledger: ledgers[name],
      channel,
      rules: networkRules,
      clock: () => now,
      heartbeatMilliseconds: 50,
    });
  const models = { fabric: await open('fabric'), embedded: await open('embedded') };
  try {
    // claims are dated by when all of the ledger was confirmed, which may be a moment after it was read
    for (const model of Object.values(models)) while (model.asOf() !== now) await wait(20);
    await run(models);
  } finally {
    await Promise.all([models.fabric.close(), models.embedded.close()]);
    await rm(folder, { recursive: true });
  }
}

/** Entries of a register, and one more than there are. */
const entriesOf = (model: ReadModel, { issuer, type }: Omit<EntryRef, 'entry'>): readonly EntryRef[] =>
  Array.from({ length: (model.register(issuer, type)?.last ?? 0) + 1 }, (_, at) => ({ issuer, type, entry: at + 1 }));

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** All that can be asked of a certificate. */
async function tellEntry(model: ReadModel, ref: EntryRef): Promise<unknown> {
  const code = typePool.find(({ type }) => type === ref.type)?.code ?? '';
  const identifier = (version: number) =>
    parseIdentifier(formatIdentifier({ typeCode: code, issuer: ref.issuer, serial: ref.entry, version }));
  return {
    knowledge: await model.knowledge(ref),
    history: await model.history(ref, 0, 50),
    batch: await model.batch(ref),
    named: await Promise.all([1, 2, 3].map((version) => model.findEntry(identifier(version)))),
  };
}

/** At some heights of Fabric's, and the heights of the embedded ledger that mean the same. */
function heightsOf(places: readonly Places[]): readonly Places[] {
  const last = places.filter(({ fabric }, at) => places[at + 1]?.fabric !== fabric);
  const step = Math.max(1, Math.floor(last.length / 12));
  return last
    .filter((_, at) => at % step === 0)
    .map(({ fabric, embedded }) => ({ fabric: fabric + 1, embedded: embedded + 1 }));
}

export interface Compared {
  readonly entries: number;
  readonly changed: number;
  readonly heights: number;
}

/** @returns how much there was to compare */
export async function compareIndexes(
  ledgers: { readonly [key in keyof Opened]: Ledger },
  places: readonly Places[],
  now: Instant,
): Promise<Compared> {
  const translation = new Translation(places);
  let [entries, changed, heights] = [0, 0, 0];
  await withReadModels(ledgers, now, async (models) => {
    const { fabric, embedded } = models;
    const same = async (about: string, ask: (model: ReadModel, at: keyof Opened) => unknown) => {
      const theirs = translation.of(await ask(fabric, 'fabric'), false);
      const own = translation.of(await ask(embedded, 'embedded'), true);
      expect(findDifference(theirs, own), about).to.equal(undefined);
    };
    expect(fabric.voids(), 'voids').to.deep.equal({ count: 0, newest: [] });
    expect(embedded.voids(), 'voids').to.deep.equal({ count: 0, newest: [] });
    await same('time', (model) => [model.time(), model.asOf()]);
    await same('proposals', (model) => tellProposals(model.proposals()));
    await same('agreements', (model) => model.agreements());
    await same('digest', async (model) => (await model.stateDigest()).digest);
    for (const { domain } of domains.slice(0, 3))
      await same(`trust of ${domain}`, (model) => model.trustClaims(domain));
    for (const height of heightsOf(places)) {
      await same(`trust at ${height.fabric}`, (model, at) => model.trustClaims('440300', height[at]));
      heights += 1;
    }
    for (const register of registers) {
      await same(`register ${register.type}`, (model) => model.register(register.issuer, register.type));
      await same(`statuses ${register.type}`, (model) => collect(model.statuses(register.issuer, register.type)));
      for (const ref of entriesOf(embedded, register)) {
        await same(JSON.stringify(ref), (model) => tellEntry(model, ref));
        entries += 1;
        changed += (await embedded.knowledge(ref)).changes.length;
      }
    }
  });
  return { entries, changed, heights };
}
