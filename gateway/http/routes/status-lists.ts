/** Status lists: of types that anyone may look up by number for everyone, of others for those who verify. */
import { YinxinError } from '@yinxin/core';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export function statusListRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/status-lists/{issuer}/{type}',
      async handle(exchange) {
        exchange.query([]);
        const { readModel, statusLists } = services();
        const type = exchange.param('type');
        const isPublic = readModel.trust().types.some((row) => row.type === type && row.lookup === 'public');
        if (!isPublic) await exchange.client('verify', 'issue', 'status', 'audit');
        const list = await statusLists.current(exchange.param('issuer'), type);
        if (!list) throw new YinxinError('NOT_FOUND');
        const cacheControl = `${isPublic ? 'public' : 'private'}, max-age=${list.maxAgeSeconds}`;
        return { kind: 'document', document: list.document, cacheControl };
      },
    },
  ];
}
