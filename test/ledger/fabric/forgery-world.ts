/** The network that is forged upon: Shenzhen's body with real certificates, and what others would like to do in Shenzhen's name. */
import {
  type AnchorInput,
  type BatchRow,
  type CertificateFile,
  type ChangeStatusInput,
  epochSeconds,
  type FoundInput,
  type Instant,
  type Json,
  type RecordedChange,
  type RegisterRow,
  type Row,
  type StatusChange,
  type StatusRow,
  toBase64,
  toInstant,
  toLeaf,
} from '@yinxin/core';
import type { Caller } from '../../../gateway/ledger/port.ts';
import {
  anchorKey,
  codeKey,
  exampleValues,
  issueBatch,
  issuer,
  loadType,
  makeKey,
  statusKey,
} from '../../fixtures/certificates.ts';
import {
  adminOf,
  chengdu,
  clientOf,
  deyang,
  foundingTime,
  joinLeaves,
  listJwkOf,
  listKidOf,
  makeAgreement,
  makeAnchorInput,
  makeChange,
  makeIssuer,
  makeKeyInput,
  makeLeaves,
  makeNetwork,
  makeStatusInput,
  shenzhen,
  type TestIssuer,
} from '../../fixtures/network.ts';
import { asJson } from '../port-suite.ts';
import { txIdMark } from './forgery-order.ts';
import { now } from './opened.ts';

/** In one register are certificates; the other is there to go on with. */
export const types = ['business-licence', 'food-business-licence'] as const;
const unentitled = 'hygiene-licence';

/** Shenzhen's. */
export const own: TestIssuer = {
  issuer,
  domain: shenzhen,
  caller: clientOf(shenzhen),
  anchorKey,
  statusKey,
  codeKey,
};

/** Chengdu's. */
export const other = makeIssuer(7, chengdu);

const { found: base } = makeNetwork([...types, unentitled], 0, [deyang]);
const bodies = [own, other];

/** With no other bodies than these. */
export const found: FoundInput = {
  ...base,
  issuers: bodies.map(({ issuer, domain: { domain, name } }) => {
    return { issuer, domain, region: domain, name, from: foundingTime };
  }),
  keys: bodies.flatMap(({ anchorKey, statusKey, codeKey }) =>
    [anchorKey, statusKey, codeKey].map((key) => makeKeyInput(key)),
  ),
  entitlements: bodies.flatMap(({ issuer, domain: { domain: region } }) =>
    types.map((type) => ({ issuer, type, region, from: foundingTime, until: null })),
  ),
};

/** Certificates of the first register from entry 1 on, and what anchors them. */
export function issue(count: number): { readonly files: readonly CertificateFile[]; readonly input: AnchorInput } {
  const type = loadType(types[0]);
  const values = exampleValues(type);
  const time = now();
  const entries = Array.from({ length: count }, (_, at) => at + 1);
  const issued = issueBatch(
    entries.map((entry) => ({ type, values, entry, body: { issuedAt: time } })),
    { time },
  );
  const files = issued.map(({ file }) => file);
  const { statement = '', signature = '' } = files[0]?.proof ?? {};
  return {
    files,
    input: { statement, signature, leaves: joinLeaves(files.map(({ body }) => toLeaf(body))), supersessions: [] },
  };
}

export const later = (seconds: number): Instant => toInstant(epochSeconds(now()) + seconds);

/** Three more entries. */
export const anchorInput = (type: string, first: number): AnchorInput =>
  makeAnchorInput(own, { first, type, time: now(), leaves: makeLeaves(3) });

/** Of an entry of the first register. */
export const statusInput = (entry: number, changes: Partial<StatusChange> = {}): ChangeStatusInput =>
  makeStatusInput(own, [makeChange(entry, now(), changes)], { time: now(), batches: [1] });

/** What one may only do for oneself. */
export interface Deed {
  readonly transaction: string;
  readonly input: Json;
  /** Who alone may send it. */
  readonly as: Caller;
}

