/** What the routes need, given by main.ts or a test. */

import type { Backups } from '../backup/backups.ts';
import type { Governing } from '../governing/governing.ts';
import type { ReadModel } from '../index/read-model.ts';
import type { Issuing } from '../issuing/issuing.ts';
import type { Keeping } from '../keeping/keeping.ts';
import type { TokenService } from '../oauth/tokens.ts';
import type { Verifying } from '../verifying/verifying.ts';
import type { AnchoringSource } from './anchorings.ts';
import type { StatusListSource } from './status-lists.ts';
import type { TrustListSource } from './trust-list.ts';

export interface Services {
  readonly readModel: ReadModel;
  readonly issuing: Issuing;
  readonly keeping: Keeping;
  readonly governing: Governing;
  readonly verifying: Verifying;
  readonly tokens: TokenService;
  readonly trustList: TrustListSource;
  readonly statusLists: StatusListSource;
  readonly anchorings: AnchoringSource;
  readonly backups: Backups;
}
