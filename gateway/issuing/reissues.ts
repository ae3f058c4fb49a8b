/** What the rows of a request supersede, as the read model knows it when they are numbered. */
import {
  type ErrorCode,
  type Identifier,
  isSupersedable,
  latestStatus,
  parseIdentifier,
  type RowFinding,
  standingChanges,
  YinxinError,
} from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import { toFindings } from './rows.ts';

const maxVersion = 999;

/** A row that asks to supersede a certificate. */
export interface AskedReissue {
  readonly row: number;
  readonly supersedes: string;
}

/** What it supersedes: the entry, and the identifier's parts that the reissue keeps. */
export interface Reissue {
  readonly row: number;
  readonly supersedes: Identifier;
  readonly entry: number;
  readonly serial: string;
  /** Of the reissue. */
  readonly version: number;
}

export interface FoundReissues {
  readonly reissues: readonly Reissue[];
  readonly findings: readonly RowFinding[];
}

const refused = (code: ErrorCode) => new YinxinError(code);

type Register = { readonly issuer: string; readonly type: string };

/** @throws YinxinError MALFORMED_IDENTIFIER, CERTIFICATE_UNKNOWN, ISSUER_MISMATCH, TYPE_MISMATCH, SUPERSESSION_ILLEGAL */
async function findReissue(
  readModel: ReadModel,
  { issuer, type }: Register,
  { row, supersedes }: AskedReissue,
  taken: Set<number>,
): Promise<Reissue> {
  const parsed = parseIdentifier(supersedes);
  const ref = await readModel.findEntry(parsed);
  if (!ref) throw refused('CERTIFICATE_UNKNOWN');
  if (ref.issuer !== issuer) throw refused('ISSUER_MISMATCH');
  if (ref.type !== type) throw refused('TYPE_MISMATCH');
  const { changes } = await readModel.knowledge(ref);
  const standing = standingChanges(changes, readModel.trust(), issuer);
  const isFirst = changes.every(({ act }) => act !== 'supersede') && !taken.has(ref.entry);
  if (!isFirst || !isSupersedable(latestStatus(standing)) || parsed.version >= maxVersion)
    throw refused('SUPERSESSION_ILLEGAL');
  taken.add(ref.entry);
  return { row, supersedes: parsed.identifier, entry: ref.entry, serial: parsed.serial, version: parsed.version + 1 };
}

/** `taken`: entries that earlier requests of the same batch supersede; those of a request without findings are added. */
export async function findReissues(
  readModel: ReadModel,
  register: Register,
  asked: readonly AskedReissue[],
  taken: Set<number> = new Set(),
): Promise<FoundReissues> {
  const own = new Set(taken);
  const reissues: Reissue[] = [];
  const findings: RowFinding[] = [];
  for (const ask of asked) {
    try {
      reissues.push(await findReissue(readModel, register, ask, own));
    } catch (error) {
      findings.push(...toFindings(ask.row, error));
    }
  }
  if (findings.length === 0) for (const { entry } of reissues) taken.add(entry);
  return { reissues, findings };
}
