/** What is shown of a roster before anything is sent: counts, form, what was normalised, the first rows masked, who is there twice. */
import {
  actWords,
  type CertificateType,
  type FieldValues,
  isAct,
  maskFields,
  parseInstant,
  type Words,
} from '@yinxin/core';
import { formatValue } from '../certificate-view.ts';
import { type Context, say } from '../context.ts';
import { formatFindings } from '../roster-view.ts';
import type { RosterFile } from '../rosters/roster.ts';
import { paint } from '../terminal.ts';
import { formatTime } from '../times.ts';
import { formatTable, padTo } from '../width.ts';
import type { Checked, NormalisedCount } from './check.ts';
import type { IssuedBefore } from './issued-before.ts';
import type { Job, ReadyRow } from './job.ts';

const shownFindings = 20;
const shownTwins = 5;
const shownCells = 12;

/** How each kind of change looks; never a value of the roster. */
const forms: { readonly [kind: string]: Words | undefined } = {
  'full-width': { zh: '全角字符改为半角（如 ２０２６ → 2026）', en: 'full-width characters (２０２６ → 2026)' },
  spaces: { zh: '去掉空格', en: 'spaces left out' },
  'date-form': { zh: '日期写法统一（如 2026年1月2日 → 2026-01-02）', en: 'dates (2026年1月2日 → 2026-01-02)' },
  'date-number': { zh: '表格的日期改为文字（2026-01-02）', en: 'the spreadsheet’s dates (2026-01-02)' },
  'date-part': { zh: '去掉日期里多余的部分（如 00:00）', en: 'surplus parts of dates (00:00)' },
  capitals: { zh: '证号里的小写字母改为大写', en: 'small letters of numbers' },
  'number-form': { zh: '数字写法统一（如 1,000 → 1000.00）', en: 'numbers (1,000 → 1000.00)' },
  'text-mark': { zh: '去掉表格的文本标记', en: 'the spreadsheet’s marks of text' },
};

export const count = (number: number): string => number.toLocaleString('en');

function describeForm({ shape }: RosterFile, context: Context): string {
  if (shape.kind === 'xlsx')
    return say(context, {
      zh: `XLSX，工作表“${shape.sheet}”，表头在第 ${shape.headerLine} 行`,
      en: `XLSX, sheet “${shape.sheet}”, header in row ${shape.headerLine}`,
    });
  const mark = shape.hasMark ? say(context, { zh: '，带标记', en: ', with mark' }) : '';
  return `${say(context, { zh: 'CSV，', en: 'CSV, ' })}${shape.encoding}${mark}`;
}

/** What the run does, as a verb. */
export function nameTask({ kind, type }: Pick<Job, 'kind' | 'type'>, context: Context): string {
  const act = isAct(kind) ? say(context, actWords[kind]) : undefined;
  const verb = act ?? say(context, kind === 'issue' ? { zh: '签发', en: 'issue' } : { zh: '换发', en: 'reissue' });
  return type ? `${verb}${say(context, { zh: '', en: ': ' })}${say(context, type.name)}` : verb;
}

function formatSample(type: CertificateType, row: ReadyRow, context: Context): readonly (readonly string[])[] {
  const values = JSON.parse(row.body) as FieldValues; // the job wrote it
  const masked = maskFields(type, values, 'public');
  const shown = Object.entries(masked).slice(0, shownCells);
  return shown.map(([key, value]) => {
    const label = type.fields.find((field) => field.key === key)?.label;
    return [label ? say(context, label) : key, value === null ? '****' : formatValue(value)];
  });
}

/** Changes of status hold nothing that is masked. */
function formatChanges(samples: readonly ReadyRow[], context: Context): string {
  const titles: readonly (readonly [string, string])[] = [
    ['行', 'Line'],
    ['证照标识', 'Number'],
    ['依据', 'Basis'],
    ['文号', 'Document'],
    ['生效', 'Effective'],
  ];
  const rows = samples.map(({ line, body }) => {
    const { identifier, basis, document, effective } = JSON.parse(body) as { readonly [name: string]: string }; // the job wrote it
    const since =
      effective === undefined ? say(context, { zh: '即时', en: 'now' }) : formatTime(parseInstant(effective));
    return [String(line), identifier ?? '', basis ?? '', document ?? '', since];
  });
  const head = titles.map(([zh, en]) => say(context, { zh, en }));
  return `${say(context, { zh: '前几行', en: 'First rows' })}\n${formatTable([head, ...rows], '  ')}`;
}

function formatSamples({ type }: Job, { samples }: Checked, context: Context): string {
  if (samples.length === 0) return '';
  if (!type) return formatChanges(samples, context);
  const rows = samples.map((sample) => ({
    head: say(context, { zh: `第 ${sample.line} 行`, en: `Line ${sample.line}` }),
    cells: formatSample(type, sample, context),
  }));
  const title = say(context, { zh: '前几行（已遮盖）', en: 'First rows (masked)' });
  return `${title}\n${rows.map(({ head, cells }) => `  ${head}\n${formatTable(cells, '    ')}`).join('')}`;
}

