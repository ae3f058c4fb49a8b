/** The strict reader of certificate types, and the schema beside it. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { isNegativeConclusion, parseType } from '../../../core/catalogue.ts';
import type { Json } from '../../../core/model.ts';
import { readText } from '../../certs/catalogue.ts';
import { bendType, draftType, kinds, makeType, refusalOf } from './fixture.ts';

const matchesSchema = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(readText('type.schema.json')));
const at = (kind: (typeof kinds)[number]) => `fields.${kinds.indexOf(kind)}`;

/** What is wrong with one member, or between members of the same object: path, value, why. Schema and parser both refuse. */
const badForm: readonly (readonly [path: string, value: Json | undefined, why: string])[] = [
  ['format', 'yinxin-type/2', 'another format'],
  ['format', undefined, 'no format'],
  ['colour', 'red', 'an unknown member'],
  ['type', 'Business', 'a slug with capitals'],
  ['type', 'x', 'a slug of one letter'],
  ['version', 0, 'version 0'],
  ['version', 1.5, 'half a version'],
  ['version', '1', 'a version in quotes'],
  ['code', '11990300DEMA00021E', 'a code without digits'],
  ['code', '11990300DEMA00021E99X', 'a code with a letter for a digit'],
  ['codeOrigin', 'official', 'an official code of area 990300'],
  ['codeOrigin', 'guessed', 'an unknown origin'],
  ['name', { zh: '示范证' }, 'no English name'],
  ['name', { zh: '示范证', en: 'E', fr: 'E' }, 'a third language'],
  ['name.zh', '', 'an empty name'],
  ['name.zh', ' 示范证', 'a name that begins with a space'],
  ['name.en', 'x'.repeat(101), 'a name of 101 characters'],
  ['category', '证件', 'an unknown category'],
  ['holder.kind', 'robot', 'an unknown kind of holder'],
  ['holder.codeTypes', [], 'no code types'],
  ['holder.codeTypes', ['111', '111'], 'a code type twice'],
  ['holder.codeTypes', ['1'], 'a code type of one digit'],
  ['fields', [], 'no fields'],
  ['fields', {}, 'fields that are no array'],
  [`${at('string')}.key`, 'Name', 'a key with a capital first'],
  [`${at('string')}.key`, 'two words', 'a key with a space'],
  [`${at('text')}.key`, 'constructor', 'a key that every object has'],
  [`${at('text')}.key`, '__proto__', 'a key of underscores'],
  [`${at('text')}.kind`, 'blob', 'an unknown kind'],
  [`${at('text')}.mask`, 'blur', 'an unknown mask'],
  [`${at('text')}.required`, 'yes', 'required that is no boolean'],
  [`${at('text')}.label`, '文字', 'a label of one language'],
  [`${at('text')}.example`, 1, 'an example that is a number'],
  [`${at('text')}.example`, undefined, 'no example'],
  [`${at('text')}.hint`, 'x', 'an unknown member of a field'],
  [`${at('text')}.enum`, ['甲'], 'values for a kind that has none'],
  [`${at('text')}.unit`, 'm', 'a unit for a text'],
  [`${at('text')}.longTermValue`, '长期', 'no end for a text'],
  [`${at('text')}.mask`, 'birthDate', 'a birth date that is no date'],
  [`${at('text')}.tag`, 'zzbh', 'a tag in small letters'],
  [`${at('enum')}.enum`, undefined, 'kind enum without values'],
  [`${at('enum')}.enum`, ['合格', '合格'], 'a value twice'],
  [`${at('enum')}.enum`, [], 'no values'],
  [`${at('image')}.mask`, 'none', 'a picture that shows'],
  ['face', [], 'no face'],
  ['face', ['stringField', 'stringField'], 'a face key twice'],
  ['face', 'stringField', 'a face that is no array'],
  ['claim', [], 'no claim'],
  ['validity', { kind: 'sometimes' }, 'an unknown validity'],
  ['validity', { kind: 'fixed' }, 'fixed without months'],
  ['validity', { kind: 'fixed', months: 0 }, 'no months'],
  ['validity', { kind: 'fixed', months: 1201 }, 'more than a hundred years'],
  ['validity', { kind: 'range', months: 12 }, 'months for a range'],
  ['validity', { kind: 'snapshot' }, 'a snapshot without freshness'],
  ['validity', { kind: 'tied', freshnessDays: 30 }, 'freshness of what is no snapshot'],
  ['validity', { kind: 'permanent', untilField: 'dateField' }, 'an end of what is permanent'],
  ['validity', { kind: 'range', until: 'dateField' }, 'an unknown member of validity'],
  ['statusMaxAgeSeconds', 0, 'no age at all'],
  ['statusMaxAgeSeconds', 31622401, 'more than a year'],
  ['offlineCode', 'no', 'a word for a boolean'],
  ['lookup', 'everyone', 'an unknown lookup'],
  ['lookup', 'public', 'natural persons in public'],
  ['legacy', undefined, 'legacy missing'],
  ['successor', 'another-type', 'a successor of what is not legacy'],
  ['conclusion', { field: 'enumField' }, 'a conclusion that is never negative'],
];

