/** What the network command says to people: steps, states, help, and why something did not succeed. Chinese first, then English. */
import { type ErrorCode, type ErrorDetails, type Sentence, sentence, type Words, type YinxinError } from '@yinxin/core';
import type { Deployment } from './deployment.ts';
import type { NetworkPlan } from './plan.ts';

export const words = {
  prepare: { zh: '密钥、通道和合约', en: 'keys, channel and contract' },
  start: { zh: '启动进程', en: 'processes started and healthy' },
  join: { zh: '加入通道并安装合约', en: 'channel joined, contract installed' },
  agree: { zh: '各机构批准合约', en: 'contract approved and committed' },
  welcome: { zh: '新城市加入通道', en: 'new city let into the channel' },
  replace: { zh: '各机构批准新合约', en: 'new contract approved and committed' },
  build: { zh: '构建合约', en: 'contract built and packed' },
  install: { zh: '安装合约', en: 'contract installed' },
  approve: { zh: '本机构批准合约', en: 'contract approved by this organisation' },
  commit: { zh: '合约生效', en: 'contract committed' },
  ready: { zh: '各节点应答且互相认识', en: 'peers answer and know each other' },
  stop: { zh: '停止进程', en: 'processes stopped' },
  stopped: { zh: '网络已停止，数据仍在。', en: 'The network is stopped; its data stays.' },
  current: { zh: '网络运行的已是这里的合约。', en: 'The network runs this very contract already.' },
  removed: { zh: '网络及其数据已删除。', en: 'The network and its data are removed.' },
} as const satisfies { readonly [name: string]: Words };

const noFolder: Words = { zh: '它或它的上级不是文件夹', en: 'it, or a part of its path, is no folder' };

