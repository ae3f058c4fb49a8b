/** The verifier page as static files, read once at start: compressed, and with the pin of this network in its place. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fromUtf8, type TrustPin, utf8 } from '@yinxin/core';
import { type Document, toDocument } from './answer.ts';

/** Documents by path, such as `/main.js`; `/` is index.html. */
export type Page = ReadonlyMap<string, Document>;

const mediaTypes: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
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

async function toPageDocument(path: string, pin: TrustPin): Promise<Document> {
  const bytes = await readFile(path);
  const mediaType = mediaTypes[extname(path)] ?? 'application/octet-stream';
  return toDocument(mediaType, extname(path) === '.html' ? utf8(insertPin(fromUtf8(bytes), pin)) : bytes);
}

/** Every file of the folder and those below; empty when there is no such folder. */
export async function readPageFiles(folder: string, pin: TrustPin): Promise<Page> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const page = new Map<string, Document>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    page.set(`/${relative(folder, path).split(sep).join('/')}`, await toPageDocument(path, pin));
  }
  const index = page.get('/index.html');
  return index ? page.set('/', index) : page;
}
