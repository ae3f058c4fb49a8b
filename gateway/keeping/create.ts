/** Puts the keeping service together. */
import { type Trust, YinxinError } from '@yinxin/core';
import { findDuplicates } from './duplicates.ts';
import { eraseCertificate } from './erasing.ts';
import type { DomainAdministrator, Keeping, KeepingDeps } from './keeping.ts';

/** The domain of the body that manages; where nobody does, of the body itself. */
function requireOwnDomain(trust: Trust, { domain }: DomainAdministrator, issuer: string, { clock }: KeepingDeps): void {
  const row = trust.managerOf(issuer, clock()) ?? trust.issuer(issuer);
  if (!row) throw new YinxinError('ISSUER_UNKNOWN', { issuer });
  if (row.domain !== domain) throw new YinxinError('CALLER_NOT_PERMITTED', { domain: row.domain });
}

export function createKeeping(deps: KeepingDeps): Keeping {
  return {
    duplicates: (operator, request) => findDuplicates(deps, operator, request),
    erase: (operator, request) => eraseCertificate(deps, operator, request),
    async rotate(administrator, issuer) {
      requireOwnDomain(deps.readModel.trust(), administrator, issuer, deps);
      return deps.vault.rotate(issuer);
    },
  };
}
