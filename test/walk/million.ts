/** The tour of a night's work: a million rows in one command that is killed twice on the way, rosters as offices save them, and rows that come back. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeGb18030 } from '../../issuer-cli/rosters/gb18030.ts';
import {
  correctIdNumber,
  countBad,
  idColumn,
  proofIssuer,
  proofType,
  proofTypeName,
  writeRoster,
} from '../fixtures/rosters.ts';
import { type Count, countBlocks, type Register, RegisterReader } from './register.ts';
import { type RunningCommand, root, type Tour } from './tour.ts';

const wholeRows = 1_000_000;
/** Until the command has found its run again. */
const startMilliseconds = 600;
/** Of a million rows 200 are bad; of a few thousand, one in a thousand. */
const badEveryOf = (rows: number) => Math.min(5_000, Math.max(1_000, Math.floor(rows / 200)));

function readRegister(): Register {
  const type = JSON.parse(readFileSync(join(root, 'certs', 'types', `${proofType}.json`), 'utf8')) as { code: string };
  return { issuer: proofIssuer, type: proofType, typeCode: type.code };
}

const count = (number: number) => number.toLocaleString('en');
const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10;

/** Highest resident memory of a process so far, in MB (10^6 bytes), as Linux counts it. */
function peakMegabytes(pid: number | undefined): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kilobytes ?? 0) * 1024) / 1e6;
  } catch {
    return 0; // another system, or the process has ended
  }
}

/** The highest of several processes, looked at while they run. */
class Peak {
  megabytes = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: () => number | undefined) {
    this.#timer = setInterval(() => {
      this.megabytes = Math.max(this.megabytes, peakMegabytes(pid()));
    }, 200).unref();
  }

  end(): number {
    clearInterval(this.#timer);
    return Math.round(this.megabytes);
  }
}

/** The night: the same command again and again until it has come to its end. */
class Night {
  readonly #tour: Tour;
  readonly #register: RegisterReader;
  readonly #command: readonly string[];
  readonly #exit: number;
  #running: RunningCommand | undefined;

  constructor(tour: Tour, register: RegisterReader, command: readonly string[], exit: number) {
    this.#tour = tour;
    this.#register = register;
    this.#command = command;
    this.#exit = exit;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  begin(): RunningCommand {
    this.#running = this.#tour.startYinxin(this.#command);
    return this.#running;
  }

  /** Whether the command still ran when the register had that entry. */
  async until(entry: number, { child }: RunningCommand): Promise<boolean> {
    while (child.exitCode === null && child.signalCode === null) {
      if (await this.#register.has(entry)) return true;
      await delay(25);
    }
    return false;
  }

  async killCommand(at: number): Promise<boolean> {
    const running = this.begin();
    const wasUnderWay = await this.until(at, running);
    running.child.kill('SIGKILL');
    if (!wasUnderWay) await this.#expectDone(running);
    await running.ended;
    return wasUnderWay;
  }

  /** The command waits for the gateway; where it gives up, `finish` starts it again. */
  async killGateway(at: number): Promise<boolean> {
    const running = this.begin();
    await delay(startMilliseconds); // what was sent before the first kill may have come so far by itself
    const wasUnderWay = await this.until(at, running);
    await this.#tour.stopGateway('SIGKILL');
    await delay(500);
    await this.#tour.startGateway();
    await running.ended;
    return wasUnderWay;
  }

  /** Unless the last one has come to its end. */
  async finish(): Promise<void> {
    const running = this.#running && (await this.#isDone(this.#running)) ? this.#running : this.begin();
    await this.#expectDone(running);
  }

  /** Rows that came back are a refusal (1), and so is much else: its report says that it is done. */
  async #isDone({ ended, stdout }: RunningCommand): Promise<boolean> {
    return (await ended) === this.#exit && stdout().includes('已签发');
  }

  async #expectDone(running: RunningCommand): Promise<void> {
    const isDone = await this.#isDone(running);
    for (const line of running.stdout().trimEnd().split('\n').slice(0, 12)) this.#tour.note(`│ ${line}`);
    this.#tour.expect(isDone, `the command comes to its end (exit code ${this.#exit})`);
  }
}

