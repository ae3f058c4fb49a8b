/** Numbers whose certificates another city's gateway keeps: its word is taken for nothing that the ledger's leaf does not prove. */
import type { RequestListener } from 'node:http';
import {
  addDays,
  type BodyAnswer,
  type Instant,
  type Row,
  toBase64,
  toInstant,
  toLeaf,
  type VerificationAnswer,
} from '@yinxin/core';
import { expect } from 'chai';
import { createPartners, type Partners } from '../../../gateway/partners.ts';
import type { VaultRecord } from '../../../gateway/vault/vault.ts';
import { createVerifying } from '../../../gateway/verifying/create.ts';
import type { Verifying } from '../../../gateway/verifying/verifying.ts';
import { exampleValues, type Issued, issueBatch, loadType } from '../../fixtures/certificates.ts';
import { useServers } from '../../fixtures/servers.ts';
import { clock, makeTape, type Tape, useReadModels, usualRows } from '../index/tape.ts';
import { expectRefusal } from '../support.ts';
import { claimsOf, valid } from './asking.ts';

/** Open to everyone, of a fixed term, with one masked field: 法定代表人. */
const type = loadType('food-business-licence');
const masked = 'legalRepresentative';
const values = exampleValues(type);
const issued = issueBatch([1, 2].map((entry) => ({ type, values, entry })));
const [first, second] = issued;
if (!first || !second) throw new Error('nothing was issued');
const { body } = first.file;
const identifier = body.id;
const unknownDates = { verdict: 'indeterminate', reason: 'VALIDITY_UNKNOWN' };

const recordOf = ({ file }: Issued): VaultRecord => ({
  body: file.body,
  fields: file.fields,
  secret: file.secret ?? '',
  holderTokenHash: '',
});

