/** The MSP folders are complete, keys belong to certificates, roles are right, and the channel's configuration says the same. */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Words } from '@yinxin/core';
import { cityCryptoOf, ordererCryptoOf, type Paths, type TlsFiles } from '../../paths.ts';
import type { Organisation } from '../../plan.ts';
import type { ChannelConfiguration, Member } from '../channel-configuration.ts';
import { type Check, type DoctorContext, examineEach } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import {
  findIdentityFaults,
  findOrganisationFaults,
  findTlsFaults,
  listCertificates,
  type Role,
} from '../msp-folder.ts';
import { readCertificate } from '../x509.ts';

const report = reporterOf('msp');

interface Holder {
  /** The MSP. */
  readonly name: string;
  /** The organisation's own folder; undefined of somebody else's network. */
  readonly folder: string | undefined;
  readonly identities: readonly { readonly folder: string; readonly role: Role | undefined }[];
  readonly tls: readonly TlsFiles[];
  readonly tlsCas: readonly string[];
}

function toCityHolder(paths: Paths, city: Organisation): Holder {
  const { msp, peer, contract, admin, client, tlsCa } = cityCryptoOf(paths, city);
  return {
    name: city.msp,
    folder: msp,
    identities: [
      { folder: peer.msp, role: 'peer' },
      { folder: admin.msp, role: 'admin' },
      { folder: client.msp, role: 'client' },
    ],
    tls: [peer.tls, contract.tls, admin.tls, client.tls],
    tlsCas: [tlsCa],
  };
}

function toOrdererHolder(paths: Paths, orderer: Organisation): Holder {
  const { msp, node, admin, tlsCa } = ordererCryptoOf(paths, orderer);
  return {
    name: orderer.msp,
    folder: msp,
    identities: [
      { folder: node.msp, role: 'orderer' },
      { folder: admin.msp, role: 'admin' },
    ],
    tls: [node.tls, admin.tls],
    tlsCas: [tlsCa],
  };
}

function holdersOf({ view }: DoctorContext): readonly Holder[] {
  if (view.local) {
    const { paths, cities, orderers } = view.local;
    return [
      ...cities.map((city) => toCityHolder(paths, city)),
      ...orderers.map((orderer) => toOrdererHolder(paths, orderer)),
    ];
  }
  const { profile, at } = view.remote;
  const msps = new Set([...profile.identities, ...profile.peers, ...profile.orderers].map(({ msp }) => msp));
  return [...msps].map((name) => ({
    name,
    folder: undefined,
    identities: profile.identities
      .filter(({ msp }) => msp === name)
      .map(({ mspFolder, role }) => ({ folder: at(mspFolder), role })),
    tls: [],
    tlsCas: [...profile.peers, ...profile.orderers].filter(({ msp }) => msp === name).map(({ tlsCa }) => at(tlsCa)),
  }));
}

const fingerprints = (certificates: readonly X509Certificate[]) =>
  [...new Set(certificates.map(({ fingerprint256 }) => fingerprint256))].sort().join();

function parseAll(pems: readonly string[]): readonly X509Certificate[] {
  return pems.map((pem) => new X509Certificate(pem));
}

/** What the channel's configuration says otherwise. */
function findDifferences({ name, folder, tlsCas }: Holder, member: Member | undefined): readonly Words[] {
  if (!member) return [words(`频道配置里没有 ${name}`, `the channel’s configuration does not have ${name}`)];
  const differences: Words[] = [];
  const [roots, tlsRoots] = [parseAll(member.roots), parseAll(member.tlsRoots)];
  const differs = (part: string, known: readonly X509Certificate[]) =>
    folder !== undefined && fingerprints(listCertificates(join(folder, part))) !== fingerprints(known);
  if (differs('cacerts', roots)) {
    differences.push(
      words(`${folder}/cacerts 与频道配置不同`, `${folder}/cacerts differs from the channel’s configuration`),
    );
  }
  if (differs('tlscacerts', tlsRoots)) {
    differences.push(
      words(`${folder}/tlscacerts 与频道配置不同`, `${folder}/tlscacerts differs from the channel’s configuration`),
    );
  }
  if (!member.hasNodeUnits) {
    differences.push(words('频道配置没有启用 NodeOUs', 'the channel’s configuration does not enable NodeOUs'));
  }
  const isUnknown = (file: string) => {
    const certificate = readCertificate(file);
    return certificate !== undefined && !tlsRoots.some((root) => root.fingerprint256 === certificate.fingerprint256);
  };
  if (folder === undefined) {
    for (const file of tlsCas.filter(isUnknown)) {
      differences.push(
        words(`${file} 不是频道配置里的 TLS CA`, `${file} is not the TLS authority in the channel’s configuration`),
      );
    }
  }
  return differences;
}

async function findConfiguration({ facts }: DoctorContext): Promise<ChannelConfiguration | undefined> {
  try {
    return await facts.configuration();
  } catch {
    return undefined; // the folders are looked at all the same; why nobody answers is told by other checks
  }
}

const advice = (name: string): Words =>
  words(
    `从备份取回 ${name} 的文件；频道配置已换新 CA 时，取新的`,
    `bring the files of ${name} back from a backup; where the channel has taken a new authority, take the new ones`,
  );

async function checkHolder(context: DoctorContext, holder: Holder): Promise<readonly Finding[]> {
  const { name, folder, identities, tls, tlsCas } = holder;
  const configuration = await findConfiguration(context);
  const member = [...(configuration?.cities ?? []), ...(configuration?.ordering ?? [])].find(({ msp }) => msp === name);
  const ownRoots = folder === undefined ? parseAll(member?.roots ?? []) : listCertificates(join(folder, 'cacerts'));
  const tlsRoots = tlsCas.flatMap((file) => readCertificate(file) ?? []);
  const canJudge = folder !== undefined || configuration !== undefined;
  const faults = [
    ...(folder === undefined ? [] : findOrganisationFaults(folder)),
    ...(canJudge ? identities.flatMap((identity) => findIdentityFaults(identity.folder, identity.role, ownRoots)) : []),
    ...tls.flatMap((files) => findTlsFaults(files, tlsRoots)),
    ...(configuration ? findDifferences(holder, member) : []),
  ];
  if (faults.length > 0) return faults.map((fault) => report.failed(name, fault, advice(name)));
  if (configuration)
    return [report.ok(name, words('完整，与频道配置一致', 'complete, as in the channel’s configuration'))];
  const why = words(
    '完整；读不到频道配置，未比对',
    'complete; not compared: the channel’s configuration cannot be read',
  );
  return [folder === undefined ? report.skipped(name, why) : report.ok(name, why)];
}

export const checkMsp: Check = (context) =>
  examineEach(
    report,
    holdersOf(context),
    (holder) => checkHolder(context, holder),
    ({ name }) => advice(name),
  );
