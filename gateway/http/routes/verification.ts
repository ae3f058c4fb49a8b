/** Verification: by number, and of what is presented. */
import type { Language, VerificationAnswer } from '@yinxin/core';
import { type Answer, answerJson } from '../answer.ts';
import type { Exchange } from '../exchange.ts';
import { chooseLanguage } from '../language.ts';
import type { Counter } from '../metrics.ts';
import { parseVerificationRequest, readVerificationQuery } from '../requests.ts';
import type { Services } from '../services.ts';
import type { Route } from './route.ts';

const languageOf = (exchange: Exchange) => chooseLanguage(exchange.header('accept-language'));

export function verificationRoutes(services: () => Services, verifications: Counter): readonly Route[] {
  function answer(found: VerificationAnswer, language: Language): Answer {
    verifications.add(found.verdict.verdict);
    const headers = found.explanation && { 'Content-Language': language };
    return { ...answerJson(found), ...(headers && { headers }) };
  }
  return [
    {
      method: 'get',
      path: '/v1/verifications/{identifier}',
      async handle(exchange) {
        const options = readVerificationQuery((names) => exchange.query(names));
        const { verifying } = services();
        const language = languageOf(exchange);
        const access = await exchange.access();
        return answer(await verifying.byNumber(exchange.param('identifier'), access, options, language), language);
      },
    },
    {
      method: 'post',
      path: '/v1/verifications',
      async handle(exchange) {
        const { verifying } = services();
        const language = languageOf(exchange);
        const access = await exchange.access();
        const request = parseVerificationRequest(await exchange.json());
        return answer(await verifying.verify(request, access, language), language);
      },
    },
  ];
}
