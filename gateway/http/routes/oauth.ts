/** Access tokens: client credentials with `private_key_jwt` (RFC 6749 §4.4, RFC 7523). */
import { answerJson } from '../answer.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export function oauthRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/oauth/token',
      async handle(exchange) {
        exchange.query([]);
        return answerJson(await services().tokens.grant(await exchange.form()));
      },
    },
  ];
}
