/** Idempotency, faults of the ledger, and processes that end in the middle. */
import { type BatchRequest, type ErrorCode, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { openReadModel } from '../../../gateway/index/open.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import { createIssuing } from '../../../gateway/issuing/create.ts';
import type { Signer } from '../../../gateway/keys/signer.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import { openVault } from '../../../gateway/vault/open.ts';
import type { Vault } from '../../../gateway/vault/vault.ts';
import { channel } from '../../fixtures/certificates.ts';
import { expectRefusal } from '../support.ts';
import {
  act,
  issueFile,
  issueFiles,
  licence,
  makeRows,
  newKey,
  openWorld,
  operator,
  portOf,
  startClock,
  useNetworks,
  type World,
  type Wraps,
} from '../world.ts';

const count = 4;
const request: BatchRequest = { issuer: operator.issuer, type: licence.type, rows: makeRows(licence, count) };

/** Every certificate of the register verifies, is in the vault, and there are so many. */
async function expectCertificates(world: World, expected: number): Promise<void> {
  expect(world.readModel.register(operator.issuer, licence.type)?.last).to.equal(expected);
  for (let entry = 1; entry <= expected; entry += 1) {
    const record = await world.vault.get(operator.issuer, licence.type, entry);
    const file = await world.issuing.certificate(operator, record?.body.id ?? '');
    const { verdict } = await world.verifying.verify({ file }, 'anonymous');
    expect(verdict, `entry ${entry}`).to.include({ verdict: 'valid' });
  }
  expect(await world.vault.get(operator.issuer, licence.type, expected + 1)).to.equal(undefined);
  expect(await world.vault.listSealed('pending')).to.deep.equal([]);
}

describe('idempotency', () => {
  const newNetwork = useNetworks();

  it('gives the same answer again, after a restart too, and while the first is under way', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const [a, b] = await Promise.all([
      world.issuing.issue(operator, request, 'same'),
      world.issuing.issue(operator, request, 'same'),
    ]);
    expect(b).to.deep.equal(a);
    expect(await world.issuing.issue(operator, request, 'same')).to.deep.equal(a);
    await world.close();
    const again = await openWorld(folder);
    expect(await again.issuing.issue(operator, request, 'same')).to.deep.equal(a);
    await expectCertificates(again, count);
    await again.close();
  });

  it('refuses a key that was used for another request, done or under way, and lets another client use it', async () => {
    const world = await openWorld(await newNetwork());
    const other = { ...request, rows: makeRows(licence, 1) };
    const first = world.issuing.issue(operator, request, 'same');
    await expectRefusal('IDEMPOTENCY_KEY_REUSED', () => world.issuing.issue(operator, other, 'same'));
    await first;
    await expectRefusal('IDEMPOTENCY_KEY_REUSED', () => world.issuing.issue(operator, other, 'same'));
    const changes = { issuer: operator.issuer, changes: [] };
    await expectRefusal('IDEMPOTENCY_KEY_REUSED', () => world.issuing.changeStatuses(operator, changes, 'same'));
    const client = { ...operator, clientId: 'clerk-9' };
    expect((await world.issuing.issue(client, other, 'same')).first).to.equal(count + 1);
    await expectCertificates(world, count + 1);
    await world.close();
  });

  it('lets a key be used again after its request was refused', async () => {
    const world = await openWorld(await newNetwork());
    const bad = { ...request, rows: [{ values: {} }] };
    await expectRefusal('ROWS_INVALID', () => world.issuing.issue(operator, bad, 'same'));
    expect((await world.issuing.issue(operator, request, 'same')).first).to.equal(1);
    await world.close();
  });
});

describe('what is kept of requests', () => {
  const newNetwork = useNetworks();

  it('is forgotten after thirty days, also where statuses alone are changed', async () => {
    const clock = startClock();
    const world = await openWorld(await newNetwork(), clock);
    const first = await world.issuing.issue(operator, request, 'same');
    const [file] = (await world.issuing.batch(operator, first.id, 0, 1)).certificates;
    if (!file) throw new Error('nothing was issued');
    clock.advance(30 * 86_400 - 7_200);
    expect(await world.issuing.issue(operator, request, 'same')).to.deep.equal(first);
    clock.advance(7_200);
    await act(world, file, 'suspend');
    expect(await world.vault.listSealed('request/')).to.have.length(1);
    expect(await world.vault.listSealed('request-expiry/')).to.have.length(1);
    expect((await world.issuing.issue(operator, request, 'same')).first).to.equal(count + 1);
    await world.close();
  });
});

