/** Requests that come at once: anchored together, each with entries, an answer and files of its own, and none the worse for another. */
import { type BatchRequest, type BatchSummary, type ErrorCode, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { createIssuing } from '../../../gateway/issuing/create.ts';
import type { Issuing } from '../../../gateway/issuing/issuing.ts';
import { RegisterQueue } from '../../../gateway/issuing/queue.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import { openVault } from '../../../gateway/vault/open.ts';
import type { Vault } from '../../../gateway/vault/vault.ts';
import { expectRefusal } from '../support.ts';
import {
  act,
  driving,
  food,
  issueFile,
  licence,
  makeRows,
  newKey,
  openWorld,
  operator,
  otherOperator,
  portOf,
  startClock,
  useNetworks,
  useWorld,
  type World,
} from '../world.ts';

const requestOf = (rows: BatchRequest['rows'], type = licence.type, issuer = operator.issuer): BatchRequest => ({
  issuer,
  type,
  rows,
});

/** The ranges follow each other from `first` on, whoever has which. */
function expectNoGap(summaries: readonly BatchSummary[], first: number): void {
  let next = first;
  for (const summary of summaries.toSorted((a, b) => a.first - b.first)) {
    expect(summary.first).to.equal(next);
    next = summary.last + 1;
  }
}

async function expectValid(world: World, summary: BatchSummary, issuing: Issuing = world.issuing): Promise<void> {
  const { certificates } = await issuing.batch(operator, summary.id, 0, 500);
  const { first, last } = summary;
  const entries = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  expect(certificates.map(({ body }) => body.entry)).to.deep.equal(entries);
  for (const file of certificates) {
    const { verdict } = await world.verifying.verify({ file }, 'anonymous');
    expect(verdict, file.body.id).to.include({ verdict: 'valid' });
  }
}

/** A ledger that says how it is asked to anchor, and may refuse. */
function watch(ledger: Ledger, refuse: (statement: string, nth: number) => void = () => undefined) {
  const statements: string[] = [];
  const watched: Ledger = {
    ...portOf(ledger),
    async submit(...call) {
      const [, transaction, input] = call;
      if (transaction === 'anchor') {
        const { statement } = input as { readonly statement: string };
        statements.push(statement);
        refuse(statement, statements.length);
      }
      return ledger.submit(...call);
    },
  };
  return { watched, statements };
}

const refusing = (code: ErrorCode, details = {}) => {
  throw new YinxinError(code, details);
};

describe('gateway/issuing: requests that come at once', () => {
  const newNetwork = useNetworks();

  it('are one batch under one signature; each has its own entries, answer and files', async () => {
    let statements: readonly string[] = [];
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => {
        const made = watch(ledger);
        statements = made.statements;
        return made.watched;
      },
    });
    const counts = [1, 5, 17, 3, 2];
    const summaries = await Promise.all(
      counts.map((count) => world.issuing.issue(operator, requestOf(makeRows(licence, count)), newKey())),
    );
    expect(summaries.map(({ first, last }) => last - first + 1)).to.deep.equal(counts);
    expectNoGap(summaries, 1);
    expect(statements.length, 'anchored batches').to.be.lessThan(counts.length);
    expect(new Set(summaries.map(({ txId }) => txId)).size).to.equal(statements.length);
    expect(new Set(summaries.map(({ id }) => id)).size).to.equal(counts.length);
    for (const summary of summaries) await expectValid(world, summary);
    await world.close();
  });

  it('are refused one by one: a bad row, or a reissue that two ask for, harms no other', async () => {
    const world = await openWorld(await newNetwork());
    const older = await issueFile(world, licence);
    const reissue = makeRows(licence, 1).map((row) => ({ ...row, supersedes: older.body.id }));
    const outcomes = await Promise.allSettled([
      world.issuing.issue(operator, requestOf(makeRows(licence, 3)), newKey()),
      world.issuing.issue(operator, requestOf([...makeRows(licence, 2), { values: {} }]), newKey()),
      world.issuing.issue(operator, requestOf(reissue), newKey()),
      world.issuing.issue(operator, requestOf(reissue), newKey()),
      world.issuing.issue(operator, requestOf(makeRows(licence, 2)), newKey()),
    ]);
    const done = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason.code);
    expect(refused).to.deep.equal(['ROWS_INVALID', 'ROWS_INVALID']);
    expectNoGap(done, 2);
    expect(world.readModel.register(operator.issuer, licence.type)?.last).to.equal(1 + 3 + 1 + 2);
    for (const summary of done) await expectValid(world, summary);
    expect(await world.vault.listSealed('pending')).to.deep.equal([]);
    await world.close();
  });

  it('are split when the ledger refuses a reissue that was lawful when it was asked for: the one that asks is refused', async () => {
    const folder = await newNetwork();
    let world: World | undefined;
    const files: Awaited<ReturnType<typeof issueFile>>[] = [];
    world = await openWorld(folder, startClock(), {
      ledger: (ledger) => ({
        ...portOf(ledger),
        async submit(...call) {
          const [file] = files.splice(0);
          if (file && world && call[1] === 'anchor') await act(world, file, 'revoke');
          return ledger.submit(...call);
        },
      }),
    });
    const older = await issueFile(world, licence);
    files.push(older);
    const reissue = [
      ...makeRows(licence, 1),
      ...makeRows(licence, 1).map((row) => ({ ...row, supersedes: older.body.id })),
    ];
    const [one, bad, other] = await Promise.allSettled([
      world.issuing.issue(operator, requestOf(makeRows(licence, 2)), newKey()),
      world.issuing.issue(operator, requestOf(reissue), 'bad'),
      world.issuing.issue(operator, requestOf(makeRows(licence, 4)), newKey()),
    ]);
    expect(bad).to.have.nested.property('reason.code', 'ROWS_INVALID');
    expect(bad).to.have.deep.nested.property('reason.details.rows', [{ row: 1, code: 'SUPERSESSION_ILLEGAL' }]);
    if (one?.status !== 'fulfilled' || other?.status !== 'fulfilled') throw new Error('a good request was refused');
    expectNoGap([one.value, other.value], 2);
    await expectValid(world, one.value);
    await expectValid(world, other.value);
    expect(await world.vault.listSealed('pending')).to.deep.equal([]);
    await world.close();
  });

  it('go one by one when the ledger refuses them together for what may be any one’s fault', async () => {
    let statements: readonly string[] = [];
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => {
        const made = watch(ledger, (statement) => {
          const [, first = 0, last = 0] = /entries (\d+)-(\d+)/.exec(statement)?.map(Number) ?? [];
          if (last - first >= 4) refusing('BATCH_TOO_LARGE');
        });
        statements = made.statements;
        return made.watched;
      },
    });
    const outcomes = await Promise.allSettled(
      [2, 3, 6, 1].map((count) => world.issuing.issue(operator, requestOf(makeRows(licence, count)), newKey())),
    );
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[2]).to.have.nested.property('reason.code', 'BATCH_TOO_LARGE');
    expectNoGap(
      outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value),
      1,
    );
    expect(statements.length).to.be.greaterThan(3);
    await world.close();
  });

  it('all learn that the ledger is away, and leave nothing behind', async () => {
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => watch(ledger, () => refusing('LEDGER_UNREACHABLE')).watched,
    });
    const asked = [1, 2, 3].map((count) =>
      expectRefusal('LEDGER_UNREACHABLE', () =>
        world.issuing.issue(operator, requestOf(makeRows(licence, count)), newKey()),
      ),
    );
    await Promise.all(asked);
    expect(await world.vault.listSealed('')).to.deep.equal([]);
    await world.close();
  });
});

