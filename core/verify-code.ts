/** The origin of a code: its body rebuilt, its code key's signature, and with the ledger its leaf (core/FORMATS.md). */
import { findBodyMismatch, toLeaf } from './body.ts';
import { equal, fromBase64 } from './bytes.ts';
import { type Code, type SignedCode, toCodeBody, toFaceValues } from './code.ts';
import { type ErrorCode, YinxinError } from './errors.ts';

import { type Check, doubt, fail, pass } from './finding.ts';
import type { Body, CertificateType, Instant } from './model.ts';
import { checkShownValues } from './shown-values.ts';
import { isSignature, verifySm2 } from './sm2.ts';
import { type Subject, toSubject } from './subject.ts';
import { epochSeconds } from './time.ts';
import { findKeyFault, type Trust } from './trust.ts';
import {
  clockSkewSeconds,
  describeCompromise,
  judgeAnchorKey,
  judgeUnknown,
  type Lookups,
  mayBeNewer,
} from './verify-common.ts';
import { isSupersessionAgreed } from './verify-file.ts';

export function verifyCodeOrigin(
  signed: SignedCode,
  trust: Trust,
  now: Instant,
  lookups: Lookups,
): { checks: Check[]; subject?: Subject } {
  const { code } = signed;
  if (code.channel !== trust.channel) return { checks: [fail('format', 'CHANNEL_MISMATCH')] };
  const type = trust.type(code.type, code.typeVersion);
  if (!type) return { checks: [pass('format'), judgeUnknown('integrity', 'TYPE_UNKNOWN', code, trust)] };
  const body = rebuildBody(code, type);
  if (body instanceof YinxinError) return { checks: [pass('format'), fail('integrity', body.code, body.details)] };
  const expired = code.expires !== undefined && now > code.expires;
  return {
    checks: [
      pass('format'),
      pass('integrity'),
      verifySignature(signed, trust, now, lookups),
      verifyAnchor(body, type, trust, code, lookups),
      ...(expired ? [fail('validity', 'CODE_EXPIRED', { expired: code.expires ?? '' })] : []),
    ],
    subject: toSubject(body, type),
  };
}

function rebuildBody(code: Code, type: CertificateType): Body | YinxinError {
  try {
    const hidden = type.fields.filter((field) => code.face.kind === 'closed' || !type.face.includes(field.key));
    checkShownValues(
      type,
      toFaceValues(code.face, type),
      hidden.map((field) => field.key),
    );
    const body = toCodeBody(code, type);
    const mismatch: ErrorCode | undefined = findBodyMismatch(body, type.code);
    return mismatch ? new YinxinError(mismatch) : body;
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
}

function verifySignature({ code, signed, signature }: SignedCode, trust: Trust, now: Instant, lookups: Lookups): Check {
  const details = { key: code.key, issuer: code.issuer, at: code.signedAt };
  if (!isSignature(signature)) return fail('signature', 'MALFORMED_SIGNATURE');
  const row = trust.key(code.key);
  if (!row && mayBeNewer(code.signedAt, trust, lookups)) return doubt('signature', 'KEY_UNKNOWN_YET', details);
  if (!row) return fail('signature', 'KEY_UNKNOWN', details);
  if (!verifySm2(signed, signature, fromBase64(row.publicKey, 65)))
    return fail('signature', 'SIGNATURE_INVALID', details);
  const manager = trust.managerOf(code.issuer, code.signedAt)?.issuer ?? code.issuer;
  const fault = findKeyFault(row, { issuer: manager, use: 'code', at: code.signedAt });
  if (fault) return fail('signature', fault, { ...details, ...describeCompromise(row) });
  if (epochSeconds(code.signedAt) > epochSeconds(now) + clockSkewSeconds)
    return fail('signature', 'KEY_NOT_IN_WINDOW', details);
  if (row.compromisedFrom !== null && !lookups.ledger) return doubt('signature', 'CODE_KEY_TAINTED', details);
  return pass('signature', { ...details, vouchedBy: row.vouchedBy });
}

/** A code that is newer than anything this reader has seen may be of a block to come: its key's signature stands by itself. */
function verifyAnchor(body: Body, type: CertificateType, trust: Trust, code: Code, lookups: Lookups): Check {
  const { ledger } = lookups;
  if (!ledger) {
    const tainted = trust.key(code.key)?.compromisedFrom !== null;
    return doubt('anchor', type.offlineCode && !tainted ? 'ANCHOR_UNPROVEN' : 'OFFLINE_CODE_REFUSED');
  }
  const { anchor } = ledger;
  if (!anchor && body.issuedAt >= ledger.time) return doubt('anchor', 'LEDGER_BEHIND', { height: ledger.height });
  if (!anchor || !equal(fromBase64(anchor.leaf, 32), toLeaf(body))) {
    return fail('anchor', 'NOT_ANCHORED', { height: ledger.height });
  }
  if (!isSupersessionAgreed(body.supersedes, anchor.supersedes)) return fail('anchor', 'SUPERSESSION_MISMATCH');
  return judgeAnchorKey(anchor, body.issuer, trust);
}
