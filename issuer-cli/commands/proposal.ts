/** `proposal`: what only a majority of the network's organisations may do: cities, types, legal bases, matters, compromises of long ago. */
import { resolve } from 'node:path';
import {
  isJsonObject,
  type Json,
  type ProposalAction,
  type ProposalRow,
  parseJson,
  type Trust,
  type Words,
  YinxinError,
} from '@yinxin/core';
import { type Command, type Inputs, type Noun, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { readBytes } from '../files.ts';
import { withQuery } from '../gateway.ts';
import { type Administrator, administratorOptions, carryOut, type Order, openAdministrator } from '../governance.ts';
import { formatTime } from '../times.ts';
import { formatTable } from '../width.ts';

const maxFileBytes = 1024 * 1024;
const states: readonly ProposalRow['state'][] = ['open', 'adopted', 'withdrawn', 'expired'];
/** Enough of an id to tell one proposal from all others of a network. */
const shownCharacters = 12;
const idPattern = /^[0-9a-f]{6,64}$/;

const stateWords: { readonly [state in ProposalRow['state']]: Words } = {
  open: { zh: '待同意', en: 'open' },
  adopted: { zh: '已通过', en: 'adopted' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
  expired: { zh: '已过期', en: 'expired' },
};

/** The gateway's answer: its shape is its contract, tested on its side. */
async function fetchProposals({ gateway }: Administrator, state?: string): Promise<readonly ProposalRow[]> {
  const json: Json = await gateway.getJson(withQuery('/v1/proposals', { state }));
  const proposals = isJsonObject(json) ? json['proposals'] : undefined;
  if (Array.isArray(proposals)) return proposals as unknown as readonly ProposalRow[]; // the OpenAPI document fixes the rest
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: gateway.url, status: 200 });
}

const actionWords: { readonly [action in ProposalAction['action']]: Words } = {
  registerDomain: { zh: '城市加入', en: 'a city joins' },
  amendDomain: { zh: '城市变更', en: 'a city changes' },
  registerType: { zh: '证照类型', en: 'a type' },
  registerBasis: { zh: '法律依据', en: 'a legal basis' },
  registerMatter: { zh: '事项', en: 'a matter' },
  recordCompromise: { zh: '登记密钥泄露', en: 'a key was compromised' },
};

function describeSubject({ action, input }: ProposalAction, context: Context): string {
  switch (action) {
    case 'registerDomain':
    case 'amendDomain':
      return `${say(context, input.name)}（${input.domain}，${input.msp}）`;
    case 'registerType':
      return `${say(context, input.definition.name)} ${input.definition.type}/${input.definition.version}`;
    case 'registerBasis':
      return `${say(context, input.name)} ${input.basis}`;
    case 'registerMatter':
      return `${say(context, input.name)} ${input.matter}`;
    case 'recordCompromise':
      return `${input.key} ${formatTime(input.from)}`;
  }
}

function countOrganisations(trust: Trust): number {
  return new Set(trust.domains.map(({ msp }) => msp)).size;
}

async function list(inputs: Inputs, context: Context): Promise<ExitCode> {
  const state = inputs.text('state');
  if (state !== undefined && !states.some((own) => own === state))
    throw usageError('option-choice', '--state', { choices: states.join(', ') });
  const administrator = await openAdministrator(inputs, context);
  const proposals = await fetchProposals(administrator, state);
  if (inputs.flag('json')) {
    context.out.write(`${JSON.stringify(proposals, null, 2)}\n`);
    return 0;
  }
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [
    label('提案', 'Proposal'),
    label('内容', 'What'),
    label('', ''),
    label('提出', 'By'),
    label('同意', 'Approvals'),
    label('现状', 'State'),
    label('期限', 'Until'),
  ];
  const needed = Math.floor(countOrganisations(administrator.known.trust) / 2) + 1;
  const rows = proposals.map(({ proposal, action, proposedBy, approvals, state: own, expires }) => [
    proposal.slice(0, shownCharacters),
    say(context, actionWords[action.action]),
    describeSubject(action, context),
    proposedBy,
    `${approvals.length}/${needed}`,
    say(context, stateWords[own]),
    formatTime(expires),
  ]);
  context.out.write(formatTable([head, ...rows]));
  return 0;
}

async function make(inputs: Inputs, context: Context): Promise<ExitCode> {
  const input = parseJson(await readBytes(resolve(context.cwd, inputs.operand(0)), maxFileBytes));
  const administrator = await openAdministrator(inputs, context);
  const done = {
    zh: '已提出，视为本方同意；过半数组织同意后立即生效',
    en: 'Proposed and approved by one’s own organisation; in force once more than half have',
  };
  return carryOut(administrator, { transaction: 'propose', input, done }, inputs, context);
}

