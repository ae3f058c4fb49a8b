/** What the page is tried on: a real gateway that serves the built page, and one certificate of each fate, issued and changed by its services. */

import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Act, type FieldValues, formatCertificateFile, type Identifier } from '@yinxin/core';
import { exampleValues, loadType } from '../fixtures/certificates.ts';
import { housing, market, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';

const pageFolder = fileURLToPath(new URL('../../verifier-web/dist', import.meta.url));
const buildScript = fileURLToPath(new URL('../../verifier-web/build.ts', import.meta.url));

export interface Sample {
  readonly identifier: Identifier;
  readonly file: Uint8Array;
  /** The digits of an open code. */
  readonly digits: string;
}

type Fate = 'valid' | 'revoked' | 'suspended' | 'superseded' | 'successor' | 'expired' | 'negative' | 'person';

export interface World {
  /** Of the page, with a slash at its end. */
  readonly url: string;
  readonly samples: { readonly [fate in Fate]: Sample };
  /** Digits of a closed code of the valid one, for one bank and purpose. */
  readonly bound: string;
  /** The first call counts. */
  stop(): Promise<void>;
}

function buildPage(): void {
  const { status, stderr } = spawnSync(process.execPath, [buildScript], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** An issuing body at its desk. */
function operate({ running }: TestGateway, issuer: string) {
  const { issuing } = running.gateway.services;
  const operator = { clientId: 'browser-tests', issuer };
  return {
    async issue(type: string, rows: readonly { readonly values: FieldValues; readonly supersedes?: Identifier }[]) {
      const { id } = await issuing.issue(operator, { issuer, type, rows }, randomUUID());
      const { certificates } = await issuing.batch(operator, id, 0, rows.length);
      const samples = certificates.map(async (file): Promise<Sample> => {
        const { digits } = await issuing.code({ issuer }, file.body.id, { face: 'open' });
        return { identifier: file.body.id, file: formatCertificateFile(file), digits };
      });
      return Promise.all(samples);
    },
    change: (sample: Sample, act: Act) =>
      issuing.changeStatuses(
        operator,
        {
          issuer,
          changes: [{ identifier: sample.identifier, act, basis: 'licence-law-69', document: '示范〔2026〕12号' }],
        },
        randomUUID(),
      ),
  };
}

function first(samples: readonly Sample[]): Sample {
  const [sample] = samples;
  if (!sample) throw new Error('nothing was issued');
  return sample;
}

export async function openWorld(): Promise<World> {
  buildPage();
  const gateway = await startTestGateway({ pageFolder });
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
  const terms = { face: 'closed', addressee: '示范银行', purpose: '开户' } as const;
  const bound = await gateway.running.gateway.services.issuing.code({ issuer: market }, valid.identifier, terms);
  let ended: Promise<void> | undefined;
  return {
    url: `${gateway.url}/`,
    samples: { valid, revoked, suspended, superseded, successor, expired, negative, person },
    bound: bound.digits,
    stop: () => {
      ended ??= gateway.stop();
      return ended;
    },
  };
}
