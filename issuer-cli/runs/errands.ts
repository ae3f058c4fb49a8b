/** What a command line, or a run that is gone on with, asks for: the roster opened, the body that acts chosen, and refused here if it may not. */
import {
  type Act,
  type CertificateType,
  type ClientFile,
  findEntitlementFault,
  isAct,
  parseInstant,
  type Trust,
  YinxinError,
} from '@yinxin/core';
import type { Inputs } from '../command.ts';
import { type Context, say } from '../context.ts';
import { connectClient } from '../gateway.ts';
import type { Home } from '../home.ts';
import { chooseClient, issuerOf, requireOpen } from '../registry.ts';
import { findExactDigits, matchColumns, openRoster, type RosterFile, readMapping } from '../rosters/roster.ts';
import { createChangeJob, type Decision, findIssuer, matchChangeColumns } from './change-job.ts';
import { createIssueJob } from './issue-job.ts';
import type { Errand } from './roster-run.ts';
import type { RunHead } from './run-file.ts';

/** What is wanted of a roster, by words that a run can keep. */
export interface Wanted {
  readonly kind: string;
  /** Of `issue` and `reissue`. */
  readonly type: CertificateType | undefined;
  readonly stock: boolean;
  /** Of a run that is gone on with. */
  readonly issuer?: string;
  /** Absolute path of the roster, and the folder beside which its pictures lie. */
  readonly path: string;
  /** Absolute path of a mapping file, sheet of a workbook, and the decision of acts. */
  readonly options: { readonly [name: string]: string };
}

export interface Known {
  readonly home: Home;
  readonly inputs: Inputs;
  readonly context: Context;
}

/** @throws YinxinError NOT_ENTITLED, ISSUER_CLOSED, ISSUER_UNKNOWN: the ledger's reasons, told before anything is sent */
function requireEntitled(trust: Trust, issuer: string, type: string, context: Context): void {
  requireOpen(trust, issuer, context.now());
  const fault = findEntitlementFault(trust.issuer(issuer), trust.entitlement(issuer, type), context.now());
  if (fault !== undefined) throw new YinxinError(fault, { issuer, type });
}

const nameBody = (trust: Trust | undefined, issuer: string, context: Context) =>
  say(context, trust?.issuer(issuer)?.name ?? { zh: issuer, en: issuer });

async function openIssueErrand(wanted: Wanted, type: CertificateType, trust: Trust, known: Known): Promise<Errand> {
  const { home, inputs, context } = known;
  const mappingPath = wanted.options['mapping'];
  const sheet = wanted.options['sheet'];
  if (type.legacy && !wanted.stock) throw new YinxinError('TYPE_LEGACY', { type: type.type });
  const mapping = mappingPath === undefined ? undefined : await readMapping(mappingPath);
  const options = { type, ...(mapping && { mapping }), ...(sheet !== undefined && { sheet }) };
  const roster = await openRoster(wanted.path, options);
  try {
    const columns = await findExactDigits(roster, matchColumns(type, roster.header, mapping, trust.types));
    const kind = wanted.kind === 'reissue' ? 'reissue' : 'issue';
    requireSuperseded(kind, columns.supersedes, roster, type);
    const task = wanted.issuer === undefined ? { type: type.type } : { issuer: wanted.issuer };
    const client = await chooseClient(home, inputs, context, { scope: 'issue', ...task }, trust);
    const issuer = issuerOf(client);
    requireEntitled(trust, issuer, type.type, context);
    const gateway = connectClient(home, client, context);
    let place = { folder: '', chunks: 0 };
    const { stock, path } = wanted;
    const job = createIssueJob({ kind, issuer, type, columns, roster: path, stock, gateway, place: () => place });
    return {
      roster,
      job,
      body: nameBody(trust, issuer, context),
      gateway,
      stock,
      place: (folder, chunks) => {
        place = { folder, chunks };
      },
    };
  } catch (error) {
    await roster.close();
    throw error;
  }
}