type Submit = Ledger['submit'];

/** A ledger of whose submissions the first is treated otherwise. */
function firstSubmit(
  ledger: Ledger,
  treat: (submit: Submit, ...call: Parameters<Submit>) => ReturnType<Submit>,
): Ledger {
  let isFirst = true;
  return {
    ...portOf(ledger),
    submit(...call) {
      const treated = isFirst;
      isFirst = false;
      return treated ? treat((...args) => ledger.submit(...args), ...call) : ledger.submit(...call);
    },
  };
}

const refusing = (code: ErrorCode, details = {}) => Promise.reject(new YinxinError(code, details));

describe('issuing over a ledger that fails', () => {
  const newNetwork = useNetworks();

  it('finds a commit that was not seen', async () => {
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) =>
        firstSubmit(ledger, async (submit, ...call) => {
          const { txId } = await submit(...call);
          return refusing('COMMIT_UNKNOWN', { txId });
        }),
    });
    expect((await world.issuing.issue(operator, request, 'same')).last).to.equal(count);
    await expectCertificates(world, count);
    await world.close();
  });

  it('says that a commit is unknown, and issues once when asked again', async () => {
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => firstSubmit(ledger, () => refusing('COMMIT_UNKNOWN', { txId: 'f'.repeat(64) })),
    });
    await expectRefusal('COMMIT_UNKNOWN', () => world.issuing.issue(operator, request, 'same'));
    expect((await world.issuing.issue(operator, request, 'same')).first).to.equal(1);
    await expectCertificates(world, count);
    await world.close();
  });

  it('finishes a request whose commit was unknown before it begins another', async () => {
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => firstSubmit(ledger, () => refusing('COMMIT_UNKNOWN', { txId: 'f'.repeat(64) })),
    });
    await expectRefusal('COMMIT_UNKNOWN', () => world.issuing.issue(operator, request, 'same'));
    expect((await world.issuing.issue(operator, request, 'other')).first).to.equal(count + 1);
    expect((await world.issuing.issue(operator, request, 'same')).first).to.equal(1);
    await expectCertificates(world, 2 * count);
    await world.close();
  });

  it('loses nothing when a transaction that seemed lost is committed after all, before the next', async () => {
    const held: (() => ReturnType<Submit>)[] = [];
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => ({
        ...portOf(ledger),
        async submit(...call) {
          const before = held.pop();
          if (before) await before();
          else if (call[1] === 'anchor' && held.push(() => ledger.submit(...call)) === 1) {
            return refusing('COMMIT_UNKNOWN', { txId: 'f'.repeat(64) });
          }
          return ledger.submit(...call);
        },
      }),
    });
    await expectRefusal('COMMIT_UNKNOWN', () => world.issuing.issue(operator, request, 'same'));
    expect((await world.issuing.issue(operator, request, 'same')).first).to.equal(1);
    await expectCertificates(world, count);
    await world.close();
  });

  it('leaves no trace of a request that could not be sent', async () => {
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => firstSubmit(ledger, () => refusing('LEDGER_UNREACHABLE')),
    });
    await expectRefusal('LEDGER_UNREACHABLE', () => world.issuing.issue(operator, request, 'same'));
    await expectCertificates(world, 0);
    expect(await world.vault.listSealed('')).to.deep.equal([]);
    expect((await world.issuing.issue(operator, request, 'same')).first).to.equal(1);
    await expectCertificates(world, count);
    await world.close();
  });

  it('sends again after a conflict', async () => {
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => firstSubmit(ledger, () => refusing('CONFLICT', { txId: 'f'.repeat(64) })),
    });
    expect((await world.issuing.issue(operator, request, 'same')).first).to.equal(1);
    await expectCertificates(world, count);
    await world.close();
  });

  it('gives up after several conflicts, without trace', async () => {
    const world = await openWorld(await newNetwork(), startClock(), {
      ledger: (ledger) => ({ ...portOf(ledger), submit: () => refusing('CONFLICT') }),
    });
    await expectRefusal('CONFLICT', () => world.issuing.issue(operator, request, 'same'));
    await expectCertificates(world, 0);
    await world.close();
  });

  it('does not call done what peers took and no reader counts: a batch stays until it does, a status change is given up', async () => {
    const world = await openWorld(await newNetwork());
    const readers = {
      ...world.readModel,
      findVoid: async (block: number, txId: string) =>
        ({ block, txId, transaction: '', msp: 'ShenzhenMSP', why: 'writes' }) as const,
    };
    const rest = { clock: world.clock.now, publicUrl: () => '', wait: async () => undefined };
    const issuing = createIssuing({ ...world, ...rest, readModel: readers });
    const { details } = await expectRefusal('LEDGER_DIVERGED', () => issuing.issue(operator, request, 'same'));
    expect(details).to.include({ why: 'writes' });
    expect(await world.vault.listSealed('pending-batch/')).to.have.length(1);
    const summary = await world.issuing.issue(operator, request, 'same');
    await expectCertificates(world, count);
    const [file] = (await world.issuing.batch(operator, summary.id, 0, 1)).certificates;
    if (!file) throw new Error('nothing was issued');
    await expectRefusal('LEDGER_DIVERGED', () => act({ ...world, issuing }, file, 'suspend'));
    expect(await world.vault.listSealed('pending-changes/')).to.deep.equal([]);
    await world.close();
  });

  it('numbers anew when another gateway took its entries', async () => {
    const folder = await newNetwork();
    const others: Vault[] = [];
    const world: World = await openWorld(folder, startClock(), {
      ledger: (ledger) =>
        firstSubmit(ledger, async (submit, ...call) => {
          const vault = await openVault({ folder: `${folder}/vault-2`, key: new Uint8Array(32), random: world.random });
          others.push(vault);
          const other = createIssuing({ ...world, ledger, vault, clock: world.clock.now, ...rest });
          await other.issue(operator, { ...request, rows: makeRows(licence, 2) }, 'theirs');
          return submit(...call);
        }),
    });
    const rest = { publicUrl: () => '', wait: async () => undefined };
    const summary = await world.issuing.issue(operator, request, 'same');
    expect([summary.first, summary.last]).to.deep.equal([3, 6]);
    expect(await world.vault.get(operator.issuer, licence.type, 1)).to.equal(undefined);
    const { certificates } = await world.issuing.batch(operator, summary.id, 0, 10);
    for (const file of certificates) {
      expect((await world.verifying.verify({ file }, 'anonymous')).verdict.verdict).to.equal('valid');
    }
    expect(await world.vault.listSealed('pending')).to.deep.equal([]);
    for (const vault of others) await vault.close();
    await world.close();
  });

  it('writes over nothing that was issued when its index was built anew from a peer that lags', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const { ledger, clock } = world;
    const old = await ledger.info();
    await world.issuing.issue(operator, request, newKey());
    const lagging: Ledger = {
      ...portOf(ledger),
      info: async () => old,
      confirmed: async () => old.height,
      async *blocks(from, signal) {
        for await (const block of ledger.blocks(from, signal)) {
          if (block.number >= old.height) return;
          yield block;
        }
      },
    };
    const [index, rules, now] = [`${folder}/index-2`, networkRules, clock.now];
    const readModel = await openReadModel({ folder: index, ledger: lagging, channel, rules, clock: now });
    await readModel.ready();
    const rest = { publicUrl: () => '', wait: async () => undefined };
    const issuing = createIssuing({ ...world, ledger: lagging, readModel, clock: now, ...rest });
    await expectRefusal('NOT_READY', () => issuing.issue(operator, { ...request, rows: makeRows(licence, 2) }, 'new'));
    await expectCertificates(world, count);
    await issuing.close();
    await readModel.close();
    await world.close();
  });
});

