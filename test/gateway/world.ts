/** A whole gateway without HTTP, over a real embedded ledger, key store and vault in one folder: two cities, a body in each, five types. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Act,
  addDays,
  type CertificateFile,
  type CertificateType,
  calendarDateAt,
  type FieldValue,
  type FoundInput,
  formatStatement,
  type Instant,
  type Json,
  type KeyUse,
  type PossessionStatement,
  parseInstant,
  type RegisterKeyInput,
  type RosterRow,
  toBase64,
} from '@yinxin/core';
import { bases } from '../../gateway/demo/plan.ts';
import { createGoverning, type Governing } from '../../gateway/governing/governing.ts';
import { openReadModel } from '../../gateway/index/open.ts';
import type { ReadModel } from '../../gateway/index/read-model.ts';
import { networkRules } from '../../gateway/index/rules.ts';
import type { Bounds } from '../../gateway/issuing/admission.ts';
import { createIssuing } from '../../gateway/issuing/create.ts';
import type { Issuing, Operator } from '../../gateway/issuing/issuing.ts';
import { createSigner, type Signer } from '../../gateway/keys/signer.ts';
import type { KeyStore } from '../../gateway/keys/store.ts';
import { openEmbeddedLedger } from '../../gateway/ledger/embedded/ledger.ts';
import type { Ledger } from '../../gateway/ledger/port.ts';
import type { Random } from '../../gateway/platform.ts';
import { openVault } from '../../gateway/vault/open.ts';
import type { Vault } from '../../gateway/vault/vault.ts';
import { createVerifying } from '../../gateway/verifying/create.ts';
import type { Verifying } from '../../gateway/verifying/verifying.ts';
import { readJson } from '../certs/catalogue.ts';
import { channel, exampleValues, issuer, loadType } from '../fixtures/certificates.ts';
import { adminOf, chengdu, makeClock, shenzhen } from '../fixtures/network.ts';
import { openTestStore } from './support.ts';

export const began = parseInstant('2026-11-20T09:00:00Z');
/** A body of another city, which may issue the same types. */
export const otherIssuer = '11990300DEMA00013K';
export const operator: Operator = { clientId: 'clerk-1', issuer };
export const otherOperator: Operator = { clientId: 'clerk-2', issuer: otherIssuer };

export const licence = loadType('business-licence');
/** Of natural persons. */
export const driving = loadType('driving-licence');
/** With a conclusion. */
export const acceptance = loadType('fire-acceptance');
/** Legacy. */
export const taxRegistration = loadType('tax-registration');
/** Of a fixed term. */
export const food = loadType('food-business-licence');
const types = [licence, driving, acceptance, taxRegistration, food];

export type TestClock = ReturnType<typeof makeClock>;

export const startClock = (): TestClock => makeClock(began);

/** What a test may put in front of the real parts. */
export interface Wraps {
  readonly ledger?: (ledger: Ledger) => Ledger;
  readonly vault?: (vault: Vault) => Vault;
  readonly signer?: (signer: Signer) => Signer;
  /** Threads that compute for bulk runs; default none. */
  readonly workers?: number;
  /** Of what may wait to be issued. */
  readonly bounds?: Bounds;
}

export interface World {
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly keys: KeyStore;
  readonly signer: Signer;
  readonly random: Random;
  readonly readModel: ReadModel;
  readonly issuing: Issuing;
  readonly governing: Governing;
  readonly verifying: Verifying;
  readonly clock: TestClock;
  close(): Promise<void>;
}

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

async function makeKeyInput(
  keys: KeyStore,
  signer: Signer,
  body: string,
  use: KeyUse,
  time: Instant,
): Promise<RegisterKeyInput> {
  const { publicKey } = await keys.createSm2Key(body, use);
  const statement: PossessionStatement = {
    format: 'yinxin-key/1',
    channel,
    issuer: body,
    use,
    publicKey: toBase64(publicKey),
    time,
  };
  return {
    possession: formatStatement(statement),
    signature: toBase64(signer.signPossession(statement)),
    from: time,
    until: null,
    vouchedBy: null,
  };
}

