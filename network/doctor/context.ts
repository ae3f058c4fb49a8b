/** What every check works with, and how it tells a node that is away from one that is ill. */
import { type Words, YinxinError } from '@yinxin/core';
import { type Programs, reasonOf } from '../programs.ts';
import type { Facts } from './facts.ts';
import { type Finding, type Reporter, words } from './finding.ts';
import type { View } from './view.ts';

export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface DoctorContext {
  readonly view: View;
  readonly facts: Facts;
  /** Those that are missing are empty texts. */
  readonly programs: Programs;
  readonly now: () => Date;
  /** Of the file system that holds the folder. */
  readonly measureDisk: (folder: string) => Promise<Space>;
  /** Of this machine. */
  readonly measureMemory: () => Space;
  /** `npm run network -- up`, with the folder where it is not the usual one. */
  readonly commandOf: (command: string) => string;
}

export type Check = (context: DoctorContext) => Promise<readonly Finding[]>;

/** Undefined when the error is not about something that another check tells. */
function explainAbsence(error: unknown): Words | undefined {
  if (!(error instanceof YinxinError)) return undefined;
  if (error.code === 'LEDGER_UNREACHABLE') {
    const { node } = error.details;
    return words(`${node} 连不上：见 processes、ports、tls`, `${node} cannot be reached: see processes, ports, tls`);
  }
  if (error.code === 'NETWORK_STATE') {
    const { node } = error.details;
    return words(`${node} 不在频道上：见 heights`, `${node} is not on the channel: see heights`);
  }
  if (/^(Error: )?(Cannot run peer because|.*error when setting up MSP)/i.test(reasonOf(error))) {
    return words('管理员的身份文件不可用：见 msp', 'the administrator’s identity cannot be used: see msp');
  }
  if (error.code === 'FABRIC_MISSING') return words('缺少程序：见 programs', 'a program is missing: see programs');
  return undefined;
}

/** In words: what a program or the system said; of hashes the beginning. */
export function whyOf(error: unknown): string {
  const why = reasonOf(error) || (error instanceof Error ? error.message : String(error));
  return why.replace(/^Error: /, '').replaceAll(/([0-9a-f]{8})[0-9a-f]{56}/g, '$1…');
}

/**
 * What `work` finds of one subject. When it cannot be asked because of something that another check tells, it is skipped;
 * when it answers with an error, it has failed with that error, and `advise` says what to do.
 */
export async function examine(
  report: Reporter,
  subject: string,
  work: () => Promise<Finding | readonly Finding[]>,
  advise: (why: string) => Words,
): Promise<readonly Finding[]> {
  try {
    return [await work()].flat();
  } catch (error) {
    const absence = explainAbsence(error);
    if (absence) return [report.skipped(subject, absence)];
    const why = whyOf(error);
    return [report.failed(subject, words(why, why), advise(why))];
  }
}

/** The same of each subject, side by side. */
export async function examineEach<T extends { readonly name: string }>(
  report: Reporter,
  subjects: readonly T[],
  work: (subject: T) => Promise<Finding | readonly Finding[]>,
  advise: (subject: T, why: string) => Words,
): Promise<readonly Finding[]> {
  const each = subjects.map((subject) =>
    examine(
      report,
      subject.name,
      () => work(subject),
      (why) => advise(subject, why),
    ),
  );
  return (await Promise.all(each)).flat();
}

/** Of a check that needs the network's own machine. */
export function skipRemote(report: Reporter): readonly Finding[] {
  const why = words(
    '连接文件看不到：只在运行网络的机器上',
    'a profile does not show it: only on the network’s own machine',
  );
  return [report.skipped('-', why)];
}

/** Where to read what a node itself wrote. */
export function logAdvice({ view, commandOf }: DoctorContext, node: string): Words {
  if (!view.local) return words(`请 ${node} 的运维看日志`, `ask whoever runs ${node} for its log`);
  const command = commandOf(`logs ${node}`);
  return words(`看日志：${command}`, `read its log: ${command}`);
}
