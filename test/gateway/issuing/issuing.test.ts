import {
  type BatchRequest,
  type CertificateFile,
  formatCertificateFile,
  fromBase64,
  type Identifier,
  isHolderTokenOf,
  parseCertificateFile,
  type RowFinding,
  toLeaf,
  verify,
} from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import { expect } from 'chai';
import { createIssuing } from '../../../gateway/issuing/create.ts';
import { maxRows } from '../../../gateway/issuing/request.ts';
import { expectRefusal } from '../support.ts';
import {
  act,
  driving,
  food,
  issueFile,
  issueFiles,
  licence,
  makeRows,
  newKey,
  openWorld,
  operator,
  otherIssuer,
  otherOperator,
  taxRegistration,
  useNetworks,
  useWorld,
  type World,
} from '../world.ts';

const requestOf = (rows: BatchRequest['rows'], type = licence.type): BatchRequest => ({
  issuer: operator.issuer,
  type,
  rows,
});

/** What the ledger and the vault hold of a register. */
async function measure({ ledger, readModel, vault }: World, type = licence.type) {
  const { height } = await ledger.info();
  const last = readModel.register(operator.issuer, type)?.last ?? 0;
  const next = await vault.get(operator.issuer, type, last + 1);
  const pending = await vault.listSealed('pending');
  return { height, last, next, pending };
}

async function checkOffline({ readModel, clock }: World, file: CertificateFile) {
  const trust = readModel.trust();
  const anchored = await readAnchored(file.proof.anchored, trust);
  return verify({ kind: 'file', file }, trust, clock.now(), anchored ? { anchored } : {});
}

