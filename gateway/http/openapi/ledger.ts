/** Schemas of the ledger as the gateway knows it: readiness, and what auditors compare. */
import { array, enumeration, limitedText, matching, natural, object, type Properties, ref, text } from './schema.ts';

const heights = {
  height: natural,
  /** Of these another organisation was seen to hold too. */
  confirmed: natural,
  asOf: ref('Instant'),
};

export const ledgerSchemas: Properties = {
  Health: object({ alive: { const: true } }),
  Readiness: object({ ready: { const: true }, ...heights, voidCount: natural }),
  LedgerAnswer: object({
    ...heights,
    hash: matching('^[0-9a-f]{64}$', 'Of the newest block; zeros before the first.'),
    stateDigest: matching('^[A-Za-z0-9+/]{43}=$', 'Of the state at `height`: SM3, chained over its rows.'),
    voidCount: natural,
    void: array(ref('VoidTransaction'), { maxItems: 100 }),
  }),
  VoidTransaction: object(
    {
      block: natural,
      txId: ref('TransactionId'),
      transaction: text,
      msp: limitedText(64),
      why: enumeration('unknown', 'refused', 'writes', 'event', 'policies'),
    },
    { code: ref('ErrorCode') },
  ),
};