/** Certificates by their entry in a folder and those below it, of which each has some thousand. */
function countFiles(folder: string, seen: Uint8Array): number {
  let files = 0;
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    if (item.isDirectory()) files += countFiles(join(folder, item.name), seen);
    const entry = Number(/\.([0-9]{10})\.[0-9]{3}\.[0-9A-Z]\.yinxin\.json$/.exec(item.name)?.[1] ?? 0);
    if (!item.isFile() || entry === 0) continue;
    files += 1;
    seen[entry] = 1;
  }
  return files;
}

/** The rows that came back: a CSV of the run's folder whose last column is the reason. */
function findFailed(folder: string): { readonly path: string; readonly lines: readonly string[] } | undefined {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.csv'))) {
    const path = join(folder, name);
    if (statSync(path).size > 64 * 1024 * 1024) continue;
    const lines = readFileSync(path, 'utf8')
      .replace(/^\ufeff/, '')
      .split('\r\n')
      .filter((line) => line !== '');
    if (/原因"?$/.test(lines[0] ?? '')) return { path, lines };
  }
  return undefined;
}

function correct(lines: readonly string[]): string {
  const [header = '', ...rows] = lines;
  const corrected = rows.map((line) => {
    const cells = line.split(',');
    cells[idColumn] = correctIdNumber(cells[idColumn] ?? '');
    return cells.join(',');
  });
  return [header, ...corrected].map((line) => `${line}\r\n`).join('');
}

/** @returns what the ledger has, counted while the gateway rests */
async function audit(tour: Tour, register: Register): Promise<Count> {
  await tour.stopGateway();
  const began = performance.now();
  const counted = await countBlocks(tour.home, register);
  tour.note(`${count(counted.blocks)} blocks, ${count(counted.batches)} batches, ${seconds(began)} s`);
  await tour.startGateway();
  return counted;
}

async function walkNight(tour: Tour, register: Register, rows: number): Promise<void> {
  const reader = new RegisterReader(register, tour);
  const before = await reader.last();
  tour.note(`the demonstration has issued ${before} of these already`);
  const badEvery = badEveryOf(rows);
  const bad = countBad({ rows, badEvery });
  const good = rows - bad;
  const roster = join(tour.folder, `${proofTypeName}.csv`);
  const folder = join(tour.folder, 'proofs');

  tour.tell(
    `造一份 ${count(rows)} 行的名册，其中 ${bad} 行的身份证号码校验位不对。`,
    `A roster of ${count(rows)} invented rows; ${bad} have a wrong check digit.`,
  );
  writeRoster(roster, { rows, badEvery });
  tour.note(`${(statSync(roster).size / 1e6).toFixed(1)} MB`);

  const night = new Night(tour, reader, ['issue', roster, '-o', folder, '--yes'], bad > 0 ? 1 : 0);
  const command = new Peak(() => night.pid);
  const gateway = new Peak(() => tour.gatewayPid);
  const began = performance.now();
  tour.tell(
    '一条命令签发全部。办到三分之一，命令被杀掉（kill -9）。',
    'One command issues them all. At a third of the way the command is killed (kill -9).',
  );
  const first = await night.killCommand(before + Math.ceil(good / 3));
  tour.note(first ? `killed; the register has ${count((await reader.last()) - before)}` : 'it was done before');
  tour.tell(
    '再运行同一条命令，它接着办。办到三分之二，网关被杀掉，又启动。',
    'The same command again: it goes on. At two thirds the gateway is killed, and started again.',
  );
  const second = await night.killGateway(before + Math.ceil((good * 2) / 3));
  tour.note(second ? `killed; now the register has ${count((await reader.last()) - before)}` : 'it was done before');
  tour.tell('一直到办完。', 'To the end.');
  await night.finish();
  const took = seconds(began);
  tour.note(`${took} s in all, with both kills: ${count(Math.round(good / took))} certificates/s`);
  tour.note(`peak memory: command ${command.end()} MB, gateway ${gateway.end()} MB`);
  if (rows >= wholeRows) tour.expect(first && second, 'both were killed on the way');

  tour.tell('逐块清点账本，再清点文件。', 'Counted over the blocks of the ledger, and over the files.');
  const counted = await audit(tour, register);
  tour.expect(
    counted.certificates === before + good,
    `${count(counted.certificates - before)} certificates on the ledger`,
  );
  tour.expect(
    counted.last === before + good && counted.missing === 0,
    `entries up to ${count(counted.last)} without gap`,
  );
  tour.expect(counted.twice === 0, 'no entry twice');
  const seen = new Uint8Array(counted.last + 1);
  const files = countFiles(folder, seen);
  const entries = seen.reduce((sum, one) => sum + one, 0);
  tour.expect(files === good && entries === good, `${count(files)} files, each of another certificate`);

  tour.tell(
    '填错的行单独退回，写明原因；改正后再办一次。',
    'Bad rows came back alone, with the reason; corrected, they are issued in a second run.',
  );
  const failed = findFailed(folder);
  for (const line of failed?.lines.slice(0, 3) ?? []) tour.note(line);
  tour.expect(failed?.lines.length === bad + 1, `${bad} rows came back`);
  const corrected = join(tour.folder, `${proofTypeName}-改正.csv`);
  writeFileSync(corrected, correct(failed?.lines ?? []));
  tour.expect(tour.yinxin(['issue', corrected, '-o', join(tour.folder, 'corrected'), '--yes']).status === 0, 'issued');
  const whole = await reader.last();
  tour.expect(whole === before + rows, `now all ${count(whole - before)} are issued`);
}