describe('issuing', () => {
  const world = useWorld();
  const newNetwork = useNetworks();

  it('makes files that core alone finds genuine and anchored, by the word of another domain', async () => {
    const files = await issueFiles(world(), licence, { rows: makeRows(licence, 3) });
    expect(files).to.have.length(3);
    for (const file of files) {
      expect(parseCertificateFile(formatCertificateFile(file))).to.deep.equal(file);
      const checks = await checkOffline(world(), file);
      const anchor = checks.find(({ check }) => check === 'anchor');
      expect(anchor).to.deep.include({ outcome: 'passed' });
      expect(anchor).to.have.nested.property('details.by', '510100');
      expect(checks.map(({ outcome }) => outcome)).to.deep.equal([
        ...Array<string>(5).fill('passed'),
        'inconclusive', // status: no ledger was asked
        'passed',
        'skipped',
      ]);
    }
  });

  it('draws another secret for every certificate and gives one anchored word to the whole batch', async () => {
    const files = await issueFiles(world(), licence, { rows: [...makeRows(licence, 1), ...makeRows(licence, 1)] });
    expect(new Set(files.map(({ secret }) => secret)).size).to.equal(2);
    expect(new Set(files.map(({ body }) => body.fields)).size).to.equal(2);
    expect(new Set(files.map(({ proof }) => proof.anchored)).size).to.equal(1);
  });

  it('warns of two rows for one holder and issues both', async () => {
    const rows = [...makeRows(licence, 2), ...makeRows(licence, 1)];
    const { warnings, first, last } = await world().issuing.issue(operator, requestOf(rows), newKey());
    expect(warnings).to.deep.equal([{ row: 2, code: 'HOLDER_REPEATED' }]);
    expect(last - first).to.equal(2);
  });

  it('names every problem of every bad row, and signs, stores and sends nothing', async () => {
    const before = await measure(world());
    const [good] = makeRows(licence, 1);
    const rows = [
      ...makeRows(licence, 1),
      { values: { ...good?.values, holderUscc: '11990300DEMA00021F', colour: 'red' } },
      { values: { ...good?.values, validFrom: '2026-02-30' } },
      { values: { ...good?.values, validFrom: '2026-02-01', validTo: '2026-01-01' } },
      { ...makeRows(licence, 1)[0], values: good?.values ?? {}, supersedes: 'x' as Identifier },
    ];
    const error = await expectRefusal('ROWS_INVALID', () => world().issuing.issue(operator, requestOf(rows), newKey()));
    const findings = error.details['rows'] as unknown as readonly RowFinding[];
    expect(findings).to.deep.equal([
      { row: 1, key: 'holderUscc', code: 'CHECK_DIGIT_INVALID' },
      { row: 1, key: 'colour', code: 'FIELD_UNKNOWN' },
      { row: 2, key: 'validFrom', code: 'DATE_INVALID' },
      { row: 3, key: 'validTo', code: 'DATE_INVALID' },
      { row: 4, code: 'MALFORMED_IDENTIFIER' },
    ]);
    expect(await measure(world())).to.deep.equal(before);
  });

  it('refuses no rows, and a row more than the limit', async () => {
    await expectRefusal('INPUT_INVALID', () => world().issuing.issue(operator, requestOf([]), newKey()));
    const rows = Array.from({ length: maxRows + 1 }, () => ({ values: {} }));
    await expectRefusal('TOO_MANY_ROWS', () => world().issuing.issue(operator, requestOf(rows), newKey()));
  });

  it('refuses another body’s operator, an unknown type, and new certificates of a legacy type', async () => {
    const { issuing } = world();
    const rows = makeRows(licence, 1);
    await expectRefusal('CALLER_NOT_PERMITTED', () => issuing.issue(otherOperator, requestOf(rows), newKey()));
    await expectRefusal('TYPE_UNKNOWN', () => issuing.issue(operator, requestOf(rows, 'no-such-type'), newKey()));
    const legacy = requestOf(makeRows(taxRegistration, 1), taxRegistration.type);
    await expectRefusal('TYPE_LEGACY', () => issuing.issue(operator, legacy, newKey()));
    expect((await issuing.issue(operator, { ...legacy, stock: true }, newKey())).first).to.equal(1);
  });

  it('refuses before anything is stored when it holds no key, and signs no word for a domain whose key it does not hold', async () => {
    const folder = await newNetwork();
    const opened = await openWorld(folder);
    const { keys, ...rest } = opened;
    const parts = { ...rest, signer: opened.signer, clock: opened.clock.now, random: opened.random };
    const others = { publicUrl: () => '', wait: async () => undefined };
    const none = { sm2Keys: () => [], listKeys: () => [] };
    const keyless = createIssuing({ ...parts, ...others, keys: none });
    const before = await measure(opened);
    const request = requestOf(makeRows(licence, 1));
    await expectRefusal('SIGNING_KEY_MISSING', () => keyless.issue(operator, request, newKey()));
    expect(await measure(opened)).to.deep.equal(before);
    const home = {
      sm2Keys: () => keys.sm2Keys(),
      listKeys: () => keys.listKeys().filter((key) => key.domain === '440300'),
    };
    const { id } = await createIssuing({ ...parts, ...others, keys: home }).issue(operator, request, newKey());
    const [file] = (await opened.issuing.batch(operator, id, 0, 1)).certificates;
    expect(file?.proof.anchored).to.equal(null);
    await opened.close();
  });

  it('gives concurrent requests of a register one range each, and registers run side by side', async () => {
    const { issuing, readModel } = world();
    const before = readModel.register(operator.issuer, licence.type)?.last ?? 0;
    const request = requestOf(makeRows(licence, 3));
    const summaries = await Promise.all([
      issuing.issue(operator, request, newKey()),
      issuing.issue(operator, request, newKey()),
      issuing.issue(operator, requestOf(makeRows(food, 2), food.type), newKey()),
    ]);
    expect(
      summaries
        .toSorted((a, b) => (a.type === b.type ? a.first - b.first : 0))
        .map(({ type, first, last }) => [type, first - (type === food.type ? 0 : before), last - first]),
    ).to.deep.equal([
      [licence.type, 1, 2],
      [licence.type, 4, 2],
      [food.type, 1, 1],
    ]);
  });

  it('reissues with the same serial and the next version, and supersedes the older one', async () => {
    const first = await issueFile(world(), licence);
    const reissue = (supersedes: Identifier) =>
      issueFile(world(), licence, { rows: makeRows(licence, 1).map((row) => ({ ...row, supersedes })) });
    const second = await reissue(first.body.id);
    const third = await reissue(second.body.id);
    expect(second.body.supersedes).to.equal(first.body.id);
    expect(third.body.id.split('.').slice(-3, -1)).to.deep.equal([first.body.id.split('.')[7], '003']);
    const answer = await world().verifying.verify({ file: third }, 'anonymous');
    expect(answer.verdict.verdict).to.equal('valid');
  });

  it('refuses to supersede what is unknown, another body’s, superseded, ended, or named twice in one request', async () => {
    const older = await issueFile(world(), licence);
    const revoked = await issueFile(world(), licence);
    await act(world(), revoked, 'revoke');
    const foreign = await issueFile(world(), licence, { as: otherOperator });
    const otherType = await issueFile(world(), food);
    const [row] = makeRows(licence, 1);
    const ids = [older.body.id, older.body.id, revoked.body.id, foreign.body.id, otherType.body.id];
    const rows = ids.map((supersedes) => ({ values: row?.values ?? {}, supersedes }));
    const error = await expectRefusal('ROWS_INVALID', () => world().issuing.issue(operator, requestOf(rows), newKey()));
    expect(error.details['rows']).to.deep.equal([
      { row: 1, code: 'SUPERSESSION_ILLEGAL' },
      { row: 2, code: 'SUPERSESSION_ILLEGAL' },
      { row: 3, code: 'ISSUER_MISMATCH' },
      { row: 4, code: 'TYPE_MISMATCH' },
    ]);
    expect(foreign.body.issuer).to.equal(otherIssuer);
  });
});

