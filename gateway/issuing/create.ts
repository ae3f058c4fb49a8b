/** Puts the issuing service together. */
import { Batches } from './batches.ts';
import { makeCode } from './codes.ts';
import { readBatchFiles, readCertificate } from './files.ts';
import type { Issuing, IssuingDeps } from './issuing.ts';
import { Once } from './once.ts';
import { StatusChanges } from './status-changes.ts';
import { Turns } from './turns.ts';

/** One per process and vault: the turns that registers take are kept in memory. */
export function createIssuing(deps: IssuingDeps): Issuing {
  const once = new Once(deps.vault);
  const turns = new Turns();
  const batches = new Batches(deps, once, turns);
  const statusChanges = new StatusChanges(deps, once, turns);
  return {
    async settle() {
      await batches.settle();
      await statusChanges.settle();
    },
    issue: (operator, request, key) => batches.issue(operator, request, key),
    batch: (operator, id, after, limit) => readBatchFiles(deps, operator, id, after, limit),
    changeStatuses: (operator, request, key) => statusChanges.change(operator, request, key),
    code: (access, identifier, options) => makeCode(deps, access, identifier, options),
    certificate: (operator, identifier) => readCertificate(deps, operator, identifier),
  };
}
