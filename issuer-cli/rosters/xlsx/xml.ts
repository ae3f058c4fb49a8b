/** XML, element by element as it comes (saxes): without prefixes, without document types. The one file that knows saxes. */
import { YinxinError } from '@yinxin/core';
import { SaxesParser } from 'saxes';

export type Attributes = { readonly [name: string]: string };

export interface XmlReader {
  /** `name` without its prefix. */
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
}

/** A tag, or a text between two: a cell of 1 MB is a bad cell, more is made up to fill memory. */
const maxCharacters = 16 * 1024 * 1024;

function bare(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** Gives pieces of a document to a reader. */
export class XmlFeed {
  readonly #parser = new SaxesParser();
  /** Characters since the parser last gave something. */
  #held = 0;

  constructor(reader: XmlReader) {
    const parser = this.#parser;
    parser.on('error', (error) => {
      throw error;
    });
    // Entities are defined there; a workbook has no need of any.
    parser.on('doctype', () => {
      throw new YinxinError('ROSTER_DAMAGED');
    });
    parser.on('opentag', ({ name, attributes }) => {
      this.#held = 0;
      reader.open(bare(name), attributes);
    });
    parser.on('closetag', ({ name }) => {
      this.#held = 0;
      reader.close(bare(name));
    });
    parser.on('text', (text) => reader.text(text));
    parser.on('cdata', (text) => reader.text(text));
  }

  /** @throws YinxinError ROSTER_DAMAGED, ROSTER_BOMB */
  write(piece: string): void {
    this.#held += piece.length;
    try {
      this.#parser.write(piece);
    } catch (error) {
      throw error instanceof YinxinError ? error : new YinxinError('ROSTER_DAMAGED');
    }
    if (this.#held > maxCharacters) throw new YinxinError('ROSTER_BOMB');
  }

  /** @throws YinxinError ROSTER_DAMAGED where the document is cut off */
  end(): void {
    try {
      this.#parser.close();
    } catch (error) {
      throw error instanceof YinxinError ? error : new YinxinError('ROSTER_DAMAGED');
    }
  }
}

/** A small document at once. @throws YinxinError ROSTER_DAMAGED */
export function readXml(text: string, open: XmlReader['open'], close: XmlReader['close'] = () => {}): void {
  if (text === '') return;
  const feed = new XmlFeed({ open, close, text: () => {} });
  feed.write(text.startsWith('\ufeff') ? text.slice(1) : text);
  feed.end();
}
