/** What the page is tried on: a real gateway that serves the built page, and one certificate of each fate, issued and changed by its services. */

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  type Act,
  type FieldValues,
  formatCertificateFile,
  type Identifier,
  type Instant,
  toInstant,
} from '@yinxin/core';
import { exampleValues, loadType } from '../fixtures/certificates.ts';
import {
  chengduMarket,
  housing,
  market,
  smallCatalogue,
  startTestGateway,
  type TestGateway,
} from '../fixtures/gateway.ts';

const pageFolder = fileURLToPath(new URL('../../verifier-web/dist', import.meta.url));
const buildScript = fileURLToPath(new URL('../../verifier-web/build.ts', import.meta.url));

export interface Sample {
  readonly identifier: Identifier;
  readonly file: Uint8Array;
  /** The digits of an open code. */
  readonly digits: string;
}

type Fate =
  | 'valid'
  | 'revoked'
  | 'suspended'
  | 'superseded'
  | 'successor'
  | 'expired'
  | 'negative'
  | 'person'
  /** Of another city, with an agreement that does not have the page's. */
  | 'neighbour'
  /** Digitised stock, revoked ten days ago. */
  | 'stock'
  /** To be revoked in an hour, by a decision of today. */
  | 'doomed';

/** Issues digitised stock of a legacy type. */
const adRegistry = '11990300DEMA00128R';

export interface World {
  /** Of the page, with a slash at its end. */
  readonly url: string;
  readonly samples: { readonly [fate in Fate]: Sample };
  /** Digits of a closed code of the valid one, for one bank and purpose. */
  readonly bound: string;
  /** Of the ledger, when `revoked` was still in force. */
  readonly heightBeforeRevocation: number;
  /** One more business licence of the page's city. */
  issueOne(): Promise<Sample>;
  /** The neighbours' agreement, by one party. */
  suspendAgreement(): Promise<void>;
  /** The first call counts. */
  stop(): Promise<void>;
}

function buildPage(): void {
  const { status, stderr } = spawnSync(process.execPath, [buildScript], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** An issuing body at its desk. */
const bases: { readonly [act in Act]?: string } = { revoke: 'licence-law-69', suspend: 'penalty-law-9' };

function operate({ running }: TestGateway, issuer: string) {
  const { issuing } = running.gateway.services;
  const operator = { clientId: 'browser-tests', issuer };
  return {
    async issue(
      type: string,
      rows: readonly { readonly values: FieldValues; readonly supersedes?: Identifier }[],
      stock = false,
    ) {
      const request = { issuer, type, rows, ...(stock && { stock }) };
      const { id } = await issuing.issue(operator, request, randomUUID());
      const { certificates } = await issuing.batch(operator, id, 0, rows.length);
      const samples = certificates.map(async (file): Promise<Sample> => {
        const { digits } = await issuing.code({ issuer }, file.body.id, { face: 'open' });
        return { identifier: file.body.id, file: formatCertificateFile(file), digits };
      });
      return Promise.all(samples);
    },
    change({ identifier }: Sample, act: Act, effective?: Instant) {
      const change = { identifier, act, basis: bases[act] ?? '', document: '示范〔2026〕12号' };
      const changes = [{ ...change, ...(effective !== undefined && { effective }) }];
      return issuing.changeStatuses(operator, { issuer, changes }, randomUUID());
    },
  };
}

function first(samples: readonly Sample[]): Sample {
  const [sample] = samples;
  if (!sample) throw new Error('nothing was issued');
  return sample;
}

const secondsFromNow = (seconds: number) => toInstant(Math.floor(Date.now() / 1000) + seconds);

export async function openWorld(): Promise<World> {
  buildPage();
  const catalogue = await smallCatalogue([market, housing, chengduMarket, adRegistry]);
  const gateway = await startTestGateway({ pageFolder, catalogue });
  const licence = exampleValues(loadType('business-licence'));
  const registry = operate(gateway, market);
  const construction = operate(gateway, housing);
  const [valid, revoked, suspended, superseded, expired] = await registry.issue('business-licence', [
    { values: licence },
    { values: licence },
    { values: licence },
    { values: licence },
    { values: { ...licence, validTo: '2026-03-02' } },
  ]);
  if (!valid || !revoked || !suspended || !superseded || !expired) throw new Error('too few were issued');
  const heightBeforeRevocation = gateway.running.gateway.services.readModel.height();
  await registry.change(revoked, 'revoke');
  await registry.change(suspended, 'suspend');
  const successor = first(
    await registry.issue('business-licence', [{ values: licence, supersedes: superseded.identifier }]),
  );
  const failed = {
    ...exampleValues(loadType('fire-acceptance')),
    conclusion: '不合格',
    opinion: '自动喷水灭火系统末端压力不足',
  };
  const negative = first(await construction.issue('fire-acceptance', [{ values: failed }]));
  const worker = exampleValues(loadType('special-operation-certificate'));
  const person = first(await construction.issue('special-operation-certificate', [{ values: worker }]));
  const neighbour = first(await operate(gateway, chengduMarket).issue('business-licence', [{ values: licence }]));
  const archive = operate(gateway, adRegistry);
  const hoarding = exampleValues(loadType('outdoor-ad-registration'));
  const stock = first(await archive.issue('outdoor-ad-registration', [{ values: hoarding }], true));
  await archive.change(stock, 'revoke', secondsFromNow(-10 * 86_400));
  const food = exampleValues(loadType('food-business-licence'));
  const doomed = first(await registry.issue('food-business-licence', [{ values: food }]));
  await registry.change(doomed, 'revoke', secondsFromNow(3600));
  const terms = { face: 'closed', addressee: '示范银行', purpose: '开户' } as const;
  const bound = await gateway.running.gateway.services.issuing.code({ issuer: market }, valid.identifier, terms);
  let ended: Promise<void> | undefined;
  return {
    url: `${gateway.url}/`,
    samples: {
      ...{ valid, revoked, suspended, superseded, successor, expired, negative, person },
      ...{ neighbour, stock, doomed },
    },
    bound: bound.digits,
    heightBeforeRevocation,
    issueOne: async () => first(await registry.issue('business-licence', [{ values: licence }])),
    async suspendAgreement() {
      const { governing } = gateway.running.gateway.services;
      const party = { domain: '500000' };
      await governing.submit(party, 'suspendAgreement', { agreement: 'chengyu-demeizi', ...party });
    },
    stop: () => {
      ended ??= gateway.stop();
      return ended;
    },
  };
}