/** A whole id, or as much of it as tells it from the others. @throws YinxinError USAGE, NOT_FOUND */
async function findProposal(administrator: Administrator, text: string): Promise<string> {
  if (!idPattern.test(text)) throw usageError('proposal', text.slice(0, 40));
  if (text.length === 64) return text;
  const find = async (state?: string) =>
    (await fetchProposals(administrator, state)).filter(({ proposal }) => proposal.startsWith(text));
  const open = await find('open');
  const found = open.length > 0 ? open : await find();
  const [first, ...others] = found;
  if (!first) throw new YinxinError('NOT_FOUND', { kind: 'proposal', proposal: text });
  if (others.length > 0) throw usageError('proposal-unclear', text);
  return first.proposal;
}

function runAct(transaction: string, done: Order['done']): Command['run'] {
  return async (inputs, context) => {
    const administrator = await openAdministrator(inputs, context);
    const proposal = await findProposal(administrator, inputs.operand(0));
    return carryOut(administrator, { transaction, input: { proposal }, done }, inputs, context);
  };
}

const proposalId: Words = { zh: '提案', en: 'PROPOSAL' };

export const proposalNoun: Noun = {
  name: 'proposal',
  summary: { zh: '须过半数组织同意的提案', en: 'what a majority of the organisations decides' },
  verbs: [
    {
      name: 'proposal make',
      synopsis: { zh: '文件', en: 'FILE' },
      summary: { zh: '提出一项提案，视为本方同意', en: 'make a proposal, approving it' },
      details: {
        zh: `文件是 JSON：{"action": …, "input": …}。action 是 registerDomain、amendDomain、registerType、registerBasis、registerMatter 或 recordCompromise。
三十天内过半数组织同意即生效。`,
        en: `The file is JSON: {"action": …, "input": …}; action is registerDomain, amendDomain, registerType, registerBasis, registerMatter or recordCompromise.
In force once more than half of the organisations approve, within thirty days.`,
      },
      examples: ['proposal make matter.json'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: make,
    },
    {
      name: 'proposal list',
      synopsis: { zh: '', en: '' },
      summary: { zh: '有哪些提案', en: 'which proposals there are' },
      details: { zh: '最新的在前，至多 50 项。', en: 'Newest first, at most 50.' },
      examples: ['proposal list --state open'],
      options: [
        {
          name: 'state',
          kind: 'text',
          value: { zh: '现状', en: 'STATE' },
          help: { zh: 'open、adopted、withdrawn 或 expired', en: 'open, adopted, withdrawn or expired' },
        },
        ...administratorOptions,
      ],
      operands: [0, 0],
      run: list,
    },
    {
      name: 'proposal approve',
      synopsis: proposalId,
      summary: { zh: '同意一项提案', en: 'approve a proposal' },
      details: {
        zh: '提案写“yinxin proposal list”里的编号，写开头几位就够。凑足多数时立即生效。',
        en: 'Named as in “yinxin proposal list”; its first digits are enough. With a majority it takes effect at once.',
      },
      examples: ['proposal approve 3fa9c01d22b7 --as 510100'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: runAct('approve', ({ state }) =>
        state === 'adopted'
          ? {
              zh: '已同意；过半数组织同意，提案通过并生效',
              en: 'Approved: with this majority it is adopted and in force',
            }
          : { zh: '已同意这项提案，待更多组织同意', en: 'Approved; more organisations have to' },
      ),
    },
    {
      name: 'proposal withdraw',
      synopsis: proposalId,
      summary: { zh: '撤回提案，或撤回本方的同意', en: 'take back a proposal, or one’s own approval' },
      details: {
        zh: '提出方撤回后提案即告结束；别的组织撤回的只是自己的同意。',
        en: 'Withdrawn by its proposer it is over; another takes back its own approval.',
      },
      examples: ['proposal withdraw 3fa9c01d22b7'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: runAct('withdraw', { zh: '已撤回', en: 'Withdrawn' }),
    },
    {
      name: 'proposal expire',
      synopsis: proposalId,
      summary: { zh: '把过了三十天的提案记为过期', en: 'put on record that a proposal ran out of time' },
      details: { zh: '任何城市的管理员都可以办。', en: 'Any city’s administrator may.' },
      examples: ['proposal expire 3fa9c01d22b7'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: runAct('expire', { zh: '已记为过期', en: 'On record as expired' }),
    },
  ] satisfies readonly Command[],
};
