/** Identity numbers that end in three zeros: a few people have one, and a spreadsheet that took the column for numbers gives one to everybody. */
import { expect } from 'chai';
import { findExactDigits, matchColumns, openRoster, readRow } from '../../../issuer-cli/rosters/roster.ts';
import { loadType, now } from '../../fixtures/certificates.ts';
import { idColumn, proofType, rosterPieces } from '../../fixtures/rosters.ts';
import { collect, makeFiles } from './support.ts';

const type = loadType(proofType);
/** Both have the right check digit. */
const zeros = ['990300199001071000', '990300199001020000'] as const;
/** Its check digit was lost with the others. */
const spoiled = '990300199001010000';
const usual = '990300190001010012';

describe('identity numbers that end in three zeros', () => {
  const files = makeFiles();
  after(() => files.remove());

  /** The codes of each row with this identity number. */
  async function read(numbers: readonly string[]): Promise<readonly (readonly string[])[]> {
    const [header = '', row = ''] = [...rosterPieces({ rows: 1 })].join('').split('\r\n');
    const rows = numbers.map((number) => row.split(',').with(idColumn, number).join(','));
    const roster = await openRoster(files.writeNext([header, ...rows, ''].join('\r\n')));
    const columns = await findExactDigits(roster, matchColumns(type, roster.header));
    const found = await collect(roster);
    await roster.close();
    return found.map((source) => {
      const result = readRow(columns, source, new Map(), now);
      return 'problems' in result ? result.problems.map(({ code }) => code) : [];
    });
  }

  it('are taken among numbers that end otherwise', async () => {
    expect(await read([usual, ...zeros])).to.deep.equal([[], [], []]);
  });

  it('are refused where all numbers end so, but those with an X, which spreadsheets keep', async () => {
    expect(await read([...zeros, '99030019000103526X'])).to.deep.equal([
      ['ROSTER_NUMBER_LOST'],
      ['ROSTER_NUMBER_LOST'],
      ['CHECK_DIGIT_INVALID'],
    ]);
  });

  it('are refused where one of them has lost its check digit', async () => {
    expect(await read([usual, ...zeros, spoiled])).to.deep.equal([
      [],
      ['ROSTER_NUMBER_LOST'],
      ['ROSTER_NUMBER_LOST'],
      ['ROSTER_NUMBER_LOST'],
    ]);
  });
});