async function makeFounding(keys: KeyStore, signer: Signer, time: Instant): Promise<FoundInput> {
  const bodies = [
    { issuer, domain: shenzhen },
    { issuer: otherIssuer, domain: chengdu },
  ];
  const keyInputs: RegisterKeyInput[] = [];
  for (const body of bodies) {
    for (const use of ['anchor', 'status', 'code'] as const) {
      keyInputs.push(await makeKeyInput(keys, signer, body.issuer, use, time));
    }
  }
  const listKeys: FoundInput['listKeys'][number][] = [];
  for (const { domain } of [shenzhen, chengdu]) {
    listKeys.push({ ...(await keys.createListKey(domain)), domain, from: time, until: null });
  }
  const { bases } = readJson('bases.json') as unknown as Pick<FoundInput, 'bases'>; // read strictly by the contract
  const { matters } = readJson('matters.json') as unknown as Pick<FoundInput, 'matters'>;
  return {
    channel,
    domains: [shenzhen, chengdu],
    types: types.map((definition) => ({ definition })),
    bases,
    matters,
    issuers: bodies.map((body) => ({
      issuer: body.issuer,
      domain: body.domain.domain,
      region: body.domain.domain,
      name: { zh: `${body.domain.name.zh}示范局`, en: `${body.domain.name.en} Demo Bureau` },
      from: time,
    })),
    keys: keyInputs,
    listKeys,
    entitlements: bodies.flatMap((body) =>
      types.map(({ type }) => ({
        issuer: body.issuer,
        type,
        region: body.domain.domain,
        from: time,
        until: null,
      })),
    ),
  };
}

/** Opens what lies in the folder, and founds the network where there is none. */
export async function openWorld(folder: string, clock: TestClock = startClock(), wraps: Wraps = {}): Promise<World> {
  const inner = await openEmbeddedLedger({
    folder: join(folder, 'ledger'),
    channel,
    clock: clock.now,
    random,
  });
  const ledger = wraps.ledger?.(inner) ?? inner;
  const store = await openTestStore(join(folder, 'keys'));
  const plainSigner = createSigner(store);
  const signer = wraps.signer?.(plainSigner) ?? plainSigner;
  const sealed = await openVault({ folder: join(folder, 'vault'), key: await store.vaultKey(), random });
  const vault = wraps.vault?.(sealed) ?? sealed;
  if ((await inner.info()).height === 0) {
    const found = await makeFounding(store, plainSigner, clock.now());
    await inner.submit(adminOf(shenzhen), 'found', found as unknown as Json);
  }
  const readModel = await openReadModel({
    folder: join(folder, 'index'),
    ledger,
    channel,
    rules: networkRules,
    clock: clock.now,
    heartbeatMilliseconds: 50,
  });
  const issuing = createIssuing({
    ledger,
    readModel,
    vault,
    keys: store,
    signer,
    clock: clock.now,
    random,
    publicUrl: () => 'https://example.test',
    wait: async () => undefined,
    workers: wraps.workers ?? 0,
    ...(wraps.bounds && { bounds: wraps.bounds }),
  });
  const verifying = createVerifying({ readModel, vault, clock: clock.now });
  const governing = createGoverning({ ledger, readModel, keys: store, signer, clock: clock.now });
  await readModel.ready();
  return {
    ledger,
    vault,
    keys: store,
    signer,
    random,
    readModel,
    issuing,
    governing,
    verifying,
    clock,
    async close() {
      await issuing.close();
      await readModel.close();
      await sealed.close();
      await inner.close();
    },
  };
}

