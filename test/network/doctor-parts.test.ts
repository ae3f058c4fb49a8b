/** The doctor's parts that need no network: judgements, parsers, the listener of a port, the report. */
import { createServer } from 'node:net';
import type { Json } from '@yinxin/core';
import { expect } from 'chai';
import { parseCommandLine } from '../../network/command-line.ts';
import { hashHeader, parseBlock } from '../../network/doctor/block.ts';
import { parseConfiguration } from '../../network/doctor/channel-configuration.ts';
import { measureSkew, parseClockRefusal } from '../../network/doctor/checks/clock.ts';
import { readOption } from '../../network/doctor/checks/contract-id.ts';
import { quorumOf } from '../../network/doctor/checks/orderers.ts';
import type { DoctorContext } from '../../network/doctor/context.ts';
import { readIdentity } from '../../network/doctor/contract-identity.ts';
import { exitCodeOf, runCheck } from '../../network/doctor/examination.ts';
import { type Finding, plain, reporterOf, words } from '../../network/doctor/finding.ts';
import { parseHeight } from '../../network/doctor/ledger-facts.ts';
import { canConnect, findListener } from '../../network/doctor/listeners.ts';
import { readProcess } from '../../network/doctor/process-facts.ts';
import { formatExamination, toJson } from '../../network/doctor/report.ts';
import { decideValidity } from '../../network/doctor/x509.ts';
import { measureColumns } from '../../network/progress.ts';

const day = 86_400_000;

describe('doctor’s judgements', () => {
  it('a certificate is warned of thirty days before its end, and refused a moment after it', () => {
    const from = 100 * day;
    const until = 500 * day;
    expect(decideValidity({ from, until }, until - 30 * day)).to.equal('good');
    expect(decideValidity({ from, until }, until - 30 * day + 1)).to.equal('ending');
    expect(decideValidity({ from, until }, until)).to.equal('ending');
    expect(decideValidity({ from, until }, until + 1)).to.equal('past');
    expect(decideValidity({ from, until }, from - 1)).to.equal('early');
  });

  it('a clock that shows whole seconds is off only when it cannot be right', () => {
    expect(measureSkew(10_000, 10_001, 10_998)).to.equal(0);
    expect(measureSkew(10_000, 9_500, 10_200)).to.equal(0);
    expect(measureSkew(10_000, 8_000, 9_000)).to.equal(1);
    expect(measureSkew(10_000, 12_999, 13_000)).to.equal(-2);
  });

  it('a peer’s refusal of a time says how far apart the clocks are', () => {
    const why =
      'rpc error: code = Unknown desc = error validating proposal: request unauthorized due to incorrect timestamp 2026-11-20T19:00:00Z, peer time 2026-11-20T19:20:00Z, peer.authentication.timewindow 15m0s';
    expect(parseClockRefusal(why)).to.equal(1200);
    expect(parseClockRefusal('connection refused')).to.equal(undefined);
  });

  it('SmartBFT and Raft need as many orderers as their rules say', () => {
    expect([1, 4, 7, 10].map((total) => quorumOf('bft', total))).to.deep.equal([1, 3, 5, 7]);
    expect([1, 3, 4, 5].map((total) => quorumOf('raft', total))).to.deep.equal([1, 2, 3, 3]);
  });

  it('an option is read from a command line in either form', () => {
    expect(readOption(['node', 'server.cjs', '--chaincode-id', 'a:b', '-x'], '--chaincode-id')).to.equal('a:b');
    expect(readOption(['--chaincode-id=a:b'], '--chaincode-id')).to.equal('a:b');
    expect(readOption(['node'], '--chaincode-id')).to.equal(undefined);
  });

  it('a package’s label carries the SM3 of its contract', () => {
    const sm3 = 'ab'.repeat(32);
    expect(readIdentity(`yinxin-${sm3}:${'0'.repeat(64)}`)).to.equal(sm3);
    expect(readIdentity(`other-${sm3}:${'0'.repeat(64)}`)).to.equal(undefined);
  });
});

