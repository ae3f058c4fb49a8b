/** The signer port: what it signs, checked by core and by OpenSSL, and what it refuses to sign. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnchorStatement,
  type Code,
  concat,
  formatStatement,
  fromHex,
  type Instant,
  type KeyId,
  type KeyUse,
  type PossessionStatement,
  parseCode,
  type StatusStatement,
  toBase64,
  toTrust,
  utf8,
  verifySm2,
} from '@yinxin/core';
import { anchoredTyp, readAnchored, readTrustList } from '@yinxin/core/jose';
import { expect } from 'chai';
import { createSigner, type Signer } from '../../../gateway/keys/signer.ts';
import { signAnchored, signTrustList } from '../../../gateway/lists/lists.ts';
import {
  channel,
  founded,
  issuedAt,
  issueOne,
  issuer,
  loadType,
  makeCode,
  makeTrustClaims,
  now,
} from '../../fixtures/certificates.ts';
import { expectRefusal, openTestStore, useFolder } from '../support.ts';

const otherIssuer = '11990300DEMB00034K';
const hash = toBase64(new Uint8Array(32));
const unknownKey = 'f'.repeat(32) as KeyId; // well formed, and that is all a KeyId promises

/** DER of two integers, for OpenSSL. */
function toDer(signature: Uint8Array): Uint8Array {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((half) => {
    const trimmed = half.subarray(half.findIndex((byte) => byte !== 0));
    const body = (trimmed[0] ?? 0) > 127 ? concat(Uint8Array.of(0), trimmed) : trimmed;
    return concat(Uint8Array.of(2, body.length), body);
  });
  const content = concat(...integers);
  return concat(Uint8Array.of(0x30, content.length), content);
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('signer', () => {
  const folder = useFolder();
  let signer: Signer;
  let keys: Record<KeyUse, { readonly key: KeyId; readonly publicKey: Uint8Array }>;
  let listKey: Awaited<ReturnType<Awaited<ReturnType<typeof openTestStore>>['createListKey']>>;

  beforeEach(async () => {
    const store = await openTestStore(folder());
    const create = (use: KeyUse) => store.createSm2Key(issuer, use);
    keys = { anchor: await create('anchor'), status: await create('status'), code: await create('code') };
    listKey = await store.createListKey('510100');
    signer = createSigner(store);
  });

  const anchorStatement = (changes: Partial<AnchorStatement> = {}): AnchorStatement => ({
    format: 'yinxin-anchor/1',
    channel,
    issuer,
    type: 'business-licence',
    typeVersion: 1,
    first: 101,
    last: 612,
    root: hash,
    supersedes: null,
    time: issuedAt,
    key: keys.anchor.key,
    ...changes,
  });
  const statusStatement = (changes: Partial<StatusStatement> = {}): StatusStatement => ({
    format: 'yinxin-status/1',
    channel,
    issuer,
    count: 1,
    changes: hash,
    time: issuedAt,
    key: keys.status.key,
    ...changes,
  });
  const possession = (use: KeyUse, changes: Partial<PossessionStatement> = {}): PossessionStatement => ({
    format: 'yinxin-key/1',
    channel,
    issuer,
    use,
    publicKey: toBase64(keys[use].publicKey),
    time: issuedAt,
    ...changes,
  });
  const type = loadType('business-licence');
  const code = (changes: Partial<Code> = {}): Code =>
    makeCode(issueOne(type).file, type, 'open', { key: keys.code.key, ...changes }).code;

  it('signs anchor, status and possession statements with the key that each names', () => {
    const signed = [
      { statement: anchorStatement(), signature: signer.signAnchor(anchorStatement()), key: keys.anchor },
      { statement: statusStatement(), signature: signer.signStatus(statusStatement()), key: keys.status },
      { statement: possession('code'), signature: signer.signPossession(possession('code')), key: keys.code },
    ];
    for (const { statement, signature, key } of signed) {
      expect(signature).to.have.length(64);
      expect(verifySm2(utf8(formatStatement(statement)), signature, key.publicKey), statement.format).to.equal(true);
    }
  });

  it('signs a code that its reader takes', () => {
    const { signed, signature, code: read } = parseCode(signer.signCode(code()));
    expect(read).to.deep.equal(code());
    expect(verifySm2(signed, signature, keys.code.publicKey)).to.equal(true);
  });

  it('signs statuses and codes of a closed body with the key of the one that took over, and nothing else', async () => {
    const closed = { issuer: otherIssuer };
    const status = signer.signStatus(statusStatement(closed), issuer);
    expect(verifySm2(utf8(formatStatement(statusStatement(closed))), status, keys.status.publicKey)).to.equal(true);
    expect(parseCode(signer.signCode(code(closed), issuer)).code).to.deep.equal(code(closed));
    await expectRefusal('KEY_WRONG_USE', () => signer.signStatus(statusStatement(), otherIssuer));
    await expectRefusal('KEY_WRONG_USE', () => signer.signCode(code(), otherIssuer));
  });

  it('vouches for a new key with another of the same issuer, of any use, never with itself', async () => {
    const statement = possession('code');
    const text = utf8(formatStatement(statement));
    for (const voucher of [keys.anchor, keys.status]) {
      expect(verifySm2(text, signer.signVouch(statement, voucher.key), voucher.publicKey)).to.equal(true);
    }
    await expectRefusal('KEY_WRONG_USE', () => signer.signVouch(statement, keys.code.key));
    await expectRefusal('SIGNING_KEY_MISSING', () => signer.signVouch(statement, unknownKey));
    const foreign = possession('code', { issuer: otherIssuer });
    await expectRefusal('KEY_WRONG_USE', () => signer.signVouch(foreign, keys.anchor.key));
  });

  it('makes signatures that OpenSSL alone verifies', function () {
    if (!hasOpenssl) this.skip();
    const openssl = (...options: string[]) => spawnSync('openssl', options, { cwd: folder() }).status;
    const write = (file: string, bytes: Uint8Array) => writeFileSync(join(folder(), file), bytes);
    const head = fromHex('3059301306072a8648ce3d020106082a811ccf5501822d034200');
    write('key.der', concat(head, keys.anchor.publicKey));
    expect(openssl('pkey', '-pubin', '-inform', 'DER', '-in', 'key.der', '-out', 'key.pem')).to.equal(0);
    write('signature', toDer(signer.signAnchor(anchorStatement())));
    const distinguished = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'];
    const verify = (file: string) =>
      openssl(
        'pkeyutl',
        '-verify',
        '-pubin',
        '-inkey',
        'key.pem',
        ...distinguished,
        '-in',
        file,
        '-sigfile',
        'signature',
      );
    write('statement', utf8(formatStatement(anchorStatement())));
    expect(verify('statement')).to.equal(0);
    write('changed', utf8(formatStatement(anchorStatement({ last: 613 }))));
    expect(verify('changed')).to.not.equal(0);
  });

  it('refuses a key that the store does not hold', async () => {
    await expectRefusal('SIGNING_KEY_MISSING', () => signer.signAnchor(anchorStatement({ key: unknownKey })));
    await expectRefusal('SIGNING_KEY_MISSING', () => signer.signStatus(statusStatement({ key: unknownKey })));
    await expectRefusal('SIGNING_KEY_MISSING', () => signer.signCode(code({ key: unknownKey })));
    const { publicKey } = await (await openTestStore(join(folder(), 'other'))).createSm2Key(issuer, 'code');
    const foreign = possession('code', { publicKey: toBase64(publicKey) });
    await expectRefusal('SIGNING_KEY_MISSING', () => signer.signPossession(foreign));
  });

  it('refuses a key of another use', async () => {
    for (const key of [keys.status.key, keys.code.key]) {
      await expectRefusal('KEY_WRONG_USE', () => signer.signAnchor(anchorStatement({ key })));
    }
    for (const key of [keys.anchor.key, keys.code.key]) {
      await expectRefusal('KEY_WRONG_USE', () => signer.signStatus(statusStatement({ key })));
    }
    for (const key of [keys.anchor.key, keys.status.key]) {
      await expectRefusal('KEY_WRONG_USE', () => signer.signCode(code({ key })));
    }
    await expectRefusal('KEY_WRONG_USE', () => signer.signPossession(possession('code', { use: 'anchor' })));
  });

  it('refuses the key of another issuer', async () => {
    const changes = { issuer: otherIssuer };
    await expectRefusal('KEY_WRONG_USE', () => signer.signAnchor(anchorStatement(changes)));
    await expectRefusal('KEY_WRONG_USE', () => signer.signStatus(statusStatement(changes)));
    await expectRefusal('KEY_WRONG_USE', () => signer.signPossession(possession('anchor', changes)));
    await expectRefusal('KEY_WRONG_USE', () => signer.signCode(code(changes)));
  });

  it('refuses a statement that does not read back as it is', async () => {
    const bad: readonly Partial<AnchorStatement>[] = [
      { channel: `certs\nissuer ${otherIssuer}` },
      { channel: 'certs extra' },
      { first: 7, last: 6 },
      { first: 0 },
      { root: 'AAAA' },
      { time: '2026-11-20T09:00:00+08:00' as Instant }, // what a careless caller might cast
    ];
    for (const changes of bad) {
      await expectRefusal('MALFORMED_STATEMENT', () => signer.signAnchor(anchorStatement(changes)));
    }
    await expectRefusal('MALFORMED_CODE', () => signer.signCode(code({ type: 'Not A Type' })));
  });

  it('says nothing of the key in a refusal', async () => {
    const refusal = await expectRefusal('KEY_WRONG_USE', () =>
      signer.signAnchor(anchorStatement({ key: keys.code.key })),
    );
    expect(refusal.details).to.deep.equal({ key: keys.code.key, use: 'anchor' });
  });

  const listTrust = () =>
    makeTrustClaims([type], {
      listKeys: [
        {
          kind: 'listKey',
          domain: '510100',
          kid: listKey.kid,
          jwk: listKey.jwk,
          from: founded,
          until: null,
          compromisedFrom: null,
        },
      ],
    });
  const anchoredClaims = { iss: '510100', channel, statement: hash, txId: 'ab'.repeat(32), block: 7, time: now };

  it('signs a trust list that a verifier with the domain pinned takes', async () => {
    const jws = await signTrustList(signer, listKey.kid, listTrust());
    const { claims } = await readTrustList(jws, { channel, domain: '510100', keys: [listKey.jwk] });
    expect(claims).to.deep.equal(JSON.parse(JSON.stringify(listTrust())));
  });

  it('signs an anchoring that a verifier takes', async () => {
    const jws = await signAnchored(signer, listKey.kid, anchoredClaims);
    const read = await readAnchored(jws, toTrust(listTrust()));
    expect(read).to.deep.equal({ outcome: 'verified', claims: anchoredClaims });
    const [header = ''] = jws.split('.');
    const text = Buffer.from(header, 'base64url').toString();
    expect(text).to.equal(`{"alg":"ES256","typ":"yinxin-anchored+jwt","kid":"${listKey.kid}"}`);
  });

  it('signs no list by a key that it does not hold, nor in the name of another domain', async () => {
    await expectRefusal('SIGNING_KEY_MISSING', () => signAnchored(signer, '510100', anchoredClaims));
    const foreign = { ...anchoredClaims, iss: '440300' };
    await expectRefusal('KEY_WRONG_USE', () => signAnchored(signer, listKey.kid, foreign));
    await expectRefusal('KEY_WRONG_USE', () => signer.signList(listKey.kid, anchoredTyp, ['iss', '510100']));
  });
});