/** So many rows of a type: the examples of its fields, told apart by the first claim field that is plain text. */
export function makeRows(
  type: CertificateType,
  count: number,
  changes: { readonly [key: string]: FieldValue } = {},
): readonly RosterRow[] {
  const key = type.claim.find((name) => type.fields.some((field) => field.key === name && field.kind === 'string'));
  return Array.from({ length: count }, (_, at) => ({
    values: { ...exampleValues(type), ...(key !== undefined && { [key]: `示范-${at + 1}` }), ...changes },
  }));
}

/** A day on the calendar of the certificates, so many days from an instant. */
export const dayFrom = (instant: Instant, days: number) => addDays(calendarDateAt(instant), days);

/** A founded network, made at the first need and removed after the last suite of a file that may need it. */
let founding: Promise<string> | undefined;
let suites = 0;

async function found(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-founded-'));
  const world = await openWorld(folder);
  await world.close();
  return folder;
}

/** Folders with a founded network and nothing issued, removed after the suite. */
export function useNetworks(): () => Promise<string> {
  const made: string[] = [];
  suites += 1;
  after(async () => {
    for (const folder of made) rmSync(folder, { recursive: true });
    suites -= 1;
    if (suites > 0 || founding === undefined) return;
    rmSync(await founding, { recursive: true });
    founding = undefined;
  });
  return async () => {
    founding ??= found();
    const folder = mkdtempSync(join(tmpdir(), 'yinxin-world-'));
    made.push(folder);
    cpSync(await founding, folder, { recursive: true });
    return folder;
  };
}

/** A world for all tests of the suite. */
export function useWorld(): () => World {
  const newNetwork = useNetworks();
  let world: World | undefined;
  before(async () => {
    world = await openWorld(await newNetwork());
  });
  after(() => world?.close());
  return () => {
    if (!world) throw new Error('no world before the first test');
    return world;
  };
}

let keysUsed = 0;
/** An idempotency key that no other request has. */
export function newKey(): string {
  keysUsed += 1;
  return `key-${keysUsed}`;
}

export interface Issue {
  readonly rows?: readonly RosterRow[];
  readonly stock?: boolean;
  readonly as?: Operator;
}

/** Issues one certificate (or the rows given) and gives back the holders' files. */
export async function issueFiles(
  { issuing }: World,
  type: CertificateType,
  { rows = makeRows(type, 1), stock, as = operator }: Issue = {},
): Promise<readonly CertificateFile[]> {
  const request = { issuer: as.issuer, type: type.type, rows, ...(stock !== undefined && { stock }) };
  const { id } = await issuing.issue(as, request, newKey());
  return (await issuing.batch(as, id, 0, 500)).certificates;
}

export async function issueFile(world: World, type: CertificateType, issue: Issue = {}): Promise<CertificateFile> {
  const [file] = await issueFiles(world, type, issue);
  if (!file) throw new Error('nothing was issued');
  return file;
}

/** Changes the status of one certificate. */
export async function act(world: World, { body }: CertificateFile, name: Act, effective?: Instant): Promise<void> {
  const change = {
    identifier: body.id,
    act: name,
    basis: bases[name],
    document: '示范〔2026〕1号',
    ...(effective && { effective }),
  };
  await world.issuing.changeStatuses(operator, { issuer: operator.issuer, changes: [change] }, newKey());
}

/** The ledger's functions, to put others in their place. */
export function portOf(ledger: Ledger): Ledger {
  return {
    submit: (...call) => ledger.submit(...call),
    evaluate: (...call) => ledger.evaluate(...call),
    blocks: (...call) => ledger.blocks(...call),
    info: () => ledger.info(),
    confirmed: () => ledger.confirmed(),
    transaction: (...call) => ledger.transaction(...call),
    close: () => ledger.close(),
  };
}

/** Waits for what the follower's heartbeat will bring. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let left = 500; !isSo(); left -= 1) {
    if (left === 0) throw new Error('it never came about');
    await delay(10);
  }
}
