/** The symbol, read back from the rendered picture by an independent reader. */

import { formatSymbol, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { PNG } from 'pngjs';
import { drawSymbol, formatSymbolText } from '../../issuer-cli/symbol.ts';
import { issueOne, loadType, makeCode } from '../fixtures/certificates.ts';
import { readPng } from './picture.ts';

describe('the symbol', () => {
  const type = loadType('business-licence');
  const { file } = issueOne(type);
  for (const kind of ['open', 'closed'] as const) {
    it(`of a code (${kind}) is read back from its picture, character by character`, async () => {
      const text = formatSymbol('https://yinxin.example', makeCode(file, type, kind).digits);
      expect(readPng(await drawSymbol(text).toPng())).to.equal(text);
    });
  }

  it('holds digits in numeric mode: an open code of three fields stays within version 20 at correction Q', () => {
    const symbol = drawSymbol(formatSymbol('https://yinxin.example', makeCode(file, type, 'open').digits));
    expect(symbol.correction).to.equal('Q');
    expect(symbol.version).to.be.at.most(20);
  });

  it('changes to correction M where Q would need more than version 20', () => {
    expect(drawSymbol(`https://a.cn/#${'7'.repeat(1110)}`).correction).to.equal('Q');
    const larger = drawSymbol(`https://a.cn/#${'7'.repeat(1120)}`);
    expect(larger.correction).to.equal('M');
    expect(larger.version).to.be.at.most(20);
  });

  it('has a quiet zone of four modules and is drawn in SVG of the same modules', async () => {
    const symbol = drawSymbol(`https://a.cn/#${'7'.repeat(300)}`);
    const svg = await symbol.toSvg();
    expect(svg).to.include(`viewBox="0 0 ${symbol.size + 8} ${symbol.size + 8}"`);
    const { width } = PNG.sync.read(Buffer.from(await symbol.toPng()));
    expect(width).to.equal((symbol.size + 8) * 8);
  });

  it('is text of two rows a line on request', () => {
    const symbol = drawSymbol(`https://a.cn/#${'7'.repeat(300)}`);
    const lines = formatSymbolText(symbol, false).trimEnd().split('\n');
    expect([...(lines[2] ?? '')].slice(4, 11).join('')).to.equal('█▀▀▀▀▀█');
  });

  it('refuses text without digits, and more than a symbol holds', () => {
    for (const text of ['https://a.cn/', `#${'7'.repeat(7000)}`]) {
      expect(() => drawSymbol(text)).to.throw(YinxinError, 'MALFORMED_CODE');
    }
  });
});
