/** Options that several commands share. */
import type { Option } from './command.ts';

const file = { zh: '文件', en: 'FILE' };

/** Every command has these. */
export const commonOptions: readonly Option[] = [
  { name: 'help', short: 'h', kind: 'flag', help: { zh: '显示帮助', en: 'show help' } },
  {
    name: 'lang',
    kind: 'text',
    value: { zh: 'zh|en', en: 'zh|en' },
    help: {
      zh: '用中文或英文说明（默认依系统语言，否则中文）',
      en: 'talk Chinese or English (default: the locale’s, else Chinese)',
    },
  },
  {
    name: 'gateway',
    kind: 'text',
    value: { zh: '地址', en: 'URL' },
    help: { zh: '网关地址（默认 http://localhost:8080）', en: 'the gateway (default http://localhost:8080)' },
  },
  { name: 'json', kind: 'flag', help: { zh: '输出 JSON，供程序读取', en: 'answer in JSON, for programs' } },
];

export const asOption: Option = {
  name: 'as',
  kind: 'text',
  value: { zh: '机关', en: 'ISSUER' },
  help: {
    zh: '以哪个机关的名义办理（统一社会信用代码或全称）',
    en: 'the body to act for (its credit code or full name)',
  },
};

export const clientOption: Option = {
  name: 'client',
  kind: 'text',
  value: file,
  help: { zh: '使用这份客户端文件', en: 'use this client file' },
};

export const pinOption: Option = {
  name: 'pin',
  kind: 'text',
  value: file,
  help: { zh: '信任根文件（默认 .yinxin/pin.json）', en: 'the pin (default .yinxin/pin.json)' },
};

export const trustOption: Option = {
  name: 'trust',
  kind: 'text',
  value: file,
  help: { zh: '使用这份信任清单，不向网关索取', en: 'use this trust list instead of the gateway’s' },
};

export const yesOption: Option = {
  name: 'yes',
  short: 'y',
  kind: 'flag',
  help: { zh: '不再询问，直接办理', en: 'do not ask, go on' },
};

/** `-o`, for a file or a folder as `help` says. */
export function outputOption(help: Option['help'], value: Option['help'] = file): Option {
  return { name: 'output', short: 'o', kind: 'text', value, help };
}
