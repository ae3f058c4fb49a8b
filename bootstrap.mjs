/**
 * Runs before `npm start` and `npm test`, on whatever Node the machine has (20 or later): installs the dependencies when they are missing or
 * differ from the lock file, and makes sure that what runs next is Node 24. Plain JavaScript, because this Node may not read TypeScript.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, 'node_modules');
const wantedMajor = 24;

const major = (version) => Number(/^v?(\d+)\./.exec(version ?? '')?.[1] ?? 0);

/** `packages` of a lock file, or undefined when there is none or it was cut off. */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm records what it installed in node_modules/.package-lock.json, as its last step. Optional packages of other machines are left out there. */
function isInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json')) ?? {};
  const installed = readPackages(join(modules, '.package-lock.json'));
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === '' || ((optional || devOptional) && !installed[path])) return true;
    return installed[path] !== undefined && installed[path].version === version;
  });
}

function npm(...args) {
  const script = process.env.npm_execpath;
  const isScript = script !== undefined && /\.[cm]?js$/.test(script);
  const [command, first] = isScript ? [process.execPath, [script]] : ['npm', []];
  const shell = !isScript && process.platform === 'win32';
  return spawnSync(command, [...first, ...args], { cwd: root, stdio: 'inherit', shell }).status === 0;
}

/** Packages that build or fetch something, all but npm's `node`: needed where that one cannot be had and the machine's own Node will do. */
function scriptedPackages() {
  const packages = readPackages(join(modules, '.package-lock.json')) ?? {};
  const names = Object.entries(packages).filter(
    ([path, { hasInstallScript }]) => hasInstallScript && path !== 'node_modules/node',
  );
  return names.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
}

/** On a machine for which npm has no Node (LoongArch, an old glibc), everything else can still be installed. */
function installWithoutNode() {
  console.error(
    'npm 的 node 包无法安装，改用本机的 Node。\nnpm’s node package cannot be installed here; the machine’s own Node will do.',
  );
  if (!npm('ci', '--include=dev', '--ignore-scripts')) return false;
  const scripted = scriptedPackages();
  return scripted.length === 0 || npm('rebuild', ...scripted);
}

function install() {
  console.error('正在安装依赖…… Installing what is missing …');
  return npm('ci', '--include=dev') || (major(process.version) >= wantedMajor && installWithoutNode());
}

/** The Node that the rest of the npm script will run on. */
function nextNode() {
  const path = `${join(modules, '.bin')}${delimiter}${process.env.PATH ?? ''}`;
  return spawnSync('node', ['--version'], { encoding: 'utf8', env: { ...process.env, PATH: path } }).stdout?.trim();
}

function fail(...lines) {
  console.error(['', ...lines, ''].join('\n'));
  process.exit(1);
}

if (!existsSync(join(root, 'package-lock.json'))) {
  fail('缺少 package-lock.json，请重新克隆。', 'package-lock.json is missing: clone the project again.');
}
if (!isInstalled() && !install()) {
  fail(
    '依赖没有装好，原因见上面 npm 的输出。请检查网络或代理后，再运行同一条命令。',
    'The dependencies could not be installed; npm says why above. Check network and proxy, then run the same command again.',
  );
}
const found = nextNode();
if (major(found) < wantedMajor) {
  fail(
    `需要 Node ${wantedMajor} 或更新版本，找到的是 ${found ?? '—'}。请运行“npm rebuild node --ignore-scripts=false”，或从 https://nodejs.org 安装 Node ${wantedMajor}，然后再试。`,
    `Node ${wantedMajor} or later is needed; this is ${found ?? 'none'}. Run “npm rebuild node --ignore-scripts=false”, or install Node ${wantedMajor} from https://nodejs.org, and try again.`,
  );
}
