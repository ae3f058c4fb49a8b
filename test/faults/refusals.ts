/** What the network refuses while nothing of it is broken: a gateway whose clock is off, and one whose certificate has ended. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BatchRequest, toInstant } from '@yinxin/core';
import { expect } from 'chai';
import { readCatalogue } from '../../gateway/demo/catalogue.ts';
import { inventValues } from '../../gateway/demo/values.ts';
import type { OpenGateway } from '../../gateway/open.ts';
import { codeOf, member } from '../fixtures/api.ts';
import { certsFolder, startTestGateway } from '../fixtures/gateway.ts';
import type { Field, FieldCity } from './field.ts';
import { profileUntil } from './short-lived.ts';

/** One certificate that no operator asks for, so that the audit would find it out of place. */
async function strangeRequest({ issuer, domain }: FieldCity): Promise<BatchRequest> {
  const { types } = await readCatalogue(certsFolder);
  const type = types.find((one) => one.type === 'business-licence');
  if (!type) throw new Error('no type');
  return { issuer, type: type.type, rows: [{ values: inventValues(type, domain, 1) }] };
}

/** The city's own gateway, its data and keys, with another clock. It ends, and the process takes its place again. @returns what it refused */
export async function askByClock(
  { network }: Field,
  { gateway, domain, slug }: FieldCity,
  aheadSeconds: number,
  ask: (gateway: OpenGateway) => Promise<unknown>,
): Promise<unknown> {
  await gateway.end('SIGTERM');
  const ledger = { kind: 'member', profile: network.profile(slug), domain } as const;
  const clock = () => toInstant(Math.floor(Date.now() / 1000) + aheadSeconds);
  const shifted = await startTestGateway({ home: gateway.place.home, port: gateway.place.port, ledger, clock });
  try {
    return await ask(shifted.running.gateway).then(
      () => expect.fail('nothing was refused'),
      (error: unknown) => error,
    );
  } finally {
    await shifted.stop();
    expect(shifted.bugs).to.deep.equal([]);
    await gateway.start();
  }
}

/** What nobody else asks for. */
export async function issueStrangely(city: FieldCity, { services }: OpenGateway): Promise<unknown> {
  const { issuer } = city;
  return services.issuing.issue({ clientId: `operator-${issuer}`, issuer }, await strangeRequest(city), 'strange');
}

const lifeSeconds = 12;

/** With a certificate that ends while it runs. */
export async function issuePastTheEnd({ network, folder }: Field, city: FieldCity): Promise<void> {
  const { gateway, api, issuer, organisation } = city;
  const until = new Date(Math.floor(Date.now() / 1000 + lifeSeconds) * 1000);
  const profile = await profileUntil(network, organisation, join(folder, 'short-lived'), until);
  const expired = toInstant(until.getTime() / 1000);
  await gateway.start(profile);
  await delay(Math.max(0, until.getTime() + 1_500 - Date.now()));
  const headers = { 'idempotency-key': `past ${expired}`.replace(' ', '-') };
  const answer = await api.post('/v1/batches', await strangeRequest(city), { token: await api.token(issuer), headers });
  expect(codeOf(answer)).to.equal('CALLER_NOT_PERMITTED');
  expect(member(answer, 'details', 'expired')).to.equal(expired);
  gateway.forgetLog();
  const failed = await gateway.start(profile).then(
    () => expect.fail('started with a certificate that has ended'),
    (error: Error) => error.message,
  );
  expect(failed).to.include(`the X.509 certificate of ${organisation.msp} client ended at ${expired}`);
  await gateway.start();
}
