/** What the network command says to people: steps, states, help, and why something did not succeed. Chinese first, then English. */
import { type ErrorDetails, sentence, type Words, type YinxinError } from '@yinxin/core';
import type { Deployment } from './deploy.ts';
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

/** Of NETWORK_STATE: what is not as it should be, and what to do about it. */
const states: { readonly [reason: string]: Words } = {
  'not made': { zh: '这里还没有网络，请先运行“up”', en: 'there is no network here yet; run “up” first' },
  'not running': { zh: '网络没有运行，请先运行“up”', en: 'the network is not running; run “up” first' },
  running: { zh: '网络正在运行，请先运行“down”', en: 'the network is running; run “down” first' },
  busy: {
    zh: '另一条命令正在操作这个网络，请等它结束',
    en: 'another command is at work on this network; wait for it to end',
  },
  'port in use': {
    zh: '端口已被别的程序或另一个网络占用；请停止它，或用 --base-port 另选一段端口',
    en: 'another program or network listens on this port; stop that, or choose other ports with --base-port',
  },
  'city is there': { zh: '这个城市已在网络中', en: 'this city is in the network already' },
  'another city is joining': {
    zh: '另一个城市正在加入，请先运行“up”完成',
    en: 'another city is joining; run “up” first, which finishes that',
  },
  'no room for a city': { zh: '一台机器上最多九个城市', en: 'a machine takes at most nine cities' },
  'port taken': {
    zh: '网络建成时用的端口现被别的程序占用；请停止那个程序',
    en: 'another program listens on a port that this network was made with; stop that program',
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

/** What the error is about, where its sentence alone would not say. */
function describeSubject(details: ErrorDetails): Words | undefined {
  const state = states[text(details, 'reason') ?? ''];
  const names = [
    'step',
    'program',
    'version',
    'port',
    'process',
    'city',
    'missing',
    'setting',
    'member',
    'file',
    'option',
  ];
  const found = names.flatMap((name) => text(details, name) ?? []).join(' · ');
  const parts = (sentence: string | undefined, colon: string) =>
    [found, sentence, text(details, 'why')].filter((part) => part !== undefined && part !== '').join(colon);
  const subject = { zh: parts(state?.zh, '：'), en: parts(state?.en, ': ') };
  return subject.en === '' ? undefined : subject;
}

/** One sentence in each language: what, why, what to do. */
export function formatProblem({ code, details }: YinxinError): string {
  const zh = sentence(code, 'zh');
  const en = sentence(code, 'en');
  const subject = describeSubject(details);
  const about = (part: string | undefined) => (part === undefined ? '' : ` (${part})`);
  return [
    `${zh.what.replace(/。$/, '')}${about(subject?.zh)}。${zh.next}`,
    `${en.what.replace(/\.$/, '')}${about(subject?.en)}. ${en.next}`,
    code,
    '',
  ].join('\n');
}

/** What `up` says at its end. */
export function formatReady({ cities, basePort, ordering }: NetworkPlan, home: string): string {
  const orderers = ordering === 'bft' ? '4 SmartBFT' : '1 Raft';
  return [
    '',
    `网络已就绪：${cities.length} 个城市（${cities.join('、')}），${orderers} 排序，端口自 ${basePort} 起。`,
    `  连接文件在 ${home}/profiles`,
    '',
    `The network is ready: ${cities.length} cities (${cities.join(', ')}), ${orderers} ordering, ports from ${basePort}.`,
    `  Connection profiles are in ${home}/profiles`,
    '',
  ].join('\n');
}

/** What `deploy` says at its end: what the organisation itself has to run, and for whom it waits. */
export function formatDeployment({ approval, contractFolder, isCommitted, missing }: Deployment): string {
  const start = [
    '',
    '    NODE_PATH=node_modules node \\',
    `      ${contractFolder}/server.cjs \\`,
    '      --chaincode-address HOST:PORT --chaincode-tls-cert-file CERT --chaincode-tls-key-file KEY \\',
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
