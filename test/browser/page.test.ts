/** The page as people meet it: in a real browser, before a real gateway. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { discloseFields, formatCertificateFile, parseCertificateFile } from '@yinxin/core';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { certificateText, choose, hand, partTexts, see, type } from './acts.ts';
import { hasChromium, launchChromium, textOf, type Visit, visit } from './chromium.ts';
import { openWorld, type Sample, type World } from './world.ts';

const artifacts = fileURLToPath(new URL('../artifacts/', import.meta.url));
/** A name of this machine that is no secure context. */
const plainHost = 'counter.test';
/** Keys are pressed by this process: on a machine that is busy enough they come slower than any scanner's, and one scans again. */
const scanAgain = 2;

describe('the page in a browser', function () {
  this.timeout(30_000);
  let browser: Browser;
  let world: World;
  let open: Visit | undefined;
  /** Other complaints than those that a test allows. */
  let allowed: RegExp | undefined;

  const go = async (options: BrowserContextOptions = {}, path = '') => {
    open = await visit(browser, world.url + path, options);
    return open;
  };

  before(async function () {
    if (!hasChromium) return this.skip();
    world = await openWorld();
    browser = await launchChromium([plainHost]);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });
  beforeEach(() => {
    allowed = undefined;
  });
  afterEach(async () => {
    if (!open) return;
    const { complaints, requests, close } = open;
    open = undefined;
    await close();
    const origins = new Set(
      requests.filter(({ url }) => !url.startsWith('data:')).map(({ url }) => new URL(url).hostname),
    );
    expect(complaints.filter((text) => allowed?.test(text) !== true)).to.deep.equal([]);
    expect([...origins].filter((host) => host !== new URL(world.url).hostname && host !== plainHost)).to.deep.equal([]);
  });

  it('looks at the check character while a number is typed, and shows the server’s answer', async () => {
    const { page } = await go();
    const { identifier } = world.samples.valid;
    await page.locator('#entry').pressSequentially(identifier.slice(0, 30));
    expect(await textOf(page.locator('#help'))).to.contain('还没有输完');
    await page.fill('#entry', identifier.slice(0, -1) + (identifier.endsWith('0') ? '1' : '0'));
    expect(await textOf(page.locator('#help'))).to.contain('校验位不对');
    await type(page, identifier.toLowerCase());
    expect(await see(page)).to.include({ tone: 'good', word: '有效' });
    expect((await see(page)).text).to.contain('没有查验出示的那一份');
    const [here, server, open] = await partTexts(page);
    expect(here?.match(/\n/g) ?? []).to.have.length.of.at.most(2);
    expect(server).to.contain('账本上有这份证照的存证');
    expect(open).to.contain('签发机关的签名');
  });

  it('verifies a chosen file here; the server hears its number and leaf, and no field', async () => {
    const { page, requests } = await go();
    await choose(page, world.samples.valid.file);
    expect(await see(page)).to.include({ tone: 'good', word: '有效' });
    const posts = requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body ?? '') as object);
    expect(posts.map((post) => Object.keys(post).sort())).to.deep.equal([['identifier', 'leaf']]);
    const [here, server] = await partTexts(page);
    expect(here).to.contain('签发机关的签名成立').and.contain('内容与签发时一致');
    expect(server).to.contain('没有撤销');
  });

  it('takes a file that is dropped anywhere, and one that is pasted', async () => {
    const { page } = await go();
    await hand(page, 'drop', world.samples.valid.file);
    expect((await see(page)).word).to.equal('有效');
    await page.keyboard.press('Escape');
    await hand(page, 'paste', world.samples.revoked.file);
    expect((await see(page)).word).to.contain('已撤销');
  });

  it('takes a pasted code, and leaves none of it in the field', async () => {
    const { page } = await go();
    await page.focus('#entry');
    await hand(page, 'paste', `${world.url}#${world.samples.valid.digits}`);
    expect((await see(page)).word).to.equal('有效');
    expect(await page.inputValue('#entry')).to.equal('');
  });

  it('takes a scanner gun at 2 ms a key with the focus elsewhere', async () => {
    const { page } = await go();
    await page.focus('header button');
    await page.keyboard.type(`${world.url}#${world.samples.valid.digits}`, { delay: 2 });
    await page.keyboard.press('Enter');
    expect((await see(page)).word).to.equal('有效');
    expect(await page.getAttribute('html', 'lang')).to.equal('zh-CN');
  }).retries(scanAgain);

  it('takes a scan whole though the machine stalls in the middle of it', async () => {
    const { page } = await go();
    const { digits } = world.samples.valid;
    await page.fill('#entry', world.samples.revoked.identifier);
    await page.keyboard.type(digits.slice(0, 300));
    await page.waitForTimeout(400);
    await page.keyboard.type(digits.slice(300));
    await page.keyboard.press('Enter');
    expect((await see(page)).word).to.equal('有效');
  }).retries(scanAgain);

  it('takes a scanner gun in the field, behind a number that was left there', async () => {
    const { page } = await go();
    await page.fill('#entry', world.samples.revoked.identifier);
    await page.waitForTimeout(150);
    await page.keyboard.type(world.samples.valid.digits);
    await page.keyboard.press('Enter');
    expect((await see(page)).word).to.equal('有效');
  }).retries(scanAgain);

  it('opened with digits verifies at once, clears the address bar, and no server hears a digit', async () => {
    const { page, requests } = await go({}, `#${world.samples.valid.digits}`);
    expect((await see(page)).word).to.equal('有效');
    expect(page.url()).to.equal(world.url);
    const digits = world.samples.valid.digits.slice(0, 40);
    const sent = requests.slice(1).map(({ url, body }) => url + (body ?? ''));
    expect(sent.filter((text) => text.includes(digits))).to.deep.equal([]);
  });

  it('says for whom and what for a code was made', async () => {
    const { page } = await go();
    await hand(page, 'paste', world.bound);
    const { word, text } = await see(page);
    expect(word).to.equal('有效');
    expect(text)
      .to.match(/限用于\s+开户/)
      .and.match(/限出示给\s+示范银行/);
  });

  it('says of a revoked one by which document and since when', async () => {
    const { page } = await go();
    await choose(page, world.samples.revoked.file);
    const { tone, word, text } = await see(page);
    expect({ tone, word }).to.deep.equal({ tone: 'bad', word: '无效 · 已撤销' });
    expect(text)
      .to.match(/文号\s+示范〔2026〕\d+号/)
      .and.match(/生效日期\s+2026年\d+月\d+日/)
      .and.contain('不要接受');
  });

  it('leads from a superseded one to its reissue', async () => {
    const { page } = await go();
    await choose(page, world.samples.superseded.file);
    expect(await see(page)).to.include({ tone: 'caution', word: '已换发' });
    await page.click('text=查验新证');
    await page.locator('.verdict[data-tone=good]').waitFor();
    expect(await page.inputValue('#entry')).to.equal(world.samples.successor.identifier);
  });

  for (const [name, word, particular] of [
    ['suspended', '已暂停', /文号\s+示范/],
    ['expired', '已过期', /有效期至\s+\d+年/],
  ] as const) {
    it(`says of one that is ${name} what a clerk must know`, async () => {
      const { page } = await go();
      await choose(page, world.samples[name].file);
      const seen = await see(page);
      expect(seen).to.include({ tone: 'caution', word });
      expect(seen.text).to.match(particular);
    });
  }

  it('shows of a forged one no content, only what it claims to be', async () => {
    const { page, requests } = await go();
    const file = parseCertificateFile(world.samples.valid.file);
    await choose(
      page,
      formatCertificateFile({ ...file, fields: { ...file.fields, registeredCapital: '98765432.00' } }),
    );
    expect(await see(page)).to.include({ tone: 'bad', word: '无效 · 内容或签名不符' });
    expect(await certificateText(page))
      .to.contain('未经证实')
      .and.not.contain('98765432');
    expect(requests.filter(({ method }) => method === 'POST')).to.deep.equal([]);
  });

  it('takes a ledger that has no such certificate for a refusal, unless another city vouches that it has', async () => {
    const { page } = await go();
    allowed = /404/;
    await page.route('**/v1/verifications', (route) =>
      route.fulfill({ status: 404, json: { code: 'CERTIFICATE_UNKNOWN' } }),
    );
    await hand(page, 'paste', world.samples.valid.digits);
    expect(await see(page)).to.include({ tone: 'bad', word: '无效 · 账本没有存证' });
    await page.keyboard.press('Escape');
    await choose(page, world.samples.valid.file);
    const proven = await see(page);
    expect(proven).to.include({ tone: 'unsure', word: '无法确认' });
    expect(proven.text).to.contain('还没有同步').and.not.contain('没有连上网络');
  });

  it('never shows a negative conclusion as a plain yes, nor one that the holder left out', async () => {
    const { page } = await go();
    await choose(page, world.samples.negative.file);
    expect((await see(page)).word.replace(/\s+/g, '')).to.equal('真实有效结论：不合格');
    await page.keyboard.press('Escape');
    const file = parseCertificateFile(world.samples.negative.file);
    await choose(page, formatCertificateFile(discloseFields(file, ['certNumber', 'projectName'])));
    expect((await see(page)).word.replace(/\s+/g, '')).to.equal('真实有效结论未出示');
    await page.keyboard.press('Escape');
    await type(page, world.samples.negative.identifier);
    expect((await see(page)).word.replace(/\s+/g, '')).to.equal('真实有效结论：不合格');
  });

  it('masks what it shows of a person, and shows nothing by number', async () => {
    const { page } = await go();
    await choose(page, world.samples.person.file);
    await see(page);
    const { fields } = parseCertificateFile(world.samples.person.file);
    const text = await certificateText(page);
    expect(text)
      .to.contain('**')
      .and.not.contain(String(fields['holderName']))
      .and.not.contain(String(fields['holderIdNumber']));
    await page.keyboard.press('Escape');
    allowed = /403/;
    await type(page, world.samples.person.identifier);
    expect(await see(page)).to.include({ tone: 'unsure', word: '无法确认' });
    expect(await page.locator('.fields').count()).to.equal(0);
    expect((await see(page)).text).to.not.contain('核对项');
  });

  it('accuses no wrong file and no product’s bar code', async () => {
    const { page } = await go();
    await choose(page, new TextEncoder().encode('{"a":1}'), 'notes.json');
    expect(await see(page)).to.include({ tone: 'unsure', word: '无法读取' });
    await page.keyboard.press('Escape');
    await page.keyboard.type('69012345678926901234567892', { delay: 2 });
    await page.keyboard.press('Enter');
    expect(await see(page)).to.include({ tone: 'unsure', word: '无法读取' });
  });

  it('switches language, keeps it, and stores nothing of what it checked', async () => {
    const { page } = await go();
    await choose(page, world.samples.person.file);
    await see(page);
    await page.click('header button');
    expect((await see(page)).word).to.equal('Valid');
    expect(await page.getAttribute('html', 'lang')).to.equal('en');
    expect((await textOf(page.locator('.verdict'))).match(/[\u4e00-\u9fff]/)).to.equal(null);
    const stored = await page.evaluate<string>(
      'JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie })',
    );
    const { fields, body } = parseCertificateFile(world.samples.person.file);
    expect(Object.keys(JSON.parse(stored) as object).sort()).to.deep.equal([
      'cookie',
      'yinxin.language',
      'yinxin.trust',
    ]);
    for (const value of [...Object.values(fields), body.id, body.fields]) expect(stored).to.not.contain(String(value));
    await page.reload();
    expect(await page.getAttribute('html', 'lang')).to.equal('en');
  });

  it('says what to do where the connection is not secure, and still asks by number', async () => {
    open = await visit(browser, world.url.replace(/\/\/[^:/]+/, `//${plainHost}`));
    const { page } = open;
    allowed = /Cross-Origin-Opener-Policy/;
    expect(await textOf(page.locator('.warning'))).to.contain('https');
    await choose(page, world.samples.valid.file);
    expect((await see(page)).text).to.contain('https');
    await page.keyboard.press('Escape');
    await type(page, world.samples.valid.identifier);
    expect((await see(page)).word).to.equal('有效');
  });

  it('can be used by keyboard alone', async () => {
    const { page } = await go();
    const chooser = page.waitForEvent('filechooser');
    const focused = () => page.evaluate<string>('document.activeElement.id || document.activeElement.className');
    const order: string[] = [];
    await page.locator('.asking').waitFor();
    for (let at = 0; at < 6; at += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).to.deep.equal(['brand', 'link', 'entry', 'submit', 'link choose', 'asking']);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    expect((await chooser).isMultiple()).to.equal(false);
  });

  it('announces the verdict, and shows it with its reason and six fields without scrolling', async () => {
    const { page } = await go();
    await choose(page, world.samples.valid.file);
    await see(page);
    expect(await page.getAttribute('.verdict', 'aria-live')).to.equal('polite');
    const bottoms = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.reason, .next, .field:nth-child(-n+6)')].map((element) => element.getBoundingClientRect().bottom)",
    );
    expect(bottoms).to.have.length(8);
    expect(Math.max(...bottoms)).to.be.at.most(768);
  });

  it('has enough contrast in light and dark: 4.5 : 1 for text, 3 : 1 for shapes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, close } = await visit(browser, world.url, { colorScheme });
      const ratios = await page.evaluate<[string, number][]>(`(() => {
        const style = getComputedStyle(document.documentElement);
        const light = (name) => {
          const hex = style.getPropertyValue('--' + name).trim().slice(1);
          const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
          const [r, g, b] = full.match(/../g).map((byte) => parseInt(byte, 16) / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
        const pairs = [['ink', 'paper'], ['quiet', 'paper'], ['quiet', 'raised'], ['brand', 'paper'], ['on-brand', 'brand']];
        for (const tone of ['good', 'bad', 'caution', 'unsure']) pairs.push([tone, tone + '-wash'], [tone, 'unsure-wash'], [tone, 'paper'], ['ink', tone + '-wash'], ['quiet', tone + '-wash'], ['brand', tone + '-wash']);
        return pairs.map(([a, b]) => [a + ' on ' + b, ratio(a, b)]);
      })()`);
      await close();
      expect(
        ratios.filter(([, ratio]) => !(ratio >= 4.5)),
        colorScheme,
      ).to.deep.equal([]);
    }
  });

  it('fits a phone without scrolling sideways', async () => {
    const { page } = await go({ viewport: { width: 390, height: 844 } });
    for (const sample of [world.samples.superseded, world.samples.negative]) {
      await choose(page, sample.file);
      await see(page);
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(390);
      await page.keyboard.press('Escape');
    }
  });

  it('leaves pictures to look at', async () => {
    mkdirSync(artifacts, { recursive: true });
    const sizes = { desk: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };
    const pictures: readonly [keyof typeof sizes, 'light' | 'dark', 'zh' | 'en', Sample][] = [
      ['desk', 'light', 'zh', world.samples.valid],
      ['desk', 'dark', 'en', world.samples.revoked],
      ['phone', 'light', 'en', world.samples.superseded],
      ['phone', 'dark', 'zh', world.samples.negative],
    ];
    for (const [size, colorScheme, language, sample] of pictures) {
      const { page, close } = await visit(browser, world.url, { colorScheme, viewport: sizes[size] });
      if (language === 'en') await page.click('header button');
      await choose(page, sample.file, `${sample.identifier}.yinxin.json`);
      await see(page);
      await page.screenshot({ path: `${artifacts}${size}-${colorScheme}-${language}.png`, animations: 'disabled' });
      await close();
    }
  });

  it('still tells genuine from unknown after the server has stopped', async () => {
    const { page } = await go();
    await choose(page, world.samples.person.file);
    await see(page);
    await page.keyboard.press('Escape');
    await world.stop();
    allowed = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/;
    await choose(page, world.samples.person.file);
    const { tone, word, text } = await see(page);
    expect({ tone, word }).to.deep.equal({ tone: 'unsure', word: '无法确认' });
    expect(text).to.contain('真实').and.contain('状态').and.contain('不能因此认定');
    expect((await partTexts(page))[1]).to.contain('服务器没有回答');
    await page.keyboard.press('Escape');
    await type(page, world.samples.valid.identifier);
    expect((await see(page)).text)
      .to.contain('检查网络')
      .and.not.match(/npm|--/);
  });
});
