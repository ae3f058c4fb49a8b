/** One gateway as a site of this process: its folder locked, its port taken, its services open, and from then on what it answers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toHex, utf8 } from '@yinxin/core';
import { openDataFiles } from './data-files.ts';
import { lockDataFolder } from './data-lock.ts';
import type { City } from './demo/cities.ts';
import { writeDurably } from './durable-file.ts';
import { createApp } from './http/app.ts';
import type { ProcessFigures } from './http/metrics.ts';
import type { Page, PageMaker } from './http/page.ts';
import { readPassphrase, type TerminalInput, type TerminalOutput } from './keys/passphrase.ts';
import type { ScryptCost } from './keys/passphrase-key.ts';
import type { OpenLedger } from './ledger/opening.ts';
import { listen } from './listen.ts';
import { type OpenGateway, openGateway } from './open.ts';
import type { Clock, Random } from './platform.ts';
import type { Settings } from './settings.ts';

/** Where a gateway lives and for whom it speaks. */
export interface SitePlan {
  /** Codes of its domains; the first is the one whose lists it serves. */
  readonly domains: readonly string[];
  /** Its data folder. */
  readonly home: string;
  /** The folder as the person called it, for messages. */
  readonly homeName?: string;
  readonly port: number;
  /** What goes into codes; undefined: the address listened on. */
  readonly publicUrl: string | undefined;
  readonly openLedger: OpenLedger;
}

/** What the sites of a process share. */
export interface SiteSurroundings {
  readonly settings: Pick<Settings, 'tls' | 'passphraseFile' | 'backups' | 'workers'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly terminal: { readonly input: TerminalInput; readonly output: TerminalOutput };
  readonly processFigures: () => ProcessFigures;
  readonly logBug: (text: string) => void;
  readonly cost?: ScryptCost;
}

/** A site that listens, and answers NOT_READY until it serves. */
export interface ListeningSite {
  /** Where it answers on this machine, without a slash at its end. */
  readonly url: string;
  /** @throws YinxinError as openGateway, and for a passphrase that cannot be had */
  open(options: SiteOptions): Promise<OpenSite>;
  /** Ends within seconds; what was acknowledged is on disk already. */
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly channel: string;
  readonly partners: readonly string[];
  readonly makePage: PageMaker;
}

export interface OpenSite extends City {
  readonly publicUrl: string;
  readonly hasPage: () => boolean;
  /** From now on it answers everything. */
  serve(): void;
}

const passphraseBytes = 24;

/** The demonstration's own passphrase lies beside the data and protects nothing from whoever has both. */
async function choosePassphrase(home: string, { settings, random, terminal }: SiteSurroundings): Promise<string> {
  const own = join(home, 'passphrase');
  const isNew = !existsSync(own) && !existsSync(join(home, 'keys'));
  if (settings.passphraseFile === undefined && isNew)
    await writeDurably(own, utf8(`${toHex(random(passphraseBytes))}\n`));
  const file = settings.passphraseFile ?? (existsSync(own) ? own : undefined);
  return readPassphrase({ file, ...terminal });
}

/** What the routes see: nothing until the gateway serves; the page always with the newest pin. */
interface Serving {
  gateway?: OpenGateway;
  page?: Page;
}

function toHandler({ settings, processFigures, logBug }: SiteSurroundings, serving: Serving) {
  const { handler } = createApp({
    services: () => serving.gateway?.services,
    page: () => serving.gateway && serving.page,
    isTls: settings.tls !== undefined,
    processFigures,
    logBug,
  });
  return handler;
}

interface Addresses {
  readonly url: string;
  readonly publicUrl: string;
  /** URLs of this gateway that a client may name when it asks for a token. */
  readonly audience: readonly string[];
}

function toAddresses({ publicUrl }: SitePlan, { settings }: SiteSurroundings, port: number): Addresses {
  const scheme = settings.tls ? 'https' : 'http';
  const url = `${scheme}://localhost:${port}`;
  const own = [...new Set([publicUrl ?? url, url, `${scheme}://127.0.0.1:${port}`])];
  return { url, publicUrl: publicUrl ?? url, audience: own.flatMap((base) => [base, `${base}/oauth/token`]) };
}

/** Several gateways of one process have one setting. */
function placeBackups({ home, domains }: SitePlan, { settings }: SiteSurroundings): string {
  return settings.backups === undefined ? join(home, 'backups') : join(settings.backups, domains[0] ?? '');
}

async function openSite(
  plan: SitePlan,
  surroundings: SiteSurroundings,
  serving: Serving,
  addresses: Addresses,
  { channel, partners, makePage }: SiteOptions,
): Promise<OpenSite> {
  const { home, domains, openLedger } = plan;
  const { clock, random, cost } = surroundings;
  const { url, publicUrl, audience } = addresses;
  const files = openDataFiles(home);
  const gateway = await openGateway({
    home,
    channel,
    openLedger,
    partners,
    domain: domains[0] ?? '',
    backups: placeBackups(plan, surroundings),
    passphrase: await choosePassphrase(home, surroundings),
    clock,
    random,
    publicUrl,
    audience,
    files,
    workers: surroundings.settings.workers ?? 0,
    async pinned(pin) {
      serving.page = await makePage(pin);
    },
    ...(cost && { cost }),
  });
  return {
    domains,
    url,
    publicUrl,
    files,
    gateway,
    hasPage: () => serving.page?.has('/') === true,
    serve() {
      serving.gateway = gateway;
    },
  };
}

/** Locks the folder, then listens, so that a taken port is noticed before any data is made. @throws YinxinError DATA_IN_USE, FILE_UNREADABLE, PORT_IN_USE, SETTING_INVALID */
export async function listenSite(plan: SitePlan, surroundings: SiteSurroundings): Promise<ListeningSite> {
  const lock = lockDataFolder(plan.home, plan.homeName);
  const serving: Serving = {};
  try {
    const { tls } = surroundings.settings;
    const listening = await listen({ port: plan.port, tls }, toHandler(surroundings, serving));
    const addresses = toAddresses(plan, surroundings, listening.port);
    let opened: OpenSite | undefined;
    return {
      url: addresses.url,
      async open(options) {
        opened = await openSite(plan, surroundings, serving, addresses, options);
        return opened;
      },
      async stop() {
        await listening.close();
        await opened?.gateway.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
