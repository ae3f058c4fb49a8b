/** While nothing is asked for: whether the ledger holds what was acknowledged, once each and nothing by halves, and whether everyone agrees on it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchAnswer, BatchSummary, HistoryAnswer, Json, StatusChangeAnswer } from '@yinxin/core';
import { expect } from 'chai';
import { member } from '../fixtures/api.ts';
import type { Field, FieldCity } from './field.ts';
import type { Asked, Lane } from './lane.ts';
import { readOrdererHeights } from './leader.ts';
import { readChainEnd, readLastEntry } from './peers.ts';
import { registers, type Workload } from './workload.ts';

const patienceMilliseconds = 60_000;

/** A batch as the ledger has it: which rows, where. */
interface FoundBatch {
  readonly marks: readonly string[];
  readonly batch: BatchAnswer;
}

export interface Count {
  readonly blocks: number;
  readonly certificates: number;
  readonly changes: number;
  /** Given up by who asked: on the ledger all the same, or not. */
  readonly givenUp: { readonly there: number; readonly absent: number };
}

/** Asks until it is so. @throws what was wrong at last */
async function eventually(isSo: () => Promise<void>): Promise<void> {
  const end = performance.now() + patienceMilliseconds;
  for (;;) {
    try {
      return await isSo();
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(100);
    }
  }
}

export class Audit {
  readonly #field: Field;
  readonly #workload: Workload;
  /** By register, in the order of entries. */
  readonly #found = new Map<string, FoundBatch[]>();
  /** What was given up and can change no more: whether it is there. */
  readonly #fates = new Map<string, boolean>();
  /** When each city's gateway was started and had tried all that lay there. */
  readonly #settled = new Map<FieldCity, number>();
  /** Changes that were found once: histories only grow. */
  readonly #changed = new Set<string>();

  constructor(field: Field, workload: Workload) {
    this.#field = field;
    this.#workload = workload;
  }

  /** A gateway that has started on a whole network has nothing under way any more. */
  noteSettled(city: FieldCity): void {
    this.#settled.set(city, performance.now());
  }

  async run(): Promise<Count> {
    const blocks = await this.#everyoneAgrees();
    for (const city of this.#field.cities) {
      for (const { type, markField } of registers) await this.#readOn(city, type, markField);
    }
    let certificates = 0;
    const givenUp = { there: 0, absent: 0 };
    for (const lane of this.#workload.lanes) {
      const isThere = await this.#compare(lane);
      for (const asked of lane.asked) {
        if (asked.state === 'given up') givenUp[isThere(asked) ? 'there' : 'absent'] += 1;
        this.#requireFinal(lane, asked, isThere(asked));
      }
    }
    for (const batches of this.#found.values()) certificates += batches.flatMap(({ marks }) => marks).length;
    return { blocks, certificates, changes: this.#changed.size, givenUp };
  }

  /** Peers and orderers on their newest block; gateways on the same, on the state, and on how far a second city has seen it. */
  async #everyoneAgrees(): Promise<number> {
    const { network, cities } = this.#field;
    let height = 0;
    await eventually(async () => {
      const ends = await Promise.all(cities.map(({ organisation }) => readChainEnd(network, organisation)));
      const [first] = ends;
      for (const end of ends) expect(end, 'a peer').to.deep.equal(first);
      // one that has not caught up cannot help to replace the next leader that fails
      for (const orderer of await readOrdererHeights(network)) expect(orderer, 'an orderer').to.equal(first?.height);
      const known = await Promise.all(cities.map((city) => this.#askLedger(city)));
      for (const { digest, ...one } of known) {
        expect(one, 'a gateway').to.deep.equal({ ...first, confirmed: first?.height, voidCount: 0 });
        expect(digest, 'state digest').to.equal(known[0]?.digest);
      }
      height = first?.height ?? 0;
    });
    return height;
  }

  async #askLedger({ api, domain }: FieldCity) {
    const answer = await api.get('/v1/ledger', { token: await api.token(`admins/${domain}`, 'audit') });
    expect(answer.status, answer.text).to.equal(200);
    const of = (name: string): Json | undefined => member(answer, name);
    const [height, hash, digest] = [of('height'), of('hash'), of('stateDigest')];
    return { height, hash, digest, confirmed: of('confirmed'), voidCount: of('voidCount') };
  }

  /** From where it was left: batch after batch, until the register of every peer says that there is no more. */
  async #readOn(city: FieldCity, type: string, markField: string): Promise<void> {
    const { network, cities } = this.#field;
    const { api, issuer } = city;
    const lasts = await Promise.all(
      cities.map(({ organisation }) => readLastEntry(network, organisation, { issuer, type })),
    );
    const [last = 0] = lasts;
    expect(lasts, `${issuer} ${type}`).to.deep.equal(lasts.map(() => last));
    const known = this.#found.get(`${city.slug}-${type}`) ?? [];
    this.#found.set(`${city.slug}-${type}`, known);
    const token = await api.token(issuer);
    for (let first = (known.at(-1)?.batch.last ?? 0) + 1; first <= last; first = (known.at(-1)?.batch.last ?? 0) + 1) {
      const answer = await api.get(`/v1/batches/${issuer}.${type}.${first}`, { token });
      expect(answer.status, `entry ${first} of ${city.slug} ${type}: ${answer.text}`).to.equal(200);
      const batch = answer.json as unknown as BatchAnswer; // by its OpenAPI schema
      expect(batch.first).to.equal(first);
      expect(batch.certificates.map(({ body }) => body.entry)).to.deep.equal(
        batch.certificates.map((_, at) => first + at),
      );
      expect(batch.certificates.length).to.equal(batch.last - first + 1);
      known.push({ batch, marks: batch.certificates.map(({ fields }) => String(fields[markField])) });
      await this.#verifyElsewhere(city, batch);
    }
    expect(known.at(-1)?.batch.last ?? 0, `${city.slug} ${type}`).to.equal(last);
  }

  /** By the next city's gateway, which has the ledger's word alone. */
  async #verifyElsewhere(city: FieldCity, { certificates }: BatchAnswer): Promise<void> {
    const { cities } = this.#field;
    const other = cities[(cities.indexOf(city) + 1) % cities.length] ?? city;
    const file = certificates.at(-1);
    if (!file) throw new Error('an empty batch');
    const { holderToken: _, ...shown } = file;
    const answer = await other.api.post('/v1/verifications', { file: shown, domain: city.domain });
    expect(member(answer, 'verdict', 'reason'), answer.text).to.be.oneOf(['VALID', 'SUSPENDED']);
  }

