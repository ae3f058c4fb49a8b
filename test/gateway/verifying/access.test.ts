/** Who may ask, what an asker sees, comparison with claimed values, and the history of a certificate. */
import {
  type CertificateFile,
  discloseFields,
  type FieldValues,
  formatIdentifier,
  type Identifier,
  type MaskRule,
  parseIdentifier,
  toBase64,
  toLeaf,
  type VerificationAnswer,
} from '@yinxin/core';
import { expect } from 'chai';
import type { Vault } from '../../../gateway/vault/vault.ts';
import { withNewestMasks } from '../../../gateway/verifying/access.ts';
import { maxFailures } from '../../../gateway/verifying/comparison.ts';
import { expectRefusal } from '../support.ts';
import {
  act,
  driving,
  food,
  issueFile,
  licence,
  makeRows,
  openWorld,
  operator,
  otherOperator,
  startClock,
  until,
  useNetworks,
  useWorld,
} from '../world.ts';
import { claimsOf, clerk, daySeconds, partner, purpose, valid } from './asking.ts';

/** A well-formed number that was never given. */
const unissued = (file: CertificateFile, serial: string, version = 1): Identifier => {
  const { typeCode, issuer } = parseIdentifier(file.body.id);
  return formatIdentifier({ typeCode, issuer, serial, version });
};

describe('who may ask by number', () => {
  const world = useWorld();

  it('anyone for public types; partners alone for others, whether or not the number exists', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    for (const number of [file.body.id, unissued(file, '0000009999')]) {
      await expectRefusal('CLAIMS_REQUIRED', () => verifying.byNumber(number, 'anonymous'));
      await expectRefusal('CLAIMS_REQUIRED', () => verifying.byNumber(number, { scopes: ['status'] }, { purpose }));
    }
    expect((await verifying.byNumber(file.body.id, partner, { purpose })).verdict).to.include(valid);
  });

  it('shows no field of a person’s certificate by number, except to its own body', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    const answer = await verifying.byNumber(file.body.id, partner, { purpose });
    expect(answer).to.not.have.property('fields');
    const own = await verifying.byNumber(file.body.id, clerk, { purpose });
    expect(own.fields?.map(({ value }) => value)).to.deep.equal(driving.fields.map(({ key }) => file.fields[key]));
  });

  it('asks those it knows for a purpose', async () => {
    const file = await issueFile(world(), licence);
    const { verifying } = world();
    await expectRefusal('INPUT_INVALID', () => verifying.byNumber(file.body.id, partner));
    await expectRefusal('INPUT_INVALID', () => verifying.byNumber(file.body.id, partner, { purpose: ' ' }));
    await expectRefusal('INPUT_INVALID', () => verifying.verify({ file }, partner));
    await expectRefusal('INPUT_INVALID', () => verifying.verify({ file, purpose: 'x'.repeat(201) }, 'anonymous'));
    expect((await verifying.verify({ file, purpose }, partner)).verdict).to.include(valid);
  });

  it('refuses numbers that are malformed, of no type, or never given', async () => {
    const file = await issueFile(world(), licence);
    const { verifying } = world();
    await expectRefusal('MALFORMED_IDENTIFIER', () => verifying.byNumber('1.2.3', 'anonymous'));
    for (const number of [unissued(file, '0000009999'), unissued(file, parseIdentifier(file.body.id).serial, 2)]) {
      await expectRefusal('CERTIFICATE_UNKNOWN', () => verifying.byNumber(number, 'anonymous'));
      await expectRefusal('CERTIFICATE_UNKNOWN', () => verifying.history(number, 0, 10));
    }
  });

  it('answers to a leaf only for the certificate that has it', async () => {
    const [file, other] = [await issueFile(world(), driving), await issueFile(world(), driving)];
    const ask = (leaf: string) => world().verifying.verify({ identifier: file.body.id, leaf }, 'anonymous');
    const answer = await ask(toBase64(toLeaf(file.body)));
    expect(answer.verdict).to.include(valid);
    expect(answer).to.not.have.property('fields');
    await expectRefusal('CERTIFICATE_UNKNOWN', () => ask(toBase64(toLeaf(other.body))));
  });
});

