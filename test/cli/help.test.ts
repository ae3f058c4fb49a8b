/** The help, and what a mistyped command line is told. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { chooseLanguage } from '../../issuer-cli/context.ts';
import { commands, nouns } from '../../issuer-cli/run.ts';
import { measureWidth } from '../../issuer-cli/width.ts';
import { runCommand } from './support.ts';

const main = fileURLToPath(new URL('../../issuer-cli/main.ts', import.meta.url));

describe('help', () => {
  it('names every command and noun with one line, in Chinese and English', async () => {
    const isAlone = ({ name }: { readonly name: string }) => !name.includes(' ');
    for (const language of ['zh', 'en'] as const) {
      const { exit, out } = await runCommand(['--help'], { language });
      expect(exit).to.equal(0);
      for (const { name, summary } of [...commands.filter(isAlone), ...nouns])
        expect(out).to.include(`  ${name} `.trimEnd()).and.to.include(summary[language]);
      expect(out.includes('第一次用')).to.equal(language === 'zh');
    }
  });

  it('is shown without arguments, and by help', async () => {
    const { out } = await runCommand(['--help']);
    expect((await runCommand([])).out).to.equal(out);
    expect((await runCommand(['help'])).out).to.equal(out);
    expect((await runCommand(['--lang', 'zh', '-h'])).out).to.equal(out);
  });

  it('of each command shows usage, all its options and examples, in lines of at most 120 cells', async () => {
    for (const language of ['zh', 'en'] as const) {
      for (const command of commands) {
        const words = command.name.split(' ');
        const { exit, out } = await runCommand(['help', ...words], { language });
        expect(exit, command.name).to.equal(0);
        for (const { name, help } of command.options)
          expect(out).to.include(`--${name}`).and.to.include(help[language]);
        for (const example of command.examples) expect(out).to.include(`yinxin ${example}`);
        expect(out.match(/^\s+--lang /gm), 'one --lang').to.have.length(1);
        for (const line of out.split('\n')) expect(measureWidth(line), line).to.be.at.most(120);
        expect((await runCommand([...words, '--help'], { language })).out).to.equal(out);
      }
    }
  });

  it('of a noun lists what can be done with it', async () => {
    for (const language of ['zh', 'en'] as const) {
      for (const { name, summary, verbs, alone } of nouns) {
        const { exit, out } = await runCommand(['help', name], { language });
        expect(exit).to.equal(0);
        expect(out).to.include(summary[language]);
        for (const verb of verbs) {
          expect(verb.name).to.match(new RegExp(`^${name} [a-z]+$`));
          expect(out)
            .to.include(`  ${verb.name.slice(name.length + 1)} `.trimEnd())
            .and.to.include(verb.summary[language]);
        }
        if (!alone) expect((await runCommand([name], { language })).out).to.equal(out);
        expect((await runCommand([name, '--help'], { language })).out).to.equal(out);
      }
    }
  });

  it('is in the language of the locale, Chinese where it says none, and --lang wins', () => {
    expect(chooseLanguage(undefined, {})).to.equal('zh');
    expect(chooseLanguage(undefined, { LANG: 'C.UTF-8' })).to.equal('zh');
    expect(chooseLanguage(undefined, { LANG: 'zh_CN.UTF-8' })).to.equal('zh');
    expect(chooseLanguage(undefined, { LANG: 'en_GB.UTF-8' })).to.equal('en');
    expect(chooseLanguage(undefined, { LANG: 'zh_CN.UTF-8', LC_ALL: 'en_US.UTF-8' })).to.equal('en');
    expect(chooseLanguage('zh', { LANG: 'en_GB.UTF-8' })).to.equal('zh');
    expect(chooseLanguage('key', {})).to.equal('zh');
  });
});

describe('a mistyped command line', () => {
  const identifier = '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U';
  const act = ['revoke', identifier];
  const decided = ['--basis', 'penalty-law-75', '--document', '示范〔2026〕1号'];
  const cases: readonly (readonly [name: string, args: readonly string[], says: string])[] = [
    ['an unknown command', ['isue'], 'yinxin issue'],
    ['an unknown option', ['issue', 'x.csv', '--bogus'], '--bogus'],
    ['what lacks an option: by its own help and an example', act, 'yinxin help revoke'],
    ['a domain that is no code', ['verify', identifier, '--domain', 'Chengdu'], '六位数字'],
    ['an option without its value', ['issue', 'x.csv', '--type'], '--type'],
    ['a flag with a value', ['issue', 'x.csv', '--yes=no'], '--yes'],
    ['no operand', ['issue'], 'yinxin issue 名册'],
    ['an operand too many', ['show', 'a', 'b'], '多写了“b”'],
    ['a gateway that is no address', ['types', '--gateway', 'localhost'], 'http://localhost:8080'],
    ['an act without basis', act, '--basis'],
    ['an act without document', [...act, '--basis', 'licence-law-69'], '--document'],
    ['a basis that is no code', [...act, '--basis', '行政许可法', '--document', '示范〔2026〕1号'], 'licence-law-69'],
    [
      'a document number in the wrong brackets',
      [...act, '--basis', 'licence-law-69', '--document', '示范[2026]1号'],
      '〔〕',
    ],
    [
      'a time that is none',
      [...act, '--basis', 'licence-law-69', '--document', '示范〔2026〕1号', '--effective', '2026-02-30'],
      '北京时间',
    ],
    ['a symbol format that is none', ['code', identifier, '-o', 'x.jpg'], '*.svg, *.png'],
    ['a template in an unknown language', ['template', 'x', '--lang', 'fr'], 'zh, en, key'],
    ['a height that is none', ['verify', identifier, '--height', '0'], '正整数'],
    ['a past height without network', ['verify', identifier, '--height', '7', '--offline'], '--offline'],
    ['a place and no place', ['verify', identifier, '--anywhere', '--domain', '510100'], '--anywhere'],
    ['a matter and no place', ['verify', identifier, '--anywhere', '--matter', '企业开办'], '--anywhere'],
    ['a number of an act that is none', ['correct', identifier, '--change', 'last', ...decided], '--change'],
    ['an unknown verb', ['key', 'change'], 'list, rotate, retire, compromise'],
    ['help on an unknown verb', ['help', 'key', 'change'], 'rotate'],
    ['help on a word too many', ['help', 'verify', 'now'], '多写了“now”'],
    ['a mistyped noun', ['agrement'], 'yinxin agreement'],
    ['a key of no use', ['key', 'rotate', 'x'], '--use'],
    ['a key of an unknown use', ['key', 'rotate', 'x', '--use', 'seal'], 'anchor, status, code'],
    ['an overlap that is no number', ['key', 'rotate', 'x', '--use', 'code', '--overlap', 'long'], '--overlap'],
    ['a list key of a body', ['key', 'rotate', 'x', '--list'], '--list'],
    ['a closing without word on who takes over', ['issuer', 'close', 'x'], '--no-successor'],
    ['a closing with both words', ['issuer', 'close', 'x', '--successor', 'y', '--no-successor'], '--no-successor'],
    ['a name in one language', ['issuer', 'rename', 'x', '--name', '示范局'], '--name-en'],
    ['a state of proposals that is none', ['proposal', 'list', '--state', 'old'], 'open, adopted'],
    ['disclosing by number', ['disclose', identifier, '--fields', 'a', '-o', 'x'], '.yinxin.json'],
    ['a reissue without change', ['reissue', identifier], '--set'],
  ];
  for (const [name, args, says] of cases) {
    it(`with ${name} exits 2 and says what to do`, async () => {
      const { exit, out, err } = await runCommand(args);
      expect([exit, out]).to.deep.equal([2, '']);
      expect(err).to.include(says).and.to.include('怎么办').and.to.include('[USAGE]');
    });
  }

  it('is told in English too', async () => {
    const { err } = await runCommand(['isue'], { language: 'en' });
    expect(err).to.include('There is no command “isue”.').and.to.include('Did you mean “yinxin issue”?');
  });
});

describe('the exit codes of the process', function () {
  this.timeout(60_000);
  const spawn = (args: readonly string[]) =>
    spawnSync(process.execPath, [main, ...args], {
      encoding: 'utf8',
      env: { ...process.env, YINXIN_GATEWAY: 'http://127.0.0.1:9', YINXIN_HOME: '/nonexistent' },
    });

  it('0 for help, 1 for a file that is not there, 2 for usage, 3 for a gateway that does not answer', () => {
    expect(spawn(['--version'])).to.include({ status: 0, stdout: 'yinxin 0.1.0\n', stderr: '' });
    expect(spawn(['show', 'missing.yinxin.json']).status).to.equal(1);
    expect(spawn(['issue']).status).to.equal(2);
    expect(spawn(['types']).status).to.equal(3);
  });

  it('talk goes to stderr, and --json says the error on stdout as well', () => {
    const { stdout, stderr } = spawn(['types', '--json']);
    expect(JSON.parse(stdout)).to.have.nested.property('error.code', 'GATEWAY_UNREACHABLE');
    expect(stderr).to.include('GATEWAY_UNREACHABLE');
  });
});
