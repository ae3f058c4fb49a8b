/** The express application: routes, page, problems. It does not listen and reads no environment. */

import { YinxinError } from '@yinxin/core';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { toExchange } from './exchange.ts';
import { chooseLanguage } from './language.ts';
import { createCounter, type ProcessFigures } from './metrics.ts';
import type { Page } from './page.ts';
import { toYinxinError } from './problem.ts';
import { anchoringRoutes } from './routes/anchorings.ts';
import { backupRoutes } from './routes/backups.ts';
import { bodyRoutes } from './routes/bodies.ts';
import { governanceRoutes } from './routes/governance.ts';
import { issuingRoutes } from './routes/issuing.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { oauthRoutes } from './routes/oauth.ts';
import { operationsRoutes } from './routes/operations.ts';
import { readingRoutes } from './routes/reading.ts';
import type { Route } from './routes/route.ts';
import { statusListRoutes } from './routes/status-lists.ts';
import { vaultRoutes } from './routes/vault.ts';
import { verificationRoutes } from './routes/verification.ts';
import { securityHeaders } from './security-headers.ts';
import { sendAnswer, sendProblem } from './send.ts';
import type { Services } from './services.ts';

export interface AppDeps {
  /** Undefined until the gateway serves. */
  readonly services: () => Services | undefined;
  /** Undefined until the gateway serves, or where no page was built. */
  readonly page: () => Page | undefined;
  readonly isTls: boolean;
  readonly processFigures: () => ProcessFigures;
  /** Takes what is wrong with ourselves: the stack of a bug, never a request's content. */
  readonly logBug: (text: string) => void;
}

export interface App {
  readonly handler: Express;
  /** All there are, as the OpenAPI document must describe them. */
  readonly routes: readonly Route[];
}

const toExpressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

function allowedMethods(routes: readonly Route[], path: string): string {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
}

function refuseMethod(response: Response, allow: string): never {
  response.setHeader('Allow', allow);
  throw new YinxinError('METHOD_UNKNOWN', { allow });
}

function addRoutes(app: Express, routes: readonly Route[], services: () => Services): void {
  for (const { method, path, handle } of routes) {
    app[method](toExpressPath(path), async (request, response) => {
      const exchange = toExchange(request, () => services().tokens);
      await sendAnswer(request, response, await handle(exchange));
    });
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(toExpressPath(path), (_, response) => refuseMethod(response, allowedMethods(routes, path)));
  }
}

function addPage(app: Express, page: AppDeps['page']): void {
  app.use(async (request, response, next) => {
    const document = page()?.get(request.path);
    if (!document) return next();
    if (request.method !== 'GET' && request.method !== 'HEAD') refuseMethod(response, 'GET, HEAD');
    await sendAnswer(request, response, { kind: 'document', document });
  });
}

/** The stack of a bug of ours without its message, which may hold a value. */
function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return [error.name, ...frames].join('\n');
}

function addProblems(app: Express, logBug: AppDeps['logBug']): void {
  app.use(() => {
    throw new YinxinError('ROUTE_UNKNOWN');
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const known = toYinxinError(error);
    if (known.code === 'INTERNAL') logBug(describeBug(error));
    if (response.headersSent) response.destroy();
    else sendProblem(response, known, chooseLanguage(request.headers['accept-language']));
  });
}

export function createApp(deps: AppDeps): App {
  const requests = createCounter();
  const verifications = createCounter();
  const services = () => {
    const found = deps.services();
    if (!found) throw new YinxinError('NOT_READY');
    return found;
  };
  const routes = [
    ...verificationRoutes(services, verifications),
    ...issuingRoutes(services),
    ...vaultRoutes(services),
    ...governanceRoutes(services),
    ...readingRoutes(services),
    ...statusListRoutes(services),
    ...anchoringRoutes(services),
    ...bodyRoutes(services),
    ...ledgerRoutes(services),
    ...backupRoutes(services),
    ...oauthRoutes(services),
    ...operationsRoutes({ services, processFigures: deps.processFigures, requests, verifications }),
  ];
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('query parser', false);
  const headers = securityHeaders(deps.isTls);
  app.use((_, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    response.on('finish', () => requests.add(String(response.statusCode)));
    next();
  });
  addRoutes(app, routes, services);
  addPage(app, deps.page);
  addProblems(app, deps.logBug);
  return { handler: app, routes };
}