describe('what an asker sees', () => {
  const world = useWorld();
  const shown = (answer: VerificationAnswer, key: string) => answer.fields?.find((field) => field.key === key);

  it('is masked for everyone, less so for a stated purpose, and whole for the issuing body alone', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    const key = driving.fields.find(({ mask }) => mask === 'idNumber')?.key ?? '';
    const anyone = await verifying.verify({ file }, 'anonymous');
    const known = await verifying.verify({ file, purpose }, { ...clerk, issuer: otherOperator.issuer });
    const own = await verifying.verify({ file, purpose }, clerk);
    expect(shown(anyone, key)).to.include({ masked: true });
    expect(shown(known, key)).to.include({ masked: true });
    expect(shown(known, key)?.value).to.not.equal(shown(anyone, key)?.value);
    expect(shown(own, key)).to.include({ masked: false, value: file.fields[key] });
  });

  it('is not whole for a token of the issuing body that may not issue', async () => {
    const file = await issueFile(world(), driving);
    const { verifying } = world();
    const narrow = { scopes: ['verify'], issuer: operator.issuer };
    const answer = await verifying.verify({ file, purpose }, narrow);
    expect(answer.fields?.some(({ masked }) => masked)).to.equal(true);
    expect(await verifying.byNumber(file.body.id, narrow, { purpose })).to.not.have.property('fields');
  });

  it('is the fields that the file shows, and null for the others', async () => {
    const file = await issueFile(world(), licence);
    const answer = await world().verifying.verify({ file: discloseFields(file, ['holderUscc']) }, 'anonymous');
    expect(answer.verdict).to.include(valid);
    const values = answer.fields?.filter(({ value }) => value !== null);
    expect(values?.map(({ key }) => key)).to.deep.equal(['holderUscc']);
    expect(answer.fields).to.have.length(licence.fields.length);
  });

  it('is the face of an open code and no field of a closed one', async () => {
    const file = await issueFile(world(), licence);
    const ask = async (face: 'open' | 'closed') => {
      const { symbol } = await world().issuing.code({ issuer: operator.issuer }, file.body.id, { face });
      return (await world().verifying.verify({ code: symbol }, 'anonymous')).fields;
    };
    expect((await ask('open'))?.filter(({ value }) => value !== null)).to.have.length(licence.face.length);
    expect(await ask('closed')).to.equal(undefined);
  });
});

describe('verification by comparison', () => {
  const world = useWorld();
  const newNetwork = useNetworks();
  const ask = (identifier: Identifier, claims: FieldValues) =>
    world().verifying.verify({ identifier, claims }, 'anonymous');

  it('is open to anyone for a person’s certificate, and shows it masked', async () => {
    const file = await issueFile(world(), driving);
    const answer = await ask(file.body.id, claimsOf(file, driving.claim));
    expect(answer.verdict).to.include(valid);
    expect(answer.fields?.find(({ key }) => key === 'holderName')).to.include({ masked: true });
  });

  it('matches all values together or not at all, and a mismatch answers like an unknown number', async () => {
    const file = await issueFile(world(), driving);
    const claims = claimsOf(file, [...driving.claim, 'vehicleClass']);
    expect((await ask(file.body.id, claims)).verdict).to.include(valid);
    const mismatch = await expectRefusal('CERTIFICATE_UNKNOWN', () =>
      ask(file.body.id, { ...claims, vehicleClass: '?' }),
    );
    const unknown = await expectRefusal('CERTIFICATE_UNKNOWN', () => ask(unissued(file, '0000009999'), claims));
    expect(mismatch.details).to.deep.equal(unknown.details);
  });

  it('wants at least the claim fields, and no field that the type does not have, whether or not the number exists', async () => {
    const file = await issueFile(world(), driving);
    const claims = claimsOf(file, driving.claim);
    for (const number of [file.body.id, unissued(file, '0000009999')]) {
      await expectRefusal('CLAIMS_INVALID', () => ask(number, claimsOf(file, driving.claim.slice(1))));
      await expectRefusal('CLAIMS_INVALID', () => ask(number, {}));
      await expectRefusal('CLAIMS_INVALID', () => ask(number, { ...claims, colour: 'red' }));
    }
  });

  it('ends after five failures of one certificate, for right values too, until the next day', async () => {
    const clock = startClock();
    const networks = await openWorld(await newNetwork(), clock);
    const [file, other] = [await issueFile(networks, driving), await issueFile(networks, driving)];
    const claims = claimsOf(file, driving.claim);
    const compare = (of: CertificateFile, name = of.fields['holderName'] ?? '') =>
      networks.verifying.verify({ identifier: of.body.id, claims: { ...claims, holderName: name } }, 'anonymous');
    for (let failure = 0; failure < maxFailures; failure += 1) {
      expect((await compare(file)).verdict).to.include(valid);
      await expectRefusal('CERTIFICATE_UNKNOWN', () => compare(file, '某某'));
    }
    await expectRefusal('CERTIFICATE_UNKNOWN', () => compare(file));
    expect((await compare(other)).verdict).to.include(valid);
    clock.advance(daySeconds);
    await until(() => networks.readModel.asOf() === clock.now());
    expect((await compare(file)).verdict).to.include(valid);
    await networks.close();
  });
});

