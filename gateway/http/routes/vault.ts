/** What a body asks about what this gateway keeps of its certificates; and the administrator's rotation of its key. */
import { typePattern } from '@yinxin/core';
import { maxRequestBytes } from '../../issuing/request.ts';
import { answerJson, answerLines } from '../answer.ts';
import { parseDuplicatesRequest, parseErasureRequest, parseRotationRequest, readPage } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export const maxOwnPage = 1_000;

export function vaultRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/duplicates',
      async handle(exchange) {
        const operator = await exchange.operator('issue');
        const request = parseDuplicatesRequest(await exchange.json(maxRequestBytes));
        return answerJson(await services().keeping.duplicates(operator, request));
      },
    },
    {
      method: 'post',
      path: '/v1/erasures',
      async handle(exchange) {
        const operator = await exchange.operator('issue');
        const request = parseErasureRequest(await exchange.json());
        return answerJson(await services().keeping.erase(operator, request), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/certificates',
      async handle(exchange) {
        const operator = await exchange.operator('issue');
        const read = exchange.query(['issuer', 'type', 'after', 'limit']);
        const { after, limit } = readPage(read, maxOwnPage);
        const issuer = read.has('issuer') ? read.text('issuer') : operator.issuer;
        const register = { issuer, type: read.matching('type', typePattern) };
        return answerLines({ lines: services().issuing.ownLines(operator, register, after, limit) });
      },
    },
    {
      method: 'post',
      path: '/v1/vault/rotations',
      async handle(exchange) {
        const administrator = await exchange.client('admin');
        const { issuer } = parseRotationRequest(await exchange.json());
        return answerJson(await services().keeping.rotate(administrator, issuer), 201);
      },
    },
  ];
}
