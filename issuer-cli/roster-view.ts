/** How the problems of a roster are shown: every bad row by line and column, with what to do. */

import { type Context, say } from './context.ts';
import { explainCell } from './messages/roster.ts';
import type { RosterFinding } from './roster.ts';
import { formatTable } from './width.ts';

interface ShownFinding {
  readonly line: number;
  readonly column: string;
  readonly code: string;
  readonly what: string;
  readonly next: string;
}

function toShown({ line, field, code, otherLine }: RosterFinding, context: Context): ShownFinding {
  const { what, next } = explainCell(field, code, context.language);
  const twin =
    otherLine === undefined ? '' : say(context, { zh: `（与第 ${otherLine} 行）`, en: ` (as line ${otherLine})` });
  return { line, column: field ? say(context, field.label) : '', code, what: what + twin, next };
}

/** For machines. */
export function listFindings(findings: readonly RosterFinding[], context: Context): readonly ShownFinding[] {
  return findings.map((finding) => toShown(finding, context));
}

/** A table of findings in the order of the file. */
export function formatFindings(findings: readonly RosterFinding[], context: Context): string {
  const head = [
    say(context, { zh: '行', en: 'Line' }),
    say(context, { zh: '栏目', en: 'Column' }),
    say(context, { zh: '问题', en: 'Problem' }),
    say(context, { zh: '怎么办', en: 'What to do' }),
  ];
  const rows = listFindings(findings, context).map(({ line, column, what, next, code }) => [
    String(line),
    column,
    what,
    `${next} [${code}]`,
  ]);
  return formatTable([head, ...rows], '  ');
}
