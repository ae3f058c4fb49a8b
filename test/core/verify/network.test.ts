/** Verification in a network that changes: succession, renaming, keys in other hands, corrections, time before issue. */
import {
  type Instant,
  issuerNameAt,
  type KnownChange,
  type LedgerKnowledge,
  parseInstant,
  presentCode,
  presentNumber,
  standingChanges,
  toInstant,
  toSubject,
  toTrust,
} from '@yinxin/core';
import { expect } from 'chai';
import { founded, issuer, makeCode, makeKey, makeTrustClaims, statusKey } from '../../fixtures/certificates.ts';
import { change, fromFile, good, judge, type } from './judge.ts';

const time = (clock: string) => parseInstant(`2026-11-20T${clock}Z`);
const successor = '11990300DEMA00013K';
const successorKey = makeKey(successor, 'code', 'successor code');
const usual = makeTrustClaims([type]);
const [own] = usual.issuers;
if (!own) throw new Error('no issuer');

const withKeys = (more: Partial<(typeof usual.keys)[number]>, of = statusKey) =>
  toTrust({ ...usual, keys: usual.keys.map((row) => (row.key === of.row.key ? { ...row, ...more } : row)) });
const knows = (...changes: readonly KnownChange[]): { readonly ledger: LedgerKnowledge } => ({
  ledger: { ...good.knowledge, changes },
});
const reason = (lookups: { readonly ledger: LedgerKnowledge }, by = toTrust(usual), at?: Instant) =>
  judge(fromFile(good.file), lookups, at ? { at } : {}, by).verdict.reason;

describe('verify: a body that was closed', () => {
  const closedAt = (at: Instant, to: string | null) =>
    toTrust({
      ...usual,
      issuers: [
        { ...own, closed: { at, successor: to } },
        { ...own, issuer: successor, name: { zh: '承接局', en: 'Successor Bureau' } },
      ],
      keys: [...usual.keys, successorKey.row],
    });

  it('leaves what it anchored before, with its successor named, and nothing anchored later', () => {
    const { verdict, checks } = judge(fromFile(good.file), knows(), {}, closedAt(time('09:30:00'), successor));
    expect(verdict.verdict).to.equal('valid');
    expect(checks.find(({ check }) => check === 'issuer'))
      .to.have.property('details')
      .that.includes({ successor });
    expect(reason(knows(), closedAt(time('09:00:00'), successor))).to.equal('ISSUER_CLOSED');
  });

  it('is managed by the end of its successions, from each closing on', () => {
    const trust = closedAt(time('09:30:00'), successor);
    expect(trust.managerOf(issuer, time('09:29:59'))?.issuer).to.equal(issuer);
    expect(trust.managerOf(issuer, time('09:30:00'))?.issuer).to.equal(successor);
    expect(closedAt(time('09:30:00'), null).managerOf(issuer, time('10:00:00'))).to.equal(undefined);
  });

  it('has codes by its own key before, by its successor’s after, and not the other way round', () => {
    const trust = closedAt(time('09:30:00'), successor);
    const judged = (signedAt: Instant, key: typeof successorKey | undefined) => {
      const { digits } = makeCode(good.file, type, 'closed', { signedAt, ...(key && { key: key.row.key }) }, key);
      return judge(presentCode(digits), knows(), {}, trust).verdict.reason;
    };
    expect(judged(time('09:10:00'), undefined)).to.equal('VALID');
    expect(judged(time('09:40:00'), successorKey)).to.equal('VALID');
    expect(judged(time('09:10:00'), successorKey)).to.equal('KEY_WRONG_USE');
    expect(judged(time('09:40:00'), undefined)).to.equal('KEY_WRONG_USE');
  });

  it('is called as it was called when it issued', () => {
    const renamed = { ...own, formerNames: [{ name: { zh: '旧名', en: 'Old' }, until: time('09:30:00') }] };
    expect(issuerNameAt(renamed, time('09:00:00')).zh).to.equal('旧名');
    expect(issuerNameAt(renamed, time('09:30:00')).zh).to.equal('示范局');
  });
});

