/** Verification: good certificates in every form, and for each finding a case that yields exactly it. */
import {
  type Body,
  type CertificateFile,
  type CertificateType,
  type Check,
  choosePolicy,
  conclude,
  discloseFields,
  type ErrorCode,
  formatCertificateFile,
  formatSymbol,
  fromBase64,
  type LedgerKnowledge,
  type Lookups,
  type Presented,
  parseCalendarDate,
  parseInstant,
  presentCode,
  presentFile,
  presentNumber,
  type RecordedChange,
  type Status,
  signSm2,
  statementDigest,
  toBase64,
  toTrust,
  utf8,
  type Verdict,
  type VerifyOptions,
  verify,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  anchorKey,
  codeKey,
  exampleValues,
  issueBatch,
  issueOne,
  issuer,
  loadType,
  makeCode,
  makeKey,
  makeTrustClaims,
  now,
} from '../../fixtures/certificates.ts';

const type = loadType('business-licence');
const trust = toTrust(makeTrustClaims([type]));
const good = issueOne(type);

function judge(
  presented: Presented,
  lookups: Lookups,
  options: VerifyOptions = {},
  by = trust,
  at = now,
): { checks: Check[]; verdict: Verdict } {
  const checks = verify(presented, by, at, lookups, options);
  const kind = presented.kind === 'unreadable' ? presented.as : presented.kind;
  const policy = choosePolicy({ kind, domainNamed: options.domain !== undefined, offlineCode: type.offlineCode });
  return { checks, verdict: conclude(checks, policy) };
}

const fromFile = (file: CertificateFile) => presentFile(formatCertificateFile(file));
const reasonOf = (file: CertificateFile, knowledge: LedgerKnowledge = good.knowledge) =>
  judge(fromFile(file), { ledger: knowledge }).verdict.reason;

function change(to: Status, act: RecordedChange['act'], more: Partial<RecordedChange> = {}): RecordedChange {
  return {
    sequence: 1,
    from: 'ACTIVE',
    to,
    act,
    basis: 'licence-law-69',
    document: '示范〔2026〕1号',
    effective: parseInstant('2026-11-20T09:30:00Z'),
    by: null,
    time: parseInstant('2026-11-20T09:30:00Z'),
    key: anchorKey.row.key,
    txId: 'cd'.repeat(32),
    ...more,
  };
}

describe('verify: a good certificate', () => {
  it('is valid as a file, every check passed but the one not asked for', () => {
    const { checks, verdict } = judge(fromFile(good.file), { ledger: good.knowledge });
    expect(verdict).to.deep.equal({ verdict: 'valid', reason: 'VALID', genuine: 'yes' });
    expect(checks.map(({ check, outcome }) => `${check} ${outcome}`)).to.deep.equal([
      'format passed',
      'integrity passed',
      'signature passed',
      'issuer passed',
      'anchor passed',
      'status passed',
      'validity passed',
      'recognition skipped',
    ]);
  });

  it('is valid when its holder shows only some fields, and some of those again', () => {
    const some = discloseFields(good.file, ['holderName', 'holderUscc', 'entityType']);
    const fewer = discloseFields(some, ['holderName']);
    for (const file of [some, fewer, discloseFields(good.file, [])]) {
      expect(judge(fromFile(file), { ledger: good.knowledge }).verdict.verdict).to.equal('valid');
      expect(file.secret).to.equal(undefined);
      expect(file.holderToken).to.equal(undefined);
    }
    expect(Object.keys(fewer.fields)).to.deep.equal(['holderName']);
    expect(() => discloseFields(fewer, ['holderUscc'])).to.throw('FIELD_UNKNOWN');
  });

  for (const kind of ['open', 'closed'] as const) {
    it(`is valid as an ${kind} code, from a symbol and from digits alone`, () => {
      const { digits } = makeCode(good.file, type, kind);
      for (const text of [digits, formatSymbol('https://verify.example/', digits)]) {
        const { verdict } = judge(presentCode(text), { ledger: good.knowledge });
        expect(verdict).to.deep.equal({ verdict: 'valid', reason: 'VALID', genuine: 'yes' });
      }
    });
  }

  it('is valid by number, though nothing was presented that could be called genuine', () => {
    const record = { type, issuer, ...pickDates(good.file.body) };
    const { verdict } = judge(presentNumber(good.file.body.id), { ledger: good.knowledge, record });
    expect(verdict).to.deep.equal({ verdict: 'valid', reason: 'VALID', genuine: 'unknown' });
  });

  it('is recognised in its own city and its districts, and nowhere else without an agreement', () => {
    const at = (domain: string) => judge(fromFile(good.file), { ledger: good.knowledge }, { domain }).verdict;
    expect(at('440300').verdict).to.equal('valid');
    expect(at('440305').verdict).to.equal('valid');
    expect(at('510100')).to.include({ verdict: 'invalid', reason: 'NOT_RECOGNISED', genuine: 'yes' });
  });

  it('reissued at the next version is valid when the ledger agrees on what it supersedes', () => {
    const reissue = { serial: '0000000002', version: 2, ofEntry: 2 };
    const [newer] = issueBatch([{ type, values: exampleValues(type), entry: 4, reissue }]);
    if (!newer) throw new Error('no certificate');
    expect(reasonOf(newer.file, newer.knowledge)).to.equal('VALID');
    const anchor = newer.knowledge.anchor;
    if (!anchor) throw new Error('no anchor');
    expect(reasonOf(newer.file, { ...newer.knowledge, anchor: { ...anchor, supersedes: 3 } })).to.equal(
      'SUPERSESSION_MISMATCH',
    );
    expect(reasonOf(newer.file, { ...newer.knowledge, anchor: { ...anchor, supersedes: null } })).to.equal(
      'SUPERSESSION_MISMATCH',
    );
  });
});

