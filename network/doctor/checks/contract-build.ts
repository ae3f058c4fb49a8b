/** The contract that lies here is, byte for byte, the one that the organisations approved: its SM3 is in the package's label. */
import { join } from 'node:path';
import { isJsonObject } from '@yinxin/core';
import { readJson } from '../../files.ts';
import { type Check, examine, skipRemote } from '../context.ts';
import { computeIdentity, readIdentity } from '../contract-identity.ts';
import { reporterOf, words } from '../finding.ts';

const report = reporterOf('contract-build');
const short = (sm3: string | undefined) => (sm3 === undefined ? '-' : `${sm3.slice(0, 16)}…`);

export const checkContractBuild: Check = async ({ view, commandOf }) => {
  const { local } = view;
  if (!local) return skipRemote(report);
  const { contract } = local.plan;
  const up = commandOf('up');
  if (!contract)
    return [report.failed(view.chaincode, words('还没有合约', 'no contract yet'), words(`运行 ${up}`, `run ${up}`))];
  const folder = local.paths.contractOf(contract.sm3);
  const advice = words(
    `从备份取回 ${folder}，或在同一版本的代码上重新构建：node chaincode/build.ts ${folder}；合约进程下次启动会拒绝改过的文件`,
    `bring ${folder} back from a backup, or build it again from the same version: node chaincode/build.ts ${folder}; the contract’s process will refuse changed files at its next start`,
  );
  return examine(
    report,
    view.chaincode,
    async () => {
      const said = readJson(join(folder, 'identity.json'));
      const identities = [
        ['identity.json', isJsonObject(said) ? said['sm3'] : undefined],
        ['label', readIdentity(contract.packageId)],
        ['network.json', contract.sm3],
      ] as const;
      const computed = computeIdentity(folder);
      const other = identities.find(([, identity]) => identity !== computed);
      if (!other) return report.ok(view.chaincode, words(`SM3 ${short(computed)}`, `SM3 ${short(computed)}`));
      const [name, identity] = other;
      const named = short(typeof identity === 'string' ? identity : undefined);
      const found = words(
        `${folder} 的 SM3 是 ${short(computed)}，${name} 是 ${named}`,
        `the SM3 of ${folder} is ${short(computed)}, ${name} has ${named}`,
      );
      return report.failed(view.chaincode, found, advice);
    },
    () => advice,
  );
};
