/** A founded real network with certificates of Shenzhen's, an honest gateway of Shenzhen and one of Sichuan, a dishonest client of Chengdu; and what must hold of a forgery. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CertificateFile } from '@yinxin/core';
import { expect } from 'chai';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { readProfile } from '../../../gateway/ledger/opening.ts';
import type { Ledger, Receipt } from '../../../gateway/ledger/port.ts';
import type { TestNetwork } from '../../fixtures/fabric.ts';
import { adminOf, chengdu, deyang, shenzhen } from '../../fixtures/network.ts';
import { asJson } from '../port-suite.ts';
import { DishonestClient, type Forged, type Forgery } from './forgery-colluders.ts';
import type { Order } from './forgery-order.ts';
import { HonestReader } from './forgery-readers.ts';
import { found, issue, own, types } from './forgery-world.ts';
import { now } from './opened.ts';

interface Parts {
  readonly folder: string;
  readonly everybody: Ledger;
  readonly shenzhen: HonestReader;
  readonly sichuan: HonestReader;
  readonly client: DishonestClient;
  readonly files: readonly CertificateFile[];
}

type Run = () => Promise<readonly Forged[]>;

const codesOf = (forged: readonly Forged[]) => [...new Set(forged.map(({ code }) => code))];

export class Scene {
  /** Signs for every city, and is of use only while all are honest. */
  readonly everybody: Ledger;
  readonly shenzhen: HonestReader;
  readonly readers: readonly HonestReader[];
  readonly client: DishonestClient;
  /** Shenzhen's, of entries 1 to 4. */
  readonly files: readonly CertificateFile[];
  readonly #folder: string;

  private constructor({ folder, everybody, shenzhen, sichuan, client, files }: Parts) {
    this.everybody = everybody;
    this.shenzhen = shenzhen;
    this.readers = [shenzhen, sichuan];
    this.client = client;
    this.files = files;
    this.#folder = folder;
  }

  static async open(network: TestNetwork): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'yinxin-forgery-'));
    const path = network.profile('demonstration');
    const profile = await readProfile(path, 'profile');
    const everybody = await openFabricLedger({ profile, profileFolder: dirname(path), folder, clock: now });
    await everybody.submit(adminOf(shenzhen), 'found', asJson(found));
    const { files, input } = issue(4);
    await everybody.submit(own.caller, 'anchor', asJson(input));
    const about = { domain: shenzhen.domain, issuer: own.issuer, types };
    const open = (name: string, domain: string) => HonestReader.open({ profile: network.profile(name), domain, about });
    const client = await DishonestClient.open(network.profile('chengdu'));
    const parts = { folder, everybody, client, files };
    return new Scene({
      ...parts,
      shenzhen: await open('shenzhen', shenzhen.domain),
      sichuan: await open('sichuan', deyang.domain),
    });
  }

  async close(): Promise<void> {
    this.client.close();
    await Promise.all([...this.readers, this.everybody].map((one) => one.close()));
    await rm(this.#folder, { recursive: true });
  }

  /** As Shenzhen's gateway does. */
  submit(transaction: string, input: object): Promise<Receipt> {
    return this.shenzhen.ledger.submit(own.caller, transaction, asJson(input));
  }

  govern(transaction: string, input: object): Promise<Receipt> {
    return this.shenzhen.ledger.submit(adminOf(shenzhen), transaction, asJson(input));
  }

  /** Of a register, as Shenzhen's gateway knows it. */
  async head(type: string) {
    await this.shenzhen.catchUp();
    const register = this.shenzhen.model.register(own.issuer, type);
    if (!register) throw new Error('no register');
    return register;
  }

  /** By Chengdu's administrator, unless said otherwise. */
  forge(order: Order, endorsers: readonly string[], claim: Partial<Forgery> = {}): Promise<Forged> {
    const caller = adminOf(chengdu);
    return this.client.forge({ caller, transaction: 'anything', input: {}, order, endorsers, ...claim });
  }

  /** All that a gateway tells, its verdicts on the certificates among it. */
  async tell(reader: HonestReader) {
    const reasons = await Promise.all(this.files.map((file) => reader.reason(file)));
    return { ...(await reader.tell()), reasons };
  }

  /** Takes what was forged into the index of every honest gateway, and holds what these tell against what one told before. */
  async #expectUnmoved(run: Run): Promise<readonly Forged[]> {
    await this.shenzhen.catchUp();
    const before = await this.tell(this.shenzhen);
    const forged = await run();
    const newest = Math.max(...forged.map(({ block }) => block));
    for (const reader of this.readers) {
      await reader.model.caughtUpTo(newest);
      expect(await this.tell(reader)).to.deep.equal(before);
      expect(reader.model.fault()).to.equal(undefined);
    }
    return forged;
  }

  /** Fabric finds that not those have endorsed who should, as Shenzhen's own peer says too; nothing changes for anybody. */
  async expectInvalid(run: Run): Promise<void> {
    const voids = this.shenzhen.model.voids().count;
    const forged = await this.#expectUnmoved(run);
    expect(codesOf(forged)).to.deep.equal(['ENDORSEMENT_POLICY_FAILURE']);
    const known = await Promise.all(forged.map(({ txId }) => this.shenzhen.ledger.transaction(txId)));
    expect(known.map((one) => one?.code)).to.deep.equal(forged.map(({ code }) => code));
    expect(this.shenzhen.model.voids().count).to.equal(voids);
  }

  /** Fabric takes every one of them; nothing changes for anybody, and every honest gateway says the same of each. @returns why it is void, in order */
  async expectTaken(run: Run): Promise<readonly string[]> {
    const forged = await this.#expectUnmoved(run);
    expect(codesOf(forged)).to.deep.equal(['VALID']);
    const [told = [], toldElsewhere] = await Promise.all(
      this.readers.map(({ model }) => Promise.all(forged.map(({ block, txId }) => model.findVoid(block, txId)))),
    );
    expect(toldElsewhere).to.deep.equal(told);
    return told.map((one) => one?.code ?? one?.why ?? 'not void');
  }
}
