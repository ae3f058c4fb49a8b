/** From settings to a gateway that serves: lock, listen, open, prepare, answer. Reads no environment; main.ts and tests give everything. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toHex, utf8 } from '@yinxin/core';
import { type DataFiles, openDataFiles } from './data-files.ts';
import { lockDataFolder } from './data-lock.ts';
import type { Catalogue } from './demo/catalogue.ts';
import { prepareNetwork } from './demo/network.ts';
import type { Progress } from './demo/progress.ts';
import { writeDurably } from './durable-file.ts';
import { createApp } from './http/app.ts';
import type { ProcessFigures } from './http/metrics.ts';
import { type Page, readPageFiles } from './http/page.ts';
import { readPassphrase, type TerminalInput, type TerminalOutput } from './keys/passphrase.ts';
import type { ScryptCost } from './keys/passphrase-key.ts';
import { type Listening, listen } from './listen.ts';
import { type OpenGateway, type OpenOptions, openGateway } from './open.ts';
import type { Clock, Random } from './platform.ts';
import type { Settings } from './settings.ts';

export interface StartOptions {
  readonly settings: Settings;
  readonly channel: string;
  readonly catalogue: Catalogue;
  /** Of the built page; one that is not there is no page. */
  readonly pageFolder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly progress: Progress;
  readonly terminal: { readonly input: TerminalInput; readonly output: TerminalOutput };
  readonly processFigures: () => ProcessFigures;
  readonly logBug: (text: string) => void;
  /** False: no certificates of the demonstration. */
  readonly withCertificates?: boolean;
  readonly cost?: ScryptCost;
}

export interface RunningGateway {
  /** Where it answers on this machine, without a slash at its end. */
  readonly url: string;
  /** What goes into codes: the public URL, where one is set. */
  readonly publicUrl: string;
  readonly gateway: OpenGateway;
  readonly hasPage: boolean;
  /** Ends within seconds; what was acknowledged is on disk already. */
  stop(): Promise<void>;
}

const passphraseBytes = 24;

/** The demonstration's own passphrase lies beside the data and protects nothing from whoever has both. */
async function choosePassphrase({ settings, random, terminal }: StartOptions): Promise<string> {
  const own = join(settings.home, 'passphrase');
  const isNew = !existsSync(own) && !existsSync(join(settings.home, 'keys'));
  if (settings.passphraseFile === undefined && isNew)
    await writeDurably(own, utf8(`${toHex(random(passphraseBytes))}\n`));
  const file = settings.passphraseFile ?? (existsSync(own) ? own : undefined);
  return readPassphrase({ file, ...terminal });
}

function addresses({ settings }: StartOptions, port: number) {
  const scheme = settings.tls ? 'https' : 'http';
  const url = `${scheme}://localhost:${port}`;
  const publicUrl = settings.publicUrl ?? url;
  const own = [...new Set([publicUrl, url, `${scheme}://127.0.0.1:${port}`])];
  return { url, publicUrl, audience: own.flatMap((base) => [base, `${base}/oauth/token`]) };
}

/** What the routes see: nothing until the gateway serves; the page always with the newest pin. */
interface Serving {
  gateway?: OpenGateway;
  page?: Page;
}

function toHandler(options: StartOptions, serving: Serving) {
  const { handler } = createApp({
    services: () => serving.gateway?.services,
    page: () => serving.gateway && serving.page,
    isTls: options.settings.tls !== undefined,
    processFigures: options.processFigures,
    logBug: options.logBug,
  });
  return handler;
}

async function openAndPrepare(
  options: StartOptions,
  files: DataFiles,
  port: number,
  pinned: OpenOptions['pinned'],
): Promise<OpenGateway> {
  const { settings, channel, catalogue, clock, random, progress, cost } = options;
  const { url, publicUrl, audience } = addresses(options, port);
  const gateway = await openGateway({
    home: settings.home,
    channel,
    domain: catalogue.domains[0]?.domain ?? '',
    passphrase: await choosePassphrase(options),
    clock,
    random,
    publicUrl,
    audience,
    files,
    pinned,
    ...(cost && { cost }),
  });
  try {
    const { withCertificates = true } = options;
    await prepareNetwork({
      gateway,
      files,
      catalogue,
      channel,
      clock,
      random,
      url,
      progress,
      withCertificates,
    });
    await gateway.services.readModel.ready();
    return gateway;
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

async function serve(options: StartOptions, listening: Listening, serving: Serving): Promise<RunningGateway> {
  const files = openDataFiles(options.settings.home);
  const makePage = await readPageFiles(options.pageFolder);
  const gateway = await openAndPrepare(options, files, listening.port, async (pin) => {
    serving.page = await makePage(pin);
  });
  serving.gateway = gateway;
  const { url, publicUrl } = addresses(options, listening.port);
  return {
    url,
    publicUrl,
    gateway,
    hasPage: serving.page?.has('/') === true,
    async stop() {
      await listening.close();
      await gateway.close();
    },
  };
}

/** Listens at once, so that `/readyz` can say no, and answers everything once the network is there. @throws YinxinError, after letting go of everything */
export async function startGateway(options: StartOptions): Promise<RunningGateway> {
  const lock = lockDataFolder(options.settings.home, options.settings.homeName);
  const serving: Serving = {};
  let listening: Listening | undefined;
  try {
    listening = await listen(options.settings, toHandler(options, serving));
    const running = await serve(options, listening, serving);
    return {
      ...running,
      async stop() {
        await running.stop();
        lock.release();
      },
    };
  } catch (error) {
    await listening?.close();
    lock.release();
    throw error;
  }
}
