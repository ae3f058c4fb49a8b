/** How an examination is told: an aligned table, quiet where all is well, then what to do about each failure; or JSON for machines. */
import type { Json } from '@yinxin/core';
import { measureColumns, padColumns } from '../progress.ts';
import { type Examination, exitCodeOf } from './examination.ts';
import { type CheckId, checkIds, type Finding, type State } from './finding.ts';

const titles: { readonly [id in CheckId]: string } = {
  programs: '程序与版本',
  processes: '进程',
  ports: '端口',
  tls: 'TLS 证书链',
  expiry: '证书期限',
  msp: '机构身份',
  keys: '私钥权限',
  genesis: '创世块',
  heights: '高度与一致',
  orderers: '排序节点',
  anchors: '锚节点',
  membership: '节点互识',
  endorsement: '背书策略',
  approval: '合约批准',
  'contract-build': '合约构建',
  'contract-id': '合约标识',
  answers: '合约应答',
  clock: '时钟',
  disk: '磁盘',
  memory: '内存',
};

const stateWords: { readonly [state in State]: string } = {
  ok: '✓ 正常',
  warning: '! 警告',
  failed: '✗ 失败',
  skipped: '– 略过',
};

const countOf = (findings: readonly Finding[], state: State) =>
  findings.filter((finding) => finding.state === state).length;

/** More of one kind than this are told as one: a network that is down is one thing to read. */
const mostAlike = 2;

/** Findings that say the same, or that were all skipped, together; in their order. */
function groupAlike(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = Map.groupBy(findings, ({ check, state, found }) =>
    [check, state, state === 'skipped' ? '' : found.en].join(' '),
  );
  return [...groups.values()].flatMap((group) => (group.length > mostAlike ? [group] : group.map((one) => [one])));
}

const countWords = (count: number) => `${count} 项 items`;

/** One row when all is well; otherwise one for each finding that is not, or for many that are alike. */
function toRows(check: CheckId, findings: readonly Finding[]): readonly (readonly string[])[] {
  const well = findings.filter(({ state }) => state === 'ok');
  const others = findings.filter(({ state }) => state !== 'ok');
  const title = [titles[check], check];
  const [only] = well;
  if (others.length === 0 && only) {
    return [[stateWords.ok, ...title, '', well.length === 1 ? only.found.zh : countWords(well.length)]];
  }
  const rows = groupAlike(others).flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const subject = group.length === 1 ? first.subject : countWords(group.length);
    return [[stateWords[first.state], ...title, subject, shorten(first.found.zh)]];
  });
  return well.length === 0 ? rows : [...rows, [stateWords.ok, ...title, '', `其余 ${well.length} 项 others`]];
}

/** Of what was found; all of it stands with the advice. */
const widestFound = 72;

function shorten(text: string): string {
  let short = text.replaceAll(/\s+/g, ' ');
  while (measureColumns(short) > widestFound) short = `${short.slice(0, -2)}…`;
  return short;
}

/** Columns aligned, two spaces apart, none at the ends of lines. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => measureColumns(row[column] ?? ''))),
  );
  const formatRow = (row: readonly string[]) =>
    row.map((cell, column) => padColumns(cell, (widths[column] ?? 0) + 2)).join('');
  return rows.map((row) => `  ${formatRow(row).trimEnd()}\n`).join('');
}

/** Of one finding, or of many that are alike: the advice of the first names its subject. */
function formatAdvice(group: readonly Finding[], index: number): string {
  const [first] = group;
  if (!first) return '';
  const { check, found, advice } = first;
  const subjects = group.map(({ subject }) => subject);
  return [
    `${index + 1}. ${titles[check]} ${subjects.join('、')}：${found.zh}`,
    `   怎么办：${advice?.zh ?? ''}`,
    `   ${check} ${subjects.join(', ')}: ${found.en}`,
    `   What to do: ${advice?.en ?? ''}`,
    '',
  ].join('\n');
}

function summarise({ findings, seconds }: Examination): string {
  const time = seconds.toFixed(1);
  const [failed, warnings, skipped] = (['failed', 'warning', 'skipped'] as const).map((state) =>
    countOf(findings, state),
  );
  if (!failed && !warnings && !skipped) {
    return `${checkIds.length} 类检查全部正常（${time} 秒）。All ${checkIds.length} checks are well (${time} s).\n`;
  }
  return [
    `失败 ${failed}，警告 ${warnings}，略过 ${skipped}（${time} 秒）。`,
    `${failed} failed, ${warnings} warnings, ${skipped} skipped (${time} s).\n`,
  ].join('');
}

export function formatExamination(examination: Examination): string {
  const { findings } = examination;
  const rows = checkIds.flatMap((check) =>
    toRows(
      check,
      findings.filter((finding) => finding.check === check),
    ),
  );
  const faulty = [
    ...findings.filter(({ state }) => state === 'failed'),
    ...findings.filter(({ state }) => state === 'warning'),
  ];
  const advice = groupAlike(faulty).map(formatAdvice).join('\n');
  return `${formatTable(rows)}\n${advice === '' ? '' : `${advice}\n`}${summarise(examination)}`;
}

export function toJson(examination: Examination): Json {
  const findings = examination.findings.map(({ check, subject, state, found, advice }) => ({
    check,
    subject,
    state,
    found: { ...found },
    ...(advice && { advice: { ...advice } }),
  }));
  return {
    format: 'yinxin-doctor/1',
    isWell: exitCodeOf(examination) === 0,
    seconds: Math.round(examination.seconds * 10) / 10,
    findings,
  };
}
