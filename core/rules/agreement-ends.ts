/** What becomes of an agreement: a party suspends it, takes its own suspension back, or ends it. */
import { YinxinError } from '../errors.ts';
import type { AgreementInput, AgreementRow, EndAgreementInput } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import { parseInstant } from '../time.ts';
import { agreementDecision, agreementKeys, agreementOf, parseAgreementInput } from './agreements.ts';
import { requireRoom, slugPattern } from './common.ts';
import { regionPattern } from './regions.ts';
import type { Rule } from './rule.ts';
import { laterOf, shorten } from './windows.ts';

/** Suspensions that each party of an agreement may have had; where that is not enough, there is no agreement to speak of. */
const maxSuspensions = 16;

type Suspension = AgreementRow['suspensions'][number];

const isOpenOf =
  (domain: string) =>
  (suspension: Suspension): boolean =>
    suspension.domain === domain && suspension.until === null;

export const suspendAgreement: Rule<AgreementInput> = {
  parse: parseAgreementInput,
  needs: (input) => ({ keys: agreementKeys(input) }),
  decide(view, input, context) {
    const row = agreementOf(view, input, context);
    const { domain } = input;
    if (row.suspensions.some(isOpenOf(domain))) throw new YinxinError('AGREEMENT_STATE', { suspended: domain });
    const own = row.suspensions.filter((suspension) => suspension.domain === domain);
    requireRoom(own.length, maxSuspensions, 'suspensions');
    const suspension: Suspension = { domain, from: context.time, until: null };
    return agreementDecision({ ...row, suspensions: [...row.suspensions, suspension] }, domain);
  },
};

/** In force again once no party's suspension goes on. */
export const resumeAgreement: Rule<AgreementInput> = {
  parse: parseAgreementInput,
  needs: (input) => ({ keys: agreementKeys(input) }),
  decide(view, input, context) {
    const row = agreementOf(view, input, context);
    const isOwn = isOpenOf(input.domain);
    if (!row.suspensions.some(isOwn)) throw new YinxinError('AGREEMENT_STATE', { notSuspended: input.domain });
    const end = (suspension: Suspension) => ({ ...suspension, until: laterOf(suspension.from, context.time) });
    const suspensions = row.suspensions.map((suspension) => (isOwn(suspension) ? end(suspension) : suspension));
    return agreementDecision({ ...row, suspensions }, input.domain);
  },
};

export const endAgreement: Rule<EndAgreementInput> = {
  parse(json) {
    const read = memberReader(json, 'input', 'INPUT_INVALID', ['agreement', 'domain', 'until']);
    return {
      agreement: read.matching('agreement', slugPattern),
      domain: read.matching('domain', regionPattern),
      until: parseInstant(read.text('until')),
    };
  },
  needs: (input) => ({ keys: agreementKeys(input) }),
  decide(view, input, context) {
    const row = shorten(agreementOf(view, input, context), input.until, context);
    return agreementDecision(row, input.domain);
  },
};
