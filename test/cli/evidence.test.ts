/** The DER of signatures whose numbers are short, or whose first bit is set. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64, toTrust } from '@yinxin/core';
import { expect } from 'chai';
import { writeEvidence } from '../../issuer-cli/evidence.ts';
import { issueOne, loadType, makeTrustClaims } from '../fixtures/certificates.ts';
import { makeFolder } from './support.ts';

describe('evidence for OpenSSL', () => {
  const type = loadType('business-licence');
  const { file } = issueOne(type);
  const trust = toTrust(makeTrustClaims([type]));
  const folder = makeFolder();
  after(() => folder.remove());

  /** The DER that is written for r and s given by their first bytes; the others are 1. */
  const derOf = async (r: readonly number[], s: readonly number[]) => {
    const number = (first: readonly number[]) => [...first, ...Array<number>(32 - first.length).fill(1)];
    const signature = toBase64(Uint8Array.from([...number(r), ...number(s)]));
    await writeEvidence(folder.path, { ...file, proof: { ...file.proof, signature } }, trust);
    return [...readFileSync(join(folder.path, 'signature.der'))];
  };

  it('gives 32 bytes as they are where the first bit is not set', async () => {
    const der = await derOf([0x7f], [0x01]);
    expect(der.slice(0, 5)).to.deep.equal([0x30, 68, 0x02, 32, 0x7f]);
    expect(der).to.have.length(70);
  });

  it('puts a zero before a first bit that is set, and drops zeros that say nothing', async () => {
    const der = await derOf([0x80], [0x00, 0x00, 0x7f]);
    expect(der.slice(0, 6)).to.deep.equal([0x30, 67, 0x02, 33, 0x00, 0x80]);
    expect(der.slice(37, 40)).to.deep.equal([0x02, 30, 0x7f]);
  });

  it('refuses a key that the trust list does not have', async () => {
    const empty = toTrust(makeTrustClaims([type], { keys: [] }));
    let code: unknown;
    await writeEvidence(folder.path, file, empty).catch((error: unknown) => {
      code = error instanceof Error && 'code' in error ? error.code : error;
    });
    expect(code).to.equal('KEY_UNKNOWN');
  });
});
