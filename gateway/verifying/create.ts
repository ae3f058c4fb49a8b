/** Puts the verification service together: core judges, this fetches what it judges by and decides what an asker may see. */
import {
  type CertificateType,
  type Check,
  createSignatureMemo,
  doubt,
  type Instant,
  type LedgerKnowledge,
  type ParsedIdentifier,
  parseCalendarDate,
  parseIdentifier,
  type Subject,
  type Trust,
  toBase64,
  toLeaf,
  toSubject,
  type VerificationAnswer,
  type VerificationRequest,
  verify,
  YinxinError,
} from '@yinxin/core';
import type { EntryRef } from '../index/read-model.ts';
import type { VaultRecord } from '../vault/vault.ts';
import { isOwnOperator, isPartner, requirePurpose } from './access.ts';
import { type Found, toAnswer } from './answer.ts';
import { type Claims, checkClaims, FailureCounter, isMatch } from './comparison.ts';
import { verifyDocument } from './documents.ts';
import { presentCodeText, presentFileJson } from './presenting.ts';
import type { Access, NumberOptions, Verifying, VerifyingDeps } from './verifying.ts';

const unknown = () => new YinxinError('CERTIFICATE_UNKNOWN');

/** A certificate that a number names, as far as this gateway knows it. */
interface Named {
  readonly parsed: ParsedIdentifier;
  readonly ref: EntryRef;
  readonly knowledge: LedgerKnowledge;
  readonly type: CertificateType;
  /** Undefined where another gateway issued it. */
  readonly record: VaultRecord | undefined;
}

class VerifyingService implements Verifying {
  readonly #deps: VerifyingDeps;
  readonly #failures = new FailureCounter();
  readonly #signatures = createSignatureMemo();

  constructor(deps: VerifyingDeps) {
    this.#deps = deps;
  }

  async byNumber(identifier: string, access: Access, options: NumberOptions = {}): Promise<VerificationAnswer> {
    requirePurpose(access, options.purpose);
    const parsed = parseIdentifier(identifier);
    const { lookup } = this.#typeOf(parsed);
    if (lookup === 'partner' && !isPartner(access)) throw new YinxinError('CLAIMS_REQUIRED');
    const named = await this.#find(parsed);
    const isShown = named.type.holder.kind === 'organization' || isOwnOperator(access, named.ref.issuer);
    return this.#judge(named, access, options, isShown);
  }

  async verify(request: VerificationRequest, access: Access): Promise<VerificationAnswer> {
    if ('file' in request) return this.#document(request, access, presentFileJson(request.file));
    if ('code' in request) return this.#document(request, access, presentCodeText(request.code));
    if ('leaf' in request) return this.#byLeaf(request.identifier, request.leaf, access, request);
    if (request.claims) return this.#byComparison(request.identifier, request.claims, access, request);
    return this.byNumber(request.identifier, access, request);
  }

  async history(identifier: string, after: number, limit: number) {
    const { readModel } = this.#deps;
    const parsed = parseIdentifier(identifier);
    const ref = await readModel.findEntry(parsed);
    if (!ref) throw unknown();
    return { identifier: parsed.identifier, ...(await readModel.history(ref, after, limit)) };
  }

  #document(options: NumberOptions, access: Access, presented: Parameters<typeof verifyDocument>[1]) {
    requirePurpose(access, options.purpose);
    return verifyDocument(this.#deps, presented, access, options, this.#signatures);
  }

  /** Who computed the leaf has the certificate. It is shown nothing that it does not hold. */
  async #byLeaf(identifier: string, leaf: string, access: Access, options: NumberOptions) {
    requirePurpose(access, options.purpose);
    const named = await this.#find(parseIdentifier(identifier));
    if (named.knowledge.anchor?.leaf !== leaf) throw unknown();
    return this.#judge(named, access, options, false);
  }

  async #byComparison(identifier: string, claims: Claims, access: Access, options: NumberOptions) {
    requirePurpose(access, options.purpose);
    const parsed = parseIdentifier(identifier);
    checkClaims(this.#typeOf(parsed), claims);
    const ref = await this.#deps.readModel.findEntry(parsed);
    if (!ref) throw unknown();
    const named = await this.#read(parsed, ref);
    // from here to the counting nothing is awaited: requests side by side get no attempt more
    if (!named.record || this.#failures.isExhausted(ref, this.#deps.clock())) throw unknown();
    if (!isMatch(claims, named.record.fields)) {
      this.#failures.add(ref, this.#deps.clock());
      throw unknown();
    }
    return this.#judge(named, access, options, true);
  }

  /** @throws YinxinError CERTIFICATE_UNKNOWN when no type has this code */
  #typeOf({ typeCode }: ParsedIdentifier): CertificateType {
    const type = this.#deps.readModel.trust().types.find(({ code }) => code === typeCode);
    if (!type) throw unknown();
    return type;
  }

  async #find(parsed: ParsedIdentifier): Promise<Named> {
    const ref = await this.#deps.readModel.findEntry(parsed);
    if (!ref) throw unknown();
    return this.#read(parsed, ref);
  }

  /** The vault's record counts only when its leaf is the ledger's. */
  async #read(parsed: ParsedIdentifier, ref: EntryRef): Promise<Named> {
    const { readModel, vault } = this.#deps;
    const [knowledge, batch, stored] = await Promise.all([
      readModel.knowledge(ref),
      readModel.batch(ref),
      vault.get(ref.issuer, ref.type, ref.entry),
    ]);
    const type = batch && readModel.trust().type(ref.type, batch.row.typeVersion);
    if (!type) throw unknown();
    const isAnchored = stored && toBase64(toLeaf(stored.body)) === knowledge.anchor?.leaf;
    return { parsed, ref, knowledge, type, record: isAnchored ? stored : undefined };
  }

  #judge(named: Named, access: Access, { at, domain }: NumberOptions, isShown: boolean): VerificationAnswer {
    const { parsed, knowledge, type, record } = named;
    const trust = this.#deps.readModel.trust();
    const now = this.#deps.clock();
    const found: Found | undefined = record && { body: record.body, type, values: isShown ? record.fields : undefined };
    return toAnswer({
      kind: 'number',
      checks: checkNumber(named, trust, now, { ...(at && { at }), ...(domain !== undefined && { domain }) }),
      trust,
      access,
      at: at ?? now,
      isDomainNamed: domain !== undefined,
      knowledge,
      identifier: parsed.identifier,
      found,
    });
  }
}

/** A certificate that another gateway issued: all but its dates is on the ledger. */
function toSubjectWithoutDates({ ref, type, knowledge }: Named, now: Instant): Subject {
  const issuedAt = knowledge.anchor?.time ?? now;
  return { type, issuer: ref.issuer, issuedAt, validFrom: parseCalendarDate('1900-01-01'), validUntil: null };
}

function checkNumber(
  named: Named,
  trust: Trust,
  now: Instant,
  options: { readonly at?: Instant; readonly domain?: string },
): readonly Check[] {
  const { parsed, knowledge, type, record } = named;
  const subject = record ? toSubject(record.body, type) : toSubjectWithoutDates(named, now);
  const presented = { kind: 'number', identifier: parsed } as const;
  const checks = verify(presented, trust, now, { ledger: knowledge, record: subject }, options);
  if (record) return checks;
  return checks.map((check) => (check.check === 'validity' ? doubt('validity', 'VALIDITY_UNKNOWN') : check));
}

/** One per process: failed comparisons are counted in memory. */
export function createVerifying(deps: VerifyingDeps): Verifying {
  return new VerifyingService(deps);
}