function pickDates({ validFrom, validUntil, issuedAt }: Body) {
  return { validFrom, validUntil, issuedAt };
}

describe('verify: what was changed is found, and named', () => {
  const withBody = (body: Partial<Body>): CertificateFile => ({ ...good.file, body: { ...good.file.body, ...body } });
  const withProof = (proof: Partial<CertificateFile['proof']>): CertificateFile => ({
    ...good.file,
    proof: { ...good.file.proof, ...proof },
  });
  const other = issueOne(type, { ...exampleValues(type), holderName: '深圳另一示范有限公司' });
  const zero = new Uint8Array(32);
  const n = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123';
  const signature = fromBase64(good.file.proof.signature);
  const withSignature = (bytes: Uint8Array) => withProof({ signature: toBase64(bytes) });
  const spliced = (at: number, part: Uint8Array) => {
    const bytes = Uint8Array.from(signature);
    bytes.set(part, at);
    return bytes;
  };

  const cases: readonly (readonly [string, CertificateFile, ErrorCode])[] = [
    [
      'a changed value',
      { ...good.file, fields: { ...good.file.fields, holderName: '深圳冒名示范有限公司' } },
      'FIELDS_MISMATCH',
    ],
    ['another secret', { ...good.file, secret: toBase64(new Uint8Array(16)) }, 'FIELDS_MISMATCH'],
    ['a field too many', { ...good.file, fields: { ...good.file.fields, nickname: '示范' } }, 'FIELD_UNKNOWN'],
    ['a required field missing', { ...good.file, fields: omit(good.file.fields, 'holderName') }, 'FIELD_MISSING'],
    [
      'a wrong check digit',
      { ...good.file, fields: { ...good.file.fields, holderUscc: '91990300DEMB000142' } },
      'CHECK_DIGIT_INVALID',
    ],
    ['an impossible date', { ...good.file, fields: { ...good.file.fields, issueDate: '2026-02-30' } }, 'DATE_INVALID'],
    ['the fields of another certificate', withBody({ fields: other.file.body.fields }), 'PROOF_MISMATCH'],
    ['another entry', withBody({ entry: 3 }), 'VERSION_MISMATCH'],
    ['another issuer', withBody({ issuer: '11990300DEMA00013K' }), 'ISSUER_MISMATCH'],
    ['another type', withBody({ type: 'hygiene-licence' }), 'TYPE_UNKNOWN'],
    ['another version of the type', withBody({ typeVersion: 2 }), 'TYPE_UNKNOWN'],
    ['a later issue', withBody({ issuedAt: parseInstant('2026-11-20T09:00:01Z') }), 'PROOF_MISMATCH'],
    ['the identifier of another', withBody({ id: issue(3).body.id }), 'VERSION_MISMATCH'],
    ['a superseded identifier on a first version', withBody({ supersedes: issue(1).body.id }), 'VERSION_MISMATCH'],
    ['an index past the tree', withProof({ index: 3 }), 'INDEX_OUTSIDE_TREE'],
    ['the index of a neighbour', withProof({ index: 0 }), 'ENTRY_MISMATCH'],
    ['a proof one hash too long', withProof({ path: [...good.file.proof.path, toBase64(zero)] }), 'PROOF_LENGTH'],
    ['a proof one hash too short', withProof({ path: good.file.proof.path.slice(1) }), 'PROOF_LENGTH'],
    [
      'a proof with another hash',
      withProof({ path: good.file.proof.path.map(() => toBase64(zero)) }),
      'PROOF_MISMATCH',
    ],
    ['a signature of 63 bytes', withSignature(signature.subarray(0, 63)), 'MALFORMED_SIGNATURE'],
    ['a signature of 65 bytes', withSignature(new Uint8Array([...signature, 0])), 'MALFORMED_SIGNATURE'],
    ['no signature', withSignature(new Uint8Array(0)), 'MALFORMED_SIGNATURE'],
    ['r = 0', withSignature(spliced(0, zero)), 'MALFORMED_SIGNATURE'],
    ['s = 0', withSignature(spliced(32, zero)), 'MALFORMED_SIGNATURE'],
    [
      'r = n',
      withSignature(
        spliced(
          0,
          Uint8Array.from(n.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
        ),
      ),
      'MALFORMED_SIGNATURE',
    ],
    ['another signature', withSignature(signSm2(utf8('other'), anchorKey.privateKey)), 'SIGNATURE_INVALID'],
    [
      'a statement with a line too many',
      withProof({ statement: `${good.file.proof.statement}note x\n` }),
      'MALFORMED_STATEMENT',
    ],
    ['the holder token of another', { ...good.file, holderToken: issue(1).holderToken ?? '' }, 'HOLDER_TOKEN_MISMATCH'],
  ];
  for (const [name, file, code] of cases) {
    it(`${name}: ${code}`, () => {
      const { verdict } = judge(fromFile(file), { ledger: good.knowledge });
      expect(verdict).to.include({ verdict: 'invalid', reason: code });
      expect(verdict.genuine).to.equal(verdict.check === 'format' ? 'unknown' : 'no');
    });
  }

  function issue(entry: 1 | 3): CertificateFile {
    const all = issueBatch([1, 2, 3].map((number) => ({ type, values: exampleValues(type), entry: number })));
    const found = all[entry - 1];
    if (!found) throw new Error('no certificate');
    return found.file;
  }

  it('a face that differs from the fields: FACE_MISMATCH', () => {
    const face = other.file.body.face;
    const [forged] = issueBatch([{ type, values: exampleValues(type), entry: 1, body: { face } }]);
    expect(forged && reasonOf(forged.file, forged.knowledge)).to.equal('FACE_MISMATCH');
  });

  it('a version that skips its serial: VERSION_MISMATCH', () => {
    const reissue = { serial: '0000000009', version: 1, ofEntry: 2 };
    const [forged] = issueBatch([{ type, values: exampleValues(type), entry: 4, reissue }]);
    expect(forged && reasonOf(forged.file, forged.knowledge)).to.equal('VERSION_MISMATCH');
  });

  it('a statement of another channel: CHANNEL_MISMATCH', () => {
    const [forged] = issueBatch([{ type, values: exampleValues(type), entry: 1 }], { channel: 'other' });
    expect(forged && reasonOf(forged.file, forged.knowledge)).to.equal('CHANNEL_MISMATCH');
  });

  it('a statement whose range is not the tree’s size: PROOF_LENGTH', () => {
    const [forged] = issueBatch([{ type, values: exampleValues(type), entry: 1 }], { last: 2 });
    expect(forged && reasonOf(forged.file, forged.knowledge)).to.equal('PROOF_LENGTH');
  });

  it('a file with the secret and a hidden field: SECRET_WITH_HIDDEN_FIELD', () => {
    const some = discloseFields(good.file, ['holderName']);
    const both = { ...some, secret: good.file.secret ?? '' };
    expect(reasonOf(both)).to.equal('SECRET_WITH_HIDDEN_FIELD');
  });
});

function omit(values: CertificateFile['fields'], key: string): CertificateFile['fields'] {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== key));
}

