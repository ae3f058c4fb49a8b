/** Keeping the data by the command, against a real gateway: export, erasure, a new vault key. */
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { chengduMarket, market, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { type LiveCommand, makeFolder, type Ran, runLive } from './support.ts';

const samples = fileURLToPath(new URL('../../certs/samples/', import.meta.url));
const document = ['--document', '示范〔2026〕8号'];

interface File {
  readonly body: { readonly id: string; readonly issuer: string; readonly type: string; readonly entry: number };
  readonly holderToken?: string;
}

describe('keeping the data by the command', function () {
  this.timeout(60_000);
  const folder = makeFolder();
  let gateway: TestGateway;
  let yinxin: LiveCommand;
  /** Of business-licence, by the market bureau. */
  let issued: readonly string[] = [];

  const path = (...names: readonly string[]) => join(folder.path, ...names);
  async function done(...args: readonly string[]): Promise<Ran> {
    const ran = await yinxin(...args);
    expect(ran.exit, ran.err).to.equal(0);
    return ran;
  }
  async function refused(code: string, ...args: readonly string[]): Promise<Ran> {
    const ran = await yinxin(...args);
    expect(ran.exit, ran.out + ran.err).to.be.oneOf([1, 2]);
    expect(ran.err).to.include(`[${code}`).and.to.include('怎么办');
    return ran;
  }
  async function issue(type: string, output: string): Promise<readonly string[]> {
    await done('issue', `samples/${type}.csv`, '-o', output, '--yes');
    return readdirSync(path(output))
      .filter((name) => name.endsWith('.yinxin.json'))
      .map((name) => name.replace('.yinxin.json', ''))
      .sort();
  }
  const linesOf = (name: string): readonly File[] =>
    readFileSync(path(name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as File);

  before(async () => {
    gateway = await startTestGateway();
    yinxin = runLive(gateway, folder.path);
    cpSync(samples, path('samples'), { recursive: true });
    issued = await issue('business-licence', 'licences');
    await issue('food-business-licence', 'food');
  });
  after(async () => {
    expect(gateway.bugs).to.deep.equal([]);
    await gateway.stop();
    folder.remove();
  });

  const as = ['--as', market];

  describe('export', () => {
    it('writes all types of the body into one file, one certificate a line, without holder tokens', async () => {
      const { out } = await done('export', '-o', 'all.ndjson', ...as);
      expect(out).to.include('6');
      const files = linesOf('all.ndjson');
      expect(files.map(({ body }) => [body.type, body.entry])).to.deep.equal(
        ['business-licence', 'food-business-licence'].flatMap((type) => [1, 2, 3].map((entry) => [type, entry])),
      );
      for (const { body, holderToken } of files) expect([body.issuer, holderToken]).to.deep.equal([market, undefined]);
      const [first = ''] = readFileSync(path('all.ndjson'), 'utf8').split('\n');
      writeFileSync(path('first.yinxin.json'), first);
      expect((await done('verify', 'first.yinxin.json', '--anywhere')).out).to.include('有效');
    });

    it('goes on after the last whole line, and later adds what is new', async () => {
      const whole = readFileSync(path('all.ndjson'), 'utf8');
      const lines = whole.split('\n');
      writeFileSync(path('part.ndjson'), `${lines.slice(0, 4).join('\n')}\n${lines[4]?.slice(0, 100)}`);
      const { out } = await done('export', '-o', 'part.ndjson', ...as, '--json');
      expect(JSON.parse(out)).to.deep.equal({ output: 'part.ndjson', written: 2, total: 6 });
      expect(readFileSync(path('part.ndjson'), 'utf8')).to.equal(whole);
      const again = await done('export', '-o', 'part.ndjson', ...as, '--json');
      expect(JSON.parse(again.out)).to.deep.equal({ output: 'part.ndjson', written: 0, total: 6 });
      expect(readFileSync(path('part.ndjson'), 'utf8')).to.equal(whole);
    });

    it('refuses to add to a file of something else, and changes nothing of it', async () => {
      for (const [name, text] of [
        ['other.ndjson', '{"a":1}\n'],
        ['text.ndjson', '名称\n证照\n'],
      ] as const) {
        writeFileSync(path(name), text);
        await refused('FILE_UNREADABLE', 'export', '-o', name, ...as);
        expect(readFileSync(path(name), 'utf8')).to.equal(text);
      }
    });

    it('an export that another hand continued wrongly is not gone on with', async () => {
      const text = readFileSync(path('all.ndjson'), 'utf8');
      writeFileSync(path('mixed.ndjson'), text);
      appendFileSync(path('mixed.ndjson'), 'x\n');
      await refused('FILE_UNREADABLE', 'export', '-o', 'mixed.ndjson', ...as);
    });

    it('writes a folder of files by body and type, and goes on there too', async () => {
      await done('export', '--type', '营业执照', '-o', 'folder', ...as);
      const at = path('folder', market, 'business-licence');
      expect(readdirSync(at).map((name) => name.replace('.yinxin.json', ''))).to.have.members(issued);
      expect(existsSync(path('folder', market, 'food-business-licence'))).to.equal(false);
      await done('verify', join('folder', market, 'business-licence', `${issued[0]}.yinxin.json`), '--anywhere');
      const { out } = await done('export', '-o', 'folder', ...as, '--json');
      expect(JSON.parse(out)).to.deep.equal({ output: 'folder', written: 3, total: 6 });
    });

    it('gives nothing of another body', async () => {
      const { out } = await done('export', '-o', 'others.ndjson', '--as', chengduMarket, '--json');
      expect(JSON.parse(out)).to.deep.equal({ output: 'others.ndjson', written: 0, total: 0 });
    });
  });

  describe('erase', () => {
    const [one, two] = [() => issued[0] ?? '', () => issued[1] ?? ''];

    it('asks with the consequence, and does nothing without a yes', async () => {
      const ran = await yinxin.answering('n')('erase', one(), ...document);
      expect([ran.exit, ran.out]).to.deep.equal([1, '']);
      await done('code', one());
    });

    it('needs a document that orders it, written as one', async () => {
      expect((await yinxin('erase', one(), '--yes')).exit).to.equal(2);
      expect((await yinxin('erase', one(), '--yes', '--document', '8号')).exit).to.equal(2);
    });

    it('leaves the number’s facts without a field, and no file, code or export of it', async () => {
      const before = await done('verify', one(), '--anywhere');
      expect(before.out).to.include('深圳');
      const { out } = await done('erase', one(), ...document, '--yes');
      expect(out).to.include('已删除').and.to.include('示范〔2026〕8号');
      const code = await refused('CERTIFICATE_ERASED', 'code', one());
      expect(code.err).to.include('已依法删除');
      await refused('CERTIFICATE_ERASED', 'code', join('licences', `${one()}.yinxin.json`));
      const ran = await yinxin('verify', one(), '--anywhere', '--json');
      const after = JSON.parse(ran.out) as { fields?: unknown; certificate?: unknown; verdict: { verdict: string } };
      expect([ran.exit, after.verdict.verdict]).to.deep.equal([3, 'indeterminate']);
      expect([after.fields, after.certificate]).to.deep.equal([undefined, undefined]);
      const shown = await yinxin('verify', one(), '--anywhere');
      expect(shown.out).to.include('存证、状态').and.to.not.include('深圳');
      await done('export', '-o', 'after.ndjson', ...as);
      expect(linesOf('after.ndjson').map(({ body }) => body.id)).to.not.include(one());
      expect(linesOf('after.ndjson')).to.have.length(5);
    });

    it('leaves the holder’s own file genuine, and the number to its status', async () => {
      await done('verify', join('licences', `${one()}.yinxin.json`), '--anywhere');
      const decided = ['--basis', 'licence-law-70', '--document', '示范〔2026〕10号', '--yes'];
      await done('cancel', one(), ...decided);
      expect((await yinxin('verify', one(), '--anywhere')).out).to.include('注销');
    });

    it('asked again answers as before', async () => {
      const first = JSON.parse((await done('erase', one(), ...document, '--yes', '--json')).out) as { time: string };
      const again = await done('erase', one(), '--document', '示范〔2026〕9号', '--yes', '--json');
      expect(JSON.parse(again.out)).to.deep.equal({ identifier: one(), document: '示范〔2026〕8号', time: first.time });
    });

    it('is not for another body', async () => {
      await refused('CERTIFICATE_UNKNOWN', 'erase', two(), ...document, '--yes', '--as', chengduMarket);
      await done('code', two());
    });
  });

  describe('vault', () => {
    it('replaces the key of a body, and everything can be read as before', async () => {
      const { out } = await done('vault', 'rotate', '深圳市市场监督管理局');
      expect(out).to.include('第 2 把').and.to.include('6 份');
      const again = JSON.parse((await done('vault', 'rotate', market, '--json')).out) as object;
      expect(again).to.include({ issuer: market, generation: 3, certificates: 6 });
      await done('export', '-o', 'rotated.ndjson', ...as);
      expect(readFileSync(path('rotated.ndjson'), 'utf8')).to.equal(readFileSync(path('after.ndjson'), 'utf8'));
    });

    it('is for the city’s own administrator', async () => {
      await refused('CALLER_NOT_PERMITTED', 'vault', 'rotate', chengduMarket);
      await refused('ISSUER_UNKNOWN', 'vault', 'rotate', '没有这个局');
    });
  });
});
