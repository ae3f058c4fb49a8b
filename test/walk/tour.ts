/** What every tour needs: a gateway of its own in a temporary folder, commands run as a person would, narration, and a word when something is not as told. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gatewayProgram } from '../fixtures/start-script.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const commandPath = join(root, 'node_modules', '.bin', 'yinxin');

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  /** Its exit code; −1 when it was killed. */
  readonly ended: Promise<number>;
  /** What it has printed so far. */
  stdout(): string;
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export class Tour {
  readonly folder = mkdtempSync(join(tmpdir(), 'yinxin-walk-'));
  readonly home = join(this.folder, 'home');
  url = '';
  /** What `npm start` is given besides: `--ledger fabric`. */
  readonly #arguments: readonly string[];
  #gateway: ChildProcess | undefined;
  #port: number | undefined;
  #number = 0;

  constructor(args: readonly string[] = []) {
    this.#arguments = args;
  }

  /** A step: Chinese first, then English. */
  tell(zh: string, en: string): void {
    this.#number += 1;
    console.log(`\n${this.#number}. ${zh}\n   ${en}`);
  }

  note(text: string): void {
    console.log(`   ${text}`);
  }

  /** Runs a program and shows what it printed, the first lines of it. */
  run(program: string, args: readonly string[], shown = 14): Ran {
    console.log(`   $ ${[program, ...args].map((word) => this.#show(word)).join(' ')}`);
    const { status, stdout, stderr } = this.#spawn(program, args);
    const lines = `${stdout}${stderr}`.trimEnd().split('\n');
    for (const line of lines.slice(0, shown)) console.log(`   │ ${line.replaceAll(this.folder, '.')}`);
    if (lines.length > shown) console.log(`   │ … ${lines.length - shown} lines more`);
    return { status, stdout, stderr };
  }

  /** The command, as `npx yinxin` runs it. */
  yinxin(args: readonly string[], shown?: number): Ran {
    return this.run(commandPath, args, shown);
  }

  /** The command without a word of it: what only the tour needs to know. */
  quietly(args: readonly string[]): Ran {
    return this.#spawn(commandPath, args);
  }

  /** The command while the tour does something else. What it says is shown as it comes: its progress bar, where someone watches. */
  startYinxin(args: readonly string[]): RunningCommand {
    console.log(`   $ ${[commandPath, ...args].map((word) => this.#show(word)).join(' ')}`);
    const watched = process.stderr.isTTY;
    const child = spawn(commandPath, args, {
      cwd: this.folder,
      env: { ...this.#environment(), LANG: 'zh_CN.UTF-8', LC_ALL: 'zh_CN.UTF-8' },
      stdio: ['ignore', 'pipe', watched ? 'inherit' : 'pipe'],
    });
    const stdout: string[] = [];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
    const print = (text: string) =>
      process.stdout.write(text.replace(/^(?=.)/gm, '   │ ').replaceAll(this.folder, '.'));
    child.stderr?.setEncoding('utf8').on('data', print);
    const ended = new Promise<number>((resolve) => {
      child.once('close', (status) => resolve(status ?? -1));
    });
    return { child, ended, stdout: () => stdout.join('') };
  }

  #spawn(program: string, args: readonly string[]): Ran {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: this.#environment(),
    });
    return { status: status ?? -1, stdout, stderr };
  }

  /** As one would type it in the project's folder. */
  #show(word: string): string {
    if (word === commandPath) return 'npx yinxin';
    return word.replace(this.folder, '.').replace(root, '');
  }

  /** @throws Error when the tour does not go as told */
  expect(holds: boolean, what: string): void {
    console.log(`   ${holds ? '✓' : '✗'} ${what}`);
    if (!holds) throw new Error(`the walk went wrong: ${what}`);
  }

  #environment(): NodeJS.ProcessEnv {
    const { YINXIN_GATEWAY: _, ...environment } = process.env;
    return { ...environment, YINXIN_HOME: this.home, NO_COLOR: '1' };
  }

  async startGateway(): Promise<void> {
    if (!existsSync(join(root, 'verifier-web', 'dist', 'index.html'))) {
      spawnSync(process.execPath, [join(root, 'verifier-web', 'build.ts')], { cwd: root, stdio: 'inherit' });
    }
    this.#port ??= await findFreePort(); // started again, it is where its clients look for it
    this.url = `http://localhost:${this.#port}`;
    const gateway = spawn(process.execPath, [...gatewayProgram, ...this.#arguments], {
      cwd: root,
      env: { ...this.#environment(), PORT: String(this.#port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#gateway = gateway;
    for (let tries = 0; tries < 600; tries += 1) {
      if (gateway.exitCode !== null) throw new Error('the gateway ended before it was ready');
      const ready = await fetch(`${this.url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the gateway was not ready within a minute');
  }

  async stopGateway(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = undefined;
    if (!gateway || gateway.exitCode !== null || gateway.signalCode !== null) return;
    const ended = new Promise((resolve) => gateway.once('exit', resolve));
    gateway.kill(signal);
    await ended;
  }

  get gatewayPid(): number | undefined {
    return this.#gateway?.pid;
  }

  async end(): Promise<void> {
    await this.stopGateway();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export { root };
