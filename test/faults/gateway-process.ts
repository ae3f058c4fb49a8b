/** One city's gateway as `npm start` runs it, in a process of its own, so that it can be killed; always on the same port, as its clients know it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'gateway', 'main.ts');
const followParent = fileURLToPath(new URL('./follow-parent.ts', import.meta.url));
const patienceMilliseconds = 90_000;

export interface GatewayPlace {
  readonly home: string;
  readonly port: number;
  /** Path of the connection profile. */
  readonly profile: string;
  readonly domain: string;
  readonly partners: readonly string[];
}

export class GatewayProcess {
  readonly place: GatewayPlace;
  #child: ChildProcess | undefined;

  constructor(place: GatewayPlace) {
    this.place = place;
  }

  get url(): string {
    return `http://127.0.0.1:${this.place.port}`;
  }

  get #log(): string {
    return join(this.place.home, 'gateway.log');
  }

  /** What it has said since it was first started. */
  said(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /** Until it serves: everything that an earlier process left under way was tried then. Another profile than its own on request. */
  async start(profile = this.place.profile): Promise<void> {
    await this.end('SIGKILL');
    const { home, port, domain, partners } = this.place;
    const env = {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      YINXIN_HOME: home,
      YINXIN_FABRIC_PROFILE: profile,
      YINXIN_DOMAIN: domain,
      YINXIN_PARTNERS: partners.join(','),
    };
    const child = spawn(process.execPath, ['--import', followParent, main, '--ledger', 'fabric'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Uint8Array) => appendFileSync(this.#log, chunk));
    }
    await this.#becomeReady(child);
  }

  async #becomeReady(child: ChildProcess): Promise<void> {
    const end = Date.now() + patienceMilliseconds;
    while (Date.now() < end && child.exitCode === null && child.signalCode === null) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      await answer?.arrayBuffer().catch(() => undefined);
      if (answer?.ok) return;
      await delay(50);
    }
    throw new Error(`the gateway of ${this.place.domain} did not become ready:\n${this.said().slice(-2000)}`);
  }

  /** Nothing happens when it does not run. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Also its log, so that what it says from now on stands alone. */
  forgetLog(): void {
    rmSync(this.#log, { force: true });
  }
}
