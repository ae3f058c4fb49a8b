/** Verifying what was presented whole: a certificate file or a code. */
import {
  type Body,
  type Lookups,
  type Presented,
  type SignatureMemo,
  type Trust,
  toBase64,
  toCodeBody,
  toCodeTerms,
  toFaceValues,
  toLeaf,
  type VerificationAnswer,
  verify,
  YinxinError,
} from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import { type Found, toAnswer, withoutStatus } from './answer.ts';
import type { Access, NumberOptions, VerifyingDeps } from './verifying.ts';

type Document = Exclude<Presented, { readonly kind: 'number' }>;

/** What a document says of itself, not yet judged. Undefined when it cannot be read or its type is unknown. */
function readDocument(presented: Document, trust: Trust): Found | undefined {
  switch (presented.kind) {
    case 'unreadable':
      return undefined;
    case 'file': {
      const { body, fields } = presented.file;
      const type = trust.type(body.type, body.typeVersion);
      return type && { body, type, values: fields };
    }
    case 'code': {
      const { code } = presented.signedCode;
      const type = trust.type(code.type, code.typeVersion);
      const body = type && rebuild(() => toCodeBody(code, type));
      if (!type || !body) return undefined;
      const values = code.face.kind === 'open' ? toFaceValues(code.face, type) : undefined;
      return { body, type, values };
    }
  }
}

/** Core's verification says why, when this fails. */
function rebuild(make: () => Body): Body | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof YinxinError) return undefined;
    throw error;
  }
}

async function gatherLookups(
  { readModel }: VerifyingDeps,
  presented: Document,
  found: Found | undefined,
  trust: Trust,
): Promise<Lookups> {
  if (!found) return {};
  const { issuer, type, entry } = found.body;
  const anchored = presented.kind === 'file' ? readAnchored(presented.file.proof.anchored, trust) : undefined;
  const [ledger, outcome] = await Promise.all([readModel.knowledge({ issuer, type, entry }), anchored]);
  return { ledger, ...(outcome && { anchored: outcome }) };
}

/** Whether the ledger holds this very certificate. One that only seems possible (a key or an anchoring not known yet) may be forged. */
function isLedgers(found: Found | undefined, { ledger }: Lookups): boolean {
  return found !== undefined && ledger?.anchor?.leaf === toBase64(toLeaf(found.body));
}

export async function verifyDocument(
  deps: VerifyingDeps,
  presented: Document,
  access: Access,
  { at, domain }: NumberOptions,
  signatures: SignatureMemo,
): Promise<VerificationAnswer> {
  const trust = deps.readModel.trust();
  const now = deps.clock();
  const found = readDocument(presented, trust);
  const lookups = await gatherLookups(deps, presented, found, trust);
  const options = { ...(at && { at }), ...(domain !== undefined && { domain }) };
  const checks = verify(presented, trust, now, { ...lookups, signatures }, options);
  const isKnown = isLedgers(found, lookups);
  return toAnswer({
    kind: presented.kind === 'unreadable' ? presented.as : presented.kind,
    checks: isKnown ? checks : checks.map(withoutStatus),
    trust,
    access,
    at: at ?? now,
    isDomainNamed: domain !== undefined,
    knowledge: isKnown ? lookups.ledger : undefined,
    identifier: found?.body.id,
    found,
    terms: presented.kind === 'code' ? toCodeTerms(presented.signedCode.code) : undefined,
  });
}
