/** What `deploy` has done, and what is still to be done by others. */
import type { Approval } from './lifecycle.ts';

export interface Deployment {
  readonly approval: Approval;
  /** The built contract, which the organisation runs as a process under the package's id. */
  readonly contractFolder: string;
  /** Where that finds `fabric-shim`. */
  readonly modulesFolder: string;
  readonly isCommitted: boolean;
  /** MSPs that have not approved it yet. */
  readonly missing: readonly string[];
}