describe('verify: keys and entitlement at the time that counts', () => {
  const values = exampleValues(type);
  const withClaims = (changes: Parameters<typeof makeTrustClaims>[1]) => toTrust(makeTrustClaims([type], changes));
  const reasonBy = (by: typeof trust, issued = good) =>
    judge(fromFile(issued.file), { ledger: issued.knowledge }, {}, by).verdict.reason;
  const keyRow = (changes: Partial<typeof anchorKey.row>) => withClaims({ keys: [{ ...anchorKey.row, ...changes }] });

  it('a key that the ledger does not know', () => {
    expect(reasonBy(withClaims({ keys: [] }))).to.equal('KEY_UNKNOWN');
  });
  it('a key that a list older than the signature does not know: could not check, never fake', () => {
    const older = withClaims({ keys: [], iat: Date.parse('2026-11-20T08:00:00Z') / 1000 });
    expect(judge(fromFile(good.file), { ledger: good.knowledge }, {}, older).verdict).to.include({
      verdict: 'indeterminate',
      reason: 'KEY_UNKNOWN_YET',
      genuine: 'unknown',
    });
  });
  it('a type or body that a list older than the certificate does not know: could not check', () => {
    const iat = Date.parse('2026-11-20T08:00:00Z') / 1000;
    expect(reasonBy(withClaims({ iat, types: [] }))).to.equal('TRUST_OUTDATED');
    expect(reasonBy(withClaims({ iat, issuers: [] }))).to.equal('TRUST_OUTDATED');
    expect(reasonBy(withClaims({ types: [] }))).to.equal('TYPE_UNKNOWN');
  });
  it('a key of another use', () => {
    const [issued] = issueBatch([{ type, values, entry: 1 }], { key: codeKey.row.key }, codeKey);
    expect(issued && reasonBy(trust, issued)).to.equal('KEY_WRONG_USE');
  });
  it('a key of another issuer', () => {
    const foreign = makeKey('11990300DEMA00013K', 'anchor', 'foreign');
    const [issued] = issueBatch([{ type, values, entry: 1 }], { key: foreign.row.key }, foreign);
    expect(issued && reasonBy(withClaims({ keys: [foreign.row] }), issued)).to.equal('KEY_WRONG_USE');
  });
  it('a key outside its window', () => {
    expect(reasonBy(keyRow({ from: parseInstant('2026-11-20T09:00:01Z') }))).to.equal('KEY_NOT_IN_WINDOW');
    expect(reasonBy(keyRow({ until: parseInstant('2026-11-20T09:00:00Z') }))).to.equal('KEY_NOT_IN_WINDOW');
    expect(reasonBy(keyRow({ until: parseInstant('2026-11-20T09:00:01Z') }))).to.equal('VALID');
  });
  it('a key compromised before; what was anchored before the compromise stands', () => {
    expect(reasonBy(keyRow({ compromisedFrom: parseInstant('2026-11-20T09:00:00Z') }))).to.equal('KEY_COMPROMISED');
    expect(reasonBy(keyRow({ compromisedFrom: parseInstant('2026-11-20T09:00:01Z') }))).to.equal('VALID');
  });
  it('an issuer not entitled to the type, or not yet', () => {
    expect(reasonBy(withClaims({ entitlements: [] }))).to.equal('NOT_ENTITLED');
    const [entitlement] = makeTrustClaims([type]).entitlements;
    if (!entitlement) throw new Error('no entitlement');
    const from = parseInstant('2026-11-21T00:00:00Z');
    expect(reasonBy(withClaims({ entitlements: [{ ...entitlement, from }] }))).to.equal('NOT_ENTITLED');
    expect(reasonBy(withClaims({ issuers: [] }))).to.equal('ISSUER_UNKNOWN');
  });
});

