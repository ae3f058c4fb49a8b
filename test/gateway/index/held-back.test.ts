/** Governance that was endorsed, kept back and ordered weeks later, by the real contract: what was anchored in between stands. */
import {
  choosePolicy,
  conclude,
  type FoundInput,
  formatCertificateFile,
  issuerNameAt,
  parseInstant,
  presentFile,
  toLeaf,
  verify,
} from '@yinxin/core';
import { expect } from 'chai';
import type { ReadModel } from '../../../gateway/index/read-model.ts';
import {
  anchorKey,
  codeKey,
  exampleValues,
  issueBatch,
  issuedAt,
  issuer,
  loadType,
  makeKey,
  statusKey,
} from '../../fixtures/certificates.ts';
import {
  adminOf,
  chengdu,
  clientOf,
  foundingTime,
  joinLeaves,
  makeKeyInput,
  makeNetwork,
  shenzhen,
} from '../../fixtures/network.ts';
import { agreement, type HeldNetwork, useHeldNetworks } from './held.ts';

const endorsed = parseInstant('2026-11-01T09:00:00Z');
const ordered = parseInstant('2026-12-30T09:00:00Z');
const later = parseInstant('2026-12-30T09:00:01Z');
/** While the transaction was kept back, after the anchoring. */
const between = parseInstant('2026-11-21T09:00:00Z');

const type = loadType('business-licence');
const [issued] = issueBatch([{ type, values: exampleValues(type), entry: 1 }]);
if (!issued) throw new Error('nothing was issued');
const { file } = issued;
const admin = adminOf(shenzhen);
const { key } = anchorKey.row;

const long = { from: foundingTime, until: null };

/** The body of these certificates, and its keys. */
function makeFounding(type: string): FoundInput {
  const { found } = makeNetwork([type]);
  return {
    ...found,
    issuers: [{ issuer, domain: shenzhen.domain, region: shenzhen.domain, name: shenzhen.name, from: foundingTime }],
    keys: [anchorKey, statusKey, codeKey].map((own) => makeKeyInput(own)),
    entitlements: [{ issuer, type, region: shenzhen.domain, ...long }],
  };
}