/** The process ends here: what is in memory is lost, what was written stays. */
class Cut extends Error {}

const cut = () => {
  throw new Cut('the process ends');
};

/** The nth call of `put` ends the process, before or after it wrote. */
function cutPut(vault: Vault, nth: number, when: 'before' | 'after'): Vault {
  let calls = 0;
  return {
    ...vaultOf(vault),
    async put(...call) {
      calls += 1;
      if (calls === nth && when === 'before') cut();
      await vault.put(...call);
      if (calls === nth) cut();
    },
  };
}

function vaultOf(vault: Vault): Vault {
  return {
    issuerKey: (...call) => vault.issuerKey(...call),
    put: (...call) => vault.put(...call),
    get: (...call) => vault.get(...call),
    getRange: (...call) => vault.getRange(...call),
    entriesAfter: (...call) => vault.entriesAfter(...call),
    findSame: (...call) => vault.findSame(...call),
    digestKey: () => vault.digestKey(),
    erase: (...call) => vault.erase(...call),
    rotate: (...call) => vault.rotate(...call),
    remove: (...call) => vault.remove(...call),
    putSealed: (...call) => vault.putSealed(...call),
    getSealed: (...call) => vault.getSealed(...call),
    deleteSealed: (...call) => vault.deleteSealed(...call),
    listSealed: (...call) => vault.listSealed(...call),
    keyedDigest: (bytes) => vault.keyedDigest(bytes),
    close: () => vault.close(),
  };
}

