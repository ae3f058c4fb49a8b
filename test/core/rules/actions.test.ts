import { acts, type CertificateType, type ProposalAction, parseInstant, propose, rowKeys } from '@yinxin/core';
import { expect } from 'chai';
import { loadType } from '../../fixtures/certificates.ts';
import { adminOf, bases, foundingTime, matters, shenzhen, unknownKey } from '../../fixtures/network.ts';
import { expectRefusal, refuses, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');

/** Proposes an action with some members of its input changed; what would be refused when adopted is refused at once. */
const proposing = (action: ProposalAction['action'], input: object) => (world: World, changes: object) =>
  world.run(propose, { action, input: { ...input, ...changes } }, adminOf(shenzhen), now);

describe('a domain by majority', () => {
  const input = { domain: '330100', name: { zh: '杭州市', en: 'Hangzhou' }, region: '3301', msp: 'HangzhouMSP' };

  it('is registered', () => {
    const world = World.founded();
    world.adopt({ action: 'registerDomain', input }, now);
    expect(world.get(rowKeys.domain('330100'))).to.deep.equal({ kind: 'domain', ...input, from: now });
  });

  it('may have a name of any script with short numbers', () => {
    const world = World.founded();
    const name = { zh: '𠀀城（2026）123456号', en: 'Hāngzhōu “2026”' };
    world.adopt({ action: 'registerDomain', input: { ...input, name } }, now);
    expect(world.get(rowKeys.domain('330100'))?.name).to.deep.equal(name);
  });

  refuses(
    [
      ['a domain that exists', { domain: '440300', region: '44' }, 'ALREADY_EXISTS'],
      ['the region of another domain', { domain: '440301', region: '4403' }, 'ALREADY_EXISTS'],
      ['a domain outside its own region', { region: '3302' }, 'OUTSIDE_REGION'],
      ['a region of three digits', { region: '330' }, 'INPUT_INVALID', 'domain.region'],
      ['a code of five digits', { domain: '33010' }, 'INPUT_INVALID', 'domain.domain'],
      ['a code that begins with 0', { domain: '033010' }, 'INPUT_INVALID', 'domain.domain'],
      ['an MSP with a space', { msp: 'A MSP' }, 'INPUT_INVALID', 'domain.msp'],
      ['an empty name', { name: { zh: '', en: 'x' } }, 'INPUT_INVALID', 'name.zh'],
      ['a name in one language', { name: { zh: '杭州' } }, 'INPUT_INVALID', 'name.en'],
      ['a name that runs backwards', { name: { zh: '杭\u202e州', en: 'x' } }, 'INPUT_INVALID', 'name.zh'],
      ['a name with a space of no width', { name: { zh: '杭\u200b州', en: 'x' } }, 'INPUT_INVALID', 'name.zh'],
      ['a name with a control character', { name: { zh: '杭州', en: 'x\u0085y' } }, 'INPUT_INVALID', 'name.en'],
      ['a name with a private character', { name: { zh: '杭\ue000', en: 'x' } }, 'INPUT_INVALID', 'name.zh'],
      ['a name with an unassigned character', { name: { zh: '杭\u0378', en: 'x' } }, 'INPUT_INVALID', 'name.zh'],
      ['a name with a long number', { name: { zh: '杭州', en: 'No 1234567' } }, 'INPUT_INVALID', 'name.en'],
      ['a name with a wide number', { name: { zh: '杭１２３４５６７', en: 'x' } }, 'INPUT_INVALID', 'name.zh'],
      ['a name of 101 characters', { name: { zh: '杭', en: 'x'.repeat(101) } }, 'INPUT_INVALID', 'name.en'],
      ['an unknown member', { votes: 3 }, 'INPUT_INVALID', 'domain.votes'],
    ],
    proposing('registerDomain', input),
  );
});

describe('a domain amended by majority', () => {
  it('has another name or another organisation, and keeps the time when it joined', () => {
    const world = World.founded();
    world.adopt({ action: 'amendDomain', input: { ...shenzhen, msp: 'GuangdongMSP' } }, now);
    const row = { kind: 'domain', ...shenzhen, from: foundingTime } as const;
    expect(world.get(rowKeys.domain('440300'))).to.deep.equal({ ...row, msp: 'GuangdongMSP' });
    const name = { zh: '深圳', en: 'Shenzhen' };
    world.put(row);
    world.adopt({ action: 'amendDomain', input: { ...shenzhen, name } }, now);
    expect(world.get(rowKeys.domain('440300'))?.name).to.deep.equal(name);
  });

  refuses(
    [
      ['an unknown domain', { domain: '330100', region: '3301' }, 'NOT_FOUND'],
      ['another region', { region: '44' }, 'INPUT_INVALID', 'domain.region'],
      ['a change of nothing', {}, 'ALREADY_EXISTS'],
    ],
    proposing('amendDomain', shenzhen),
  );
});

describe('a certificate type by majority', () => {
  const food = loadType('food-business-licence');
  const hygiene = loadType('hygiene-licence');
  const register = (world: World, changes: object) =>
    world.run(
      propose,
      { action: 'registerType', input: { definition: { ...hygiene, ...changes } } },
      adminOf(shenzhen),
      now,
    );

  it('is at most 64 KiB large', () => {
    const bulk = (count: number, length: number) =>
      Array.from({ length: count }, (_, at) => {
        const values = Array.from({ length: 100 }, (_, n) => `${at}-${n}-`.padEnd(length, '字'));
        const key = `bulk${'abc'.charAt(at)}`;
        const label = { zh: key, en: key };
        return { key, label, kind: 'enum', required: false, mask: 'none', example: values[0], enum: values };
      });
    const fit = { fields: [...hygiene.fields, ...bulk(2, 100)] };
    expect(register(World.founded(), fit)).to.have.length(2);
    const large = { fields: [...hygiene.fields, ...bulk(3, 100)] };
    const details = { member: 'type.definition', max: 65_536 };
    expectRefusal(() => register(World.founded(), large), 'LIMIT_REACHED', details);
  });

  it('is version 1, then version 2, and keeps both', () => {
    const world = World.founded();
    world.adopt({ action: 'registerType', input: { definition: hygiene } }, now);
    const next = { ...hygiene, version: 2, statusMaxAgeSeconds: 60 };
    world.adopt({ action: 'registerType', input: { definition: next } }, now);
    expect(world.get(rowKeys.type(hygiene.type, 1))).to.deep.equal({ kind: 'type', definition: hygiene, from: now });
    expect(world.get(rowKeys.type(hygiene.type, 2))?.definition.statusMaxAgeSeconds).to.equal(60);
  });

  refuses(
    [
      ['a version that exists', { type: food.type, code: food.code, codeOrigin: food.codeOrigin }, 'ALREADY_EXISTS'],
      ['a version that leaves a gap', { version: 2 }, 'INPUT_INVALID', 'definition.version'],
      ['the code of another type', { code: food.code, codeOrigin: food.codeOrigin }, 'ALREADY_EXISTS'],
      ['another code for the next version', { type: food.type, version: 2 }, 'TYPE_MEANING_CHANGED', 'code'],
      ['a definition that is not well formed', { face: ['nothing'] }, 'TYPE_INVALID', 'type.face'],
    ],
    register,
  );
});

describe('a new version of a type', () => {
  /** A small type with one field of each sort that has a meaning to keep. */
  const first: CertificateType = {
    ...loadType('hygiene-licence'),
    fields: [
      {
        key: 'holder',
        label: { zh: '名称', en: 'Name' },
        kind: 'string',
        required: true,
        mask: 'none',
        example: '甲',
        tag: 'CZZT',
      },
      {
        key: 'result',
        label: { zh: '结论', en: 'Result' },
        kind: 'enum',
        required: true,
        mask: 'none',
        example: '合格',
        enum: ['合格', '不合格'],
      },
      {
        key: 'area',
        label: { zh: '面积', en: 'Area' },
        kind: 'number',
        required: false,
        mask: 'none',
        example: '1',
        unit: 'm²',
      },
      {
        key: 'until',
        label: { zh: '有效期至', en: 'Until' },
        kind: 'date',
        required: false,
        mask: 'none',
        example: '2027-01-01',
        longTermValue: '长期',
      },
    ],
    face: ['holder'],
    claim: ['holder', 'result'],
    validity: { kind: 'none' },
    conclusion: { field: 'result', negative: ['不合格'] },
  };
  const [holder, result, area, until] = first.fields;
  if (!holder || !result || !area || !until) throw new Error('four fields');
  const { conclusion: _conclusion, ...silent } = first;
  const withVersions = (...definitions: readonly CertificateType[]) => {
    const world = World.founded();
    for (const definition of definitions) world.put({ kind: 'type', definition, from: now });
    return world;
  };
  const next = (definition: CertificateType, version = 2) => ({
    action: 'registerType' as const,
    input: { definition: { ...definition, version } },
  });
  const propound = (world: World, definition: CertificateType, version = 2) =>
    world.run(propose, next(definition, version), adminOf(shenzhen), now);

  const lawful: readonly [what: string, definition: CertificateType][] = [
    [
      'add a field',
      { ...first, fields: [...first.fields, { ...area, key: 'rooms', label: { zh: '间数', en: 'Rooms' } }] },
    ],
    ['retire a field', { ...first, fields: [holder, result, area] }],
    ['re-mask a field', { ...first, fields: [{ ...holder, mask: 'name' }, result, area, until] }],
    ['add a value', { ...first, fields: [holder, { ...result, enum: ['合格', '不合格', '缓评'] }, area, until] }],
    [
      'say no in more words',
      {
        ...first,
        fields: [holder, { ...result, enum: ['合格', '不合格', '缓评'] }, area, until],
        conclusion: { field: 'result', negative: ['不合格', '缓评'] },
      },
    ],
    [
      'retire its conclusion with the field',
      {
        ...silent,
        fields: [holder, { ...holder, key: 'place', tag: 'ZZBH', label: { zh: '地点', en: 'Place' } }],
        claim: ['holder', 'place'],
      },
    ],
  ];
  for (const [what, definition] of lawful) {
    it(`may ${what}`, () => {
      expect(propound(withVersions(first), definition)).to.have.length(2);
    });
  }

  const unlawful: readonly [what: string, definition: CertificateType, member: string][] = [
    [
      'make a number a text',
      { ...first, fields: [holder, result, { ...area, kind: 'integer' }, until] },
      'fields.area.kind',
    ],
    ['change a unit', { ...first, fields: [holder, result, { ...area, unit: 'ha' }, until] }, 'fields.area.unit'],
    [
      'drop the words for no end',
      { ...first, fields: [holder, result, area, { ...until, longTermValue: '永久' }] },
      'fields.until.longTermValue',
    ],
    [
      'change a metadata name',
      { ...first, fields: [{ ...holder, tag: 'ZZBH' }, result, area, until] },
      'fields.holder.tag',
    ],
    [
      'drop a value',
      { ...silent, fields: [holder, { ...result, enum: ['合格', '缓评'] }, area, until] },
      'fields.result.enum',
    ],
    ['stop saying no', silent, 'conclusion'],
    ['say yes by what said no', { ...first, conclusion: { field: 'result', negative: ['合格'] } }, 'conclusion'],
    ['be for other holders', { ...first, holder: { ...first.holder, kind: 'either' } }, 'holder.kind'],
  ];
  for (const [what, definition, member] of unlawful) {
    it(`must not ${what}`, () => {
      expectRefusal(() => propound(withVersions(first), definition), 'TYPE_MEANING_CHANGED', { member });
    });
  }

  it('must not bring a retired field back with another meaning', () => {
    const second = { ...first, version: 2, fields: [holder, result, until] };
    const third = { ...first, fields: [holder, result, { ...area, unit: 'ha' }, until] };
    expectRefusal(() => propound(withVersions(first, second), third, 3), 'TYPE_MEANING_CHANGED', {
      member: 'fields.area.unit',
    });
    expect(propound(withVersions(first, second), first, 3)).to.have.length(2);
  });
});

describe('a basis and a matter by majority', () => {
  const [basis] = bases;
  const [matter] = matters;
  if (!basis || !matter) throw new Error('no basis');

  it('are registered, and a basis may come to support other acts', () => {
    const world = World.founded();
    const input = { ...basis, acts: ['revoke'] as const };
    world.adopt({ action: 'registerBasis', input }, now);
    expect(world.get(rowKeys.basis(basis.basis))).to.deep.equal({ kind: 'basis', ...input });
    const other = { matter: 'school-entry', name: { zh: '入学', en: 'Entering school' } };
    world.adopt({ action: 'registerMatter', input: other }, now);
    expect(world.get(rowKeys.matter('school-entry'))).to.deep.equal({ kind: 'matter', ...other });
  });

  refuses(
    [
      ['a basis that changes nothing, in whatever order its acts are', { acts: [...acts].reverse() }, 'ALREADY_EXISTS'],
      ['a basis of no act', { acts: [] }, 'INPUT_INVALID', 'basis.acts'],
      ['an act twice', { acts: ['revoke', 'revoke'] }, 'INPUT_INVALID', 'basis.acts'],
      ['an act that is none', { acts: ['supersede'] }, 'INPUT_INVALID', 'basis.acts'],
      ['a basis in free text', { basis: '许可法 69' }, 'INPUT_INVALID', 'basis.basis'],
    ],
    proposing('registerBasis', basis),
  );

  refuses(
    [
      ['a matter under other words', { name: { zh: '别的', en: 'Other' } }, 'ALREADY_EXISTS'],
      ['a matter that is no slug', { matter: 'Opening' }, 'INPUT_INVALID', 'matter.matter'],
    ],
    proposing('registerMatter', matter),
  );
});

describe('a compromise by majority', () => {
  const keyOf = (world: World) => world.network.issuers[0].anchorKey.row;
  const long = parseInstant('2026-01-02T00:00:00Z');

  it('is recorded from any time that is not in the future, and moved, earlier and later', () => {
    const world = World.founded();
    const { key } = keyOf(world);
    for (const from of [long, parseInstant('2025-06-01T00:00:00Z'), now]) {
      world.adopt({ action: 'recordCompromise', input: { key, from } }, now);
      expect(world.get(rowKeys.key(key))?.compromisedFrom).to.equal(from);
    }
  });

  it('is refused in the future, of an unknown key, and where nothing would change', () => {
    const world = World.founded();
    const { key } = keyOf(world);
    const record = (input: object) => proposing('recordCompromise', input)(world, {});
    expectRefusal(() => record({ key, from: parseInstant('2026-06-01T00:00:01Z') }), 'COMPROMISE_ILLEGAL');
    expectRefusal(() => record({ key: unknownKey, from: now }), 'KEY_UNKNOWN');
    world.adopt({ action: 'recordCompromise', input: { key, from: long } }, now);
    expectRefusal(() => record({ key, from: long }), 'COMPROMISE_ILLEGAL');
  });
});
