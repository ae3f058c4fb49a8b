/** Honest organisations on a real network: each a gateway of its own that follows its own peer, and all that it would tell about another's certificates. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CertificateFile, Json } from '@yinxin/core';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { usualPatience } from '../../../gateway/ledger/fabric/patience.ts';
import { readProfile } from '../../../gateway/ledger/opening.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import { type Api, apiOf, codeOf, member } from '../../fixtures/api.ts';
import { startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { now } from './opened.ts';

/** Whose gateway it is, where it finds its network, and what it is asked about. */
export interface ReaderOptions {
  readonly profile: string;
  readonly domain: string;
  /** Of whom all registers are read. */
  readonly about: { readonly domain: string; readonly issuer: string; readonly types: readonly string[] };
}

/** So that what never will be endorsed is given up soon. */
const patience = { ...usualPatience, endorse: 1_500 };

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export class HonestReader {
  /** As its gateway submits, with less patience. */
  readonly ledger: Ledger;
  readonly #gateway: TestGateway;
  readonly #api: Api;
  readonly #folder: string;
  readonly #about: ReaderOptions['about'];

  private constructor(ledger: Ledger, gateway: TestGateway, folder: string, about: ReaderOptions['about']) {
    this.ledger = ledger;
    this.#gateway = gateway;
    this.#folder = folder;
    this.#about = about;
    this.#api = apiOf({ url: gateway.url, home: gateway.home });
  }

  /** Its gateway makes itself a key for lists, which the whole network endorses. */
  static async open({ profile: path, domain, about }: ReaderOptions): Promise<HonestReader> {
    const folder = await mkdtemp(join(tmpdir(), 'yinxin-honest-'));
    const profile = await readProfile(path, 'profile');
    const ledgerFolder = join(folder, 'submitting');
    const ledger = await openFabricLedger({
      profile,
      profileFolder: dirname(path),
      folder: ledgerFolder,
      clock: now,
      patience,
    });
    const home = join(folder, 'home');
    const gateway = await startTestGateway({ home, ledger: { kind: 'member', profile: path, domain } });
    return new HonestReader(ledger, gateway, folder, about);
  }

  get model() {
    return this.#gateway.running.gateway.services.readModel;
  }

  /** Until its index holds whatever its peer holds now. */
  async catchUp(): Promise<void> {
    const { height } = await this.ledger.info();
    await this.model.caughtUpTo(height - 1);
  }

  /** Of the trust that it would sign for, without what grows with the height. */
  async tell() {
    const { model } = this;
    const { domain, issuer, types } = this.#about;
    const { height: _, iat: __, exp: ___, ...trust } = model.trustClaims(domain);
    const registers = await Promise.all(
      types.map(async (type) => ({
        head: model.register(issuer, type),
        batch: await model.batch({ issuer, type, entry: 1 }),
        statuses: await collect(model.statuses(issuer, type)),
      })),
    );
    const [proposals, agreements] = [model.proposals(), model.agreements()];
    return { trust, registers, proposals, agreements, time: model.time(), state: await this.digest() };
  }

  async digest(): Promise<string> {
    return (await this.model.stateDigest()).digest;
  }

  /** Its verdict on a certificate, as anybody gets it. */
  async reason(file: CertificateFile): Promise<Json | undefined> {
    const { holderToken: _, ...shown } = file;
    const answer = await this.#api.post('/v1/verifications', { file: shown, domain: this.#about.domain });
    return member(answer, 'verdict', 'reason') ?? codeOf(answer);
  }

  /** How many void transactions each of its surfaces tells of, and those that auditors are named. */
  async voids(): Promise<{ readonly counts: readonly number[]; readonly named: Json | undefined }> {
    const token = await this.#api.token('auditor', 'audit');
    const [ready, metrics, ledger] = await Promise.all([
      this.#api.get('/readyz'),
      this.#api.get('/metrics'),
      this.#api.get('/v1/ledger', { token }),
    ]);
    const metric = /^yinxin_ledger_void_transactions (\d+)$/m.exec(metrics.text)?.[1];
    const counts = [member(ready, 'voidCount'), metric, member(ledger, 'voidCount')].map(Number);
    return { counts, named: member(ledger, 'void') };
  }

  get bugs(): readonly string[] {
    return this.#gateway.bugs;
  }

  async close(): Promise<void> {
    await this.#gateway.stop();
    await this.ledger.close();
    await rm(this.#folder, { recursive: true });
  }
}
