/** The registry and the history: trust list, types, what happened to a certificate. */
import { parseIdentifier, YinxinError } from '@yinxin/core';
import { answerJson, type Document, toJsonDocument } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { readPage } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

const maxHistoryPage = 200;

/** Auditors read every history; an issuing body's operator that of its own certificates. */
async function requireReader(exchange: Exchange, identifier: string): Promise<void> {
  const { scopes, issuer } = await exchange.client('audit', 'issue', 'status');
  if (scopes.includes('audit') || parseIdentifier(identifier).issuer === issuer) return;
  throw new YinxinError('SCOPE_MISSING', { scope: 'audit' });
}

/** The newest versions of all types, made again when there is another block. */
function createTypesSource(services: () => Services): () => Promise<Document> {
  let made: { readonly height: number; readonly document: Promise<Document> } | undefined;
  return () => {
    const { readModel } = services();
    const height = readModel.height();
    if (made?.height !== height) made = { height, document: toJsonDocument({ types: readModel.trust().types }) };
    return made.document;
  };
}

export function readingRoutes(services: () => Services): readonly Route[] {
  const types = createTypesSource(services);
  return [
    {
      method: 'get',
      path: '/v1/trust-list',
      async handle(exchange) {
        exchange.query([]);
        return { kind: 'document', document: await services().trustList.current() };
      },
    },
    {
      method: 'get',
      path: '/v1/types',
      async handle(exchange) {
        exchange.query([]);
        return { kind: 'document', document: await types() };
      },
    },
    {
      method: 'get',
      path: '/v1/history/certificates/{identifier}',
      async handle(exchange) {
        const identifier = exchange.param('identifier');
        const { verifying } = services();
        await requireReader(exchange, identifier);
        const { after, limit } = readPage(exchange.query(['after', 'limit']), maxHistoryPage);
        return answerJson(await verifying.history(identifier, after, limit));
      },
    },
  ];
}
