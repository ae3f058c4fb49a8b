/** The strings that the cells of a workbook share, packed: a million rows have millions of them. */
import { YinxinError } from '@yinxin/core';
import { type Attributes, XmlFeed, type XmlReader } from './xml.ts';

const maxPackedBytes = 256 * 1024 * 1024;
/** Of one cell, put together from runs. */
const maxCharacters = 16 * 1024 * 1024;

/** `_x000D_` stands for a character that XML cannot hold (ECMA-376 part 1, 22.4.2.4). */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Collects the text of `t` elements, runs of rich text together, without the reading aids of East Asian text. */
export class TextCollector {
  #text = '';
  #isOpen = false;
  #phonetic = 0;

  open(name: string): void {
    if (name === 'rPh') this.#phonetic += 1;
    else if (name === 't' && this.#phonetic === 0) this.#isOpen = true;
  }

  close(name: string): void {
    if (name === 'rPh') this.#phonetic -= 1;
    else if (name === 't') this.#isOpen = false;
  }

  /** @throws YinxinError ROSTER_BOMB */
  text(text: string): void {
    if (this.#isOpen) this.#text += text;
    if (this.#text.length > maxCharacters) throw new YinxinError('ROSTER_BOMB');
  }

  take(): string {
    const text = unescapeText(this.#text);
    this.#text = '';
    return text;
  }
}

/** Text in UTF-16 (lone surrogates stay what they are), one after the other. */
export class SharedStrings implements XmlReader {
  readonly #collector = new TextCollector();
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #ends = new Uint32Array(4096);
  #count = 0;
  #end = 0;

  open(name: string, _attributes: Attributes): void {
    this.#collector.open(name);
  }

  text(text: string): void {
    this.#collector.text(text);
  }

  close(name: string): void {
    this.#collector.close(name);
    if (name === 'si') this.#add(this.#collector.take());
  }

  #add(text: string): void {
    const end = this.#end + 2 * text.length;
    if (end > maxPackedBytes) throw new YinxinError('ROSTER_BOMB');
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#end);
      this.#bytes = larger;
    }
    this.#bytes.write(text, this.#end, 'utf16le');
    if (this.#count === this.#ends.length) {
      const longer = new Uint32Array(2 * this.#ends.length);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.#count] = end;
    this.#count += 1;
    this.#end = end;
  }

  /** @throws YinxinError ROSTER_DAMAGED where there is none of that number */
  get(index: number): string {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) throw new YinxinError('ROSTER_DAMAGED');
    const from = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    return this.#bytes.toString('utf16le', from, this.#ends[index]);
  }
}

/** @throws YinxinError ROSTER_DAMAGED, ROSTER_BOMB */
export async function readSharedStrings(pieces: AsyncIterable<string>): Promise<SharedStrings> {
  const strings = new SharedStrings();
  const feed = new XmlFeed(strings);
  for await (const piece of pieces) feed.write(piece);
  feed.end();
  return strings;
}