describe('comparisons side by side', () => {
  const newNetwork = useNetworks();

  /** The vault, whose reading can be held up: each reader then waits until it is let go. */
  function makeGate() {
    const waiting: (() => void)[] = [];
    let isShut = false;
    const hold = () => new Promise<void>((resolve) => (isShut ? waiting.push(resolve) : resolve()));
    return {
      waiting,
      shut: () => {
        isShut = true;
      },
      vault: (vault: Vault): Vault =>
        new Proxy(vault, {
          get(target, name) {
            const member: unknown = Reflect.get(target, name);
            if (name !== 'get') return typeof member === 'function' ? member.bind(target) : member;
            return (...asked: Parameters<Vault['get']>) => hold().then(() => target.get(...asked));
          },
        }),
    };
  }

  it('get no more failures than one after the other', async () => {
    const gate = makeGate();
    const world = await openWorld(await newNetwork(), startClock(), { vault: gate.vault });
    const file = await issueFile(world, driving);
    const claims = claimsOf(file, driving.claim);
    const ask = (claimed: FieldValues) =>
      world.verifying.verify({ identifier: file.body.id, claims: claimed }, 'anonymous').then(
        () => 'answered',
        () => 'refused',
      );
    gate.shut();
    const wrong = Array.from({ length: maxFailures }, () => ask({ ...claims, holderName: '某某' }));
    await until(() => gate.waiting.length === maxFailures);
    const right = ask(claims);
    await until(() => gate.waiting.length === maxFailures + 1);
    for (const letGo of gate.waiting.slice(0, maxFailures)) letGo();
    expect(await Promise.all(wrong)).to.deep.equal(wrong.map(() => 'refused'));
    gate.waiting[maxFailures]?.();
    expect(await right).to.equal('refused');
    await world.close();
  });
});

describe('the history of a certificate', () => {
  const world = useWorld();

  it('lists who did what, when, on which legal basis', async () => {
    const file = await issueFile(world(), food);
    await act(world(), file, 'suspend');
    const rows = makeRows(food, 1).map((row) => ({ ...row, supersedes: file.body.id }));
    await issueFile(world(), food, { rows });
    const { items, identifier, next } = await world().verifying.history(file.body.id, 0, 100);
    expect([identifier, next]).to.deep.equal([file.body.id, null]);
    expect(items.map(({ event }) => event)).to.deep.equal(['anchored', 'status-changed', 'superseded']);
    expect(items[1]?.change).to.include({ act: 'suspend', basis: 'penalty-law-9', document: '示范〔2026〕1号' });
    expect(items[2]?.change).to.include({ to: 'SUPERSEDED', by: file.body.entry + 1 });
    for (const item of items) {
      expect(item.caller.msp).to.equal('ShenzhenMSP');
      expect(item.issuerName.zh).to.equal('深圳市示范局');
      expect(item.statement.split('\n')[0]).to.be.oneOf(['yinxin-anchor/1', 'yinxin-status/1']);
    }
  });
});

describe('masks of a newer version', () => {
  const masked = (mask: MaskRule) => ({
    ...driving,
    fields: driving.fields.map((field) => (field.key === 'holderName' ? { ...field, mask } : field)),
  });
  const chosen = (own: MaskRule, newest: MaskRule) => {
    const trust = { types: [masked(newest)] };
    return withNewestMasks(masked(own), trust).fields.find(({ key }) => key === 'holderName')?.mask;
  };

  it('hide more of what was issued before, never less', () => {
    expect(chosen('none', 'name')).to.equal('name');
    expect(chosen('name', 'hide')).to.equal('hide');
    expect(chosen('name', 'none')).to.equal('name');
    expect(chosen('hide', 'name')).to.equal('hide');
  });
});
