/** What went wrong with files, gateway, clients and certificates. */
import type { Words } from '@yinxin/core';
import { findActWords, statusWords } from '../verdict-words.ts';
import { type Explains, text } from './explanation.ts';

const fileFaults: { readonly [reason: string]: Words } = {
  EXPORT: { zh: '里面不是本命令导出的证照', en: 'it holds something else than an export' },
  EACCES: { zh: '没有权限', en: 'permission denied' },
  EPERM: { zh: '没有权限', en: 'permission denied' },
  EROFS: { zh: '这里只能读，不能写', en: 'the place is read-only' },
  EISDIR: { zh: '它是文件夹，不是文件', en: 'it is a folder, not a file' },
  ENOTDIR: { zh: '路径中有一段不是文件夹', en: 'a part of its path is no folder' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
};

export const serviceExplains: Explains = {
  FILE_UNREADABLE: (details) => {
    const [file, reason] = [text(details, 'file'), text(details, 'reason')];
    if (reason === 'ENOENT') return { what: { zh: `找不到“${file}”。`, en: `There is no “${file}”.` } };
    if (!file) return undefined;
    const why = fileFaults[reason] ?? { zh: reason, en: reason };
    return {
      what: { zh: `“${file}”读不出或写不进：${why.zh}。`, en: `“${file}” cannot be read or written: ${why.en}.` },
    };
  },
  GATEWAY_UNREACHABLE: (details) => {
    const gateway = text(details, 'gateway');
    if (text(details, 'why') === 'x509')
      return {
        what: {
          zh: `网关 ${gateway} 的 HTTPS 证书不受这台机器信任。`,
          en: `The HTTPS certificate of ${gateway} is not trusted on this machine.`,
        },
        next: {
          zh: '请核对地址；自签的证书用环境变量 NODE_EXTRA_CA_CERTS 指明其根证书文件。',
          en: 'Check the address; for a certificate of your own name its root file in NODE_EXTRA_CA_CERTS.',
        },
      };
    if (details['status'] === undefined)
      return {
        what: { zh: `连不上网关 ${gateway}。`, en: `The gateway ${gateway} does not answer.` },
        next: {
          zh: '请检查网络，确认网关已启动，或用 --gateway 指明地址。',
          en: 'Check the network and that the gateway runs, or name it with --gateway.',
        },
      };
    return {
      what: {
        zh: `${gateway} 有回应，但不是印信网关（HTTP ${text(details, 'status')}）。`,
        en: `${gateway} answers, but not as a Yinxin gateway (HTTP ${text(details, 'status')}).`,
      },
      next: { zh: '请用 --gateway 指明地址。', en: 'Name the gateway with --gateway.' },
    };
  },
  CLIENT_FILE_MISSING: (details) =>
    details['domain'] !== undefined
      ? {
          what: {
            zh: `这里没有${text(details, 'domain')}的管理文件（.yinxin/admins/）。`,
            en: `There is no administrator’s file of ${text(details, 'domain')} here (.yinxin/admins/).`,
          },
          next: {
            zh: '请用 --as 写城市的区划代码或名称，用 --client 指明文件，或到有这份文件的机器上办理。',
            en: 'Name the city with --as or the file with --client, or do it on the machine that has it.',
          },
        }
      : details['issuer'] === undefined
        ? undefined
        : {
            what: {
              zh: `这里没有“${text(details, 'issuer')}”有权办理此事的客户端文件。`,
              en: `There is no client file here by which “${text(details, 'issuer')}” may do this.`,
            },
            next: {
              zh: '请核对机关，用 --client 指明它的客户端文件，或到有这份文件的机器上办理。',
              en: 'Check the body, name its client file with --client, or do it on the machine that has it.',
            },
          },
  TRUST_MISSING: (details) =>
    text(details, 'why') === 'pin'
      ? {
          what: {
            zh: '没有信任根文件（pin.json），无法判断信任清单的真假。',
            en: 'There is no pin (pin.json) to judge a trust list by.',
          },
          next: {
            zh: '请用 --pin 指明，或把它放进 .yinxin 文件夹。',
            en: 'Name it with --pin, or put it into the .yinxin folder.',
          },
        }
      : undefined,
  TYPE_UNKNOWN: (details) => ({
    what: { zh: `没有“${text(details, 'type')}”这种证照。`, en: `There is no type “${text(details, 'type')}”.` },
    next: { zh: '请用“yinxin types”查看所有类型。', en: 'List all types with “yinxin types”.' },
  }),
  // As a finding of `verify` it has core's sentence; here a body was refused its own order.
  NOT_ENTITLED: (details) =>
    details['command'] === undefined
      ? undefined
      : {
          what: { zh: '该机关无权颁发这种证照。', en: 'The body is not entitled to issue this type.' },
          next: {
            zh: '请用 --as 指明有权的机关，或核对证照类型。',
            en: 'Name an entitled body with --as, or check the type.',
          },
        },
  CLAIMS_REQUIRED: () => ({
    next: {
      zh: '请用证照文件或二维码查验；或加“--claim 栏目=内容”（可写多次）核对持证人所说；或加“--purpose 事由”以机关身份查询。',
      en: 'Verify the file or the code; or add “--claim FIELD=VALUE” for what the holder says; or “--purpose TEXT” to ask as a body.',
    },
  }),
  STATUS_STEP_ILLEGAL: (details) => {
    const [status, act] = [statusWords[text(details, 'from')], findActWords(text(details, 'act'))];
    if (!status || !act) return undefined;
    const certificate = text(details, 'certificate');
    return {
      what: {
        zh: `证照${certificate && ` ${certificate} `}目前${status.zh}，不能${act.zh}。`,
        en: `The certificate ${certificate && `${certificate} `}is ${status.en} at present and cannot be ${act.en}.`,
      },
      next: { zh: '请用“yinxin history 证照”查看它的历史。', en: 'Look at its history with “yinxin history CERT”.' },
    };
  },
};
