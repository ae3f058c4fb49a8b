/** How a verdict is shown on a terminal or in a pipe. */
import { type Check, parseInstant, type VerificationAnswer } from '@yinxin/core';
import { listFields, listSummary } from './certificate-view.ts';
import { type Context, say } from './context.ts';
import { explainError } from './messages.ts';
import type { KnownTrust } from './registry.ts';
import { paint } from './terminal.ts';
import { formatTime } from './times.ts';
import { actWords, checkWords, genuineWords, toVerdictWords } from './verdict-words.ts';
import type { Judged } from './verification.ts';
import { formatTable } from './width.ts';

/** What the person asked to be checked, and where each check was made. */
export interface Origins {
  readonly here: readonly Check[];
  readonly server: readonly Check[];
  readonly open: readonly Check[];
}

/** Sorts the checks that were made by who made them, and those that could not be made. */
export function sortChecks(judged: Judged, isNumber: boolean): Origins {
  const made = judged.answer.checks.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  const byServer = ({ check, outcome, ...rest }: Check) => {
    if (isNumber) return check !== 'format';
    if (check === 'status') return true;
    const details = 'details' in rest ? rest.details : undefined;
    return check === 'anchor' && (outcome === 'failed' ? judged.server === 'answered' : details?.['by'] === 'ledger');
  };
  return {
    here: made.filter((check) => !byServer(check)),
    server: made.filter(byServer),
    open: judged.answer.checks.filter(({ outcome }) => outcome === 'inconclusive'),
  };
}

function nameChecks(checks: readonly Check[], context: Context): string {
  const comma = say(context, { zh: '、', en: ', ' });
  const failed = say(context, { zh: '（不通过）', en: ' (failed)' });
  return checks
    .map(({ check, outcome }) => say(context, checkWords[check]) + (outcome === 'failed' ? failed : ''))
    .join(comma);
}

function listOrigins(
  judged: Judged,
  isNumber: boolean,
  known: KnownTrust | undefined,
  context: Context,
): readonly (readonly string[])[] {
  const { here, server, open } = sortChecks(judged, isNumber);
  const label = (zh: string, en: string) => say(context, { zh, en });
  const { knowledge } = judged.answer;
  const asOf = knowledge
    ? label(`（截至 ${formatTime(knowledge.asOf)}）`, ` (as of ${formatTime(knowledge.asOf)})`)
    : '';
  const list = known
    ? label(`；信任清单截至 ${formatTime(known.trust.asOf)}`, `; trust list as of ${formatTime(known.trust.asOf)}`)
    : '';
  return [
    [label('本机核对', 'Checked here'), here.length > 0 ? nameChecks(here, context) + list : label('无', 'nothing')],
    ...(server.length > 0 ? [[label('由网关提供', 'From the gateway'), nameChecks(server, context) + asOf]] : []),
    ...(open.length > 0 ? [[label('未能核对', 'Not checked'), nameChecks(open, context)]] : []),
  ];
}

/** The change that ended it: act, document and since when. */
function listCause({ verdict, supersededBy }: VerificationAnswer, context: Context): readonly (readonly string[])[] {
  const { details } = verdict;
  const label = (zh: string, en: string) => say(context, { zh, en });
  const detail = (name: string) => {
    const value = details?.[name];
    return typeof value === 'string' ? value : '';
  };
  const act = actWords[detail('act')];
  return [
    ...(act
      ? [
          [
            label('决定', 'Decision'),
            [say(context, act), detail('document'), detail('basis')].filter(Boolean).join(' · '),
          ],
        ]
      : []),
    ...(act && detail('effective') ? [[label('自', 'Since'), formatTime(parseInstant(detail('effective')))]] : []),
    ...(supersededBy ? [[label('新证', 'New one'), supersededBy]] : []),
  ];
}

function explainVerdict(
  { verdict }: VerificationAnswer,
  judged: Judged,
  context: Context,
): { readonly what: string; readonly next: string } {
  if (verdict.reason !== 'VALID')
    return explainError({ code: verdict.reason, details: verdict.details ?? {} }, context.language);
  if (judged.negative !== undefined) {
    const next = say(context, {
      zh: '证照真实不等于通过：请看结论。',
      en: 'Genuine does not mean approved: read the conclusion.',
    });
    return {
      what: say(context, { zh: '证照真实，在有效期内，但结论是否定的。', en: 'Genuine and in force, but it says no.' }),
      next,
    };
  }
  return {
    what: say(context, { zh: '各项检查全部通过。', en: 'Every check passed.' }),
    next: say(context, {
      zh: '请核对出示人与证照记载是否一致。',
      en: 'Compare the person who presents it with what it says.',
    }),
  };
}

function formatChecks(checks: readonly Check[], context: Context): string {
  const outcomes = {
    passed: { zh: '通过', en: 'passed' },
    failed: { zh: '不通过', en: 'failed' },
    inconclusive: { zh: '未能核对', en: 'not checked' },
    skipped: { zh: '不需要', en: 'not needed' },
  };
  const rows = checks.map((check) => [
    say(context, checkWords[check.check]),
    say(context, outcomes[check.outcome]),
    'code' in check
      ? `${explainError({ code: check.code, details: check.details ?? {} }, context.language).what} [${check.code}]`
      : '',
  ]);
  return formatTable(rows, '  ');
}

export interface VerdictView {
  readonly isNumber: boolean;
  readonly known: KnownTrust | undefined;
  readonly withChecks: boolean;
}

/** The verdict first, then why and what to do, then what the certificate says and where each check was made. */
export function formatVerdict(judged: Judged, { isNumber, known, withChecks }: VerdictView, context: Context): string {
  const { answer } = judged;
  const { verdict, certificate, fields } = answer;
  const { shape, tone, words } = toVerdictWords(verdict, judged.negative);
  const { what, next } = explainVerdict(answer, judged, context);
  const reason = verdict.reason === 'VALID' ? '' : ` [${verdict.reason}]`;
  const genuine = verdict.verdict === 'valid' || isNumber ? '' : `${say(context, genuineWords[verdict.genuine])}\n`;
  const blocks = [
    listCause(answer, context),
    certificate ? listSummary(certificate, context) : [],
    listFields(fields ?? [], context),
    listOrigins(judged, isNumber, known, context),
  ];
  const head = paint(context, context.out, tone, `${shape} ${say(context, words)}`);
  return [
    `${head}\n${what}${reason}\n${genuine}${next}\n`,
    ...blocks.filter((rows) => rows.length > 0).map((rows) => `\n${formatTable(rows, '  ')}`),
    withChecks ? `\n${formatChecks(answer.checks, context)}` : '',
  ].join('');
}
