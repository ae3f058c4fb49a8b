/** Verification over the real services: whatever is presented, the answers agree, and a forgery learns nothing. */
import {
  type CertificateFile,
  canonicalBytes,
  discloseFields,
  fromBase64,
  type Instant,
  statementDigest,
  toBase64,
  toLeaf,
  type VerificationRequest,
} from '@yinxin/core';

import { anchoredTyp } from '@yinxin/core/jose';
import { expect } from 'chai';
import { drawEs256Secret, importJwsSigner } from '../../../gateway/jose.ts';
import { createVerifying } from '../../../gateway/verifying/create.ts';
import { channel, exampleValues, issueBatch, makeKey } from '../../fixtures/certificates.ts';
import {
  acceptance,
  act,
  dayFrom,
  driving,
  issueFile,
  licence,
  makeRows,
  openWorld,
  operator,
  useNetworks,
  useWorld,
  type World,
} from '../world.ts';
import { askEveryWay, claimsOf, daySeconds, expectEveryWay, later, valid } from './asking.ts';

describe('verification, whatever is presented', () => {
  const world = useWorld();
  const newNetwork = useNetworks();

  it('is valid for a certificate as issued', async () => {
    const file = await issueFile(world(), licence);
    for (const answer of await expectEveryWay(world(), file, valid)) {
      expect(answer.certificate).to.include({ identifier: file.body.id, typeVersion: 1, entry: file.body.entry });
      expect(answer.certificate?.issuerName.en).to.equal('Shenzhen Demo Bureau');
      expect(answer.knowledge?.anchor?.leaf).to.equal(toBase64(toLeaf(file.body)));
      expect(answer.height).to.equal(world().readModel.height());
    }
  });

  it('is invalid with REVOKED once revoked, and genuine where a document was shown', async () => {
    const file = await issueFile(world(), licence);
    await act(world(), file, 'revoke');
    const answers = await expectEveryWay(world(), file, { verdict: 'invalid', reason: 'REVOKED' });
    expect(answers[1]?.verdict.genuine).to.equal('yes');
    expect(answers[1]?.verdict.details).to.include({ basis: 'licence-law-69', document: '示范〔2026〕1号' });
  });

  it('follows suspension and resumption', async () => {
    const file = await issueFile(world(), licence);
    await act(world(), file, 'suspend');
    await expectEveryWay(world(), file, { verdict: 'invalid', reason: 'SUSPENDED' });
    await act(world(), file, 'resume');
    await expectEveryWay(world(), file, valid);
  });

  it('is SUPERSEDED after a reissue, and names the successor', async () => {
    const file = await issueFile(world(), licence);
    const rows = makeRows(licence, 1).map((row) => ({ ...row, supersedes: file.body.id }));
    const successor = await issueFile(world(), licence, { rows });
    for (const answer of await expectEveryWay(world(), file, { verdict: 'invalid', reason: 'SUPERSEDED' })) {
      expect(answer.supersededBy).to.equal(successor.body.id);
    }
    await expectEveryWay(world(), successor, valid);
  });

  it('takes a change into account from its effective time on, and answers for any legal time', async () => {
    const file = await issueFile(world(), licence);
    await act(world(), file, 'withdraw', later(world(), daySeconds));
    await expectEveryWay(world(), file, valid);
    await expectEveryWay(
      world(),
      file,
      { verdict: 'invalid', reason: 'WITHDRAWN' },
      { at: later(world(), daySeconds) },
    );
  });

  it('is EXPIRED and NOT_YET_VALID by its dates; its status on a day of them that is to come, nobody knows', async () => {
    const unknown = { verdict: 'indeterminate', reason: 'TIME_AHEAD' };
    const today = world().clock.now();
    const dates = { validFrom: dayFrom(today, -20), validTo: dayFrom(today, 10) };
    const file = await issueFile(world(), licence, { rows: makeRows(licence, 1, dates) });
    await expectEveryWay(world(), file, valid);
    const expired = { verdict: 'invalid', reason: 'EXPIRED' };
    await expectEveryWay(world(), file, expired, { at: later(world(), 11 * daySeconds) });
    await expectEveryWay(world(), file, unknown, { at: later(world(), 10 * daySeconds) });
    const coming = { validFrom: dayFrom(today, 5), validTo: dayFrom(today, 10) };
    const early = await issueFile(world(), licence, { rows: makeRows(licence, 1, coming) });
    await expectEveryWay(world(), early, { verdict: 'invalid', reason: 'NOT_YET_VALID' });
    await expectEveryWay(world(), early, unknown, { at: later(world(), 5 * daySeconds) });
  });

  it('is recognised at home and not elsewhere', async () => {
    const file = await issueFile(world(), licence);
    const at = async (domain: string) => (await world().verifying.verify({ file, domain }, 'anonymous')).verdict;
    expect(await at('440300')).to.include(valid);
    expect(await at('510100')).to.include({ verdict: 'invalid', reason: 'NOT_RECOGNISED', genuine: 'yes' });
  });

  it('tells a forgery nothing: no fields, no summary, no status of the entry that it names', async () => {
    const file = await issueFile(world(), licence);
    await act(world(), file, 'revoke');
    const forged = { ...file, fields: { ...file.fields, holderName: '另一家公司' } };
    const body = { ...file.body, validFrom: dayFrom(world().clock.now(), -1) };
    for (const [presented, reason] of [
      [forged, 'FIELDS_MISMATCH'],
      [{ ...file, body }, 'PROOF_MISMATCH'],
    ] as const) {
      const answer = await world().verifying.verify({ file: presented }, 'anonymous');
      expect(answer.verdict).to.include({ verdict: 'invalid', reason, genuine: 'no' });
      expect(Object.keys(answer).sort()).to.deep.equal(['at', 'checks', 'height', 'verdict']);
      expect(answer.checks.find(({ check }) => check === 'status')?.outcome).to.equal('skipped');
    }
  });

  it('tells no status to a forgery that only time could expose', async () => {
    const file = await issueFile(world(), driving);
    await act(world(), file, 'revoke');
    for (const [seconds, expected] of [
      [300, { verdict: 'indeterminate', genuine: 'unknown' }],
      [daySeconds, { verdict: 'invalid', genuine: 'no', reason: 'KEY_UNKNOWN' }],
    ] as const) {
      const forged = await forge(world(), file, later(world(), seconds));
      const answer = await world().verifying.verify({ file: forged }, 'anonymous');
      expect(answer.verdict).to.include(expected);
      expect(answer.checks.find(({ check }) => check === 'status')?.outcome).to.equal('skipped');
      expect(answer).to.not.have.any.keys('knowledge', 'supersededBy');
    }
  });

  it('finds fault with what cannot be read, as an answer', async () => {
    const file = await issueFile(world(), licence);
    const ask = async (request: VerificationRequest) => (await world().verifying.verify(request, 'anonymous')).verdict;
    const { proof: _, ...noProof } = file;
    expect(await ask({ file: noProof as CertificateFile })).to.include({
      verdict: 'invalid',
      reason: 'MALFORMED_FILE',
    });
    expect(await ask({ code: '12345' })).to.include({ verdict: 'invalid', reason: 'MALFORMED_CODE' });
  });

  it('says that a certificate is genuine and negative', async () => {
    const file = await issueFile(world(), acceptance, { rows: makeRows(acceptance, 1, { conclusion: '不合格' }) });
    const answer = await world().verifying.verify({ file }, 'anonymous');
    expect(answer.verdict).to.include(valid);
    expect(answer.conclusion).to.equal('negative');
    const good = await issueFile(world(), acceptance, { rows: makeRows(acceptance, 1, { conclusion: '合格' }) });
    expect((await world().verifying.verify({ file: good }, 'anonymous')).conclusion).to.equal('positive');
    for (const { conclusion } of await askEveryWay(world(), await issueFile(world(), licence)))
      expect(conclusion).to.equal('none');
  });

  it('knows the conclusion by number, and says that it is hidden where what was presented shows none', async () => {
    const file = await issueFile(world(), acceptance, { rows: makeRows(acceptance, 1, { conclusion: '不合格' }) });
    const identifier = file.body.id;
    const { symbol } = await world().issuing.code({ issuer: operator.issuer }, identifier, { face: 'closed' });
    const asked: readonly (readonly [VerificationRequest, string])[] = [
      [{ identifier }, 'negative'],
      [{ identifier, claims: claimsOf(file, acceptance.claim) }, 'negative'],
      [{ identifier, leaf: toBase64(toLeaf(file.body)) }, 'hidden'],
      [{ file: discloseFields(file, ['certNumber']) }, 'hidden'],
      [{ code: symbol }, 'hidden'],
    ];
    for (const [request, expected] of asked) {
      const { verdict, conclusion } = await world().verifying.verify(request, 'anonymous');
      expect(verdict).to.include(valid);
      expect(conclusion, Object.keys(request).join()).to.equal(expected);
    }
  });

  it('says what a code was made for, past its time too, and says nothing where it was made for nothing', async () => {
    const opened = await openWorld(await newNetwork());
    const file = await issueFile(opened, licence);
    const ask = async (terms: object) => {
      const options = { face: 'closed', ...terms } as const;
      const { symbol } = await opened.issuing.code({ issuer: operator.issuer }, file.body.id, options);
      return symbol;
    };
    const terms = { purpose: '开户', addressee: '示范银行', expires: later(opened, 60) };
    const bound = await ask(terms);
    const answer = await opened.verifying.verify({ code: bound }, 'anonymous');
    expect(answer.verdict).to.include(valid);
    expect(answer.terms).to.deep.equal(terms);
    expect(await opened.verifying.verify({ code: await ask({}) }, 'anonymous')).to.not.have.property('terms');
    opened.clock.advance(61);
    const late = await opened.verifying.verify({ code: bound }, 'anonymous');
    expect(late.verdict).to.include({ reason: 'CODE_EXPIRED' });
    expect(late.terms).to.deep.equal(terms);
    await opened.close();
  });

  it('cannot say the dates of what another gateway issued, and says the rest', async () => {
    const opened = await openWorld(await newNetwork());
    const file = await issueFile(opened, licence);
    const elsewhere = createVerifying({
      ...opened,
      clock: opened.clock.now,
      vault: { get: async () => undefined, getSealed: async () => undefined },
    });
    const answer = await elsewhere.byNumber(file.body.id, 'anonymous');
    expect(answer.verdict).to.include({ verdict: 'indeterminate', reason: 'VALIDITY_UNKNOWN' });
    expect(answer).to.not.have.property('certificate');
    await act(opened, file, 'forfeit');
    const after = await elsewhere.byNumber(file.body.id, 'anonymous');
    expect(after.verdict).to.include({ verdict: 'invalid', reason: 'FORFEITED' });
    expect((await elsewhere.verify({ file }, 'anonymous')).verdict).to.include({ reason: 'FORFEITED', genuine: 'yes' });
    await opened.close();
  });

  it('trusts no record of the vault whose leaf is not the ledger’s', async () => {
    const opened = await openWorld(await newNetwork());
    const file = await issueFile(opened, licence);
    const vault: Pick<World['vault'], 'get' | 'getSealed'> = {
      async get(...place) {
        const record = await opened.vault.get(...place);
        return record && { ...record, body: { ...record.body, validFrom: dayFrom(opened.clock.now(), -1) } };
      },
      getSealed: async () => undefined,
    };
    const changed = createVerifying({ ...opened, clock: opened.clock.now, vault });
    const answer = await changed.byNumber(file.body.id, 'anonymous');
    expect(answer.verdict).to.include({ verdict: 'indeterminate', reason: 'VALIDITY_UNKNOWN' });
    await opened.close();
  });
});

/** A file at the entry of another, with content, key and anchoring of the forger's own, all of them of tomorrow. */
async function forge(world: World, { body }: CertificateFile, time: Instant): Promise<CertificateFile> {
  const key = makeKey(body.issuer, 'anchor', 'forger');
  const [forged] = issueBatch([{ type: driving, values: exampleValues(driving), entry: body.entry }], { time }, key);
  if (!forged) throw new Error('nothing was forged');
  const { proof } = forged.file;
  const statement = statementDigest(proof.statement, fromBase64(proof.signature));
  const sign = await importJwsSigner(drawEs256Secret(world.random), 'K'.repeat(43));
  const claims = { iss: '510100', channel, statement, txId: 'f'.repeat(64), block: 9_999, time };
  return { ...forged.file, proof: { ...proof, anchored: await sign(anchoredTyp, canonicalBytes(claims)) } };
}
