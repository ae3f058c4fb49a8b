/** Rows of governance by ledger time: what was endorsed and held back does not rewrite the time between. */
import {
  type AgreementRow,
  type DomainRow,
  type EntitlementRow,
  type Filed,
  fileRow,
  type Instant,
  type IssuerRow,
  type KeyRow,
  type ListKeyRow,
  type MatterRow,
  parseInstant,
  type Row,
} from '@yinxin/core';
import { expect } from 'chai';
import { founded, makeKey, makeTrustClaims } from '../../fixtures/certificates.ts';

const day = (text: string): Instant => parseInstant(`2026-${text}T00:00:00Z`);
/** Endorsed, and ordered four weeks later. */
const endorsed = day('06-01');
const ordered = day('06-29');

const claims = makeTrustClaims([]);
const [body] = claims.issuers;
const [city] = claims.domains;
if (!body || !city) throw new Error('no body');
const { issuer } = body;
const key: KeyRow = makeKey(issuer, 'anchor', 'by ledger time').row;
const listKey: ListKeyRow = {
  kind: 'listKey',
  domain: city.domain,
  kid: 'k'.repeat(43),
  jwk: { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) },
  from: endorsed,
  until: null,
  compromisedFrom: null,
};
const matter: MatterRow = { kind: 'matter', matter: 'demo', name: city.name };
const window = (from: Instant, until: Instant | null) => ({ region: '440300', from, until });
const entitlement = (...windows: EntitlementRow['windows']): EntitlementRow => ({
  kind: 'entitlement',
  issuer,
  type: 'business-licence',
  windows,
});
const approvalOf = (domain: string, time: Instant) => ({ domain, time });
const agreement: AgreementRow = {
  kind: 'agreement',
  agreement: 'demo-2026',
  name: city.name,
  parties: ['440300', '510100'].map((domain) => ({ domain, office: city.name, phone: '12345' })),
  types: ['business-licence'],
  matters: null,
  from: founded,
  until: null,
  proposedBy: '440300',
  approvals: [approvalOf('440300', endorsed)],
  approved: null,
  suspensions: [],
};
const agreed: AgreementRow = {
  ...agreement,
  approvals: [...agreement.approvals, approvalOf('510100', endorsed)],
  approved: endorsed,
};
const suspension = (from: Instant, until: Instant | null = null) => ({ domain: '440300', from, until });
const renamed: IssuerRow = { ...body, formerNames: [{ name: body.name, until: endorsed }] };
const closed: IssuerRow = { ...body, closed: { at: endorsed, successor: null } };

const asWritten = <R extends Row>(row: R): Filed<R> => ({ raw: row, filed: row });
const file = (row: Row, before?: Filed<Row>, transaction = 'any', time = ordered) =>
  fileRow(row, before, { transaction, time, before: day('01-01') });

/** Every way in which a transaction sets a time: the row before, the row that it writes, and what readers take it for when it was held back. */
const acts: readonly {
  readonly what: string;
  readonly transaction?: string;
  readonly before?: Row;
  readonly row: Row;
  readonly held: Row;
}[] = [
  {
    what: 'a key is retired',
    before: key,
    row: { ...key, until: endorsed },
    held: { ...key, until: ordered },
  },
  {
    what: 'a key that was to end later is retired',
    before: { ...key, until: day('12-31') },
    row: { ...key, until: endorsed },
    held: { ...key, until: ordered },
  },
  {
    what: 'a key that has ended meanwhile is retired: no later than that',
    before: { ...key, until: day('06-10') },
    row: { ...key, until: endorsed },
    held: { ...key, until: day('06-10') },
  },
  {
    what: 'a key is registered',
    row: { ...key, vouchedBy: makeKey(issuer, 'anchor', 'voucher').row.key, from: endorsed, registered: endorsed },
    held: { ...key, vouchedBy: makeKey(issuer, 'anchor', 'voucher').row.key, from: endorsed, registered: ordered },
  },
  {
    what: 'a first key is registered, and waits from then',
    row: { ...key, vouchedBy: 'first', from: day('06-02'), registered: endorsed },
    held: { ...key, vouchedBy: 'first', from: day('06-30'), registered: ordered },
  },
  {
    what: 'a compromise is reported by the domain: thirty days back',
    transaction: 'reportCompromise',
    before: key,
    row: { ...key, compromisedFrom: day('05-03') },
    held: { ...key, compromisedFrom: day('05-30') },
  },
  {
    what: 'a key for lists is registered',
    row: listKey,
    held: { ...listKey, from: ordered },
  },
  {
    what: 'a key for lists is retired',
    before: listKey,
    row: { ...listKey, until: endorsed },
    held: { ...listKey, until: ordered },
  },
  {
    what: 'a compromise of a key for lists is reported',
    transaction: 'reportListKeyCompromise',
    before: listKey,
    row: { ...listKey, compromisedFrom: day('05-03') },
    held: { ...listKey, compromisedFrom: day('05-30') },
  },
  {
    what: 'a body is closed',
    before: body,
    row: closed,
    held: { ...closed, closed: { at: ordered, successor: null } },
  },
  {
    what: 'a body is renamed, again',
    before: { ...renamed, formerNames: [{ name: body.name, until: founded }] },
    row: { ...renamed, formerNames: [{ name: body.name, until: founded }, ...renamed.formerNames] },
    held: {
      ...renamed,
      formerNames: [
        { name: body.name, until: founded },
        { name: body.name, until: ordered },
      ],
    },
  },
  {
    what: 'the last window of an entitlement ends',
    before: entitlement(window(founded, day('03-01')), window(day('04-01'), null)),
    row: entitlement(window(founded, day('03-01')), window(day('04-01'), endorsed)),
    held: entitlement(window(founded, day('03-01')), window(day('04-01'), ordered)),
  },
  {
    what: 'an agreement is proposed',
    row: agreement,
    held: { ...agreement, approvals: [approvalOf('440300', ordered)] },
  },
  {
    what: 'an agreement is approved by the last party',
    before: agreement,
    row: agreed,
    held: { ...agreed, approvals: [approvalOf('440300', endorsed), approvalOf('510100', ordered)], approved: ordered },
  },
  {
    what: 'an agreement is suspended',
    before: agreed,
    row: { ...agreed, suspensions: [suspension(endorsed)] },
    held: { ...agreed, suspensions: [suspension(ordered)] },
  },
  {
    what: 'an agreement is resumed',
    before: { ...agreed, suspensions: [suspension(day('05-01'))] },
    row: { ...agreed, suspensions: [suspension(day('05-01'), endorsed)] },
    held: { ...agreed, suspensions: [suspension(day('05-01'), ordered)] },
  },
  {
    what: 'an agreement is ended',
    before: { ...agreed, until: day('12-31') },
    row: { ...agreed, until: endorsed },
    held: { ...agreed, until: ordered },
  },
  {
    what: 'a city joins',
    row: { ...city, from: endorsed } satisfies DomainRow,
    held: { ...city, from: ordered },
  },
];

