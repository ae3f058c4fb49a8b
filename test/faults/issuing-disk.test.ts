/** The disk fills up while certificates are written: nothing is lost, and the run goes on when there is room. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseInstant } from '@yinxin/core';
import { expect } from 'chai';
import { RunLog, readRunState } from '../../issuer-cli/runs/run-file.ts';
import { makeFolder, runLive } from '../cli/support.ts';
import { market, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';

const sample = readFileSync(new URL('../../certs/samples/business-licence.csv', import.meta.url), 'utf8');
const [header = '', first = ''] = sample.trim().split(/\r?\n/);
const count = 4_200;
const at = parseInstant('2026-11-20T09:00:00Z');

const mount = (folder: string, options: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });

describe('a disk that fills up while files are written', function () {
  this.timeout(90_000);
  const folder = makeFolder();
  const disk = join(folder.path, 'disk');
  let gateway: TestGateway;
  let isMounted = false;

  before(async function () {
    mkdirSync(disk);
    try {
      mount(disk, 'size=5m,mode=700');
      isMounted = true;
    } catch {
      this.skip();
    }
    gateway = await startTestGateway();
  });
  after(async () => {
    if (isMounted) execFileSync('umount', [disk]);
    if (isMounted) await gateway.stop();
    folder.remove();
  });

  it('is said with what to do, and the run goes on from there without loss', async () => {
    const rows = Array.from({ length: count }, (_, row) => first.replace('示范', `示范${row}`));
    writeFileSync(join(folder.path, 'business-licence.csv'), `${[header, ...rows].join('\r\n')}\r\n`);
    const yinxin = runLive(gateway, folder.path);
    const issue = () => yinxin('issue', 'business-licence.csv', '--as', market, '-o', 'disk/out', '--yes', '--json');
    const full = await issue();
    expect(full.exit, full.err).to.equal(1);
    expect(full.err).to.include('DISK_FULL').and.to.include('请腾出空间').and.to.include('接着办');
    expect(full.err).not.to.include('没有应答');

    mount(disk, 'remount,size=64m');
    const done = await issue();
    expect(done.exit, done.err).to.equal(0);
    const { batches } = JSON.parse(done.out) as { batches: readonly { first: number; rows: number }[] };
    expect(batches).to.have.length(2);
    const names = readdirSync(join(disk, 'out'), { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => name.endsWith('.yinxin.json'));
    const entries = files.map(
      (name) => (JSON.parse(readFileSync(join(disk, 'out', name), 'utf8')) as { body: { entry: number } }).body.entry,
    );
    expect(entries.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: count }, (_, at) => at + 1));
    expect(names.filter((name) => name.endsWith('.part'))).to.deep.equal([]);
    expect(gateway.bugs).to.deep.equal([]);
  });
});

describe('the log of a run on a disk that is full', () => {
  const folder = makeFolder();
  let isMounted = false;

  before(function () {
    try {
      mount(folder.path, 'size=64k,mode=700');
      isMounted = true;
    } catch {
      this.skip();
    }
  });
  after(() => {
    if (isMounted) execFileSync('umount', [folder.path]);
    folder.remove();
  });

  it('holds no half line: what did not fit is said, and what comes once there is room can be read', () => {
    const log = new RunLog(folder.path);
    const done = (chunk: number) => ({ chunk, rows: 1, first: chunk, batch: 'b', block: 1, time: '', at });
    log.appendDone(done(1));
    const filler = join(folder.path, 'filler');
    for (let left = 64; left > 0; left -= 1) {
      try {
        appendFileSync(filler, Buffer.alloc(4_096));
      } catch {
        break;
      }
    }
    let chunk = 1;
    expect(() => {
      for (; chunk < 200; chunk += 1) log.appendDone(done(chunk + 1));
    }).to.throw('DISK_FULL');
    rmSync(filler);
    log.appendDone(done(1_000));
    log.close();
    expect([...readRunState(folder.path).done.keys()]).to.deep.equal([
      ...Array.from({ length: chunk }, (_, before) => before + 1),
      1_000,
    ]);
  });
});
