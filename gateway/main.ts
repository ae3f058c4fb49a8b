/** `npm start`: reads the environment once, starts the gateway, says where to look, ends at Ctrl-C. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorEntry, formatIdentifier, type Identifier, toInstant, YinxinError } from '@yinxin/core';
import { readCatalogue } from './demo/catalogue.ts';
import { createProgress } from './demo/progress.ts';
import { releaseMemory } from './memory.ts';
import { readSettings, usualWorkers } from './settings.ts';
import { type RunningGateway, startGateway } from './start.ts';
import { formatStartProblem, formatWelcome, quoteForShell, type Welcome } from './start-words.ts';

const channel = 'certs';
const bugExit = 70;
const interruptedExit = 130;
const workingFolder = process.cwd();
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function start(): Promise<RunningGateway> {
  const settings = readSettings(process.env, workingFolder, process.argv.slice(2));
  const workers = settings.workers ?? usualWorkers(availableParallelism());
  const running = await startGateway({
    settings: { ...settings, workers },
    channel,
    catalogue: await readCatalogue(folder('../certs')),
    pageFolder: folder('../verifier-web/dist'),
    clock: () => toInstant(Math.floor(Date.now() / 1000)),
    random: (bytes) => randomBytes(bytes),
    progress: createProgress(process.stdout),
    terminal: { input: process.stdin, output: process.stderr },
    processFigures: () => ({ residentBytes: process.memoryUsage.rss(), uptimeSeconds: process.uptime() }),
    logBug: (text) => console.error(text),
  });
  releaseMemory();
  const { url, hasPage } = running;
  const prefix =
    settings.home === resolve(workingFolder, '.yinxin') ? '' : `YINXIN_HOME=${quoteForShell(settings.home)} `;
  const example = findExample(running);
  process.stdout.write(
    formatWelcome({ url, home: settings.home, prefix, hasPage, example, cities: nameCities(running) }),
  );
  return running;
}

/** Where each city's page is, when there are several. */
function nameCities({ sites }: RunningGateway): Welcome['cities'] {
  if (sites.length < 2) return [];
  return sites.map(({ url, domains, gateway }) => {
    const trust = gateway.services.readModel.trust();
    const names = domains.map((domain) => trust.domain(domain)?.name ?? { zh: domain, en: domain });
    return { url, name: { zh: names.map(({ zh }) => zh).join('、'), en: names.map(({ en }) => en).join(', ') } };
  });
}

/** The first certificate of the first body that has one of a type open to everyone. */
function findExample({ gateway }: RunningGateway): Identifier | undefined {
  const { readModel } = gateway.services;
  const { issuers } = readModel.trustClaims('');
  for (const { issuer } of issuers) {
    const type = readModel.trust().types.find(({ type, lookup, legacy }) => {
      return lookup === 'public' && !legacy && (readModel.register(issuer, type)?.last ?? 0) > 0;
    });
    if (type) return formatIdentifier({ typeCode: type.code, issuer, serial: 1, version: 1 });
  }
  return undefined;
}

/** Ends the process with the code of what went wrong. */
function fail(error: unknown): never {
  if (error instanceof YinxinError && error.code !== 'INTERNAL') {
    process.stderr.write(`\n${formatStartProblem(error)}`);
    process.exit(errorEntry(error.code).exit);
  }
  console.error(error);
  process.exit(bugExit);
}

let running: RunningGateway | undefined;
let isEnding = false;

/** Once: a terminal and npm may both pass the same Ctrl-C on. Before it serves there is nothing to wait for: every step may be cut off. */
async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await running?.stop();
  process.exit(running ? 0 : interruptedExit);
}

process.on('SIGINT', () => end().catch(fail));
process.on('SIGTERM', () => end().catch(fail));
start().then((started) => {
  running = started;
}, fail);