/** What is not as it should be, and what to do about it: of a network, of a word on the command line, of a file. */
const states: { readonly [reason: string]: Words } = {
  'not made': {
    zh: '这里还没有网络；请先运行“up”，或用 --home、YINXIN_NETWORK 指明网络所在的文件夹',
    en: 'there is no network here yet; run “up” first, or name the network’s folder with --home or YINXIN_NETWORK',
  },
  'not a count': { zh: '应为 3 至 9 的整数', en: 'is a whole number from 3 to 9' },
  'not a port': { zh: '应为 1024 至 65435 的整数', en: 'is a whole number from 1024 to 65435' },
  'not a city': {
    zh: '城市名应为大写字母开头的字母和数字，如 Sichuan',
    en: 'a city’s name is a capital letter, then letters and digits, such as Sichuan',
  },
  'not a command': { zh: '没有这个命令', en: 'is no command' },
  'not taken': { zh: '此命令没有这个选项或参数', en: 'is no option or argument of this command' },
  'not named': { zh: '请写明连接文件', en: 'name the connection profile' },
  'not asked': {
    zh: '这里无法询问；确要删除网络及其全部数据，请加上它',
    en: 'nobody can be asked here; add it to remove the network and all its data',
  },
  'not a node': { zh: '没有这个进程的日志；现有', en: 'there is no log of such a process; there are' },
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  EACCES: { zh: '没有权限', en: 'permission denied' },
  EROFS: { zh: '这里只能读，不能写', en: 'the place is read-only' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
  'not JSON': { zh: '内容不是 JSON', en: 'it is not JSON' },
  'not ours': { zh: '文件内容不是这里应有的', en: 'the file is not what belongs there' },
  'not running': { zh: '网络没有运行，请先运行“up”', en: 'the network is not running; run “up” first' },
  running: { zh: '网络正在运行，请先运行“down”', en: 'the network is running; run “down” first' },
  busy: {
    zh: '另一条命令正在操作这个网络，请等它结束',
    en: 'another command is at work on this network; wait for it to end',
  },
  'port in use': {
    zh: '已被别的程序或另一个网络占用；请停止它，或用 --base-port 另选一段端口',
    en: 'another program or network listens on it; stop that, or choose other ports with --base-port',
  },
  'city is there': { zh: '这个城市已在网络中', en: 'this city is in the network already' },
  'another city is joining': {
    zh: '另一个城市正在加入，请先运行“up”完成',
    en: 'another city is joining; run “up” first, which finishes that',
  },
  'no room for a city': { zh: '一台机器上最多九个城市', en: 'a machine takes at most nine cities' },
  'port taken': {
    zh: '网络建成时就用它，现被别的程序占用；请停止那个程序',
    en: 'another program listens on it, and this network was made with it; stop that program',
  },
  'other options': {
    zh: '网络已按别的选项建成；增加城市用“add-city”，重建用“reset”',
    en: 'the network was made with other options; add a city with “add-city”, or begin anew with “reset”',
  },
};

function text(details: ErrorDetails, name: string): string | undefined {
  const value = details[name];
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

const named = [
  'step',
  'program',
  'version',
  'city',
  'missing',
  'folder',
  'setting',
  'member',
  'file',
  'option',
] as const;

/** What the error is about, where its sentence alone would not say. */
function describeSubject(details: ErrorDetails): Words | undefined {
  const state = states[text(details, 'reason') ?? ''];
  const [port, process] = [text(details, 'port'), text(details, 'process')];
  const found = named.flatMap((name) => text(details, name) ?? []).join(' · ');
  const parts = (sentence: string | undefined, words: readonly [port: string, process: string], colon: string) =>
    [found, port && `${words[0]} ${port}`, process && `${words[1]} ${process}`, sentence, text(details, 'why')]
      .filter((part) => part !== undefined && part !== '')
      .join(colon);
  const subject = {
    zh: parts(state?.zh, ['端口', '进程'], '：'),
    en: parts(state?.en, ['port', 'process'], ': '),
  };
  return subject.en === '' ? undefined : subject;
}

/** Where the sentences of the code are about another program, or say less than the reason. */
function chooseSentences(code: ErrorCode, details: ErrorDetails): { readonly zh: Sentence; readonly en: Sentence } {
  if (code === 'USAGE') {
    const next = 'npm run network -- help';
    return {
      zh: { what: '命令写得不对。', next: `用法见“${next}”。` },
      en: { what: 'The command line is not understood.', next: `See “${next}”.` },
    };
  }
  const [zh, en] = [sentence(code, 'zh'), sentence(code, 'en')];
  if (code !== 'NETWORK_STATE' || !states[text(details, 'reason') ?? '']) return { zh, en };
  return { zh: { what: '没有执行。', next: '' }, en: { what: 'Not done.', next: '' } };
}

/** One sentence in each language: what, why, what to do. */
export function formatProblem({ code, details }: YinxinError): string {
  const { zh, en } = chooseSentences(code, details);
  const subject = describeSubject(details);
  const about = (part: string | undefined, colon: string) => (part === undefined ? '' : `${colon}${part}`);
  return [
    `${zh.what.replace(/。$/, '')}${about(subject?.zh, '：')}。${zh.next}`,
    `${en.what.replace(/\.$/, '')}${about(subject?.en, ': ')}. ${en.next}`.trimEnd(),
    code,
    '',
  ].join('\n');
}

/** A path as a shell takes it. */
export function quoteForShell(text: string): string {
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What comes after a command: how to see it at work. */
export const nextSteps = {
  up: { zh: '启动网关', en: 'Start the gateways' },
  city: {
    zh: '已在运行的网关重新启动后，新城市便有自己的网关',
    en: 'Start the gateways again, and the new city has one of its own',
  },
  upgrade: {
    zh: '网关按自己的规则重算每笔交易：规则若有改动，请用同一版本重新启动网关',
    en: 'Gateways run the rules again on each transaction: if rules changed, start them again from the same version',
  },
} as const satisfies { readonly [name: string]: Words };

/** What `up`, `add-city` and `upgrade` say at their end. */
export function formatReady(
  { cities, basePort, ordering, contract }: NetworkPlan,
  { home, isDefault }: { readonly home: string; readonly isDefault: boolean },
  next: Words,
): string {
  const orderers = ordering === 'bft' ? '4 SmartBFT' : '1 Raft';
  const identity = contract ? `${contract.sm3.slice(0, sm3Shown)}… (${contract.sequence})` : '–';
  const start = `${isDefault ? '' : `YINXIN_NETWORK=${quoteForShell(home)} `}npm start -- --ledger fabric`;
  return [
    '',
    `网络已就绪：${cities.length} 个城市（${cities.join('、')}），${orderers} 排序，端口自 ${basePort} 起，合约 SM3 ${identity}。`,
    `  连接文件在 ${home}/profiles`,
    `  ${next.zh}：${start}`,
    '',
    `The network is ready: ${cities.length} cities (${cities.join(', ')}), ${orderers} ordering, ports from ${basePort}, contract SM3 ${identity}.`,
    `  Connection profiles are in ${home}/profiles`,
    `  ${next.en}: ${start}`,
    '',
  ].join('\n');
}

const sm3Shown = 16;

/** Of a command that was ended by hand. */
export const interrupted = `
已中断。再运行同一命令会接着做完。
Interrupted. The same command, run again, goes on.
`;

/** What `deploy` says at its end: what the organisation itself has to run, and for whom it waits. */
export function formatDeployment({
  approval,
  contractFolder,
  modulesFolder,
  isCommitted,
  missing,
}: Deployment): string {
  const start = [
    '',
    `    NODE_PATH=${quoteForShell(modulesFolder)} node \\`,
    `      ${quoteForShell(`${contractFolder}/server.cjs`)} \\`,
    '      --chaincode-address HOST:PORT --chaincode-tls-cert-file CERT --chaincode-tls-key-file KEY \\',
    '      --chaincode-tls-client-cacert-file CA \\',
    `      --chaincode-id ${approval.packageId}`,
    '',
  ];
  const waiting = missing.join('、');
  return [
    '',
    isCommitted
      ? `合约已生效（第 ${approval.sequence} 版）。请让合约进程运行：`
      : `本机构已批准（第 ${approval.sequence} 版），等待：${waiting}。多数批准后再运行一次即生效。请让合约进程运行：`,
    isCommitted
      ? `The contract is committed (sequence ${approval.sequence}). Keep its process running:`
      : `Approved (sequence ${approval.sequence}); waiting for ${missing.join(', ')}. Run this again once a majority has approved. Keep the contract's process running:`,
    ...start,
  ].join('\n');
}
