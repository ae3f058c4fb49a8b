/** Private keys are readable by this user alone. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { peerNode } from '../../peer-config.ts';
import type { Check } from '../context.ts';
import { plain, reporterOf, words } from '../finding.ts';
import type { View } from '../view.ts';
import { listFiles, walkFiles } from '../x509.ts';

const report = reporterOf('keys');
const mark = 'PRIVATE KEY-----';
const othersMayAct = 0o077;
const permissions = 0o777;

function hasKey(file: string): boolean {
  try {
    return readFileSync(file, 'latin1').includes(mark);
  } catch {
    return true; // what we cannot read, whose key we cannot rule out: its mode is looked at
  }
}

/** Also the connections to the contract, in the peers' folders, which hold the key that the peer shows the contract. */
function listKeyFiles({ local, remote }: View): readonly string[] {
  if (!local) {
    const folders = remote.profile.identities.map(({ mspFolder }) => join(remote.at(mspFolder), 'keystore'));
    return [...folders.flatMap(listFiles), remote.at(remote.profile.tls.key)];
  }
  const { paths, cities } = local;
  const connections = cities.flatMap((city) => {
    const folder = paths.nodeOf(peerNode(city));
    return [...walkFiles(join(folder, 'connections')), ...walkFiles(join(folder, 'data', 'externalbuilder', 'builds'))];
  });
  return [...walkFiles(paths.crypto), ...connections].filter(hasKey);
}

function modeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mode;
}

export const checkKeys: Check = async ({ view }) => {
  const subject = view.local ? view.local.paths.home : view.remote.file;
  const files = listKeyFiles(view);
  if (files.length === 0) {
    const advice = words('从备份取回密钥', 'bring the keys back from a backup');
    return [report.failed(subject, words('没有私钥', 'no private key'), advice)];
  }
  const faulty = files.flatMap((file) => {
    const mode = modeOf(file);
    if (mode === undefined) {
      const advice = words(`从备份取回 ${file}`, `bring ${file} back from a backup`);
      return [report.failed(subject, words(`缺私钥 ${file}`, `private key missing: ${file}`), advice)];
    }
    if ((mode & othersMayAct) === 0) return [];
    const octal = (mode & permissions).toString(8).padStart(4, '0');
    const fix = `chmod 600 ${file}`;
    const found = words(`权限 ${octal}：${file}`, `mode ${octal}: ${file}`);
    return [
      report.failed(
        subject,
        found,
        words(`运行 ${fix}；若他人可能已读取，请换发`, `run ${fix}; have it replaced if others may have read it`),
      ),
    ];
  });
  return faulty.length > 0 ? faulty : [report.ok(subject, plain(String(files.length)))];
};
