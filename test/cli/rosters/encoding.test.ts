/** UTF-8 and GB18030, recognised from the bytes; never a character for another. */
import { expect } from 'chai';
import { encodeGb18030 } from '../../../issuer-cli/rosters/gb18030.ts';
import { goodRow, labels, makeFiles, readAll, refusalOf } from './support.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('the encoding of a roster', () => {
  const files = makeFiles();
  after(() => files.remove());
  const write = (content: Uint8Array) => files.writeNext(content);
  const line = (name: string) => `${goodRow.with(3, name).join(',')}\r\n`;
  const header = `${labels.join(',')}\r\n`;

  it('is GB18030 where Excel in China saves it so, with characters of two and four bytes and beyond the basic plane', async () => {
    const names = ['李示范', '㐂示', '𠮷示范', '示\ufa0e', '阿卜杜拉·示范', '镕䶮', '\ue5e6'];
    const { shape, header: heads, rows } = await readAll(write(encodeGb18030(header + names.map(line).join(''))));
    expect(shape).to.include({ encoding: 'GB18030', hasMark: false });
    expect(heads).to.deep.equal(labels);
    expect(rows.map(({ cells }) => cells[3])).to.deep.equal(names);
  });

  it('is UTF-8 with or without mark, and where there is nothing but ASCII', async () => {
    for (const [text, hasMark] of [
      [header + line('𠮷示范'), false],
      [`\ufeff${header}${line('𠮷示范')}`, true],
      ['a,b\n1,2\n', false],
    ] as const) {
      expect((await readAll(write(utf8(text)))).shape).to.include({ encoding: 'UTF-8', hasMark });
    }
  });

  it('is told by the first line beyond ASCII, however far it is', async () => {
    const plain = `name,x\n${'a,1\n'.repeat(200_000)}`;
    const { shape, rows } = await readAll(write(join(utf8(plain), encodeGb18030('李示范,1\n'))));
    expect(shape).to.include({ encoding: 'GB18030' });
    expect(rows.at(-1)?.cells[0]).to.equal('李示范');
  });

  it('reads a whole file of ordinary names in GB18030 without taking one for UTF-8', async () => {
    const common =
      '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤联通';
    const lines = [...common].flatMap((first) =>
      [...common].map((second) => `${first}${second},${second}${first}${second}\n`),
    );
    const { rows } = await readAll(write(encodeGb18030(`姓名,地址\n${lines.join('')}`)));
    expect(rows.map(({ cells }) => `${cells.join(',')}\n`)).to.deep.equal(lines);
  });

  const mixed: readonly (readonly [name: string, parts: readonly Uint8Array[], line: number, encoding: string])[] = [
    [
      'a GB18030 line among UTF-8',
      [utf8(header + line('李示')), encodeGb18030(line('张示')), utf8(line('王示'))],
      3,
      'UTF-8',
    ],
    ['a GB18030 line behind a mark', [utf8(`\ufeff${header}`), encodeGb18030(line('张示'))], 2, 'UTF-8'],
    [
      'a UTF-8 line among GB18030',
      [encodeGb18030(header + line('李示')), utf8(line('张示')), encodeGb18030(line('王示'))],
      3,
      'GB18030',
    ],
    [
      'one cell in UTF-8, which holds as GB18030',
      [encodeGb18030(`${header}${line('李示')}甲,`), utf8('深圳市福田区'), encodeGb18030(',丙\r\n')],
      3,
      'GB18030',
    ],
    [
      'one cell of two characters in UTF-8',
      [encodeGb18030(`${header}${line('李示')}甲,`), utf8('示范'), encodeGb18030(',丙\r\n')],
      3,
      'GB18030',
    ],
    [
      'one cell of one character in UTF-8',
      [encodeGb18030(`${header}${line('李示')}甲,`), utf8('男'), encodeGb18030(',丙\r\n')],
      3,
      'GB18030',
    ],
    ['half a surrogate pair', [utf8(header), new Uint8Array([0xed, 0xa0, 0x80, 0x0a])], 2, 'UTF-8'],
    ['a byte that is nothing', [utf8(`${header}甲\n`), new Uint8Array([0x61, 0xff, 0x0a])], 3, 'UTF-8'],
  ];
  for (const [name, parts, at, encoding] of mixed) {
    it(`with ${name} is refused, with the line`, async () => {
      expect(await refusalOf(write(join(...parts)))).to.deep.equal(['ROSTER_ENCODING_MIXED', { line: at, encoding }]);
    });
  }

  it('finds a foreign line far behind, by its number', async () => {
    const many = header + line('李示').repeat(20_000);
    const path = write(join(utf8(many), encodeGb18030(line('张示')), utf8(line('李示'))));
    expect(await refusalOf(path)).to.deep.equal(['ROSTER_ENCODING_MIXED', { line: 20_002, encoding: 'UTF-8' }]);
  });

  const others: readonly (readonly [name: string, content: Uint8Array, likely: string])[] = [
    ['UTF-16 with a mark', new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00]), 'UTF-16'],
    ['UTF-16 without mark', new Uint8Array(Buffer.from('name,code\nabc,def\n', 'utf16le')), 'UTF-16'],
    ['no text', new Uint8Array([0x61, 0xff, 0xff, 0x0a]), 'unknown'],
    ['what could be either', new Uint8Array([0x61, 0x0a, 0xc1 + 1, 0xaa, 0xcd, 0xa8, 0x0a]), 'unknown'],
  ];
  for (const [name, content, likely] of others) {
    it(`${name} is refused`, async () => {
      expect(await refusalOf(write(content))).to.deep.equal(['ROSTER_ENCODING', { likely }]);
    });
  }

  it('leaves a NUL to the field in which it stands', async () => {
    const { rows } = await readAll(write(utf8(`${header}${line('李\u0000示')}`)));
    expect(rows[0]?.cells[3]).to.equal('李\u0000示');
  });
});

describe('the writer of GB18030', () => {
  it('gives back every character that the decoder knows, and no other', () => {
    const decoder = new TextDecoder('gb18030', { fatal: true });
    const lost: number[] = [];
    for (let block = 0; block < 0x110000; block += 0x100) {
      if (block >= 0xd800 && block < 0xe000) continue;
      const text = String.fromCodePoint(...Array.from({ length: 0x100 }, (_, at) => block + at));
      if (decoder.decode(encodeGb18030(`.${text}`)) === `.${text}`) continue;
      for (let point = block; point < block + 0x100; point += 1) {
        const one = String.fromCodePoint(point);
        if (decoder.decode(encodeGb18030(`.${one}`)) !== `.${one}`) lost.push(point);
      }
    }
    const privateOnes = lost.filter((point) => point >= 0xe000 && point < 0xf900);
    expect(lost).to.deep.equal(privateOnes);
    expect(lost).to.have.length(19);
  });

  it('writes the codes that the standard names', () => {
    const hex = (text: string) => Buffer.from(encodeGb18030(text)).toString('hex');
    expect(hex('aé中€\ufffd')).to.equal('61a8a6d6d0a2e384 31a437'.replace(' ', ''));
    expect(hex('\u{10000}\u{10ffff}')).to.equal('90308130e3329a35');
    expect(hex('\ud800')).to.equal('3f');
  });
});
