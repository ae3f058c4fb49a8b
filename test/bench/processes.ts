/** Processes that are measured: what Linux says of them while they run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { gatewayProgram } from '../fixtures/start-script.ts';
import { root } from '../walk/tour.ts';

/** Linux counts CPU in hundredths of a second. */
const tickMicroseconds = 10_000;

/** CPU of all threads so far, in µs. */
export function cpuOf({ pid }: ChildProcess): number {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) * tickMicroseconds;
}

/** Highest resident memory so far, in MB (10^6 bytes). */
export function peakOf({ pid }: ChildProcess): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}

export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly home: string;
  stop(): Promise<void>;
}

/** `npm start`, without the page's build. @throws Error when it is not ready within two minutes */
export async function startGatewayProcess(
  home: string,
  port: number,
  args: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [...gatewayProgram, ...args], {
    cwd: root,
    env: { ...process.env, ...env, YINXIN_HOME: home, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://localhost:${port}`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  const end = performance.now() + 120_000;
  while (performance.now() < end && child.exitCode === null) {
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return { child, url, home, stop };
    await delay(50);
  }
  await stop();
  throw new Error('bench: the gateway was not ready');
}
