/** What administrators of a domain do: transactions of governance, new keys; and the proposals and agreements, which auditors read too. */
import { YinxinError } from '@yinxin/core';
import { isGovernanceTransaction } from '../../governing/acting-domain.ts';
import { answerJson } from '../answer.ts';
import { parseKeyRequest, parseListKeyRequest, readProposalState } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export function governanceRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/governance/{transaction}',
      async handle(exchange) {
        const administrator = await exchange.client('admin');
        const transaction = exchange.param('transaction');
        if (!isGovernanceTransaction(transaction)) throw new YinxinError('ROUTE_UNKNOWN');
        return answerJson(await services().governing.submit(administrator, transaction, await exchange.json()), 201);
      },
    },
    {
      method: 'post',
      path: '/v1/keys',
      async handle(exchange) {
        const administrator = await exchange.client('admin');
        const request = parseKeyRequest(await exchange.json());
        return answerJson(await services().governing.makeKey(administrator, request), 201);
      },
    },
    {
      method: 'post',
      path: '/v1/list-keys',
      async handle(exchange) {
        const administrator = await exchange.client('admin');
        parseListKeyRequest(await exchange.json());
        return answerJson(await services().governing.makeListKey(administrator), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/proposals',
      async handle(exchange) {
        await exchange.client('admin', 'audit');
        const read = exchange.query(['state']);
        return answerJson(services().governing.proposals(read.has('state') ? readProposalState(read) : undefined));
      },
    },
    {
      method: 'get',
      path: '/v1/agreements',
      async handle(exchange) {
        await exchange.client('admin', 'audit');
        exchange.query([]);
        return answerJson(services().governing.agreements());
      },
    },
  ];
}