describe('verify: the place of a region', () => {
  it('is the domain with the longest region, so a province does not swallow its city', () => {
    const name = { zh: '广东省', en: 'Guangdong' };
    const province = {
      kind: 'domain',
      domain: '440000',
      name,
      region: '44',
      msp: 'GuangdongMSP',
      from: founded,
    } as const;
    const trust = toTrust({ ...usual, domains: [province, ...usual.domains] });
    expect(trust.domainOf('440305')?.domain).to.equal('440300');
    expect(trust.domainOf('441900')?.domain).to.equal('440000');
    expect(trust.domainOf('110000')).to.equal(undefined);
  });
});

describe('verify: acts of a key in other hands', () => {
  const suspended = change('SUSPENDED', 'suspend', { effective: time('09:10:00'), recorded: time('09:10:00') });
  const resumed = change('ACTIVE', 'resume', {
    sequence: 2,
    from: 'SUSPENDED',
    effective: time('09:20:00'),
    recorded: time('09:20:00'),
  });
  const from = (clock: string) => withKeys({ compromisedFrom: time(clock) });

  it('that raise trust are void from the compromise on, by ledger time', () => {
    expect(reason(knows(suspended, resumed))).to.equal('VALID');
    expect(reason(knows(suspended, resumed), from('09:20:01'))).to.equal('VALID');
    expect(reason(knows(suspended, resumed), from('09:20:00'))).to.equal('SUSPENDED');
    const heldBack = { ...resumed, recorded: time('09:25:00') };
    expect(reason(knows(suspended, heldBack), from('09:22:00'))).to.equal('SUSPENDED');
  });

  it('that raise trust are void when they were committed past the key’s window', () => {
    expect(reason(knows(suspended, resumed), withKeys({ until: time('09:20:00') }))).to.equal('SUSPENDED');
  });

  it('that lower trust stand until they are corrected', () => {
    const revoked = change('REVOKED', 'revoke', { recorded: time('09:30:00') });
    const other = makeKey(issuer, 'status', 'second status');
    const corrected = change('ACTIVE', 'correct', {
      sequence: 2,
      from: 'REVOKED',
      corrects: 1,
      key: other.row.key,
      effective: time('09:30:00'),
      recorded: time('09:40:00'),
    });
    const trust = toTrust({
      ...usual,
      keys: [...usual.keys.map((row) => ({ ...row, compromisedFrom: time('09:25:00') })), other.row].filter(
        ({ use }) => use === 'status',
      ),
    });
    expect(standingChanges([revoked], trust, issuer)).to.have.length(1);
    expect(standingChanges([revoked, corrected], trust, issuer)).to.have.length(2);
    expect(standingChanges([revoked, { ...corrected, key: statusKey.row.key }], trust, issuer)).to.deep.equal([
      revoked,
    ]);
  });

  it('an anchor is judged at ledger time, by number and by code too', () => {
    const anchorKey = good.knowledge.anchor?.key;
    const keys = usual.keys.map((row) => (row.key === anchorKey ? { ...row, compromisedFrom: time('09:00:00') } : row));
    const trust = toTrust({ ...usual, keys });
    const record = toSubject(good.file.body, type);
    const byNumber = judge(presentNumber(good.file.body.id), { ...knows(), record }, {}, trust).verdict;
    expect(byNumber).to.include({ verdict: 'invalid', reason: 'KEY_COMPROMISED' });
    const { digits } = makeCode(good.file, type, 'open');
    expect(byNumber.details).to.include({ compromisedFrom: time('09:00:00') });
    expect(judge(presentCode(digits), knows(), {}, trust).verdict).to.include({
      reason: 'KEY_COMPROMISED',
      genuine: 'no',
    });
  });
});

