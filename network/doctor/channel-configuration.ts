/** The channel's configuration, as `configtxlator` decodes its block: members, anchor peers, the policy of endorsement. */
import type { Json } from '@yinxin/core';
import { pick, pickArray, pickNames, pickNumber, pickText } from './json.ts';

export interface Member {
  readonly msp: string;
  /** Certificates of its authorities, PEM. */
  readonly roots: readonly string[];
  readonly tlsRoots: readonly string[];
  /** Whether roles are read from the certificates' organisational units. */
  readonly hasNodeUnits: boolean;
  /** `host:port`; none of an ordering organisation. */
  readonly anchors: readonly string[];
}

/** `n` of the MSPs' peers; undefined when it is of another form. */
export interface EndorsementRule {
  readonly count: number;
  readonly msps: readonly string[];
}

export interface ChannelConfiguration {
  readonly cities: readonly Member[];
  readonly ordering: readonly Member[];
  readonly endorsement: EndorsementRule | undefined;
}

const decode = (base64: Json) => Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64').toString('utf8');

function toMember(group: Json | undefined): Member {
  const config = pick(group, 'values', 'MSP', 'value', 'config');
  const anchors = pickArray(group, 'values', 'AnchorPeers', 'value', 'anchor_peers');
  return {
    msp: pickText(config, 'name') ?? '',
    roots: pickArray(config, 'root_certs').map(decode),
    tlsRoots: pickArray(config, 'tls_root_certs').map(decode),
    hasNodeUnits: pick(config, 'fabric_node_ous', 'enable') === true,
    anchors: anchors.map((anchor) => `${pickText(anchor, 'host') ?? ''}:${pickNumber(anchor, 'port') ?? 0}`),
  };
}

function toMembers(group: Json | undefined): readonly Member[] {
  return pickNames(group, 'groups').map((name) => toMember(pick(group, 'groups', name)));
}

/** Of a signature policy (type 1) that asks for so many of several peers, each of another organisation. */
function toRule(policy: Json | undefined): EndorsementRule | undefined {
  if (pickNumber(policy, 'type') !== 1) return undefined;
  const msps = pickArray(policy, 'value', 'identities').map((identity) => {
    const isPeer = pickText(identity, 'principal', 'role') === 'PEER';
    return isPeer ? (pickText(identity, 'principal', 'msp_identifier') ?? '') : '';
  });
  const count = pickNumber(policy, 'value', 'rule', 'n_out_of', 'n');
  const parts = pickArray(policy, 'value', 'rule', 'n_out_of', 'rules').map((rule) => pickNumber(rule, 'signed_by'));
  const named = parts.flatMap((part) => (part === undefined ? [] : (msps[part] ?? [])));
  const isPlain = named.length === parts.length && new Set(named).size === named.length && !named.includes('');
  return count !== undefined && isPlain ? { count, msps: named } : undefined;
}

/** `block`: a configuration block in JSON. */
export function parseConfiguration(block: Json): ChannelConfiguration {
  const channel = pick(block, 'data', 'data', 0, 'payload', 'data', 'config', 'channel_group');
  const application = pick(channel, 'groups', 'Application');
  return {
    cities: toMembers(application),
    ordering: toMembers(pick(channel, 'groups', 'Orderer')),
    endorsement: toRule(pick(application, 'policies', 'Endorsement', 'policy')),
  };
}
