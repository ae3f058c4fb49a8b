/** An MSP folder as Fabric reads it: authorities, one certificate and its key, the units that are roles. */
import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Words } from '@yinxin/core';
import type { TlsFiles } from '../paths.ts';
import { words } from './finding.ts';
import { isIssuedBy, isKeyOf, listFiles, readCertificate, unitsOf } from './x509.ts';

export type Role = 'admin' | 'client' | 'peer' | 'orderer';

export function listCertificates(folder: string): readonly X509Certificate[] {
  return listFiles(folder).flatMap((file) => readCertificate(file) ?? []);
}

/** What is wrong with the folder of an organisation, which the channel's configuration repeats. */
export function findOrganisationFaults(folder: string): readonly Words[] {
  const faults: Words[] = [];
  for (const part of ['cacerts', 'tlscacerts']) {
    const path = join(folder, part);
    if (listCertificates(path).length === 0) faults.push(words(`${path} 中没有证书`, `no certificate in ${path}`));
  }
  return [...faults, ...findUnitFaults(folder)];
}

function findUnitFaults(folder: string): readonly Words[] {
  const file = join(folder, 'config.yaml');
  try {
    if (/NodeOUs:\s*\n\s+Enable: true/.test(readFileSync(file, 'utf8'))) return [];
    return [words(`${file} 没有启用 NodeOUs`, `${file} does not enable NodeOUs`)];
  } catch {
    return [words(`缺 ${file}`, `${file} is missing`)];
  }
}

/** What is wrong with the folder of a node or a user. `authorities`: of its organisation. */
export function findIdentityFaults(
  folder: string,
  role: Role | undefined,
  authorities: readonly X509Certificate[],
): readonly Words[] {
  const [certificate, ...more] = listCertificates(join(folder, 'signcerts'));
  const keys = listFiles(join(folder, 'keystore'));
  if (!certificate || more.length > 0) {
    const path = join(folder, 'signcerts');
    return [words(`${path} 中应恰有一张证书`, `${path} must hold exactly one certificate`)];
  }
  const faults: Words[] = [];
  if (!keys.some((key) => isKeyOf(certificate, key))) {
    const path = join(folder, 'keystore');
    faults.push(words(`${path} 中没有该证书的私钥`, `${path} does not hold the certificate’s key`));
  }
  if (!authorities.some((authority) => isIssuedBy(certificate, authority))) {
    faults.push(
      words(
        `${folder} 的证书不是本机构 CA 签发的`,
        `the certificate in ${folder} is not signed by its organisation’s authority`,
      ),
    );
  }
  if (role !== undefined && !unitsOf(certificate).includes(role)) {
    faults.push(words(`${folder} 的证书没有角色 ${role}`, `the certificate in ${folder} lacks the role ${role}`));
  }
  return faults;
}

/** What is wrong with the files of one end of TLS. */
export function findTlsFaults(
  { certificate: file, key }: TlsFiles,
  authorities: readonly X509Certificate[],
): readonly Words[] {
  const certificate = readCertificate(file);
  if (!certificate) return [words(`缺 ${file}`, `${file} is missing`)];
  const faults: Words[] = [];
  if (!isKeyOf(certificate, key)) faults.push(words(`${key} 不是 ${file} 的私钥`, `${key} is not the key of ${file}`));
  if (!authorities.some((authority) => isIssuedBy(certificate, authority))) {
    faults.push(words(`${file} 不是本机构 TLS CA 签发的`, `${file} is not signed by its organisation’s TLS authority`));
  }
  return faults;
}
