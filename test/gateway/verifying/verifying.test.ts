import {
  type CertificateFile,
  canonicalBytes,
  discloseFields,
  epochSeconds,
  type FieldValues,
  formatIdentifier,
  fromBase64,
  type Identifier,
  parseIdentifier,
  statementDigest,
  toBase64,
  toInstant,
  toLeaf,
  type VerificationAnswer,
  type VerificationRequest,
} from '@yinxin/core';
import { anchoredTyp } from '@yinxin/core/jose';
import { expect } from 'chai';
import { drawEs256Secret, importJwsSigner } from '../../../gateway/jose.ts';
import { maxFailures } from '../../../gateway/verifying/comparison.ts';
import { createVerifying } from '../../../gateway/verifying/create.ts';
import { channel, exampleValues, issueBatch, makeKey } from '../../fixtures/certificates.ts';
import { expectRefusal } from '../support.ts';
import {
  acceptance,
  act,
  dayFrom,
  driving,
  food,
  issueFile,
  licence,
  makeRows,
  openWorld,
  operator,
  otherOperator,
  startClock,
  until,
  useNetworks,
  useWorld,
  type World,
} from '../world.ts';

const partner = { scopes: ['verify'] };
const clerk = { scopes: ['issue'], issuer: operator.issuer };
const purpose = '办理许可';
const daySeconds = 86_400;

const claimsOf = (file: CertificateFile, keys: readonly string[]): FieldValues =>
  Object.fromEntries(keys.map((key) => [key, file.fields[key] ?? '']));

/** Every way of asking anonymously, for a type that is open to everyone. */
async function askEveryWay(world: World, file: CertificateFile, more: Pick<VerificationRequest, 'at'> = {}) {
  const { issuing, verifying } = world;
  const identifier = file.body.id;
  const symbols = [];
  for (const face of ['open', 'closed'] as const) {
    symbols.push((await issuing.code({ issuer: file.body.issuer }, identifier, { face })).symbol);
  }
  const requests: readonly VerificationRequest[] = [
    { file, ...more },
    { file: discloseFields(file, Object.keys(file.fields).slice(0, 2)), ...more },
    ...symbols.map((code) => ({ code, ...more })),
    { identifier, ...more },
    { identifier, claims: claimsOf(file, licence.claim), ...more },
    { identifier, leaf: toBase64(toLeaf(file.body)), ...more },
  ];
  const answers: VerificationAnswer[] = [await verifying.byNumber(identifier, 'anonymous', more)];
  for (const request of requests) answers.push(await verifying.verify(request, 'anonymous'));
  return answers;
}

async function expectEveryWay(
  world: World,
  file: CertificateFile,
  expected: { readonly verdict: string; readonly reason: string },
  more: Pick<VerificationRequest, 'at'> = {},
): Promise<readonly VerificationAnswer[]> {
  const answers = await askEveryWay(world, file, more);
  for (const [way, { verdict }] of answers.entries()) expect(verdict, `way ${way}`).to.include(expected);
  return answers;
}

