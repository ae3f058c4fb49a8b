/** The one verification, used by service, command, page and auditor alike: what was presented, judged by trust, at a time. */
import { type Check, checkNames, doubt, fail, pass, skip } from './finding.ts';
import type { Instant } from './model.ts';
import type { Presented } from './presented.ts';
import { verifyRecognition } from './recognition.ts';
import type { Subject } from './subject.ts';
import type { Trust } from './trust.ts';
import { verifyCodeOrigin } from './verify-code.ts';
import { judgeAnchorKey, type Lookups, verifyIssuer, verifyStatus, verifyValidity } from './verify-common.ts';
import { verifyFileOrigin } from './verify-file.ts';

export interface VerifyOptions {
  /** Legal time asked about; default now. */
  readonly at?: Instant;
  /** Where it is presented: code of a domain, or of a place inside one. Without it recognition is not checked. */
  readonly domain?: string;
  /** The matter it is presented for. */
  readonly matter?: string;
}

/** Every check of `checkNames` once, in that order: failures and doubts first come from `checks`, the rest are skipped. */
function complete(checks: readonly Check[]): Check[] {
  return checkNames.map((name) => checks.find((check) => check.check === name) ?? skip(name));
}

/**
 * Makes every check once, in the order of `checkNames`. Pure and synchronous: what has to be fetched is fetched before and passed as `lookups`.
 * `now` is the caller's clock; the later of it and the trust list's time counts. Never throws for anything presented.
 */
export function verify(
  presented: Presented,
  trust: Trust | undefined,
  now: Instant,
  lookups: Lookups = {},
  options: VerifyOptions = {},
): Check[] {
  if (presented.kind === 'unreadable') return complete([fail('format', presented.code, presented.details)]);
  if (!trust) {
    const untrusted = checkNames.filter((name) => name !== 'format' && name !== 'recognition');
    return complete([pass('format'), ...untrusted.map((name) => doubt(name, 'TRUST_MISSING'))]);
  }
  const moment = { now: now > trust.asOf ? now : trust.asOf, at: options.at };
  const { checks, subject } = verifyOrigin(presented, trust, moment.now, lookups);
  if (!subject) return complete(checks);
  return complete([
    ...checks,
    verifyIssuer(subject, trust, moment.now, lookups),
    verifyStatus(subject, trust, moment, lookups),
    ...(checks.some((check) => check.check === 'validity') ? [] : [verifyValidity(subject, moment, lookups)]),
    ...(options.domain === undefined
      ? []
      : [
          verifyRecognition(subject, trust, {
            domain: options.domain,
            matter: options.matter,
            at: moment.at ?? moment.now,
          }),
        ]),
  ]);
}

function verifyOrigin(
  presented: Exclude<Presented, { kind: 'unreadable' }>,
  trust: Trust,
  now: Instant,
  lookups: Lookups,
): { checks: Check[]; subject?: Subject } {
  switch (presented.kind) {
    case 'file':
      return verifyFileOrigin(presented.file, trust, lookups);
    case 'code':
      return verifyCodeOrigin(presented.signedCode, trust, now, lookups);
    case 'number': {
      const anchor = lookups.ledger?.anchor;
      if (!lookups.ledger) return { checks: [pass('format'), doubt('anchor', 'ANCHOR_UNPROVEN')] };
      if (!anchor || !lookups.record) return { checks: [pass('format'), fail('anchor', 'NOT_ANCHORED')] };
      return {
        checks: [pass('format'), judgeAnchorKey(anchor, lookups.record.issuer, trust)],
        subject: lookups.record,
      };
    }
  }
}
