import { isPlainCertificate, parseRole, utf8 } from '@yinxin/core';
import { expect } from 'chai';

const ca = '::/C=CN/O=shenzhen/CN=ca.shenzhen';

describe('the role of a caller', () => {
  const roles: readonly [id: string, role: string][] = [
    [`x509::/OU=admin/CN=a${ca}`, 'admin'],
    [`x509::/C=US/ST=California/L=San Francisco/OU=client/CN=User1@org1${ca}`, 'client'],
    [`x509::/CN=p/OU=peer${ca}`, 'peer'],
    [`x509::/OU=client/OU=department1/CN=u${ca}`, 'client'],
    [`x509::/CN=nobody${ca}`, 'member'],
    [`x509::/OU=orderer/CN=o${ca}`, 'member'],
    [`x509::/OU=Admin/CN=a${ca}`, 'member'],
    [`x509::/OU=administrator/CN=a${ca}`, 'member'],
    [`x509::/O=admin/CN=a${ca}`, 'member'],
    [`x509::/OU=admin/OU=client/CN=a${ca}`, 'member'],
    // an OU of the issuing CA is none of the caller's
    ['x509::/CN=a::/OU=admin/CN=ca', 'member'],
    // names that were made to look like attributes: fabric-shim escapes one slash only
    [`x509::/OU=client/CN=a\\/b/OU=admin${ca}`, 'member'],
    [`x509::/CN=a\\/OU=admin${ca}`, 'member'],
    [`x509::/CN=a::/OU=admin${ca}`, 'member'],
    [`x509::/CN=a:/OU=admin${ca}`, 'member'],
    [`x509::CN=a/OU=admin${ca}`, 'member'],
    ['x509::/OU=admin/CN=a', 'member'],
    [` x509::/OU=admin/CN=a${ca}`, 'member'],
    ['', 'member'],
  ];
  for (const [id, role] of roles) it(`of ${JSON.stringify(id)} is ${role}`, () => expect(parseRole(id)).to.equal(role));
});

describe('a plain certificate', () => {
  const [begin, end] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'];
  const one = `${begin}\nAAAA\nAA==\n${end}\n`;
  const isPlain = (text: string) => isPlainCertificate(utf8(text));

  it('is one PEM block, with lines of either kind', () => {
    expect([one, one.trimEnd(), one.replaceAll('\n', '\r\n')].map(isPlain)).to.deep.equal([true, true, true]);
  });

  it('has nothing before, between or behind it', () => {
    const others = [
      '',
      ` ${one}`,
      `\n${one}`,
      `text\n${one}`,
      `\u{feff}${one}`,
      ` ${one}${one}`,
      one + one,
      `${one}\n`,
    ];
    const within = [
      `${begin}\na: b\n\nAAAA\n${end}`,
      `${begin}\n#\nAAAA\n${end}`,
      `${begin}\n${end}`,
      one.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'),
    ];
    for (const text of [...others, ...within]) expect(isPlain(text), JSON.stringify(text)).to.equal(false);
    expect(isPlainCertificate(Uint8Array.of(0xff, ...utf8(one)))).to.equal(false);
  });
});