describe('verify: a correction', () => {
  const revoked = change('REVOKED', 'revoke', { effective: time('09:10:00') });
  const correct = (more: Partial<KnownChange> = {}) =>
    change('ACTIVE', 'correct', { sequence: 2, from: 'REVOKED', corrects: 1, effective: time('09:10:00'), ...more });

  it('takes back a mistaken change from its own effective time on; the mistake stays on record', () => {
    expect(reason(knows(revoked))).to.equal('REVOKED');
    expect(reason(knows(revoked, correct()))).to.equal('VALID');
    expect(reason(knows(revoked, correct()), toTrust(usual), time('09:15:00'))).to.equal('VALID');
  });

  it('that takes effect later leaves the time between as it was', () => {
    const late = correct({ effective: time('09:40:00') });
    expect(reason(knows(revoked, late), toTrust(usual), time('09:30:00'))).to.equal('REVOKED');
    expect(reason(knows(revoked, late), toTrust(usual), time('09:40:00'))).to.equal('VALID');
  });

  it('leaves what other changes say', () => {
    const suspended = change('SUSPENDED', 'suspend', { effective: time('09:05:00') });
    const second = { ...revoked, sequence: 2, from: 'SUSPENDED' } as const;
    const taken = correct({ sequence: 3, corrects: 2, to: 'SUSPENDED' });
    expect(reason(knows(suspended, second, taken))).to.equal('SUSPENDED');
  });
});

describe('verify: a time before it was issued', () => {
  it('has no such certificate, whatever its dates say', () => {
    expect(reason(knows(), toTrust(usual), time('08:59:59'))).to.equal('NOT_YET_ISSUED');
    expect(reason(knows(), toTrust(usual), time('09:00:00'))).to.equal('VALID');
  });

  it('is before its anchoring by ledger time, whatever date of issue it gives itself', () => {
    const { anchor } = good.knowledge;
    if (!anchor) throw new Error('no anchor');
    const later = { ledger: { ...good.knowledge, anchor: { ...anchor, time: time('09:30:00') } } };
    expect(reason(later, toTrust(usual), time('09:20:00'))).to.equal('NOT_YET_ISSUED');
  });

  it('is asked of digitised stock by its dates: it was on paper then', () => {
    const { checks } = judge(
      fromFile(good.file),
      knows(),
      { at: time('08:00:00') },
      toTrust({
        ...usual,
        types: usual.types.map((row) => ({ ...row, definition: { ...row.definition, legacy: true } })),
      }),
    );
    expect(checks.find(({ check }) => check === 'validity')?.outcome).to.equal('passed');
  });
});

describe('verify: the age of the registry without the ledger', () => {
  const anchored = {
    outcome: 'verified',
    claims: {
      iss: '510100',
      channel: 'certs',
      statement: good.knowledge.anchor?.statement ?? '',
      txId: 'ab'.repeat(32),
      block: 7,
      time: time('09:00:00'),
    },
  } as const;
  const issuerAt = (seconds: number) => {
    const claims = { ...usual, exp: usual.iat + 365 * 86_400 };
    const later = toInstant(claims.iat + seconds);
    const { checks } = judge(fromFile(good.file), { anchored }, {}, toTrust(claims), later);
    return checks.find(({ check }) => check === 'issuer');
  };

  it('is bounded by the type, like that of its status: a fresh list must not hide a compromise', () => {
    expect(issuerAt(type.statusMaxAgeSeconds)?.outcome).to.equal('passed');
    expect(issuerAt(type.statusMaxAgeSeconds + 1)).to.include({ outcome: 'inconclusive', code: 'TRUST_EXPIRED' });
  });
});

describe('verify: what a closed body still raises', () => {
  const closed = toTrust({
    ...usual,
    issuers: [
      { ...own, closed: { at: time('09:30:00'), successor } },
      { ...own, issuer: successor },
    ],
  });
  const suspended = change('SUSPENDED', 'suspend', { effective: time('09:10:00'), recorded: time('09:10:00') });
  const resumed = change('ACTIVE', 'resume', { sequence: 2, from: 'SUSPENDED', effective: time('09:20:00') });

  it('counts for nothing once it was recorded after the closing; what it lowers stands', () => {
    expect(reason(knows(suspended, { ...resumed, recorded: time('09:29:59') }), closed)).to.equal('VALID');
    expect(reason(knows(suspended, { ...resumed, recorded: time('09:30:00') }), closed)).to.equal('SUSPENDED');
    expect(reason(knows({ ...suspended, recorded: time('09:50:00') }), closed)).to.equal('SUSPENDED');
  });
});

