import { parseRole } from '@yinxin/core';
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
