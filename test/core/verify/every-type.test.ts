/** One certificate of every type of the catalogue, issued and verified in each form by core alone. */
import { readdirSync } from 'node:fs';
import {
  choosePolicy,
  conclude,
  discloseFields,
  formatCertificateFile,
  isNegativeConclusion,
  presentCode,
  presentFile,
  toTrust,
  verify,
} from '@yinxin/core';
import { expect } from 'chai';
import { issueOne, loadType, makeCode, makeTrustClaims, now } from '../../fixtures/certificates.ts';

const names = readdirSync(new URL('../../../certs/types/', import.meta.url)).map((name) => name.replace(/\.json$/, ''));

describe('every type', () => {
  it('there are at least the 38 of the first catalogue', () => expect(names).to.have.length.of.at.least(38));

  for (const name of names) {
    it(`${name}: file, part of a file, open and closed code`, () => {
      const type = loadType(name);
      const trust = toTrust(makeTrustClaims([type]));
      const { file, knowledge } = issueOne(type);
      const presented = [
        presentFile(formatCertificateFile(file)),
        presentFile(formatCertificateFile(discloseFields(file, type.face))),
        presentCode(makeCode(file, type, 'open').digits),
        presentCode(makeCode(file, type, 'closed').digits),
      ];
      for (const one of presented) {
        const kind = one.kind === 'code' ? 'code' : 'file';
        const verdict = conclude(verify(one, trust, now, { ledger: knowledge }), choosePolicy({ kind }));
        // The examples of fixed-term types begin at their issue date; some have ended by now, which is validity, not origin.
        expect(verdict.genuine, JSON.stringify(verdict)).to.equal('yes');
        expect(verdict.reason).to.be.oneOf(['VALID', 'EXPIRED']);
      }
      expect(isNegativeConclusion(type, file.fields)).to.equal(false);
    });
  }
});
