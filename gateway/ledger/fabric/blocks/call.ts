/** A call of a chaincode as its endorsers signed it (Fabric's `protos.Transaction`): arguments, what it writes, its event. */
import { isUtf8 } from 'node:buffer';
import { type Json, parseJson, utf8, YinxinError } from '@yinxin/core';
import type { Transaction } from '../../port.ts';
import { MalformedMessage, Message } from './protobuf.ts';

/** As the contract is named in its own metadata. */
const contractName = 'yinxin';
/** The contract reads no longer input. */
const maxInputBytes = 4 * 1_048_576;

type Write = Transaction['writes'][number];
type Policies = NonNullable<Transaction['policies']>;

export interface Call {
  /** Name and JSON of the two arguments as the contract understands them; where it would not, the first argument whole, and null. */
  readonly transaction: string;
  readonly input: Json;
  /** To the chaincode's own rows, in the order of keys. */
  readonly writes: readonly Write[];
  /** That rows of it are given; empty text for anything else than one policy. */
  readonly policies: Policies;
  readonly event: Transaction['event'];
}

/** fabric-contract-api's own pattern: `contract:name`, or `name` for the first contract. */
const namePattern = /([^:]*)(?::|^)(.*)/;

function readName(text: string): string {
  const [, contract = '', name = ''] = namePattern.exec(text) ?? [];
  return contract.trim() === '' || contract === contractName ? name : text;
}

/** Null is input of no transaction, so a text that the contract could not read is none of any. */
function readJson(text: string): Json {
  try {
    return parseJson(utf8(text), { maxBytes: maxInputBytes });
  } catch (error) {
    if (error instanceof YinxinError) return null;
    throw error;
  }
}

function readArguments(payload: Message): Pick<Call, 'transaction' | 'input'> {
  const spec = new Message(payload.bytes(1)).message(1);
  const texts = spec
    .message(3)
    .list(1)
    .map((bytes) => bytes.toString('utf8')); // what is not UTF-8 fabric-shim replaces in the same way
  const [name = '', input] = texts;
  return { transaction: readName(name), input: input === undefined || texts.length > 2 ? null : readJson(input) };
}

/** A text that no rule writes stands for bytes that are none. */
const toValue = (bytes: Buffer) => (isUtf8(bytes) ? bytes.toString('utf8') : `\u0000${bytes.toString('hex')}`);

/** Fabric takes a write of nothing as a deletion. */
function readWrite(write: Message): Write {
  const value = write.bytes(3);
  return { key: write.text(1), value: write.boolean(2) || value.length === 0 ? null : toValue(value) };
}

/** The name of the only thing that Fabric's contracts can set of a row besides its value. */
const policyName = 'VALIDATION_PARAMETER';

function readPolicy(write: Message): Policies[number] {
  const [entry, ...more] = write.messages(2);
  const isPolicy = entry?.text(1) === policyName && more.length === 0;
  return { key: write.text(1), policy: isPolicy ? entry.bytes(2).toString('hex') : '' };
}

const byKey = ({ key: a }: { readonly key: string }, { key: b }: { readonly key: string }) =>
  a < b ? -1 : a > b ? 1 : 0;

function readResults(results: Message, chaincode: string): Pick<Call, 'writes' | 'policies'> {
  const sets = results
    .messages(2)
    .filter((set) => set.text(1) === chaincode)
    .map((set) => new Message(set.bytes(2)));
  return {
    writes: sets.flatMap((set) => set.messages(3).map(readWrite)).sort(byKey),
    policies: sets.flatMap((set) => set.messages(4).map(readPolicy)).sort(byKey),
  };
}

function readEvent(bytes: Buffer): Transaction['event'] {
  if (bytes.length === 0) return undefined;
  const event = new Message(bytes);
  return { name: event.text(3), payload: readJson(event.bytes(4).toString('utf8')) };
}

/**
 * Of an envelope that calls `called`, as seen by `chaincode`; undefined when it neither calls it nor writes its rows. Another chaincode that writes
 * them, which two organisations can have committed, is shown as a call without name, so that no rule can give its writes.
 * @throws MalformedMessage
 */
export function readCall(data: Buffer, called: string, chaincode: string): Call | undefined {
  const [action, ...more] = new Message(data).messages(1);
  if (!action || more.length > 0) throw new MalformedMessage('not exactly one action');
  const actionPayload = new Message(action.bytes(2));
  const response = new Message(actionPayload.message(2).bytes(1));
  const endorsed = new Message(response.bytes(2));
  const results = readResults(new Message(endorsed.bytes(1)), chaincode);
  if (called !== chaincode) {
    const isUntouched = results.writes.length === 0 && results.policies.length === 0;
    return isUntouched ? undefined : { transaction: '', input: null, ...results, event: undefined };
  }
  const named = readArguments(new Message(actionPayload.bytes(1)));
  return { ...named, ...results, event: readEvent(endorsed.bytes(2)) };
}
