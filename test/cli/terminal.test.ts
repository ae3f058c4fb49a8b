/** Progress and questions: on a terminal one line and an answer, in a pipe plain lines and none. */
import { toInstant } from '@yinxin/core';
import { expect } from 'chai';
import type { Context } from '../../issuer-cli/context.ts';
import { confirm, paint, startProgress } from '../../issuer-cli/terminal.ts';

function makeContext(isTerminal: boolean, answer?: string): { readonly context: Context; readonly written: string[] } {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal, columns: 80 };
  const context: Context = {
    env: {},
    cwd: '/',
    language: 'zh',
    now: () => toInstant(0),
    random: (bytes) => new Uint8Array(bytes),
    out: output,
    err: output,
    ...(answer === undefined ? {} : { ask: async () => answer }),
    readInput: async () => new Uint8Array(),
  };
  return { context, written };
}

describe('the terminal', () => {
  it('shows progress on one line that is written over, with rate and time left', () => {
    const { context, written } = makeContext(true);
    const progress = startProgress(context, '签发', 4000, 1000);
    progress.report(500); // of what was done before
    progress.report(4000);
    progress.report(4000);
    progress.finish();
    expect(written).to.have.length(3);
    expect(written[0]).to.match(/^\r━{5}─{15} {2}签发 1,000\/4,000 *$/);
    expect(written[1]).to.match(/^\r━{20} {2}签发 4,000\/4,000，每秒 [\d,]+ 份 *$/);
    expect(written[2]).to.equal('\n');
  });

  it('tells the rate of late and the time that is left by it, and at the end the rate of the whole', () => {
    const realNow = performance.now;
    let now = 0;
    performance.now = () => now;
    try {
      const { context, written } = makeContext(false);
      const progress = startProgress(context, '签发', 1_000_000, 300_000);
      const steps: readonly (readonly [second: number, done: number])[] = [
        [20, 300_100], // it looked through what was done before
        [22, 320_100],
        [31, 410_100],
        [33, 430_100],
        [90, 1_000_000],
      ];
      for (const [second, done] of steps) {
        now = second * 1000;
        progress.report(done);
      }
      expect(written.map((line) => line.trim())).to.deep.equal([
        '签发 300,100/1,000,000，每秒 5 份，约剩 2333 分钟',
        '签发 320,100/1,000,000，每秒 914 份，约剩 12 分钟',
        '签发 410,100/1,000,000，每秒 10,000 份，约剩 59 秒',
        '签发 430,100/1,000,000，每秒 10,000 份，约剩 57 秒',
        '签发 1,000,000/1,000,000，每秒 7,778 份',
      ]);
    } finally {
      performance.now = realNow;
    }
  });

  it('leaves the bar out where the line has no room for it, and counts where no total is known', () => {
    const { context, written } = makeContext(true);
    startProgress({ ...context, err: { ...context.err, columns: 30 } }, '签发', 4000);
    expect(written.pop()).to.match(/^\r签发 0\/4,000 *$/);
    const counting = startProgress(context, '检查', undefined);
    counting.report(1024);
    counting.finish();
    expect(written).to.deep.equal([]);
  });

  it('shows it in plain lines in a pipe, the last one always', () => {
    const { context, written } = makeContext(false);
    const progress = startProgress(context, '签发', 10);
    progress.report(5);
    progress.report(10);
    progress.finish();
    expect(written.join('')).to.match(/^签发 10\/10，每秒 [\d,]+ 份\n$/);
  });

  it('asks, and takes only a clear yes for one', async () => {
    for (const [answer, agreed] of [
      ['y', true],
      ['是', true],
      ['', false],
      ['n', false],
      ['yesterday', false],
    ] as const) {
      expect(await confirm(makeContext(true, answer).context, '？', false), answer).to.equal(agreed);
    }
  });

  it('does not ask in a pipe, nor when the answer was given', async () => {
    expect(await confirm(makeContext(false).context, '？', false)).to.equal(true);
    expect(await confirm(makeContext(true, 'n').context, '？', true)).to.equal(true);
  });

  it('is coloured unless NO_COLOR or a dumb terminal forbids it', () => {
    const { context } = makeContext(true);
    const text = (env: Context['env']) => paint({ ...context, env }, context.out, 'bad', '无效');
    expect(text({})).to.equal('\u001b[31m无效\u001b[0m');
    expect([text({ NO_COLOR: '1' }), text({ TERM: 'dumb' })]).to.deep.equal(['无效', '无效']);
    const piped = makeContext(false).context;
    expect(paint(piped, piped.out, 'bad', '无效')).to.equal('无效');
  });
});
