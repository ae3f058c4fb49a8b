/** Recognition: the rule that makes a certificate acceptable where and for what it is presented, or which one is missing. */
import { type AgreementRow, parseInstant, toTrust } from '@yinxin/core';
import { expect } from 'chai';
import { founded, issuedAt, makeTrustClaims } from '../../fixtures/certificates.ts';
import { fromFile, good, judge, type } from './judge.ts';

const office = { zh: '示范窗口', en: 'Demo office' };
const chengdu = '510100';

const agreement: AgreementRow = {
  kind: 'agreement',
  agreement: 'shenzhen-chengdu-2026',
  name: { zh: '深蓉示范互认协议', en: 'Shenzhen–Chengdu demonstration agreement' },
  parties: [
    { domain: '440300', office, phone: '000-00000001' },
    { domain: chengdu, office, phone: '000-00000002' },
  ],
  types: [type.type],
  matters: ['business-start'],
  from: parseInstant('2026-01-01T00:00:00Z'),
  until: parseInstant('2027-01-01T00:00:00Z'),
  proposedBy: '440300',
  approvals: [],
  approved: parseInstant('2026-02-01T00:00:00Z'),
  suspensions: [],
};

const matters = [
  { kind: 'matter', matter: 'business-start', name: { zh: '企业开办', en: 'Starting a business' } },
  { kind: 'matter', matter: 'care-elsewhere', name: { zh: '异地就医', en: 'Care elsewhere' } },
] as const;

const trustWith = (...agreements: readonly AgreementRow[]) => {
  const usual = makeTrustClaims([type]);
  const province = {
    kind: 'domain',
    domain: '510000',
    name: office,
    region: '51',
    msp: 'SichuanMSP',
    from: founded,
  } as const;
  return toTrust({ ...usual, domains: [...usual.domains, province], matters, agreements });
};

interface Asked {
  readonly domain?: string;
  readonly matter?: string;
  readonly at?: string;
}

function recognise(asked: Asked, ...agreements: readonly AgreementRow[]) {
  const { at, ...rest } = asked;
  const options = { domain: chengdu, ...rest, ...(at !== undefined && { at: parseInstant(at) }) };
  const { checks, verdict } = judge(fromFile(good.file), { ledger: good.knowledge }, options, trustWith(...agreements));
  return { verdict, check: checks.find(({ check }) => check === 'recognition') };
}

const matter = 'business-start';