const valid = { verdict: 'valid', reason: 'VALID' };
const later = (world: World, seconds: number) => toInstant(epochSeconds(world.clock.now()) + seconds);

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

  it('is EXPIRED and NOT_YET_VALID by its dates', async () => {
    const today = world().clock.now();
    const dates = { validFrom: dayFrom(today, -20), validTo: dayFrom(today, 10) };
    const file = await issueFile(world(), licence, { rows: makeRows(licence, 1, dates) });
    await expectEveryWay(world(), file, valid);
    const expired = { verdict: 'invalid', reason: 'EXPIRED' };
    await expectEveryWay(world(), file, expired, { at: later(world(), 11 * daySeconds) });
    await expectEveryWay(world(), file, valid, { at: later(world(), 10 * daySeconds) });
    const early = { verdict: 'invalid', reason: 'NOT_YET_VALID' };
    await expectEveryWay(world(), file, early, { at: later(world(), -21 * daySeconds) });
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
    const answer = await world().verifying.verify({ file: await forge(world(), file) }, 'anonymous');
    expect(answer.verdict).to.include({ verdict: 'indeterminate', genuine: 'unknown' });
    expect(answer.checks.find(({ check }) => check === 'status')?.outcome).to.equal('skipped');
    expect(answer).to.not.have.any.keys('knowledge', 'supersededBy');
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
    expect(answer.negativeConclusion).to.equal(true);
    const good = await issueFile(world(), acceptance, { rows: makeRows(acceptance, 1, { conclusion: '合格' }) });
    expect(await world().verifying.verify({ file: good }, 'anonymous')).to.not.have.property('negativeConclusion');
  });

  it('cannot say the dates of what another gateway issued, and says the rest', async () => {
    const opened = await openWorld(await newNetwork());
    const file = await issueFile(opened, licence);
    const elsewhere = createVerifying({ ...opened, clock: opened.clock.now, vault: { get: async () => undefined } });
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
    const vault: Pick<World['vault'], 'get'> = {
      async get(...place) {
        const record = await opened.vault.get(...place);
        return record && { ...record, body: { ...record.body, validFrom: dayFrom(opened.clock.now(), -1) } };
      },
    };
    const changed = createVerifying({ ...opened, clock: opened.clock.now, vault });
    const answer = await changed.byNumber(file.body.id, 'anonymous');
    expect(answer.verdict).to.include({ verdict: 'indeterminate', reason: 'VALIDITY_UNKNOWN' });
    await opened.close();
  });
});

/** A file at the entry of another, with content, key and anchoring of the forger's own, all of them of tomorrow. */
async function forge(world: World, { body }: CertificateFile): Promise<CertificateFile> {
  const time = later(world, daySeconds);
  const key = makeKey(body.issuer, 'anchor', 'forger');
  const [forged] = issueBatch([{ type: driving, values: exampleValues(driving), entry: body.entry }], { time }, key);
  if (!forged) throw new Error('nothing was forged');
  const { proof } = forged.file;
  const statement = statementDigest(proof.statement, fromBase64(proof.signature));
  const sign = await importJwsSigner(drawEs256Secret(world.random), 'K'.repeat(43));
  const claims = { iss: '510100', channel, statement, txId: 'f'.repeat(64), block: 9_999, time };
  return { ...forged.file, proof: { ...proof, anchored: await sign(anchoredTyp, canonicalBytes(claims)) } };
}

/** A well-formed number that was never given. */
const unissued = (file: CertificateFile, serial: string, version = 1): Identifier => {
  const { typeCode, issuer } = parseIdentifier(file.body.id);
  return formatIdentifier({ typeCode, issuer, serial, version });
};

describe('who may ask by number', () => {
  const world = useWorld();

  it('anyone for public types; partners alone for others, whether or not the number exists', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    for (const number of [file.body.id, unissued(file, '0000009999')]) {
      await expectRefusal('CLAIMS_REQUIRED', () => verifying.byNumber(number, 'anonymous'));
      await expectRefusal('CLAIMS_REQUIRED', () => verifying.byNumber(number, { scopes: ['status'] }, { purpose }));
    }
    expect((await verifying.byNumber(file.body.id, partner, { purpose })).verdict).to.include(valid);
  });

  it('shows no field of a person’s certificate by number, except to its own body', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    const answer = await verifying.byNumber(file.body.id, partner, { purpose });
    expect(answer).to.not.have.property('fields');
    const own = await verifying.byNumber(file.body.id, clerk, { purpose });
    expect(own.fields?.map(({ value }) => value)).to.deep.equal(driving.fields.map(({ key }) => file.fields[key]));
  });

  it('asks those it knows for a purpose', async () => {
    const file = await issueFile(world(), licence);
    const { verifying } = world();
    await expectRefusal('INPUT_INVALID', () => verifying.byNumber(file.body.id, partner));
    await expectRefusal('INPUT_INVALID', () => verifying.byNumber(file.body.id, partner, { purpose: ' ' }));
    await expectRefusal('INPUT_INVALID', () => verifying.verify({ file }, partner));
    await expectRefusal('INPUT_INVALID', () => verifying.verify({ file, purpose: 'x'.repeat(201) }, 'anonymous'));
    expect((await verifying.verify({ file, purpose }, partner)).verdict).to.include(valid);
  });

  it('refuses numbers that are malformed, of no type, or never given', async () => {
    const file = await issueFile(world(), licence);
    const { verifying } = world();
    await expectRefusal('MALFORMED_IDENTIFIER', () => verifying.byNumber('1.2.3', 'anonymous'));
    for (const number of [unissued(file, '0000009999'), unissued(file, parseIdentifier(file.body.id).serial, 2)]) {
      await expectRefusal('CERTIFICATE_UNKNOWN', () => verifying.byNumber(number, 'anonymous'));
      await expectRefusal('CERTIFICATE_UNKNOWN', () => verifying.history(number, 0, 10));
    }
  });

  it('answers to a leaf only for the certificate that has it', async () => {
    const [file, other] = [await issueFile(world(), driving), await issueFile(world(), driving)];
    const ask = (leaf: string) => world().verifying.verify({ identifier: file.body.id, leaf }, 'anonymous');
    const answer = await ask(toBase64(toLeaf(file.body)));
    expect(answer.verdict).to.include(valid);
    expect(answer).to.not.have.property('fields');
    await expectRefusal('CERTIFICATE_UNKNOWN', () => ask(toBase64(toLeaf(other.body))));
  });
});

