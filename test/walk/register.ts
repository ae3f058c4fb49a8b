/** What a register holds: asked of the gateway while it runs, and counted over the ledger's blocks when it does not. */
import { join } from 'node:path';
import { formatIdentifier, isJsonObject, type Json, parseAnchorStatement, toInstant } from '@yinxin/core';
import { openEmbeddedLedger } from '../../gateway/ledger/embedded/ledger.ts';
import { type Api, apiOf } from '../fixtures/api.ts';

export interface Register {
  readonly issuer: string;
  readonly type: string;
  readonly typeCode: string;
}

/** Asked as the body's operator, who may read each certificate. */
export class RegisterReader {
  readonly #register: Register;
  readonly #api: Api;
  #token: string | undefined;

  constructor(register: Register, place: { readonly url: string; readonly home: string }) {
    this.#register = register;
    this.#api = apiOf(place);
  }

  /** Whether an entry is there. */
  async has(entry: number): Promise<boolean> {
    const { issuer, typeCode } = this.#register;
    const identifier = formatIdentifier({ typeCode, issuer, serial: entry, version: 1 });
    for (let tries = 0; ; tries += 1) {
      this.#token ??= await this.#api.token(issuer);
      const answer = await this.#api.get(`/v1/certificates/${identifier}`, { token: this.#token });
      if (answer.status === 200 || answer.status === 404) return answer.status === 200;
      if (answer.status !== 401 || tries > 0) throw new Error(`the gateway answers ${answer.status}: ${answer.text}`);
      this.#token = undefined; // one that started again knows no token of before
    }
  }

  /** Its last entry, 0 where there is none: found by doubling and halving. */
  async last(): Promise<number> {
    let above = 1;
    while (await this.has(above)) above *= 2;
    let there = Math.floor(above / 2);
    while (above - there > 1) {
      const middle = Math.floor((there + above) / 2);
      if (await this.has(middle)) there = middle;
      else above = middle;
    }
    return there;
  }
}

export interface Count {
  readonly blocks: number;
  /** Valid batches of the register. */
  readonly batches: number;
  readonly certificates: number;
  readonly last: number;
  /** Entries that no batch has, and entries that two have. */
  readonly missing: number;
  readonly twice: number;
}

const leafBytes = 32;

/** First entry and number of certificates of an anchor's input: by its leaves, which its root and signature cover. */
function readAnchor(
  input: Json,
  { issuer, type }: Register,
): { readonly first: number; readonly count: number } | undefined {
  if (!isJsonObject(input)) return undefined;
  const statement = parseAnchorStatement(String(input['statement']));
  if (statement.issuer !== issuer || statement.type !== type) return undefined;
  const count = Buffer.byteLength(String(input['leaves']), 'base64') / leafBytes;
  if (count !== statement.last - statement.first + 1)
    throw new Error(`a batch from ${statement.first} has ${count} leaves`);
  return { first: statement.first, count };
}

/** Every block from the first on, each checked; the gateway of this data folder must not run. */
export async function countBlocks(home: string, register: Register): Promise<Count> {
  const clock = () => toInstant(Math.floor(Date.now() / 1000));
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const ledger = await openEmbeddedLedger({ folder: join(home, 'ledger'), channel: 'certs', clock, random });
  const seen = new Map<number, number>();
  let [batches, certificates] = [0, 0];
  const { height } = await ledger.info();
  try {
    const stop = new AbortController();
    for await (const { number, transactions } of ledger.blocks(0, stop.signal)) {
      for (const { valid, transaction, input } of transactions) {
        const anchor = valid && transaction === 'anchor' ? readAnchor(input, register) : undefined;
        if (!anchor) continue;
        batches += 1;
        certificates += anchor.count;
        seen.set(anchor.first, (seen.get(anchor.first) ?? 0) + anchor.count);
      }
      if (number === height - 1) stop.abort();
    }
  } finally {
    await ledger.close();
  }
  return { blocks: height, batches, certificates, ...judge(seen) };
}

/** Batches by their first entry, one after another. */
function judge(seen: ReadonlyMap<number, number>): Pick<Count, 'last' | 'missing' | 'twice'> {
  let [last, missing, twice] = [0, 0, 0];
  for (const [first, count] of [...seen].sort(([a], [b]) => a - b)) {
    missing += Math.max(0, first - last - 1);
    twice += Math.max(0, Math.min(last, first + count - 1) - first + 1);
    last = Math.max(last, first + count - 1);
  }
  return { last, missing, twice };
}
