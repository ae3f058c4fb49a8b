/** Every X.509 certificate in the folder, or named in the profile, is in force and will be for a while. */
import { dirname, join } from 'node:path';
import { type Check, type DoctorContext, examineEach } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { View } from '../view.ts';
import { lastDayOf, listFiles, readCertificate, validityOf, walkFiles } from '../x509.ts';
import { renewAdvice } from './tls.ts';

const report = reporterOf('expiry');

interface Holder {
  /** The organisation. */
  readonly name: string;
  readonly files: readonly string[];
}

const isCertificateFile = (file: string) => /\.(pem|crt)$/.test(file);

/** Administrators, gateways, peers, orderers, authorities: whatever lies in an organisation's folder. */
function holdersOf({ local, remote, peers, orderers }: View): readonly Holder[] {
  if (local) {
    const { paths, cities } = local;
    const folders = [
      ...cities.map(({ msp, domain }) => ({ name: msp, folder: join(paths.crypto, 'peerOrganizations', domain) })),
      ...local.orderers.map(({ msp, domain }) => ({
        name: msp,
        folder: join(paths.crypto, 'ordererOrganizations', domain),
      })),
    ];
    return folders.map(({ name, folder }) => ({ name, files: walkFiles(folder).filter(isCertificateFile) }));
  }
  const { profile, at } = remote;
  const own = profile.identities.flatMap(({ mspFolder }) =>
    ['signcerts', 'cacerts'].flatMap((part) => listFiles(join(at(mspFolder), part)).filter(isCertificateFile)),
  );
  return [
    { name: profile.msp, files: [...own, at(profile.tls.certificate)] },
    ...[...peers, ...orderers].map(({ name, endpoints }) => ({ name, files: [endpoints[0].tlsCa] })),
  ];
}

function checkFile({ now }: DoctorContext, name: string, file: string): Finding {
  const certificate = readCertificate(file);
  if (!certificate) {
    return report.failed(
      name,
      words(`不是证书或读不出：${file}`, `missing or no certificate: ${file}`),
      words(`从备份或机构的 CA 取回 ${file}`, `bring ${file} back from a backup or the organisation’s authority`),
    );
  }
  const until = lastDayOf(certificate);
  switch (validityOf(certificate, now())) {
    case 'good':
      return report.ok(name, words(until, until));
    case 'ending':
      return report.warning(name, words(`${until} 到期：${file}`, `ends on ${until}: ${file}`), renewAdvice(file));
    case 'past':
      return report.failed(name, words(`已于 ${until} 到期：${file}`, `ended on ${until}: ${file}`), renewAdvice(file));
    case 'early': {
      const from = new Date(certificate.validFrom).toISOString();
      const advice = words(
        '核对本机时钟；时钟无误则请 CA 换发',
        'see whether this machine’s clock is right; if it is, have it renewed',
      );
      return report.failed(name, words(`${from} 才生效：${file}`, `in force from ${from} only: ${file}`), advice);
    }
  }
}

/** One line when all is well: the earliest end. Otherwise one for each certificate that is not, up to so many. */
const mostLines = 3;

function checkHolder(context: DoctorContext, { name, files }: Holder): readonly Finding[] {
  if (files.length === 0) {
    const folder = context.view.local?.paths.crypto ?? dirname(context.view.remote?.file ?? '');
    return [
      report.failed(
        name,
        words('没有证书', 'no certificate'),
        words(`从备份取回 ${folder}`, `bring ${folder} back from a backup`),
      ),
    ];
  }
  const found = files.map((file) => checkFile(context, name, file));
  const faulty = [
    ...found.filter(({ state }) => state === 'failed'),
    ...found.filter(({ state }) => state === 'warning'),
  ];
  if (faulty.length > 0) return faulty.slice(0, mostLines);
  const first = found.map((finding) => finding.found.en).sort()[0] ?? '';
  return [
    report.ok(name, words(`${files.length} 张，最早 ${first} 到期`, `${files.length}, the first ends on ${first}`)),
  ];
}

export const checkExpiry: Check = (context) =>
  examineEach(
    report,
    holdersOf(context.view),
    async (holder) => checkHolder(context, holder),
    ({ name }) => renewAdvice(name),
  );