const supersedes = { zh: '原证照标识', en: 'superseded certificate' };

/** A roster that names older certificates is for `reissue`, and only that. @throws YinxinError ROSTER_HEADER */
function requireSuperseded(
  kind: 'issue' | 'reissue',
  column: number,
  { header }: RosterFile,
  { type }: CertificateType,
): void {
  if (kind === 'reissue' && column < 0)
    throw new YinxinError('ROSTER_HEADER', {
      type,
      wanted: 'reissue',
      unknown: [],
      repeated: [],
      missing: [supersedes],
    });
  if (kind === 'issue' && column >= 0)
    throw new YinxinError('ROSTER_HEADER', {
      type,
      wanted: 'issue',
      unknown: [header[column] ?? ''],
      repeated: [],
      missing: [],
    });
}

function readDecision(options: Wanted['options']): Decision {
  const { effective, corrects } = { effective: options['effective'], corrects: options['corrects'] };
  return {
    basis: options['basis'],
    document: options['document'],
    effective: effective === undefined ? undefined : parseInstant(effective),
    corrects: corrects === undefined ? undefined : Number(corrects),
  };
}

/** @throws YinxinError CALLER_NOT_PERMITTED for a client of a body that does not manage the certificates */
function requireManager(trust: Trust | undefined, client: ClientFile, issuer: string, context: Context): void {
  const manager = trust?.managerOf(issuer, context.now())?.issuer ?? issuer;
  if (client.issuer !== manager) throw new YinxinError('CALLER_NOT_PERMITTED', { issuer });
}

async function openChangeErrand(wanted: Wanted, act: Act, trust: Trust | undefined, known: Known): Promise<Errand> {
  const { home, inputs, context } = known;
  const sheet = wanted.options['sheet'];
  const roster = await openRoster(wanted.path, sheet === undefined ? {} : { sheet });
  try {
    const decision = readDecision(wanted.options);
    const columns = matchChangeColumns(roster.header, act, decision);
    let issuer: string | undefined;
    for await (const block of roster.blocks()) {
      issuer = findIssuer(columns, block);
      if (issuer !== undefined) break;
    }
    if (issuer === undefined) throw new YinxinError('MALFORMED_IDENTIFIER', { reason: 'none in the roster' });
    const client = await chooseClient(home, inputs, context, { scope: 'status', issuer }, trust);
    requireManager(trust, client, issuer, context);
    const gateway = connectClient(home, client, context);
    const job = createChangeJob({ act, issuer, decision, header: roster.header, gateway, trust });
    return {
      roster,
      job,
      body: nameBody(trust, client.issuer ?? issuer, context),
      gateway,
      stock: false,
      place: () => undefined,
    };
  } catch (error) {
    await roster.close();
    throw error;
  }
}

/** Opens what is wanted. The roster is to be closed. @throws YinxinError as `openRoster`, `matchColumns`, `chooseClient`; NOT_ENTITLED, CALLER_NOT_PERMITTED */
export function openErrand(wanted: Wanted, trust: Trust, known: Known): Promise<Errand> {
  if (wanted.type) return openIssueErrand(wanted, wanted.type, trust, known);
  if (isAct(wanted.kind)) return openChangeErrand(wanted, wanted.kind, trust, known);
  throw new YinxinError('SETTING_INVALID', { member: 'run.kind' });
}

/** What a run was for. @throws YinxinError TYPE_UNKNOWN */
export function wantedOf(head: RunHead, path: string, trust: Trust): Wanted {
  const type = head.type === null ? undefined : trust.types.find((candidate) => candidate.type === head.type);
  if (head.type !== null && !type) throw new YinxinError('TYPE_UNKNOWN', { type: head.type });
  const { kind, stock, options, issuer } = head;
  return { kind, type, stock, path, options, issuer };
}