describe('verification of what another gateway keeps', function () {
  this.timeout(20_000);
  const open = useReadModels();
  const servers = useServers();
  let now: Instant;
  beforeEach(() => {
    now = clock('10:00:00');
  });

  /** A gateway over the tape that keeps these certificates and asks those partners. */
  function start(tape: Tape, records: readonly Issued[], origins: readonly string[] = []): Promise<Verifying> {
    return startWith(createPartners({ origins: () => origins, pause: 50 }), tape, records);
  }

  async function startWith(partners: Partners, tape: Tape, records: readonly Issued[]): Promise<Verifying> {
    const readModel = await open(tape, { now: () => now });
    const kept = records.map(recordOf);
    const get = async (_issuer: string, name: string, entry: number) =>
      kept.find((record) => record.body.entry === entry && record.body.type === name);
    return createVerifying({ readModel, vault: { get, getSealed: async () => undefined }, clock: () => now, partners });
  }

  function write(rows: readonly Row[] = usualRows(type), anchored: readonly Issued[] = issued): Tape {
    const tape = makeTape(type.type);
    tape.write(rows, { time: clock('08:00:00') });
    tape.anchor(anchored);
    return tape;
  }

  /** What the issuing gateway gives, and a server that gives it and says what it was asked. */
  async function keep(tape: Tape, records: readonly Issued[] = issued) {
    const verifying = await start(tape, records);
    const asked: string[] = [];
    const listener: RequestListener = (request, response) => {
      asked.push(request.url ?? '');
      const answered = verifying.body((request.url ?? '').replace('/v1/bodies/', ''));
      answered.then(
        (answer) => response.end(JSON.stringify(answer)),
        () => response.writeHead(404).end(),
      );
    };
    return { verifying, origin: await servers.serve(listener), asked };
  }

  const ask = (by: Verifying, at?: Instant) => by.byNumber(identifier, 'anonymous', { ...(at && { at }) });
  const shownValue = ({ fields }: VerificationAnswer, key: string) => fields?.find((field) => field.key === key)?.value;

  it('is the same answer by number as at that gateway, but for values that only it can mask', async () => {
    const tape = write();
    const home = await keep(tape);
    const away = await start(tape, [], [home.origin]);
    const [expected, answer] = [await ask(home.verifying), await ask(away)];
    expect(answer.verdict).to.include(valid);
    expect(shownValue(expected, masked)).to.match(/^.\*\*$/);
    const hidden = expected.fields?.map((field) =>
      field.key === masked ? { ...field, value: null, masked: false } : field,
    );
    const { asOf: _, ...knowledge } = expected.knowledge ?? {};
    expect(answer).to.deep.include({ ...expected, fields: hidden, knowledge: answer.knowledge });
    expect(answer.knowledge).to.deep.include(knowledge);
    expect(home.asked).to.deep.equal([`/v1/bodies/${identifier}`]);
  });

  it('is judged by the dates: expired after its term, in force before', async () => {
    const tape = write();
    const { origin } = await keep(tape);
    const end = body.validUntil;
    if (!end) throw new Error('a licence of a fixed term');
    const noon = (day: string) => toInstant(Date.parse(`${day}T04:00:00Z`) / 1_000);
    for (const [day, expected] of [
      [end, valid],
      [addDays(end, 1), { verdict: 'invalid', reason: 'EXPIRED' }],
    ] as const) {
      now = noon(day);
      expect((await ask(await start(tape, [], [origin]))).verdict, day).to.include(expected);
    }
    const early = await ask(await start(tape, [], [origin]), clock('08:59:00'));
    expect(early.verdict).to.include({ verdict: 'invalid', reason: 'NOT_YET_ISSUED' });
  });

  it('is answered by leaf, without fields, and by comparison with what is open', async () => {
    const tape = write();
    const away = await start(tape, [], [(await keep(tape)).origin]);
    const byLeaf = await away.verify({ identifier, leaf: toBase64(toLeaf(body)) }, 'anonymous');
    expect(byLeaf.verdict).to.include(valid);
    expect(byLeaf).to.not.have.property('fields');
    const claims = claimsOf(first.file, type.claim);
    expect((await away.verify({ identifier, claims }, 'anonymous')).verdict).to.include(valid);
    for (const wrong of [
      { ...claims, holderName: '别家' },
      { ...claims, ...claimsOf(first.file, [masked]) },
    ]) {
      await expectRefusal('CERTIFICATE_UNKNOWN', () => away.verify({ identifier, claims: wrong }, 'anonymous'));
    }
  });

  it('is asked for once by many, and again after a minute', async () => {
    const tape = write();
    const home = await keep(tape);
    const away = await start(tape, [], [home.origin]);
    for (const answer of await Promise.all([1, 2, 3].map(() => ask(away)))) expect(answer.verdict).to.include(valid);
    await ask(away);
    expect(home.asked).to.have.length(1);
    now = clock('10:01:01');
    expect((await ask(away)).verdict).to.include(valid);
    expect(home.asked).to.have.length(2);
  });

  it('is asked for at most 256 at a time; beyond that the dates are unknown at once', async () => {
    const many = issueBatch(Array.from({ length: 300 }, (_, at) => ({ type, values, entry: at + 1 })));
    const released = Promise.withResolvers<undefined>();
    let asked = 0;
    const ask = () => {
      asked += 1;
      return released.promise;
    };
    const away = await startWith({ ask }, write(usualRows(type), many), []);
    let refused = 0;
    const answers = many.map(async ({ file }) => {
      const { verdict } = await away.byNumber(file.body.id, 'anonymous');
      expect(verdict).to.include(unknownDates);
      refused += 1;
      if (refused === many.length - 256) released.resolve(undefined);
    });
    await Promise.all(answers);
    expect(asked).to.equal(256);
  });

  it('that nobody has is asked for again after a moment only', async () => {
    const tape = write();
    const home = await keep(tape, []);
    const away = await start(tape, [], [home.origin]);
    for (const _ of [1, 2]) expect((await ask(away)).verdict).to.include(unknownDates);
    expect(home.asked).to.have.length(1);
    now = clock('10:00:03');
    await ask(away);
    expect(home.asked).to.have.length(2);
  });

  it('is never asked for where the ledger has no such entry, or the gateway has it itself', async () => {
    const tape = write();
    const home = await keep(tape);
    const away = await start(tape, [first], [home.origin]);
    expect((await ask(away)).verdict).to.include(valid);
    const unknown = issueBatch([{ type, values, entry: 9 }])[0]?.file.body.id ?? '';
    await expectRefusal('CERTIFICATE_UNKNOWN', () => away.byNumber(unknown, 'anonymous'));
    expect(home.asked).to.deep.equal([]);
  });

  it('is given by whoever keeps it alone: a gateway that is asked asks nobody', async () => {
    const tape = write();
    const home = await keep(tape);
    const between = await start(tape, [], [home.origin]);
    await expectRefusal('NOT_FOUND', () => between.body(identifier));
    expect(home.asked).to.deep.equal([]);
  });

  it('is believed from nobody who lies', async () => {
    const tape = write();
    const home = await keep(tape);
    const good = await home.verifying.body(identifier);
    const { certNumber = '', ...fewer } = good.fields;
    const { certNumber: _, ...fewerSalts } = good.salts;
    const salt = Object.values(good.salts)[0] ?? '';
    const lies: readonly unknown[] = [
      { ...good, body: { ...good.body, validUntil: null } },
      { ...good, body: { ...good.body, issuedAt: clock('08:00:00') } },
      await home.verifying.body(second.file.body.id),
      { ...good, fields: { ...good.fields, holderName: '别家' } },
      { ...good, fields: { ...good.fields, [masked]: '王**' }, salts: { ...good.salts, [masked]: salt } },
      {
        ...good,
        fields: { ...good.fields, [masked]: '王**' },
        salts: { ...good.salts, [masked]: salt },
        commitments: {},
      },
      { ...good, fields: fewer, salts: fewerSalts },
      { ...good, salts: { ...good.salts, certNumber: salt.toLowerCase() } },
      { ...good, extra: certNumber },
      { body: good.body },
      [good],
      'none',
    ];
    for (const [at, lie] of lies.entries()) {
      const away = await start(tape, [], [await servers.answering(JSON.stringify(lie))]);
      expect((await ask(away)).verdict, String(at)).to.include(unknownDates);
    }
    const origins = [await servers.answering(JSON.stringify(lies[0])), home.origin];
    expect((await ask(await start(tape, [], origins))).verdict).to.include(valid);
  });

  it('is not taken from a body that was anchored under another number than it says', async () => {
    const other = second.file.body;
    for (const changes of [
      { id: other.id },
      { id: other.id, entry: 2 },
      { entry: 3 },
      { issuer: '11990300DEMA00013K' },
      { typeVersion: 2 },
    ]) {
      const forged = issueBatch([
        { type, values, entry: 1, body: changes },
        { type, values, entry: 2 },
      ]);
      const tape = write(usualRows(type), forged);
      const [lie] = forged;
      const answer = { ...(await (await keep(write())).verifying.body(identifier)), body: lie?.file.body };
      const away = await start(tape, [], [await servers.answering(JSON.stringify(answer))]);
      expect((await ask(away)).verdict, Object.keys(changes)[0]).to.include(unknownDates);
    }
  });

  it('is not taken with values that are none of the type', async () => {
    for (const wrong of [{ certNumber: ' ' }, { nickname: '小店' }]) {
      const made = issueBatch([{ type, values: { ...values, ...wrong }, entry: 1 }]);
      const tape = write(usualRows(type), made);
      const away = await start(tape, [], [(await keep(tape, made)).origin]);
      expect((await ask(away)).verdict, Object.keys(wrong)[0]).to.include(unknownDates);
    }
  });

  it('waits for nobody longer than a moment: down, hanging, cut off, without end, or too large', async () => {
    const tape = write();
    const home = await keep(tape);
    const good = JSON.stringify(await home.verifying.body(identifier));
    const origins = [
      await servers.down(),
      await servers.serve(() => undefined),
      await servers.answering(good, 503),
      await servers.serve((_, response) => void response.writeHead(200).write(good.slice(0, 100))),
      await servers.serve((_, response) => {
        const more = () => void (response.destroyed || response.write(' '.repeat(8_192), () => setImmediate(more)));
        more();
      }),
      await servers.answering(good + ' '.repeat(128 * 1024)),
    ];
    for (const [at, origin] of origins.entries()) {
      const began = performance.now();
      expect((await ask(await start(tape, [], [origin]))).verdict, String(at)).to.include(unknownDates);
      expect(performance.now() - began, String(at)).to.be.lessThan(5_000);
    }
    const [, hanging = ''] = origins;
    expect((await ask(await start(tape, [], [hanging, home.origin]))).verdict).to.include(valid);
  });

  describe('the answer to that gateway', () => {
    it('holds values that anyone may see whole, and nothing that opens another', async () => {
      const { verifying } = await keep(write());
      const answer: BodyAnswer = await verifying.body(identifier);
      const shown = Object.keys(values).filter((key) => key !== masked);
      expect(answer).to.have.all.keys('body', 'fields', 'salts', 'commitments');
      expect(answer.fields).to.have.all.keys(shown);
      expect(answer.salts).to.have.all.keys(shown);
      expect(answer.commitments).to.have.all.keys(masked);
      const text = JSON.stringify(answer);
      for (const secret of [values[masked], first.file.secret, first.file.holderToken])
        expect(text).to.not.include(secret);
    });

    it('hides what the newest version of the type hides', async () => {
      const tape = write();
      const fields = type.fields.map((field) =>
        field.key === 'businessItems' ? { ...field, mask: 'hide' as const } : field,
      );
      const definition = { ...type, version: 2, fields };
      tape.write([{ kind: 'type', definition, from: clock('09:30:00') }], { time: clock('09:30:00') });
      const home = await keep(tape);
      expect(Object.keys((await home.verifying.body(identifier)).commitments)).to.have.members([
        masked,
        'businessItems',
      ]);
      const answer = await ask(await start(tape, [], [home.origin]));
      expect(answer.verdict).to.include(valid);
      expect(shownValue(answer, 'businessItems')).to.equal(null);
    });

    it('is none for types that are not open to everyone, whoever asks, and nobody is asked for them', async () => {
      const closed = { ...type, lookup: 'partner' as const };
      const tape = write(usualRows(closed));
      const home = await keep(tape);
      await expectRefusal('NOT_FOUND', () => home.verifying.body(identifier));
      const away = await start(tape, [], [home.origin]);
      const reader = { scopes: ['verify'] };
      const answer = await away.byNumber(identifier, reader, { purpose: '办理许可' });
      expect(answer.verdict).to.include(unknownDates);
      const byLeaf = await away.verify({ identifier, leaf: toBase64(toLeaf(body)) }, 'anonymous');
      expect(byLeaf.verdict).to.include(unknownDates);
      await expectRefusal('CERTIFICATE_UNKNOWN', () =>
        away.verify({ identifier, claims: claimsOf(first.file, type.claim) }, 'anonymous'),
      );
      expect(home.asked).to.deep.equal([]);
    });

    it('has no field of a type that a natural person may hold', async () => {
      const either = { ...type, holder: { ...type.holder, kind: 'either' as const } };
      const tape = write(usualRows(either));
      const home = await keep(tape);
      expect((await home.verifying.body(identifier)).fields).to.deep.equal({});
      const answer = await ask(await start(tape, [], [home.origin]));
      expect(answer.verdict).to.include(valid);
      expect(answer).to.not.have.property('fields');
    });

    it('is none for a record that the ledger does not have, an unknown number, and what is no number', async () => {
      const others = issueBatch([1, 2].map((entry) => ({ type, values: { ...values, holderName: '未上链' }, entry })));
      const { verifying } = await keep(write(), others);
      await expectRefusal('NOT_FOUND', () => verifying.body(identifier));
      const unknown = issueBatch([{ type, values, entry: 9 }])[0]?.file.body.id ?? '';
      await expectRefusal('CERTIFICATE_UNKNOWN', () => verifying.body(unknown));
      await expectRefusal('MALFORMED_IDENTIFIER', () => verifying.body('1.2.3'));
    });
  });
});