describe('verify: status, validity and what could not be checked', () => {
  const knows = (changes: readonly RecordedChange[], more: Partial<LedgerKnowledge> = {}) => ({
    ledger: { ...good.knowledge, changes, ...more },
  });

  const ended = [
    ['SUSPENDED', 'suspend'],
    ['SUPERSEDED', 'supersede'],
    ['CANCELLED', 'cancel'],
    ['REVOKED', 'revoke'],
    ['WITHDRAWN', 'withdraw'],
    ['FORFEITED', 'forfeit'],
  ] as const;
  for (const [status, act] of ended) {
    it(`${status} is its own answer, and genuine`, () => {
      const { verdict } = judge(fromFile(good.file), knows([change(status, act)]));
      expect(verdict).to.include({ verdict: 'invalid', reason: status, genuine: 'yes' });
      expect(verdict.details).to.include({ document: '示范〔2026〕1号', act });
    });
  }

  it('a resumed certificate is in force, and the past keeps its answer', () => {
    const changes = [
      change('SUSPENDED', 'suspend'),
      change('ACTIVE', 'resume', { sequence: 2, from: 'SUSPENDED', effective: parseInstant('2026-11-20T09:45:00Z') }),
    ];
    expect(judge(fromFile(good.file), knows(changes)).verdict.reason).to.equal('VALID');
    const at = parseInstant('2026-11-20T09:40:00Z');
    expect(judge(fromFile(good.file), knows(changes), { at }).verdict.reason).to.equal('SUSPENDED');
  });

  it('a revocation that takes effect tomorrow does not count today', () => {
    const changes = [change('REVOKED', 'revoke', { effective: parseInstant('2026-11-21T00:00:00Z') })];
    expect(judge(fromFile(good.file), knows(changes)).verdict.reason).to.equal('VALID');
    const at = parseInstant('2026-11-21T00:00:00Z');
    expect(judge(fromFile(good.file), knows(changes), { at }).verdict.reason).to.equal('REVOKED');
  });

  it('status knowledge older than the type allows is no knowledge', () => {
    const { verdict } = judge(fromFile(good.file), knows([], { asOf: parseInstant('2026-10-01T00:00:00Z') }));
    expect(verdict).to.include({ verdict: 'indeterminate', reason: 'STATUS_STALE', genuine: 'yes' });
  });

  it('expired and not yet valid are two answers', () => {
    const [old] = issueBatch([
      { type, values: exampleValues(type), entry: 1, body: lasting('2020-01-01', '2025-01-01') },
    ]);
    const [young] = issueBatch([{ type, values: exampleValues(type), entry: 1, body: lasting('2027-01-01', null) }]);
    expect(old && reasonOf(old.file, old.knowledge)).to.equal('EXPIRED');
    expect(young && reasonOf(young.file, young.knowledge)).to.equal('NOT_YET_VALID');
  });

  it('a ledger that does not hold it: not anchored', () => {
    const { anchor: _, ...without } = good.knowledge;
    expect(reasonOf(good.file, without)).to.equal('NOT_ANCHORED');
    expect(
      reasonOf(good.file, issueOne(type, { ...exampleValues(type), holderName: '深圳另一示范有限公司' }).knowledge),
    ).to.equal('NOT_ANCHORED');
  });

  it('without trust nothing is judged', () => {
    const checks = verify(fromFile(good.file), undefined, now, { ledger: good.knowledge });
    const verdict = conclude(checks, choosePolicy({ kind: 'file' }));
    expect(verdict).to.include({ verdict: 'indeterminate', reason: 'TRUST_MISSING', genuine: 'unknown' });
  });

  it('past the end of the trust list nothing is valid', () => {
    const later = parseInstant('2026-11-25T00:00:00Z');
    const ledger = { ...good.knowledge, asOf: later };
    expect(judge(fromFile(good.file), { ledger }, {}, trust, later).verdict).to.include({
      verdict: 'indeterminate',
      reason: 'TRUST_EXPIRED',
    });
  });

  describe('without the ledger', () => {
    const digest = statementDigest(good.file.proof.statement, fromBase64(good.file.proof.signature));
    const claims = {
      iss: '510100',
      channel: 'certs',
      statement: digest,
      txId: 'ab'.repeat(32),
      block: 7,
      time: parseInstant('2026-11-20T09:00:00Z'),
    };
    const anchored = (changes: Partial<typeof claims>): Lookups => ({
      anchored: { outcome: 'verified', claims: { ...claims, ...changes } },
    });
    const reason = (lookups: Lookups) => judge(fromFile(good.file), lookups).verdict;

    it('another domain’s word proves authenticity and anchoring; status could not be checked', () => {
      expect(reason(anchored({}))).to.include({ verdict: 'indeterminate', reason: 'STATUS_UNKNOWN', genuine: 'yes' });
    });
    it('without it neither signing time nor anchoring is proven', () => {
      expect(reason({})).to.include({ verdict: 'indeterminate', reason: 'ANCHOR_UNPROVEN', genuine: 'unknown' });
    });
    it('the issuer’s own domain alone does not suffice', () => {
      expect(reason(anchored({ iss: '440300' }))).to.include({
        verdict: 'indeterminate',
        reason: 'ANCHORED_BY_OWN_DOMAIN',
      });
    });
    it('in a block that this reader has not come to: could not check, never not anchored', () => {
      const { anchor: _, ...behind } = good.knowledge;
      const at = (block: number) => reason({ ...anchored({ block }), ledger: behind });
      expect(at(good.knowledge.height)).to.include({ verdict: 'indeterminate', reason: 'LEDGER_BEHIND' });
      expect(at(good.knowledge.height - 1)).to.include({ verdict: 'invalid', reason: 'NOT_ANCHORED' });
    });
    it('signed by a list key that the trust list does not have, nobody can say', () => {
      const lookups: Lookups = { anchored: { outcome: 'unknown-key' }, ledger: good.knowledge };
      expect(reason(lookups)).to.include({ verdict: 'indeterminate', reason: 'ANCHORED_KEY_UNKNOWN' });
    });
    it('of another statement or channel it is a forgery, with or without the ledger', () => {
      for (const bad of [anchored({ statement: toBase64(new Uint8Array(32)) }), anchored({ channel: 'other' })]) {
        expect(reason(bad)).to.include({ verdict: 'invalid', reason: 'ANCHORED_INVALID', genuine: 'no' });
        expect(reason({ ...bad, ledger: good.knowledge }).reason).to.equal('ANCHORED_INVALID');
      }
      expect(reason({ anchored: { outcome: 'invalid' }, ledger: good.knowledge }).reason).to.equal('ANCHORED_INVALID');
    });
  });
});