describe('a batch', () => {
  const newNetwork = useNetworks();

  it('is read page by page, by its own body alone', async () => {
    const world = await openWorld(await newNetwork());
    const { id } = await world.issuing.issue(operator, requestOf(makeRows(licence, 5)), newKey());
    const page = await world.issuing.batch(operator, id, 0, 2);
    expect(page.certificates.map(({ body }) => body.entry)).to.deep.equal([1, 2]);
    const rest = await world.issuing.batch(operator, id, page.next ?? 0, 500);
    expect([page.next, rest.certificates.map(({ body }) => body.entry), rest.next]).to.deep.equal([2, [3, 4, 5], null]);
    for (const wrong of [`${id}0`, 'x', `${operator.issuer}.${licence.type}.2`]) {
      await expectRefusal('NOT_FOUND', () => world.issuing.batch(operator, wrong, 0, 1));
    }
    await expectRefusal('NOT_FOUND', () => world.issuing.batch(otherOperator, id, 0, 1));
    await world.close();
  });

  it('gives holder tokens for a day, then forgets them', async () => {
    const world = await openWorld(await newNetwork());
    const { id } = await world.issuing.issue(operator, requestOf(makeRows(driving, 2), driving.type), newKey());
    const { certificates } = await world.issuing.batch(operator, id, 0, 2);
    for (const { body, holderToken = '' } of certificates) {
      expect(isHolderTokenOf(fromBase64(holderToken), toLeaf(body))).to.equal(true);
    }
    world.clock.advance(86_399);
    expect((await world.issuing.batch(operator, id, 0, 1)).certificates[0]).to.have.property('holderToken');
    world.clock.advance(1);
    expect((await world.issuing.batch(operator, id, 0, 1)).certificates[0]).to.not.have.property('holderToken');
    expect(await world.vault.listSealed('outbox')).to.have.length(2);
    await world.issuing.settle();
    expect(await world.vault.listSealed('outbox')).to.have.length(0);
    await world.close();
  });

  it('gives single files to its own body, without holder token', async () => {
    const world = await openWorld(await newNetwork());
    const { holderToken: _, ...file } = await issueFile(world, licence);
    expect(await world.issuing.certificate(operator, file.body.id)).to.deep.equal(file);
    await expectRefusal('CERTIFICATE_UNKNOWN', () => world.issuing.certificate(otherOperator, file.body.id));
    const unknown = file.body.id.replace('.0000000001.', '.0000000009.');
    await expectRefusal('MALFORMED_IDENTIFIER', () => world.issuing.certificate(operator, unknown));
    await world.close();
  });
});