/** The certificates of a folder without sub-folders. */
function readCertificates(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yinxin.json'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** Rosters as offices save them. */
function walkFormats(tour: Tour): void {
  const licence = ['--type', 'business-licence', '--yes'];

  tour.tell(
    '一份 GB18030 的 CSV（表格软件在中文系统上常这样存），里面有四字节的生僻字。',
    'A CSV in GB18030, as spreadsheets in China save it, with a rare character of four bytes.',
  );
  const sample = readFileSync(join(root, 'certs', 'samples', 'business-licence.csv'), 'utf8').replace(/^\ufeff/, '');
  const csv = join(tour.folder, '营业执照.csv');
  writeFileSync(csv, encodeGb18030(sample));
  tour.expect(tour.yinxin(['issue', csv, '-o', join(tour.folder, 'gb18030'), ...licence]).status === 0, 'issued');
  const files = readCertificates(join(tour.folder, 'gb18030'));
  tour.expect(
    files.length === 3 && files.some((file) => file.includes('𠮷样本')),
    '“𠮷样本” is in its certificate as it was written',
  );

  tour.tell(
    '一份 LibreOffice 存的 XLSX：表头上有标题行，日期是数字，有全角日期和合并单元格。',
    'An XLSX saved by LibreOffice: a title above the header, dates as numbers, full-width dates, merged cells.',
  );
  const workbook = join(root, 'test', 'vectors', 'rosters', 'title-and-dates.xlsx');
  tour.expect(
    tour.yinxin(['issue', workbook, '--check', '--type', 'business-licence'], 40).status === 0,
    'checked; what was read otherwise than written is shown',
  );
  tour.expect(
    tour.yinxin(['issue', workbook, '-o', join(tour.folder, 'workbook'), ...licence], 30).status === 0,
    'issued',
  );
  const dates = readCertificates(join(tour.folder, 'workbook')).flatMap(
    (file) => file.match(/"establishDate":"[^"]*"/g) ?? [],
  );
  tour.expect(
    dates.length > 0 && dates.every((date) => /"\d{4}-\d{2}-\d{2}"$/.test(date)),
    `its dates are dates: ${dates.join(', ')}`,
  );

  tour.tell(
    '同样存出的另一份里，号码成了数字、有公式：猜不得，逐行退回。',
    'Another, in which a number was turned into a figure and a cell is a formula: nothing is guessed, each row comes back.',
  );
  const flawed = join(root, 'test', 'vectors', 'rosters', 'flaws.xlsx');
  const { status, stdout, stderr } = tour.yinxin(['issue', flawed, '-o', join(tour.folder, 'flawed'), ...licence], 30);
  tour.expect(
    status === 1 && `${stdout}${stderr}`.includes('[ROSTER_NUMBER_LOST]'),
    'the rows came back with the reason (exit code 1)',
  );
}

/** `npm run walk -- million [--rows N]` */
export async function walkMillion(tour: Tour, rows = wholeRows): Promise<void> {
  const register = readRegister();
  tour.tell('启动账本和网关。', 'Start: ledger and gateway.');
  await tour.startGateway();
  tour.note(tour.url);
  await walkNight(tour, register, rows);
  walkFormats(tour);
}