describe('what an asker sees', () => {
  const world = useWorld();
  const shown = (answer: VerificationAnswer, key: string) => answer.fields?.find((field) => field.key === key);

  it('is masked for everyone, less so for a stated purpose, and whole for the issuing body alone', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    const key = driving.fields.find(({ mask }) => mask === 'idNumber')?.key ?? '';
    const anyone = await verifying.verify({ file }, 'anonymous');
    const known = await verifying.verify({ file, purpose }, { ...clerk, issuer: otherOperator.issuer });
    const own = await verifying.verify({ file, purpose }, clerk);
    expect(shown(anyone, key)).to.include({ masked: true });
    expect(shown(known, key)).to.include({ masked: true });
    expect(shown(known, key)?.value).to.not.equal(shown(anyone, key)?.value);
    expect(shown(own, key)).to.include({ masked: false, value: file.fields[key] });
  });

  it('is not whole for a token of the issuing body that may not issue', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    const narrow = { scopes: ['verify'], issuer: operator.issuer };
    const answer = await verifying.verify({ file, purpose }, narrow);
    expect(answer.fields?.some(({ masked }) => masked)).to.equal(true);
    expect(await verifying.byNumber(file.body.id, narrow, { purpose })).to.not.have.property('fields');
  });

  it('is the fields that the file shows, and null for the others', async () => {
    const file = await issueFile(world(), licence);
    const answer = await world().verifying.verify({ file: discloseFields(file, ['holderUscc']) }, 'anonymous');
    expect(answer.verdict).to.include(valid);
    const values = answer.fields?.filter(({ value }) => value !== null);
    expect(values?.map(({ key }) => key)).to.deep.equal(['holderUscc']);
    expect(answer.fields).to.have.length(licence.fields.length);
  });

  it('is the face of an open code and no field of a closed one', async () => {
    const file = await issueFile(world(), licence);
    const ask = async (face: 'open' | 'closed') => {
      const { symbol } = await world().issuing.code({ issuer: operator.issuer }, file.body.id, { face });
      return (await world().verifying.verify({ code: symbol }, 'anonymous')).fields;
    };
    expect((await ask('open'))?.filter(({ value }) => value !== null)).to.have.length(licence.face.length);
    expect(await ask('closed')).to.equal(undefined);
  });
});

