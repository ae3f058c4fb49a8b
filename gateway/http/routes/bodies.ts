/** What this gateway keeps of certificates of types open to everyone, for gateways that keep nothing of them. */
import { answerJson } from '../answer.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export function bodyRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/bodies/{identifier}',
      async handle(exchange) {
        exchange.query([]);
        return answerJson(await services().verifying.body(exchange.param('identifier')));
      },
    },
  ];
}
