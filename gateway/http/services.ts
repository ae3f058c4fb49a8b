/** What the routes need, given by main.ts or a test. */

import type { ReadModel } from '../index/read-model.ts';
import type { Issuing } from '../issuing/issuing.ts';
import type { TokenService } from '../oauth/tokens.ts';
import type { Verifying } from '../verifying/verifying.ts';
import type { TrustListSource } from './trust-list.ts';

export interface Services {
  readonly readModel: ReadModel;
  readonly issuing: Issuing;
  readonly verifying: Verifying;
  readonly tokens: TokenService;
  readonly trustList: TrustListSource;
}
