/**
 * Reads protocol buffers (protobuf.dev, "Encoding", proto3) exactly as Fabric's own programs do: of a field that comes twice the last one counts,
 * messages that come twice are merged, and what is not known is passed over. A reader that decided otherwise could be shown another transaction than peers saw.
 */
import { isUtf8 } from 'node:buffer';

/** What is no protocol buffer; `decode.ts` and `verify.ts` turn it into LEDGER_DIVERGED with the block. */
export class MalformedMessage extends Error {}

const wire = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;
const maxFieldNumber = 0x1fff_ffff;
const maxVarintBytes = 10;
const maxGroupDepth = 100;

const malformed = (why: string) => new MalformedMessage(why);

/** One pass over bytes. */
class Cursor {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  varint(): bigint {
    const first = this.bytes[this.at];
    if (first !== undefined && first < 0x80) {
      this.at += 1;
      return BigInt(first);
    }
    let value = 0n;
    for (let index = 0; index < maxVarintBytes; index += 1) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw malformed('varint cut off');
      this.at += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        if (index === maxVarintBytes - 1 && byte > 1) break;
        return value;
      }
    }
    throw malformed('varint too long');
  }

  take(count: bigint): Buffer {
    if (count > BigInt(this.bytes.length - this.at)) throw malformed('field cut off');
    const end = this.at + Number(count);
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  /** Past a group, which no message of Fabric's has. */
  skipGroup(field: number, depth: number): void {
    if (depth > maxGroupDepth) throw malformed('groups nested too deeply');
    for (;;) {
      const tag = this.tag();
      if (tag.type === wire.endGroup) {
        if (tag.field !== field) throw malformed('group ends as another');
        return;
      }
      this.skip(tag.field, tag.type, depth);
    }
  }

  skip(field: number, type: number, depth: number): void {
    if (type === wire.varint) this.varint();
    else if (type === wire.fixed64) this.take(8n);
    else if (type === wire.bytes) this.take(this.varint());
    else if (type === wire.fixed32) this.take(4n);
    else if (type === wire.startGroup) this.skipGroup(field, depth + 1);
    else throw malformed('wire type');
  }

  tag(): { readonly field: number; readonly type: number } {
    const tag = this.varint();
    const field = tag >> 3n;
    if (field < 1n || field > BigInt(maxFieldNumber)) throw malformed('field number');
    return { field: Number(field), type: Number(tag & 7n) };
  }
}

const none: readonly never[] = [];

/** The fields of one message. Absent ones read as proto3's defaults: zero, no bytes, no text. */
export class Message {
  readonly #numbers = new Map<number, bigint>();
  readonly #bytes = new Map<number, Buffer[]>();

  /** @throws MalformedMessage */
  constructor(bytes: Uint8Array) {
    const cursor = new Cursor(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    while (cursor.at < cursor.bytes.length) this.#readField(cursor);
  }

  #readField(cursor: Cursor): void {
    const { field, type } = cursor.tag();
    if (type === wire.varint) {
      this.#numbers.set(field, cursor.varint());
    } else if (type === wire.bytes) {
      const value = cursor.take(cursor.varint());
      const others = this.#bytes.get(field);
      if (others) others.push(value);
      else this.#bytes.set(field, [value]);
    } else {
      cursor.skip(field, type, 0);
    }
  }

  has(field: number): boolean {
    return this.#bytes.has(field) || this.#numbers.has(field);
  }

  /** `uint64`, where what Fabric writes there is a safe integer. @throws MalformedMessage when it is not */
  natural(field: number): number {
    const value = this.#numbers.get(field) ?? 0n;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('number too large');
    return Number(value);
  }

  /** `uint32`: the lower 32 bits. */
  uint32(field: number): number {
    return Number(BigInt.asUintN(32, this.#numbers.get(field) ?? 0n));
  }

  /** `int32` and enumerations: the lower 32 bits. */
  int32(field: number): number {
    return Number(BigInt.asIntN(32, this.#numbers.get(field) ?? 0n));
  }

  int64(field: number): bigint {
    return BigInt.asIntN(64, this.#numbers.get(field) ?? 0n);
  }

  boolean(field: number): boolean {
    return (this.#numbers.get(field) ?? 0n) !== 0n;
  }

  bytes(field: number): Buffer {
    return this.#bytes.get(field)?.at(-1) ?? Buffer.alloc(0);
  }

  /** @throws MalformedMessage when any value of the field is not UTF-8 */
  text(field: number): string {
    const all = this.#bytes.get(field) ?? none;
    if (!all.every((value) => isUtf8(value))) throw malformed('not UTF-8');
    return all.at(-1)?.toString('utf8') ?? '';
  }

  /** A message that is one field of this one: empty when absent. @throws MalformedMessage */
  message(field: number): Message {
    const all = this.#bytes.get(field) ?? none;
    return new Message(all.length === 1 && all[0] ? all[0] : Buffer.concat(all));
  }

  /** Of a `repeated` field of bytes or texts. */
  list(field: number): readonly Buffer[] {
    return this.#bytes.get(field) ?? none;
  }

  /** Of a `repeated` field of messages. @throws MalformedMessage */
  messages(field: number): readonly Message[] {
    return this.list(field).map((bytes) => new Message(bytes));
  }

  /** Of a `map` from texts to messages. @throws MalformedMessage */
  entries(field: number): ReadonlyMap<string, Message> {
    return new Map(this.messages(field).map((entry) => [entry.text(1), entry.message(2)]));
  }
}
