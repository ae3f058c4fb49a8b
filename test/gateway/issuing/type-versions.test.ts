/** Types in versions, and keys in turn, as an issuing body meets them. */
import { type CertificateType, epochSeconds, type Json, toInstant, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { chengdu, shenzhen } from '../../fixtures/network.ts';
import { expectRefusal } from '../support.ts';
import {
  issueFile,
  licence,
  makeRows,
  newKey,
  openWorld,
  operator,
  portOf,
  startClock,
  useNetworks,
  type World,
} from '../world.ts';

const administrator = { domain: shenzhen.domain };
const { issuer } = operator;

/** By both organisations of the world. */
async function adopt({ governing }: World, definition: CertificateType): Promise<void> {
  const action = { action: 'registerType', input: { definition } } as unknown as Json; // plain members
  const { txId } = await governing.submit(administrator, 'propose', action);
  await governing.submit({ domain: chengdu.domain }, 'approve', { proposal: txId });
}

const next: CertificateType = {
  ...licence,
  version: 2,
  name: { zh: '营业执照（新版）', en: 'Business Licence (new)' },
};

describe('issuing a type of which there are versions', () => {
  const newNetwork = useNetworks();

  it('is under the newest version at once; what was issued before stays valid under its own', async () => {
    const world = await openWorld(await newNetwork());
    const before = await issueFile(world, licence);
    await adopt(world, next);
    const after = await issueFile(world, next);
    expect([before.body.typeVersion, after.body.typeVersion]).to.deep.equal([1, 2]);
    for (const file of [before, after]) {
      expect((await world.verifying.verify({ file }, 'anonymous')).verdict.verdict).to.equal('valid');
    }
    await world.close();
  });

  for (const asked of ['same', 'other'] as const) {
    it(`makes a batch anew that was prepared under a version which has ended, and blocks nothing: the ${asked} request comes next`, async () => {
      const folder = await newNetwork();
      const clock = startClock();
      const request = { issuer, type: licence.type, rows: makeRows(licence, 2) };
      const cut = await openWorld(folder, clock, {
        ledger: (ledger) => ({
          ...portOf(ledger),
          async submit(...call) {
            if (call[1] === 'anchor') throw new Error('cut off');
            return ledger.submit(...call);
          },
        }),
      });
      await cut.issuing.issue(operator, request, 'same').catch(() => undefined);
      expect(await cut.vault.listSealed('pending')).to.have.length(1);
      await adopt(cut, next);
      await cut.close();
      clock.advance(8 * 86_400);
      const refusals: unknown[] = [];
      const again = await openWorld(folder, clock, {
        ledger: (ledger) => ({
          ...portOf(ledger),
          submit: (...call) =>
            ledger.submit(...call).catch((error: unknown) => {
              refusals.push(error instanceof YinxinError ? error.code : error);
              throw error;
            }),
        }),
      });
      await again.issuing.settle();
      expect(refusals).to.deep.equal(['TYPE_VERSION_ENDED']);
      expect(await again.vault.listSealed('pending')).to.deep.equal([]);
      const first = await again.issuing.issue(operator, request, asked);
      expect(first).to.include({ typeVersion: 2, first: 1, last: 2 });
      const second = await again.issuing.issue(operator, request, asked === 'same' ? 'other' : 'same');
      expect(second).to.include({ typeVersion: 2, first: 3, last: 4 });
      await again.close();
    });
  }

  it('goes on with a batch that was prepared under a version which ends within the week', async () => {
    const folder = await newNetwork();
    const clock = startClock();
    const request = { issuer, type: licence.type, rows: makeRows(licence, 1) };
    const cut = await openWorld(folder, clock, {
      signer: (signer) => ({
        ...signer,
        signAnchor() {
          throw new Error('cut off');
        },
      }),
    });
    await cut.issuing.issue(operator, request, 'same').catch(() => undefined);
    await adopt(cut, next);
    await cut.close();
    clock.advance(6 * 86_400);
    const again = await openWorld(folder, clock);
    expect(await again.issuing.issue(operator, request, 'same')).to.include({ typeVersion: 1, first: 1 });
    await again.close();
  });
});

describe('the key that signs', () => {
  const newNetwork = useNetworks();

  it('is the one that came into force last, never one that is not yet, retired, or on record as compromised', async () => {
    const clock = startClock();
    const world = await openWorld(await newNetwork(), clock);
    const later = (seconds: number) => toInstant(epochSeconds(clock.now()) + seconds);
    const signerOf = async () => (await issueFile(world, licence)).proof.statement.split('\nkey ')[1]?.trim();
    const make = (from: number) => world.governing.makeKey(administrator, { issuer, use: 'anchor', from: later(from) });
    const founding = await signerOf();
    const tomorrow = await make(86_400);
    expect(await signerOf()).to.equal(founding);
    const soon = await make(60);
    clock.advance(60);
    expect(await signerOf()).to.equal(soon.key);
    clock.advance(86_400);
    expect(await signerOf()).to.equal(tomorrow.key);
    await world.governing.submit(administrator, 'reportCompromise', { key: tomorrow.key, from: clock.now() });
    expect(await signerOf()).to.equal(soon.key);
    await world.governing.submit(administrator, 'retireKey', { key: soon.key, until: clock.now() });
    clock.advance(1); // in the second of what was ordered before it the key has not ended yet
    expect(await signerOf()).to.equal(founding);
    await world.governing.submit(administrator, 'reportCompromise', { key: founding ?? '', from: clock.now() });
    const request = { issuer, type: licence.type, rows: makeRows(licence, 1) };
    await expectRefusal('SIGNING_KEY_MISSING', () => world.issuing.issue(operator, request, newKey()));
    await world.close();
  });
});