  /** @returns tells whether what was asked is on the ledger; whole, since it throws otherwise */
  #compare(lane: Lane): Promise<(asked: Asked) => boolean> {
    return lane.name.endsWith('-changes') ? this.#compareChanges(lane) : this.#compareBatches(lane);
  }

  async #compareBatches(lane: Lane): Promise<(asked: Asked) => boolean> {
    const found = new Map<string, BatchAnswer>();
    for (const { marks, batch } of this.#found.get(lane.name) ?? []) {
      expect(found.has(marks.join()), `twice: ${marks}`).to.equal(false);
      found.set(marks.join(), batch);
    }
    const marksOf = ({ work }: Asked) => (work.kind === 'batch' ? work.marks.join() : '');
    const known = new Set(lane.asked.map(marksOf));
    for (const marks of found.keys()) expect(known, 'nobody asked for it').to.include(marks);
    for (const asked of lane.asked.filter(({ state }) => state === 'acknowledged')) {
      const batch = found.get(marksOf(asked));
      const { first, last, txId, block, id } = asked.answer as BatchSummary; // of a batch
      const place = batch && {
        first: batch.first,
        last: batch.last,
        txId: batch.txId,
        block: batch.block,
        id: batch.id,
      };
      expect(place, `acknowledged: ${marksOf(asked)}`).to.deep.equal({ first, last, txId, block, id });
    }
    return (asked) => found.has(marksOf(asked));
  }

  /** By the history that another city's gateway tells. */
  async #compareChanges(lane: Lane): Promise<(asked: Asked) => boolean> {
    const { cities } = this.#field;
    const { api, domain } = cities[(cities.indexOf(lane.city) + 2) % cities.length] ?? lane.city;
    const token = await api.token(`admins/${domain}`, 'audit');
    for (const asked of lane.asked.filter(({ key }) => !this.#changed.has(key))) {
      if (asked.work.kind !== 'change') continue;
      const { document, request } = asked.work;
      const answer = await api.get(`/v1/history/certificates/${request.changes[0]?.identifier ?? ''}`, { token });
      expect(answer.status, answer.text).to.equal(200);
      const { items } = answer.json as unknown as HistoryAnswer; // by its OpenAPI schema
      const changes = items.filter(({ event }) => event === 'status-changed');
      expect(changes.length, asked.key).to.be.at.most(1);
      for (const { change } of changes) expect(change?.document).to.equal(document);
      if (asked.state === 'acknowledged') {
        expect(changes[0]?.txId, asked.key).to.equal((asked.answer as StatusChangeAnswer).txId); // of a change
      }
      if (changes.length > 0) this.#changed.add(asked.key);
    }
    return ({ key }) => this.#changed.has(key);
  }

  /** What was given up may still be finished by what its lane asks next, or by the gateway’s next start; after that nothing moves it. */
  #requireFinal(lane: Lane, { key, state, ended }: Asked, isThere: boolean): void {
    if (state !== 'given up') return;
    const fate = this.#fates.get(key);
    if (fate !== undefined) expect(isThere, `${key} had been settled`).to.equal(fate);
    const settled = this.#settled.get(lane.city) ?? 0;
    if (lane.hasDoneSince(ended) || settled > ended) this.#fates.set(key, isThere);
  }
}
