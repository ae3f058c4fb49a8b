/** How the suites ask for verification, and what they expect in every way of asking. */
import {
  type CertificateFile,
  discloseFields,
  epochSeconds,
  type FieldValues,
  toBase64,
  toInstant,
  toLeaf,
  type VerificationAnswer,
  type VerificationRequest,
} from '@yinxin/core';
import { expect } from 'chai';
import { licence, operator, type World } from '../world.ts';

export const partner = { scopes: ['verify'] };
export const clerk = { scopes: ['issue'], issuer: operator.issuer };
export const purpose = '办理许可';
export const daySeconds = 86_400;

export const claimsOf = (file: CertificateFile, keys: readonly string[]): FieldValues =>
  Object.fromEntries(keys.map((key) => [key, file.fields[key] ?? '']));

/** Every way of asking anonymously, for a type that is open to everyone. */
export async function askEveryWay(world: World, file: CertificateFile, more: Pick<VerificationRequest, 'at'> = {}) {
  const { issuing, verifying } = world;
  const identifier = file.body.id;
  const symbols = [];
  for (const face of ['open', 'closed'] as const) {
    symbols.push((await issuing.code({ issuer: file.body.issuer }, identifier, { face })).symbol);
  }
  const requests: readonly VerificationRequest[] = [
    { file, ...more },
    { file: discloseFields(file, Object.keys(file.fields).slice(0, 2)), ...more },
    ...symbols.map((code) => ({ code, ...more })),
    { identifier, ...more },
    { identifier, claims: claimsOf(file, licence.claim), ...more },
    { identifier, leaf: toBase64(toLeaf(file.body)), ...more },
  ];
  const answers: VerificationAnswer[] = [await verifying.byNumber(identifier, 'anonymous', more)];
  for (const request of requests) answers.push(await verifying.verify(request, 'anonymous'));
  return answers;
}

export async function expectEveryWay(
  world: World,
  file: CertificateFile,
  expected: { readonly verdict: string; readonly reason: string },
  more: Pick<VerificationRequest, 'at'> = {},
): Promise<readonly VerificationAnswer[]> {
  const answers = await askEveryWay(world, file, more);
  for (const [way, { verdict }] of answers.entries()) expect(verdict, `way ${way}`).to.include(expected);
  return answers;
}

export const valid = { verdict: 'valid', reason: 'VALID' };
export const later = (world: World, seconds: number) => toInstant(epochSeconds(world.clock.now()) + seconds);