describe('recognition', () => {
  it('needs no rule in the city of the issuer and any place inside it', () => {
    for (const domain of ['440300', '440305', '440311']) {
      const { verdict, check } = recognise({ domain });
      expect(verdict.verdict).to.equal('valid');
      expect(check).to.deep.include({ outcome: 'passed', details: { rule: 'own-domain', home: '440300', domain } });
    }
  });

  it('elsewhere is by an agreement that is named, with whom to ask on the issuer’s side', () => {
    const { verdict, check } = recognise({ matter }, agreement);
    expect(verdict).to.include({ verdict: 'valid', genuine: 'yes' });
    expect(check)
      .to.have.property('details')
      .that.deep.includes({
        rule: 'agreement',
        agreement: 'shenzhen-chengdu-2026',
        name: agreement.name,
        contact: { office, phone: '000-00000001' },
        matterName: { zh: '企业开办', en: 'Starting a business' },
      });
  });

  it('reaches the places inside a party, and not those of another domain beside or above it', () => {
    expect(recognise({ matter, domain: '510104' }, agreement).verdict.verdict).to.equal('valid');
    expect(recognise({ matter, domain: '510600' }, agreement).verdict.reason).to.equal('NOT_RECOGNISED');
    expect(recognise({ matter, domain: '510000' }, agreement).verdict.reason).to.equal('NOT_RECOGNISED');
    expect(recognise({ matter, domain: '999999' }, agreement).verdict.reason).to.equal('NOT_RECOGNISED');
  });

  it('without an agreement is genuine and not recognised here', () => {
    const { verdict } = recognise({ matter });
    expect(verdict).to.include({ verdict: 'invalid', reason: 'NOT_RECOGNISED', check: 'recognition', genuine: 'yes' });
  });

  it('does not come from an agreement on other types or between others', () => {
    expect(recognise({ matter }, { ...agreement, types: ['household-register'] }).verdict.reason).to.equal(
      'NOT_RECOGNISED',
    );
    const parties = [
      { domain: chengdu, office, phone: '000-00000002' },
      { domain: '510000', office, phone: '000-00000003' },
    ];
    expect(recognise({ matter }, { ...agreement, parties }).verdict.reason).to.equal('NOT_RECOGNISED');
  });

  it('for some matters only asks which one, and says when it is not among them', () => {
    const asked = recognise({}, agreement);
    expect(asked.verdict).to.include({ verdict: 'indeterminate', reason: 'MATTER_REQUIRED', genuine: 'yes' });
    expect(asked.check)
      .to.have.property('details')
      .that.deep.includes({ matters: ['business-start'] });
    expect(recognise({ matter: 'care-elsewhere' }, agreement).verdict).to.include({
      verdict: 'invalid',
      reason: 'MATTER_NOT_COVERED',
      genuine: 'yes',
    });
  });

  it('asks for any matter of any agreement in force', () => {
    const other = { ...agreement, agreement: 'other', matters: ['care-elsewhere'] };
    const { check } = recognise({}, agreement, other);
    expect(check)
      .to.have.property('details')
      .that.deep.includes({ matters: ['business-start', 'care-elsewhere'] });
  });

  it('for every matter needs none named', () => {
    expect(recognise({}, { ...agreement, matters: null }).verdict.verdict).to.equal('valid');
  });

  it('takes another agreement that covers the matter where the first does not', () => {
    const other = { ...agreement, agreement: 'other', matters: ['care-elsewhere'] };
    const { check } = recognise({ matter: 'care-elsewhere' }, agreement, other);
    expect(check).to.have.property('details').that.includes({ agreement: 'other' });
  });

  const later = (changes: Partial<AgreementRow>) => recognise({ matter }, { ...agreement, ...changes });
  it('is none while not in force: not begun, not approved by all, ended, suspended; each with its why', () => {
    const why = (changes: Partial<AgreementRow>) => {
      const { verdict } = later(changes);
      expect(verdict).to.include({ verdict: 'invalid', reason: 'AGREEMENT_NOT_IN_FORCE', genuine: 'yes' });
      return verdict.details?.['why'];
    };
    const suspension = { domain: chengdu, from: issuedAt, until: null };
    expect(why({ from: parseInstant('2026-12-01T00:00:00Z') })).to.equal('not-begun');
    expect(why({ approved: parseInstant('2026-12-01T00:00:00Z') })).to.equal('not-begun');
    expect(why({ until: issuedAt })).to.equal('ended');
    const future = parseInstant('2027-01-01T00:00:00Z');
    expect(why({ from: future, until: future })).to.equal('ended');
    expect(why({ suspensions: [suspension] })).to.equal('suspended');
    expect(later({ approved: null }).verdict.reason).to.equal('NOT_RECOGNISED');
  });

  it('goes on after a suspension was lifted', () => {
    const suspensions = [{ domain: chengdu, from: issuedAt, until: parseInstant('2026-11-20T09:30:00Z') }];
    expect(later({ suspensions }).verdict.verdict).to.equal('valid');
  });

  it('is judged at the legal time asked about', () => {
    const ended = { ...agreement, until: parseInstant('2026-11-20T09:30:00Z') };
    expect(recognise({ matter, at: '2026-11-20T09:29:59Z' }, ended).verdict.verdict).to.equal('valid');
    expect(recognise({ matter, at: '2026-11-20T09:30:00Z' }, ended).verdict.reason).to.equal('AGREEMENT_NOT_IN_FORCE');
  });
});

describe('recognition and time', () => {
  const usual = makeTrustClaims([type]);
  const [own] = usual.issuers;
  if (!own) throw new Error('no issuer');
  const recognised = (claims: typeof usual, domain: string, at: string) => {
    const options = { domain, at: parseInstant(at) };
    const { checks } = judge(fromFile(good.file), { ledger: good.knowledge }, options, toTrust(claims));
    return checks.find(({ check }) => check === 'recognition');
  };

  it('a district that became a domain of its own was part of its city before', () => {
    const from = parseInstant('2026-11-20T09:30:00Z');
    const district = {
      kind: 'domain',
      domain: '440305',
      name: office,
      region: '440305',
      msp: 'NanshanMSP',
      from,
    } as const;
    const claims = { ...usual, domains: [...usual.domains, district] };
    expect(recognised(claims, '440305', '2026-11-20T09:29:59Z')?.outcome).to.equal('passed');
    expect(recognised(claims, '440305', '2026-11-20T09:30:00Z')).to.include({ code: 'NOT_RECOGNISED' });
  });

  it('before the network was founded is as on its first day', () => {
    expect(recognised(usual, '440305', '2019-01-01T00:00:00Z')?.outcome).to.equal('passed');
    expect(recognised(usual, chengdu, '2019-01-01T00:00:00Z')).to.include({ code: 'NOT_RECOGNISED' });
  });

  it('a successor’s own domain answers for what it took over, from then on; no third city does', () => {
    const heir = { ...own, issuer: '11990300DEMA00013K', domain: chengdu, region: chengdu };
    const closed = { at: parseInstant('2026-11-20T09:30:00Z'), successor: heir.issuer };
    const claims = { ...usual, issuers: [{ ...own, closed }, heir] };
    expect(recognised(claims, chengdu, '2026-11-20T09:29:59Z')).to.include({ code: 'NOT_RECOGNISED' });
    const after = recognised(claims, chengdu, '2026-11-20T09:30:00Z');
    expect(after).to.have.property('details').that.includes({ rule: 'successor-domain', home: '440300' });
    expect(recognised(claims, '440300', '2026-11-20T09:30:00Z')?.outcome).to.equal('passed');
    expect(recognised(claims, '500000', '2026-11-20T09:30:00Z')).to.include({ code: 'NOT_RECOGNISED' });
  });
});
