/** The verifier page as static files, read once at start: compressed, and with the pin of this domain in its place. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fromUtf8, type TrustPin, utf8 } from '@yinxin/core';
import { type Document, toDocument } from './answer.ts';

/** Documents by path, such as `/main.js`; `/` is index.html. */
export type Page = ReadonlyMap<string, Document>;

const htmlType = 'text/html; charset=utf-8';
const mediaTypes: { readonly [extension: string]: string } = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
/** Where the page looks for its pin; empty or `null` as it is built. */
const placeholder = /(<script id="yinxin-pin" type="application\/json">)(?:null)?(<\/script>)/;

/** `<` is escaped, so that no value can end the element. */
function insertPin(html: string, pin: TrustPin): string {
  const json = JSON.stringify(pin).replaceAll('<', '\\u003c');
  return html.replace(placeholder, (_, open: string, close: string) => open + json + close);
}

/** Takes a pin and gives the page with it. */
export type PageMaker = (pin: TrustPin) => Promise<Page>;

/** Every file of the folder and those below; none when there is no such folder. */
export async function readPageFiles(folder: string): Promise<PageMaker> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const fixed = new Map<string, Document>();
  const htmls = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const bytes = await readFile(file);
    if (extname(file) === '.html') htmls.set(path, fromUtf8(bytes));
    else fixed.set(path, await toDocument(mediaTypes[extname(file)] ?? 'application/octet-stream', bytes));
  }
  return (pin) => toPage(fixed, htmls, pin);
}

async function toPage(fixed: Page, htmls: ReadonlyMap<string, string>, pin: TrustPin): Promise<Page> {
  const page = new Map(fixed);
  for (const [path, html] of htmls) page.set(path, await toDocument(htmlType, utf8(insertPin(html, pin))));
  const index = page.get('/index.html');
  return index ? page.set('/', index) : page;
}
