/** Nine operators, three in each city: two that issue, each into a register of its own, and one that suspends what those have issued. */
import { setTimeout as delay } from 'node:timers/promises';
import { type BatchSummary, type CertificateType, formatIdentifier, type Identifier } from '@yinxin/core';
import { readCatalogue } from '../../gateway/demo/catalogue.ts';
import { inventValues } from '../../gateway/demo/values.ts';
import { certsFolder } from '../fixtures/gateway.ts';
import { Dice } from './dice.ts';
import type { Field, FieldCity } from './field.ts';
import { Lane, type Work } from './lane.ts';

/** Types, and of each the field that takes any text: there every row says which it is. */
export const registers = [
  { type: 'business-licence', markField: 'businessScope' },
  { type: 'food-business-licence', markField: 'businessItems' },
] as const;

const largestBatch = 4;
const patienceSeconds = 90;

interface Register {
  readonly city: FieldCity;
  readonly type: CertificateType;
  readonly markField: string;
}

function planBatch({ city, type, markField }: Register, dice: Dice, name: string): () => Work {
  let rows = 0;
  return () => {
    const marks = Array.from({ length: 1 + dice.below(largestBatch) }, () => {
      rows += 1;
      return `${name} ${rows}`;
    });
    const values = (mark: string, at: number) => {
      return { ...inventValues(type, city.domain, rows - marks.length + at), [markField]: mark };
    };
    const request = {
      issuer: city.issuer,
      type: type.type,
      rows: marks.map((mark, at) => ({ values: values(mark, at) })),
    };
    return { kind: 'batch', request, marks };
  };
}

/** Each certificate at most once. */
function planChange(city: FieldCity, issued: () => readonly Identifier[]): () => Work | undefined {
  let changes = 0;
  return () => {
    const identifier = issued()[changes];
    if (identifier === undefined) return undefined;
    changes += 1;
    const document = `示范〔2026〕${changes}号`;
    const change = { identifier, act: 'suspend', basis: 'penalty-law-9', document } as const;
    return { kind: 'change', request: { issuer: city.issuer, changes: [change] }, document };
  };
}

/** The first certificate of each acknowledged batch. */
function issuedBy({ asked }: Lane, typeCode: string): readonly Identifier[] {
  const summaries = asked.flatMap(({ work, answer }) =>
    work.kind === 'batch' && answer ? [answer as BatchSummary] : [],
  );
  return summaries.map(({ issuer, first: serial }) => formatIdentifier({ typeCode, issuer, serial, version: 1 }));
}

function toLanes(city: FieldCity, types: readonly CertificateType[], seed: string): readonly Lane[] {
  const issuing = registers.map(({ type: wanted, markField }) => {
    const type = types.find((one) => one.type === wanted);
    if (!type) throw new Error(`no ${wanted}`);
    const name = `${city.slug} ${wanted}`.replaceAll(' ', '-');
    const dice = new Dice(`${seed} ${name}`);
    return { type, lane: new Lane({ name, city, dice, plan: planBatch({ city, type, markField }, dice, name) }) };
  });
  const name = `${city.slug}-changes`;
  const issued = () => issuing.slice(0, 1).flatMap(({ lane, type }) => issuedBy(lane, type.code));
  const plan = planChange(city, issued);
  return [...issuing.map(({ lane }) => lane), new Lane({ name, city, dice: new Dice(`${seed} ${name}`), plan })];
}

/** Operators wait too long for an acknowledgement. */
export class NothingDone extends Error {
  constructor(lanes: readonly Lane[]) {
    super(`nothing is done any more: ${lanes.map(({ name }) => name).join(', ')}`);
  }
}

export class Workload {
  readonly lanes: readonly Lane[];

  constructor(lanes: readonly Lane[]) {
    this.lanes = lanes;
  }

  static async create({ cities }: Field, seed: string): Promise<Workload> {
    const { types } = await readCatalogue(certsFolder);
    return new Workload(cities.flatMap((city) => toLanes(city, types, seed)));
  }

  start(): void {
    for (const lane of this.lanes) lane.start();
  }

  /** When nothing is under way any more. @throws what an operator must never be told */
  async stop(): Promise<void> {
    const ends = await Promise.allSettled(this.lanes.map((lane) => lane.stop()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Until each of these lanes was acknowledged something that was begun after `moment`. @returns seconds since then. @throws NothingDone */
  async haveDone(lanes: readonly Lane[], moment: number, seconds = patienceSeconds): Promise<number> {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const behind = lanes.filter((lane) => !lane.hasDoneSince(moment));
      for (const { failure } of this.lanes) if (failure !== undefined) throw failure;
      if (behind.length === 0) return (performance.now() - moment) / 1000;
      if (performance.now() > end) throw new NothingDone(behind);
      await delay(20);
    }
  }

  /** What operators were told since this was last asked, most often first. */
  takeTold(): string {
    const sums = new Map<string, number>();
    for (const lane of this.lanes) {
      for (const [code, count] of lane.takeTold()) sums.set(code, (sums.get(code) ?? 0) + count);
    }
    const sorted = [...sums].sort(([, a], [, b]) => b - a);
    return sorted.map(([code, count]) => `${code} ${count}`).join(', ');
  }
}
