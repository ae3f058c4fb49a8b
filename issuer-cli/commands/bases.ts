/** `bases` and `matters`: the codes that acts and presentations name, with their words, as the registry has them. */
import { actWords, type Words } from '@yinxin/core';
import type { Command, Inputs } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { openHome } from '../home.ts';
import { pinOption, trustOption } from '../options.ts';
import { type KnownTrust, loadTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';

const offlineOption = {
  name: 'offline',
  kind: 'flag',
  help: { zh: '不连网关', en: 'do not ask the gateway' },
} as const;

function formatCodes(head: readonly Words[], rows: readonly (readonly string[])[], context: Context): string {
  return formatTable([head.map((words) => say(context, words)), ...rows]);
}

function lister(
  select: (known: KnownTrust) => object,
  format: (known: KnownTrust, context: Context) => string,
): (inputs: Inputs, context: Context) => Promise<ExitCode> {
  return async (inputs, context) => {
    const known = await loadTrust(await openHome(inputs, context), inputs, context);
    context.out.write(inputs.flag('json') ? `${JSON.stringify(select(known), null, 2)}\n` : format(known, context));
    return 0;
  };
}

export const basesCommand: Command = {
  name: 'bases',
  synopsis: { zh: '', en: '' },
  summary: { zh: '有哪些法律依据，各可用于什么处理', en: 'the legal bases, and which acts each supports' },
  details: {
    zh: '变更状态时 --basis 只能写这里的代码。新的依据由各方多数登记（yinxin proposal make）。',
    en: '--basis of a change of status takes one of these codes. A new one is registered by majority (yinxin proposal make).',
  },
  examples: ['bases'],
  options: [trustOption, pinOption, offlineOption],
  operands: [0, 0],
  run: lister(
    ({ trust }) => trust.bases,
    ({ trust }, context) => {
      const head = [
        { zh: '代码', en: 'Code' },
        { zh: '可用于', en: 'For' },
        { zh: '依据', en: 'Basis' },
      ];
      const rows = trust.bases.map(({ basis, name, acts }) => [
        basis,
        acts.map((act) => say(context, actWords[act])).join(say(context, { zh: '、', en: ', ' })),
        say(context, name),
      ]);
      return formatCodes(head, rows, context);
    },
  ),
};

export const mattersCommand: Command = {
  name: 'matters',
  synopsis: { zh: '', en: '' },
  summary: { zh: '有哪些办事事项', en: 'the matters that certificates are presented for' },
  details: {
    zh: '有的互认协议只适用于部分事项：查验时用 --matter 写明办什么事，写代号或名称都可以。',
    en: 'Some agreements cover some matters only: name one with --matter of verify, by its slug or its name.',
  },
  examples: ['matters'],
  options: [trustOption, pinOption, offlineOption],
  operands: [0, 0],
  run: lister(
    ({ trust }) => trust.matters,
    ({ trust }, context) => {
      const head = [
        { zh: '代号', en: 'Matter' },
        { zh: '名称', en: 'Name' },
      ];
      return formatCodes(
        head,
        trust.matters.map(({ matter, name }) => [matter, say(context, name)]),
        context,
      );
    },
  ),
};
