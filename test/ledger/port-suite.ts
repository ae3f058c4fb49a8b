/** The ledger port's contract as tests: every adapter runs them, over one freshly made, not yet founded ledger. */
import { type ErrorCode, formatRowKey, type Instant, type Json, rowKeys, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import type { Block, Caller, Ledger, Receipt } from '../../gateway/ledger/port.ts';
import {
  adminOf,
  channel,
  chengdu,
  chongqing,
  clientOf,
  listJwkOf,
  listKidOf,
  makeAgreement,
  makeAnchorInput,
  makeChange,
  makeLeaves,
  makeNetwork,
  makeStatusInput,
  shenzhen,
  type TestIssuer,
} from '../fixtures/network.ts';

export interface OpenedLedger {
  readonly ledger: Ledger;
  /** The time that the ledger's next transaction will carry, to within minutes. */
  now(): Instant;
}

const types = ['business-licence', 'food-business-licence', 'hygiene-licence', 'outdoor-ad-registration'];

/** The error that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<YinxinError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
  return expect.fail('was not rejected');
}

/** The first blocks from number `from` on, without waiting for more than there are. */
export async function takeBlocks(ledger: Ledger, from = 0): Promise<readonly Block[]> {
  const { height } = await ledger.info();
  const blocks: Block[] = [];
  if (from >= height) return blocks;
  for await (const block of ledger.blocks(from, new AbortController().signal)) {
    blocks.push(block);
    if (block.number === height - 1) break;
  }
  return blocks;
}

export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

export function ledgerPortSuite(name: string, open: () => Promise<OpenedLedger>): void {
  describe(`the ledger port: ${name}`, function () {
    this.timeout(60_000);
    const network = makeNetwork(types);
    const [first, second] = network.issuers;
    let ledger: Ledger;
    let now: () => Instant;

    before(async () => {
      const opened = await open();
      ledger = opened.ledger;
      now = () => opened.now();
    });
    after(() => ledger.close());

    const submit = (caller: Caller, transaction: string, input: unknown) =>
      ledger.submit(caller, transaction, asJson(input));
    const evaluate = (transaction: string, input: unknown) =>
      ledger.evaluate(clientOf(chengdu), transaction, asJson(input));
    const anchor = (issuer: TestIssuer, type: string, entry: number, count = 1) =>
      submit(
        issuer.caller,
        'anchor',
        makeAnchorInput(issuer, { first: entry, type, time: now(), leaves: makeLeaves(count) }),
      );
    async function expectCode(promise: Promise<unknown>, code: ErrorCode): Promise<YinxinError> {
      const error = await rejection(promise);
      expect(error.code).to.equal(code);
      return error;
    }

    it('holds nothing before it is founded', async () => {
      await expectCode(evaluate('readNetwork', {}), 'NOT_FOUND');
    });

    it('does not found a network with a list key under another name than its thumbprint', async () => {
      const [a, b, c] = network.found.listKeys;
      const listKeys = [a, { ...b, kid: 'K'.repeat(43) }, c];
      const { details } = await expectCode(
        submit(network.founder, 'found', { ...network.found, listKeys }),
        'INPUT_INVALID',
      );
      expect(details).to.include({ member: 'listKey.kid' });
    });

    it('founds a network, and shows it at once', async () => {
      const receipt = await submit(network.founder, 'found', network.found);
      expect(receipt.result).to.deep.include({ channel });
      expect(await evaluate('readNetwork', {})).to.deep.equal({ kind: 'network', channel, founded: receipt.time });
      expect(await ledger.transaction(receipt.txId)).to.deep.equal({ block: receipt.block, code: 'VALID' });
    });

    it('throws the contract’s refusals with their details, and orders nothing', async () => {
      const { height } = await ledger.info();
      await expectCode(submit(network.founder, 'found', network.found), 'ALREADY_EXISTS');
      const { details } = await expectCode(anchor(first, 'business-licence', 7), 'ENTRY_NOT_NEXT');
      expect(details).to.deep.equal({ expected: 1 });
      expect((await ledger.info()).height).to.equal(height);
    });

    it('takes a list key by its thumbprint alone, so that no domain takes the name of another’s', async () => {
      const register = (kid: string) => {
        const window = { from: now(), until: null };
        const input = { domain: chengdu.domain, kid, jwk: listJwkOf('510107'), ...window };
        return submit(adminOf(chengdu), 'registerListKey', input);
      };
      await expectCode(register(listKidOf('440303')), 'INPUT_INVALID');
      expect((await register(listKidOf('510107'))).result).to.deep.equal({
        domain: chengdu.domain,
        kid: listKidOf('510107'),
      });
      await expectCode(register(listKidOf('510107')), 'ALREADY_EXISTS');
    });

    it('lets the contract see who calls', async () => {
      const issuer = { issuer: first.issuer, domain: '440300', region: '440300', name: shenzhen.name, from: now() };
      const error = await expectCode(submit(clientOf(shenzhen), 'registerIssuer', issuer), 'CALLER_NOT_PERMITTED');
      expect(error.details).to.deep.equal({ role: 'admin' });
      await expectCode(submit(adminOf(chengdu), 'registerIssuer', issuer), 'CALLER_NOT_PERMITTED');
      await expectCode(submit(adminOf(shenzhen), 'registerIssuer', issuer), 'ALREADY_EXISTS');
    });

    for (const transaction of [
      'nothing',
      'constructor',
      'createContext',
      'aroundTransaction',
      'getName',
      'submit',
      '__proto__',
      '',
    ]) {
      it(`cannot be made to invoke ${transaction || 'the empty name'}`, async () => {
        const error = await expectCode(submit(network.founder, transaction, {}), 'INPUT_INVALID');
        expect(error.details).to.deep.equal({ member: 'transaction' });
      });
    }

    it('refuses input that has no canonical form', async () => {
      await expectCode(ledger.submit(network.founder, 'found', { channel: 'a\u0000b' }), 'MALFORMED_TEXT');
      await expectCode(ledger.evaluate(network.founder, 'readNetwork', { n: 0.5 }), 'NOT_CANONICAL');
    });

    it('shows a transaction in its block as it was sent and what it did', async () => {
      const input = makeAnchorInput(first, { first: 1, time: now(), leaves: makeLeaves(3) });
      const receipt = await submit(first.caller, 'anchor', input);
      const [block] = await takeBlocks(ledger, receipt.block);
      const transaction = block?.transactions.find(({ txId }) => txId === receipt.txId);
      expect(transaction).to.deep.include({
        time: receipt.time,
        valid: true,
        code: 'VALID',
        transaction: 'anchor',
        input: asJson(input),
      });
      expect(transaction?.event).to.deep.equal({ name: 'anchor', payload: receipt.result });
      expect(transaction?.creator.msp).to.equal('ShenzhenMSP');
      const keys = [
        rowKeys.batch(first.issuer, 'business-licence', 1),
        rowKeys.register(first.issuer, 'business-licence'),
      ];
      expect(transaction?.writes.map(({ key }) => key)).to.deep.equal(keys.map(formatRowKey));
      const row = JSON.parse(transaction?.writes[0]?.value ?? '') as Json;
      expect(await evaluate('readBatch', { issuer: first.issuer, type: 'business-licence', first: 1 })).to.deep.equal(
        row,
      );
    });

    it('evaluates without ordering', async () => {
      const { height } = await ledger.info();
      const input = makeAnchorInput(first, { first: 4, time: now() });
      expect(await ledger.evaluate(first.caller, 'anchor', asJson(input))).to.deep.include({ first: 4, last: 4 });
      expect((await ledger.info()).height).to.equal(height);
      expect(await evaluate('readRegister', { issuer: first.issuer, type: 'business-licence' })).to.include({
        last: 3,
      });
    });

    it('lets one of two anchors of one register through', async () => {
      const attempts = [anchor(second, 'business-licence', 1, 2), anchor(second, 'business-licence', 1, 3)];
      const outcomes = await Promise.allSettled(attempts);
      const failed = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as YinxinError] : [],
      );
      expect(failed.map(({ code }) => code)).to.satisfy(
        ([code, ...more]: ErrorCode[]) => more.length === 0 && (code === 'CONFLICT' || code === 'ENTRY_NOT_NEXT'),
      );
      const [done] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.result] : []));
      const { last } = done as { readonly last: number };
      expect(await evaluate('readRegister', { issuer: second.issuer, type: 'business-licence' })).to.include({ last });
      const txId = failed[0]?.code === 'CONFLICT' ? failed[0].details['txId'] : undefined;
      // the register is new: on Fabric the first anchor also sets the policy on its row, under which the second is not endorsed
      const codes = ['MVCC_READ_CONFLICT', 'ENDORSEMENT_POLICY_FAILURE'];
      if (typeof txId === 'string') expect((await ledger.transaction(txId))?.code).to.be.oneOf(codes);
    });

    it('anchors registers side by side', async () => {
      const registers = [first, second].flatMap((issuer) => types.slice(1).map((type) => ({ issuer, type })));
      const receipts = await Promise.all(registers.map(({ issuer, type }) => anchor(issuer, type, 1, 2)));
      expect(new Set(receipts.map(({ txId }) => txId)).size).to.equal(registers.length);
    });

    it('pages through the rows of a kind', async () => {
      const rows: Json[] = [];
      let bookmark = '';
      do {
        const page = await evaluate('listRows', { kind: 'entitlement', prefix: [first.issuer], pageSize: 3, bookmark });
        const part = page as { readonly rows: readonly Json[]; readonly bookmark: string };
        expect(part.rows.length).to.be.within(1, 3);
        rows.push(...part.rows);
        bookmark = part.bookmark;
      } while (bookmark !== '');
      expect(rows.map((row) => (row as { readonly type: string }).type)).to.deep.equal(types);
    });

    it('keeps the history of a row, newest first, in pages', async () => {
      const receipts: Receipt[] = [await anchor(first, 'business-licence', 4)];
      const change = makeChange(2, now());
      const resume = { ...change, sequence: 2, from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' } as const;
      for (const item of [change, resume]) {
        receipts.push(
          await submit(first.caller, 'changeStatus', makeStatusInput(first, [item], { time: now(), batches: [1] })),
        );
      }
      const parts = rowKeys.status(first.issuer, 'business-licence', 2).parts;
      type Page = {
        readonly items: readonly { readonly txId: string; readonly row: Json }[];
        readonly bookmark: string;
      };
      const read = async (bookmark: string) =>
        (await evaluate('readHistory', { kind: 'status', parts, pageSize: 1, bookmark })) as Page;
      const newest = await read('');
      expect(newest.items[0]).to.include({ txId: receipts[2]?.txId, time: receipts[2]?.time });
      const oldest = await read(newest.bookmark);
      expect(oldest.items.map(({ txId }) => txId)).to.deep.equal([receipts[1]?.txId]);
      expect(oldest.bookmark).to.equal('');
      expect(await evaluate('readStatus', { issuer: first.issuer, type: 'business-licence', entry: 2 })).to.deep.equal(
        newest.items[0]?.row,
      );
    });

    it('gives every block in order, each linked to the one before', async () => {
      const blocks = await takeBlocks(ledger);
      const { height, newestHash } = await ledger.info();
      expect(blocks.map(({ number }) => number)).to.deep.equal(Array.from({ length: height }, (_, number) => number));
      expect(blocks.slice(1).map(({ previousHash }) => previousHash)).to.deep.equal(
        blocks.slice(0, -1).map(({ hash }) => hash),
      );
      expect(blocks[height - 1]?.hash).to.equal(newestHash);
    });

    it('waits for the next block, and stops when told to', async () => {
      const { height } = await ledger.info();
      const abort = new AbortController();
      const iterator = ledger.blocks(height, abort.signal)[Symbol.asyncIterator]();
      const next = iterator.next();
      const receipt = await anchor(first, 'business-licence', 5);
      expect((await next).value).to.include({ number: receipt.block });
      const last = iterator.next();
      abort.abort();
      expect((await last).done).to.equal(true);
    });

    it('knows no transaction that it never saw', async () => {
      expect(await ledger.transaction('0'.repeat(64))).to.equal(undefined);
    });

    it('carries out what a majority approves, and shows it in the transaction that made it', async () => {
      const input = { matter: 'school-entry', name: { zh: '入学', en: 'Entering school' } };
      const proposed = await submit(adminOf(shenzhen), 'propose', { action: 'registerMatter', input });
      const proposal = proposed.txId;
      expect(proposed.result).to.include({ proposal, state: 'open' });
      await expectCode(evaluate('readMatter', { matter: 'school-entry' }), 'NOT_FOUND');
      await expectCode(submit(adminOf(shenzhen), 'approve', { proposal }), 'ALREADY_APPROVED');
      const approved = await submit(adminOf(chongqing), 'approve', { proposal });
      expect(approved.result).to.include({ state: 'adopted', approvals: 2 });
      expect(await evaluate('readMatter', { matter: 'school-entry' })).to.deep.equal({ kind: 'matter', ...input });
      expect(await evaluate('readProposal', { proposal })).to.include({ state: 'adopted', closed: approved.time });
      await expectCode(submit(adminOf(chengdu), 'approve', { proposal }), 'PROPOSAL_CLOSED');
    });

    it('lets an agreement come into force and rest', async () => {
      const input = makeAgreement([chengdu, chongqing], chengdu);
      const by = { agreement: input.agreement, domain: '500000' };
      await submit(adminOf(chengdu), 'proposeAgreement', input);
      const approved = await submit(adminOf(chongqing), 'approveAgreement', by);
      await submit(adminOf(chongqing), 'suspendAgreement', by);
      const read = await evaluate('readAgreement', { agreement: input.agreement });
      expect(read).to.deep.include({ approved: approved.time });
      expect((read as { readonly suspensions: Json }).suspensions).to.have.length(1);
    });

    it('lets of two successions that cross only one take place', async () => {
      const offer = (body: TestIssuer, successor: string) =>
        submit(adminOf(body.domain), 'closeIssuer', { issuer: body.issuer, at: now(), successor });
      await offer(first, second.issuer);
      await offer(second, first.issuer);
      const outcomes = await Promise.allSettled([
        submit(adminOf(chengdu), 'acceptSuccession', { issuer: first.issuer }),
        submit(adminOf(shenzhen), 'acceptSuccession', { issuer: second.issuer }),
      ]);
      const codes = outcomes.map((one) => (one.status === 'rejected' ? (one.reason as YinxinError).code : 'done'));
      expect(codes.filter((code) => code === 'done')).to.have.length(1);
      expect(codes).to.satisfy(([a, b]: string[]) =>
        [a, b].some((c) => c === 'CONFLICT' || c === 'SUCCESSION_ILLEGAL'),
      );
    });

    it('is unreachable once closed', async () => {
      await ledger.close();
      await ledger.close();
      await expectCode(evaluate('readNetwork', {}), 'LEDGER_UNREACHABLE');
      await expectCode(anchor(first, 'business-licence', 6), 'LEDGER_UNREACHABLE');
    });
  });
}
