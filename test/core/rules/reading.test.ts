import {
  type ErrorCode,
  type Json,
  maxPageSize,
  parseHistoryInput,
  parseListInput,
  rowKeys,
  singleReads,
} from '@yinxin/core';
import { expect } from 'chai';
import { unknownKey } from '../../fixtures/network.ts';
import { expectRefusal } from './world.ts';

const issuer = '11990300DEMA00021E';
const type = 'business-licence';

describe('inputs of reads', () => {
  it('name rows', () => {
    expect(singleReads.readNetwork({})).to.deep.equal(rowKeys.network());
    expect(singleReads.readDomain({ domain: '440300' })).to.deep.equal(rowKeys.domain('440300'));
    expect(singleReads.readIssuer({ issuer })).to.deep.equal(rowKeys.issuer(issuer));
    expect(singleReads.readKey({ key: unknownKey })).to.deep.equal(rowKeys.key(unknownKey));
    expect(singleReads.readType({ type, version: 2 })).to.deep.equal(rowKeys.type(type, 2));
    expect(singleReads.readBasis({ basis: 'licence-law-69' })).to.deep.equal(rowKeys.basis('licence-law-69'));
    expect(singleReads.readMatter({ matter: 'company-opening' })).to.deep.equal(rowKeys.matter('company-opening'));
    expect(singleReads.readAgreement({ agreement: 'sample' })).to.deep.equal(rowKeys.agreement('sample'));
    expect(singleReads.readProposal({ proposal: 'ab'.repeat(32) })).to.deep.equal(rowKeys.proposal('ab'.repeat(32)));
    expect(singleReads.readOrganisation({ msp: 'A.b-MSP' })).to.deep.equal(rowKeys.organisation('A.b-MSP'));
    expect(singleReads.readGovernance({ msp: 'A.b-MSP' })).to.deep.equal(rowKeys.governance('A.b-MSP'));
    expect(singleReads.readEntitlement({ issuer, type })).to.deep.equal(rowKeys.entitlement(issuer, type));
    expect(singleReads.readRegister({ issuer, type })).to.deep.equal(rowKeys.register(issuer, type));
    expect(singleReads.readBatch({ issuer, type, first: 7 })).to.deep.equal(rowKeys.batch(issuer, type, 7));
    expect(singleReads.readStatus({ issuer, type, entry: 7 })).to.deep.equal(rowKeys.status(issuer, type, 7));
  });

  it('go on where a page ended', () => {
    const list = parseListInput({ kind: 'type', prefix: [type], pageSize: maxPageSize, bookmark: `${type}/000002` });
    expect(list).to.deep.equal({ kind: 'type', prefix: [type], pageSize: maxPageSize, bookmark: `${type}/000002` });
    expect(parseListInput({ ...list, kind: 'organisation', prefix: [], bookmark: 'A.b-MSP' }).bookmark).to.equal(
      'A.b-MSP',
    );
    const history = parseHistoryInput({ kind: 'type', parts: [type, '000001'], pageSize: 1, bookmark: 'ab' });
    expect(history).to.deep.equal({ key: rowKeys.type(type, 1), pageSize: 1, bookmark: 'ab' });
  });

  const list = { kind: 'type', prefix: [type], pageSize: 10, bookmark: '' };
  const history = { kind: 'type', parts: [type], pageSize: 10, bookmark: '' };
  const refusals: readonly [
    why: string,
    parse: (json: Json) => unknown,
    input: Json,
    code: ErrorCode,
    member?: string,
  ][] = [
    ['an unknown member', singleReads.readNetwork, { domain: '440300' }, 'INPUT_INVALID', 'input.domain'],
    ['a missing member', singleReads.readDomain, {}, 'INPUT_INVALID', 'input.domain'],
    ['a key id that is none', singleReads.readKey, { key: 'FF' }, 'MALFORMED_KEY'],
    [
      'a proposal that is no transaction',
      singleReads.readProposal,
      { proposal: 'AB' },
      'INPUT_INVALID',
      'input.proposal',
    ],
    ['a basis in words', singleReads.readBasis, { basis: '第69条' }, 'INPUT_INVALID', 'input.basis'],
    ['a matter with a long number', singleReads.readMatter, { matter: 'm-12345' }, 'INPUT_INVALID', 'input.matter'],
    [
      'an agreement with a long number',
      singleReads.readAgreement,
      { agreement: 'a1' },
      'INPUT_INVALID',
      'input.agreement',
    ],
    ['an organisation with a space', singleReads.readOrganisation, { msp: 'A MSP' }, 'INPUT_INVALID', 'input.msp'],
    ['entry 0', singleReads.readStatus, { issuer, type, entry: 0 }, 'INPUT_INVALID', 'input.entry'],
    ['an unknown kind', parseListInput, { ...list, kind: 'valueOf' }, 'INPUT_INVALID', 'kind'],
    ['a page of none', parseListInput, { ...list, pageSize: 0 }, 'INPUT_INVALID', 'input.pageSize'],
    ['a page too large', parseListInput, { ...list, pageSize: maxPageSize + 1 }, 'INPUT_INVALID', 'pageSize'],
    ['a bookmark of another list', parseListInput, { ...list, bookmark: 'other/000001' }, 'INPUT_INVALID', 'bookmark'],
    [
      'a bookmark with a null character',
      parseListInput,
      { ...list, bookmark: `${type}/\u0000` },
      'INPUT_INVALID',
      'bookmark',
    ],
    ['an empty part', parseListInput, { ...list, prefix: [''] }, 'INPUT_INVALID', 'prefix'],
    ['a part that is no text', parseHistoryInput, { ...history, parts: [1] }, 'INPUT_INVALID', 'parts'],
    [
      'a bookmark that is no transaction',
      parseHistoryInput,
      { ...history, bookmark: 'x' },
      'INPUT_INVALID',
      'input.bookmark',
    ],
  ];
  for (const [why, parse, input, code, member] of refusals) {
    it(`refuse ${why}`, () => expectRefusal(() => parse(input), code, member === undefined ? {} : { member }));
  }
});
