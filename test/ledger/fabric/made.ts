/** Envelopes and blocks made here, for what no honest network would give. */
import { hash } from 'node:crypto';
import { bytesField, numberField } from '../../../gateway/ledger/fabric/blocks/protobuf-writer.ts';
import { putTogether } from './recorded.ts';

export interface MadeWrite {
  readonly key: string;
  readonly value?: Uint8Array;
  readonly isDelete?: boolean;
}

export interface MadeMetadata {
  readonly key: string;
  readonly entries: readonly (readonly [name: string, value: Uint8Array])[];
}

export interface MadeCall {
  readonly chaincode?: string;
  readonly arguments?: readonly (string | Uint8Array)[];
  /** By namespace. */
  readonly writes?: Readonly<Record<string, readonly MadeWrite[]>>;
  /** Metadata of rows, by namespace: each row's entries by name. */
  readonly metadata?: Readonly<Record<string, readonly MadeMetadata[]>>;
  readonly event?: readonly Uint8Array[];
  readonly creator?: Uint8Array;
  /** Of a `google.protobuf.Timestamp`. */
  readonly seconds?: bigint;
  readonly txId?: string;
  /** Fields put behind the payload's own. */
  readonly extra?: readonly Uint8Array[];
}

const formatWrite = ({ key, value, isDelete }: MadeWrite) =>
  bytesField(3, [bytesField(1, key), numberField(2, isDelete ? 1 : 0), bytesField(3, value ?? new Uint8Array())]);

const formatMetadata = ({ key, entries }: MadeMetadata) =>
  bytesField(4, [
    bytesField(1, key),
    ...entries.map(([name, value]) => bytesField(2, [bytesField(1, name), bytesField(2, value)])),
  ]);

const formatSet = (namespace: string, fields: readonly Buffer[]) =>
  bytesField(2, [bytesField(1, namespace), bytesField(2, fields)]);

/** The fields of a `common.Payload` of a call. */
export function formatPayload(call: MadeCall): readonly Buffer[] {
  const { chaincode = 'yinxin', writes = {}, event = [], seconds = 1_800_000_000n, txId = 'ab'.repeat(32) } = call;
  const name = bytesField(2, chaincode);
  const channelHeader = [
    numberField(1, 3),
    bytesField(3, [numberField(1, BigInt.asUintN(64, seconds))]),
    bytesField(4, 'certs'),
    bytesField(5, txId),
    bytesField(7, [bytesField(2, [name])]),
  ];
  const signatureHeader = [bytesField(1, call.creator ?? [bytesField(1, 'ShenzhenMSP')])];
  const input = (call.arguments ?? ['anchor', '{}']).map((argument) => bytesField(1, argument));
  const proposal = bytesField(1, [bytesField(1, [bytesField(1, [bytesField(3, input)])])]);
  const sets = [
    ...Object.entries(writes).map(([namespace, list]) => formatSet(namespace, list.map(formatWrite))),
    ...Object.entries(call.metadata ?? {}).map(([namespace, list]) => formatSet(namespace, list.map(formatMetadata))),
  ];
  const endorsed = [bytesField(1, sets), ...event];
  const response = bytesField(1, [bytesField(2, endorsed)]);
  const action = bytesField(1, [bytesField(2, [proposal, bytesField(2, [response])])]);
  return [bytesField(1, [bytesField(1, channelHeader), bytesField(2, signatureHeader)]), bytesField(2, [action])];
}

export const formatCall = (call: MadeCall): Buffer =>
  Buffer.concat([bytesField(1, [...formatPayload(call), ...(call.extra ?? [])]), bytesField(2, 'signature')]);

/** A block that holds nothing together but its data. */
export function formatBlock(envelopes: readonly Buffer[], codes: readonly number[]): Buffer {
  return putTogether({
    number: 5,
    previousHash: Buffer.alloc(32),
    dataHash: hash('sha256', Buffer.concat(envelopes), 'buffer'),
    envelopes,
    metadata: [Buffer.alloc(0), Buffer.alloc(0), Buffer.from(codes)],
  });
}
