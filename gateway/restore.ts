/** `npm run restore -- BACKUP FOLDER`: restores a backup into an empty folder and proves it; with `--check` it verifies the file alone. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { errorEntry, sentence, toInstant, type Words, YinxinError } from '@yinxin/core';
import { checkBackup, type RestoreOptions, type RestoreStep, restoreBackup } from './backup/restoring.ts';
import { describeChecked, describeRestored, formatStep } from './backup/words.ts';
import { readPassphrase } from './keys/passphrase.ts';

const bugExit = 70;
const pauseMilliseconds = 2_000;
/** npm runs every script in the project's folder; paths are meant where the person stands. */
const workingFolder = process.env['INIT_CWD'] ?? process.cwd();

const usage: Words = {
  zh: '用法：npm run restore -- 备份文件 空文件夹 [--lang en]\n      npm run restore -- --check 备份文件',
  en: 'Usage: npm run restore -- BACKUP FOLDER [--lang zh]\n       npm run restore -- --check BACKUP',
};

const noPassphrase: Words = {
  zh: '没有给出密钥库的口令，这里也无法输入。请用环境变量 YINXIN_PASSPHRASE_FILE 指明口令文件，再试一次。',
  en: 'The passphrase of the key store is not given, and there is no terminal to ask on. Name its file in YINXIN_PASSPHRASE_FILE and try again.',
};

interface Arguments {
  readonly language: 'zh' | 'en';
  readonly backup: string;
  /** Undefined: check alone. */
  readonly folder: string | undefined;
}

/** @throws YinxinError USAGE */
function readArguments(args: readonly string[]): Arguments {
  const options = { check: { type: 'boolean' }, lang: { type: 'string' } } as const;
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    throw new YinxinError('USAGE');
  }
  const { values, positionals } = parsed;
  const [backup, folder, extra] = positionals;
  const isWhole = values.check ? folder === undefined : folder !== undefined;
  const isLanguage = values.lang === undefined || values.lang === 'zh' || values.lang === 'en';
  if (backup === undefined || !isWhole || extra !== undefined || !isLanguage) throw new YinxinError('USAGE');
  return {
    language: values.lang === 'en' ? 'en' : 'zh',
    backup: resolve(workingFolder, backup),
    folder: folder === undefined ? undefined : resolve(workingFolder, folder),
  };
}

/** A line now and then. */
function createReport(language: Arguments['language']): (step: RestoreStep) => void {
  let shownAt = performance.now();
  return (step) => {
    if (performance.now() - shownAt < pauseMilliseconds) return;
    shownAt = performance.now();
    process.stderr.write(`${formatStep(step)[language]}\n`);
  };
}

async function restore({ language, backup, folder }: Arguments): Promise<readonly Words[]> {
  const file = process.env['YINXIN_PASSPHRASE_FILE'] || undefined;
  const path = file === undefined ? undefined : resolve(workingFolder, file);
  const passphrase = await readPassphrase({ file: path, input: process.stdin, output: process.stderr });
  const report = createReport(language);
  if (folder === undefined) return describeChecked(await checkBackup({ backup, passphrase, report }));
  const options: RestoreOptions = {
    backup,
    folder,
    passphrase,
    clock: () => toInstant(Math.floor(Date.now() / 1000)),
    random: (bytes) => randomBytes(bytes),
    report,
  };
  const done = await restoreBackup(options);
  const start: Words = {
    zh: `恢复完毕：${folder}\n用它启动网关：YINXIN_HOME=${folder} YINXIN_PASSPHRASE_FILE=… npm start`,
    en: `Restored: ${folder}\nStart the gateway on it: YINXIN_HOME=${folder} YINXIN_PASSPHRASE_FILE=… npm start`,
  };
  return [...describeRestored(done), start];
}

/** What went wrong, why, what to do; the file or part that it is about. */
function describeProblem(error: unknown, language: Arguments['language']): string {
  if (!(error instanceof YinxinError) || error.code === 'INTERNAL') return String(error);
  const { what, next } = sentence(error.code, language);
  const facts = Object.entries(error.details).map(([name, value]) => `${name}: ${String(value)}`);
  const isUnset = error.details['reason'] === 'neither a file nor a terminal';
  const lines = [isUnset ? noPassphrase[language] : what + next, ...(error.code === 'USAGE' ? [usage[language]] : [])];
  return `${lines.join('\n')}\n[${error.code}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}]`;
}

let language: Arguments['language'] = process.argv.includes('en') ? 'en' : 'zh';
try {
  const given = readArguments(process.argv.slice(2));
  language = given.language;
  const lines = await restore(given);
  process.stdout.write(`${lines.map((words) => words[language]).join('\n')}\n`);
} catch (error) {
  process.stderr.write(`${describeProblem(error, language)}\n`);
  process.exitCode = error instanceof YinxinError ? errorEntry(error.code).exit : bugExit;
}
