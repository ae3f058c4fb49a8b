/** Certificates that other cities' gateways keep: what is given to those gateways, and what of theirs is believed. */
import {
  type BodyAnswer,
  type CertificateType,
  checkShownValues,
  discloseBody,
  epochSeconds,
  findBodyMismatch,
  openFields,
  type ParsedIdentifier,
  parseDisclosedBody,
  parseJson,
  type Trust,
  toBase64,
  toLeaf,
} from '@yinxin/core';
import type { EntryRef } from '../index/read-model.ts';
import type { Partners } from '../partners.ts';
import type { Clock } from '../platform.ts';
import { Recent } from '../recent.ts';
import type { VaultRecord } from '../vault/vault.ts';
import { toShownFields, withNewestMasks } from './access.ts';

/** What is known of a certificate: `fields` may be some of them alone. */
export type Kept = Pick<VaultRecord, 'body' | 'fields'>;

/** An entry of the ledger that no record of this gateway's is about. */
export interface Wanted {
  readonly parsed: ParsedIdentifier;
  readonly ref: EntryRef;
  readonly type: CertificateType;
  /** The ledger's. */
  readonly leaf: string;
}

export interface Elsewhere {
  /** What a partner keeps of it, proven by the ledger's leaf; undefined where nobody gives that within a second. */
  find(wanted: Wanted): Promise<Kept | undefined>;
}

const maxBytes = 128 * 1024;
const milliseconds = 1_000;
const maxKept = 256;
const maxAsking = 256;
/** How long an answer is kept, and how long nobody is asked again after there was none. */
const keptSeconds = 60;
const quietSeconds = 2;

/** The body, and what anyone may see of its fields as it is: a masked value would open no commitment. */
export function toBodyAnswer({ body, fields, secret }: VaultRecord, type: CertificateType, present: Trust): BodyAnswer {
  const isOpen = type.holder.kind === 'organization';
  const shown = isOpen ? toShownFields(withNewestMasks(type, present), fields, 'public') : [];
  const whole = shown.filter(({ value, masked }) => value !== null && !masked);
  return discloseBody(
    { body, fields, secret },
    whole.map(({ key }) => key),
  );
}

/** A body of that leaf is the one that was anchored; what its issuer may have put into it wrongly is looked at as in a file. @throws YinxinError */
function readBody(bytes: Uint8Array, { parsed, ref, type, leaf }: Wanted): Kept | undefined {
  const { body, fields, salts, commitments } = parseDisclosedBody(parseJson(bytes, { maxBytes }));
  if (toBase64(toLeaf(body)) !== leaf) return undefined;
  const isNamed = body.id === parsed.identifier && body.entry === ref.entry;
  const isTyped = body.type === type.type && body.typeVersion === type.version;
  if (!isNamed || !isTyped || findBodyMismatch(body, type.code)) return undefined;
  checkShownValues(type, fields, Object.keys(commitments));
  const opened = openFields({ kind: 'some', values: fields, salts, commitments });
  return opened === body.fields ? { body, fields } : undefined;
}

export function createElsewhere(partners: Partners, clock: Clock): Elsewhere {
  /** By leaf, until a time in seconds. */
  const recent = new Recent<{ readonly found: Promise<Kept | undefined>; until: number }>(maxKept);
  let asking = 0;
  const now = () => epochSeconds(clock());

  async function ask(wanted: Wanted): Promise<Kept | undefined> {
    asking += 1;
    try {
      const path = `/v1/bodies/${wanted.parsed.identifier}`;
      const question = { path, mediaType: 'application/json', maxBytes, topic: wanted.ref.issuer };
      const read = (bytes: Uint8Array) => readBody(bytes, wanted);
      return await partners.ask({ ...question, read }, AbortSignal.timeout(milliseconds));
    } finally {
      asking -= 1;
    }
  }

  return {
    async find(wanted) {
      const kept = recent.get(wanted.leaf);
      if (kept && now() < kept.until) return kept.found;
      if (asking >= maxAsking) return undefined;
      const entry = { found: ask(wanted), until: now() + keptSeconds };
      recent.set(wanted.leaf, entry);
      const found = await entry.found;
      if (!found) entry.until = now() + quietSeconds;
      return found;
    },
  };
}
