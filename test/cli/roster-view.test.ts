/** How the problems of a roster are shown. */
import { toInstant } from '@yinxin/core';
import { expect } from 'chai';
import type { Context } from '../../issuer-cli/context.ts';
import { formatFindings, listFindings } from '../../issuer-cli/roster-view.ts';
import { licence } from './rosters/support.ts';

const output = { write: () => undefined, isTerminal: false, columns: 80 };
const context: Context = {
  env: {},
  cwd: '/',
  language: 'zh',
  now: () => toInstant(0),
  random: (bytes) => new Uint8Array(bytes),
  out: output,
  err: output,
  readInput: async () => new Uint8Array(),
};

describe('the problems of a roster', () => {
  const missing = licence.fields.map((field) => ({ line: 7, code: 'FIELD_MISSING' as const, field }));
  const [first, second] = missing;
  if (!first || !second) throw new Error('a type has two fields');

  it('of one kind in several columns of a row are one line; those of another row are not', () => {
    expect(formatFindings(missing, context)).to.include(`统一社会信用代码、名称等 ${missing.length} 栏  缺少必填项。`);
    const lines = formatFindings([first, second, { ...first, line: 8 }], context).split('\n');
    expect(lines[1]).to.match(/^ {2}7 +统一社会信用代码、名称 /);
    expect(lines[2]).to.match(/^ {2}8 +统一社会信用代码 /);
  });

  it('are one by one for machines', () => {
    expect(listFindings(missing, context)).to.have.length(missing.length);
  });
});
