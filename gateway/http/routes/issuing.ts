/** What operators of issuing bodies do, and the code, which a holder may also have. */
import { parseInstant, YinxinError } from '@yinxin/core';
import type { CodeAccess } from '../../issuing/issuing.ts';
import { maxRequestBytes, maxRows } from '../../issuing/request.ts';
import { answerJson, answerLines, linesMediaType } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { maxPurposeCharacters, parseStatusChangeRequest, readPage, readText } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

/** As one JSON; as lines as many as a request may have. */
const maxBatchPage = 500;
const holder = /^Yinxin-Holder ([A-Za-z0-9+/]{43}=)$/;

/** @throws YinxinError IDEMPOTENCY_KEY_MISSING */
function readIdempotencyKey(exchange: Exchange): string {
  const key = exchange.header('idempotency-key') ?? '';
  if (!/^[!-~]{1,128}$/.test(key)) throw new YinxinError('IDEMPOTENCY_KEY_MISSING');
  return key;
}

/** The holder shows the token of the file as `Authorization: Yinxin-Holder <base64>`. */
async function readCodeAccess(exchange: Exchange): Promise<CodeAccess> {
  const holderToken = holder.exec(exchange.header('authorization') ?? '')?.[1];
  return holderToken === undefined ? await exchange.operator('issue') : { holderToken };
}

function readCodeOptions(exchange: Exchange) {
  const read = exchange.query(['face', 'purpose', 'addressee', 'expires']);
  const face = read.has('face') ? read.matching('face', /^(open|closed)$/) : 'closed';
  return {
    face: face === 'open' ? ('open' as const) : ('closed' as const),
    ...(read.has('purpose') && { purpose: readText(read, 'purpose', maxPurposeCharacters) }),
    ...(read.has('addressee') && { addressee: readText(read, 'addressee', maxPurposeCharacters) }),
    ...(read.has('expires') && { expires: parseInstant(read.text('expires')) }),
  };
}

export function issuingRoutes(services: () => Services): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/batches',
      async handle(exchange) {
        const operator = await exchange.operator('issue');
        const key = readIdempotencyKey(exchange);
        const body = exchange.jsonBytes(maxRequestBytes);
        const { issuing } = services();
        if (exchange.accepts(linesMediaType)) return answerLines(await issuing.issueLines(operator, body, key), 201);
        return answerJson(await issuing.issue(operator, body, key), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/batches/{id}',
      async handle(exchange) {
        const operator = await exchange.operator('issue');
        const asLines = exchange.accepts(linesMediaType);
        const { after, limit } = readPage(exchange.query(['after', 'limit']), asLines ? maxRows : maxBatchPage);
        if (asLines) {
          return answerLines(await services().issuing.batchLines(operator, exchange.param('id'), after, limit));
        }
        return answerJson(await services().issuing.batch(operator, exchange.param('id'), after, limit));
      },
    },
    {
      method: 'post',
      path: '/v1/status-changes',
      async handle(exchange) {
        const operator = await exchange.operator('status');
        const key = readIdempotencyKey(exchange);
        const request = parseStatusChangeRequest(await exchange.json());
        return answerJson(await services().issuing.changeStatuses(operator, request, key), 201);
      },
    },
    {
      method: 'get',
      path: '/v1/certificates/{identifier}',
      async handle(exchange) {
        const operator = await exchange.operator('issue');
        exchange.query([]);
        return answerJson(await services().issuing.certificate(operator, exchange.param('identifier')));
      },
    },
    {
      method: 'get',
      path: '/v1/certificates/{identifier}/code',
      async handle(exchange) {
        const { issuing } = services();
        const access = await readCodeAccess(exchange);
        return answerJson(await issuing.code(access, exchange.param('identifier'), readCodeOptions(exchange)));
      },
    },
  ];
}
