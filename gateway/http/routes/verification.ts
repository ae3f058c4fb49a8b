/** Verification: by number, and of what is presented. */
import type { VerificationAnswer } from '@yinxin/core';
import { type Answer, answerJson } from '../answer.ts';
import type { Counter } from '../metrics.ts';
import { parseVerificationRequest, readVerificationOptions } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

export function verificationRoutes(services: () => Services, verifications: Counter): readonly Route[] {
  function answer(found: VerificationAnswer): Answer {
    verifications.add(found.verdict.verdict);
    return answerJson(found);
  }
  return [
    {
      method: 'get',
      path: '/v1/verifications/{identifier}',
      async handle(exchange) {
        const options = readVerificationOptions(exchange.query(['at', 'domain', 'purpose']));
        const { verifying } = services();
        return answer(await verifying.byNumber(exchange.param('identifier'), await exchange.access(), options));
      },
    },
    {
      method: 'post',
      path: '/v1/verifications',
      async handle(exchange) {
        const { verifying } = services();
        const access = await exchange.access();
        return answer(await verifying.verify(parseVerificationRequest(await exchange.json()), access));
      },
    },
  ];
}