describe('doctor’s parsers', () => {
  it('a height is a varint of any length', () => {
    expect(parseHeight(Buffer.from('080312200000', 'hex'))).to.equal(3);
    expect(parseHeight(Buffer.from('08ac021220', 'hex'))).to.equal(300);
    expect(() => parseHeight(Buffer.from('1220', 'hex'))).to.throw('NETWORK_FAILED');
    expect(() => parseHeight(Buffer.from('08', 'hex'))).to.throw('NETWORK_FAILED');
  });

  it('a block’s number is a positive integer of DER, also from 128 on', () => {
    const hash = (number: number) => hashHeader(number, Buffer.alloc(32, 1), Buffer.alloc(32, 2));
    // sha256 of 3047 | 02017f or 02020080 | 0420 01… | 0420 02…, computed apart from this project (the second is one byte longer)
    expect(hash(127)).to.equal('d65f891abeeabe724b6892bf38cb1330454555f523b3eb88f5c7041030627fd0');
    expect(hash(128)).to.equal('c0ffbca2c19ee62fc3e76d183167f01a4de3f8f27c83daf84ee54d30774edb24');
  });

  it('a commit hash is the value in its message, and none in block 0', () => {
    const block = (commit: string): Json => ({
      header: { number: '7', previous_hash: '', data_hash: '' },
      metadata: { metadata: ['', '', '', '', commit] },
    });
    const message = Buffer.concat([Buffer.from([0x0a, 32]), Buffer.alloc(32, 9)]).toString('base64');
    expect(parseBlock(block(message))).to.include({ number: 7, commitHash: '09'.repeat(32) });
    expect(parseBlock(block('')).commitHash).to.equal('');
  });

  it('a policy is “so many of these peers”, or of a form that is not ours', () => {
    const identity = (msp: string, role = 'PEER') => ({ principal: { msp_identifier: msp, role } });
    const ruleOf = (identities: Json, n: number, rules: Json, type = 1) => {
      const value = { identities, rule: { n_out_of: { n, rules } } };
      const Application = { policies: { Endorsement: { policy: { type, value } } } };
      const config = { channel_group: { groups: { Application } } };
      return parseConfiguration({ data: { data: [{ payload: { data: { config } } }] } }).endorsement;
    };
    const two = [identity('A'), identity('B')];
    const both = [{ signed_by: 0 }, { signed_by: 1 }];
    expect(ruleOf(two, 2, both)).to.deep.equal({ count: 2, msps: ['A', 'B'] });
    expect(ruleOf(two, 2, both, 3)).to.equal(undefined);
    expect(ruleOf([identity('A'), identity('B', 'CLIENT')], 2, both)).to.equal(undefined);
    expect(ruleOf(two, 2, [{ signed_by: 0 }, { signed_by: 0 }])).to.equal(undefined);
    expect(ruleOf(two, 1, [{ n_out_of: { n: 1, rules: both } }])).to.equal(undefined);
  });

  it('its command line takes a profile and JSON, and nothing of other commands', () => {
    const parse = (...args: string[]) => parseCommandLine(args, {}, '/somewhere').command;
    expect(parse('doctor')).to.deep.equal({ name: 'doctor', profile: undefined, json: false });
    expect(parse('doctor', '--json', '--profile', '/a.json')).to.include({ profile: '/a.json', json: true });
    expect(() => parse('doctor', '--yes')).to.throw('USAGE');
    expect(() => parse('doctor', 'now')).to.throw('USAGE');
    expect(() => parse('up', '--json')).to.throw('USAGE');
  });
});

