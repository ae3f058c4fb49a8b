/** Schemas of verification and history. */
import { checkNames } from '@yinxin/core';
import { maxCodeCharacters, maxPurposeCharacters } from '../requests.ts';
import {
  array,
  enumeration,
  flag,
  limitedText,
  map,
  natural,
  nullable,
  object,
  oneOf,
  type Properties,
  positive,
  ref,
  text,
} from './schema.ts';

const asked = {
  at: { ...ref('Instant'), description: 'Legal time asked about; default now.' },
  height: {
    ...positive,
    description: 'By what the ledger held at this height (number of blocks); default the newest.',
  },
  domain: { ...ref('Domain'), description: 'Where it is presented; a place inside a domain counts as the domain.' },
  matter: { ...ref('Matter'), description: 'The matter it is presented for.' },
  purpose: limitedText(maxPurposeCharacters),
  explain: { ...flag, description: 'Also say each check in words, in the language of Accept-Language.' },
};
const details = { type: 'object' } as const;

const recorded = {
  sequence: positive,
  from: ref('Status'),
  to: ref('Status'),
  act: { anyOf: [ref('Act'), { const: 'supersede' }] },
  basis: nullable(text),
  document: nullable(text),
  effective: ref('Instant'),
  by: nullable(positive),
  time: ref('Instant'),
  key: ref('KeyId'),
  txId: ref('TransactionId'),
};
const corrects = { corrects: positive };

export const verificationSchemas: Properties = {
  VerificationRequest: oneOf(
    object(
      {
        file: {
          type: 'object',
          description: 'A certificate file. One that cannot be read is a finding, not an error.',
        },
      },
      asked,
    ),
    object({ code: limitedText(maxCodeCharacters) }, asked),
    object({ identifier: limitedText(128) }, { claims: map(ref('FieldValue')), ...asked }),
    object({ identifier: limitedText(128), leaf: text }, asked),
  ),
  Check: oneOf(
    object({ check: enumeration(...checkNames), outcome: { const: 'passed' } }, { details }),
    object({ check: enumeration(...checkNames), outcome: { const: 'skipped' } }),
    object(
      { check: enumeration(...checkNames), outcome: enumeration('failed', 'inconclusive'), code: ref('ErrorCode') },
      { details },
    ),
  ),
  ExplainedCheck: object(
    {
      check: enumeration(...checkNames),
      outcome: enumeration('passed', 'failed', 'inconclusive', 'skipped'),
      title: text,
      sentence: text,
      evidence: array(object({ label: text, value: text })),
    },
    { code: ref('ErrorCode') },
  ),
  Verdict: object(
    {
      verdict: enumeration('valid', 'invalid', 'indeterminate'),
      reason: { anyOf: [{ const: 'VALID' }, ref('ErrorCode')] },
      genuine: enumeration('yes', 'no', 'unknown'),
    },
    { check: enumeration(...checkNames), details },
  ),
  RecordedChange: object(recorded, corrects),
  KnownChange: object({ ...recorded, block: natural, recorded: ref('Instant') }, corrects),
  LedgerKnowledge: object(
    { height: natural, time: ref('Instant'), asOf: ref('Instant'), changes: array(ref('KnownChange')) },
    {
      anchor: object({
        leaf: ref('Hash'),
        statement: text,
        key: ref('KeyId'),
        txId: ref('TransactionId'),
        block: natural,
        time: ref('Instant'),
        supersedes: nullable(positive),
      }),
    },
  ),
  CertificateSummary: object(
    {
      identifier: ref('Identifier'),
      type: ref('TypeName'),
      typeVersion: positive,
      typeName: ref('Words'),
      issuer: ref('Issuer'),
      issuerName: ref('Words'),
      entry: positive,
      issuedAt: ref('Instant'),
      validFrom: ref('CalendarDate'),
      validUntil: nullable(ref('CalendarDate')),
    },
    { successor: object({ issuer: ref('Issuer'), name: ref('Words') }) },
  ),
  ShownField: object(
    { key: text, label: ref('Words'), value: nullable(ref('FieldValue')), masked: flag },
    { unit: text },
  ),
  VerificationAnswer: {
    ...object(
      { verdict: ref('Verdict'), checks: array(ref('Check')), at: ref('Instant'), height: natural },
      {
        explanation: array(ref('ExplainedCheck')),
        certificate: ref('CertificateSummary'),
        fields: array(ref('ShownField')),
        knowledge: ref('LedgerKnowledge'),
        supersededBy: ref('Identifier'),
        conclusion: {
          ...enumeration('none', 'positive', 'negative', 'hidden'),
          description:
            'What a certificate that may say no (不合格) says. A valid verdict with `negative` is genuine and no pass; `hidden`: what was presented does not show it.',
        },
        terms: object({}, { purpose: text, addressee: text, expires: ref('Instant') }),
      },
    ),
    dependentRequired: { certificate: ['conclusion'] },
  },
  HistoryItem: object(
    {
      event: enumeration('anchored', 'status-changed', 'superseded'),
      block: natural,
      txId: ref('TransactionId'),
      time: ref('Instant'),
      caller: object({ msp: text, id: text }),
      issuer: ref('Issuer'),
      issuerName: ref('Words'),
      key: ref('KeyId'),
      statement: text,
      signature: ref('Signature'),
    },
    {
      entry: positive,
      change: ref('RecordedChange'),
      actor: object({ issuer: ref('Issuer'), name: ref('Words') }),
      void: { const: true },
    },
  ),
  HistoryAnswer: object({
    identifier: ref('Identifier'),
    items: array(ref('HistoryItem')),
    next: nullable(positive),
  }),
};
