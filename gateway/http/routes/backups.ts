/** Backups of the whole gateway, made and listed by its own domain's administrator. */
import { answerJson } from '../answer.ts';
import { parseNoMembers } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export function backupRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/backups',
      async handle(exchange) {
        const administrator = await exchange.client('admin');
        parseNoMembers(await exchange.json());
        return answerJson(await services().backups.make(administrator), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/backups',
      async handle(exchange) {
        const administrator = await exchange.client('admin');
        exchange.query([]);
        return answerJson(await services().backups.list(administrator));
      },
    },
  ];
}