function describeNormalised(normalised: readonly NormalisedCount[], context: Context): string {
  return normalised
    .map(({ kind, rows, line, label }) => {
      const form = forms[kind];
      const where = say(context, {
        zh: `${count(rows)} 处，最先在第 ${line} 行“${label.zh}”`,
        en: `${count(rows)} ×, first on line ${line}, “${label.en}”`,
      });
      return say(context, {
        zh: `  自动整理：${form?.zh ?? kind}，${where}\n`,
        en: `  Normalised: ${form?.en ?? kind}, ${where}\n`,
      });
    })
    .join('');
}

function describeTwins(
  { repeated, repeatedFirst }: Checked,
  before: IssuedBefore | undefined,
  context: Context,
): string {
  const lines: string[] = [];
  if (repeated > 0) {
    const some = repeatedFirst.slice(0, shownTwins).map(({ line, otherLine }) => `${line}=${otherLine}`);
    const zh = `提醒：${count(repeated)} 行与前面某一行是同一持证主体（行=先前的行：${some.join('、')}${repeated > shownTwins ? '……' : ''}）`;
    const en = `Note: ${count(repeated)} rows are for a holder of an earlier row (line=earlier line: ${some.join(', ')}${repeated > shownTwins ? ' …' : ''})`;
    lines.push(`${say(context, { zh, en })} [HOLDER_REPEATED]`);
  }
  if (before && before.count > 0) {
    const zh = `提醒：${count(before.count)} 行的持证主体以前签发过同类证照：`;
    lines.push(
      say(context, { zh, en: `Note: ${count(before.count)} rows are for holders of such a certificate already:` }),
    );
    for (const { line, identifier } of before.first.slice(0, shownTwins))
      lines.push(`  ${say(context, { zh: `第 ${line} 行`, en: `line ${line}` })}  ${identifier}`);
    if (before.count > shownTwins) lines.push(say(context, { zh: '  ……', en: '  …' }));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The first of the bad rows, each with what to do. */
export function formatProblems(
  { problems, rows, good }: Pick<Checked, 'problems' | 'rows' | 'good'>,
  context: Context,
): string {
  if (problems.length === 0) return '';
  const bad = rows - good;
  const head = say(context, { zh: `${count(bad)} 行填写不对：`, en: `Bad rows: ${count(bad)}` });
  const shown = problems.slice(0, shownFindings);
  const more = problems.length > shown.length ? say(context, { zh: '  ……\n', en: '  …\n' }) : '';
  return `${paint(context, context.err, 'bad', head)}\n${formatFindings(shown, context)}${more}`;
}

export interface Preview {
  /** The file's name, or where else the roster came from. */
  readonly name: string;
  readonly roster: RosterFile;
  readonly job: Job;
  readonly checked: Checked;
  readonly before: IssuedBefore | undefined;
  /** The body that acts, in words. */
  readonly body: string;
}

/** What a correction alone takes back. */
const finalActs = new Set(['cancel', 'revoke', 'withdraw', 'forfeit']);

/** Everything, for somebody who is asked. */
export function formatPreview({ name, roster, job, checked, before, body }: Preview, context: Context): string {
  const { rows, good } = checked;
  const label = (words: Words) => padTo(say(context, words), 8);
  const final = say(context, { zh: '，办了不能恢复', en: '; it is final' });
  const inBrackets = (text: string) => say(context, { zh: `（${text}）`, en: ` (${text})` });
  return [
    `${label({ zh: '名册', en: 'Roster' })}${name}${inBrackets(describeForm(roster, context))}\n`,
    `${label({ zh: '办理', en: 'Task' })}${nameTask(job, context)}${inBrackets(body)}${finalActs.has(job.kind) ? final : ''}\n`,
    `${label({ zh: '行数', en: 'Rows' })}${say(context, {
      zh: `共 ${count(rows)} 行：可以办理 ${count(good)} 行，填写不对 ${count(rows - good)} 行`,
      en: `${count(rows)}: ${count(good)} good, ${count(rows - good)} bad`,
    })}\n`,
    describeNormalised(checked.normalised, context),
    formatSamples(job, checked, context),
    describeTwins(checked, before, context),
    formatProblems(checked, context),
  ].join('');
}

/** What must be told even to who does not want to be asked; the bad rows one by one only where no report will name them. */
export function formatWarnings(
  { checked, before }: Pick<Preview, 'checked' | 'before'>,
  isReported: boolean,
  context: Context,
): string {
  const bad = checked.rows - checked.good;
  const brief = say(context, {
    zh: `${count(bad)} 行填写不对，将退回。`,
    en: `Bad rows, to be returned: ${count(bad)}.`,
  });
  const problems = isReported ? (bad > 0 ? `${brief}\n` : '') : formatProblems(checked, context);
  return describeTwins(checked, before, context) + problems;
}

/** The same for machines: counts, and rows by line and code. */
export function toPreviewJson({ roster, job, checked, before }: Preview): { readonly [name: string]: unknown } {
  return {
    kind: job.kind,
    issuer: job.issuer,
    type: job.type?.type ?? null,
    roster: { ...roster.shape },
    rows: checked.rows,
    good: checked.good,
    bad: checked.rows - checked.good,
    normalised: checked.normalised.map(({ kind, rows, line }) => ({ kind, rows, line })),
    repeated: checked.repeatedFirst.map(({ line, otherLine }) => ({ line, otherLine })),
    issuedBefore: before?.first ?? [],
  };
}