const cutSigner = (signer: Signer, member: 'signAnchor' | 'signList' | 'signStatus'): Signer => ({
  ...signer,
  [member]: cut,
});
const cutBefore = (ledger: Ledger) => firstSubmit(ledger, async () => cut());
const cutAfter = (ledger: Ledger) =>
  firstSubmit(ledger, async (submit, ...call) => {
    await submit(...call);
    return cut();
  });

const stages: readonly (readonly [name: string, wraps: Wraps])[] = [
  ['before anything was stored', { vault: (vault) => cutPut(vault, 1, 'before') }],
  ['once the certificates were stored', { vault: (vault) => cutPut(vault, 1, 'after') }],
  ['while signing', { signer: (signer) => cutSigner(signer, 'signAnchor') }],
  ['before sending', { ledger: cutBefore }],
  ['once it was committed', { ledger: cutAfter }],
  ['while signing the anchoring', { signer: (signer) => cutSigner(signer, 'signList') }],
  ['before the answer was stored', { vault: (vault) => cutPut(vault, 2, 'before') }],
  ['once the answer was stored', { vault: (vault) => cutPut(vault, 2, 'after') }],
];

describe('a process that ends while issuing', () => {
  const newNetwork = useNetworks();

  for (const [name, wraps] of stages) {
    for (const settles of [true, false]) {
      it(`${name}: each certificate once, no gap${settles ? ', settled at the start' : ''}`, async () => {
        const folder = await newNetwork();
        const clock = startClock();
        const world = await openWorld(folder, clock, wraps);
        const outcome = await world.issuing.issue(operator, request, 'same').catch((error: unknown) => error);
        expect(outcome).to.be.instanceOf(Cut);
        await world.close();
        clock.advance(3_600);
        const again = await openWorld(folder, clock);
        if (settles) await again.issuing.settle();
        const other = await again.issuing.issue(operator, request, 'other');
        const summary = await again.issuing.issue(operator, request, 'same');
        expect([summary.first, other.first].sort()).to.deep.equal([1, count + 1]);
        expect(await again.issuing.issue(operator, request, 'same')).to.deep.equal(summary);
        await expectCertificates(again, 2 * count);
        await again.close();
      });
    }
  }

  it('signs nothing before it is stored', async () => {
    const folder = await newNetwork();
    const seen: (readonly boolean[])[] = [];
    const world: World = await openWorld(folder, startClock(), {
      signer: (signer) => ({
        ...signer,
        signAnchor(statement) {
          seen.push([stored]);
          return signer.signAnchor(statement);
        },
      }),
      vault: (vault) => ({
        ...vaultOf(vault),
        async put(...call) {
          await vault.put(...call);
          stored = true;
        },
      }),
    });
    let stored = false;
    await world.issuing.issue(operator, request, newKey());
    expect(seen).to.deep.equal([[true]]);
    await world.close();
  });
});

