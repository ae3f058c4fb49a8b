/** The document and the server agree on requests: what one refuses, the other does. */
import { type Json, utf8 } from '@yinxin/core';
import { expect } from 'chai';
import {
  parseKeyRequest,
  parseListKeyRequest,
  parseStatusChangeRequest,
  parseVerificationRequest,
} from '../../../gateway/http/requests.ts';
import { parseBatchRequest } from '../../../gateway/issuing/request.ts';
import {
  type Api,
  apiOf,
  codeOf,
  findOperation,
  parameterSchemas,
  requestSchema,
  validatorOf,
} from '../../fixtures/api.ts';
import { startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

const id = '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U';
const at = '2026-11-20T09:00:00Z';
const change = { identifier: id, act: 'revoke', basis: 'licence-law-69', document: '示范〔2026〕1号' };

const requests = {
  '/v1/verifications': {
    parse: parseVerificationRequest,
    good: [
      { file: {} },
      { file: { body: {} }, at, domain: '440300', purpose: '开户' },
      { code: '123' },
      { identifier: id },
      { identifier: id, claims: { a: 'x', b: ['x'], c: { d: 'x' } } },
      { identifier: id, leaf: 'AAAA' },
      { code: '123', at, height: 7, domain: '510104', matter: 'business-start', explain: true },
      { identifier: id, height: 1, explain: false },
    ],
    bad: [
      {},
      { file: 'x' },
      { file: [] },
      { code: '' },
      { code: 1 },
      { code: '1'.repeat(8_193) },
      { code: '1', identifier: id },
      { file: {}, claims: {} },
      { claims: { a: 'x' } },
      { identifier: id, claims: { a: 1 } },
      { identifier: id, claims: { a: [1] } },
      { identifier: id, claims: { a: null } },
      { identifier: id, claims: [] },
      { identifier: id, claims: {}, leaf: 'AAAA' },
      { identifier: id, at: '2026-11-20' },
      { identifier: id, domain: '4403' },
      { identifier: id, height: 0 },
      { identifier: id, height: '7' },
      { identifier: id, matter: '企业开办' },
      { identifier: id, matter: '' },
      { identifier: id, explain: 'true' },
      { identifier: id, purpose: '' },
      { identifier: id, purpose: '用'.repeat(201) },
      { identifier: id, other: 1 },
    ],
  },
  '/v1/batches': {
    parse: (json: Json) => parseBatchRequest(utf8(JSON.stringify(json))),
    good: [
      { issuer: 'X', type: 'y', rows: [{ values: {} }] },
      { issuer: 'X', type: 'y', rows: [{ values: { a: 'x' }, supersedes: id }], stock: true },
    ],
    bad: [
      {},
      { issuer: 'X', type: 'y', rows: [] },
      { issuer: 'X', type: 'y', rows: [{}] },
      { issuer: 'X', type: 'y', rows: [{ values: {}, other: 1 }] },
      { issuer: 'X', type: 'y', rows: [{ values: { a: 1 } }] },
      { issuer: 'X', type: 'y', rows: [{ values: {}, supersedes: 1 }] },
      { issuer: 'X', type: 'y', rows: [{ values: {} }], stock: 'yes' },
      { issuer: 'X'.repeat(19), type: 'y', rows: [{ values: {} }] },
      { issuer: '', type: 'y', rows: [{ values: {} }] },
      { issuer: 'X', rows: [{ values: {} }] },
      { issuer: 'X', type: 'y', rows: Array.from({ length: 4_097 }, () => ({ values: {} })) },
    ],
  },
  '/v1/status-changes': {
    parse: parseStatusChangeRequest,
    good: [
      { issuer: 'X', changes: [change] },
      { issuer: 'X', changes: [{ ...change, effective: at }] },
      { issuer: 'X', changes: [{ ...change, act: 'correct', corrects: 2 }] },
    ],
    bad: [
      {},
      { issuer: 'X', changes: [] },
      { issuer: 'X', changes: [{ ...change, act: 'supersede' }] },
      { issuer: 'X', changes: [{ ...change, identifier: 'x' }] },
      { issuer: 'X', changes: [{ ...change, basis: '' }] },
      { issuer: 'X', changes: [{ ...change, effective: 'now' }] },
      { issuer: 'X', changes: [{ ...change, act: 'correct', corrects: 0 }] },
      { issuer: 'X', changes: [{ ...change, note: 'x' }] },
      { issuer: 'X', changes: [{ ...change, document: 'x'.repeat(65) }] },
      { issuer: 'X', changes: Array.from({ length: 1_001 }, () => change) },
    ],
  },
  '/v1/keys': {
    parse: parseKeyRequest,
    good: [
      { issuer: 'X', use: 'anchor' },
      { issuer: 'X', use: 'code', from: at, until: at, recovery: true },
    ],
    bad: [
      {},
      { issuer: 'X' },
      { issuer: '', use: 'anchor' },
      { issuer: 'X', use: 'list' },
      { issuer: 'X', use: 'anchor', from: 'now' },
      { issuer: 'X', use: 'anchor', recovery: 'yes' },
      { issuer: 'X', use: 'anchor', publicKey: 'x' },
    ],
  },
  '/v1/list-keys': {
    parse: parseListKeyRequest,
    good: [{}],
    bad: [[], null, { domain: '440300' }, { from: at }],
  },
} as const satisfies {
  readonly [path: string]: {
    readonly parse: (json: Json) => unknown;
    readonly good: readonly Json[];
    readonly bad: readonly Json[];
  };
};

describe('gateway/http: requests', () => {
  for (const [path, { parse, good, bad }] of Object.entries(requests)) {
    const operation = findOperation('post', path);
    if (!operation) throw new Error(path);
    const validate = validatorOf(requestSchema(operation));
    const title = (json: Json) => JSON.stringify(json).slice(0, 70);

    for (const json of good as readonly Json[]) {
      it(`${path} takes ${title(json)}`, () => {
        expect(validate(json)).to.equal(true);
        expect(parse(json)).to.deep.equal(json);
      });
    }
    for (const json of bad as readonly Json[]) {
      it(`${path} refuses ${title(json)}`, () => {
        expect(validate(json)).to.equal(false);
        expect(() => parse(json)).to.throw(/^(INPUT_INVALID|MALFORMED_|TOO_MANY_ROWS)/);
      });
    }
  }

  describe('queries', function () {
    this.timeout(30_000);
    let gateway: TestGateway;
    let api: Api;
    before(async () => {
      gateway = await startTestGateway();
      api = apiOf(gateway);
    });
    after(() => gateway.stop());

    const queries: readonly (readonly [
      path: string,
      template: string,
      client: string,
      bad: readonly [string, Json][],
    ])[] = [
      [
        `/v1/verifications/${id}`,
        '/v1/verifications/x',
        '',
        [
          ['at', 'yesterday'],
          ['domain', '12'],
          ['purpose', ''],
          ['height', 0],
          ['matter', 'Business Start'],
          ['explain', 'yes'],
        ],
      ],
      [
        `/v1/certificates/${id}/code`,
        '/v1/certificates/x/code',
        'issuer',
        [
          ['face', 'half'],
          ['expires', 'soon'],
          ['addressee', ''],
        ],
      ],
      [
        `/v1/history/certificates/${id}`,
        '/v1/history/certificates/x',
        'auditor',
        [
          ['limit', 0],
          ['limit', 201],
          ['after', -1],
        ],
      ],
      [
        '/v1/batches/x',
        '/v1/batches/x',
        'issuer',
        [
          ['limit', 501],
          ['limit', 0],
          ['after', -1],
        ],
      ],
    ];
    for (const [path, template, client, bad] of queries) {
      it(`${path.replace(id, '…')} refuses what the document refuses`, async () => {
        const operation = findOperation('get', template);
        if (!operation) throw new Error(template);
        const token =
          client === '' ? {} : { token: await api.token(client === 'issuer' ? '11990300DEMA00021E' : client) };
        for (const [name, value] of bad) {
          expect(validatorOf(parameterSchemas(operation).get(name) ?? {})(value), name).to.equal(false);
          const answer = await api.get(`${path}?${name}=${encodeURIComponent(String(value))}`, token);
          expect(codeOf(answer), `${name}=${String(value)}`).to.match(/^(INPUT_INVALID|MALFORMED_TIME)$/);
        }
      });
    }
  });
});