describe('governance that was endorsed and kept back', () => {
  const { make, newFolder } = useHeldNetworks();
  const makeHeldNetwork = () => make(makeFounding(type.type));

  async function anchor(network: HeldNetwork) {
    network.set(issuedAt);
    const { statement, signature } = file.proof;
    const input = { statement, signature, leaves: joinLeaves([toLeaf(file.body)]), supersessions: [] };
    await network.submit(clientOf(shenzhen), 'anchor', input);
  }

  /** Endorsed, then a certificate anchored, then ordered after something else has happened or (`isQuiet`) nothing. */
  async function holdBack(transaction: string, input: object, { isQuiet = false } = {}): Promise<HeldNetwork> {
    const network = await makeHeldNetwork();
    network.set(endorsed);
    const proposal = await network.endorse(admin, transaction, input);
    await anchor(network);
    network.set(ordered);
    const matter = { matter: 'any', name: { zh: '示范事项', en: 'Demo matter' } };
    if (!isQuiet) await network.submit(adminOf(chengdu), 'propose', { action: 'registerMatter', input: matter });
    network.set(later);
    await network.order(proposal);
    return network;
  }

  /** The certificate, presented in the other city. */
  async function judge(readModel: ReadModel, at = between) {
    const knowledge = await readModel.knowledge({ issuer, type: type.type, entry: 1 });
    const options = { at, domain: chengdu.domain };
    const presented = presentFile(formatCertificateFile(file));
    const checks = verify(presented, readModel.trust(), ordered, { ledger: knowledge }, options);
    return conclude(checks, choosePolicy({ kind: 'file', offlineCode: type.offlineCode, domainNamed: true })).reason;
  }

  type Act = readonly [transaction: string, input: object, tell: (readModel: ReadModel) => unknown];
  const ends: readonly Act[] = [
    ['retireKey', { key, until: endorsed }, (model) => model.trust().key(key)?.until],
    ['closeIssuer', { issuer, at: endorsed, successor: null }, (model) => model.trust().issuer(issuer)?.closed?.at],
    [
      'endEntitlement',
      { issuer, type: type.type, until: endorsed },
      (model) => model.trust().entitlement(issuer, type.type)?.windows[0]?.until,
    ],
  ];
  const acts: readonly Act[] = [
    [
      'suspendAgreement',
      { agreement, domain: shenzhen.domain },
      (model) => model.trust().agreements[0]?.suspensions[0]?.from,
    ],
    [
      'endAgreement',
      { agreement, domain: shenzhen.domain, until: endorsed },
      (model) => model.trust().agreements[0]?.until,
    ],
  ];
  for (const [transaction, input, tell] of [...ends, ...acts]) {
    it(`takes effect when it was ordered, and not on what was anchored before: ${transaction}`, async () => {
      const readModel = await (await holdBack(transaction, input)).open();
      expect(tell(readModel)).to.equal(ends.some(([end]) => end === transaction) ? later : ordered);
      expect(await judge(readModel)).to.equal('VALID');
    });
  }

  for (const [transaction, input, tell] of ends) {
    it(`takes nothing back either where nothing else happened, and ledger time is still that of the anchoring: ${transaction}`, async () => {
      const readModel = await (await holdBack(transaction, input, { isQuiet: true })).open();
      expect(tell(readModel)).to.equal(parseInstant('2026-11-20T09:00:01Z'));
      expect(await judge(readModel)).to.equal('VALID');
    });
  }

  it('lets a domain’s own report of a compromise reach back thirty days from then', async () => {
    const report = { key, from: parseInstant('2026-10-03T09:00:00Z') };
    const readModel = await (await holdBack('reportCompromise', report)).open();
    expect(readModel.trust().key(key)?.compromisedFrom).to.equal(parseInstant('2026-11-30T09:00:00Z'));
    expect(await judge(readModel)).to.equal('VALID');
  });

  it('keeps the earlier time of a compromise on which a majority decided', async () => {
    const network = await makeHeldNetwork();
    await anchor(network);
    network.set(ordered);
    const input = { key, from: parseInstant('2026-11-10T09:00:00Z') };
    const proposal = await network.submit(admin, 'propose', { action: 'recordCompromise', input });
    await network.submit(adminOf(chengdu), 'approve', { proposal });
    const readModel = await network.open();
    expect(readModel.trust().key(key)?.compromisedFrom).to.equal(input.from);
    expect(await judge(readModel)).to.equal('KEY_COMPROMISED');
  });

  it('lets a first key wait its day from then', async () => {
    const recovery = makeKey(issuer, 'anchor', 'recovery', { from: parseInstant('2026-11-02T09:00:00Z') });
    const network = await holdBack('registerKey', makeKeyInput(recovery, {}, { time: endorsed }));
    expect((await network.open()).trust().key(recovery.row.key)).to.include({
      from: parseInstant('2026-12-31T09:00:00Z'),
      registered: ordered,
      vouchedBy: 'first',
    });
  });

  it('lets a body keep the name under which it issued', async () => {
    const network = await holdBack('renameIssuer', { issuer, name: { zh: '新名局', en: 'New Bureau' } });
    const row = (await network.open()).trust().issuer(issuer);
    expect(row && [between, later].map((at) => issuerNameAt(row, at).zh)).to.deep.equal([shenzhen.name.zh, '新名局']);
  });

  it('is filed the same by an index that was opened again between two transactions, and by one that is built anew', async () => {
    const network = await holdBack('retireKey', { key, until: endorsed });
    const folder = newFolder();
    await (await network.open(folder)).close();
    const report = { key, from: parseInstant('2026-12-29T09:00:00Z') };
    await network.submit(admin, 'reportCompromise', report);
    const again = await network.open(folder);
    expect(again.trust().key(key)).to.include({ until: later, compromisedFrom: report.from });
    expect(await judge(again)).to.equal('VALID');
    const claims = again.trustClaims(shenzhen.domain);
    expect((await network.open()).trustClaims(shenzhen.domain)).to.deep.equal(claims);
  });
});