describe('gateway/issuing: any interleaving', () => {
  const world = useWorld();

  it('gives each register entries without gap, and every request what it asked for', async () => {
    const { issuing, readModel } = world();
    const registers = [
      { type: licence, as: operator },
      { type: food, as: operator },
      { type: driving, as: otherOperator },
    ];
    let seed = 42;
    const draw = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const done = new Map<string, BatchSummary[]>(registers.map(({ type }) => [type.type, []]));
    const client = async () => {
      for (let count = 0; count < 6; count += 1) {
        const { type, as } = registers[draw(registers.length)] ?? { type: licence, as: operator };
        const isBad = draw(5) === 0;
        const rows = makeRows(type, 1 + draw(draw(3) === 0 ? 60 : 4));
        const asked = requestOf(isBad ? [...rows, { values: {} }] : rows, type.type, as.issuer);
        if (isBad) await expectRefusal('ROWS_INVALID', () => issuing.issue(as, asked, newKey()));
        else {
          const summary = await issuing.issue(as, asked, newKey());
          expect(summary.last - summary.first + 1).to.equal(rows.length);
          done.get(type.type)?.push(summary);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    for (const { type, as } of registers) {
      const summaries = done.get(type.type) ?? [];
      expectNoGap(summaries, 1);
      const total = summaries.reduce((sum, { first, last }) => sum + last - first + 1, 0);
      expect(readModel.register(as.issuer, type.type)?.last ?? 0).to.equal(total);
    }
  });
});

describe('gateway/issuing: two gateways of one issuer', () => {
  const newNetwork = useNetworks();

  it('number anew as often as it takes, lose nothing and leave no gap', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const others: Vault[] = [];
    const rest = { clock: world.clock.now, publicUrl: () => '', wait: async () => undefined };
    const services: Issuing[] = [world.issuing];
    const vault = await openVault({ folder: `${folder}/vault-2`, key: new Uint8Array(32), random: world.random });
    others.push(vault);
    services.push(createIssuing({ ...world, ...rest, vault }));
    const made: { readonly issuing: Issuing; readonly summary: BatchSummary }[] = [];
    const client = async (issuing: Issuing) => {
      for (let count = 0; count < 8; count += 1) {
        const summary = await issuing.issue(operator, requestOf(makeRows(licence, 3)), newKey());
        made.push({ issuing, summary });
      }
    };
    await Promise.all(services.flatMap((issuing) => [client(issuing), client(issuing), client(issuing)]));
    expectNoGap(
      made.map(({ summary }) => summary),
      1,
    );
    expect(made).to.have.length(48);
    for (const { issuing, summary } of made.slice(0, 6)) await expectValid(world, summary, issuing);
    expect(await world.vault.listSealed('pending')).to.deep.equal([]);
    expect(await vault.listSealed('pending')).to.deep.equal([]);
    for (const other of others) await other.close();
    await world.close();
  });
});

describe('gateway/issuing: a register’s queue', () => {
  const queued = (rows: number, typeVersion = 1, isAlone = false) => ({ rows, typeVersion, isAlone });

  it('lets a counter’s requests go first, each kind in the order in which it came', () => {
    const queue = new RegisterQueue(10_000);
    const [bulk, second, small, other] = [queued(4_096), queued(4_095), queued(1), queued(16)];
    for (const request of [bulk, second, small, other]) queue.add(request);
    expect(queue.take()).to.deep.equal([small, other, bulk, second]);
    expect(queue.length).to.equal(0);
  });

  it('takes no more rows than a batch may have, one request at least, and one version of the type at a time', () => {
    const queue = new RegisterQueue(100);
    for (const request of [queued(200), queued(60), queued(40), queued(1, 2), queued(30, 2)]) queue.add(request);
    expect(queue.take()).to.deep.equal([queued(1, 2)]);
    expect(queue.take()).to.deep.equal([queued(200)]);
    expect(queue.take()).to.deep.equal([queued(60), queued(40)]);
    expect(queue.take()).to.deep.equal([queued(30, 2)]);
  });

  it('lets no bulk request wait for ever behind a counter’s, however many of those come', () => {
    const queue = new RegisterQueue(4_096);
    queue.add(queued(4_096));
    let batches = 0;
    do {
      queue.add(queued(1));
      batches += 1;
    } while (!queue.take().some(({ rows }) => rows === 4_096) && batches < 100);
    expect(batches).to.equal(9);
    expect(queue.take()).to.deep.equal([queued(1)]);
  });

  it('takes alone what was refused together, and before all others what was put back', () => {
    const queue = new RegisterQueue(100);
    queue.add(queued(20));
    queue.putBack([queued(21, 1, true), queued(22, 1, true)]);
    expect(queue.take()).to.deep.equal([queued(21, 1, true)]);
    expect(queue.take()).to.deep.equal([queued(22, 1, true)]);
    expect(queue.take()).to.deep.equal([queued(20)]);
  });
});
