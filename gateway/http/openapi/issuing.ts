/** Schemas of issuing, codes, tokens and problems. */
import { maxRows } from '../../issuing/request.ts';
import { maxChanges } from '../requests.ts';
import {
  array,
  flag,
  limitedText,
  map,
  matching,
  natural,
  nullable,
  object,
  type Properties,
  positive,
  ref,
  text,
} from './schema.ts';

const summary = {
  id: text,
  issuer: ref('Issuer'),
  type: ref('TypeName'),
  typeVersion: positive,
  first: positive,
  last: positive,
  txId: ref('TransactionId'),
  block: natural,
  time: ref('Instant'),
  warnings: array(ref('RowFinding')),
};

export const issuingSchemas: Properties = {
  BatchRequest: object(
    {
      issuer: limitedText(18),
      type: limitedText(64),
      rows: array(object({ values: map(ref('FieldValue')) }, { supersedes: ref('Identifier') }), {
        minItems: 1,
        maxItems: maxRows,
      }),
    },
    { stock: flag },
  ),
  RowFinding: object({ row: natural, code: ref('ErrorCode') }, { key: text }),
  BatchSummary: object(summary),
  /** The first line of a page. */
  BatchPage: object({ ...summary, next: nullable(positive) }),
  BatchAnswer: object({ ...summary, certificates: array(ref('CertificateFile')), next: nullable(positive) }),
  StatusChangeRequest: object({
    issuer: limitedText(18),
    changes: array(
      object(
        { identifier: ref('Identifier'), act: ref('Act'), basis: limitedText(64), document: limitedText(64) },
        { effective: ref('Instant'), corrects: positive },
      ),
      { minItems: 1, maxItems: maxChanges },
    ),
  }),
  StatusChangeAnswer: object({
    txId: ref('TransactionId'),
    block: natural,
    time: ref('Instant'),
    changes: array(object({ identifier: ref('Identifier'), change: ref('RecordedChange') })),
  }),
  DuplicatesRequest: object({
    issuer: limitedText(18),
    type: limitedText(64),
    rows: array(object({ values: map(ref('FieldValue')) }), { maxItems: maxRows }),
  }),
  DuplicatesAnswer: object({ duplicates: array(object({ row: natural, identifier: ref('Identifier') })) }),
  ErasureRequest: object({ identifier: ref('Identifier'), document: limitedText(64) }),
  ErasureAnswer: object({ identifier: ref('Identifier'), document: text, time: ref('Instant') }),
  VaultRotationRequest: object({ issuer: limitedText(18) }),
  VaultRotationAnswer: object({ issuer: ref('Issuer'), generation: positive, pages: natural, certificates: natural }),
  CodeAnswer: object({ identifier: ref('Identifier'), digits: matching('^[0-9]+$'), symbol: text }),
  TokenRequest: object(
    {
      grant_type: { const: 'client_credentials' },
      client_assertion_type: { const: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
      client_assertion: text,
    },
    { scope: text, client_id: text },
  ),
  TokenAnswer: object({
    access_token: text,
    token_type: { const: 'Bearer' },
    expires_in: positive,
    scope: text,
  }),
  Problem: object(
    {
      type: matching('^urn:yinxin:error:[A-Z_0-9]+$'),
      title: text,
      status: { type: 'integer', minimum: 400, maximum: 599 },
      code: ref('ErrorCode'),
      detail: text,
      details: { type: 'object' },
    },
    { rows: array(ref('RowFinding')) },
  ),
};
