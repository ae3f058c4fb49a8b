/** What main.ts says to people: why it could not start, and where to look once it has. Chinese first, then English. */
import { type ErrorDetails, type Identifier, sentence, type Words, type YinxinError } from '@yinxin/core';
import { padColumns } from './demo/progress.ts';

const notPermitted: Words = { zh: '没有权限', en: 'permission denied' };
const noFolder: Words = { zh: '它或它的上级不是文件夹', en: 'it, or a part of its path, is no folder' };

/** What the system says of a folder. */
const folderFaults: { readonly [reason: string]: Words } = {
  EACCES: notPermitted,
  EPERM: notPermitted,
  EROFS: { zh: '这里只能读，不能写', en: 'the place is read-only' },
  EEXIST: noFolder,
  ENOTDIR: noFolder,
  ENOENT: { zh: '这里不能建文件夹', en: 'no folder can be made there' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
};

const reasons: { readonly [reason: string]: Words } = {
  'not a port': { zh: '不是 0 到 65535 的整数', en: 'is no whole number from 0 to 65535' },
  'not permitted': {
    zh: '是本用户无权使用的端口，1024 以下的端口须有特权',
    en: 'is a port that this user may not use: those below 1024 need special rights',
  },
  'not an origin': {
    zh: '不是 http(s)://主机[:端口] 形式的地址',
    en: 'is no address of the form http(s)://host[:port], without a path',
  },
  'missing beside the other': {
    zh: '没有设置，而证书和私钥须同时给出',
    en: 'is not set, but certificate and key go together',
  },
  'not the key of the certificate': { zh: '与证书不配或不是 PEM', en: 'is no PEM, or not the key of the certificate' },
  'unknown argument': {
    zh: '不是这里的参数；可写 --ledger embedded 或 --ledger fabric',
    en: 'is no argument here; there are --ledger embedded and --ledger fabric',
  },
  'not a ledger': { zh: '只能是 embedded 或 fabric', en: 'is embedded or fabric' },
  'not with this ledger': {
    zh: '与 --ledger embedded 不能同用',
    en: 'does not go with --ledger embedded',
  },
  'missing beside the profile': {
    zh: '没有设置，而 YINXIN_FABRIC_PROFILE 须同时指明是哪个城市的网关（六位区划代码）',
    en: 'is not set, but YINXIN_FABRIC_PROFILE needs to know whose gateway this is (six digits)',
  },
  'not a domain': { zh: '不是六位区划代码', en: 'is no code of six digits' },
  'of another': {
    zh: '是另一个组织的城市，与连接配置不符',
    en: 'is a domain of another organisation than the connection profile’s',
  },
  'not founded': {
    zh: '还不能启动：网络尚未建立，账本上没有任何登记',
    en: 'cannot be served yet: nothing was founded on this network',
  },
  'not registered': {
    zh: '还没有登记在账本上，须先由网络中的城市提议并过半数同意',
    en: 'is not on the ledger yet: the cities of the network must propose and approve it',
  },
  'no network': {
    zh: '所指的文件夹里没有可用的网络，请先运行 npm run network -- up',
    en: 'names a folder without a network: run npm run network -- up first',
  },
  'founded elsewhere': {
    zh: '不是建立这个网络的数据文件夹，没有它的密钥；请用原来的文件夹，或先运行 npm run network -- reset 重建网络',
    en: 'is not the data folder that founded this network and has none of its keys: use that one, or make the network anew with npm run network -- reset',
  },
  'data of embedded': {
    zh: '里是内嵌账本的数据，不能用于 Fabric 网络；请另设 YINXIN_HOME，或移走那个文件夹',
    en: 'holds data of the embedded ledger, which is of no use on Fabric: name another folder, or move that one away',
  },
  'data of fabric': {
    zh: '里是 Fabric 网络的数据，不能用于内嵌账本；请加 --ledger fabric，或另设 YINXIN_HOME',
    en: 'holds data of a Fabric network, which is of no use with the embedded ledger: add --ledger fabric, or name another folder',
  },
  'data of another network': {
    zh: '里是另一个 Fabric 网络的数据（例如重建以前的）；请移走那个文件夹，或另设 YINXIN_HOME',
    en: 'holds data of another Fabric network, such as the one before a reset: move that folder away, or name another',
  },
  'no place for backups': {
    zh: '所指的文件夹建不了或写不进，备份没有地方放',
    en: 'names a folder that cannot be made or written: there is no place for backups',
  },
  unreadable: { zh: '所指的文件读不出', en: 'names a file that cannot be read' },
  damaged: { zh: '内容损坏', en: 'is damaged' },
  empty: { zh: '内容为空', en: 'is empty' },
  'too long': { zh: '太长', en: 'is too long' },
  interrupted: { zh: '没有输入', en: 'was not given' },
  'neither a file nor a terminal': {
    zh: '没有设置，这里也无法输入口令',
    en: 'is not set, and there is no terminal to ask on',
  },
};

function text(details: ErrorDetails, name: string): string | undefined {
  const value = details[name];
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** What the error is about, where its sentence alone would not say. */
function describeSubject(details: ErrorDetails): Words | undefined {
  const setting = text(details, 'setting');
  const reason = reasons[text(details, 'reason') ?? ''];
  if (setting !== undefined && reason) return { zh: `${setting} ${reason.zh}`, en: `${setting} ${reason.en}` };
  const expired = text(details, 'expired');
  if (expired !== undefined) {
    const who = [text(details, 'msp'), text(details, 'role')].filter((part) => part !== undefined).join(' ');
    return {
      zh: `${who} 的 X.509 证书已于 ${expired} 到期`,
      en: `the X.509 certificate of ${who} ended at ${expired}`,
    };
  }
  const port = text(details, 'port');
  if (port !== undefined) return { zh: `端口 ${port}`, en: `port ${port}` };
  const owner = text(details, 'process');
  if (owner !== undefined) return { zh: `进程 ${owner}`, en: `process ${owner}` };
  const file = text(details, 'file') ?? text(details, 'keys');
  if (file === undefined) return undefined;
  const code = text(details, 'reason');
  const fault = code === undefined ? undefined : (folderFaults[code] ?? { zh: code, en: code });
  return fault ? { zh: `${file}：${fault.zh}`, en: `${file}: ${fault.en}` } : { zh: file, en: file };
}

/** One sentence in each language: what, why, what to do. The state of a network has a reason that says what to do itself. */
export function formatStartProblem({ code, details }: YinxinError): string {
  const subject = describeSubject(details);
  const isTold = code === 'NETWORK_STATE' && subject !== undefined;
  const zh = isTold ? { what: '没有启动。', next: '' } : sentence(code, 'zh');
  const en = isTold ? { what: 'Not started.', next: '' } : sentence(code, 'en');
  const about = (words: string | undefined) => (words === undefined ? '' : ` (${words})`);
  return [
    `${zh.what.replace(/。$/, '')}${isTold ? `：${subject.zh}` : about(subject?.zh)}。${zh.next}`,
    `${en.what.replace(/\.$/, '')}${isTold ? `: ${subject.en}` : about(subject?.en)}. ${en.next}`.trimEnd(),
    code,
    '',
  ].join('\n');
}

/** A path as a shell takes it. */
export function quoteForShell(path: string): string {
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

export interface Welcome {
  readonly url: string;
  readonly home: string;
  /** How the command is called from here: with YINXIN_HOME where the data lies elsewhere. */
  readonly prefix: string;
  readonly hasPage: boolean;
  /** A certificate that anyone may look up by number. */
  readonly example: Identifier | undefined;
  /** Every city's page, where there is more than one. */
  readonly cities: readonly { readonly name: Words; readonly url: string }[];
}

const columns = 38;

export function formatWelcome({ url, home, prefix, hasPage, example, cities }: Welcome): string {
  const commands: readonly (readonly [command: string, words: Words])[] = [
    ['types', { zh: '看看有哪些证照', en: 'which certificates there are' }],
    ['issue certs/samples/business-licence.csv', { zh: '签发一批营业执照', en: 'issue a roster of business licences' }],
    [`verify ${example ?? 'FILE'}`, { zh: '验证一份示范证照', en: 'verify a demonstration certificate' }],
  ];
  const list = (language: 'zh' | 'en') =>
    commands.map(([command, words]) => `    ${padColumns(words[language], columns)}${prefix}npx yinxin ${command}`);
  const listCities = (language: 'zh' | 'en') =>
    cities.map((city) => `    ${padColumns(city.name[language], columns)}${city.url}`);
  return [
    '',
    `印信已就绪：${url}${hasPage ? '' : '（没有核验页面，请用 npm start 启动）'}`,
    ...(cities.length > 0 ? ['  各城市的网关和查验页面：', ...listCities('zh')] : []),
    `  数据在 ${home}，Ctrl-C 结束。在另一个终端试试：`,
    ...list('zh'),
    '',
    `Yinxin is ready: ${url}${hasPage ? '' : ' (without the page: use npm start)'}`,
    ...(cities.length > 0 ? ['  Each city’s gateway and page:', ...listCities('en')] : []),
    `  Data is in ${home}; Ctrl-C ends it. Try in another terminal:`,
    ...list('en'),
    '',
  ].join('\n');
}
