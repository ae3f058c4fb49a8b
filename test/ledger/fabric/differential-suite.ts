/** The same random transactions on both ledgers, and then everything compared. Each suite needs a network of its own, not yet founded. */
import { expect } from 'chai';
import { Differential } from './differential.ts';
import { compareBlocks, compareHistories, compareStates, type Places } from './differential-compare.ts';
import { compareIndexes } from './differential-index.ts';
import { clockNow } from './differential-writer.ts';

export interface DifferentialSuiteOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Milliseconds for each test. */
  readonly timeout: number;
  /** Also when done. */
  readonly heard?: (differential: Differential) => void;
}

const phantom = 'PHANTOM_READ_CONFLICT';
/** Which of two transactions comes first is the orderers' to say. */
const mostTurns = 20;

/** From one transaction by itself to eleven in flight together. */
const sizeOf = (round: number) => 1 + ((round * 7) % 11);

export function differentialSuite(
  profile: () => string,
  { seed, rounds, timeout, heard }: DifferentialSuiteOptions,
): void {
  describe(`told the same random history (seed ${seed})`, function () {
    this.timeout(timeout);
    let differential: Differential;
    let places: readonly Places[];

    before(async () => {
      differential = await Differential.begin({ profile: profile(), seed });
    });
    after(() => differential?.close());

    it('find the same phantoms', async () => {
      for (let turn = 0; turn < mostTurns && differential.counted(phantom) === 0; turn += 1) {
        await differential.roundOfPhantoms(turn);
      }
      expect(differential.counted(phantom)).to.be.greaterThan(0);
    });

    it('answer, refuse and order alike, one by one and in flight together', async () => {
      for (let round = 0; round < rounds; round += 1) await differential.round(sizeOf(round));
      heard?.(differential);
      expect(differential.counted('VALID')).to.be.greaterThan(2 * rounds);
      expect(differential.counted('MVCC_READ_CONFLICT')).to.be.greaterThan(0);
      const codes = [...differential.tally.keys()].filter((name) => /^[A-Z_]+$/.test(name));
      expect(codes.length, codes.join()).to.be.greaterThan(20);
    });

    it('hold the same blocks of valid transactions, in one order', async () => {
      places = await compareBlocks(differential.fabric, differential.embedded);
      expect(places.length).to.equal(differential.counted('VALID'));
    });

    it('hold the same rows', async () => {
      expect(await compareStates(differential.fabric, differential.embedded)).to.be.greaterThan(50);
    });

    it('hold the same histories', async () => {
      const versions = await compareHistories(differential.fabric, differential.embedded);
      expect(versions).to.be.greaterThan(2 * rounds);
    });

    it('give readers the same trust, the same certificates and the same state digest, at every height', async () => {
      const { fabric, embedded } = differential;
      const { entries, changed, heights } = await compareIndexes({ fabric, embedded }, places, clockNow());
      expect(entries).to.be.greaterThan(20);
      expect(changed).to.be.greaterThan(10);
      expect(heights).to.be.greaterThan(5);
    });
  });
}
