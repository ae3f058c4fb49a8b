/** Puts the verification service together: core judges, this fetches what it judges by and decides what an asker may see. */
import {
  type BodyAnswer,
  type CertificateType,
  type Check,
  doubt,
  fail,
  KnownBatches,
  type Language,
  type LedgerKnowledge,
  type ParsedIdentifier,
  parseCalendarDate,
  parseIdentifier,
  type Subject,
  toBase64,
  toLeaf,
  toSubject,
  type VerificationAnswer,
  type VerificationRequest,
  verify,
  YinxinError,
} from '@yinxin/core';
import type { EntryRef } from '../index/read-model.ts';
import { getErasure } from '../keeping/erasing.ts';
import type { VaultRecord } from '../vault/vault.ts';
import { isOwnOperator, isPartner } from './access.ts';
import { type Found, toAnswer } from './answer.ts';
import { type Claims, checkClaims, FailureCounter, isMatch } from './comparison.ts';
import { verifyDocument } from './documents.ts';
import { createElsewhere, type Elsewhere, type Kept, toBodyAnswer } from './elsewhere.ts';
import { presentCodeText, presentFileJson } from './presenting.ts';
import { openScene, type Scene, toVerifyOptions } from './scene.ts';
import type { Access, AskOptions, Verifying, VerifyingDeps } from './verifying.ts';

const unknown = () => new YinxinError('CERTIFICATE_UNKNOWN');

/** A certificate that a number names, as far as this gateway knows it. */
interface Named {
  readonly parsed: ParsedIdentifier;
  readonly ref: EntryRef;
  readonly knowledge: LedgerKnowledge;
  readonly type: CertificateType;
  /** Of this gateway's vault, or proven by a partner; undefined where neither has it. */
  readonly record: Kept | undefined;
}

interface OwnNamed extends Named {
  readonly record: VaultRecord | undefined;
}

class VerifyingService implements Verifying {
  readonly #deps: VerifyingDeps;
  readonly #failures = new FailureCounter();
  readonly #batches = new KnownBatches();
  readonly #elsewhere: Elsewhere | undefined;

  constructor(deps: VerifyingDeps) {
    this.#deps = deps;
    this.#elsewhere = deps.partners && createElsewhere(deps.partners, deps.clock);
  }

  async byNumber(
    identifier: string,
    access: Access,
    options: AskOptions = {},
    language: Language = 'zh',
  ): Promise<VerificationAnswer> {
    return this.#byNumber(identifier, openScene(this.#deps, access, options, language));
  }

  async verify(request: VerificationRequest, access: Access, language: Language = 'zh'): Promise<VerificationAnswer> {
    const scene = openScene(this.#deps, access, request, language);
    if ('file' in request) return this.#document(presentFileJson(request.file), scene);
    if ('code' in request) return this.#document(presentCodeText(request.code), scene);
    if ('leaf' in request) return this.#byLeaf(request.identifier, request.leaf, scene);
    if (request.claims) return this.#byComparison(request.identifier, request.claims, scene);
    return this.#byNumber(request.identifier, scene);
  }

  async body(identifier: string): Promise<BodyAnswer> {
    const scene = openScene(this.#deps, 'anonymous', {}, 'zh');
    const parsed = parseIdentifier(identifier);
    const isOpen = requireType(parsed, scene).lookup === 'public';
    const { record, type } = isOpen ? await this.#findOwn(parsed, scene) : {};
    if (!record || !type) throw new YinxinError('NOT_FOUND', { kind: 'body' });
    return toBodyAnswer(record, type, scene.present);
  }

  async history(identifier: string, after: number, limit: number) {
    const { readModel } = this.#deps;
    const parsed = parseIdentifier(identifier);
    const ref = await readModel.findEntry(parsed);
    if (!ref) throw unknown();
    return { identifier: parsed.identifier, ...(await readModel.history(ref, after, limit)) };
  }

  #document(presented: Parameters<typeof verifyDocument>[2], scene: Scene) {
    return verifyDocument(this.#deps, scene, presented, this.#batches);
  }

  async #byNumber(identifier: string, scene: Scene): Promise<VerificationAnswer> {
    const { access, present, now } = scene;
    const parsed = parseIdentifier(identifier);
    const { lookup } = requireType(parsed, scene);
    if (lookup === 'partner' && !isPartner(access)) throw new YinxinError('CLAIMS_REQUIRED');
    const named = await this.#find(parsed, scene);
    const isOwn = isOwnOperator(access, named.ref.issuer, present, now);
    return judge(named, scene, named.type.holder.kind === 'organization' || isOwn);
  }

  /** Who computed the leaf has the certificate. It is shown nothing that it does not hold. */
  async #byLeaf(identifier: string, leaf: string, scene: Scene): Promise<VerificationAnswer> {
    const named = await this.#find(parseIdentifier(identifier), scene);
    if (named.knowledge.anchor?.leaf !== leaf) throw unknown();
    return judge(named, scene, false);
  }

