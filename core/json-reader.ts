/** A strict JSON reader (RFC 8259): no duplicate keys, bounded depth, safe integers only. Used by jcs.ts alone. */
import { YinxinError } from './errors.ts';
import type { Json } from './model.ts';
import { checkText } from './text.ts';

const integer = /-?(?:0|[1-9][0-9]*)/y;
const literals: readonly (readonly [word: string, value: Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** An object without inherited keys, as `Object.create(null)` makes one, but laid out for speed. */
const Members = function Members() {} as unknown as { new (): { [key: string]: Json }; prototype: object }; // a class cannot have this prototype
Members.prototype = Object.create(null);

export class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  /** The one value that the text is. @throws YinxinError as parseJson says */
  readAll(): Json {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#malformed();
    return value;
  }

  #malformed(): YinxinError {
    return new YinxinError('MALFORMED_JSON', { offset: this.#at });
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit > 0x20) return;
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at += 1;
    }
  }

  /** Steps over `mark` when it comes next. */
  #take(mark: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw this.#malformed();
  }

  #value(): Json {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      default:
        return this.#scalar();
    }
  }

  #nested(read: () => Json): Json {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) throw new YinxinError('TOO_DEEP', { maxDepth: this.#maxDepth });
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #array(): Json {
    const items: Json[] = [];
    if (this.#take(']')) return items;
    do items.push(this.#value());
    while (this.#take(','));
    this.#expect(']');
    return items;
  }

  #object(): Json {
    const members = new Members();
    if (this.#take('}')) return members;
    do {
      this.#skipSpace();
      const key = this.#string();
      if (key in members) throw new YinxinError('DUPLICATE_KEY', { offset: this.#at });
      this.#expect(':');
      members[key] = this.#value();
    } while (this.#take(','));
    this.#expect('}');
    return members;
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') throw this.#malformed();
    const start = this.#at;
    const end = this.#endOfString(start);
    const raw = this.#text.slice(start + 1, end);
    checkText(raw);
    if (raw.includes('\n')) throw this.#malformed();
    const value = raw.includes('\\') ? this.#unescape(start, end) : raw;
    this.#at = end + 1;
    return value;
  }

  #endOfString(start: number): number {
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const unit = this.#text.charCodeAt(at);
      if (unit === 0x22) return at;
      if (unit === 0x5c) at += 1;
    }
    throw this.#malformed();
  }

  #unescape(start: number, end: number): string {
    let value: string;
    try {
      value = String(JSON.parse(this.#text.slice(start, end + 1)));
    } catch {
      throw this.#malformed();
    }
    checkText(value);
    return value;
  }

  #scalar(): Json {
    for (const [word, value] of literals) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    integer.lastIndex = this.#at;
    const digits = integer.exec(this.#text)?.[0];
    if (digits === undefined) throw this.#malformed();
    return this.#integer(digits);
  }

  #integer(digits: string): number {
    const next = this.#text[this.#at + digits.length];
    const value = Number(digits);
    if (next === '.' || next === 'e' || next === 'E' || !Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new YinxinError('NOT_CANONICAL', { reason: 'a number that is not a safe integer', offset: this.#at });
    }
    this.#at += digits.length;
    return value;
  }
}
