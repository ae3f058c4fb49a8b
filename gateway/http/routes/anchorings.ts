/** What this gateway's domain says of other cities' batches. */
import { YinxinError } from '@yinxin/core';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

function readEntry(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) throw new YinxinError('INPUT_INVALID', { member: 'entry' });
  return Number(text);
}

export function anchoringRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/anchorings/{issuer}/{type}/{entry}',
      async handle(exchange) {
        exchange.query([]);
        const entry = readEntry(exchange.param('entry'));
        const ref = { issuer: exchange.param('issuer'), type: exchange.param('type'), entry };
        const document = await services().anchorings.current(ref);
        if (!document) throw new YinxinError('NOT_FOUND', { kind: 'anchoring' });
        return { kind: 'document', document, cacheControl: 'public, max-age=600' };
      },
    },
  ];
}
