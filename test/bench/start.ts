/** How soon `npm start` is ready, first and later, and what the gateway holds in memory at rest. The program itself is measured, on a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gatewayProgram } from '../fixtures/start-script.ts';
import { findFreePort, root } from '../walk/tour.ts';
import { type Figure, toFigure } from './figure.ts';

interface Started {
  readonly gateway: ChildProcess;
  readonly seconds: number;
}

async function start(home: string, port: number): Promise<Started> {
  const began = performance.now();
  const gateway = spawn(process.execPath, [...gatewayProgram], {
    cwd: root,
    env: { ...process.env, YINXIN_HOME: home, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; tries < 2_000; tries += 1) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return { gateway, seconds: (performance.now() - began) / 1000 };
    await delay(50);
  }
  throw new Error('bench: the gateway was not ready');
}

/** Resident memory in MB (10^6 bytes) as Linux counts it. */
function residentMegabytes({ pid }: ChildProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}

async function stop({ gateway }: Started): Promise<void> {
  const ended = new Promise((resolve) => gateway.once('exit', resolve));
  gateway.kill('SIGTERM');
  await ended;
}

export async function measure(): Promise<readonly Figure[]> {
  const home = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  const port = await findFreePort();
  try {
    const first = await start(home, port);
    await stop(first);
    const later = await start(home, port);
    await delay(5_000);
    const memory = residentMegabytes(later.gateway);
    await stop(later);
    return [
      toFigure('first start: founding and demonstration', first.seconds, 's', 'under 60 s'),
      toFigure('later start', later.seconds, 's', 'under 5 s'),
      toFigure('gateway at rest, resident', memory, 'MB', 'under 150 MB'),
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