describe('verify: a key that another vouched for', () => {
  const voucher = makeKey(issuer, 'code', 'voucher');
  const vouchedAt = (compromisedFrom: Instant | null, depth = 1) => {
    const links = Array.from({ length: depth }, (_, at) =>
      makeKey(issuer, 'code', `link ${at}`, { registered: time(`08:${at}0:00`), from: time(`08:${at}5:00`) }),
    );
    const rows = links.map((link, at) => ({ ...link.row, vouchedBy: (links[at - 1] ?? voucher).row.key }));
    const last = links.at(-1);
    if (!last) throw new Error('no key');
    const trust = toTrust({ ...usual, keys: [...usual.keys, { ...voucher.row, compromisedFrom }, ...rows] });
    const { digits } = makeCode(good.file, type, 'closed', { key: last.row.key, signedAt: time('09:10:00') }, last);
    return judge(presentCode(digits), knows(), {}, trust).verdict.reason;
  };

  it('falls with its voucher, where that was in other hands when it vouched; and so do those after it', () => {
    expect(vouchedAt(null)).to.equal('VALID');
    expect(vouchedAt(time('08:00:01'))).to.equal('VALID');
    expect(vouchedAt(time('08:00:00'))).to.equal('KEY_COMPROMISED');
    expect(vouchedAt(time('07:00:00'), 3)).to.equal('KEY_COMPROMISED');
  });
});

describe('verify: what is decided and not in effect yet', () => {
  it('is told beside today’s yes', () => {
    const effective = parseInstant('2026-12-01T00:00:00Z');
    const { checks } = judge(
      fromFile(good.file),
      knows(change('REVOKED', 'revoke', { effective })),
      {},
      toTrust(usual),
    );
    const status = checks.find(({ check }) => check === 'status');
    expect(status?.outcome).to.equal('passed');
    expect(status).to.have.property('details').that.includes({ scheduledAct: 'revoke', scheduledFor: effective });
  });
});

describe('verify: the time to come', () => {
  it('is known to nobody, but for what is scheduled', () => {
    const at = parseInstant('2026-12-20T00:00:00Z');
    expect(judge(fromFile(good.file), knows(), { at }).verdict).to.include({
      verdict: 'indeterminate',
      reason: 'TIME_AHEAD',
    });
    expect(reason(knows(change('REVOKED', 'revoke', { effective: at })), toTrust(usual), at)).to.equal('REVOKED');
  });

  it('excuses no unknown key where the ledger tells the time', () => {
    const thief = makeKey(issuer, 'code', 'thief');
    const codeOf = (signedAt: Instant) =>
      presentCode(makeCode(good.file, type, 'closed', { key: thief.row.key, signedAt }, thief).digits);
    const older = toTrust({ ...usual, iat: usual.iat - 3_600 });
    const judged = (signedAt: Instant) => judge(codeOf(signedAt), knows(), {}, older).verdict.reason;
    expect(judged(time('09:30:00'))).to.equal('KEY_UNKNOWN_YET');
    expect(judged(parseInstant('2099-01-01T00:00:00Z'))).to.equal('KEY_UNKNOWN');
  });

  it('an anchor by a key that the registry does not have is judged like a signature by one', () => {
    const record = toSubject(good.file.body, type);
    const without = { ...usual, keys: usual.keys.filter(({ use }) => use !== 'anchor') };
    const judged = (claims: typeof usual) =>
      judge(presentNumber(good.file.body.id), { ...knows(), record }, {}, toTrust(claims)).verdict.reason;
    expect(judged(without)).to.equal('KEY_UNKNOWN');
    expect(judged({ ...without, iat: Date.parse('2026-11-20T08:00:00Z') / 1000 })).to.equal('KEY_UNKNOWN_YET');
  });
});
