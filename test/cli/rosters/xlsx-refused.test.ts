/** Workbooks that are not read: each for its own reason. */

import { sentence } from '@yinxin/core';
import { expect } from 'chai';
import { SharedStrings } from '../../../issuer-cli/rosters/xlsx/strings.ts';
import { XmlFeed } from '../../../issuer-cli/rosters/xlsx/xml.ts';
import { goodRow, labels, licence, makeFiles, makeParts, refusalOf, textRow, zip } from './support.ts';

const rows = textRow(labels) + textRow(goodRow);
const compound = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/** The flag of encryption set in every header of an archive. */
function encrypt(archive: Uint8Array): Uint8Array {
  const bytes = Buffer.from(archive);
  for (let at = 0; at + 4 < bytes.length; at += 1) {
    if (bytes.readUInt32LE(at) === 0x04034b50) bytes[at + 6] = (bytes[at + 6] ?? 0) | 1;
    if (bytes.readUInt32LE(at) === 0x02014b50) bytes[at + 8] = (bytes[at + 8] ?? 0) | 1;
  }
  return bytes;
}

/** Says in the directory that a part is smaller than it is. */
function understate(archive: Uint8Array, name: string): Uint8Array {
  const bytes = Buffer.from(archive);
  for (let at = 0; at + 46 < bytes.length; at += 1) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) continue;
    if (bytes.toString('latin1', at + 46, at + 46 + name.length) === name) bytes.writeUInt32LE(1000, at + 24);
  }
  return bytes;
}

