/** What the network refuses while nothing of it is broken: a gateway whose clock is off, and one whose certificate has ended. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BatchRequest, type Instant, toInstant } from '@yinxin/core';
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

async function startWith({ gateway, organisation }: FieldCity, profile: string, expired: Instant): Promise<void> {
  gateway.forgetLog();
  const said = await gateway.start(profile).then(
    () => expect.fail('started with a certificate that has ended'),
    (error: Error) => error.message,
  );
  expect(said).to.include(`the X.509 certificate of ${organisation.msp} client ended at ${expired}`);
  await gateway.start();
}

/** Started with a certificate that has ended; and again with the one it had. */
export async function startPastTheEnd({ network, folder }: Field, city: FieldCity): Promise<void> {
  const until = Math.floor(Date.now() / 1000) - 1;
  const profile = await profileUntil(network, city.organisation, join(folder, 'ended'), new Date(until * 1000));
  await startWith(city, profile, toInstant(until));
}

const lifeSeconds = 15;

/** With a certificate that ends while it runs; then as startPastTheEnd. */
export async function issuePastTheEnd({ network, folder }: Field, city: FieldCity): Promise<void> {
  const { gateway, api, issuer } = city;
  const until = Math.floor(Date.now() / 1000) + lifeSeconds;
  const profile = await profileUntil(network, city.organisation, join(folder, 'ending'), new Date(until * 1000));
  await gateway.start(profile);
  await delay(Math.max(0, until * 1000 + 1_500 - Date.now()));
  const ask = { token: await api.token(issuer), headers: { 'idempotency-key': `past-${until}` } };
  const answer = await api.post('/v1/batches', await strangeRequest(city), ask);
  expect(codeOf(answer)).to.equal('CALLER_NOT_PERMITTED');
  expect(member(answer, 'details', 'expired')).to.equal(toInstant(until));
  await startWith(city, profile, toInstant(until));
}
