/** Verification in a network that changes: what was known at a height, agreements, bodies that are renamed and closed, keys in other hands. */
import {
  type Check,
  type Instant,
  type IssuerRow,
  toBase64,
  toLeaf,
  type VerificationAnswer,
  type VerificationRequest,
} from '@yinxin/core';
import { expect } from 'chai';
import type { VaultRecord } from '../../../gateway/vault/vault.ts';
import { createVerifying } from '../../../gateway/verifying/create.ts';
import type { Access, Verifying } from '../../../gateway/verifying/verifying.ts';
import {
  anchorKey,
  codeKey,
  exampleValues,
  type Issued,
  issueBatch,
  issuer,
  loadType,
  makeCode,
  makeKey,
  makeTrustClaims,
} from '../../fixtures/certificates.ts';
import { clock, makeAgreement, makeTape, rowsOf, type Tape, useReadModels, usualRows } from '../index/tape.ts';
import { expectRefusal } from '../support.ts';
import { claimsOf, valid } from './asking.ts';

const licence = loadType('business-licence');
/** With a masked field, so that it shows who sees all. */
const type = {
  ...licence,
  fields: licence.fields.map((field) => (field.key === 'holderName' ? { ...field, mask: 'name' as const } : field)),
};
const values = exampleValues(type);
const [body] = makeTrustClaims([type]).issuers;
if (!body) throw new Error('no issuer');
const successor: IssuerRow = { ...body, issuer: '11990300DEMA00013K', name: { zh: '承接局', en: 'Successor Bureau' } };
const other: IssuerRow = { ...body, issuer: '11990300DEMA00048T', name: { zh: '别的局', en: 'Other Bureau' } };

const issued = issueBatch([1, 2].map((entry) => ({ type, values, entry })));
const [first] = issued;
if (!first) throw new Error('nothing was issued');
const { file } = first;
const identifier = file.body.id;
const reissued = issueBatch([
  { type, values, entry: 3, reissue: { serial: '0000000001', version: 2, ofEntry: 1 } },
  { type, values, entry: 4 },
]);

/** Every way of asking about the first certificate that names it. */
const ways: readonly VerificationRequest[] = [
  { file },
  { code: makeCode(file, type, 'open').digits },
  { code: makeCode(file, type, 'closed').digits },
  { identifier },
  { identifier, claims: claimsOf(file, type.claim) },
  { identifier, leaf: toBase64(toLeaf(file.body)) },
];

const recordOf = (of: Issued): VaultRecord => ({
  body: of.file.body,
  fields: of.file.fields,
  secret: of.file.secret ?? '',
  holderTokenHash: '',
});

type Options = Pick<VerificationRequest, 'at' | 'height' | 'domain' | 'matter' | 'explain'>;

async function askAll(verifying: Verifying, options: Options) {
  const answers: VerificationAnswer[] = [];
  for (const way of ways) answers.push(await verifying.verify({ ...way, ...options }, 'anonymous'));
  return answers;
}

const checkOf = ({ checks }: VerificationAnswer, name: Check['check']) => checks.find(({ check }) => check === name);
const detailsOf = (check: Check | undefined) => (check && 'details' in check ? check.details : undefined);

