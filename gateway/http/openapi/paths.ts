/** Every path and method: who may, what goes in, what comes out. */
import type { Json } from '@yinxin/core';
import { governanceTransactions } from '../../governing/acting-domain.ts';
import { maxPurposeCharacters, proposalStates } from '../requests.ts';
import { enumeration, flag, limitedText, matching, positive, ref, type Schema } from './schema.ts';

type Node = { readonly [name: string]: Json };

interface Described {
  readonly id: string;
  readonly tag: 'verification' | 'issuing' | 'governance' | 'registry' | 'operations' | 'access';
  readonly summary: string;
  /** Alternatives; an empty object is nobody in particular. */
  readonly security?: readonly Node[];
  readonly parameters?: readonly Node[];
  readonly body?: Node;
  readonly status?: number;
  readonly answers: Node;
}

const content = (schema: Schema, mediaType = 'application/json'): Node => ({ [mediaType]: { schema } });
/** Lines: the value described, then certificate files, each exactly its bytes. */
const lines = (head: Schema): Node => ({
  'application/x-ndjson': {
    schema: { type: 'string', description: 'The first line is the one thing, every further one a certificate file.' },
    itemSchema: { anyOf: [head, ref('CertificateFile')] },
  },
});
const problem: Node = {
  description: 'A problem (RFC 9457); `code` is one of the table of codes.',
  content: content(ref('Problem'), 'application/problem+json'),
};

function operation({
  id,
  tag,
  summary,
  security = [{}],
  parameters = [],
  body,
  status = 200,
  answers,
}: Described): Node {
  return {
    operationId: id,
    tags: [tag],
    summary,
    security,
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: { [status]: { description: 'Done.', content: answers }, default: problem },
  };
}

const inPath = (name: string, schema: Schema): Node => ({ name, in: 'path', required: true, schema });
const inQuery = (name: string, schema: Schema): Node => ({ name, in: 'query', required: false, schema });
const identifier = inPath('identifier', ref('Identifier'));
const idempotencyKey: Node = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  schema: matching('^[!-~]{1,128}$'),
};
const asked = [
  inQuery('at', ref('Instant')),
  inQuery('height', positive),
  inQuery('domain', ref('Domain')),
  inQuery('matter', ref('Matter')),
  inQuery('purpose', limitedText(maxPurposeCharacters)),
  inQuery('explain', flag),
];
const page = (maximum: number) => [
  inQuery('after', { type: 'integer', minimum: 0 }),
  inQuery('limit', { type: 'integer', minimum: 1, maximum }),
];
const bearer = (...scopes: readonly string[]): Node => ({ bearer: [...scopes] });
const anyoneOrVerifier = [{}, bearer()];

const compactJws = matching('^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$');

const get = (described: Described): Node => ({ get: operation(described) });
const post = (described: Described): Node => ({ post: operation(described) });

