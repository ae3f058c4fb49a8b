/** Schemas of governance: the input of every transaction, keys, proposals, agreements. */
import type { GovernanceTransaction } from '../../governing/acting-domain.ts';
import { proposalStates } from '../requests.ts';
import {
  array,
  enumeration,
  flag,
  limitedText,
  matching,
  natural,
  nullable,
  object,
  oneOf,
  type Properties,
  ref,
  type Schema,
} from './schema.ts';

const msp = limitedText(64);
const kid = matching('^[A-Za-z0-9_-]{43}$', 'Thumbprint of the key (RFC 7638).');
const window = { from: ref('Instant'), until: nullable(ref('Instant')) };
const body = { issuer: ref('Issuer') };
const key = { key: ref('KeyId') };
const proposal = object({ proposal: ref('TransactionId') });
const agreement = { agreement: ref('AgreementName'), domain: ref('Domain') };
const domain = object({ domain: ref('Domain'), name: ref('Words'), region: matching('^[1-9]\\d(\\d\\d){0,2}$'), msp });
const action = (name: string, input: Schema) => object({ action: { const: name }, input });

const party = object({ domain: ref('Domain'), office: ref('Words'), phone: limitedText(64) });
const terms = {
  name: ref('Words'),
  parties: array(party, { minItems: 2 }),
  types: array(ref('TypeName'), { minItems: 1 }),
  matters: nullable(array(ref('Matter'))),
  ...window,
};
const coordinate = matching('^[A-Za-z0-9_-]{43}$');

/** By transaction; each names itself in its title. */
const inputs: { readonly [transaction in GovernanceTransaction]: Schema } = {
  propose: ref('ProposalAction'),
  approve: proposal,
  withdraw: proposal,
  expire: proposal,
  registerIssuer: object({
    ...body,
    domain: ref('Domain'),
    region: ref('Domain'),
    name: ref('Words'),
    from: ref('Instant'),
  }),
  closeIssuer: object({ ...body, at: ref('Instant'), successor: nullable(ref('Issuer')) }),
  acceptSuccession: object(body),
  renameIssuer: object({ ...body, name: ref('Words') }),
  registerKey: object({
    possession: limitedText(2048),
    signature: ref('Signature'),
    ...window,
    vouchedBy: nullable(object({ ...key, signature: ref('Signature') })),
  }),
  retireKey: object({ ...key, until: ref('Instant') }),
  reportCompromise: object({ ...key, from: ref('Instant') }),
  registerListKey: object({
    domain: ref('Domain'),
    kid,
    jwk: object({ kty: { const: 'EC' }, crv: { const: 'P-256' }, x: coordinate, y: coordinate }),
    ...window,
  }),
  retireListKey: object({ kid, until: ref('Instant') }),
  reportListKeyCompromise: object({ kid, from: ref('Instant') }),
  registerEntitlement: object({ ...body, type: ref('TypeName'), region: ref('Domain'), ...window }),
  endEntitlement: object({ ...body, type: ref('TypeName'), until: ref('Instant') }),
  proposeAgreement: object({ ...agreement, ...terms }),
  approveAgreement: object(agreement),
  suspendAgreement: object(agreement),
  resumeAgreement: object(agreement),
  endAgreement: object({ ...agreement, until: ref('Instant') }),
};

export const governanceSchemas: Properties = {
  AgreementName: matching('^[a-z][a-z0-9-]{1,63}$', 'Slug of a recognition agreement.'),
  ProposalAction: {
    ...oneOf(
      action('registerDomain', domain),
      action('amendDomain', domain),
      action('registerType', object({ definition: ref('CertificateType') })),
      action(
        'registerBasis',
        object({ basis: limitedText(64), name: ref('Words'), acts: array(ref('Act'), { minItems: 1 }) }),
      ),
      action('registerMatter', object({ matter: ref('Matter'), name: ref('Words') })),
      action('recordCompromise', object({ ...key, from: ref('Instant') })),
    ),
    description: 'What only a majority of the organisations may do.',
  },
  GovernanceInput: {
    anyOf: Object.entries(inputs).map(([title, schema]) => ({ title, ...schema })),
    description: 'The input of the transaction that the path names.',
  },
  GovernanceAnswer: object({
    txId: ref('TransactionId'),
    block: natural,
    time: { ...ref('Instant'), description: 'The transaction’s own timestamp.' },
    event: { type: 'object', description: 'What the contract tells everyone of it.' },
  }),
  KeyRequest: object(
    { issuer: limitedText(18), use: enumeration('anchor', 'status', 'code') },
    {
      from: ref('Instant'),
      until: ref('Instant'),
      recovery: { ...flag, description: 'No current key vouches for it: it waits 24 hours and is marked.' },
    },
  ),
  KeyAnswer: object({
    key: ref('KeyId'),
    from: ref('Instant'),
    until: nullable(ref('Instant')),
    vouchedBy: { anyOf: [ref('KeyId'), enumeration('founding', 'first')] },
    txId: ref('TransactionId'),
    block: natural,
  }),
  ListKeyRequest: object({}),
  ListKeyAnswer: object({
    kid,
    from: ref('Instant'),
    until: nullable(ref('Instant')),
    txId: ref('TransactionId'),
    block: natural,
  }),
  Proposal: object({
    kind: { const: 'proposal' },
    proposal: ref('TransactionId'),
    action: ref('ProposalAction'),
    proposedBy: msp,
    time: ref('Instant'),
    expires: ref('Instant'),
    approvals: array(object({ msp, time: ref('Instant') })),
    state: enumeration(...proposalStates),
    closed: nullable(ref('Instant')),
  }),
  ProposalsAnswer: object({ proposals: array(ref('Proposal')) }),
  Agreement: object({
    kind: { const: 'agreement' },
    agreement: ref('AgreementName'),
    ...terms,
    proposedBy: ref('Domain'),
    approvals: array(object({ domain: ref('Domain'), time: ref('Instant') })),
    approved: nullable(ref('Instant')),
    suspensions: array(object({ domain: ref('Domain'), ...window })),
  }),
  AgreementsAnswer: object({ agreements: array(ref('Agreement')) }),
};
