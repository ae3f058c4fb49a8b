import { createRequire } from 'node:module';
import { peerPolicy } from '@yinxin/core';
import { expect } from 'chai';
import { peersOf } from '../model/endorsement.ts';

interface KeyEndorsementPolicy {
  addOrgs(role: 'PEER' | 'MEMBER', ...msps: readonly string[]): void;
  getPolicy(): Uint8Array;
}

// Fabric's own maker of policies, which its package does not export by name.
const Policy = createRequire(import.meta.url)('fabric-shim/lib/utils/statebased.js') as new () => KeyEndorsementPolicy;

describe('the policy of an organisation’s rows', () => {
  for (const msp of ['M', 'ShenzhenMSP', 'a.b-C', 'x'.repeat(64)]) {
    it(`asks for a peer of ${msp}, in the bytes that fabric-shim makes of it`, () => {
      const policy = new Policy();
      policy.addOrgs('PEER', msp);
      expect(Buffer.from(peerPolicy(msp))).to.deep.equal(Buffer.from(policy.getPolicy()));
    });
  }

  for (const count of [1, 2, 3, 130]) {
    it(`asks for a peer of any one of ${count}, as Fabric's own messages read it`, () => {
      const msps = Array.from({ length: count }, (_, at) => `${'x'.repeat(60)}${at}`);
      expect(peersOf(peerPolicy(...msps))).to.deep.equal(msps);
    });
  }
});