describe('verification in a network that changes', () => {
  const open = useReadModels();

  /** A service over the tape; its vault has every record, or none. */
  async function serve(
    tape: Tape,
    { now = clock('10:00:00'), isElsewhere = false }: { now?: Instant; isElsewhere?: boolean } = {},
  ) {
    const readModel = await open(tape, { now: () => now });
    const records = [...issued, ...reissued].map(recordOf);
    const vault = {
      get: async (_issuer: string, _type: string, entry: number) =>
        isElsewhere ? undefined : records.find((record) => record.body.entry === entry),
      getSealed: async () => undefined,
    };
    return { verifying: createVerifying({ readModel, vault, clock: () => now }), readModel };
  }

  async function expectAll(verifying: Verifying, expected: { verdict: string; reason: string }, options: Options = {}) {
    const answers = await askAll(verifying, options);
    for (const [way, { verdict }] of answers.entries()) expect(verdict, `way ${way}`).to.include(expected);
    return answers;
  }

  /** Founded and issued: the tape, and the height after it. */
  function begin(rows = usualRows(type)) {
    const tape = makeTape(type.type);
    const founded = tape.write(rows, { time: clock('08:00:00') });
    return { tape, founded, anchored: tape.anchor(issued) };
  }

  it('answers by what was known at a height: before a revocation was recorded, however early it takes effect', async () => {
    const { tape, anchored } = begin();
    const revoked = tape.change(1, { effective: clock('09:05:00') }, { time: clock('09:30:00') });
    const { verifying } = await serve(tape);
    for (const answer of await expectAll(verifying, valid, { height: anchored })) {
      expect(answer).to.include({ height: anchored, at: clock('10:00:00') });
      expect(answer.knowledge).to.deep.include({ height: anchored, changes: [] });
    }
    await expectAll(verifying, { verdict: 'invalid', reason: 'REVOKED' }, { height: revoked });
    const at = clock('09:04:00');
    for (const answer of await expectAll(verifying, valid, { at })) expect(answer).to.include({ at, height: revoked });
    await expectAll(verifying, valid, { at: clock('09:06:00'), height: anchored });
  });

  it('knows no certificate at a height before it was anchored, and calls none of them forged by that', async () => {
    const tape = makeTape(type.type);
    const nothing = tape.write(rowsOf(makeTrustClaims([type], { keys: [], types: [], issuers: [], entitlements: [] })));
    const founded = tape.write(usualRows(type));
    tape.anchor(issued);
    const { verifying } = await serve(tape);
    for (const height of [nothing, founded]) {
      for (const way of ways) {
        const ask = () => verifying.verify({ ...way, height }, 'anonymous');
        if ('identifier' in way) await expectRefusal('CERTIFICATE_UNKNOWN', ask);
        else expect((await ask()).verdict).to.include({ verdict: 'indeterminate', genuine: 'unknown' });
      }
    }
    const forged = { ...file, fields: { ...file.fields, holderName: '另一家公司' } };
    for (const height of [nothing, founded]) {
      const { verdict } = await verifying.verify({ file: forged, height }, 'anonymous');
      expect(verdict.verdict).to.not.equal('valid');
    }
    const { verdict } = await verifying.verify({ file: forged, height: founded }, 'anonymous');
    expect(verdict).to.include({ reason: 'FIELDS_MISMATCH', genuine: 'no' });
    const [stranger] = issueBatch([{ type, values, entry: 9 }]);
    if (!stranger) throw new Error('nothing was issued');
    const unknown = await verifying.verify({ file: stranger.file, height: founded }, 'anonymous');
    expect(unknown.verdict).to.include({ reason: 'NOT_ANCHORED', genuine: 'no' });
  });

  it('forgives by a height only what was anchored after it, not another signature under what was anchored before', async () => {
    const { tape, anchored, founded } = begin();
    const forger = makeKey(issuer, 'anchor', 'forger');
    const issues = [1, 2].map((entry) => ({ type, values, entry }));
    const [forged] = issueBatch(issues, { key: forger.row.key }, forger);
    if (!forged) throw new Error('nothing was forged');
    const { verifying } = await serve(tape);
    const judge = async (height: number) =>
      (await verifying.verify({ file: forged.file, height }, 'anonymous')).verdict;
    expect(await judge(anchored)).to.include({ verdict: 'invalid', reason: 'KEY_UNKNOWN', genuine: 'no' });
    expect((await judge(founded)).verdict).to.equal('indeterminate');
  });

  it('refuses a height that the ledger has not reached, in every way of asking', async () => {
    const { tape, anchored } = begin();
    const { verifying } = await serve(tape);
    for (const way of ways) {
      await expectRefusal('HEIGHT_UNKNOWN', () => verifying.verify({ ...way, height: anchored + 1 }, 'anonymous'));
    }
    await expectRefusal('HEIGHT_UNKNOWN', () => verifying.byNumber(identifier, 'anonymous', { height: anchored + 1 }));
  });

  it('lets what a key anchored fall only from the height on at which its compromise was recorded', async () => {
    const { tape, anchored } = begin();
    const compromised = { ...anchorKey.row, compromisedFrom: clock('08:30:00') };
    tape.write([compromised], { time: clock('09:40:00') });
    const { verifying } = await serve(tape);
    await expectAll(verifying, valid, { height: anchored });
    const answers = await expectAll(verifying, { verdict: 'invalid', reason: 'KEY_COMPROMISED' });
    for (const answer of answers) expect(answer).to.not.have.any.keys('certificate', 'fields', 'knowledge');
  });

  it('judges a key by ledger time: a transaction that was held back past its window does not count', async () => {
    const tape = makeTape(type.type);
    const ended = { ...anchorKey.row, until: clock('09:10:00') };
    const keys = [ended, codeKey.row];
    tape.write(rowsOf(makeTrustClaims([type], { keys })), { time: clock('08:00:00') });
    tape.write([other], { time: clock('09:20:00') });
    tape.anchor(issued, { time: clock('09:00:00') });
    const { verifying } = await serve(tape);
    for (const answer of await askAll(verifying, {})) {
      expect(answer.verdict).to.include({ verdict: 'invalid', reason: 'KEY_NOT_IN_WINDOW' });
    }
  });

  it('names the agreement that makes a certificate acceptable, from its approval on, and answers for the time before', async () => {
    const { tape, anchored } = begin();
    const approved = makeAgreement(type.type, { approved: clock('09:10:00') });
    tape.write([approved], { time: clock('09:10:00') });
    const ended = tape.write([{ ...approved, until: clock('09:50:00') }], { time: clock('09:30:00') });
    const { verifying } = await serve(tape);
    const here = { domain: '510104' };
    const at = clock('09:20:00');
    for (const answer of await expectAll(verifying, valid, { ...here, at })) {
      const details = detailsOf(checkOf(answer, 'recognition'));
      expect(details).to.deep.include({ rule: 'agreement', agreement: 'demo-2026', home: '440300' });
      expect(details).to.have.deep.property('contact', { office: { zh: '窗口', en: 'Office' }, phone: '12345' });
    }
    await expectAll(verifying, { verdict: 'invalid', reason: 'AGREEMENT_NOT_IN_FORCE' }, here);
    await expectAll(verifying, valid, { ...here, height: ended - 1 });
    await expectAll(verifying, { verdict: 'invalid', reason: 'NOT_RECOGNISED' }, { ...here, at, height: anchored });
    await expectAll(verifying, valid, { domain: '440304' });
    await expectAll(verifying, { verdict: 'invalid', reason: 'NOT_RECOGNISED' }, { domain: '990300' });
  });

  it('asks for the matter where an agreement covers some only', async () => {
    const matters = ['business-start'];
    const agreement = makeAgreement(type.type, { approved: clock('08:00:00'), matters });
    const { tape } = begin([...usualRows(type), agreement]);
    const { verifying } = await serve(tape);
    const domain = '510100';
    await expectAll(verifying, { verdict: 'indeterminate', reason: 'MATTER_REQUIRED' }, { domain });
    await expectAll(verifying, valid, { domain, matter: 'business-start' });
    const uncovered = { verdict: 'invalid', reason: 'MATTER_NOT_COVERED' };
    for (const matter of ['medical-care', 'never-heard-of']) await expectAll(verifying, uncovered, { domain, matter });
  });

  it('calls a body what it was called when it issued', async () => {
    const { tape } = begin();
    const name = { zh: '新名局', en: 'New Bureau' };
    const before = { name: body.name, until: clock('09:30:00') };
    tape.write([{ ...body, name, formerNames: [before] }], { time: clock('09:30:00') });
    const { verifying } = await serve(tape);
    for (const { certificate } of await expectAll(verifying, valid)) {
      expect(certificate?.issuerName).to.deep.equal(body.name);
      expect(certificate).to.not.have.property('successor');
    }
  });

  describe('of a body that was closed', () => {
    const closing = { at: clock('09:30:00'), successor: successor.issuer };
    const closed: IssuerRow = { ...body, closed: closing };
    const clerkOf = (row: IssuerRow): Access => ({ scopes: ['issue'], issuer: row.issuer });
    const purpose = '办理许可';

    function beginClosed() {
      const begun = begin([...usualRows(type), successor, other]);
      begun.tape.write([closed], { time: clock('09:20:00') });
      return begun;
    }

    it('is valid still, and names the body that took over from the closing on', async () => {
      const { tape } = beginClosed();
      const { verifying } = await serve(tape);
      for (const { certificate } of await expectAll(verifying, valid)) {
        expect(certificate).to.deep.include({
          issuer,
          issuerName: body.name,
          successor: { issuer: successor.issuer, name: successor.name },
        });
      }
      const { verifying: earlier } = await serve(tape, { now: clock('09:25:00') });
      for (const { certificate } of await expectAll(earlier, valid))
        expect(certificate).to.not.have.property('successor');
    });

    it('accepts codes of the successor, and none that the closed body signs later', async () => {
      const { tape } = beginClosed();
      const key = makeKey(successor.issuer, 'code', 'successor code');
      tape.write([key.row]);
      const { verifying } = await serve(tape);
      const ask = async (by: typeof key) => {
        const changes = { key: by.row.key, signedAt: clock('09:40:00') };
        const { digits } = makeCode(file, type, 'open', changes, by);
        return (await verifying.verify({ code: digits }, 'anonymous')).verdict.reason;
      };
      expect(await ask(key)).to.equal('VALID');
      expect(await ask(codeKey)).to.equal('KEY_WRONG_USE');
    });

    it('is not taken up again by a key of the closed body after its closing: the reissue is named still', async () => {
      for (const [time, expected] of [
        ['09:29:59', valid],
        ['09:30:00', { verdict: 'invalid', reason: 'SUPERSEDED' }],
      ] as const) {
        const { tape } = beginClosed();
        tape.anchor(reissued, { supersessions: [{ entry: 3, supersedes: 1 }], time: clock('09:21:00') });
        tape.change(3, {}, { time: clock('09:22:00') });
        tape.change(1, { to: 'ACTIVE', act: 'correct', corrects: 1 }, { time: clock(time) });
        const { verifying } = await serve(tape);
        const reissue = reissued[0]?.file.body.id;
        for (const answer of await expectAll(verifying, expected)) {
          expect(answer.supersededBy).to.equal(expected === valid ? undefined : reissue);
        }
      }
    });

    it('shows all fields to the operator of the body that manages it, and to no other', async () => {
      const { tape } = beginClosed();
      const { verifying } = await serve(tape);
      const { verifying: earlier } = await serve(tape, { now: clock('09:25:00') });
      const isWhole = async (by: Verifying, access: Access) => {
        const { fields = [] } = await by.verify({ file, purpose }, access);
        return fields.length > 0 && fields.every(({ masked }) => !masked);
      };
      expect((await verifying.verify({ file }, 'anonymous')).fields?.some(({ masked }) => masked)).to.equal(true);
      expect(await isWhole(earlier, clerkOf(body))).to.equal(true);
      expect(await isWhole(earlier, clerkOf(successor))).to.equal(false);
      expect(await isWhole(verifying, clerkOf(successor))).to.equal(true);
      expect(await isWhole(verifying, clerkOf(body))).to.equal(false);
      expect(await isWhole(verifying, clerkOf(other))).to.equal(false);
    });

    it('opens nothing more by asking for an old height: who manages it is a matter of today', async () => {
      const { tape, anchored } = beginClosed();
      const { verifying } = await serve(tape);
      const { fields = [] } = await verifying.verify({ file, purpose, height: anchored }, clerkOf(body));
      expect(fields.some(({ masked }) => masked)).to.equal(true);
    });
  });

  it('masks by the newest version of the type, and shows the fields of its own', async () => {
    const { tape } = begin();
    const hidden = 'holderUscc';
    const fields = type.fields
      .filter(({ key }) => key !== 'holderName')
      .map((field) => (field.key === hidden ? { ...field, mask: 'hide' as const } : field));
    const definition = { ...type, version: 2, fields };
    tape.write([{ kind: 'type', definition, from: clock('09:30:00') }], { time: clock('09:30:00') });
    const { verifying } = await serve(tape);
    const answer = await verifying.verify({ file }, 'anonymous');
    expect(answer.verdict).to.include(valid);
    expect(answer.certificate).to.include({ typeVersion: 1 });
    expect(answer.fields?.map(({ key }) => key)).to.deep.equal(type.fields.map(({ key }) => key));
    for (const key of [hidden, 'holderName']) {
      expect(answer.fields?.find((field) => field.key === key)).to.include({ masked: true });
    }
  });

  it('says of what another gateway issued that its dates are unknown, and that it had not been issued where that shows', async () => {
    const { tape } = begin();
    const { verifying } = await serve(tape, { isElsewhere: true });
    const ask = (at?: Instant) => verifying.byNumber(identifier, 'anonymous', { ...(at && { at }) });
    expect((await ask()).verdict).to.include({ verdict: 'indeterminate', reason: 'VALIDITY_UNKNOWN' });
    const early = await ask(clock('08:59:00'));
    expect(early.verdict).to.include({ verdict: 'invalid', reason: 'NOT_YET_ISSUED' });
    expect(detailsOf(checkOf(early, 'validity'))).to.deep.equal({ issuedAt: clock('09:00:00') });
  });

  it('is NOT_YET_ISSUED before its day, in every way of asking', async () => {
    const { tape } = begin();
    const { verifying } = await serve(tape);
    await expectAll(verifying, { verdict: 'invalid', reason: 'NOT_YET_ISSUED' }, { at: clock('08:59:59') });
  });

  it('names the reissue for as long as the supersession stands', async () => {
    const { tape } = begin();
    const superseded = tape.anchor(reissued, { supersessions: [{ entry: 3, supersedes: 1 }] });
    tape.change(3);
    tape.change(1, { to: 'ACTIVE', act: 'correct', corrects: 1 });
    const { verifying } = await serve(tape);
    const expected = { verdict: 'invalid', reason: 'SUPERSEDED' };
    for (const answer of await expectAll(verifying, expected, { height: superseded })) {
      expect(answer.supersededBy).to.equal(reissued[0]?.file.body.id);
    }
    for (const answer of await expectAll(verifying, valid)) expect(answer).to.not.have.property('supersededBy');
  });

  describe('explained', () => {
    it('says every check of the answer in the language asked for, and nothing unless asked', async () => {
      const { tape } = begin([...usualRows(type), makeAgreement(type.type, { approved: clock('08:00:00') })]);
      tape.change(1);
      const { verifying } = await serve(tape);
      const ask = { file, domain: '510100' };
      expect(await verifying.verify(ask, 'anonymous')).to.not.have.property('explanation');
      expect(await verifying.verify({ ...ask, explain: false }, 'anonymous')).to.not.have.property('explanation');
      const zh = await verifying.verify({ ...ask, explain: true }, 'anonymous');
      const en = await verifying.verify({ ...ask, explain: true }, 'anonymous', 'en');
      for (const { checks, explanation } of [zh, en]) {
        const pairs = (items: readonly { check: string; outcome: string }[] = []) =>
          items.map(({ check, outcome }) => [check, outcome]);
        expect(pairs(explanation)).to.deep.equal(pairs(checks));
      }
      const find = ({ explanation }: VerificationAnswer, name: string) =>
        explanation?.find(({ check }) => check === name);
      expect(find(zh, 'status')).to.include({ title: '状态', code: 'REVOKED' });
      expect(find(en, 'status')).to.include({ title: 'Status', code: 'REVOKED' });
      expect(find(zh, 'status')?.evidence.map(({ value }) => value)).to.include('示范〔2026〕1号');
      expect(find(zh, 'recognition')?.evidence.map(({ value }) => value)).to.include('示范互认');
      expect(find(en, 'recognition')?.evidence.map(({ value }) => value)).to.include('Demo agreement');
    });

    it('is there by number, leaf and comparison too', async () => {
      const { tape } = begin();
      const { verifying } = await serve(tape);
      for (const { explanation } of await expectAll(verifying, valid, { explain: true })) {
        expect(explanation?.find(({ check }) => check === 'anchor')?.evidence).to.not.deep.equal([]);
      }
    });

    it('withholds the status of what a forgery names', async () => {
      const { tape } = begin();
      tape.change(1);
      const { verifying } = await serve(tape);
      const forged = { ...file, fields: { ...file.fields, holderName: '另一家公司' } };
      const { verdict, explanation } = await verifying.verify({ file: forged, explain: true }, 'anonymous');
      expect(verdict).to.include({ reason: 'FIELDS_MISMATCH', genuine: 'no' });
      expect(explanation?.find(({ check }) => check === 'status')).to.include({ outcome: 'skipped' });
      expect(JSON.stringify(explanation)).to.not.include('示范〔2026〕1号');
    });
  });
});
