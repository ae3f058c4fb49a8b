/** The origin of a certificate file: integrity, signature, anchoring. */
import { findBodyMismatch, toLeaf } from './body.ts';
import { equal, fromBase64, utf8 } from './bytes.ts';
import { toDisclosure } from './certificate-file.ts';
import { type ErrorCode, YinxinError } from './errors.ts';

import { deriveFaceSalt, hashFace, openFields, pickFace } from './fields.ts';
import { type Check, doubt, fail, pass } from './finding.ts';
import { isHolderTokenOf } from './holder-token.ts';
import { parseIdentifier } from './identifier.ts';
import { KnownBatch } from './known-batches.ts';
import type { KeyRow } from './ledger-model.ts';
import type { CertificateFile, CertificateType, Proof } from './model.ts';
import { findProofFault } from './proof.ts';
import { checkShownValues } from './shown-values.ts';
import { verifySm2 } from './sm2.ts';
import { type Subject, toSubject } from './subject.ts';
import { findKeyFault, type Trust } from './trust.ts';
import {
  anchorTime,
  describeCompromise,
  describeDomain,
  judgeUnknown,
  type Lookups,
  mayBeNewer,
} from './verify-common.ts';

export function verifyFileOrigin(
  file: CertificateFile,
  trust: Trust,
  lookups: Lookups,
): { checks: Check[]; subject?: Subject } {
  const { body, proof } = file;
  const batch = readBatch(proof, lookups.batches);
  if (batch instanceof YinxinError) return { checks: [fail('format', batch.code, batch.details)] };
  const { statement, digest } = batch;
  if (statement.channel !== trust.channel) return { checks: [fail('format', 'CHANNEL_MISMATCH')] };
  const type = trust.type(body.type, body.typeVersion);
  if (!type) return { checks: [pass('format'), judgeUnknown('integrity', 'TYPE_UNKNOWN', body, trust)] };
  const leaf = toLeaf(body);
  const fault = findBindingFault(file, batch, type, leaf) ?? findFieldFault(file, type);
  return {
    checks: [
      pass('format'),
      fault ? fail('integrity', fault.code, fault.details) : pass('integrity'),
      verifySignature(file, batch, trust, lookups),
      verifyAnchor(file, leaf, digest, trust, lookups),
    ],
    subject: toSubject(body, type),
  };
}

