/** Verification: good certificates in every form, and each change found and named. */
import {
  type Body,
  type CertificateFile,
  discloseFields,
  type ErrorCode,
  formatSymbol,
  fromBase64,
  parseInstant,
  presentCode,
  presentNumber,
  signSm2,
  toBase64,
  utf8,
} from '@yinxin/core';
import { expect } from 'chai';
import { anchorKey, exampleValues, issueBatch, issueOne, issuer, makeCode } from '../../fixtures/certificates.ts';
import { fromFile, good, judge, reasonOf, type } from './judge.ts';

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

function pickDates({ entry, validFrom, validUntil, issuedAt }: Body) {
  return { entry, validFrom, validUntil, issuedAt };
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
