/** Closed bodies: who manages what they issued. */
import { type CertificateFile, type Json, parseStatusStatement } from '@yinxin/core';
import { expect } from 'chai';
import { bases } from '../../../gateway/demo/plan.ts';
import { chengdu, shenzhen } from '../../fixtures/network.ts';
import { expectRefusal } from '../support.ts';
import {
  driving,
  issueFile,
  licence,
  makeRows,
  newKey,
  openWorld,
  operator,
  otherOperator,
  portOf,
  startClock,
  useNetworks,
  type World,
} from '../world.ts';

const administrator = { domain: shenzhen.domain };
const { issuer } = operator;
const successor = otherOperator.issuer;

describe('what a closed body issued', () => {
  const newNetwork = useNetworks();
  let world: World;
  let file: CertificateFile;
  let batch: string;

  const close = (to: string | null) => {
    world.clock.advance(60);
    return world.governing.submit(administrator, 'closeIssuer', { issuer, at: world.clock.now(), successor: to });
  };
  /** It is closed a second after what was ordered in the same second. */
  const accept = async () => {
    await world.governing.submit({ domain: chengdu.domain }, 'acceptSuccession', { issuer });
    world.clock.advance(1);
  };
  const revoke = (as = otherOperator) => {
    const change = {
      identifier: file.body.id,
      act: 'revoke',
      basis: bases.revoke,
      document: '示范〔2026〕1号',
    } as const;
    return world.issuing.changeStatuses(as, { issuer, changes: [change] }, newKey());
  };

  beforeEach(async () => {
    world = await openWorld(await newNetwork());
    file = await issueFile(world, driving);
    batch = `${issuer}.${driving.type}.1`;
  });
  afterEach(() => world.close());

  it('is managed by the successor once that one’s domain consents: statuses, files, pages and codes', async () => {
    await close(successor);
    await expectRefusal('CALLER_NOT_PERMITTED', () => revoke());
    await accept();
    expect((await world.issuing.certificate(otherOperator, file.body.id)).body).to.deep.equal(file.body);
    expect((await world.issuing.batch(otherOperator, batch, 0, 1)).certificates).to.have.length(1);
    const code = await world.issuing.code({ issuer: successor }, file.body.id, { face: 'open' });
    expect((await world.verifying.verify({ code: code.symbol }, 'anonymous')).verdict.verdict).to.equal('valid');
    const { txId } = await revoke();
    const signed = await world.readModel.transaction(txId);
    const statement = parseStatusStatement(signed?.statement ?? '');
    expect([statement.issuer, world.readModel.trust().key(statement.key)?.issuer]).to.deep.equal([issuer, successor]);
    expect(signed?.caller.msp).to.equal(chengdu.msp);
    const { items } = await world.verifying.history(file.body.id, 0, 10);
    expect(items.map((item) => item.actor?.issuer)).to.deep.equal([undefined, successor]);
    expect((await world.verifying.verify({ file }, 'anonymous')).verdict.reason).to.equal('REVOKED');
  });

  it('is out of the hands of its own operators', async () => {
    await close(successor);
    await accept();
    const request = { issuer, type: licence.type, rows: makeRows(licence, 1) };
    for (const ask of [
      () => revoke(operator),
      () => world.issuing.issue(operator, request, newKey()),
      () => world.issuing.certificate(operator, file.body.id),
      () => world.issuing.batch(operator, batch, 0, 1),
      () => world.issuing.code({ issuer }, file.body.id, { face: 'closed' }),
    ]) {
      await expectRefusal('ISSUER_CLOSED', ask);
    }
    await expectRefusal('CALLER_NOT_PERMITTED', () => world.issuing.issue(otherOperator, request, newKey()));
    const holder = { holderToken: file.holderToken ?? '' };
    const { symbol } = await world.issuing.code(holder, file.body.id, { face: 'open' });
    expect((await world.verifying.verify({ code: symbol }, 'anonymous')).verdict.verdict).to.equal('valid');
    expect(await world.vault.listSealed('pending')).to.deep.equal([]);
  });

  it('is managed by nobody where nobody took over', async () => {
    await close(null);
    await expectRefusal('CALLER_NOT_PERMITTED', () => revoke());
    await expectRefusal('ISSUER_CLOSED', () => revoke(operator));
    const holder = { holderToken: file.holderToken ?? '' };
    await expectRefusal('ISSUER_CLOSED', () => world.issuing.code(holder, file.body.id, { face: 'open' }));
    await expectRefusal('CERTIFICATE_UNKNOWN', () => world.issuing.certificate(otherOperator, file.body.id));
    expect((await world.verifying.verify({ file }, 'anonymous')).verdict.verdict).to.equal('valid');
  });
});

describe('changes that were under way when their body was closed', () => {
  const newNetwork = useNetworks();

  it('are finished in the name of its successor', async () => {
    const folder = await newNetwork();
    const clock = startClock();
    const world = await openWorld(folder, clock, {
      ledger: (ledger) => ({
        ...portOf(ledger),
        async submit(...call) {
          if (call[1] === 'changeStatus') throw new Error('cut off');
          return ledger.submit(...call);
        },
      }),
    });
    const file = await issueFile(world, licence);
    const change = {
      identifier: file.body.id,
      act: 'revoke',
      basis: bases.revoke,
      document: '示范〔2026〕1号',
    } as const;
    await world.issuing.changeStatuses(operator, { issuer, changes: [change] }, newKey()).catch(() => undefined);
    const closing: Json = { issuer, at: world.clock.now(), successor };
    await world.governing.submit(administrator, 'closeIssuer', closing);
    await world.governing.submit({ domain: chengdu.domain }, 'acceptSuccession', { issuer });
    clock.advance(1);
    await world.close();
    const again = await openWorld(folder, clock);
    await again.issuing.settle();
    const { type, entry } = file.body;
    const [made] = (await again.readModel.knowledge({ issuer, type, entry })).changes;
    expect(made?.to).to.equal('REVOKED');
    expect(made && again.readModel.trust().key(made.key)?.issuer).to.equal(successor);
    await again.close();
  });
});
