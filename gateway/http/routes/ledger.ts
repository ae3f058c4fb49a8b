/** How this gateway knows the ledger, for auditors, who compare it with what they make of any peer's blocks themselves. */
import { answerJson } from '../answer.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export function ledgerRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/ledger',
      async handle(exchange) {
        exchange.query([]);
        await exchange.client('audit');
        const { readModel } = services();
        const { height, hash, digest } = await readModel.stateDigest();
        const { count, newest } = readModel.voids();
        const [confirmed, asOf] = [readModel.confirmedHeight(), readModel.asOf()];
        return answerJson({ height, hash, stateDigest: digest, confirmed, asOf, voidCount: count, void: newest });
      },
    },
  ];
}