describe('core: rows of governance by ledger time', () => {
  for (const { what, transaction = 'any', before, row, held } of acts) {
    const past = before && asWritten(before);
    it(`counts no earlier than it was ordered: ${what}`, () => {
      expect(file(row, past, transaction)).to.deep.equal(held);
    });

    it(`is as it was written where it was ordered at once: ${what}`, () => {
      expect(file(row, past, transaction, endorsed)).to.deep.equal(row);
      expect(file(row, past, transaction, day('01-02'))).to.deep.equal(row);
    });

    it(`is the same when it is filed again, and stays so when a later transaction carries it on: ${what}`, () => {
      expect(file(held, past, transaction)).to.deep.equal(held);
      const later = file(row, { raw: row, filed: held }, 'any', day('09-01'));
      expect(later).to.deep.equal(held);
    });
  }

  it('ends what lets a body anchor a second after all that was ordered before, be it ordered in the same second', () => {
    const second = parseInstant('2026-06-29T00:00:01Z');
    const quiet = { transaction: 'any', time: ordered, before: ordered };
    const ends: readonly (readonly [before: Row, row: Row, filed: Row])[] = [
      [key, { ...key, until: ordered }, { ...key, until: second }],
      [listKey, { ...listKey, until: endorsed }, { ...listKey, until: second }],
      [body, closed, { ...closed, closed: { at: second, successor: null } }],
      [body, renamed, { ...renamed, formerNames: [{ name: body.name, until: second }] }],
      [entitlement(window(founded, null)), entitlement(window(founded, ordered)), entitlement(window(founded, second))],
      [agreed, { ...agreed, until: ordered }, { ...agreed, until: ordered }],
    ];
    for (const [before, row, filed] of ends) expect(fileRow(row, asWritten(before), quiet)).to.deep.equal(filed);
  });

  it('takes a majority’s word on a compromise as it stands, also in place of an earlier record', () => {
    const recorded = { ...key, compromisedFrom: day('02-01') };
    expect(file(recorded, asWritten(key), 'approve')).to.deep.equal(recorded);
    expect(file(recorded, asWritten(key), 'propose')).to.deep.equal(recorded);
    const reported = {
      raw: { ...key, compromisedFrom: day('05-03') },
      filed: { ...key, compromisedFrom: day('05-30') },
    };
    expect(file(recorded, reported, 'approve')).to.deep.equal(recorded);
    expect(file(recorded, asWritten(key), 'reportCompromise')).to.deep.include({ compromisedFrom: day('05-30') });
  });

  it('brings an end that was held back forward by the next, and never puts it off', () => {
    const before = { raw: { ...key, until: day('06-20') }, filed: { ...key, until: ordered } };
    const again = file({ ...key, until: day('06-15') }, before, 'any', day('07-15'));
    expect(again).to.deep.include({ until: ordered });
    const soon = { raw: { ...key, until: day('12-01') }, filed: { ...key, until: day('12-20') } };
    expect(file({ ...key, until: day('11-01') }, soon)).to.deep.include({ until: day('11-01') });
  });

  it('adds a window, an approval, a suspension and a name beside those that were filed before, which stay', () => {
    const ended = { raw: entitlement(window(founded, endorsed)), filed: entitlement(window(founded, ordered)) };
    const granted = entitlement(window(founded, endorsed), window(endorsed, null));
    expect(file(granted, ended, 'any', day('07-15'))).to.deep.equal(
      entitlement(window(founded, ordered), window(endorsed, null)),
    );
    const other = { ...suspension(day('07-01')), domain: '510100' };
    const suspended = {
      raw: { ...agreed, suspensions: [suspension(endorsed)] },
      filed: { ...agreed, suspensions: [suspension(ordered)] },
    };
    expect(
      file({ ...agreed, suspensions: [suspension(endorsed), other] }, suspended, 'any', day('07-15')),
    ).to.deep.equal({ ...agreed, suspensions: [suspension(ordered), { ...other, from: day('07-15') }] });
  });

  it('leaves alone what was founded, and what has no such times', () => {
    for (const { row } of acts) expect(file(row, undefined, 'found')).to.equal(row);
    expect(file(matter)).to.equal(matter);
  });
});