const thief = (seed: string) => makeKey(issuer, 'anchor', `thief ${seed}`, { from: later(90_000) });

/** Of these each writes something new: a body, a key, a key for lists, an entitlement with its register, an agreement. */
export function registrations(): readonly Deed[] {
  const as = adminOf(shenzhen);
  const { domain, name } = shenzhen;
  const region = domain;
  const from = now();
  const kid = listKidOf('440399');
  const inputs: readonly (readonly [string, object])[] = [
    ['registerIssuer', { issuer: makeIssuer(99, shenzhen).issuer, domain, region, name, from }],
    ['registerKey', makeKeyInput(thief('key'), {}, { time: from })],
    ['registerListKey', { domain, kid, jwk: listJwkOf('440399'), from, until: null }],
    ['registerEntitlement', { issuer, type: unentitled, region, from, until: null }],
    ['proposeAgreement', makeAgreement([shenzhen, chengdu], shenzhen, { agreement: 'forged-2026', from })],
  ];
  return inputs.map(([transaction, input]) => ({ transaction, input: asJson(input), as }));
}

/** Of these each changes what is there, and together all that an administrator may. */
export function amendments(): readonly Deed[] {
  const as = adminOf(shenzhen);
  const until = later(60);
  const inputs: readonly (readonly [string, object])[] = [
    ['renameIssuer', { issuer, name: { zh: '他人所改', en: 'Renamed by others' } }],
    ['closeIssuer', { issuer, at: until, successor: other.issuer }],
    ['retireKey', { key: anchorKey.row.key, until }],
    ['reportCompromise', { key: statusKey.row.key, from: now() }],
    ['retireListKey', { kid: listKidOf(shenzhen.domain), until }],
    ['reportListKeyCompromise', { kid: listKidOf(shenzhen.domain), from: now() }],
    ['endEntitlement', { issuer, type: types[0], until }],
  ];
  return inputs.map(([transaction, input]) => ({ transaction, input: asJson(input), as }));
}

/** A batch of ten that its body never signed. */
export function forgedBatch({ type, last }: RegisterRow): BatchRow {
  return {
    kind: 'batch',
    issuer,
    type,
    typeVersion: 1,
    first: last + 1,
    last: last + 10,
    root: toBase64(new Uint8Array(32)),
    statement: toBase64(new Uint8Array(32)),
    key: anchorKey.row.key,
    txId: txIdMark,
    time: now(),
    touched: 0,
  };
}

/** A certificate revoked by nobody. */
export function forgedStatus(entry: number): StatusRow {
  const time = now();
  const change: RecordedChange = {
    sequence: 1,
    from: 'ACTIVE',
    to: 'REVOKED',
    act: 'revoke',
    basis: 'licence-law-69',
    document: '示范〔2026〕9号',
    effective: time,
    by: null,
    time,
    key: statusKey.row.key,
    txId: txIdMark,
  };
  return { kind: 'status', issuer, type: types[0], entry, changes: [change] };
}

/** What takes a majority: a type, a domain, a basis, a matter, and a proposal that all cities seem to have approved. */
export function networkWide(): readonly Row[] {
  const time = now();
  const name = { zh: '伪造', en: 'Forged' };
  const basis = { basis: 'forged-law-1', name, acts: ['revoke'] as const };
  const approvals = ['ChengduMSP', 'ChongqingMSP', 'ShenzhenMSP'].map((msp) => ({ msp, time }));
  return [
    { kind: 'type', definition: { ...loadType(unentitled), version: 2 }, from: time },
    { kind: 'domain', domain: '510700', name, region: '5107', msp: chengdu.msp, from: time },
    { kind: 'basis', ...basis },
    { kind: 'matter', matter: 'forged-matter', name },
    {
      kind: 'proposal',
      proposal: txIdMark,
      action: { action: 'registerBasis', input: basis },
      proposedBy: chengdu.msp,
      time,
      expires: later(86_400),
      approvals,
      state: 'adopted',
      closed: time,
    },
  ];
}
