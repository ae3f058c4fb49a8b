/** How a verdict is shown on a terminal or in a pipe. */
import {
  type Check,
  checkTitles,
  chooseVerdictWord,
  claimedWords,
  explainChecks,
  explainVerdict,
  factWords,
  formatConclusion,
  genuineWords,
  isJsonObject,
  outcomeWords,
  parseInstant,
  type Sentence,
  sourceWords,
  type Trust,
  type Verdict,
  type VerdictWord,
  verdictWords,
} from '@yinxin/core';
import { listFields, listSummary } from './certificate-view.ts';
import { type Context, say } from './context.ts';
import { explainError } from './messages/explain.ts';
import { explainMissingRule, listEvidence, listRecognition } from './recognition-view.ts';
import { describeAge } from './status-lists.ts';
import { paint, type Tone } from './terminal.ts';
import { formatTime } from './times.ts';
import type { KnownTrust } from './trust-list.ts';
import { findActWords, verdictMarks } from './verdict-words.ts';
import { type Judged, type Question, rowChecks } from './verification.ts';
import { formatTable, measureWidth, padTo } from './width.ts';

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
    if (judged.isPast && rowChecks.has(check)) return true;
    if (check === 'status') return judged.server === 'answered';
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
    .map(({ check, outcome }) => say(context, checkTitles[check]).toLowerCase() + (outcome === 'failed' ? failed : ''))
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

/** The facts that decided: act, basis, document and since when; the agreement; the reissue; for whom and what for a code was made; the time asked about. */
function listFacts({ answer, terms }: Judged, asked: Question, context: Context): readonly (readonly string[])[] {
  const { verdict, supersededBy } = answer;
  const detail = (name: string) => {
    const value = verdict.details?.[name];
    return typeof value === 'string' ? value : '';
  };
  const fact = (name: keyof typeof factWords, value: string | undefined) =>
    value ? [[say(context, factWords[name]), value]] : [];
  const act = findActWords(detail('act'));
  const [effective, expired] = [detail('effective'), detail('expired')];
  const time = asked.at && formatTime(asked.at);
  return [
    ...(act
      ? [[say(context, { zh: '决定', en: 'Decision' }), join(say(context, act), nameBasis(verdict, context))]]
      : []),
    ...fact('document', act && detail('document')),
    ...fact('effective', act && effective && formatTime(parseInstant(effective))),
    ...fact('codeExpired', verdict.reason === 'CODE_EXPIRED' && expired ? formatTime(parseInstant(expired)) : ''),
    ...fact('successor', supersededBy),
    ...(verdict.genuine === 'no'
      ? []
      : [
          ...listRecognition(answer.checks, context),
          ...fact('purpose', terms.purpose),
          ...fact('addressee', terms.addressee),
        ]),
    ...fact('knownAt', describeListAge(answer, context)),
    ...(time ? [[say(context, { zh: '所问时间', en: 'Asked about' }), time]] : []),
    ...(asked.height === undefined
      ? []
      : [[say(context, { zh: '按账本高度', en: 'As the ledger stood' }), String(answer.height)]]),
  ];
}

/** How old the status list is that judged, or that was too old to. */
function describeListAge({ knowledge, checks }: Judged['answer'], context: Context): string {
  const status = checks.find(({ check }) => check === 'status');
  const asOf = status && status.outcome !== 'skipped' ? status.details?.['asOf'] : undefined;
  if (knowledge || typeof asOf !== 'string') return '';
  const then = parseInstant(asOf);
  const age = say(context, describeAge(then, context.now()));
  return say(context, { zh: `${formatTime(then)}（${age}）`, en: `${formatTime(then)} (${age})` });
}

/** The basis of the act that decided, in words where the registry has them. */
function nameBasis({ details }: Verdict, context: Context): string {
  const [basis, name] = [details?.['basis'], details?.['basisName']];
  const words = isJsonObject(name) ? name[context.language] : undefined;
  return typeof words === 'string' ? words : typeof basis === 'string' ? basis : '';
}

const join = (...parts: readonly string[]) => parts.filter(Boolean).join(' · ');

/** The command knows more of some errors (which file, what to type, which cities) than the table does. */
function explain(judged: Judged, word: VerdictWord, trust: Trust | undefined, context: Context): Sentence {
  const { verdict, certificate } = judged.answer;
  if (verdict.reason === 'VALID') return explainVerdict(verdict, word, judged.kind, context.language);
  const missing =
    verdict.reason === 'NOT_RECOGNISED' ? explainMissingRule(verdict, certificate, trust, context) : undefined;
  return missing ?? explainError({ code: verdict.reason, details: verdict.details ?? {} }, context.language);
}

/** Every check: what was looked at, its outcome, one sentence, and the facts it rests on. */
function formatExplanation(checks: readonly Check[], context: Context): string {
  const explained = explainChecks(checks, context.language);
  const width = Math.max(...explained.map(({ title }) => measureWidth(title)));
  const indent = ' '.repeat(width + 4);
  return explained
    .map(({ title, outcome, sentence, code, evidence }) => {
      const [mark, tone] = outcomeMarks[outcome];
      const facts = formatTable(listEvidence(evidence), indent);
      const head = paint(context, context.out, tone, `${mark} ${padTo(title, width)}`);
      return `${head}  ${say(context, outcomeWords[outcome])} · ${sentence}${code ? ` [${code}]` : ''}\n${facts}`;
    })
    .join('');
}

const outcomeMarks: { readonly [outcome in Check['outcome']]: readonly [mark: string, tone: Tone] } = {
  passed: ['✓', 'good'],
  failed: ['✗', 'bad'],
  inconclusive: ['?', 'unsure'],
  skipped: ['-', 'quiet'],
};

export interface VerdictView {
  readonly isNumber: boolean;
  /** The list that judged; none where the gateway did. */
  readonly known: KnownTrust | undefined;
  /** For names. */
  readonly trust: Trust | undefined;
  readonly question: Question;
  readonly isExplained: boolean;
}

/** Of what is not genuine only type, number and issuer are shown. */
const claimedRows = 3;

/** The verdict first, then why and what to do, then what the certificate says and where each check was made. */
export function formatVerdict(judged: Judged, view: VerdictView, context: Context): string {
  const { isNumber, known, trust, question, isExplained } = view;
  const { answer } = judged;
  const { verdict, certificate, fields } = answer;
  const word = chooseVerdictWord(verdict, judged.conclusion);
  const [shape, tone] = verdictMarks[word];
  const { what, next } = explain(judged, word, trust, context);
  const reason = verdict.reason === 'VALID' ? '' : ` [${verdict.reason}]`;
  const isPlain = verdict.verdict === 'valid' || isNumber || word === 'unreadable';
  const genuine = isPlain ? '' : `${say(context, genuineWords[verdict.genuine])}\n`;
  const isClaimed = verdict.genuine === 'no';
  const summary = certificate ? listSummary(certificate, context) : [];
  const blocks = [
    listFacts(judged, question, context),
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
    isExplained ? `\n${formatExplanation(answer.checks, context)}` : '',
  ].join('');
}