describe('verification by comparison', () => {
  const world = useWorld();
  const newNetwork = useNetworks();
  const ask = (identifier: Identifier, claims: FieldValues) =>
    world().verifying.verify({ identifier, claims }, 'anonymous');

  it('is open to anyone for a person’s certificate, and shows it masked', async () => {
    const file = await issueFile(world(), driving);
    const answer = await ask(file.body.id, claimsOf(file, driving.claim));
    expect(answer.verdict).to.include(valid);
    expect(answer.fields?.find(({ key }) => key === 'holderName')).to.include({ masked: true });
  });

  it('matches all values together or not at all, and a mismatch answers like an unknown number', async () => {
    const file = await issueFile(world(), driving);
    const claims = claimsOf(file, [...driving.claim, 'vehicleClass']);
    expect((await ask(file.body.id, claims)).verdict).to.include(valid);
    const mismatch = await expectRefusal('CERTIFICATE_UNKNOWN', () =>
      ask(file.body.id, { ...claims, vehicleClass: '?' }),
    );
    const unknown = await expectRefusal('CERTIFICATE_UNKNOWN', () => ask(unissued(file, '0000009999'), claims));
    expect(mismatch.details).to.deep.equal(unknown.details);
  });

  it('wants at least the claim fields, and no field that the type does not have, whether or not the number exists', async () => {
    const file = await issueFile(world(), driving);
    const claims = claimsOf(file, driving.claim);
    for (const number of [file.body.id, unissued(file, '0000009999')]) {
      await expectRefusal('CLAIMS_INVALID', () => ask(number, claimsOf(file, driving.claim.slice(1))));
      await expectRefusal('CLAIMS_INVALID', () => ask(number, {}));
      await expectRefusal('CLAIMS_INVALID', () => ask(number, { ...claims, colour: 'red' }));
    }
  });

  it('ends after five failures of one certificate, for right values too, until the next day', async () => {
    const clock = startClock();
    const networks = await openWorld(await newNetwork(), clock);
    const [file, other] = [await issueFile(networks, driving), await issueFile(networks, driving)];
    const claims = claimsOf(file, driving.claim);
    const compare = (of: CertificateFile, name = of.fields['holderName'] ?? '') =>
      networks.verifying.verify({ identifier: of.body.id, claims: { ...claims, holderName: name } }, 'anonymous');
    for (let failure = 0; failure < maxFailures; failure += 1) {
      expect((await compare(file)).verdict).to.include(valid);
      await expectRefusal('CERTIFICATE_UNKNOWN', () => compare(file, '某某'));
    }
    await expectRefusal('CERTIFICATE_UNKNOWN', () => compare(file));
    expect((await compare(other)).verdict).to.include(valid);
    clock.advance(daySeconds);
    await until(() => networks.readModel.asOf() === clock.now());
    expect((await compare(file)).verdict).to.include(valid);
    await networks.close();
  });
});

describe('comparisons side by side', () => {
  const world = useWorld();

  it('get no more failures than one after the other', async () => {
    const file = await issueFile(world(), driving);
    const claims = claimsOf(file, driving.claim);
    const wrong = Array.from({ length: maxFailures }, () => ({ ...claims, holderName: '某某' }));
    const outcomes = await Promise.allSettled(
      [...wrong, claims].map((claimed) =>
        world().verifying.verify({ identifier: file.body.id, claims: claimed }, 'anonymous'),
      ),
    );
    expect(outcomes.map(({ status }) => status)).to.deep.equal(outcomes.map(() => 'rejected'));
  });
});

describe('the history of a certificate', () => {
  const world = useWorld();

  it('lists who did what, when, on which legal basis', async () => {
    const file = await issueFile(world(), food);
    await act(world(), file, 'suspend');
    const rows = makeRows(food, 1).map((row) => ({ ...row, supersedes: file.body.id }));
    await issueFile(world(), food, { rows });
    const { items, identifier, next } = await world().verifying.history(file.body.id, 0, 100);
    expect([identifier, next]).to.deep.equal([file.body.id, null]);
    expect(items.map(({ event }) => event)).to.deep.equal(['anchored', 'status-changed', 'superseded']);
    expect(items[1]?.change).to.include({ act: 'suspend', basis: 'licence-law-69', document: '示范〔2026〕1号' });
    expect(items[2]?.change).to.include({ to: 'SUPERSEDED', by: file.body.entry + 1 });
    for (const item of items) {
      expect(item.caller.msp).to.equal('ShenzhenMSP');
      expect(item.issuerName.zh).to.equal('深圳市示范局');
      expect(item.statement.split('\n')[0]).to.be.oneOf(['yinxin-anchor/1', 'yinxin-status/1']);
    }
  });
});
