/** Rosters are issued while the command or its gateway is killed at random moments; at the end the ledger's blocks and the files are counted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isJsonObject, parseAnchorStatement, toInstant } from '@yinxin/core';
import { expect } from 'chai';
import { openEmbedded } from '../../gateway/ledger/opening.ts';
import { market } from '../fixtures/gateway.ts';
import { Dice } from './dice.ts';

const command = fileURLToPath(new URL('../../issuer-cli/main.ts', import.meta.url));
const gatewayMain = fileURLToPath(new URL('./issuing-gateway.ts', import.meta.url));
const followParent = fileURLToPath(new URL('./follow-parent.ts', import.meta.url));
const sample = fileURLToPath(new URL('../../certs/samples/business-licence.csv', import.meta.url));
const patienceMilliseconds = 30_000;
/** Three requests. */
const rosterRows = 8_200;
const badEvery = 1_000;

export interface Killings {
  readonly kills: number;
  readonly ofGateway: number;
  readonly rosters: number;
  /** Certificates on the ledger. */
  readonly certificates: number;
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'yinxin-kill-'));
  readonly home = join(this.folder, 'gateway');
  readonly #port: number;
  #gateway: ChildProcess | undefined;

  constructor(port: number) {
    this.#port = port;
    mkdirSync(this.home);
  }

  async startGateway(): Promise<void> {
    const args = ['--import', followParent, gatewayMain, this.home, String(this.#port)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#gateway = child;
    const ready = once(child.stdout, 'data');
    const first = await Promise.race([ready, once(child, 'exit'), delay(patienceMilliseconds)]);
    if (!first || !String(first[0]).startsWith('ready')) throw new Error('the gateway did not start');
    child.stdout.resume();
  }

  async killGateway(): Promise<void> {
    if (this.#gateway) await kill(this.#gateway, 'SIGKILL');
  }

  /** @returns the number of bugs that it logged */
  async stopGateway(): Promise<number> {
    const child = this.#gateway;
    if (!child) return 0;
    await kill(child, 'SIGTERM');
    return child.exitCode ?? 0;
  }

  startCommand(args: readonly string[]): { readonly child: ChildProcess; readonly said: () => string } {
    const env = {
      ...process.env,
      YINXIN_HOME: this.home,
      YINXIN_GATEWAY: `http://127.0.0.1:${this.#port}`,
      LANG: 'zh_CN.UTF-8',
    };
    const all = ['--import', followParent, command, ...args];
    const child = spawn(process.execPath, all, { cwd: this.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4_000);
    });
    return { child, said: () => text };
  }
}

const nameOf = (roster: number, row: number) => `第${roster}号名册第${row}家公司`;
const isBad = (row: number) => row % badEvery === badEvery - 1;

function writeRoster(site: Site, number: number): void {
  const [header = '', first = ''] = readFileSync(sample, 'utf8').trim().split(/\r?\n/);
  const [code = '', , ...rest] = first.split(',');
  const rows = Array.from({ length: rosterRows }, (_, row) =>
    [isBad(row) ? code.replace(/.$/, 'X') : code, nameOf(number, row), ...rest].join(),
  );
  writeFileSync(join(site.folder, `roster-${number}.csv`), `${[header, ...rows].join('\r\n')}\r\n`);
}

const argsOf = (number: number) => [
  'issue',
  `roster-${number}.csv`,
  ...['--type', 'business-licence', '--as', market, '-o', `out-${number}`],
];

/** Killed at a moment, or come to its end before. @returns whether it came to its end */
async function runUntil(site: Site, number: number, moment: Promise<unknown>): Promise<boolean> {
  const { child, said } = site.startCommand([...argsOf(number), '--lang', 'zh']);
  const exit = once(child, 'exit').then(() => 'ended' as const);
  if ((await Promise.race([exit, moment])) !== 'ended') {
    await kill(child, 'SIGKILL');
    if (child.signalCode === 'SIGKILL') return false;
  }
  expect(child.exitCode, said()).to.equal(1); // some rows are bad
  return true;
}

/** Killed with its gateway gone, then there again, the command goes on by itself. */
async function outlive(site: Site, number: number, milliseconds: number): Promise<boolean> {
  const { child, said } = site.startCommand([...argsOf(number), '--lang', 'zh']);
  const exit = once(child, 'exit');
  await delay(milliseconds);
  await site.killGateway();
  await site.startGateway();
  await exit;
  // before the run had begun, the command does not wait for a gateway
  if (child.exitCode === 3 && !said().includes('已办成')) return false;
  expect(child.exitCode, said()).to.equal(1);
  return true;
}

/** Entries that the ledger's blocks hold, each with how often. */
async function countEntries(site: Site): Promise<readonly number[]> {
  const clock = () => toInstant(Math.floor(Date.now() / 1000));
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const ledger = await openEmbedded({ home: site.home, channel: 'certs', clock, random });
  const entries: number[] = [];
  try {
    const { height } = await ledger.info();
    for await (const block of ledger.blocks(0, new AbortController().signal)) {
      for (const { valid, input } of block.transactions) {
        const statement = isJsonObject(input) ? input['statement'] : undefined;
        if (!valid || typeof statement !== 'string' || !statement.includes('yinxin-anchor/1')) continue;
        const { first, last } = parseAnchorStatement(statement);
        for (let entry = first; entry <= last; entry += 1) entries.push(entry);
      }
      if (block.number === height - 1) break;
    }
  } finally {
    await ledger.close();
  }
  return entries;
}

interface Found {
  readonly name: string;
  readonly entry: number;
}

function readFiles(site: Site, number: number): readonly Found[] {
  const folder = join(site.folder, `out-${number}`);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yinxin.json'),
  );
  return names.map((name) => {
    const file = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      body: { id: string; entry: number };
      fields: { holderName: string };
    };
    expect(name.endsWith(`${file.body.id}.yinxin.json`)).to.equal(true);
    return { name: file.fields.holderName, entry: file.body.entry };
  });
}

