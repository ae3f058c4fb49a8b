import {
  type CertificateFile,
  epochSeconds,
  formatIdentifier,
  parseIdentifier,
  type StatusChangeRequest,
  toInstant,
} from '@yinxin/core';
import { expect } from 'chai';
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
  basis: 'licence-law-69',
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
    expect(made).to.include({ act: 'withdraw', basis: 'licence-law-69', document: '示范〔2026〕1号', effective });
  });

  it('refuses all when one step is illegal, one number unknown, one certificate another body’s, or one named twice', async () => {
    const good = await issueFile(world(), licence);
    const revoked = await issueFile(world(), licence);
    await act(world(), revoked, 'revoke');
    const foreign = await issueFile(world(), licence, { as: otherOperator });
    const step = await expectRefusal('STATUS_STEP_ILLEGAL', () => change([ask(good), ask(revoked, { act: 'resume' })]));
    expect(step.details).to.deep.equal({ index: 1, from: 'REVOKED', act: 'resume' });
    await expectRefusal('CALLER_NOT_PERMITTED', () => change([ask(good), ask(foreign)]));
    await expectRefusal('INPUT_INVALID', () => change([ask(good), ask(good, { act: 'suspend' })]));
    const { typeCode, issuer } = parseIdentifier(good.body.id);
    const identifier = formatIdentifier({ typeCode, issuer, serial: 9_999, version: 1 });
    const unknown = await expectRefusal('CERTIFICATE_UNKNOWN', () => change([ask(good), ask(good, { identifier })]));
    expect(unknown.details).to.deep.equal({ index: 1 });
    expect((await known(good)).changes).to.deep.equal([]);
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

  it('makes concurrent changes of one certificate one after the other', async () => {
    const file = await issueFile(world(), licence);
    await Promise.all([change([ask(file, { act: 'suspend' })]), change([ask(file, { act: 'resume' })])]);
    expect((await known(file)).changes.map(({ to }) => to)).to.deep.equal(['SUSPENDED', 'ACTIVE']);
  });
});
