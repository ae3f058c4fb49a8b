/** One path and method of the REST surface. The OpenAPI document describes exactly these. */
import type { Answer } from '../answer.ts';
import type { Exchange } from '../exchange.ts';

export interface Route {
  readonly method: 'get' | 'post';
  /** With parameters as in OpenAPI: `/v1/verifications/{identifier}`. */
  readonly path: string;
  /** Throws YinxinError for a problem. */
  handle(exchange: Exchange): Promise<Answer>;
}