describe('doctor on this machine', () => {
  it('tells who listens on a port, and whether anybody answers', async function () {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await canConnect('127.0.0.1', port)).to.equal(true);
    const found = findListener(port, 1);
    await new Promise((resolve) => server.close(resolve));
    expect(await canConnect('127.0.0.1', port)).to.equal(false);
    if (found.kind === 'unknown') this.skip();
    expect(found).to.deep.equal({ kind: 'process', pid: process.pid });
    expect(findListener(port, process.pid)).to.deep.equal({ kind: 'nobody' });
  });

  it('reads a process: its command line and its memory', async () => {
    const facts = await readProcess(process.pid);
    expect(facts?.args.join(' ')).to.include('mocha');
    expect(facts?.memoryBytes).to.be.greaterThan(10_000_000);
    expect(facts?.isHalted).to.equal(false);
  });

  it('counts a check that does not end, or that fails by itself, as failed', async () => {
    const context = {} as DoctorContext; // neither check looks at it
    const late = await runCheck('disk', () => new Promise(() => undefined), context, 0.05);
    expect(late).to.have.length(1);
    expect(late[0]).to.include({ check: 'disk', state: 'failed' });
    const broken = await runCheck('disk', () => Promise.reject(new Error('EIO')), context, 5);
    expect(broken[0]?.found.zh).to.equal('EIO');
  });
});

describe('doctor’s report', () => {
  const ports = reporterOf('ports');
  const advice = words('运行 X', 'run X');
  const findings: readonly Finding[] = [
    reporterOf('programs').ok('peer', plain('3.1.5')),
    reporterOf('programs').ok('orderer', plain('3.1.5')),
    ports.ok('peer.a', plain('1')),
    ports.failed('peer.b', words('端口 7 无人监听', 'nobody listens on 7'), advice),
    reporterOf('tls').skipped('peer.b', words('见 ports', 'see ports')),
    reporterOf('disk').warning('/d', words('只剩 1 GiB', 'only 1 GiB left'), advice),
  ];

  it('is a table whose columns begin in the same place, Chinese or not', () => {
    const lines = formatExamination({ findings, seconds: 1.23 }).split('\n');
    const columnOf = (mark: string, text: string) => {
      const line = lines.find((candidate) => candidate.includes(mark) && candidate.includes(text)) ?? '';
      return measureColumns(line.slice(0, line.indexOf(text)));
    };
    const columns = [
      columnOf('✓ 正常  程', 'programs'),
      columnOf('✗ 失败', 'ports'),
      columnOf('– 略过', 'tls'),
      columnOf('! 警告', 'disk'),
    ];
    expect(new Set(columns).size, columns.join()).to.equal(1);
    expect(columnOf('✗ 失败', '端口 7')).to.equal(columnOf('– 略过', '见 ports'));
    expect(lines.filter((line) => line.endsWith(' '))).to.deep.equal([]);
  });

  it('tells many that are alike as one, with the names of all', () => {
    const names = ['peer.a', 'peer.b', 'peer.c'];
    const down = names.map((name) =>
      reporterOf('processes').failed(name, words('没有启动', 'is not started'), words(`看 ${name}`, `see ${name}`)),
    );
    const text = formatExamination({ findings: down, seconds: 1 });
    expect(text.match(/✗ 失败/g)).to.have.length(1);
    expect(text).to.include('processes peer.a, peer.b, peer.c: is not started').and.to.include('3 failed');
    expect(text.match(/What to do/g)).to.have.length(1);
    const two = formatExamination({ findings: down.slice(1), seconds: 1 });
    expect(two.match(/What to do/g)).to.have.length(2);
  });

  it('says for each fault what to do, Chinese first, failures before warnings, and counts', () => {
    const text = formatExamination({ findings, seconds: 1.23 });
    const places = ['1. 端口 peer.b', '怎么办：运行 X', 'What to do: run X', '2. 磁盘 /d', '失败 1，警告 1，略过 1'];
    const found = places.map((place) => text.indexOf(place));
    expect(found).to.deep.equal([...found].sort((a, b) => a - b));
    expect(found[0]).to.be.greaterThan(0);
  });

  it('fails the command for a failure, and not for a warning', () => {
    expect(exitCodeOf({ findings, seconds: 1 })).to.equal(1);
    const better = findings.filter(({ state }) => state !== 'failed');
    expect(exitCodeOf({ findings: better, seconds: 1 })).to.equal(0);
    expect(toJson({ findings: better, seconds: 1.26 })).to.include({ isWell: true, seconds: 1.3 });
  });
});