/** What one member says of another: only the parser can see it. */
const badReference: readonly (readonly [path: string, value: Json | undefined, member: string])[] = [
  ['code', '11990300DEMA00022E999', 'type.code'],
  ['face', ['nobody'], 'type.face'],
  ['face', ['textField'], 'type.face'],
  ['claim', ['nobody', 'stringField'], 'type.claim'],
  ['claim', ['stringField'], 'type.claim'],
  [`${at('text')}.key`, 'stringField', 'type.fields'],
  [`${at('text')}.label.zh`, '字段string', 'type.fields'],
  [`${at('text')}.label.en`, 'stringField', 'type.fields'],
  [`${at('text')}.tag`, 'ZZYXQJZRQ', 'type.fields'],
  [`${at('idNumber')}.example`, '990300190305150111', `type.${at('idNumber')}.example`],
  [`${at('enum')}.example`, '尚可', `type.${at('enum')}.example`],
  [`${at('date')}.example`, '2026-02-30', `type.${at('date')}.example`],
  ['validity', { kind: 'range', untilField: 'nobody' }, 'type.validity.untilField'],
  ['validity', { kind: 'range', fromField: 'stringField' }, 'type.validity.fromField'],
  ['conclusion', { field: 'stringField', negative: ['不合格'] }, 'type.conclusion.field'],
  ['conclusion', { field: 'enumField', negative: ['尚可'] }, 'type.conclusion.negative'],
  ['conclusion', { field: 'enumField', negative: ['合格', '不合格'] }, 'type.conclusion.negative'],
];

describe('parseType', () => {
  it('returns a good type as it is written, and so does the schema', () => {
    expect(parseType(draftType())).to.deep.equal(draftType());
    expect(matchesSchema(draftType()), JSON.stringify(matchesSchema.errors)).to.equal(true);
  });

  for (const [path, value, why] of badForm) {
    it(`rejects ${why}, and so does the schema`, () => {
      const json = bendType(path, value);
      expect(matchesSchema(json)).to.equal(false);
      expect(refusalOf(() => parseType(json)).code).to.equal('TYPE_INVALID');
    });
  }

  for (const [path, value, member] of badReference) {
    it(`rejects ${path} = ${JSON.stringify(value)} and names ${member}, which no schema can`, () => {
      const json = bendType(path, value);
      expect(matchesSchema(json), JSON.stringify(matchesSchema.errors)).to.equal(true);
      const refusal = refusalOf(() => parseType(json));
      expect(refusal.code).to.equal('TYPE_INVALID');
      expect(refusal.details['member']).to.equal(member);
      expect(refusal.details['why']).to.be.a('string');
    });
  }

  for (const json of [null, [], 'type', 1, {}]) {
    it(`rejects ${JSON.stringify(json)}`, () => {
      expect(refusalOf(() => parseType(json)).code).to.equal('TYPE_INVALID');
    });
  }

  it('rejects a type that succeeds itself', () => {
    const json = { ...draftType(), legacy: true, successor: 'example-type' };
    expect(refusalOf(() => parseType(json)).details['member']).to.equal('type.successor');
  });

  it('takes one identity number for a claim', () => {
    expect(makeType({ claim: ['idNumberField'] }).claim).to.deep.equal(['idNumberField']);
  });

  it('takes a legacy type with a successor, and an official code of another area', () => {
    const type = makeType({
      legacy: true,
      successor: 'another-type',
      code: '11100000MB0143028R001',
      codeOrigin: 'official',
    });
    expect(type.successor).to.equal('another-type');
  });
});

describe('isNegativeConclusion', () => {
  const type = makeType({ conclusion: { field: 'enumField', negative: ['不合格'] } });

  it('tells a no from a yes', () => {
    expect(isNegativeConclusion(type, { enumField: '不合格' })).to.equal(true);
    expect(isNegativeConclusion(type, { enumField: '合格' })).to.equal(false);
  });

  it('is false where the conclusion is not shown, and for types without one', () => {
    expect(isNegativeConclusion(type, {})).to.equal(false);
    expect(isNegativeConclusion(makeType(), { enumField: '不合格' })).to.equal(false);
  });
});