describe('a workbook is refused', () => {
  const files = makeFiles();
  after(() => files.remove());
  const refuse = (content: Uint8Array) => refusalOf(files.writeNext(content, 'xlsx'), { type: licence });
  const withParts = async (more: { readonly [name: string]: string }, contentTypes = '') =>
    refuse(await zip(makeParts({ rows, contentTypes, more })));

  it('but a good one is not', async () => {
    expect(await refuse(await zip(makeParts({ rows })))).to.deep.equal(['accepted', {}]);
  });

  it('with a macro, whatever its name and type', async () => {
    const type =
      '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>';
    expect(await withParts({}, type)).to.deep.equal(['ROSTER_MACRO', {}]);
    expect(await withParts({ 'xl/vbaProject.bin': 'x' })).to.deep.equal(['ROSTER_MACRO', {}]);
    expect(await withParts({ 'xl/macrosheets/sheet1.xml': '<x/>' })).to.deep.equal(['ROSTER_MACRO', {}]);
  });

  it('with links to other files or data', async () => {
    expect(await withParts({ 'xl/externalLinks/externalLink1.xml': '<x/>' })).to.deep.equal(['ROSTER_LINKS', {}]);
    expect(await withParts({ 'xl/connections.xml': '<x/>' })).to.deep.equal(['ROSTER_LINKS', {}]);
  });

  it('under a password', async () => {
    const mark = Buffer.from('EncryptedPackage', 'utf16le');
    const filler = Buffer.alloc(1024 * 1024 - 8 - 10); // the mark lies across two readings
    expect(await refuse(Buffer.concat([Uint8Array.from(compound), filler, mark]))).to.deep.equal([
      'ROSTER_PASSWORD',
      {},
    ]);
    expect(await refuse(encrypt(await zip(makeParts({ rows }))))).to.deep.equal(['ROSTER_PASSWORD', {}]);
  });

  it('in an old or other format', async () => {
    expect(await refuse(Uint8Array.from([...compound, ...new Uint8Array(512)]))).to.deep.equal([
      'ROSTER_OLD_FORMAT',
      {},
    ]);
    expect(await withParts({ 'xl/workbook.bin': 'x' })).to.deep.equal(['ROSTER_OLD_FORMAT', {}]);
    expect((await refuse(new TextEncoder().encode('<?xml version="1.0"?><Workbook/>')))[0]).to.equal(
      'ROSTER_OLD_FORMAT',
    );
  });

  const bomb = `${rows}${textRow(['0'.repeat(12_000_000)])}`;
  it('that is a bomb, and one that hides it', async () => {
    const archive = await zip(makeParts({ rows: bomb }));
    expect(archive.length).to.be.below(50_000);
    expect(await refuse(archive)).to.deep.equal(['ROSTER_BOMB', {}]);
    expect((await refuse(understate(archive, 'xl/worksheets/sheet1.xml')))[0]).to.be.oneOf([
      'ROSTER_BOMB',
      'ROSTER_DAMAGED',
    ]);
    const strings = makeParts({ rows, strings: `<si><t>${'0'.repeat(12_000_000)}</t></si>` });
    expect(await refuse(await zip(strings))).to.deep.equal(['ROSTER_BOMB', {}]);
  });

  it('that has a text without end, in one piece or in many, before memory is full of it', () => {
    const megabyte = '0'.repeat(1_048_576);
    const feeds = [new XmlFeed({ open: () => {}, close: () => {}, text: () => {} }), new XmlFeed(new SharedStrings())];
    const [one, many] = feeds;
    one?.write('<t>');
    expect(() => {
      for (let count = 0; count < 40; count += 1) one?.write(megabyte);
    }).to.throw('ROSTER_BOMB');
    many?.write('<sst><si>');
    expect(() => {
      for (let count = 0; count < 40; count += 1) many?.write(`<r><t>${megabyte}</t></r>`);
    }).to.throw('ROSTER_BOMB');
  });

  it('whose rows ask for thousands of cells each that are not there; a few such rows are none', async () => {
    const wide = '<row><c r="XFD1"><v>1</v></c></row>';
    expect((await refuse(await zip(makeParts({ rows: rows + wide.repeat(20) }))))[0]).to.equal('accepted');
    expect(await refuse(await zip(makeParts({ rows: rows + wide.repeat(2_000) })))).to.deep.equal(['ROSTER_BOMB', {}]);
  });

  it('with more parts than any has', async () => {
    const parts: { [name: string]: string } = {};
    for (let at = 0; at < 10_001; at += 1) parts[`p${at}`] = '';
    expect(await refuse(await zip(parts))).to.deep.equal(['ROSTER_BOMB', {}]);
  });

  it('that is damaged, wherever it is cut or changed', async () => {
    const archive = await zip(makeParts({ rows }));
    const { length } = archive;
    for (const cut of [4, 100, length >> 1, length - 30, length - 1])
      expect((await refuse(archive.subarray(0, cut)))[0], `cut at ${cut}`).to.equal('ROSTER_DAMAGED');
    for (let at = 4; at < length; at += 97) {
      const changed = archive.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      const [code] = await refuse(changed);
      expect(code, `byte ${at}`).to.match(/^(ROSTER_[A-Z_]+|accepted)$/);
    }
  });

  const sheet = (xml: string) => ({ 'xl/worksheets/sheet1.xml': xml });
  const damaged: readonly (readonly [name: string, more: { readonly [name: string]: string }])[] = [
    [
      'that defines entities',
      sheet(
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>',
      ),
    ],
    ['whose sheet ends in the middle', sheet('<worksheet><sheetData><row>')],
    ['whose rows are not in order', sheet('<worksheet><sheetData><row r="5"/><row r="4"/></sheetData></worksheet>')],
    ['with a row beyond the last', sheet('<worksheet><sheetData><row r="99999999999"/></sheetData></worksheet>')],
    ['whose sheet is no XML', sheet('hello')],
    ['whose workbook is another document', { 'xl/workbook.xml': '<document/>' }],
    ['whose relations lead nowhere', { '_rels/.rels': '<Relationships/>' }],
    [
      'that names a string it does not have',
      sheet('<worksheet><sheetData><row><c t="s"><v>7</v></c></row></sheetData></worksheet>'),
    ],
    ['whose sheet is empty', sheet('')],
  ];
  for (const [name, more] of damaged) {
    it(name, async () => expect((await withParts(more))[0]).to.equal('ROSTER_DAMAGED'));
  }

  it('whose sheet is not UTF-8', async () => {
    const parts = {
      ...makeParts({}),
      'xl/worksheets/sheet1.xml': Uint8Array.from(Buffer.from('<a>\xd0\xd5</a>', 'latin1')),
    };
    expect(await refuse(await zip(parts))).to.deep.equal(['ROSTER_DAMAGED', {}]);
  });

  it('that is another kind of archive', async () => {
    expect((await refuse(await zip({ 'word/document.xml': '<x/>' })))[0]).to.equal('ROSTER_DAMAGED');
  });

  it('without rows', async () => {
    expect((await refuse(await zip(makeParts({}))))[0]).to.equal('ROSTER_EMPTY');
    expect((await refuse(await zip(makeParts({ rows: textRow(labels) }))))[0]).to.equal('ROSTER_EMPTY');
  });

  it('with a sentence that says what to do', () => {
    for (const code of [
      'ROSTER_MACRO',
      'ROSTER_LINKS',
      'ROSTER_PASSWORD',
      'ROSTER_OLD_FORMAT',
      'ROSTER_BOMB',
      'ROSTER_DAMAGED',
    ] as const) {
      expect(sentence(code, 'zh').next).to.match(/^请/);
      expect(sentence(code, 'en').next).to.not.equal('');
    }
  });
});
