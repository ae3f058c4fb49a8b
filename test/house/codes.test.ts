/** The table of codes: every code has words, is used by the product, and is asked for by a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes, errorEntry, sentence } from '@yinxin/core';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tables = /core\/(errors|sentences[a-z-]*)\.ts$/;

function readSources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !/^(node_modules|dist|artifacts|bench)$/.test(name))
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return readSources(path);
      return entry.name.endsWith('.ts') && !tables.test(path) ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

const wordsOf = (source: string) => new Set(source.match(/\b[A-Z][A-Z_]+[A-Z]\b/g));
const product = wordsOf(
  ['core', 'chaincode', 'gateway', 'issuer-cli', 'verifier-web', 'network']
    .map((room) => readSources(join(root, room)))
    .join('\n'),
);
const tests = wordsOf(readSources(join(root, 'test')));

describe('the table of codes', () => {
  it('every code is used by the product', () => {
    expect(errorCodes.filter((code) => !product.has(code))).to.deep.equal([]);
  });

  it('every code is asked for by a test', () => {
    expect(errorCodes.filter((code) => !tests.has(code))).to.deep.equal([]);
  });

  it('every code has a sentence and a next step in Chinese and English', () => {
    for (const code of errorCodes) {
      for (const language of ['zh', 'en'] as const) {
        const { what, next } = sentence(code, language);
        expect(what, code).to.match(/[.。]$/);
        expect(next, code).to.match(/[.。]$/);
      }
    }
  });

  it('every code has a documented exit code and an HTTP status', () => {
    for (const code of errorCodes) {
      const { exit, http } = errorEntry(code);
      expect(exit, code).to.be.oneOf([1, 2, 3, 70]);
      expect(http, code).to.be.within(200, 599);
    }
  });
});
