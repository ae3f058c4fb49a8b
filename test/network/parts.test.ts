/** The parts of `npm run network` that need no Fabric: command line, plan, package, wire format, configuration update, processes, lock. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Json, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { endorsementRule } from '../../network/channel.ts';
import { parseCommandLine } from '../../network/command-line.ts';
import { addCity } from '../../network/config-update.ts';
import { readPlan, requirePlan, savePlan } from '../../network/context.ts';
import { writePackage } from '../../network/contract.ts';
import { withLock } from '../../network/lock.ts';
import { forgetRemoved } from '../../network/members.ts';
import { pathsOf } from '../../network/paths.ts';
import {
  allCitiesOf,
  citiesOf,
  contractPortOf,
  createPlan,
  orderersOf,
  parsePlan,
  portsOf,
} from '../../network/plan.ts';
import {
  findProcess,
  isRunning,
  lastLogLine,
  listProcesses,
  logEnd,
  startProcess,
  stopProcess,
} from '../../network/processes.ts';
import { findPrograms, isVersionWanted, requireVersions, runProgram } from '../../network/programs.ts';
import { encodeMessage, readField } from '../../network/protobuf.ts';
import { awaitEndorsers } from '../../network/ready.ts';
import { packTarGz } from '../../network/tar.ts';
import { formatProblem, quoteForShell } from '../../network/words.ts';
import { fabric } from '../fixtures/fabric.ts';

const main = fileURLToPath(new URL('../../network/main.ts', import.meta.url));
const plan = () => createPlan({ cities: 3, ordering: 'bft', basePort: 17_000 });

async function refusalOf(work: () => unknown): Promise<YinxinError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('npm run network, its parts', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yinxin-parts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  describe('the command line', () => {
    const parse = (...args: readonly string[]) => parseCommandLine(args, { YINXIN_NETWORK: 'here' }, '/work').command;
    const usages = [
      ['fly'],
      ['up', '--cities', '2'],
      ['up', '--cities', '10'],
      ['up', '--base-port', '80'],
      ['up', '--base-port', '65500'],
      ['up', '--yes'],
      ['up', 'Shenzhen'],
      ['up', '--wings'],
      ['add-city'],
      ['add-city', 'sichuan'],
      ['add-city', 'Province'],
      ['add-city', '../Sichuan'],
      ['deploy'],
      ['down', '--follow'],
    ];
    for (const args of usages) {
      it(`refuses ${args.join(' ')}`, async () => {
        expect((await refusalOf(() => parse(...args))).code).to.equal('USAGE');
      });
    }

    it('says what is wrong with a word, and where its help is', async () => {
      const told = async (...args: readonly string[]) => formatProblem(await refusalOf(() => parse(...args)));
      expect(await told('add-city', 'sichuan'))
        .to.include('such as Sichuan')
        .and.to.include('npm run network -- help')
        .and.to.not.include('yinxin help');
      expect(await told('up', '--cities', '2')).to.include('from 3 to 9');
      expect(await told('fly')).to.include('is no command');
    });

    it('shows its help wherever it is asked for', () => {
      for (const args of [['--help'], ['-h'], ['up', '--help'], ['help', 'up'], []]) {
        expect(parse(...args), args.join(' ')).to.deep.equal({ name: 'help' });
      }
    });

    it('takes the folder from --home, else from YINXIN_NETWORK, else its own', () => {
      const homeOf = (args: readonly string[], env: { readonly [name: string]: string }) =>
        parseCommandLine(args, env, '/srv').home;
      expect(homeOf(['up', '--home', 'a'], { YINXIN_NETWORK: 'b' })).to.equal('/srv/a');
      expect(homeOf(['up'], { YINXIN_NETWORK: '/b' })).to.equal('/b');
      expect(homeOf(['up'], {})).to.equal('/srv/.yinxin-network');
    });

    it('leaves open what was not asked for', () => {
      expect(parse('up')).to.deep.equal({
        name: 'up',
        options: { cities: undefined, basePort: undefined, ordering: undefined },
      });
    });
  });

  describe('the plan', () => {
    const plan = createPlan({ cities: 9, ordering: 'bft', basePort: 20_000 });

    it('gives every process of nine cities and four orderers a port of its own', () => {
      const ports = portsOf(plan);
      expect(ports).to.have.length(4 * 3 + 9 * 5);
      expect(new Set(ports).size).to.equal(ports.length);
    });

    it('gives the contract another port at every sequence, so that two may run', () => {
      const [city] = citiesOf(plan);
      if (!city) throw new Error('no city');
      const at = (sequence: number) => contractPortOf(plan, city, { sm3: '', packageId: '', sequence });
      expect(at(1)).to.not.equal(at(2));
      expect(portsOf(plan)).to.include.members([at(1), at(2)]);
    });

    it('has an orderer of each of the first three cities and of the province, or one of the province', () => {
      const msps = (ordering: 'bft' | 'raft') =>
        orderersOf(createPlan({ cities: 5, ordering, basePort: 1 })).map(({ msp }) => msp);
      expect(msps('bft')).to.deep.equal([
        'ShenzhenOrdererMSP',
        'ChengduOrdererMSP',
        'ChongqingOrdererMSP',
        'ProvinceOrdererMSP',
      ]);
      expect(msps('raft')).to.deep.equal(['ProvinceOrdererMSP']);
    });

    it('is read as it was written, with a city that is joining after the others', () => {
      const paths = pathsOf(folder);
      const joining = { ...plan, joining: 'Zigong', contract: { sm3: 'a'.repeat(64), packageId: 'p', sequence: 2 } };
      savePlan(paths, joining);
      expect(readPlan(paths)).to.deep.equal(joining);
      expect(allCitiesOf(joining).at(-1)?.slot).to.equal(10);
    });

    it('is refused with a member that is missing or unknown', async () => {
      const { genesis, ...rest } = plan;
      const json = rest as unknown as Json;
      expect((await refusalOf(() => parsePlan(json))).code).to.equal('SETTING_INVALID');
      expect(
        (await refusalOf(() => parsePlan({ ...plan, cities: [...plan.cities], wings: genesis } as Json))).code,
      ).to.equal('SETTING_INVALID');
    });
  });

  describe('the package', () => {
    it('is the same bytes every time, and its id names the contract', () => {
      const [one, two] = [join(folder, 'one'), join(folder, 'two')].map(pathsOf);
      if (!one || !two) throw new Error('no folders');
      const sm3 = 'ab'.repeat(32);
      expect(writePackage(one, sm3)).to.equal(writePackage(two, sm3));
      expect(writePackage(one, sm3)).to.match(new RegExp(`^yinxin-${sm3}:[0-9a-f]{64}$`));
      expect(writePackage(one, 'cd'.repeat(32))).to.not.equal(writePackage(one, sm3));
    });

    it('is read by tar', () => {
      const file = join(folder, 'a.tar.gz');
      writeFileSync(
        file,
        packTarGz([
          { name: 'one.txt', content: 'first' },
          { name: 'two.bin', content: Buffer.alloc(700, 7) },
        ]),
      );
      expect(execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })).to.equal('one.txt\ntwo.bin\n');
      expect(execFileSync('tar', ['-xzOf', file, 'one.txt'], { encoding: 'utf8' })).to.equal('first');
      expect(execFileSync('tar', ['-xzOf', file, 'two.bin'])).to.deep.equal(Buffer.alloc(700, 7));
    });
  });

  describe('the wire format', () => {
    it('gives back every field of a number, in order, whatever stands between', () => {
      const long = 'x'.repeat(300);
      const message = Buffer.concat([
        encodeMessage([
          [1, 'a'],
          [20, long],
        ]),
        Buffer.of(0x18, 0x96, 0x01), // field 3, a number
        Buffer.of(0x25, 1, 2, 3, 4), // field 4, four bytes
        encodeMessage([[1, 'b']]),
      ]);
      expect(readField(message, 1).map(String)).to.deep.equal(['a', 'b']);
      expect(readField(message, 20).map(String)).to.deep.equal([long]);
      expect(readField(message, 3)).to.deep.equal([]);
    });

    it('refuses a message that is cut off', () => {
      const message = encodeMessage([[1, 'abcdef']]);
      expect(() => readField(message.subarray(0, 5), 1)).to.throw(RangeError);
      expect(() => readField(Buffer.of(0x0a, 0x80), 1)).to.throw(RangeError);
    });
  });

  describe('the channel', () => {
    const envelope = (msps: readonly string[]) => ({
      identities: msps.map((msp_identifier) => ({
        principal: { msp_identifier, role: 'PEER' },
        principal_classification: 'ROLE',
      })),
      rule: { n_out_of: { n: 2, rules: msps.map((_, signed_by) => ({ signed_by })) } },
      version: 0,
    });
    const config = (msps: readonly string[], groups: Json): Json => ({
      sequence: '3',
      channel_group: {
        groups: { Application: { groups, policies: { Endorsement: { policy: { type: 1, value: envelope(msps) } } } } },
      },
    });
    const [, , , sichuan] = citiesOf(createPlan({ cities: 4, ordering: 'bft', basePort: 1 }));
    if (!sichuan) throw new Error('no city');

    it('takes any two of the cities’ peers', () => {
      expect(endorsementRule(['AMSP', 'BMSP'])).to.equal("OutOf(2, 'AMSP.peer', 'BMSP.peer')");
    });

    it('lets a city in: its organisation, and its peer as one of any two', () => {
      const before = config(['AMSP', 'BMSP', 'CMSP'], { A: {}, B: {}, C: {} });
      const after = config(['AMSP', 'BMSP', 'CMSP', 'SichuanMSP'], { A: {}, B: {}, C: {}, Sichuan: { values: 1 } });
      expect(addCity(before, sichuan, { values: 1 })).to.deep.equal(after);
    });

    it('changes nothing for a city that is in', () => {
      expect(addCity(config(['SichuanMSP'], { Sichuan: {} }), sichuan, {})).to.equal(undefined);
    });

    it('refuses a configuration of another shape', async () => {
      expect((await refusalOf(() => addCity({ channel_group: {} }, sichuan, {}))).code).to.equal('NETWORK_FAILED');
    });
  });

  describe('Fabric’s programs', () => {
    const place = (name: string, script: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o700 });

    it('are named when they are missing', async () => {
      const error = await refusalOf(() => findPrograms({ YINXIN_FABRIC_BIN: folder, PATH: process.env['PATH'] }));
      expect(error.code).to.equal('FABRIC_MISSING');
      expect(error.details['missing']).to.include('peer');
      expect(formatProblem(error)).to.include('cryptogen').and.to.include('FABRIC_MISSING');
    });

    it('are refused when they are too old', async () => {
      for (const name of ['peer', 'orderer', 'configtxgen', 'configtxlator', 'cryptogen', 'osnadmin']) {
        place(name, 'echo " Version: v2.5.9"');
      }
      const error = await refusalOf(() => requireVersions(findPrograms({ YINXIN_FABRIC_BIN: folder })));
      expect(error.code).to.equal('FABRIC_MISSING');
      expect(error.details['version']).to.equal('v2.5.9'.slice(1));
    });

    for (const [version, isWanted] of [
      ['3.1.5', true],
      ['3.1.12', true],
      ['3.1.4', false],
      ['3.2.0', false],
      ['2.5.16', false],
      ['', false],
    ] as const) {
      it(`${version || 'no version'} is ${isWanted ? '' : 'not '}wanted`, () => {
        expect(isVersionWanted(version)).to.equal(isWanted);
      });
    }

    it('do not see settings of this machine’s environment, and what they say last is told', async () => {
      place('talk', 'echo "Error: $CORE_PEER_ADDRESS-$GIVEN" >&2; exit 1');
      process.env['CORE_PEER_ADDRESS'] = 'elsewhere';
      const work = () => runProgram('step', join(folder, 'talk'), [], { env: { GIVEN: 'given' } });
      const error = await refusalOf(work).finally(() => delete process.env['CORE_PEER_ADDRESS']);
      expect(error.details).to.deep.equal({ step: 'step', program: 'talk', why: 'Error: -given' });
    });

    it('are ended when they do not answer', async () => {
      const error = await refusalOf(() => runProgram('step', '/bin/sleep', ['20'], { timeoutSeconds: 0.2 }));
      expect(error.details['why']).to.equal('no answer in time');
    });
  });

  describe('what it says', () => {
    it('names the folder in which there is no network, and gives no other advice', async () => {
      const text = formatProblem(await refusalOf(() => requirePlan(pathsOf(folder))));
      expect(text).to.include(`Not done: ${folder}: there is no network here yet`).and.to.not.include('status');
    });

    it('names the file that is not a plan, and whether it is JSON at all', async () => {
      const { plan } = pathsOf(folder);
      writeFileSync(plan, '{');
      expect(formatProblem(await refusalOf(() => readPlan(pathsOf(folder)))))
        .to.include(plan)
        .and.to.include('not JSON');
      writeFileSync(plan, '{}');
      expect(formatProblem(await refusalOf(() => readPlan(pathsOf(folder))))).to.include(plan);
    });

    const itWithFabric = fabric ? it : it.skip;
    itWithFabric('tells a folder that is a file in words, not as a fault of its own (needs Fabric’s programs)', () => {
      writeFileSync(join(folder, 'file'), '');
      const args = [main, 'up', '--home', join(folder, 'file', 'net')];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(stderr).to.include('is no folder').and.to.not.include('    at ');
      expect(status).to.equal(1);
    });

    it('writes paths so that a shell takes them', () => {
      expect(quoteForShell('/tmp/印信/net-1')).to.equal('/tmp/印信/net-1');
      const path = "/tmp/a b 'c' $d";
      const { stdout } = spawnSync('/bin/sh', ['-c', `printf %s ${quoteForShell(path)}`], { encoding: 'utf8' });
      expect(stdout).to.equal(path);
    });
  });

  describe('an orderer that was taken off the channel', () => {
    const orderer = orderersOf(plan())[0];
    const place = (...parts: readonly string[]) => {
      if (!orderer) throw new Error('no orderer');
      const path = join(pathsOf(folder).nodeOf('orderer.shenzhen'), 'data', ...parts, 'certs');
      mkdirSync(path, { recursive: true });
      return path;
    };

    it('forgets the log of the consensus that it left behind', () => {
      const [wal, snapshots] = [place('wal'), place('snapshots')];
      if (orderer) forgetRemoved(pathsOf(folder), plan(), orderer);
      expect([wal, snapshots].filter(existsSync)).to.deep.equal([]);
    });

    it('keeps it while it has the channel’s ledger', () => {
      const [wal] = [place('wal'), place('ledger', 'chains')];
      if (orderer) forgetRemoved(pathsOf(folder), plan(), orderer);
      expect(existsSync(wal)).to.equal(true);
    });
  });

  describe('a peer that is waited for', () => {
    /** Finds one after another of the answers, and stays with the last. */
    async function wait(before: readonly string[], after: readonly string[]) {
      let starts = 0;
      const isThere = await awaitEndorsers({
        wanted: ['AMSP', 'BMSP'],
        own: 'AMSP',
        find: () => Promise.resolve(starts === 0 ? before : after),
        restart() {
          starts++;
          return Promise.resolve();
        },
        patience: [0.01, 0.01],
      });
      return { isThere, starts };
    }

    it('is started again, once, when it does not name itself', async () => {
      expect(await wait(['BMSP'], ['AMSP', 'BMSP'])).to.deep.equal({ isThere: true, starts: 1 });
      expect(await wait(['BMSP'], ['BMSP'])).to.deep.equal({ isThere: false, starts: 1 });
    });

    it('is left alone when it names itself, whomever else it lacks', async () => {
      expect(await wait(['AMSP', 'BMSP'], [])).to.deep.equal({ isThere: true, starts: 0 });
      expect(await wait(['AMSP'], [])).to.deep.equal({ isThere: false, starts: 0 });
    });
  });

  describe('processes', () => {
    const plan = (script: string) => ({ name: 'node', program: '/bin/sh', args: ['-c', script], env: {}, cwd: '/' });

    it('are found again by their record, and end', async () => {
      const paths = pathsOf(folder);
      expect(await startProcess(paths, plan('echo begun; exec sleep 60'))).to.equal(true);
      expect(await startProcess(paths, plan('exec sleep 60'))).to.equal(false);
      const [record] = listProcesses(paths);
      if (!record) throw new Error('no record');
      expect(isRunning(record)).to.equal(true);
      while (lastLogLine(paths, 'node') === '') await sleep(5);
      await stopProcess(paths, record);
      expect(isRunning(record)).to.equal(false);
      expect(listProcesses(paths)).to.deep.equal([]);
      expect(lastLogLine(paths, 'node')).to.equal('begun');
      expect(lastLogLine(paths, 'node', logEnd(paths, 'node'))).to.equal(''); // nothing since then
    });

    it('are others when the number is the same and the start is not', () => {
      const paths = pathsOf(folder);
      mkdirSync(paths.processes);
      const record = { name: 'node', pid: process.pid, mark: 'another boot/1' };
      writeFileSync(join(paths.processes, 'node.json'), JSON.stringify(record));
      expect(findProcess(paths, 'node')).to.equal(undefined);
    });

    it('that cannot be started leave no other error than ours', async () => {
      const missing = { ...plan(''), program: join(folder, 'missing') };
      expect((await refusalOf(() => startProcess(pathsOf(folder), missing))).code).to.equal('NETWORK_FAILED');
    });
  });

  describe('the lock', () => {
    it('keeps a second command away while the first is at work', async () => {
      const paths = pathsOf(folder);
      const error = await withLock(paths, () => refusalOf(() => withLock(paths, async () => undefined)));
      expect([error.code, error.details['reason'], error.details['process']]).to.deep.equal([
        'NETWORK_STATE',
        'busy',
        process.pid,
      ]);
      expect(existsSync(paths.lock)).to.equal(false);
    });

    it('is taken over from a command that died', async () => {
      const paths = pathsOf(folder);
      const dead = spawn('/bin/true');
      await new Promise((resolve) => dead.once('exit', resolve));
      writeFileSync(paths.lock, `${dead.pid} some boot/1\n`);
      expect(await withLock(paths, async () => 'done')).to.equal('done');
    });
  });
});
