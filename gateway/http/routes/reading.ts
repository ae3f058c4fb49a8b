/** The registry and the history: trust list, types, what happened to a certificate. */
import { parseIdentifier, YinxinError } from '@yinxin/core';
import { isManager } from '../../verifying/access.ts';
import { answerJson, type Document, toJsonDocument } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { readPage } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

const maxHistoryPage = 200;

/** Auditors read every history; an issuing body's operator that of the certificates which the body manages, when the registry was last known. */
async function requireReader(exchange: Exchange, identifier: string, { readModel }: Services): Promise<void> {
  const { scopes, issuer } = await exchange.client('audit', 'issue', 'status');
  if (scopes.includes('audit')) return;
  const managed = parseIdentifier(identifier).issuer;
  if (isManager(issuer ?? undefined, managed, readModel.trust(), readModel.asOf())) return;
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

/** One version of a type, as it was registered: versions never change, so each is made once. */
function createTypeSource(services: () => Services): (type: string, version: string) => Promise<Document> {
  const made = new Map<string, Promise<Document>>();
  return (type, version) => {
    const known = made.get(`${type}/${version}`);
    if (known) return known;
    if (!/^[1-9]\d{0,5}$/.test(version)) throw new YinxinError('INPUT_INVALID', { member: 'version' });
    const definition = services().readModel.trust().type(type, Number(version));
    if (!definition) throw new YinxinError('NOT_FOUND', { kind: 'type' });
    const document = toJsonDocument(definition);
    made.set(`${type}/${version}`, document);
    return document;
  };
}

export function readingRoutes(services: () => Services): readonly Route[] {
  const types = createTypesSource(services);
  const typeVersion = createTypeSource(services);
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
      path: '/v1/types/{type}/{version}',
      async handle(exchange) {
        exchange.query([]);
        return { kind: 'document', document: await typeVersion(exchange.param('type'), exchange.param('version')) };
      },
    },
    {
      method: 'get',
      path: '/v1/history/certificates/{identifier}',
      async handle(exchange) {
        const identifier = exchange.param('identifier');
        const { verifying } = services();
        await requireReader(exchange, identifier, services());
        const { after, limit } = readPage(exchange.query(['after', 'limit']), maxHistoryPage);
        return answerJson(await verifying.history(identifier, after, limit));
      },
    },
  ];
}
