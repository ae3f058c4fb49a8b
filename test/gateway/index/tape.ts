/** A ledger whose blocks a test writes itself, under rules of its own: each transaction does what its input says, at any time, sent by any clock. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgreementRow,
  type BatchRow,
  formatRow,
  formatRowKey,
  fromBase64,
  type Instant,
  type Json,
  parseInstant,
  type RecordedChange,
  type Row,
  type Rule,
  rowKeyOf,
  type Status,
  type StatusRow,
  type Supersession,
  type TrustClaims,
  toBase64,
  toLeaf,
  YinxinError,
} from '@yinxin/core';
import { openReadModel } from '../../../gateway/index/open.ts';
import type { ReadModel } from '../../../gateway/index/read-model.ts';
import type { Rules } from '../../../gateway/index/rules.ts';
import type { Block, Ledger, Transaction } from '../../../gateway/ledger/port.ts';
import { channel, founded, type Issued, issuer, makeTrustClaims, statusKey } from '../../fixtures/certificates.ts';

const hex = (text: string) => createHash('sha256').update(text).digest('hex');

/** An instant of the day on which everything here happens. */
export const clock = (text: string): Instant => parseInstant(`2026-11-20T${text}Z`);

/** The only rule of a tape: the rows that the input names are written, whatever they say. */
const asNamed: Rule<readonly Row[]> = {
  parse: (json) => (json as unknown as { readonly rows: readonly Row[] }).rows, // `addBlock` wrote it
  needs: (rows) => ({ keys: rows.map(rowKeyOf), kinds: ['domain', 'issuer', 'organisation'] }), // of what there is, whose a row is
  decide: (_, writes) => ({ writes, event: {} }),
};

/** By these names readers tell transactions apart; what else a ledger does is nothing to them. */
export const tapeRules: Rules = new Map(['found', 'approve', 'anchor', 'changeStatus'].map((name) => [name, asNamed]));

/** The rows of a founding. */
export function rowsOf(claims: TrustClaims): readonly Row[] {
  const { domains, issuers, keys, listKeys, entitlements, types, bases, matters, agreements } = claims;
  return [
    { kind: 'network', channel, founded },
    ...[domains, issuers, keys, listKeys, entitlements, types, bases, matters, agreements].flat(),
  ];
}

/** Proposed between the two cities, and approved by nobody yet. */
export const makeAgreement = (type: string, changes: Partial<AgreementRow> = {}): AgreementRow => ({
  kind: 'agreement',
  agreement: 'demo-2026',
  name: { zh: '示范互认', en: 'Demo agreement' },
  parties: ['440300', '510100'].map((domain) => ({ domain, office: { zh: '窗口', en: 'Office' }, phone: '12345' })),
  types: [type],
  matters: null,
  from: clock('08:00:00'),
  until: null,
  proposedBy: '440300',
  approvals: [],
  approved: null,
  suspensions: [],
  ...changes,
});

export interface Written {
  /** Timestamp of the transaction: its sender's clock. */
  readonly time?: Instant;
  readonly transaction?: string;
  /** What the transaction's input says besides its rows. */
  readonly input?: object;
}

export interface Tape {
  readonly ledger: Ledger;
  height(): number;
  /** One block of one transaction that wrote these rows. Gives back the height after it. */
  write(rows: readonly Row[], written?: Written): number;
  /** A batch and, for each supersession, the older entry's change. Gives back the height after it. */
  anchor(issued: readonly Issued[], written?: Written & { readonly supersessions?: readonly Supersession[] }): number;
  /** The entry's next change; a revocation by default. Gives back the height after it. */
  change(entry: number, change?: Partial<RecordedChange>, written?: Written): number;
}

