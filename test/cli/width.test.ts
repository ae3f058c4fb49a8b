/** Widths on a terminal, and tables. */
import { expect } from 'chai';
import { formatTable, measureWidth, wrapText } from '../../issuer-cli/width.ts';

describe('width', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['', 0],
    ['abc', 3],
    ['证照', 4],
    ['a证b', 4],
    ['𠮷', 2],
    ['（）', 4],
    ['·', 1],
    ['é', 1],
    ['e\u0301', 1],
    ['한', 2],
    ['\u001b[31m无效\u001b[0m', 4],
  ];
  for (const [text, cells] of cases)
    it(`gives ${JSON.stringify(text)} ${cells} cells`, () => expect(measureWidth(text)).to.equal(cells));

  it('aligns columns by cells, without spaces at the ends of lines', () => {
    expect(
      formatTable([
        ['a', '证照', 'x'],
        ['长名', 'b', ''],
        ['c', 'd', 'y'],
      ]),
    ).to.equal('a     证照  x\n长名  b\nc     d     y\n');
  });

  it('breaks lines between Chinese characters and between English words, and starts none with a full stop', () => {
    expect(wrapText('一二三四。五', 8)).to.deep.equal(['一二三四。', '五']);
    expect(wrapText('one two three', 8)).to.deep.equal(['one two', 'three']);
  });
});
