/** Flipping any one byte of a good certificate file, or any digit of a code, never yields valid: every one is tried. */
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  type CertificateFile,
  choosePolicy,
  conclude,
  discloseFields,
  formatCertificateFile,
  formatDigits,
  fromBase64,
  type Presented,
  presentCode,
  presentFile,
  statementDigest,
  toHex,
  toTrust,
  verify,
} from '@yinxin/core';
import { deflateRaw } from '@yinxin/core/deflate';
import { anchoredTyp, readAnchored } from '@yinxin/core/jose';
import { expect } from 'chai';
import {
  channel,
  founded,
  issuedAt,
  issueOne,
  loadType,
  makeCode,
  makeTrustClaims,
  now,
} from '../../fixtures/certificates.ts';

const type = loadType('business-licence');
const good = issueOne(type);

/** Chengdu's list key, and its word on the batch. */
const listKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { x = '', y = '' } = listKey.publicKey.export({ format: 'jwk' });
const trust = toTrust(
  makeTrustClaims([type], {
    listKeys: [
      {
        kind: 'listKey',
        domain: '510100',
        kid: 'chengdu',
        jwk: { kty: 'EC', crv: 'P-256', x, y },
        from: founded,
        until: null,
        compromisedFrom: null,
      },
    ],
  }),
);

function signAnchored(file: CertificateFile): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const statement = statementDigest(file.proof.statement, fromBase64(file.proof.signature));
  const claims = { iss: '510100', channel, statement, txId: 'ab'.repeat(32), block: 7, time: issuedAt };
  const text = `${part({ alg: 'ES256', typ: anchoredTyp, kid: 'chengdu' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: listKey.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

async function judge(presented: Presented): Promise<string> {
  const anchored = presented.kind === 'file' ? await readAnchored(presented.file.proof.anchored, trust) : undefined;
  const lookups = { ledger: good.knowledge, ...(anchored ? { anchored } : {}) };
  const kind = presented.kind === 'unreadable' ? presented.as : presented.kind;
  return conclude(verify(presented, trust, now, lookups), choosePolicy({ kind })).verdict;
}

const full: CertificateFile = { ...good.file, proof: { ...good.file.proof, anchored: signAnchored(good.file) } };

/** The deflated form, even where it is not the shorter. */
const deflatedDigits = (code: Uint8Array) => BigInt(`0x02${toHex(deflateRaw(code))}`).toString(10);

describe('tampering', () => {
  for (const [name, file] of [
    ['a holder’s file', full],
    ['a file that shows some fields', discloseFields(full, ['holderName', 'holderUscc'])],
  ] as const) {
    it(`no flipped bit of any byte of ${name} is valid`, async function () {
      this.timeout(60_000);
      const bytes = formatCertificateFile(file);
      expect(await judge(presentFile(bytes))).to.equal('valid');
      for (let at = 0; at < bytes.length; at += 1) {
        const mask = 1 << (at % 8);
        const flipped = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ mask : byte));
        if ((await judge(presentFile(flipped))) === 'valid') expect.fail(`byte ${at} with mask ${mask}`);
      }
    });
  }

  for (const kind of ['open', 'closed'] as const) {
    const { bytes } = makeCode(good.file, type, kind);
    for (const [form, digits] of [
      ['plain', formatDigits(bytes)],
      ['deflated', deflatedDigits(bytes)],
    ] as const) {
      it(`no changed digit of an ${kind} code, ${form}, is valid`, async function () {
        this.timeout(60_000);
        expect(await judge(presentCode(digits))).to.equal('valid');
        for (let at = 0; at < digits.length; at += 1) {
          const other = (Number(digits[at]) + 1 + (at % 9)) % 10;
          const changed = digits.slice(0, at) + String(other) + digits.slice(at + 1);
          if ((await judge(presentCode(changed))) === 'valid') expect.fail(`digit ${at}`);
        }
      });
    }
  }

  it('no last digit of a deflated code but its own is valid: padding counts', async () => {
    const { bytes } = makeCode(good.file, type, 'open');
    const digits = deflatedDigits(bytes);
    for (let other = 0; other < 10; other += 1) {
      const changed = digits.slice(0, -1) + String(other);
      expect((await judge(presentCode(changed))) === 'valid').to.equal(changed === digits);
    }
  });

  it('a file cut off anywhere, or with anything behind it, is not valid', async () => {
    const bytes = formatCertificateFile(full);
    for (const end of [0, 1, 100, bytes.length - 1])
      expect(await judge(presentFile(bytes.subarray(0, end)))).to.equal('invalid');
    for (const tail of [' ', '\n', '{}']) {
      expect(await judge(presentFile(Buffer.concat([bytes, Buffer.from(tail)])))).to.equal('invalid');
    }
    expect(await judge(presentFile(Buffer.concat([Buffer.from('\ufeff'), bytes])))).to.equal('invalid');
  });
});
