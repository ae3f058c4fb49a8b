/** What went wrong with the rules of the network: acts, bodies, keys, agreements, proposals. */
import { type ErrorDetails, parseInstant, type Words } from '@yinxin/core';
import { formatTime } from '../times.ts';
import { type Explains, text } from './explanation.ts';

/** A time by the clock of Beijing; empty where it is not told. */
function timeOf(details: ErrorDetails, name: string): string {
  const value = text(details, name);
  return value && formatTime(parseInstant(value));
}

/** Which time may be written, where the ledger says it. */
function explainBound(details: ErrorDetails): { readonly what: Words; readonly next: Words } | undefined {
  const [earliest, before] = [timeOf(details, 'earliest'), timeOf(details, 'before')];
  if (!earliest && !before) return undefined;
  return {
    what: { zh: '写明的时间太早或太晚。', en: 'The time given is too early or too late.' },
    next: earliest
      ? { zh: `请写 ${earliest} 以后的时间（北京时间）。`, en: `Write one from ${earliest} on (Beijing time).` }
      : { zh: `请写 ${before} 以前的时间（北京时间）。`, en: `Write one before ${before} (Beijing time).` },
  };
}

const unknownKey: { readonly what: Words; readonly next: Words } = {
  what: { zh: '没有这把密钥。', en: 'There is no such key.' },
  next: { zh: '请用“yinxin key list”查看密钥编号。', en: 'See “yinxin key list” for the keys.' },
};

export const networkExplains: Explains = {
  BASIS_UNKNOWN: (details) => {
    const [basis, choices] = [text(details, 'basis'), text(details, 'choices')];
    if (!choices) return undefined;
    return {
      what: {
        zh: `没有登记“${basis}”，或它不适用于这种处理。`,
        en: `“${basis}” is not registered, or not for this act.`,
      },
      next: { zh: `请从中选择：${choices}。`, en: `Choose one: ${choices}.` },
    };
  },
  // As a finding of `verify` it has core's sentence; here somebody acts for a body that is closed.
  ISSUER_CLOSED: (details) => {
    if (details['command'] === undefined) return undefined;
    const successor = text(details, 'successor');
    return {
      what: { zh: '该机关已经撤并，不能再办理。', en: 'The body is closed and acts no more.' },
      next: successor
        ? { zh: `请由承接机构 ${successor} 办理。`, en: `The body that took over, ${successor}, may act.` }
        : {
            zh: '请由承接机构办理：见 yinxin issuer list。',
            en: 'The body that took over may act: see yinxin issuer list.',
          },
    };
  },
  ISSUER_UNKNOWN: (details) =>
    details['command'] === undefined
      ? undefined
      : {
          what: {
            zh: `没有登记“${text(details, 'issuer')}”这个机关。`,
            en: `There is no body “${text(details, 'issuer')}”.`,
          },
          next: { zh: '请用“yinxin issuer list”查看。', en: 'See “yinxin issuer list”.' },
        },
  NOT_FOUND: (details) => {
    const kind = text(details, 'kind');
    if (kind !== 'agreement' && kind !== 'proposal') return undefined;
    const name = text(details, kind);
    const thing = kind === 'agreement' ? { zh: '协议', en: 'agreement' } : { zh: '提案', en: 'proposal' };
    return {
      what: { zh: `没有“${name}”这项${thing.zh}。`, en: `There is no ${thing.en} “${name}”.` },
      next: { zh: `请用“yinxin ${kind} list”查看。`, en: `See “yinxin ${kind} list”.` },
    };
  },
  KEY_UNKNOWN: (details) => (details['command'] === undefined ? undefined : unknownKey),
  MALFORMED_KEY: (details) => (details['command'] === undefined ? undefined : unknownKey),
  SIGNING_KEY_MISSING: (details) =>
    details['command'] === undefined
      ? undefined
      : {
          what: { zh: '没有现用的密钥可以签名或担保。', en: 'No key in force can sign or vouch.' },
          next: {
            zh: '登记新密钥请加 --recovery：公示 24 小时后启用。',
            en: 'Register a new one with --recovery: it waits 24 hours in public.',
          },
        },
  EFFECTIVE_ILLEGAL: explainBound,
  INPUT_INVALID: (details) => {
    const member = text(details, 'member');
    if (details['command'] === undefined || !member) return undefined;
    return (
      explainBound(details) ?? {
        what: { zh: `“${member}”不合要求。`, en: `“${member}” is not as it should be.` },
        next: { zh: '请改正后再试。', en: 'Correct it and try again.' },
      }
    );
  },
};