  async #byComparison(identifier: string, claims: Claims, scene: Scene): Promise<VerificationAnswer> {
    const parsed = parseIdentifier(identifier);
    checkClaims(requireType(parsed, scene), claims);
    const named = await this.#find(parsed, scene);
    const { ref, record } = named;
    // from here to the counting nothing is awaited: requests side by side get no attempt more
    if (!record || this.#failures.isExhausted(ref, this.#deps.clock())) throw unknown();
    if (!isMatch(claims, record.fields)) {
      this.#failures.add(ref, this.#deps.clock());
      throw unknown();
    }
    return judge(named, scene, true);
  }

  /** Partners are asked for nothing but what the ledger has, of types open to everyone. @throws YinxinError CERTIFICATE_UNKNOWN */
  async #find(parsed: ParsedIdentifier, scene: Scene): Promise<Named> {
    const own = await this.#findOwn(parsed, scene);
    const leaf = own.knowledge.anchor?.leaf;
    const isAsked = !own.record && leaf !== undefined && requireType(parsed, scene).lookup === 'public';
    // of what was erased here, nobody else has anything
    if (!isAsked || !this.#elsewhere || (await getErasure(this.#deps.vault, own.ref))) return own;
    return { ...own, record: await this.#elsewhere.find({ ...own, leaf }) };
  }

  /** The vault's record counts only when its leaf is the ledger's. @throws YinxinError CERTIFICATE_UNKNOWN */
  async #findOwn(parsed: ParsedIdentifier, { trust }: Scene): Promise<OwnNamed> {
    const { readModel, vault } = this.#deps;
    const ref = await readModel.findEntry(parsed, trust.height);
    if (!ref) throw unknown();
    const [knowledge, batch, stored] = await Promise.all([
      readModel.knowledge(ref, trust.height),
      readModel.batch(ref),
      vault.get(ref.issuer, ref.type, ref.entry),
    ]);
    const type = batch && trust.type(ref.type, batch.row.typeVersion);
    if (!type) throw unknown();
    const isAnchored = stored && toBase64(toLeaf(stored.body)) === knowledge.anchor?.leaf;
    return { parsed, ref, knowledge, type, record: isAnchored ? stored : undefined };
  }
}

/** The newest version: how a type may be asked about is a matter of today. @throws YinxinError CERTIFICATE_UNKNOWN when no type has this code */
function requireType({ typeCode }: ParsedIdentifier, { present }: Scene): CertificateType {
  const type = present.types.find(({ code }) => code === typeCode);
  if (!type) throw unknown();
  return type;
}

function judge(named: Named, scene: Scene, isShown: boolean): VerificationAnswer {
  const { parsed, knowledge, type, record } = named;
  const found: Found | undefined = record && { body: record.body, type, values: isShown ? record.fields : undefined };
  return toAnswer(scene, {
    kind: 'number',
    checks: checkNumber(named, scene),
    knowledge,
    identifier: parsed.identifier,
    found,
  });
}

/** A certificate that another gateway issued, and of which no partner gave the body: all but its dates is on the ledger. */
function toSubjectWithoutDates({ ref, type, knowledge }: Named, { now }: Scene): Subject {
  const { issuer, entry } = ref;
  const issuedAt = knowledge.anchor?.time ?? now;
  return { type, issuer, entry, issuedAt, validFrom: parseCalendarDate('1900-01-01'), validUntil: null };
}

/** Nobody here knows the dates; that it had not been issued yet shows on the ledger all the same. */
function withoutDates(check: Check, issuedAt: string): Check {
  if (check.check !== 'validity') return check;
  const isUnissued = check.outcome === 'failed' && check.code === 'NOT_YET_ISSUED';
  return isUnissued ? fail('validity', 'NOT_YET_ISSUED', { issuedAt }) : doubt('validity', 'VALIDITY_UNKNOWN');
}

function checkNumber(named: Named, scene: Scene): readonly Check[] {
  const { parsed, knowledge, type, record } = named;
  const { trust, now, options } = scene;
  const subject = record ? toSubject(record.body, type) : toSubjectWithoutDates(named, scene);
  const presented = { kind: 'number', identifier: parsed } as const;
  const checks = verify(presented, trust, now, { ledger: knowledge, record: subject }, toVerifyOptions(options));
  return record ? checks : checks.map((check) => withoutDates(check, subject.issuedAt));
}

/** One per process: failed comparisons are counted in memory. */
export function createVerifying(deps: VerifyingDeps): Verifying {
  return new VerifyingService(deps);
}
