import {
  type CertificateFile,
  epochSeconds,
  formatIdentifier,
  parseIdentifier,
  type StatusChangeRequest,
  toInstant,
} from '@yinxin/core';
import { expect } from 'chai';
import { bases } from '../../../gateway/demo/plan.ts';
import { expectRefusal } from '../support.ts';
import {
  act,
  driving,
  issueFile,
  issueFiles,
  licence,
  makeRows,
  newKey,
  operator,
  otherOperator,
  useWorld,
} from '../world.ts';

type Asked = StatusChangeRequest['changes'][number];

const ask = (file: CertificateFile, changes: Partial<Asked> = {}): Asked => ({
  identifier: file.body.id,
  act: 'revoke',
  basis: bases[changes.act ?? 'revoke'],
  document: '示范〔2026〕1号',
  ...changes,
});

describe('changing statuses', () => {
  const world = useWorld();
  const change = (changes: readonly Asked[], as = operator) =>
    world().issuing.changeStatuses(as, { issuer: as.issuer, changes }, newKey());
  const known = ({ body: { issuer, type, entry } }: CertificateFile) =>
    world().readModel.knowledge({ issuer, type, entry });

  it('changes many under one signature, of several types, and answers in the order asked', async () => {
    const licences = await issueFiles(world(), licence, { rows: makeRows(licence, 3) });
    const other = await issueFile(world(), driving);
    const files = [...licences.toReversed(), other];
    const { changes, txId } = await change(files.map((file) => ask(file, { act: 'suspend' })));
    expect(changes.map(({ identifier }) => identifier)).to.deep.equal(files.map(({ body }) => body.id));
    for (const { change: made } of changes) expect(made).to.include({ to: 'SUSPENDED', sequence: 1, txId });
    for (const file of files) expect((await known(file)).changes).to.have.length(1);
  });

  it('keeps act, basis, document and effective time', async () => {
    const file = await issueFile(world(), licence);
    const effective = toInstant(epochSeconds(world().clock.now()) + 3_600);
    await change([ask(file, { act: 'withdraw', effective })]);
    const [made] = (await known(file)).changes;
    expect(made).to.include({ act: 'withdraw', basis: 'licence-law-8', document: '示范〔2026〕1号', effective });
  });

  it('refuses all when one step is illegal, one number unknown, one certificate another body’s, or one named twice', async () => {
    const good = await issueFile(world(), licence);
    const revoked = await issueFile(world(), licence);
    await act(world(), revoked, 'revoke');
    const foreign = await issueFile(world(), licence, { as: otherOperator });
    const { typeCode, issuer } = parseIdentifier(good.body.id);
    const identifier = formatIdentifier({ typeCode, issuer, serial: 9_999, version: 1 });
    const bad = [
      ask(revoked, { act: 'resume' }),
      ask(foreign),
      ask(good, { act: 'suspend' }),
      ask(good, { identifier }),
    ];
    const refusal = await expectRefusal('ROWS_INVALID', () => change([ask(good), ...bad]));
    expect(refusal.details['rows']).to.deep.equal([
      { row: 1, code: 'STATUS_STEP_ILLEGAL' },
      { row: 2, code: 'CALLER_NOT_PERMITTED' },
      { row: 3, code: 'CERTIFICATE_REPEATED' },
      { row: 4, code: 'CERTIFICATE_UNKNOWN' },
    ]);
    expect((await known(good)).changes).to.deep.equal([]);
  });

  it('refuses one change alone by its own code', async () => {
    const revoked = await issueFile(world(), licence);
    await act(world(), revoked, 'revoke');
    const step = await expectRefusal('STATUS_STEP_ILLEGAL', () => change([ask(revoked, { act: 'resume' })]));
    expect(step.details).to.deep.equal({ index: 0, from: 'REVOKED', act: 'resume' });
    const { typeCode, issuer } = parseIdentifier(revoked.body.id);
    const identifier = formatIdentifier({ typeCode, issuer, serial: 9_999, version: 1 });
    await expectRefusal('CERTIFICATE_UNKNOWN', () => change([ask(revoked, { identifier })]));
  });

  it('refuses no changes, a basis that is no code, a document that is no number, and another body’s request', async () => {
    const file = await issueFile(world(), licence);
    await expectRefusal('INPUT_INVALID', () => change([]));
    await expectRefusal('INPUT_INVALID', () => change([ask(file, { basis: '许可法 69' })]));
    await expectRefusal('INPUT_INVALID', () => change([ask(file, { document: '张三的案子' })]));
    const request = { issuer: operator.issuer, changes: [ask(file)] };
    await expectRefusal('CALLER_NOT_PERMITTED', () => world().issuing.changeStatuses(otherOperator, request, newKey()));
    expect((await known(file)).changes).to.deep.equal([]);
  });

  it('refuses a basis that the ledger does not have, or not for this act, and names the change', async () => {
    const good = await issueFile(world(), licence);
    for (const changes of [{ basis: 'licence-law-99' }, { act: 'suspend', basis: 'licence-law-69' }] as const) {
      const refusal = await expectRefusal('BASIS_UNKNOWN', () => change([ask(good, changes)]));
      expect(refusal.details).to.deep.equal({ index: 0, act: 'revoke', ...changes });
    }
    expect((await known(good)).changes).to.deep.equal([]);
  });

  it('refuses an effective time too far ahead, and a resumption before its suspension, and keeps nothing of them', async () => {
    const file = await issueFile(world(), licence);
    const day = (days: number) => toInstant(epochSeconds(world().clock.now()) + days * 86_400);
    await expectRefusal('EFFECTIVE_ILLEGAL', () => change([ask(file, { effective: day(400) })]));
    const other = await issueFile(world(), licence);
    const refusal = await expectRefusal('ROWS_INVALID', () => change([ask(other), ask(file, { effective: day(400) })]));
    expect(refusal.details['rows']).to.deep.equal([{ row: 1, code: 'EFFECTIVE_ILLEGAL' }]);
    await change([ask(file, { act: 'suspend', effective: day(3) })]);
    await expectRefusal('EFFECTIVE_ILLEGAL', () => change([ask(file, { act: 'resume', effective: day(2) })]));
    expect((await known(file)).changes).to.have.length(1);
    expect(await world().vault.listSealed('pending')).to.deep.equal([]);
    await change([ask(file, { act: 'resume', effective: day(3) })]);
  });

  describe('correcting', () => {
    const verdict = async (file: CertificateFile) =>
      (await world().verifying.verify({ file }, 'anonymous')).verdict.reason;

    it('takes back the newest change from the very time at which it took effect', async () => {
      const file = await issueFile(world(), licence);
      const effective = toInstant(epochSeconds(world().clock.now()) - 3_600);
      await change([ask(file, { effective })]);
      expect(await verdict(file)).to.equal('REVOKED');
      const { changes } = await change([ask(file, { act: 'correct' })]);
      expect(changes[0]?.change).to.include({ act: 'correct', corrects: 1, from: 'REVOKED', to: 'ACTIVE', effective });
      expect(await verdict(file)).to.equal('VALID');
      expect((await known(file)).changes).to.have.length(2);
    });

    it('takes back the change that is named, and leaves what the others say', async () => {
      const file = await issueFile(world(), licence);
      await change([ask(file, { act: 'suspend' })]);
      await change([ask(file, { act: 'forfeit' })]);
      const { changes } = await change([ask(file, { act: 'correct', corrects: 1 })]);
      expect(changes[0]?.change).to.include({ corrects: 1, from: 'FORFEITED', to: 'FORFEITED' });
      await change([ask(file, { act: 'correct', corrects: 2 })]);
      expect(await verdict(file)).to.equal('VALID');
    });

    it('sent twice takes back nothing older: what is meant has to be named then', async () => {
      const file = await issueFile(world(), licence);
      for (const act of ['suspend', 'resume', 'revoke', 'correct'] as const) await change([ask(file, { act })]);
      await expectRefusal('STATUS_STEP_ILLEGAL', () => change([ask(file, { act: 'correct' })]));
      expect(await verdict(file)).to.equal('VALID');
    });

    it('refuses where nothing is there to take back, or it was taken back, and a correction of a correction', async () => {
      const file = await issueFile(world(), licence);
      const correct = (corrects?: number) =>
        change([ask(file, { act: 'correct', ...(corrects !== undefined && { corrects }) })]);
      await expectRefusal('STATUS_STEP_ILLEGAL', () => correct());
      await change([ask(file)]);
      await correct();
      for (const corrects of [undefined, 1, 2, 9]) {
        const refusal = await expectRefusal('STATUS_STEP_ILLEGAL', () => correct(corrects));
        expect(refusal.details).to.deep.equal({ index: 0, from: 'ACTIVE', act: 'correct' });
      }
    });

    it('refuses what it corrects with any other act', async () => {
      const file = await issueFile(world(), licence);
      await expectRefusal('INPUT_INVALID', () => change([ask(file, { corrects: 1 })]));
    });
  });

  it('makes concurrent changes of one certificate one after the other', async () => {
    const file = await issueFile(world(), licence);
    await Promise.all([change([ask(file, { act: 'suspend' })]), change([ask(file, { act: 'resume' })])]);
    expect((await known(file)).changes.map(({ to }) => to)).to.deep.equal(['SUSPENDED', 'ACTIVE']);
  });
});
