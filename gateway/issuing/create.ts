/** Puts the issuing service together. */
import { epochSeconds } from '@yinxin/core';
import { Anchorings } from './anchorings.ts';
import { outbox } from './batch-records.ts';
import { Batches } from './batches.ts';
import { makeCode } from './codes.ts';
import { sweepExpired } from './expiry.ts';
import { Files } from './files.ts';
import type { Issuing, IssuingDeps } from './issuing.ts';
import { answeredRequest, Once } from './once.ts';
import { StatusChanges } from './status-changes.ts';
import { Turns } from './turns.ts';
import { createPool } from './workers/pool.ts';

const sweepSeconds = 3_600;

/** Forgets what is past its end: at the first call, and at those an hour or more after the last that did. */
function createSweep({ vault, clock }: IssuingDeps): () => Promise<void> {
  let swept = 0;
  return async () => {
    const now = clock();
    if (epochSeconds(now) - swept < sweepSeconds) return;
    swept = epochSeconds(now);
    for (const kind of [outbox, answeredRequest]) await sweepExpired(vault, kind, now);
  };
}

/** One per process and vault: the turns that registers take are kept in memory. */
export function createIssuing(deps: IssuingDeps): Issuing {
  const sweep = createSweep(deps);
  const once = new Once(deps.vault, sweep);
  const turns = new Turns();
  const anchorings = new Anchorings(deps);
  const pool = createPool(deps.workers ?? 0, deps.random);
  const files = new Files(deps, anchorings, pool);
  const batches = new Batches(deps, once, turns, pool, files);
  const statusChanges = new StatusChanges(deps, once, turns);
  return {
    async settle() {
      await sweep();
      await batches.settle();
      await statusChanges.settle();
      await anchorings.settle();
    },
    issue: async (operator, request, key) => (await batches.issue(operator, request, key)).summary,
    async issueLines(operator, request, key) {
      return files.issuedLines(operator, await batches.issue(operator, request, key, true));
    },
    batch: (operator, id, after, limit) => files.batch(operator, id, after, limit),
    batchLines: (operator, id, after, limit) => files.lines(operator, id, after, limit),
    ownLines: (operator, register, after, limit) => files.ownLines(operator, register, after, limit),
    changeStatuses: (operator, request, key) => statusChanges.change(operator, request, key),
    code: (access, identifier, options) => makeCode(deps, access, identifier, options),
    certificate: (operator, identifier) => files.certificate(operator, identifier),
    async close() {
      await anchorings.close();
      await pool.close();
    },
  };
}
