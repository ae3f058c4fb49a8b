/** Real Fabric and the embedded ledger, side by side for half a minute; for thousands of transactions see test/long/differential.test.ts. */
import { describeWithFabric, withNetwork } from '../../fixtures/fabric.ts';
import { differentialSuite } from './differential-suite.ts';

describeWithFabric('a real Fabric network and the embedded ledger', () => {
  const network = withNetwork({ cities: 4 });
  differentialSuite(() => network().profile('demonstration'), { seed: 1, rounds: 30, timeout: 120_000 });
});
