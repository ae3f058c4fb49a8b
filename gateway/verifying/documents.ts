/** Verifying what was presented whole: a certificate file or a code. */
import {
  type Body,
  type Check,
  doubt,
  type ErrorCode,
  type KnownBatches,
  type Lookups,
  type Presented,
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
import { type Scene, toVerifyOptions } from './scene.ts';
import type { VerifyingDeps } from './verifying.ts';

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
  { trust }: Scene,
): Promise<Lookups> {
  if (!found) return {};
  const { issuer, type, entry } = found.body;
  const anchored = presented.kind === 'file' ? readAnchored(presented.file.proof.anchored, trust) : undefined;
  const [ledger, outcome] = await Promise.all([readModel.knowledge({ issuer, type, entry }, trust.height), anchored]);
  return { ledger, ...(outcome && { anchored: outcome }) };
}

/** Whether the ledger holds this very certificate. One that only seems possible (a key or an anchoring not known yet) may be forged. */
function isLedgers(found: Found | undefined, ledger: Lookups['ledger']): boolean {
  return found !== undefined && ledger?.anchor?.leaf === toBase64(toLeaf(found.body));
}

/** What a ledger and a registry that are not far enough do not hold yet. */
const notYet: readonly ErrorCode[] = ['NOT_ANCHORED', 'KEY_UNKNOWN', 'TYPE_UNKNOWN', 'ISSUER_UNKNOWN', 'NOT_ENTITLED'];

/** A certificate that was anchored after the height asked about is no forgery: of that height, nobody can say. */
async function forgiveHeight(
  { readModel }: VerifyingDeps,
  { trust, options }: Scene,
  found: Found | undefined,
  checks: readonly Check[],
): Promise<readonly Check[]> {
  const isNotYet = (check: Check) => check.outcome === 'failed' && notYet.includes(check.code);
  if (options.height === undefined || !found || !checks.some(isNotYet)) return checks;
  const { issuer, type, entry } = found.body;
  const present = await readModel.knowledge({ issuer, type, entry });
  const block = present.anchor?.block ?? 0;
  if (!isLedgers(found, present) || block < trust.height) return checks;
  const details = { height: trust.height, block };
  return checks.map((check) => (isNotYet(check) ? doubt(check.check, 'NOT_YET_ISSUED', details) : check));
}

export async function verifyDocument(
  deps: VerifyingDeps,
  scene: Scene,
  presented: Document,
  batches: KnownBatches,
): Promise<VerificationAnswer> {
  const { trust, present, now, options } = scene;
  const found = readDocument(presented, present);
  const lookups = await gatherLookups(deps, presented, found, scene);
  const judged = verify(presented, trust, now, { ...lookups, batches }, toVerifyOptions(options));
  const checks = await forgiveHeight(deps, scene, found, judged);
  const isKnown = isLedgers(found, lookups.ledger);
  return toAnswer(scene, {
    kind: presented.kind === 'unreadable' ? presented.as : presented.kind,
    checks: isKnown ? checks : checks.map(withoutStatus),
    knowledge: isKnown ? lookups.ledger : undefined,
    identifier: found?.body.id,
    found,
    terms: presented.kind === 'code' ? toCodeTerms(presented.signedCode.code) : undefined,
  });
}
