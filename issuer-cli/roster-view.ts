/** How the problems of a roster are shown: every bad row by line and column, with what to do. */

import { type Context, say } from './context.ts';
import { explainCell } from './messages/roster.ts';
import type { RosterFinding } from './rosters/roster.ts';
import { formatTable } from './width.ts';

interface ShownFinding {
  readonly line: number;
  readonly column: string;
  readonly code: string;
  readonly what: string;
  readonly next: string;
}

function toShown({ line, field, heading, code, otherLine }: RosterFinding, context: Context): ShownFinding {
  const { what, next } = explainCell(field, code, context.language);
  const twin =
    otherLine === undefined ? '' : say(context, { zh: `（与第 ${otherLine} 行）`, en: ` (as line ${otherLine})` });
  return { line, column: field ? say(context, field.label) : (heading ?? ''), code, what: what + twin, next };
}

/** For machines. */
export function listFindings(findings: readonly RosterFinding[], context: Context): readonly ShownFinding[] {
  return findings.map((finding) => toShown(finding, context));
}

/** More columns than this are counted. */
const namedColumns = 2;

function nameColumns(columns: readonly string[], context: Context): string {
  const named = columns.slice(0, namedColumns).join(say(context, { zh: '、', en: ', ' }));
  if (columns.length <= namedColumns) return named;
  const more = String(columns.length - namedColumns);
  return say(context, { zh: `${named}等 ${columns.length} 栏`, en: `${named} and ${more} more` });
}

/** What is wrong in several columns of a row in the same way is one line. */
function joinColumns(findings: readonly ShownFinding[], context: Context): readonly ShownFinding[] {
  const joined: { readonly finding: ShownFinding; readonly columns: string[] }[] = [];
  for (const finding of findings) {
    const last = joined.at(-1);
    const { line, code, next, column } = finding;
    const isSame = last?.finding.line === line && last.finding.code === code && last.finding.next === next;
    if (last && isSame && column !== '') last.columns.push(column);
    else joined.push({ finding, columns: [column] });
  }
  return joined.map(({ finding, columns }) => ({ ...finding, column: nameColumns(columns, context) }));
}

/** A table of findings in the order of the file. */
export function formatFindings(findings: readonly RosterFinding[], context: Context): string {
  const head = [
    say(context, { zh: '行', en: 'Line' }),
    say(context, { zh: '栏目', en: 'Column' }),
    say(context, { zh: '问题', en: 'Problem' }),
    say(context, { zh: '怎么办', en: 'What to do' }),
  ];
  const rows = joinColumns(listFindings(findings, context), context).map(({ line, column, what, next, code }) => [
    String(line),
    column,
    what,
    `${next} [${code}]`,
  ]);
  return formatTable([head, ...rows], '  ');
}
