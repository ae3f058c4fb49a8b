/** Puts the issuing service together. */
import { epochSeconds } from '@yinxin/core';
import { Anchorings } from './anchorings.ts';
import { outbox } from './batch-records.ts';
import { Batches } from './batches.ts';
import { makeCode } from './codes.ts';
import { sweepExpired } from './expiry.ts';
import { readBatchFiles, readCertificate } from './files.ts';
import type { Issuing, IssuingDeps } from './issuing.ts';
import { answeredRequest, Once } from './once.ts';
import { StatusChanges } from './status-changes.ts';
import { Turns } from './turns.ts';

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
  const batches = new Batches(deps, once, turns, anchorings);
  const statusChanges = new StatusChanges(deps, once, turns);
  return {
    async settle() {
      await sweep();
      await batches.settle();
      await statusChanges.settle();
      await anchorings.settle();
    },
    issue: (operator, request, key) => batches.issue(operator, request, key),
    batch: (operator, id, after, limit) => readBatchFiles({ ...deps, anchorings }, operator, id, after, limit),
    changeStatuses: (operator, request, key) => statusChanges.change(operator, request, key),
    code: (access, identifier, options) => makeCode(deps, access, identifier, options),
    certificate: (operator, identifier) => readCertificate({ ...deps, anchorings }, operator, identifier),
    close: () => anchorings.close(),
  };
}
