/** Asks the gateway, while a roster is checked, whom of its rows it issued a certificate to before. */
import { type CertificateType, type Identifier, isJsonObject, type Json, utf8, YinxinError } from '@yinxin/core';
import type { Gateway } from '../gateway.ts';

/** As `POST /v1/duplicates` takes. */
const maxRows = 4_096;
const inFlight = 2;
const kept = 1_000;

export interface EarlierCertificate {
  readonly line: number;
  readonly identifier: Identifier;
}

interface Asked {
  readonly line: number;
  /** Canonical JSON of the claim fields. */
  readonly holder: string;
}

/** Rows are collected into questions; a few of them are under way while the roster is read on. */
export class IssuedBefore {
  readonly #gateway: Gateway;
  readonly #head: string;
  #waiting: Asked[] = [];
  readonly #asked = new Set<Promise<void>>();
  #fault: unknown;
  count = 0;
  /** The first of them. */
  readonly first: EarlierCertificate[] = [];

  constructor(gateway: Gateway, issuer: string, type: CertificateType) {
    this.#gateway = gateway;
    this.#head = `{"issuer":${JSON.stringify(issuer)},"type":${JSON.stringify(type.type)},"rows":[`;
  }

  add(line: number, holder: string): void {
    this.#waiting.push({ line, holder });
    if (this.#waiting.length === maxRows) this.#send();
  }

  /** Waits until few enough questions are open. @throws YinxinError as `Gateway.postJson` */
  async keepUp(): Promise<void> {
    while (this.#asked.size >= inFlight) await Promise.race(this.#asked);
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** @throws YinxinError as `keepUp` */
  async finish(): Promise<void> {
    if (this.#waiting.length > 0) this.#send();
    await Promise.all(this.#asked);
    if (this.#fault !== undefined) throw this.#fault;
    this.first.sort((a, b) => a.line - b.line);
  }

  #send(): void {
    const rows = this.#waiting;
    this.#waiting = [];
    const asked: Promise<void> = this.#ask(rows)
      .catch((error: unknown) => {
        this.#fault ??= error;
      })
      .finally(() => this.#asked.delete(asked));
    this.#asked.add(asked);
  }

  async #ask(rows: readonly Asked[]): Promise<void> {
    const body = `${this.#head}${rows.map(({ holder }) => `{"values":${holder}}`).join()}]}`;
    const answer = await this.#gateway.postText('/v1/duplicates', utf8(body));
    for (const item of readDuplicates(answer)) {
      const line = rows[Number(item['row'])]?.line;
      const identifier = item['identifier'];
      if (line === undefined || typeof identifier !== 'string') continue;
      this.count += 1;
      if (this.first.length < kept) this.first.push({ line, identifier: identifier as Identifier }); // the OpenAPI document fixes it
    }
  }
}

function readDuplicates(answer: Json): readonly { readonly [name: string]: Json }[] {
  const list = isJsonObject(answer) ? answer['duplicates'] : undefined;
  if (!Array.isArray(list)) throw new YinxinError('GATEWAY_UNREACHABLE', { status: 200 });
  return list.filter(isJsonObject);
}
