import {
  type CertificateFile,
  deriveFaceSalt,
  findDigits,
  fromBase64,
  parseCode,
  parseDigits,
  parseInstant,
  toBase64,
  verifySm2,
} from '@yinxin/core';
import { expect } from 'chai';
import { expectRefusal } from '../support.ts';
import { driving, issueFile, licence, operator, otherIssuer, useWorld } from '../world.ts';

const tokenOf = ({ holderToken = '' }: CertificateFile) => ({ holderToken });

describe('a code made on demand', () => {
  const world = useWorld();
  const own = { issuer: operator.issuer };

  it('is signed with the code key, and shows the face or its hash alone', async () => {
    const file = await issueFile(world(), licence);
    const open = await world().issuing.code(own, file.body.id, { face: 'open' });
    const closed = await world().issuing.code(own, file.body.id, { face: 'closed' });
    for (const { digits, symbol, identifier } of [open, closed]) {
      expect(identifier).to.equal(file.body.id);
      expect(symbol).to.equal(`https://example.test/#${digits}`);
      const { code, signed, signature } = parseCode(parseDigits(findDigits(symbol)));
      const key = world().readModel.trust().key(code.key);
      expect(key?.use).to.equal('code');
      expect(verifySm2(signed, signature, fromBase64(key?.publicKey ?? ''))).to.equal(true);
    }
    const { face } = parseCode(parseDigits(open.digits)).code;
    const salt = deriveFaceSalt(fromBase64(file.secret ?? ''));
    expect(face).to.deep.equal({ kind: 'open', salt, values: licence.face.map((name) => file.fields[name]) });
    expect(parseCode(parseDigits(closed.digits)).code.face).to.deep.equal({ kind: 'closed', face: file.body.face });
  });

  it('takes the shorter of plain and deflated digits', async () => {
    const file = await issueFile(world(), licence);
    const { digits } = await world().issuing.code(own, file.body.id, { face: 'open' });
    const raw = BigInt(digits).toString(16).padStart(2, '0');
    expect(raw.startsWith('2')).to.equal(true); // first byte 2: deflated
    expect(raw.length / 2).to.be.lessThan(1 + parseDigits(digits).length);
  });

  it('carries purpose, addressee and expiry', async () => {
    const file = await issueFile(world(), licence);
    const options = { purpose: '投标', addressee: '示范公司', expires: parseInstant('2026-12-01T00:00:00Z') };
    const { digits } = await world().issuing.code(own, file.body.id, { face: 'closed', ...options });
    expect(parseCode(parseDigits(digits)).code).to.include(options);
  });

  it('is for whoever holds the token, and nobody else', async () => {
    const [file, other] = [await issueFile(world(), driving), await issueFile(world(), driving)];
    const code = await world().issuing.code(tokenOf(file), file.body.id, { face: 'open' });
    expect((await world().verifying.verify({ code: code.symbol }, 'anonymous')).verdict.verdict).to.equal('valid');
    const wrong = [
      tokenOf(other),
      { holderToken: '' },
      { holderToken: toBase64(new Uint8Array(32)) },
      { holderToken: '?' },
    ];
    for (const access of [...wrong, { issuer: otherIssuer }]) {
      await expectRefusal('CERTIFICATE_UNKNOWN', () => world().issuing.code(access, file.body.id, { face: 'closed' }));
    }
  });
});
