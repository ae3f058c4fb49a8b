/** How a verdict is shown on a terminal or in a pipe. */
import {
  type Check,
  chooseVerdictWord,
  claimedWords,
  explainVerdict,
  factWords,
  formatConclusion,
  genuineWords,
  outcomeWords,
  parseInstant,
  sourceWords,
  type Verdict,
  type VerdictWord,
  verdictWords,
} from '@yinxin/core';
import { listFields, listSummary } from './certificate-view.ts';
import { type Context, say } from './context.ts';
import { explainError } from './messages.ts';
import type { KnownTrust } from './registry.ts';
import { paint } from './terminal.ts';
import { formatTime } from './times.ts';
import { actWords, checkNameWords, verdictMarks } from './verdict-words.ts';
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
  const failed = say(context, {
    zh: `（${outcomeWords.failed.zh}）`,
    en: ` (${outcomeWords.failed.en.toLowerCase()})`,
  });
  return checks
    .map(({ check, outcome }) => say(context, checkNameWords[check]) + (outcome === 'failed' ? failed : ''))
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
    [say(context, sourceWords.here), here.length > 0 ? nameChecks(here, context) + list : label('无', 'nothing')],
    ...(server.length > 0 ? [[say(context, sourceWords.server), nameChecks(server, context) + asOf]] : []),
    ...(open.length > 0 ? [[say(context, outcomeWords.inconclusive), nameChecks(open, context)]] : []),
  ];
}

/** The facts that decided: act, document and since when; the reissue; for whom and what for a code was made. */
function listFacts({ answer, terms }: Judged, context: Context): readonly (readonly string[])[] {
  const { verdict, supersededBy } = answer;
  const detail = (name: string) => {
    const value = verdict.details?.[name];
    return typeof value === 'string' ? value : '';
  };
  const fact = (name: keyof typeof factWords, value: string | undefined) =>
    value ? [[say(context, factWords[name]), value]] : [];
  const act = actWords[detail('act')];
  const [effective, expired] = [detail('effective'), detail('expired')];
  return [
    ...(act ? [[say(context, { zh: '决定', en: 'Decision' }), join(say(context, act), detail('basis'))]] : []),
    ...fact('document', act && detail('document')),
    ...fact('effective', act && effective && formatTime(parseInstant(effective))),
    ...fact('codeExpired', verdict.reason === 'CODE_EXPIRED' && expired ? formatTime(parseInstant(expired)) : ''),
    ...fact('successor', supersededBy),
    ...(verdict.genuine === 'no' ? [] : [...fact('purpose', terms.purpose), ...fact('addressee', terms.addressee)]),
  ];
}

const join = (...parts: readonly string[]) => parts.filter(Boolean).join(' · ');

/** The command knows more of some errors (which file, what to type) than the table does. */
function explain(verdict: Verdict, word: VerdictWord, { kind }: Judged, context: Context) {
  if (verdict.reason === 'VALID') return explainVerdict(verdict, word, kind, context.language);
  return explainError({ code: verdict.reason, details: verdict.details ?? {} }, context.language);
}

function formatChecks(checks: readonly Check[], context: Context): string {
  const rows = checks.map((check) => [
    say(context, checkNameWords[check.check]),
    say(context, outcomeWords[check.outcome]),
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

/** Of what is not genuine only type, number and issuer are shown. */
const claimedRows = 3;

/** The verdict first, then why and what to do, then what the certificate says and where each check was made. */
export function formatVerdict(judged: Judged, { isNumber, known, withChecks }: VerdictView, context: Context): string {
  const { answer } = judged;
  const { verdict, certificate, fields } = answer;
  const word = chooseVerdictWord(verdict, judged.conclusion);
  const [shape, tone] = verdictMarks[word];
  const { what, next } = explain(verdict, word, judged, context);
  const reason = verdict.reason === 'VALID' ? '' : ` [${verdict.reason}]`;
  const isPlain = verdict.verdict === 'valid' || isNumber || word === 'unreadable';
  const genuine = isPlain ? '' : `${say(context, genuineWords[verdict.genuine])}\n`;
  const isClaimed = verdict.genuine === 'no';
  const summary = certificate ? listSummary(certificate, context) : [];
  const blocks = [
    listFacts(judged, context),
    isClaimed ? summary.slice(0, claimedRows) : summary,
    isClaimed ? [] : listFields(fields ?? [], context),
    listOrigins(judged, isNumber, known, context),
  ];
  const said = join(
    say(context, verdictWords[word]),
    formatConclusion(word, judged.conclusion, context.language) ?? '',
  );
  const head = paint(context, context.out, tone, `${shape} ${said}`);
  const claimed = isClaimed && certificate ? `${say(context, claimedWords)}\n` : '';
  return [
    `${head}\n${what}${reason}\n${genuine}${next}\n${claimed}`,
    ...blocks.filter((rows) => rows.length > 0).map((rows) => `\n${formatTable(rows, '  ')}`),
    withChecks ? `\n${formatChecks(answer.checks, context)}` : '',
  ].join('');
}
