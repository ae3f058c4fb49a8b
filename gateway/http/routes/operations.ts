/** For operators and their machines: alive, ready, figures, and the description of all of this. */
import { answerJson, answerText, type Document, toJsonDocument } from '../answer.ts';
import { type Counter, formatMetrics, type LedgerFigures, metricsMediaType, type ProcessFigures } from '../metrics.ts';
import { openapi } from '../openapi.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export interface OperationsDeps {
  /** Throws NOT_READY until the gateway serves. */
  readonly services: () => Services;
  readonly processFigures: () => ProcessFigures;
  readonly requests: Counter;
  readonly verifications: Counter;
}

function findLedger(services: () => Services): LedgerFigures | undefined {
  try {
    const { readModel } = services();
    return {
      height: readModel.height(),
      confirmed: readModel.confirmedHeight(),
      voids: readModel.voids().count,
    };
  } catch {
    return undefined;
  }
}

export function operationsRoutes(deps: OperationsDeps): readonly Route[] {
  let document: Promise<Document> | undefined;
  return [
    {
      method: 'get',
      path: '/openapi.json',
      async handle() {
        document ??= toJsonDocument(openapi);
        return { kind: 'document', document: await document };
      },
    },
    {
      method: 'get',
      path: '/healthz',
      handle: async () => answerJson({ alive: true }),
    },
    {
      method: 'get',
      path: '/readyz',
      async handle() {
        const { readModel } = deps.services();
        const fault = readModel.fault();
        if (fault !== undefined) throw fault;
        return answerJson({
          ready: true,
          height: readModel.height(),
          confirmed: readModel.confirmedHeight(),
          asOf: readModel.asOf(),
          voidCount: readModel.voids().count,
        });
      },
    },
    {
      method: 'get',
      path: '/metrics',
      async handle() {
        const { requests, verifications } = deps;
        const ledger = findLedger(deps.services);
        return answerText(
          formatMetrics({ ...deps.processFigures(), ledger, requests, verifications }),
          metricsMediaType,
        );
      },
    },
  ];
}
