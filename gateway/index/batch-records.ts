/** What the index keeps of an anchoring, packed: hashes as bytes, and nothing that a statement, the row and the signed transaction say alike twice. */
import {
  type AnchorStatement,
  type BatchRow,
  formatRow,
  formatStatement,
  fromHex,
  fromUtf8,
  type Instant,
  type KeyId,
  parseAnchorStatement,
  statementDigest,
  utf8,
} from '@yinxin/core';
import type { SignedTransaction } from './read-model.ts';

/** A batch row as it was anchored, and the transaction that did so. */
export interface AnchorRecord {
  readonly row: BatchRow;
  readonly signed: SignedTransaction;
}

/** First byte of a value: packed, packed with the digest of supersessions, or JSON of a record that would not come back as it was. */
const forms = { packed: 0, superseding: 1, json: 2 } as const;
const hashBytes = 32;
const keyBytes = 16;
const signatureBytes = 64;
const hexPattern = { hash: /^[0-9a-f]{64}$/, key: /^[0-9a-f]{32}$/ } as const;

/** Of the packed form, behind the bytes. Three times: of the row, of the ledger, of the statement. */
type Rest = readonly [
  channel: string,
  typeVersion: number,
  first: number,
  last: number,
  block: number,
  time: Instant,
  recorded: Instant,
  stated: Instant,
  msp: string,
  id: string,
];

function packParts({ row, signed }: AnchorRecord, statement: AnchorStatement): Uint8Array {
  const { channel, typeVersion, first, last, root, supersedes, time, key } = statement;
  const rest: Rest = [
    channel,
    typeVersion,
    first,
    last,
    signed.block,
    row.time,
    signed.time,
    time,
    signed.caller.msp,
    signed.caller.id,
  ];
  return Buffer.concat([
    Uint8Array.of(supersedes === null ? forms.packed : forms.superseding),
    Buffer.from(root, 'base64'),
    fromHex(row.txId),
    fromHex(key),
    Buffer.from(signed.signature, 'base64'),
    Buffer.from(supersedes ?? '', 'base64'),
    utf8(JSON.stringify(rest)),
  ]);
}

function isSame(a: AnchorRecord, b: AnchorRecord): boolean {
  const { statement, signature } = a.signed;
  return statement === b.signed.statement && signature === b.signed.signature && formatRow(a.row) === formatRow(b.row);
}

/** Packs what comes back as it was; the rules let nothing else through, but a test's may. */
export function packAnchor(record: AnchorRecord): Uint8Array {
  const { row } = record;
  if (hexPattern.hash.test(row.txId) && hexPattern.key.test(row.key)) {
    const packed = packParts(record, parseAnchorStatement(record.signed.statement));
    if (isSame(unpackAnchor(packed, row.issuer, row.type), record)) return packed;
  }
  return Buffer.concat([Uint8Array.of(forms.json), utf8(JSON.stringify(record))]);
}

/** Reads what `packAnchor` wrote. */
export function unpackAnchor(value: Uint8Array, issuer: string, type: string): AnchorRecord {
  const form = value[0];
  if (form === forms.json) return JSON.parse(fromUtf8(value.subarray(1))) as AnchorRecord;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  let at = 1;
  const take = (length: number, encoding: 'hex' | 'base64') => {
    at += length;
    return bytes.toString(encoding, at - length, at);
  };
  const root = take(hashBytes, 'base64');
  const txId = take(hashBytes, 'hex');
  const key = take(keyBytes, 'hex') as KeyId; // packed from one
  const signature = take(signatureBytes, 'base64');
  const supersedes = form === forms.superseding ? take(hashBytes, 'base64') : null;
  const rest = JSON.parse(bytes.toString('utf8', at)) as Rest;
  const [channel, typeVersion, first, last, block, time, recorded, stated, msp, id] = rest;
  const format = 'yinxin-anchor/1';
  const named = { issuer, type, typeVersion, first, last, root, key } as const;
  const statement = formatStatement({ format, channel, ...named, supersedes, time: stated });
  const digest = statementDigest(
    statement,
    bytes.subarray(at - signatureBytes - (supersedes ? hashBytes : 0), at - (supersedes ? hashBytes : 0)),
  );
  return {
    row: { kind: 'batch', ...named, statement: digest, txId, time, touched: 0 },
    signed: { txId, block, time: recorded, caller: { msp, id }, statement, signature },
  };
}