describe('a process that ends while changing a status', () => {
  const newNetwork = useNetworks();
  const change = { act: 'revoke', basis: 'licence-law-69', document: '示范〔2026〕1号' } as const;

  for (const [name, wraps] of [
    ['before anything was stored', { vault: (vault: Vault) => cutPut(vault, 1, 'before') }],
    ['once it was stored', { vault: (vault: Vault) => cutPut(vault, 1, 'after') }],
    ['while signing', { signer: (signer: Signer) => cutSigner(signer, 'signStatus') }],
    ['before sending', { ledger: cutBefore }],
    ['once it was committed', { ledger: cutAfter }],
    ['before the answer was stored', { vault: (vault: Vault) => cutPut(vault, 2, 'before') }],
    ['once the answer was stored', { vault: (vault: Vault) => cutPut(vault, 2, 'after') }],
  ] as const satisfies readonly (readonly [string, Wraps])[]) {
    it(`${name}: one change`, async () => {
      const folder = await newNetwork();
      const prepared = await openWorld(folder);
      const file = await issueFile(prepared, licence);
      await prepared.close();
      const changes = { issuer: operator.issuer, changes: [{ ...change, identifier: file.body.id }] };
      const world = await openWorld(folder, startClock(), wraps);
      const outcome = await world.issuing.changeStatuses(operator, changes, 'same').catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(Cut);
      await world.close();
      const again = await openWorld(folder);
      const answer = await again.issuing.changeStatuses(operator, changes, 'same');
      expect(answer.changes.map(({ change: made }) => [made.sequence, made.to])).to.deep.equal([[1, 'REVOKED']]);
      expect(await again.issuing.changeStatuses(operator, changes, 'same')).to.deep.equal(answer);
      const { issuer, type, entry } = file.body;
      expect((await again.readModel.knowledge({ issuer, type, entry })).changes).to.have.length(1);
      expect(await again.vault.listSealed('pending')).to.deep.equal([]);
      await again.close();
    });
  }

  it('gives way when another of its certificates was changed meanwhile, and blocks nothing after it', async () => {
    const folder = await newNetwork();
    const prepared = await openWorld(folder);
    const files = await issueFiles(prepared, licence, { rows: makeRows(licence, 2) });
    await prepared.close();
    const changes = {
      issuer: operator.issuer,
      changes: files.map(({ body }) => ({ ...change, identifier: body.id })),
    };
    const cutOff = await openWorld(folder, startClock(), { ledger: cutBefore });
    await cutOff.issuing.changeStatuses(operator, changes, 'same').catch(() => undefined);
    await cutOff.close();
    const again = await openWorld(folder);
    const [first, second] = files;
    if (!first || !second) throw new Error('nothing was issued');
    const rows = makeRows(licence, 1).map((row) => ({ ...row, supersedes: second.body.id }));
    await issueFile(again, licence, { rows });
    await act(again, first, 'suspend');
    const refusal = await expectRefusal('ROWS_INVALID', () => again.issuing.changeStatuses(operator, changes, 'same'));
    expect(refusal).to.have.nested.property('details.rows[0].code', 'STATUS_STEP_ILLEGAL');
    expect(await again.vault.listSealed('pending')).to.deep.equal([]);
    await again.close();
  });

  it('plans anew when another gateway changed the certificate first', async () => {
    const folder = await newNetwork();
    const world: World = await openWorld(folder, startClock());
    const file = await issueFile(world, licence);
    await world.close();
    const racing: World = await openWorld(folder, startClock(), {
      ledger: (ledger) =>
        firstSubmit(ledger, async (submit, ...call) => {
          const vault = await openVault({
            folder: `${folder}/vault-2`,
            key: new Uint8Array(32),
            random: racing.random,
          });
          const rest = { publicUrl: () => '', wait: async () => undefined, clock: racing.clock.now };
          await act({ ...racing, issuing: createIssuing({ ...racing, ...rest, ledger, vault }) }, file, 'suspend');
          await vault.close();
          return submit(...call);
        }),
    });
    await act(racing, file, 'revoke');
    const { issuer, type, entry } = file.body;
    const { changes } = await racing.readModel.knowledge({ issuer, type, entry });
    expect(changes.map(({ from, to }) => [from, to])).to.deep.equal([
      ['ACTIVE', 'SUSPENDED'],
      ['SUSPENDED', 'REVOKED'],
    ]);
    await racing.close();
  });
});
