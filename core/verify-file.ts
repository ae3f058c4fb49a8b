/** The origin of a certificate file: integrity, signature, anchoring. */
import { findBodyMismatch, toLeaf } from './body.ts';
import { equal, fromBase64, utf8 } from './bytes.ts';
import { toDisclosure } from './certificate-file.ts';
import { type ErrorCode, YinxinError } from './errors.ts';

import { deriveFaceSalt, hashFace, openFields, pickFace } from './fields.ts';
import { type Check, doubt, fail, pass } from './finding.ts';
import { isHolderTokenOf } from './holder-token.ts';
import { parseIdentifier } from './identifier.ts';
import type { KeyRow } from './ledger-model.ts';
import type { AnchorStatement, CertificateFile, CertificateType } from './model.ts';
import { findProofFault } from './proof.ts';
import { checkShownValues } from './shown-values.ts';
import { isSignature, verifySm2 } from './sm2.ts';
import { parseAnchorStatement, statementDigest } from './statement.ts';
import { type Subject, toSubject } from './subject.ts';
import { findKeyFault, type Trust } from './trust.ts';
import { anchorTime, judgeUnknown, type Lookups } from './verify-common.ts';

export function verifyFileOrigin(
  file: CertificateFile,
  trust: Trust,
  lookups: Lookups,
): { checks: Check[]; subject?: Subject } {
  const { body, proof } = file;
  const statement = readStatement(proof.statement);
  if (statement instanceof YinxinError) return { checks: [fail('format', statement.code, statement.details)] };
  if (statement.channel !== trust.channel) return { checks: [fail('format', 'CHANNEL_MISMATCH')] };
  const type = trust.type(body.type, body.typeVersion);
  if (!type) return { checks: [pass('format'), judgeUnknown('integrity', 'TYPE_UNKNOWN', body, trust)] };
  const leaf = toLeaf(body);
  const digest = statementDigest(proof.statement, fromBase64(proof.signature));
  const fault = findBindingFault(file, statement, type, leaf) ?? findFieldFault(file, type);
  return {
    checks: [
      pass('format'),
      fault ? fail('integrity', fault.code, fault.details) : pass('integrity'),
      verifySignature(file, statement, digest, trust, lookups),
      verifyAnchor(file, leaf, digest, trust, lookups),
    ],
    subject: toSubject(body, type),
  };
}

function readStatement(text: string): AnchorStatement | YinxinError {
  try {
    return parseAnchorStatement(text);
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
  statement: AnchorStatement,
  type: CertificateType,
  leaf: Uint8Array,
): Fault | undefined {
  const { body, proof } = file;
  if (statement.issuer !== body.issuer) return fault('ISSUER_MISMATCH');
  if (statement.type !== body.type || statement.typeVersion !== body.typeVersion) return fault('TYPE_MISMATCH');
  const code = findBodyMismatch(body, type.code) ?? findProofFault(body, leaf, statement, proof);
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

/** All certificates of a batch share one signature; a good one is looked up by statement, signature and public key. */
function holdsSignature(
  statement: string,
  signature: Uint8Array,
  digest: string,
  { publicKey }: KeyRow,
  memo: Lookups['signatures'],
): boolean {
  const name = `${digest} ${publicKey}`;
  if (memo?.has(name)) return true;
  const holds = verifySm2(utf8(statement), signature, fromBase64(publicKey, 65));
  if (holds) memo?.add(name);
  return holds;
}

function verifySignature(
  file: CertificateFile,
  statement: AnchorStatement,
  digest: string,
  trust: Trust,
  lookups: Lookups,
): Check {
  const signature = fromBase64(file.proof.signature);
  if (!isSignature(signature)) return fail('signature', 'MALFORMED_SIGNATURE');
  const row = trust.key(statement.key);
  const details = { key: statement.key, issuer: statement.issuer };
  if (!row && statement.time > trust.asOf) return doubt('signature', 'KEY_UNKNOWN_YET', details);
  if (!row) return fail('signature', 'KEY_UNKNOWN', details);
  if (!holdsSignature(file.proof.statement, signature, digest, row, lookups.signatures)) {
    return fail('signature', 'SIGNATURE_INVALID', details);
  }
  const at = anchorTime(lookups);
  if (at === undefined) {
    const wrong = row.issuer !== statement.issuer || row.use !== 'anchor';
    return wrong ? fail('signature', 'KEY_WRONG_USE', details) : doubt('signature', 'ANCHOR_UNPROVEN', details);
  }
  const fault = findKeyFault(row, { issuer: statement.issuer, use: 'anchor', at });
  return fault
    ? fail('signature', fault, { ...details, at })
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
  if (anchored?.outcome === 'unknown-key') return doubt('anchor', 'ANCHORED_KEY_UNKNOWN');
  const block = anchored?.claims.block;
  if (lookups.ledger) return verifyLedgerAnchor(file, leaf, digest, lookups.ledger, block);
  if (!anchored) return doubt('anchor', 'ANCHOR_UNPROVEN');
  const { txId, time, iss } = anchored.claims;
  if (iss === trust.issuer(file.body.issuer)?.domain && !trust.onlyDomain)
    return doubt('anchor', 'ANCHORED_BY_OWN_DOMAIN');
  return pass('anchor', { by: iss, txId, block: anchored.claims.block, time });
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
