/** The command line: which command, with which options. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { YinxinError } from '@yinxin/core';
import { fewestCities, isCityName, mostCities, portCount } from './plan.ts';
import type { Environment } from './programs.ts';
import type { UpOptions } from './up.ts';

export type Command =
  | { readonly name: 'up'; readonly options: UpOptions }
  | { readonly name: 'down' | 'status' | 'upgrade' | 'help' }
  | { readonly name: 'logs'; readonly node: string | undefined; readonly follow: boolean }
  | { readonly name: 'reset'; readonly yes: boolean }
  | { readonly name: 'add-city'; readonly city: string }
  | { readonly name: 'deploy'; readonly profile: string }
  | { readonly name: 'doctor'; readonly profile: string | undefined; readonly json: boolean };

export interface CommandLine {
  /** The network's folder, absolute. */
  readonly home: string;
  readonly command: Command;
}

/** Of the network, in the folder where the command is called. */
export const defaultFolder = '.yinxin-network';

const usage = (option: string, reason: string) => new YinxinError('USAGE', { option, reason });

function readNumber(
  [option, reason]: readonly [string, string],
  value: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d{1,5}$/.test(value) || number < least || number > most) throw usage(option, reason);
  return number;
}

const lowestPort = 1024;
const highestPort = 65_535;

const options = {
  home: { type: 'string' },
  cities: { type: 'string' },
  raft: { type: 'boolean' },
  'base-port': { type: 'string' },
  follow: { type: 'boolean' },
  yes: { type: 'boolean' },
  profile: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new YinxinError('USAGE', { option: error instanceof Error ? (error.message.split('. ')[0] ?? '') : '' });
  }
}

type Values = ReturnType<typeof parse>['values'];

/** Options that each command takes besides `--home`. */
const taken: { readonly [command: string]: readonly (keyof Values)[] } = {
  up: ['cities', 'raft', 'base-port'],
  down: [],
  status: [],
  logs: ['follow'],
  reset: ['yes'],
  upgrade: [],
  'add-city': [],
  deploy: ['profile'],
  doctor: ['profile', 'json'],
};

function toCommand(name: string, rest: readonly string[], values: Values): Command {
  const [first] = rest;
  if (rest.length > (name === 'logs' || name === 'add-city' ? 1 : 0)) throw usage(rest.at(-1) ?? '', 'not taken');
  switch (name) {
    case 'up': {
      const cities = readNumber(['--cities', 'not a count'], values.cities, fewestCities, mostCities);
      const basePort = readNumber(
        ['--base-port', 'not a port'],
        values['base-port'],
        lowestPort,
        highestPort - portCount,
      );
      return { name, options: { cities, basePort, ordering: values.raft ? 'raft' : undefined } };
    }
    case 'down':
    case 'status':
    case 'upgrade':
      return { name };
    case 'logs':
      return { name, node: first, follow: values.follow ?? false };
    case 'reset':
      return { name, yes: values.yes ?? false };
    case 'add-city':
      if (first === undefined || !isCityName(first)) throw usage(first ?? 'NAME', 'not a city');
      return { name, city: first };
    case 'deploy':
      if (values.profile === undefined) throw usage('--profile', 'not named');
      return { name, profile: values.profile };
    case 'doctor':
      return { name, profile: values.profile, json: values.json ?? false };
    default:
      throw usage(name, 'not a command');
  }
}

/** @throws YinxinError USAGE with `{option}` */
export function parseCommandLine(
  args: readonly string[],
  environment: Environment,
  workingFolder: string,
): CommandLine {
  const { values, positionals } = parse(args);
  const [name = 'help', ...rest] = positionals;
  const home = resolve(workingFolder, values.home ?? (environment['YINXIN_NETWORK'] || defaultFolder));
  if (values.help || name === 'help') return { home, command: { name: 'help' } };
  const command = toCommand(name, rest, values);
  const foreign = Object.keys(values).find((key) => key !== 'home' && !taken[name]?.some((option) => option === key));
  if (foreign !== undefined) throw usage(`--${foreign}`, 'not taken');
  return { home, command };
}
