/** `suspend`, `resume`, `cancel`, `revoke`, `withdraw`, `forfeit`, `correct`: legal acts of different effect, one signature for many certificates. */
import {
  type Act,
  actWords,
  basisPattern,
  documentPattern,
  type Instant,
  isJsonObject,
  type Json,
  parseInstant,
  type Trust,
  toHex,
  type Words,
  YinxinError,
} from '@yinxin/core';
import { type Command, type Inputs, type Option, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { connectClient } from '../gateway.ts';
import { openHome } from '../home.ts';
import { asOption, clientOption, outputOption, pinOption, yesOption } from '../options.ts';
import { chooseClient, listChoices } from '../registry.ts';
import { openErrand } from '../runs/errands.ts';
import { readRosterOptions, readWishes, rosterOption, rosterRunOptions, sheetOption } from '../runs/options.ts';
import { runRoster } from '../runs/roster-run.ts';
import { dropSource, openSource } from '../runs/source.ts';
import { readTarget, type Target } from '../target.ts';
import { confirm, paint } from '../terminal.ts';
import { formatTime, parseTime } from '../times.ts';
import { loadNames, loadTrust } from '../trust-list.ts';
import { statusWords } from '../verdict-words.ts';

const maxChanges = 1_000;

const summaries: { readonly [act in Act]: { readonly summary: Words; readonly details: Words } } = {
  suspend: {
    summary: { zh: '暂停：暂不能用，以后可恢复', en: '暂停: not usable for now; can be resumed' },
    details: { zh: '暂停期间查验结果为“已暂停”。用 yinxin resume 恢复。', en: 'Verifies as suspended until resumed.' },
  },
  resume: {
    summary: { zh: '恢复：结束暂停', en: '恢复: end a suspension' },
    details: { zh: '恢复后照常有效。', en: 'In force again afterwards.' },
  },
  cancel: {
    summary: { zh: '注销：事由终结，如期满、申请、主体终止', en: '注销: its ground has ended' },
    details: {
      zh: '注销不能恢复；办错了用 yinxin correct 更正。',
      en: 'Final; a mistake is taken back with yinxin correct.',
    },
  },
  revoke: {
    summary: { zh: '撤销：当初就不该发，如材料虚假', en: '撤销: it should never have been issued' },
    details: {
      zh: '撤销不能恢复；办错了用 yinxin correct 更正。',
      en: 'Final; a mistake is taken back with yinxin correct.',
    },
  },
  withdraw: {
    summary: { zh: '撤回：合法颁发，因公共利益或情势变更收回', en: '撤回: lawful, taken back in the public interest' },
    details: {
      zh: '撤回不能恢复；办错了用 yinxin correct 更正。',
      en: 'Final; a mistake is taken back with yinxin correct.',
    },
  },
  forfeit: {
    summary: { zh: '吊销：因违法受处罚', en: '吊销: as a penalty' },
    details: {
      zh: '吊销不能恢复；办错了用 yinxin correct 更正。',
      en: 'Final; a mistake is taken back with yinxin correct.',
    },
  },
  correct: {
    summary: { zh: '更正：收回一次办错的处理', en: '更正: take back an act that was a mistake' },
    details: {
      zh: '更正是一次新的处理，原来的处理仍留在历史里。不写 --change 时更正现在起作用的那一次；生效时间默认与它相同。',
      en: 'A correction is an act of its own; the mistaken one stays in the history. Without --change it takes back the one that decides now, and counts from when that did.',
    },
  },
};

interface Decision {
  readonly basis: string;
  readonly document: string;
  readonly effective: Instant | undefined;
  /** With `correct`: sequence number of the mistaken act. */
  readonly corrects: number | undefined;
}

function readChangeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usageError('number', '--change', { value: text.slice(0, 40) });
  return Number(text);
}

function readDecision(inputs: Inputs): Decision {
  const [basis, document, effective] = [
    inputs.required('basis'),
    inputs.required('document'),
    inputs.text('effective'),
  ];
  if (!basisPattern.test(basis)) throw usageError('basis', basis.slice(0, 40));
  if (!documentPattern.test(document)) throw usageError('document', document.slice(0, 40));
  return {
    basis,
    document,
    effective: effective === undefined ? undefined : parseTime('--effective', effective),
    corrects: readChangeNumber(inputs.text('change')),
  };
}

/** A basis that the registry does not have, or not for this act, is told here with those that it has; without a trust list the ledger decides. */
function checkBasis(act: Act, basis: string, trust: Trust | undefined, context: Context): void {
  if (!trust || trust.basis(basis)?.acts.includes(act)) return;
  const able = trust.bases.filter(({ acts }) => acts.includes(act));
  const choices = listChoices(
    able.map(({ basis: code, name }) => [code, name]),
    context,
  );
  throw new YinxinError('BASIS_UNKNOWN', { basis, act, choices });
}

