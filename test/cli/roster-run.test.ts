/** The way of a roster against a real gateway: good rows are done, bad ones returned, and whatever happens on the way it is gone on with. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { chengduMarket, market, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { type LiveCommand, makeFolder, runLive } from './support.ts';

const sample = readFileSync(new URL('../../certs/samples/business-licence.csv', import.meta.url), 'utf8');
const [header = '', ...sampleRows] = sample.trim().split(/\r?\n/);
const row = (number: number) => (sampleRows[number % sampleRows.length] ?? '').replace('示范', `示范${number}`);
const bad = () => row(0).replace('91990300DEMB00022U', '91990300DEMB00022X');
const makeRoster = (rows: readonly string[], head = header) => `${[head, ...rows].join('\r\n')}\r\n`;
const rows = (count: number) => Array.from({ length: count }, (_, at) => row(at));

interface Done {
  readonly run: string;
  readonly folder: string;
  readonly rows: number;
  readonly done: number;
  readonly failed: number;
  readonly failedRoster: string | null;
  readonly batches: readonly { readonly first: number; readonly rows: number }[];
  readonly failures: readonly { readonly line: number; readonly column: string; readonly code: string }[];
  readonly certificates?: readonly { readonly line: number; readonly identifier: string; readonly file: string }[];
}

const parse = (text: string) => JSON.parse(text) as Done;
const act = ['--basis', 'licence-law-69', '--document', '示范〔2026〕7号'];

describe('the way of a roster', function () {
  this.timeout(60_000);
  let folder: ReturnType<typeof makeFolder>;
  let gateway: TestGateway;
  let yinxin: LiveCommand;

  before(async () => {
    folder = makeFolder();
    gateway = await startTestGateway();
    yinxin = runLive(gateway, folder.path);
  });
  after(async () => {
    expect(gateway.bugs).to.deep.equal([]);
    await gateway.stop();
    folder.remove();
  });

  const at = (...parts: readonly string[]) => join(folder.path, ...parts);
  const put = (name: string, content: string) => {
    writeFileSync(at(name), content);
    return name;
  };
  const files = (name: string): readonly string[] =>
    readdirSync(at(name), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yinxin.json'));
  const asMarket = ['--type', 'business-licence', '--as', market];
  const issue = (name: string, ...more: readonly string[]) => yinxin('issue', name, ...asMarket, '--json', ...more);

  it('shows what will be done, masked, and does nothing unless it is agreed to', async () => {
    const name = fileURLToPath(new URL('../../certs/samples/driving-licence.csv', import.meta.url));
    const { exit, err } = await yinxin.answering('n')('issue', name);
    expect(exit).to.equal(1);
    expect(err).to.include('CSV，UTF-8').and.to.include('共 3 行：可以办理 3 行，填写不对 0 行');
    expect(err).to.include('李**').and.not.to.include('李示范');
    expect(existsSync(at('certificates'))).to.equal(false);
  });

  it('tells of rows for the same holder, and of changes of form', async () => {
    const name = put('twins.csv', makeRoster([row(0), row(0), row(1).replace('2025-09-01', '2025年9月1日')]));
    const { exit, out, err } = await issue(name, '--check');
    expect(exit, err).to.equal(0);
    const json = JSON.parse(out) as { repeated: unknown; normalised: readonly { kind: string }[] };
    expect(json.repeated).to.deep.equal([{ line: 3, otherLine: 2 }]);
    expect(json.normalised.map(({ kind }) => kind)).to.deep.equal(['date-form']);
    expect(err).to.include('HOLDER_REPEATED').and.to.include('自动整理');
  });

  it('tells of rows for whom there is a certificate already', async () => {
    const name = put('again.csv', makeRoster([row(90), row(91)]));
    await issue(name, '-o', 'again', '--yes');
    const { out, err } = await issue(put('more.csv', makeRoster([row(89), row(91)])), '--check');
    const json = JSON.parse(out) as { issuedBefore: readonly { line: number; identifier: string }[] };
    expect(json.issuedBefore.map(({ line }) => line)).to.include(3);
    expect(err).to.include('以前签发过同类证照');
  });

  it('issues the good rows and returns the bad one as it was, with the reason, ready to be corrected', async () => {
    const name = put('one-bad.csv', makeRoster([row(0), bad(), row(2)]));
    const { exit, out, err } = await issue(name, '-o', 'one-bad', '--yes');
    expect(exit).to.equal(1);
    const done = parse(out);
    expect([done.rows, done.done, done.failed]).to.deep.equal([3, 2, 1]);
    expect(done.failures.map(({ line, code }) => [line, code])).to.deep.equal([[3, 'CHECK_DIGIT_INVALID']]);
    expect(err).to.include('1 行填写不对，将退回').and.not.to.include('CHECK_DIGIT_INVALID');
    expect(out).not.to.include('91990300DEMB00022X');
    expect(files('one-bad')).to.have.length(2);
    const failed = readFileSync(at('one-bad/failed.csv'), 'utf8').replace('\ufeff', '').trimEnd().split('\r\n');
    expect(failed[0]).to.equal(`${header},原因`);
    expect(failed[1]?.startsWith(`${bad()},`)).to.equal(true);
    expect(failed).to.have.length(2);
    const list = readFileSync(at('one-bad/issued.csv'), 'utf8').trimEnd().split('\r\n');
    expect(list.map((line) => line.endsWith('.yinxin.json'))).to.deep.equal([false, true, true]);
    expect(statSync(at('one-bad/issued.csv')).mode & 0o777).to.equal(0o600);

    const corrected = readFileSync(at('one-bad/failed.csv'), 'utf8').replace('DEMB00022X', 'DEMB00022U');
    const again = await issue(put('corrected.csv', corrected), '-o', 'corrected', '--yes');
    expect([again.exit, parse(again.out).done], again.err).to.deep.equal([0, 1]);
  });

  it('with --all-or-nothing sends nothing while a row is bad; and never when no row is good', async () => {
    for (const [content, more] of [
      [[row(0), bad()], ['--all-or-nothing']],
      [[bad()], []],
    ] as const) {
      const { exit, err, out } = await issue(put('strict.csv', makeRoster(content)), '-o', 'strict', '--yes', ...more);
      expect([exit, err.includes('ROWS_INVALID')]).to.deep.equal([1, true]);
      expect((JSON.parse(out) as { error: { code: string } }).error.code).to.equal('ROWS_INVALID');
      expect(existsSync(at('strict'))).to.equal(false);
    }
  });

  it('reads a roster from standard input, which is kept until the run has ended', async () => {
    const { exit, out, err } = await yinxin.with({ input: makeRoster(rows(2)) })(
      'issue',
      '-',
      ...asMarket,
      '--json',
      '-o',
      'piped',
      '--yes',
    );
    expect(exit, err).to.equal(0);
    expect(parse(out).done).to.equal(2);
    expect(existsSync(at('piped/.roster'))).to.equal(false);
  });

  it('refuses an operator of another agency before anything is sent', async () => {
    const name = put('foreign.csv', makeRoster(rows(1)));
    const other = await yinxin('issue', name, '--type', 'fire-acceptance', '--as', market);
    expect([other.exit, /NOT_ENTITLED|ROSTER_TYPE_OTHER/.test(other.err)]).to.deep.equal([1, true]);
    const { out } = await issue(name, '-o', 'foreign', '--yes');
    const number = parse(out).certificates?.[0]?.identifier ?? '';
    const roster = put('foreign-revoke.csv', `证照标识\r\n${number}\r\n`);
    const revoked = await yinxin('revoke', '--roster', roster, ...act, '--as', chengduMarket, '--yes');
    expect([revoked.exit, revoked.err.includes('CALLER_NOT_PERMITTED')]).to.deep.equal([1, true]);
    expect(existsSync(at('changes'))).to.equal(false);
  });

  it('sends nothing of a roster that was changed while the person was asked', async () => {
    const name = put('changing.csv', makeRoster(rows(2)));
    const change = () => put(name, makeRoster(rows(3)));
    const { exit, err } = await yinxin.with({ answer: 'y', whileAsked: change })(
      'issue',
      name,
      ...asMarket,
      '-o',
      'changing',
    );
    expect([exit, err.includes('ROSTER_CHANGED')]).to.deep.equal([1, true]);
    expect(existsSync(at('changing'))).to.equal(false);
  });

  it('is done once, also when another command does it while the person is asked', async () => {
    const name = put('asked.csv', makeRoster(rows(7)));
    const issued = () => files('certificates').length;
    const before = existsSync(at('certificates')) ? issued() : 0;
    const other = () => issue(name, '--yes');
    const { exit, err } = await yinxin.with({ answer: 'y', whileAsked: other })('issue', name, ...asMarket);
    expect([exit, err.includes('ROSTER_REPEATED')], err).to.deep.equal([1, true]);
    expect(issued() - before).to.equal(7);
  });

  describe('of several requests', () => {
    const name = 'large.csv';
    const count = 4_100;
    let done: Done;
    const numbers = () => files('large').map((file) => file.slice(file.lastIndexOf('/') + 1));

    it('puts the certificates of each into a folder of their own', async () => {
      put(name, makeRoster(rows(count)));
      const { exit, out, err } = await issue(name, '-o', 'large', '--yes');
      expect(exit, err).to.equal(0);
      done = parse(out);
      expect(done.batches.map(({ rows: of }) => of)).to.deep.equal([4_096, 4]);
      expect(new Set(numbers()).size).to.equal(count);
      expect(
        readdirSync(at('large'))
          .filter((file) => file.startsWith('00'))
          .sort(),
      ).to.deep.equal(['000001-004096', '004097-004100']);
      expect(done.certificates).to.equal(undefined);
    });

    it('gone on with, writes what is missing and issues nothing anew', async () => {
      const before = numbers();
      const log = readFileSync(at('large/.run.log'), 'utf8').split('\n');
      writeFileSync(at('large/.run.log'), `${log.slice(0, 2).join('\n')}\n{"chunk":1,"ro`); // cut off inside a line
      const [lost = ''] = files('large');
      unlinkSync(at('large', lost));
      const { exit, err } = await yinxin('runs', 'resume', done.run.slice(0, 8));
      expect(exit, err).to.equal(0);
      expect(numbers()).to.have.members(before);
      const list = readFileSync(at('large/issued.csv'), 'utf8').trimEnd().split('\r\n');
      expect(list).to.have.length(count + 1);
    });

    it('is not gone on with when it was changed, and nothing is sent', async () => {
      writeFileSync(at('large/.run.log'), '');
      put(name, makeRoster([...rows(count - 1), row(7)]));
      for (const again of [() => issue(name), () => yinxin('runs', 'resume', done.run)]) {
        const { exit, err } = await again();
        expect([exit, err.includes('ROSTER_CHANGED')], err).to.deep.equal([1, true]);
      }
      expect(readFileSync(at('large/.run.log'), 'utf8')).to.equal('');
    });

    it('is listed with how far it came', async () => {
      const { out } = await yinxin('runs', '--json');
      const runs = JSON.parse(out) as readonly { run: string; done: number; total: number; finished: unknown }[];
      expect(runs.find(({ run }) => run === done.run)).to.include({ done: 0, total: count, finished: null });
      expect((await yinxin('runs')).out)
        .to.match(/未办完/)
        .and.to.match(/已办完/);
      expect((await yinxin('runs', 'show', done.run.slice(0, 6))).out).to.include(
        `yinxin runs resume ${done.run.slice(0, 8)}`,
      );
      expect((await yinxin('runs', 'show', 'ffff')).exit).to.equal(2);
      expect((await yinxin('runs', 'resume', 'one-bad')).exit).to.equal(2);
    });
  });

  it('waits for a gateway that is away, then stops, says how to go on, and goes on', async () => {
    const name = put('away.csv', makeRoster(rows(2)));
    await yinxin('trust');
    const gone = { env: { YINXIN_GATEWAY: 'http://127.0.0.1:9', YINXIN_PATIENCE: '1' } };
    const { exit, err } = await yinxin.with(gone)('issue', name, ...asMarket, '-o', 'away', '--yes');
    expect(exit).to.equal(3);
    expect(err).to.include('正在重试').and.to.include('已办成 0 份，共 2 份').and.to.include('GATEWAY_UNREACHABLE');
    const done = await issue(name, '-o', 'away', '--yes');
    expect([done.exit, parse(done.out).done], done.err).to.deep.equal([0, 2]);
  });

  it('asked to end, stops after what is under way, and goes on later', async () => {
    const name = put('stopped.csv', makeRoster(rows(2)));
    const onEnd = (end: () => void) => {
      end();
      return () => undefined;
    };
    const { exit, err } = await yinxin.with({ onEnd })('issue', name, ...asMarket, '-o', 'stopped', '--yes');
    expect([exit, err.includes('RUN_STOPPED'), err.includes('runs resume')], err).to.deep.equal([3, true, true]);
    expect(err.match(/正在停下/g)).to.have.length(1);
    const done = await issue(name, '-o', 'stopped', '--yes');
    expect([done.exit, parse(done.out).done], done.err).to.deep.equal([0, 2]);
  });

  it('sends nothing once the gateway may have forgotten what it sent before', async () => {
    const name = put('old.csv', makeRoster(rows(2)));
    const gone = { env: { YINXIN_GATEWAY: 'http://127.0.0.1:9', YINXIN_PATIENCE: '0' } };
    await yinxin.with(gone)('issue', name, ...asMarket, '-o', 'old', '--yes');
    const head = readFileSync(at('old/.run.json'), 'utf8');
    const started = (JSON.parse(head) as { readonly started: string }).started;
    const daysBefore = (days: number) =>
      `${new Date(Date.parse(started) - days * 86_400_000).toISOString().slice(0, 19)}Z`;
    writeFileSync(at('old/.run.json'), head.replace(started, daysBefore(30)));
    const { exit, err } = await issue(name, '-o', 'old', '--yes');
    expect([exit, err.includes('RUN_EXPIRED'), files('old')], err).to.deep.equal([1, true, []]);
    expect(err.match(/会接着办/g)).to.have.length(1); // when it began, and not again
    writeFileSync(at('old/.run.json'), head.replace(started, daysBefore(28)));
    expect((await issue(name, '-o', 'old', '--yes')).exit).to.equal(0);
  });

  describe('that changes what was issued', () => {
    let numbers: readonly string[];
    before(async () => {
      const { out } = await issue(put('acts.csv', makeRoster(rows(4))), '-o', 'acts', '--yes');
      numbers = (parse(out).certificates ?? []).map(({ identifier }) => identifier);
    });

    it('suspends and resumes, and returns what could not be changed', async () => {
      const [first = '', second = '', third = ''] = numbers;
      const lines = [
        [first, 'licence-law-69'],
        ['1.2.3', ''],
        [second, ''],
        [first, ''],
        [second, ''],
        ['', ''],
      ];
      const roster = put(
        'suspend.csv',
        makeRoster(
          lines.map((cells) => `李某,${cells.join()}`),
          '姓名,证照标识,依据',
        ),
      );
      const options = ['--basis', 'penalty-law-9', '--document', '示范〔2026〕8号', '--json', '--yes'];
      const { exit, out, err } = await yinxin('suspend', '--roster', roster, ...options, '-o', 'suspended');
      expect(exit, err).to.equal(1);
      const done = parse(out);
      expect(done.failures.map(({ line, code }) => [line, code])).to.deep.equal([
        [2, 'BASIS_UNKNOWN'],
        [3, 'MALFORMED_IDENTIFIER'],
        [6, 'CERTIFICATE_REPEATED'],
        [7, 'FIELD_MISSING'],
      ]);
      expect(done.done).to.equal(2);
      const again = await yinxin(
        'resume',
        '--roster',
        put('resume.csv', `证照标识\r\n${[first, third].join('\r\n')}\r\n`),
        ...options,
        '-o',
        'resumed',
      );
      expect([again.exit, parse(again.out).failures.map(({ code }) => code)], again.err).to.deep.equal([
        1,
        ['STATUS_STEP_ILLEGAL'],
      ]);
      expect(readFileSync(at('resumed/failed.csv'), 'utf8')).to.include(third);
      expect(readFileSync(at('resumed/done.csv'), 'utf8')).to.include(first);
    });

    it('reissues, and returns what the gateway alone refuses', async () => {
      const [, , third = '', fourth = ''] = numbers;
      await yinxin('revoke', fourth, ...act, '--yes');
      const content = makeRoster([`${row(2)},${third}`, `${row(3)},${fourth}`, `${row(3)},`], `${header},原证照标识`);
      const roster = put('reissue.csv', content);
      const { exit, out, err } = await yinxin(
        'reissue',
        '--roster',
        roster,
        ...asMarket,
        '--json',
        '--yes',
        '-o',
        'reissued',
      );
      expect(exit, err).to.equal(1);
      const done = parse(out);
      expect(done.failures.map(({ line, code }) => [line, code])).to.deep.equal([
        [3, 'SUPERSESSION_ILLEGAL'],
        [4, 'FIELD_MISSING'],
      ]);
      expect(done.certificates?.map(({ identifier }) => identifier.slice(0, -6))).to.deep.equal([third.slice(0, -6)]);
      expect(files('reissued')[0]).to.match(/\.002\.[0-9A-Z]\.yinxin\.json$/);
      const wrong = await yinxin('issue', roster, ...asMarket);
      expect([wrong.exit, wrong.err.includes('ROSTER_HEADER')]).to.deep.equal([1, true]);
      expect(wrong.err).to.include('yinxin reissue --roster');
      const none = await yinxin('reissue', '--roster', put('first.csv', makeRoster(rows(1))), ...asMarket);
      expect([none.exit, none.err.includes('template business-licence --reissue')], none.err).to.deep.equal([1, true]);
    });

    it('shows before a final act what will be done, and after it the command for what failed', async () => {
      const [first = '', second = ''] = numbers;
      const name = put('final.csv', makeRoster([first, second, '1.2.3'], '证照标识'));
      const shown = await yinxin('revoke', '--roster', name, ...act, '--check');
      expect(shown.err)
        .to.include('办了不能恢复')
        .and.to.match(new RegExp(`2 +${first} +licence-law-69 +示范〔2026〕7号 +即时`));
      const { exit, out } = await yinxin('revoke', '--roster', name, ...act, '--yes', '-o', 'final ones');
      expect(exit, out).to.equal(1);
      expect(out).to.include(`yinxin revoke --roster "final ones/failed.csv" ${act.join(' ')}\n`);
      expect((await yinxin('runs')).out).to.match(/撤销 +final\.csv +2\/2/);
    });

    it('names the columns that a roster of changes needs', async () => {
      for (const [content, says] of [
        ['姓名,文号\r\n李某,1\r\n', '缺少必填栏目“证照标识”、“依据”'],
        ['证照标识,number\r\n1,2\r\n', '重复的栏目“证照标识”'],
        ['证照标识,依据,文号,更正序号\r\n1,2,3,4\r\n', '不认识的栏目“更正序号”'],
      ] as const) {
        const { exit, err } = await yinxin('revoke', '--roster', put('columns.csv', content));
        expect([exit, err.includes('ROSTER_HEADER')]).to.deep.equal([1, true]);
        expect(err).to.include(says).and.to.include('名册须有“证照标识”一栏');
      }
    });

    it('takes either certificates or a roster', async () => {
      expect((await yinxin('revoke', ...act)).exit).to.equal(2);
      expect((await yinxin('revoke', numbers[0] ?? '', '--roster', 'acts.csv', ...act)).exit).to.equal(2);
    });
  });

  describe('in a folder that is watched', () => {
    const drop = (name: string, content: string, ageSeconds = 60) => {
      mkdirSync(at('watched'), { recursive: true });
      writeFileSync(at('watched', name), content);
      const time = Date.now() / 1000 - ageSeconds;
      utimesSync(at('watched', name), time, time);
    };
    const watch = () => yinxin('watch', 'watched', '--once', '--as', market);
    const report = (name: string) =>
      JSON.parse(readFileSync(at('watched', name), 'utf8')) as Done & { error?: { code: string } };

    it('is done, and put aside with its report', async () => {
      drop('business-licence-1.csv', makeRoster([row(20), row(21)]));
      drop('business-licence-2.csv', makeRoster([row(22), bad()]));
      drop('unknown.csv', 'x\r\ny\r\n');
      const { exit, err, out } = await yinxin('watch', 'watched', '--once', '--as', market, '--json');
      expect(exit, err).to.equal(1);
      const lines = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Done & { roster: string; error?: { code: string } });
      expect(lines.map(({ roster, done, error }) => [roster, done ?? error?.code])).to.deep.equal([
        ['watched/done/business-licence-1.csv', 2],
        ['watched/failed/business-licence-2.csv', 1],
        ['watched/failed/unknown.csv', 'USAGE'],
      ]);
      expect(report('done/business-licence-1.csv.report.json')).to.include({ done: 2, failed: 0 });
      expect(report('failed/business-licence-2.csv.report.json')).to.include({ done: 1, failed: 1 });
      expect(readFileSync(at('watched/failed/business-licence-2.failed.csv'), 'utf8')).to.include(
        'CHECK_DIGIT_INVALID',
      );
      expect(report('failed/unknown.csv.report.json').error?.code).to.equal('USAGE');
      expect(readdirSync(at('watched')).filter((name) => name.endsWith('.csv'))).to.deep.equal([]);
    });

    it('the same roster once more is not issued twice', async () => {
      const before = files('watched').length;
      drop('business-licence-1.csv', makeRoster([row(20), row(21)]));
      drop('renamed.csv', makeRoster([row(20), row(21)]));
      await yinxin('watch', 'watched', '--once', '--as', market, '--type', 'business-licence');
      expect(files('watched')).to.have.length(before);
      expect(report('done/business-licence-1-2.csv.report.json')).to.include({ done: 2 });
      expect(report('failed/renamed.csv.report.json').error?.code).to.equal('ROSTER_REPEATED');
    });

    it('is looked at until an end is asked for', async () => {
      let end = () => {};
      const onEnd = (ask: () => void) => {
        end = ask;
        return () => undefined;
      };
      drop('business-licence-4.csv', makeRoster([row(24)]));
      const watching = yinxin.with({ onEnd })('watch', 'watched', '--as', market);
      while (!existsSync(at('watched/done/business-licence-4.csv'))) await delay(20);
      end();
      expect((await watching).exit).to.equal(0);
    });

    it('is waited for while it grows', async () => {
      drop('business-licence-3.csv', makeRoster([row(23)]), 3.5);
      const { exit } = await watch();
      expect(exit).to.equal(0);
      expect(existsSync(at('watched/done/business-licence-3.csv'))).to.equal(true);
      rmSync(at('watched'), { recursive: true });
      expect((await watch()).err).to.include('FILE_UNREADABLE');
    });
  });
});
