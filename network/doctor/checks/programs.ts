/** Fabric's programs are there and of the line that was tested. */
import { isVersionWanted, type ProgramName, programNames, runProgram } from '../../programs.ts';
import { type Check, examineEach } from '../context.ts';
import { type Finding, plain, reporterOf, words } from '../finding.ts';

const report = reporterOf('programs');
const source = 'https://github.com/hyperledger/fabric/releases';

/** How each is asked for its version; osnadmin has no answer. */
const versionArgs: { readonly [name in ProgramName]: readonly string[] | undefined } = {
  peer: ['version'],
  orderer: ['version'],
  configtxgen: ['-version'],
  configtxlator: ['version'],
  cryptogen: ['version'],
  osnadmin: undefined,
};
/** Programs that asking somebody else's network takes. */
const remoteNames: readonly ProgramName[] = ['peer', 'configtxlator'];

const advice = words(
  `安装 Fabric 3.1.5 或更新的 3.1 版，放入 PATH，或用 YINXIN_FABRIC_BIN 指明文件夹：${source}`,
  `install Fabric 3.1.5 or later of 3.1, on PATH or in the folder that YINXIN_FABRIC_BIN names: ${source}`,
);

async function checkProgram(name: ProgramName, path: string): Promise<Finding> {
  if (path === '') return report.failed(name, words('找不到', 'not found'), advice);
  const args = versionArgs[name];
  if (!args) return report.ok(name, plain(path));
  const { stdout } = await runProgram('version', path, args, { timeoutSeconds: 5 });
  const version = /Version: v?(\S+)/.exec(stdout)?.[1] ?? '?';
  if (isVersionWanted(version)) return report.ok(name, plain(version));
  return report.failed(name, words(`版本 ${version}`, `version ${version}`), advice);
}

export const checkPrograms: Check = ({ view, programs }) => {
  const names = view.local ? programNames : remoteNames;
  const found = names.map((name) => ({ name, path: programs[name] }));
  return examineEach(
    report,
    found,
    ({ name, path }) => checkProgram(name, path),
    () => advice,
  );
};