async function readTargets(
  inputs: Inputs,
  context: Context,
): Promise<{ readonly issuer: string; readonly targets: readonly Target[] }> {
  if (inputs.operands.length > maxChanges) throw usageError('too-many', '', { max: String(maxChanges) });
  const targets: Target[] = [];
  for (const operand of inputs.operands) targets.push(await readTarget(operand, context));
  const issuer = targets[0]?.issuer ?? '';
  if (targets.some((target) => target.issuer !== issuer)) throw usageError('one-issuer', '');
  const twice = targets.find(
    (target, at) => targets.findIndex(({ identifier }) => identifier === target.identifier) < at,
  );
  if (twice) throw usageError('named-twice', twice.identifier);
  return { issuer, targets };
}

/** Which act was taken back, and what is left: nobody should have to guess. */
function describeCorrection(answer: Json | undefined, context: Context): string {
  const change = isJsonObject(answer) ? answer['change'] : undefined;
  if (!isJsonObject(change)) return '';
  const status = statusWords[String(change['to'])];
  const [act, left] = [String(change['corrects']), status ? say(context, status) : ''];
  return say(context, { zh: `  更正第 ${act} 次处理，现为${left}`, en: `  takes back act ${act}: now ${left}` });
}

function describeDone(
  act: Act,
  targets: readonly Target[],
  { document, effective }: Decision,
  answer: Json,
  context: Context,
): string {
  const facts = isJsonObject(answer) ? answer : {};
  const at = typeof facts['time'] === 'string' ? formatTime(parseInstant(facts['time'])) : '';
  const done = paint(context, context.out, 'strong', say(context, actWords[act]));
  const where = say(context, {
    zh: `${at}，第 ${String(facts['block'])} 区块`,
    en: `${at}, block ${String(facts['block'])}`,
  });
  const since = effective === undefined ? '' : formatTime(effective);
  const later = since && say(context, { zh: `  ${since} 起生效`, en: `  effective ${since}` });
  const made = Array.isArray(facts['changes']) ? facts['changes'] : [];
  const lines = targets.map(({ identifier }, at) => {
    const outcome = act === 'correct' ? describeCorrection(made[at], context) : '';
    return `${done}  ${identifier}  ${document}${outcome}${later}\n`;
  });
  return [...lines, `${where}\n`].join('');
}

function describeSince(act: Act, { effective }: Decision, context: Context): string {
  if (effective !== undefined)
    return say(context, { zh: `${formatTime(effective)} 起生效`, en: `effective ${formatTime(effective)}` });
  if (act === 'correct') return say(context, { zh: '自原处理生效时起', en: 'from when the mistaken act took effect' });
  return say(context, { zh: '即时生效', en: 'effective at once' });
}

/** The gateway says which one of the list was refused; people want its number. */
function nameCertificate(error: unknown, targets: readonly Target[]): unknown {
  if (!(error instanceof YinxinError)) return error;
  const { index, ...details } = error.details;
  const certificate = typeof index === 'number' ? targets[index]?.identifier : undefined;
  return certificate === undefined ? error : new YinxinError(error.code, { ...details, certificate });
}

/** The decision as a run keeps it: what rows without a cell of their own say. */
function readDefaults(inputs: Inputs): { readonly [name: string]: string } {
  const [basis, document, effective] = [inputs.text('basis'), inputs.text('document'), inputs.text('effective')];
  if (basis !== undefined && !basisPattern.test(basis)) throw usageError('basis', basis.slice(0, 40));
  if (document !== undefined && !documentPattern.test(document)) throw usageError('document', document.slice(0, 40));
  const corrects = readChangeNumber(inputs.text('change'));
  return {
    ...(basis !== undefined && { basis }),
    ...(document !== undefined && { document }),
    ...(effective !== undefined && { effective: parseTime('--effective', effective) }),
    ...(corrects !== undefined && { corrects: String(corrects) }),
  };
}

async function runRosterOf(act: Act, name: string, inputs: Inputs, context: Context): Promise<ExitCode> {
  const options = { ...readDefaults(inputs), ...readRosterOptions(inputs, context) };
  const home = await openHome(inputs, context);
  const { trust } = await loadTrust(home, inputs, context);
  if (options['basis'] !== undefined) checkBasis(act, options['basis'], trust, context);
  const source = await openSource(name, context);
  try {
    const wanted = { kind: act, type: undefined, stock: false, path: source.path, options };
    const errand = await openErrand(wanted, trust, { home, inputs, context });
    const wishes = readWishes(inputs, context, 'changes', options);
    return await runRoster({ source, errand, wishes, home, context });
  } finally {
    await dropSource(source);
  }
}

