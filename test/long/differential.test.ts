/** Thousands of random transactions on real Fabric and on the embedded ledger; each history has a network of its own. */
import { describeWithFabric, withNetwork } from '../fixtures/fabric.ts';
import { differentialSuite } from '../ledger/fabric/differential-suite.ts';

for (const seed of [101, 102, 103, 104, 105, 106]) {
  describeWithFabric('a real Fabric network and the embedded ledger, for long', () => {
    const network = withNetwork({ cities: 4 });
    differentialSuite(() => network().profile('demonstration'), { seed, rounds: 120, timeout: 900_000 });
  });
}