describe('verify: codes', () => {
  const reason = (
    changes: Parameters<typeof makeCode>[3],
    lookups: Lookups = { ledger: good.knowledge },
    key = codeKey,
    by = trust,
  ) => judge(presentCode(makeCode(good.file, type, 'open', changes, key).digits), lookups, {}, by).verdict;

  it('past its own expiry', () => {
    expect(reason({ expires: parseInstant('2026-11-20T09:59:59Z') })).to.include({
      reason: 'CODE_EXPIRED',
      genuine: 'yes',
    });
    expect(reason({ expires: parseInstant('2026-11-20T10:00:00Z') }).reason).to.equal('VALID');
  });
  it('signed in the future', () => {
    expect(reason({ signedAt: parseInstant('2026-11-20T10:10:01Z') }).reason).to.equal('KEY_NOT_IN_WINDOW');
  });
  it('with a body that is not the ledger’s', () => {
    expect(reason({ validUntil: null, entry: 2, fields: toBase64(new Uint8Array(32)) }).reason).to.equal(
      'NOT_ANCHORED',
    );
  });
  it('with another face', () => {
    const salt = new Uint8Array(16);
    const face = { kind: 'open', salt, values: type.face.map((key) => String(exampleValues(type)[key])) } as const;
    expect(reason({ face }).reason).to.equal('NOT_ANCHORED');
  });
  it('of another channel, of another entry', () => {
    expect(reason({ channel: 'other' }).reason).to.equal('CHANNEL_MISMATCH');
    expect(reason({ entry: 3 }).reason).to.equal('VERSION_MISMATCH');
  });
  it('by a key that is not for codes', () => {
    expect(reason({ key: anchorKey.row.key }, { ledger: good.knowledge }, anchorKey).reason).to.equal('KEY_WRONG_USE');
  });
  it('offline, a type that needs the ledger says so', () => {
    expect(type.offlineCode).to.equal(false);
    expect(reason({}, {})).to.include({ verdict: 'indeterminate', reason: 'OFFLINE_CODE_REFUSED' });
  });
  it('offline, a key with any record of compromise verifies nothing; online what it signed before stands', () => {
    const keys = [anchorKey.row, { ...codeKey.row, compromisedFrom: parseInstant('2026-11-20T09:30:00Z') }];
    const by = toTrust(makeTrustClaims([type], { keys }));
    expect(reason({}, {}, codeKey, by).reason).to.equal('CODE_KEY_TAINTED');
    expect(reason({}, { ledger: good.knowledge }, codeKey, by).reason).to.equal('VALID');
  });
  it('offline, a type with offlineCode is held up by status alone', () => {
    const offline: CertificateType = loadType('teacher-qualification');
    expect(offline.offlineCode).to.equal(true);
    const issued = issueOne(offline);
    const by = toTrust(makeTrustClaims([offline]));
    const checks = verify(presentCode(makeCode(issued.file, offline, 'open').digits), by, now);
    const verdict = conclude(checks, choosePolicy({ kind: 'code', offlineCode: true }));
    expect(verdict).to.include({ verdict: 'indeterminate', reason: 'STATUS_UNKNOWN' });
  });
});

function lasting(from: string, until: string | null): Partial<Body> {
  return { validFrom: parseCalendarDate(from), validUntil: until === null ? null : parseCalendarDate(until) };
}