function runAct(act: Act): Command['run'] {
  return async (inputs, context): Promise<ExitCode> => {
    const roster = inputs.text('roster');
    if ((roster === undefined) === (inputs.operands.length === 0)) throw usageError('roster-or-named', act);
    if (roster !== undefined) return runRosterOf(act, roster, inputs, context);
    const decision = readDecision(inputs);
    const { issuer, targets } = await readTargets(inputs, context);
    const home = await openHome(inputs, context);
    const trust = await loadNames(home, inputs, context);
    checkBasis(act, decision.basis, trust, context);
    const client = await chooseClient(home, inputs, context, { scope: 'status', issuer }, trust);
    const since = describeSince(act, decision, context);
    const question = say(context, {
      zh: `${actWords[act].zh} ${targets.length} 份证照，文号 ${decision.document}，${since}。确定吗？`,
      en: `${targets.length} certificates will be ${actWords[act].en}, document ${decision.document}, ${since}. Go on?`,
    });
    if (!(await confirm(context, question, inputs.flag('yes')))) return 1;
    const { effective, corrects, ...fixed } = decision;
    const changes = targets.map(({ identifier }) => ({
      identifier,
      act,
      ...fixed,
      ...(effective !== undefined && { effective }),
      ...(corrects !== undefined && { corrects }),
    }));
    const headers = { 'idempotency-key': toHex(context.random(16)) };
    const gateway = connectClient(home, client, context);
    const answer = await gateway
      .postJson('/v1/status-changes', { issuer, changes }, headers)
      .catch((error: unknown) => {
        throw nameCertificate(error, targets);
      });
    if (inputs.flag('json')) context.out.write(`${JSON.stringify(answer, null, 2)}\n`);
    else context.out.write(describeDone(act, targets, decision, answer, context));
    return 0;
  };
}

const decisionOptions: readonly Option[] = [
  {
    name: 'basis',
    kind: 'text',
    value: { zh: '代码', en: 'CODE' },
    help: {
      zh: '法律依据代码，见 yinxin bases；必写，名册有此栏的除外',
      en: 'code of the legal basis, see yinxin bases; needed unless the roster has it',
    },
  },
  {
    name: 'document',
    kind: 'text',
    value: { zh: '文号', en: 'NUMBER' },
    help: {
      zh: '决定书文号，例如 示范〔2026〕1号；必写，名册有此栏的除外',
      en: 'the decision’s document number, such as 示范〔2026〕1号; needed unless the roster has it',
    },
  },
  {
    name: 'effective',
    kind: 'text',
    value: { zh: '时间', en: 'TIME' },
    help: {
      zh: '自何时起生效，过去或一年内的将来（默认即时）',
      en: 'since when, in the past or within a year (default: now)',
    },
  },
];

const exampleBases: { readonly [act in Act]: string } = {
  suspend: 'penalty-law-9',
  resume: 'penalty-law-9',
  cancel: 'licence-law-70',
  revoke: 'licence-law-69',
  withdraw: 'licence-law-8',
  forfeit: 'penalty-law-9',
  correct: 'penalty-law-75',
};

const changeOption: Option = {
  name: 'change',
  kind: 'text',
  value: { zh: '序号', en: 'N' },
  help: { zh: '更正第几次处理，见 yinxin history', en: 'which act was the mistake, see yinxin history' },
};

const common: Words = {
  zh: `
一次可以办理同一机关颁发的多份证照，合签一次。依据和文号写入账本，任何人都能查到；不要写当事人姓名等个人信息。
--roster：按名册办理，栏目为 证照标识，以及可选的 依据、文号、生效时间、更正序号（没有的栏目用选项）；与 issue 一样先检查、预览、确认，办不成的行退回，可接着办。`,
  en: `
Many certificates of one body can be done at once under one signature. Basis and document number go to the ledger for anyone to read.
--roster: from a roster with the column identifier, and basis, document, effective, corrects where there are such columns (else the options count); checked, previewed, confirmed and gone on with as by issue, and failed rows are returned.`,
};

/** One command for each act. */
export const changeStatusCommands: readonly Command[] = (Object.keys(summaries) as readonly Act[]).map((act) => ({
  name: act,
  synopsis: { zh: '证照… | --roster 名册', en: 'CERT… | --roster ROSTER' },
  summary: summaries[act].summary,
  details: { zh: summaries[act].details.zh + common.zh, en: summaries[act].details.en + common.en },
  examples: [
    `${act} certificate.yinxin.json --basis ${exampleBases[act]} --document 示范〔2026〕1号`,
    `${act} --roster ${actWords[act].zh}名册.csv --basis ${exampleBases[act]} --document 示范〔2026〕1号`,
  ],
  options: [
    ...decisionOptions,
    ...(act === 'correct' ? [changeOption] : []),
    rosterOption,
    ...rosterRunOptions,
    sheetOption,
    outputOption(
      {
        zh: '名册的结果存放的文件夹（默认 changes/办理-日期）',
        en: 'folder for a roster’s report (default changes/ACT-DATE)',
      },
      { zh: '文件夹', en: 'FOLDER' },
    ),
    asOption,
    clientOption,
    pinOption,
    yesOption,
  ],
  operands: [0, Number.MAX_SAFE_INTEGER],
  run: runAct(act),
}));
