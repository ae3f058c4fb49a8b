/** The gateways of the demonstration, by the domains that they speak for: one for all of them, or one for each city of a Fabric network. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Json, YinxinError } from '@yinxin/core';
import type { DataFiles } from '../data-files.ts';
import type { GovernanceTransaction } from '../governing/acting-domain.ts';
import type { OpenGateway } from '../open.ts';

export interface City {
  /** Whose keys, bodies and clients are this gateway's; the first is the one whose lists it serves. */
  readonly domains: readonly string[];
  /** Where this machine reaches the gateway. */
  readonly url: string;
  /** Of its own data folder. */
  readonly files: DataFiles;
  readonly gateway: OpenGateway;
}

export interface Cities {
  readonly home: City;
  /** Home first. */
  readonly all: readonly City[];
  /** The gateway that speaks for a domain; undefined for one that none here does. */
  of(domain: string): City | undefined;
  /** Acts for a domain, by its own gateway and its own organisation; when it settles, every gateway knows. @throws YinxinError of the contract; LEDGER_UNREACHABLE when a gateway is not told within a minute */
  submit(domain: string, transaction: GovernanceTransaction, input: Json): Promise<void>;
  /** Until every gateway has seen what the home gateway's ledger holds now. @throws YinxinError LEDGER_UNREACHABLE as submit */
  caughtUp(): Promise<void>;
}

const patienceMilliseconds = 60_000;

/** Tasks over the same rows must not overlap: those of one city one after the other, the cities side by side. */
export async function inEveryCity(cities: Cities, task: (city: City) => Promise<void>): Promise<void> {
  const done = await Promise.allSettled(cities.all.map(task));
  for (const result of done) if (result.status === 'rejected') throw result.reason;
}

export function createCities(home: City, others: readonly City[]): Cities {
  const all = [home, ...others];
  const seen = async (block: number) => {
    const timeout = delay(patienceMilliseconds, undefined, { ref: false }).then(() => {
      throw new YinxinError('LEDGER_UNREACHABLE', { block });
    });
    timeout.catch(() => undefined);
    const everybody = Promise.all(all.map(({ gateway }) => gateway.services.readModel.caughtUpTo(block)));
    await Promise.race([everybody, timeout]);
  };
  /** One gateway alone speaks for everybody. */
  const of = (domain: string) => (others.length === 0 ? home : all.find(({ domains }) => domains.includes(domain)));
  return {
    home,
    all,
    of,
    async submit(domain, transaction, input) {
      const { governing } = (of(domain) ?? home).gateway.services;
      const { block } = await governing.submit({ domain }, transaction, input);
      await seen(block);
    },
    caughtUp: async () => seen((await home.gateway.ledger.info()).height - 1),
  };
}