export function makeTape(type: string): Tape {
  const blocks: Block[] = [];
  const statuses = new Map<number, StatusRow>();
  let grown = Promise.withResolvers<void>();

  function addBlock(rows: readonly Row[], written: Written) {
    const usual = rows.some(({ kind }) => kind === 'network') ? 'found' : 'approve';
    const { time = clock('09:00:00'), transaction = usual } = written;
    const input = { ...written.input, rows } as unknown as Json; // rows are JSON
    const event = { name: transaction, payload: {} };
    const number = blocks.length;
    const writes = rows.map((row) => ({ key: formatRowKey(rowKeyOf(row)), value: formatRow(row) }));
    const creator = { msp: 'ShenzhenMSP', id: 'x509' };
    const txId = hex(`transaction ${number}`);
    const made: Transaction = { txId, time, valid: true, code: 'VALID', creator, transaction, input, event, writes };
    const previousHash = blocks.at(-1)?.hash ?? '0'.repeat(64);
    const hash = hex(`block ${number}`);
    blocks.push({ number, previousHash, dataHash: '', hash, transactions: [made] });
    grown.resolve();
    grown = Promise.withResolvers();
    return blocks.length;
  }
  const nextTxId = () => hex(`transaction ${blocks.length}`);

  /** The row with one change more, of the transaction to come. */
  function toStatusRow(entry: number, change: Partial<RecordedChange>): StatusRow {
    const changes = statuses.get(entry)?.changes ?? [];
    const from: Status = changes.at(-1)?.to ?? 'ACTIVE';
    const usual: RecordedChange = {
      sequence: changes.length + 1,
      from,
      to: 'REVOKED',
      act: 'revoke',
      basis: 'licence-law-69',
      document: '示范〔2026〕1号',
      effective: clock('09:00:00'),
      by: null,
      time: clock('09:00:00'),
      key: statusKey.row.key,
      txId: nextTxId(),
    };
    const row: StatusRow = { kind: 'status', issuer, type, entry, changes: [...changes, { ...usual, ...change }] };
    statuses.set(entry, row);
    return row;
  }

  return {
    height: () => blocks.length,
    write: (rows, written = {}) => addBlock(rows, written),
    anchor(issued, { supersessions = [], ...written } = {}) {
      const [first] = issued;
      if (!first) throw new Error('a batch has at least one certificate');
      const { statement, file, knowledge } = first;
      const [time, txId] = [written.time ?? clock('09:00:00'), nextTxId()];
      const batch: BatchRow = {
        kind: 'batch',
        issuer,
        type,
        typeVersion: statement.typeVersion,
        first: statement.first,
        last: statement.last,
        root: statement.root,
        statement: knowledge.anchor?.statement ?? '',
        key: statement.key,
        txId,
        time,
        touched: 0,
      };
      const superseded = supersessions.map(({ entry, supersedes }) =>
        toStatusRow(supersedes, { to: 'SUPERSEDED', act: 'supersede', basis: null, document: null, by: entry, time }),
      );
      const leaves = Buffer.concat(issued.map(({ file: { body } }) => toLeaf(body))).toString('base64');
      const input = { statement: file.proof.statement, signature: file.proof.signature, leaves, supersessions };
      const rows: Row[] = [batch, { kind: 'register', issuer, type, last: statement.last, time }, ...superseded];
      return addBlock(rows, { ...written, transaction: 'anchor', input });
    },
    change(entry, change = {}, written = {}) {
      const input = { statement: 'yinxin-status/1', signature: toBase64(fromBase64('AA==')), changes: [], batches: [] };
      return addBlock([toStatusRow(entry, change)], { ...written, transaction: 'changeStatus', input });
    },
    ledger: {
      submit: () => Promise.reject(new YinxinError('LEDGER_UNREACHABLE')),
      evaluate: () => Promise.reject(new YinxinError('LEDGER_UNREACHABLE')),
      confirmed: async () => blocks.length,
      async info() {
        return { height: blocks.length, newestHash: blocks.at(-1)?.hash ?? '0'.repeat(64) };
      },
      async *blocks(from, signal) {
        const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        for (let at = from; !signal.aborted; ) {
          const block = blocks[at];
          if (block) {
            yield block;
            at += 1;
          } else await Promise.race([grown.promise, ended]);
        }
      },
      transaction: async () => undefined,
      close: async () => undefined,
    },
  };
}

/** Opens read models over tapes, each in a folder of its own; closed and removed after the test. */
export function useReadModels(): (
  tape: Tape,
  options?: { folder?: string; now?: () => Instant },
) => Promise<ReadModel> {
  const opened: ReadModel[] = [];
  const folders: string[] = [];
  afterEach(async () => {
    for (const readModel of opened.splice(0)) await readModel.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  return async (tape, { folder = mkdtempSync(join(tmpdir(), 'yinxin-tape-')), now = () => clock('10:00:00') } = {}) => {
    if (!folders.includes(folder)) folders.push(folder);
    const readModel = await openReadModel({
      folder,
      ledger: tape.ledger,
      channel,
      rules: tapeRules,
      clock: now,
      heartbeatMilliseconds: 20,
    });
    opened.push(readModel);
    await readModel.ready();
    await readModel.caughtUpTo(tape.height() - 1);
    return readModel;
  };
}

export const usualRows = (...types: Parameters<typeof makeTrustClaims>[0]) => rowsOf(makeTrustClaims(types));