function readBatch({ statement, signature }: Proof, batches: Lookups['batches']): KnownBatch | YinxinError {
  try {
    return batches?.get(statement, signature) ?? new KnownBatch(statement, signature);
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
}

type Fault = Pick<YinxinError, 'code' | 'details'>;

const fault = (code: ErrorCode): Fault => ({ code, details: {} });

/** Where body, statement, proof and type row disagree. */
function findBindingFault(
  file: CertificateFile,
  batch: KnownBatch,
  type: CertificateType,
  leaf: Uint8Array,
): Fault | undefined {
  const { body, proof } = file;
  const { statement } = batch;
  if (statement.issuer !== body.issuer) return fault('ISSUER_MISMATCH');
  if (statement.type !== body.type || statement.typeVersion !== body.typeVersion) return fault('TYPE_MISMATCH');
  const code = findBodyMismatch(body, type.code) ?? findProofFault(body, leaf, batch, proof);
  if (code) return fault(code);
  if (file.holderToken === undefined) return undefined;
  return isHolderTokenOf(fromBase64(file.holderToken), leaf) ? undefined : fault('HOLDER_TOKEN_MISMATCH');
}

/** Where the shown fields are not of their kinds, or do not open what the body commits to. */
function findFieldFault(file: CertificateFile, type: CertificateType): Fault | undefined {
  const disclosure = toDisclosure(file);
  try {
    checkShownValues(type, disclosure.values, disclosure.kind === 'some' ? Object.keys(disclosure.commitments) : []);
    if (openFields(disclosure) !== file.body.fields) return fault('FIELDS_MISMATCH');
    if (disclosure.kind === 'some') return undefined;
    const face = hashFace(deriveFaceSalt(disclosure.secret), pickFace(type.face, disclosure.values));
    return face === file.body.face ? undefined : fault('FACE_MISMATCH');
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
}

/** All certificates of a batch share one signature; one that was found good under a public key is good under it for ever. */
function holdsSignature(
  batch: KnownBatch,
  { statement, signature }: Proof,
  { publicKey }: KeyRow,
  batches: Lookups['batches'],
): boolean {
  if (batch.signers.has(publicKey)) return true;
  if (!verifySm2(utf8(statement), batch.signature, fromBase64(publicKey, 65))) return false;
  batch.signers.add(publicKey);
  batches?.keep(statement, signature, batch);
  return true;
}

function verifySignature({ proof }: CertificateFile, batch: KnownBatch, trust: Trust, lookups: Lookups): Check {
  const { statement } = batch;
  if (!batch.isSigned) return fail('signature', 'MALFORMED_SIGNATURE');
  const row = trust.key(statement.key);
  const details = { key: statement.key, issuer: statement.issuer };
  if (!row && mayBeNewer(statement.time, trust, lookups)) return doubt('signature', 'KEY_UNKNOWN_YET', details);
  if (!row) return fail('signature', 'KEY_UNKNOWN', details);
  if (!holdsSignature(batch, proof, row, lookups.batches)) {
    return fail('signature', 'SIGNATURE_INVALID', details);
  }
  const at = anchorTime(lookups);
  if (at === undefined) {
    const wrong = row.issuer !== statement.issuer || row.use !== 'anchor';
    return wrong ? fail('signature', 'KEY_WRONG_USE', details) : doubt('signature', 'ANCHOR_UNPROVEN', details);
  }
  const fault = findKeyFault(row, { issuer: statement.issuer, use: 'anchor', at });
  return fault
    ? fail('signature', fault, { ...details, at, ...describeCompromise(row) })
    : pass('signature', { ...details, at, vouchedBy: row.vouchedBy });
}

/** By the ledger where a reader of it was asked, else by another domain's signed word. A bad `anchored` fails in either case, one that cannot be read leaves a doubt. */
function verifyAnchor(file: CertificateFile, leaf: Uint8Array, digest: string, trust: Trust, lookups: Lookups): Check {
  const anchored = lookups.anchored;
  if (anchored?.outcome === 'invalid') return fail('anchor', 'ANCHORED_INVALID');
  if (anchored?.outcome === 'verified') {
    const { claims } = anchored;
    if (claims.channel !== trust.channel || claims.statement !== digest) return fail('anchor', 'ANCHORED_INVALID');
  }
  const block = anchored?.outcome === 'verified' ? anchored.claims.block : undefined;
  if (anchored?.outcome === 'unknown-key') return doubt('anchor', 'ANCHORED_KEY_UNKNOWN');
  if (lookups.ledger) return verifyLedgerAnchor(file, leaf, digest, lookups.ledger, block);
  if (!anchored) return doubt('anchor', 'ANCHOR_UNPROVEN');
  if (anchored.outcome === 'compromised-key') return doubt('anchor', 'ANCHORED_KEY_COMPROMISED');
  const { txId, time, iss } = anchored.claims;
  if (iss === trust.issuer(file.body.issuer)?.domain && !trust.onlyDomain)
    return doubt('anchor', 'ANCHORED_BY_OWN_DOMAIN');
  return pass('anchor', { ...describeDomain(iss, trust), txId, block: anchored.claims.block, time });
}

function verifyLedgerAnchor(
  { body }: CertificateFile,
  leaf: Uint8Array,
  digest: string,
  ledger: NonNullable<Lookups['ledger']>,
  anchoredBlock: number | undefined,
): Check {
  const { anchor } = ledger;
  if (!anchor && anchoredBlock !== undefined && anchoredBlock >= ledger.height) {
    return doubt('anchor', 'LEDGER_BEHIND', { height: ledger.height, block: anchoredBlock });
  }
  if (!anchor || !equal(fromBase64(anchor.leaf, 32), leaf) || anchor.statement !== digest) {
    return fail('anchor', 'NOT_ANCHORED', { height: ledger.height });
  }
  if (!isSupersessionAgreed(body.supersedes, anchor.supersedes)) return fail('anchor', 'SUPERSESSION_MISMATCH');
  const { txId, block, time } = anchor;
  return pass('anchor', { by: 'ledger', txId, block, time });
}

/** Whether body and ledger agree on what is superseded: both nothing, or a first version at that very entry, or some later version. */
export function isSupersessionAgreed(supersedes: CertificateFile['body']['supersedes'], entry: number | null): boolean {
  if (supersedes === null || entry === null) return supersedes === null && entry === null;
  const older = parseIdentifier(supersedes);
  return older.version > 1 || Number(older.serial) === entry;
}