const lineCount = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n').length - 1;

/** Every good row has exactly one certificate, the ledger holds those alone, without gap and none twice. */
async function requireWhole(site: Site, rosters: number): Promise<number> {
  const found = Array.from({ length: rosters }, (_, number) => readFiles(site, number));
  for (const [number, files] of found.entries()) {
    const wanted = Array.from({ length: rosterRows }, (_, row) => row).filter((row) => !isBad(row));
    expect(files.map(({ name }) => name).sort()).to.deep.equal(wanted.map((row) => nameOf(number, row)).sort());
    const folder = join(site.folder, `out-${number}`);
    expect([lineCount(join(folder, 'issued.csv')), lineCount(join(folder, 'failed.csv'))]).to.deep.equal([
      wanted.length,
      rosterRows - wanted.length,
    ]);
  }
  const entries = found.flat().map(({ entry }) => entry);
  const expected = Array.from({ length: entries.length }, (_, at) => at + 1);
  const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);
  expect(ascending(entries), 'files').to.deep.equal(expected);
  expect(ascending(await countEntries(site)), 'ledger').to.deep.equal(expected);
  return entries.length;
}

/** Kills so often, then lets the last roster come to its end. */
export async function issueUnderKills(kills: number, seed: string): Promise<Killings> {
  const site = new Site(await findPort());
  const dice = new Dice(seed);
  let [killed, ofGateway, roster] = [0, 0, 0];
  try {
    await site.startGateway();
    writeRoster(site, roster);
    while (killed < kills) {
      const moment = 250 + dice.below(2_000);
      const isGateway = dice.chance(30);
      const isDone = isGateway ? await outlive(site, roster, moment) : await runUntil(site, roster, delay(moment));
      if (isGateway) ofGateway += 1;
      if (isGateway || !isDone) killed += 1;
      if (isDone) {
        roster += 1;
        writeRoster(site, roster);
      }
    }
    expect(await runUntil(site, roster, new Promise(() => undefined))).to.equal(true);
    expect(await site.stopGateway(), 'bugs of the gateway').to.equal(0);
    return { kills: killed, ofGateway, rosters: roster + 1, certificates: await requireWhole(site, roster + 1) };
  } finally {
    await site.killGateway();
    rmSync(site.folder, { recursive: true, force: true });
  }
}
