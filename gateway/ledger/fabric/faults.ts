/** What an error of Fabric's gateway client means: whose word it is, and whether the same question may be put again. The contract's own words are only in `details`. */
import { GatewayError } from '@hyperledger/fabric-gateway';
import { parseRefusal, YinxinError } from '@yinxin/core';

/** What keeps a call from being answered; for people, as `why` of LEDGER_UNREACHABLE. */
export type Why =
  | 'peer away'
  | 'too many requests'
  | 'endorsers missing'
  | 'contract process away'
  | 'endorsers disagree'
  | 'peer behind'
  | 'orderers away'
  | 'not understood';

/** What some endorsers said while others agreed. */
export interface PartialRefusal {
  readonly error: YinxinError;
  /** MSPs of those whom Fabric names. */
  readonly by: readonly string[];
}

export type Fault =
  /** The answer: asking again changes nothing. */
  | { readonly kind: 'refused'; readonly error: YinxinError }
  /** This peer does not answer; another may. */
  | { readonly kind: 'away'; readonly why: Why }
  /** Passes by itself: the same again after a pause. */
  | { readonly kind: 'passing'; readonly why: Why; readonly refusal?: PartialRefusal }
  /** Nothing known to pass; another peer may still do. */
  | { readonly kind: 'stuck'; readonly why: Why };

/** gRPC status codes. */
const cancelled = 1;
const unknown = 2;
const deadlineExceeded = 4;
const failedPrecondition = 9;
const unavailable = 14;

const messagesOf = (error: GatewayError): readonly string[] => [
  ...error.details.map(({ message }) => message),
  error.message,
];

/** Fabric's own answers to a proposal, as the port says them. */
const answers: readonly (readonly [RegExp, () => YinxinError])[] = [
  [/function that does not exist/, () => new YinxinError('INPUT_INVALID', { member: 'transaction' })],
  [/incorrect timestamp/, () => new YinxinError('CLOCK_OFF')],
  [/identity expired|access denied/, () => new YinxinError('CALLER_NOT_PERMITTED')],
];

function findRefusal(messages: readonly string[]): YinxinError | undefined {
  for (const message of messages) {
    const refusal = parseRefusal(message);
    if (refusal) return refusal;
    const answer = answers.find(([pattern]) => pattern.test(message));
    if (answer) return answer[1]();
  }
  return undefined;
}

/** What passes by itself while transactions are endorsed. */
const passing: readonly (readonly [RegExp, Why])[] = [
  [/no combination of peers|failed to select a set of endorsers/i, 'endorsers missing'],
  [/payloads do not match/i, 'endorsers disagree'],
  [/could not launch chaincode|connection refused|chaincode stream terminated|unavailable/i, 'contract process away'],
];

/** The first endorser agreed, and the others did not: they may be a block apart. */
const isPartial = (error: GatewayError) => error.message.includes('failed to collect enough transaction endorsements');

const isBusy = ({ code, message }: GatewayError) => code === unknown && message.includes('too many requests');

/** Of evaluating and endorsing, which order nothing. */
export function readFault(error: unknown): Fault {
  if (!(error instanceof GatewayError)) return { kind: 'stuck', why: 'not understood' };
  const messages = messagesOf(error);
  const refusal = findRefusal(messages);
  if (refusal && isPartial(error)) {
    const by = error.details.map(({ mspId }) => mspId);
    return { kind: 'passing', why: 'endorsers disagree', refusal: { error: refusal, by } };
  }
  if (refusal) return { kind: 'refused', error: refusal };
  if (messages.some((message) => message.includes('chaincode response 500'))) {
    return { kind: 'refused', error: new YinxinError('INTERNAL') };
  }
  if (isBusy(error)) return { kind: 'passing', why: 'too many requests' };
  if ([unavailable, deadlineExceeded, cancelled].includes(error.code)) return { kind: 'away', why: 'peer away' };
  const match = passing.find(([pattern]) => messages.some((message) => pattern.test(message)));
  return match ? { kind: 'passing', why: match[1] } : { kind: 'stuck', why: 'not understood' };
}

/** Each of these says that a message never left: nothing took it. */
const unsent =
  /error while dialing|connection refused|no established connection|no connection established|ECONNREFUSED/i;

/**
 * Of handing a transaction to the orderers: `doubtful` when it may have been taken, so that only its id can tell. Of four orderers that agree among
 * themselves a peer hears no more than the first two that fail, so their failure proves nothing.
 */
export function readSubmitFault(error: unknown): Fault | 'doubtful' {
  if (!(error instanceof GatewayError)) return 'doubtful';
  const { code, details, message } = error;
  if (isBusy(error)) return { kind: 'passing', why: 'too many requests' };
  if (code === failedPrecondition) return { kind: 'stuck', why: 'orderers away' };
  if (code !== unavailable) return 'doubtful';
  if (message.includes('no orderer nodes available')) return { kind: 'passing', why: 'orderers away' };
  if (message.includes('no orderers could successfully process')) {
    const isUnsent = details.length > 0 && details.every((detail) => unsent.test(detail.message));
    return isUnsent ? { kind: 'passing', why: 'orderers away' } : 'doubtful';
  }
  return details.length === 0 && unsent.test(message) ? { kind: 'away', why: 'peer away' } : 'doubtful';
}

/** A peer that does not answer; `waiting` when it answered nothing in time, as one does while no block comes. */
export function readStatusFault(error: unknown): 'away' | 'waiting' {
  const isWaiting = error instanceof GatewayError && (error.code === deadlineExceeded || isBusy(error));
  return isWaiting ? 'waiting' : 'away';
}

/** `qscc` has no such block or transaction. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof GatewayError && messagesOf(error).some((message) => /no such (transaction|block)/i.test(message))
  );
}