export const paths: Node = {
  '/v1/verifications/{identifier}': get({
    id: 'verifyNumber',
    tag: 'verification',
    summary: 'By number: open to anyone for types whose `lookup` is public. Authenticated readers state a purpose.',
    security: anyoneOrVerifier,
    parameters: [identifier, ...asked],
    answers: content(ref('VerificationAnswer')),
  }),
  '/v1/verifications': post({
    id: 'verify',
    tag: 'verification',
    summary:
      'A certificate file, a code, a number with claimed values, or a number with the leaf that the asker computed.',
    security: anyoneOrVerifier,
    body: content(ref('VerificationRequest')),
    answers: content(ref('VerificationAnswer')),
  }),
  '/v1/batches': post({
    id: 'issue',
    tag: 'issuing',
    summary:
      'A roster in, certificates anchored: all rows or none. The same key with the same bytes gives the same answer. As lines, the files with the holders’ tokens follow the summary; an answer that breaks off is read again with readBatch. Requests that come at once are anchored together. QUEUE_FULL (429) with Retry-After where too much waits.',
    security: [bearer('issue')],
    parameters: [idempotencyKey],
    body: content(ref('BatchRequest')),
    status: 201,
    answers: { ...content(ref('BatchSummary')), ...lines(ref('BatchSummary')) },
  }),
  '/v1/batches/{id}': get({
    id: 'readBatch',
    tag: 'issuing',
    summary:
      'The certificate files of a request, page by page. As lines `limit` may be up to 4,096. `anchored` is null until another domain’s word on the batch has come, which is waited for a second at most.',
    security: [bearer('issue')],
    parameters: [inPath('id', { type: 'string' }), ...page(500)],
    answers: { ...content(ref('BatchAnswer')), ...lines(ref('BatchPage')) },
  }),
  '/v1/status-changes': post({
    id: 'changeStatuses',
    tag: 'issuing',
    summary:
      'Suspends, resumes, cancels, revokes, withdraws or forfeits certificates, or corrects a mistaken change, under one signature: all or none. Of several changes every bad one is named (ROWS_INVALID), one alone is refused by its own code. `issuer` is the body that issued; the operator is its own or its successor’s.',
    security: [bearer('status')],
    parameters: [idempotencyKey],
    body: content(ref('StatusChangeRequest')),
    status: 201,
    answers: content(ref('StatusChangeAnswer')),
  }),
  '/v1/duplicates': post({
    id: 'findDuplicates',
    tag: 'issuing',
    summary:
      'Rows whose claim fields are those of a certificate that this gateway issued in the register and keeps, of any status; the newest is named.',
    security: [bearer('issue')],
    body: content(ref('DuplicatesRequest')),
    answers: content(ref('DuplicatesAnswer')),
  }),
  '/v1/erasures': post({
    id: 'erase',
    tag: 'issuing',
    summary:
      'Erases a certificate’s personal data from this gateway for good. Its number goes on saying what the ledger says, and shows no field; its file and codes are CERTIFICATE_ERASED (410) from then on. Asked again, the first answer.',
    security: [bearer('issue')],
    body: content(ref('ErasureRequest')),
    status: 201,
    answers: content(ref('ErasureAnswer')),
  }),
  '/v1/certificates': get({
    id: 'exportCertificates',
    tag: 'issuing',
    summary:
      'The files of a body’s own certificates of one type, as lines, by entry, without holder tokens; for its successor too. Erased ones are left out. The next page is after the last entry; fewer than `limit` are the end.',
    security: [bearer('issue')],
    parameters: [
      inQuery('issuer', ref('Issuer')),
      { ...inQuery('type', ref('TypeName')), required: true },
      ...page(1_000),
    ],
    answers: {
      'application/x-ndjson': {
        schema: { type: 'string', description: 'Every line is a certificate file.' },
        itemSchema: ref('CertificateFile'),
      },
    },
  }),
  '/v1/vault/rotations': post({
    id: 'rotateVaultKey',
    tag: 'operations',
    summary:
      'A new key for what this gateway keeps of a body’s certificates; all of their keys are sealed anew while issuing goes on. Answered when the old key is gone.',
    security: [bearer('admin')],
    body: content(ref('VaultRotationRequest')),
    status: 201,
    answers: content(ref('VaultRotationAnswer')),
  }),
  '/v1/certificates/{identifier}': get({
    id: 'readCertificate',
    tag: 'issuing',
    summary: 'The certificate file, for an operator of its issuing body, or of the one that took over.',
    security: [bearer('issue')],
    parameters: [identifier],
    answers: content(ref('CertificateFile')),
  }),
  '/v1/certificates/{identifier}/code': get({
    id: 'readCode',
    tag: 'issuing',
    summary: 'A static code, signed now. `closed` (default) carries no personal data, `open` the face.',
    security: [bearer('issue'), { holder: [] }],
    parameters: [
      identifier,
      inQuery('face', enumeration('open', 'closed')),
      inQuery('purpose', limitedText(maxPurposeCharacters)),
      inQuery('addressee', limitedText(maxPurposeCharacters)),
      inQuery('expires', ref('Instant')),
    ],
    answers: content(ref('CodeAnswer')),
  }),
  '/v1/governance/{transaction}': post({
    id: 'govern',
    tag: 'governance',
    summary: 'A transaction of governance, sent as the organisation of the administrator’s own domain.',
    security: [bearer('admin')],
    parameters: [inPath('transaction', enumeration(...governanceTransactions))],
    body: content(ref('GovernanceInput')),
    status: 201,
    answers: content(ref('GovernanceAnswer')),
  }),
  '/v1/keys': post({
    id: 'makeKey',
    tag: 'governance',
    summary:
      'A new key for a body of the administrator’s own domain: made in this gateway, vouched for by a key in force, registered.',
    security: [bearer('admin')],
    body: content(ref('KeyRequest')),
    status: 201,
    answers: content(ref('KeyAnswer')),
  }),
  '/v1/list-keys': post({
    id: 'makeListKey',
    tag: 'governance',
    summary:
      'A further key for the lists of the administrator’s own domain: made in this gateway, registered, in force from now on. Of several in force the oldest signs, so that its lists tell verifiers of the next.',
    security: [bearer('admin')],
    body: content(ref('ListKeyRequest')),
    status: 201,
    answers: content(ref('ListKeyAnswer')),
  }),
  '/v1/proposals': get({
    id: 'readProposals',
    tag: 'governance',
    summary: 'What was proposed to the organisations, newest first, at most 50.',
    security: [bearer('admin'), bearer('audit')],
    parameters: [inQuery('state', enumeration(...proposalStates))],
    answers: content(ref('ProposalsAnswer')),
  }),
  '/v1/agreements': get({
    id: 'readAgreements',
    tag: 'governance',
    summary:
      'The recognition agreements, also those that not every party has approved, which no trust list names; newest first, at most 200.',
    security: [bearer('admin'), bearer('audit')],
    answers: content(ref('AgreementsAnswer')),
  }),
  '/v1/trust-list': get({
    id: 'readTrustList',
    tag: 'registry',
    summary: 'The registry as this gateway’s domain signs it: a compact JWS of type yinxin-trust+jwt.',
    answers: content(compactJws, 'application/jwt'),
  }),
  '/v1/status-lists/{issuer}/{type}': get({
    id: 'readStatusList',
    tag: 'registry',
    summary:
      'The statuses of the register of one issuing body and type, signed by this gateway’s domain: a compact JWS of type statuslist+jwt (IETF Token Status List), index = entry. For types whose `lookup` is not public: to those who verify, issue or audit.',
    security: [{}, bearer('verify'), bearer('issue'), bearer('status'), bearer('audit')],
    parameters: [inPath('issuer', ref('Issuer')), inPath('type', ref('TypeName'))],
    answers: content(compactJws, 'application/statuslist+jwt'),
  }),
  '/v1/anchorings/{issuer}/{type}/{entry}': get({
    id: 'readAnchoring',
    tag: 'registry',
    summary:
      'That the batch which holds this entry is anchored, as this gateway’s domain says and signs it: a compact JWS of type yinxin-anchored+jwt. Only of batches of other organisations (of its own in a network of one), which this gateway has seen itself and a second organisation holds.',
    parameters: [inPath('issuer', ref('Issuer')), inPath('type', ref('TypeName')), inPath('entry', positive)],
    answers: content(compactJws, 'application/jwt'),
  }),
  '/v1/bodies/{identifier}': get({
    id: 'readBody',
    tag: 'registry',
    summary:
      'For other cities’ gateways: what this one itself keeps of a certificate whose type’s `lookup` is public. The body with its dates, the values that anyone may see whole with their salts, commitments of the others. Its leaf has to be the ledger’s.',
    parameters: [identifier],
    answers: content(ref('BodyAnswer')),
  }),
  '/v1/ledger': get({
    id: 'readLedger',
    tag: 'registry',
    summary:
      'The ledger as this gateway knows it: how many blocks, how many of them another organisation holds too, the digest of the state that they give (whoever replays any peer’s blocks arrives at the same), and the newest hundred transactions of which nothing counts, because they are not what the rules decide.',
    security: [bearer('audit')],
    answers: content(ref('LedgerAnswer')),
  }),
  '/v1/backups': {
    ...post({
      id: 'makeBackup',
      tag: 'operations',
      summary:
        'Writes a backup of the whole gateway on its own machine while it runs: vault, keys (sealed), index, embedded ledger, each as of the same instant. For the administrator of the gateway’s own domain. The answer comes when it is written; it goes on when nobody waits. BACKUP_BUSY while another is being written.',
      security: [bearer('admin')],
      body: content(ref('BackupRequest')),
      status: 201,
      answers: content(ref('BackupAnswer')),
    }),
    ...get({
      id: 'readBackups',
      tag: 'operations',
      summary:
        'The backups in this gateway’s folder, newest first; the one that is being written; and of a gateway that was restored itself, which entries the ledger has that it lacks.',
      security: [bearer('admin')],
      answers: content(ref('BackupsAnswer')),
    }),
  },
  '/v1/types': get({
    id: 'readTypes',
    tag: 'registry',
    summary: 'The newest version of every certificate type.',
    answers: content(ref('TypesAnswer')),
  }),
  '/v1/types/{type}/{version}': get({
    id: 'readType',
    tag: 'registry',
    summary: 'One version of a certificate type: a certificate verifies under the version it was issued with.',
    parameters: [inPath('type', ref('TypeName')), inPath('version', positive)],
    answers: content(ref('CertificateType')),
  }),
  '/v1/history/certificates/{identifier}': get({
    id: 'readHistory',
    tag: 'registry',
    summary: 'What happened to a certificate, in ledger order, for auditors and its issuing body.',
    security: [bearer('audit'), bearer('issue'), bearer('status')],
    parameters: [identifier, ...page(200)],
    answers: content(ref('HistoryAnswer')),
  }),
  '/oauth/token': post({
    id: 'grantToken',
    tag: 'access',
    summary: 'Client credentials with private_key_jwt (RFC 7523), ES256.',
    body: content(ref('TokenRequest'), 'application/x-www-form-urlencoded'),
    answers: content(ref('TokenAnswer')),
  }),
  '/openapi.json': get({
    id: 'readDescription',
    tag: 'operations',
    summary: 'This document.',
    answers: content({ type: 'object' }),
  }),
  '/healthz': get({
    id: 'readHealth',
    tag: 'operations',
    summary: 'The process answers.',
    answers: content(ref('Health')),
  }),
  '/readyz': get({
    id: 'readReadiness',
    tag: 'operations',
    summary:
      'The gateway serves and follows the ledger. NOT_READY until then; LEDGER_UNREACHABLE while the ledger is away, LEDGER_DAMAGED for good when it does not hold together, LEDGER_DIVERGED when another organisation holds other blocks.',
    answers: content(ref('Readiness')),
  }),
  '/metrics': get({
    id: 'readMetrics',
    tag: 'operations',
    summary: 'Figures in the Prometheus text format.',
    answers: content({ type: 'string' }, 'text/plain'),
  }),
};
