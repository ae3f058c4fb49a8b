/** The page in a network of cities: where, for what and about which day it asks, which rule it names, and what it knows without the network. */
import { parseCertificateFile } from '@yinxin/core';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { ask, choose, goOffline, hand, partTexts, see, seeKept, type } from './acts.ts';
import { hasChromium, launchChromium, textOf, type Visit, visit } from './chromium.ts';
import { openWorld, type World } from './world.ts';

const chongqing = '500000';

/** By arrow keys, in the list of choices that has the focus. */
async function pick(page: Page, value: string): Promise<void> {
  for (let press = 0; press < 20; press += 1) {
    if ((await page.evaluate('document.activeElement.value')) === value) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`no ${value} to choose`);
}

describe('the page in a network of cities', function () {
  this.timeout(30_000);
  let browser: Browser;
  let world: World;
  let open: Visit | undefined;
  let allowed: RegExp | undefined;

  const go = async () => {
    open = await visit(browser, world.url);
    await open.page.locator('.asking').waitFor();
    return open;
  };

  /** Verifies one online until its register's list is kept, and then takes the network away. */
  const goOfflineAfter = async (page: Page, name: keyof World['samples']) => {
    const { body } = parseCertificateFile(world.samples[name].file);
    await choose(page, world.samples[name].file);
    await see(page);
    await seeKept(page, `${body.issuer}/${body.type}`);
    await page.keyboard.press('Escape');
    allowed = /ERR_INTERNET_DISCONNECTED/;
    await goOffline(page);
  };

  before(async function () {
    if (!hasChromium) return this.skip();
    world = await openWorld();
    browser = await launchChromium();
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
    const { complaints, close } = open;
    open = undefined;
    await close();
    expect(complaints.filter((text) => allowed?.test(text) !== true)).to.deep.equal([]);
  });

  it('says of another city’s certificate that it is genuine, and which rule is missing here', async () => {
    const { page } = await go();
    expect(await textOf(page.locator('.asking'))).to.equal('在 深圳市 查验');
    await choose(page, world.samples.neighbour.file);
    const seen = await see(page);
    expect(seen).to.include({ tone: 'caution', word: '真实 · 本地不予互认' });
    expect(seen.text).to.contain('成都市与深圳市之间没有包括营业执照的互认协议').and.contain('主管部门');
  });

  it('asks for the matter where an agreement covers some only, and names it, the rule and whom to ask', async () => {
    const { page, requests } = await go();
    await ask(page, { place: chongqing });
    await choose(page, world.samples.neighbour.file);
    const asked = await see(page);
    expect(asked).to.include({ tone: 'unsure', word: '无法确认' });
    expect(asked.text).to.contain('成渝德眉资电子证照互认协议');
    await page.click('.choice:has-text("企业开办")');
    await page.locator('.verdict[data-tone=good]').waitFor();
    expect((await see(page)).text)
      .to.contain('依据《成渝德眉资电子证照互认协议》互认')
      .and.contain('成都市政务服务互认专窗（示范） 000-0000 5101');
    expect(await textOf(page.locator('.asking'))).to.equal('在 重庆市 查验 · 办理 企业开办');
    const told = requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => Object.keys(JSON.parse(body ?? '{}')));
    expect(new Set(told.flat())).to.deep.equal(new Set(['identifier', 'leaf']));
  });

  it('keeps place and matter for the session, and asks the server by number with them', async () => {
    const { page } = await go();
    await ask(page, { place: chongqing, matter: 'company-setup' });
    await page.reload();
    await page.locator('.asking').waitFor();
    await type(page, world.samples.neighbour.identifier);
    expect((await see(page)).text).to.contain('依据《成渝德眉资电子证照互认协议》互认');
    await ask(page, { matter: 'cross-border-clearance' });
    await page.locator('.verdict[data-tone=caution]').waitFor();
    const refused = await see(page);
    expect(refused.text).to.contain('不包括这个事项').and.contain('企业开办').and.contain('5101');
  });

  it('can be told place and matter without a mouse', async () => {
    const { page } = await go();
    await choose(page, world.samples.neighbour.file);
    await see(page);
    await page.focus('.choose');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.panel[open]').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('.panel[open]').count()).to.equal(0);
    expect((await see(page)).word).to.contain('不予互认');
    await page.keyboard.press('Enter');
    await pick(page, chongqing);
    await page.keyboard.press('Tab');
    await pick(page, 'company-setup');
    const isAtEnd = () => page.evaluate<boolean>("document.activeElement.matches('.panel .submit')");
    for (let press = 0; press < 12 && !(await isAtEnd()); press += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.verdict[data-tone=good]').waitFor();
  });

  it('answers about a day in the past for one certificate, unmistakably, and the next about today', async () => {
    const { page } = await go();
    const day = new Date(Date.now() - 20 * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);
    const [year, month, date] = day.split('-').map(Number);
    await choose(page, world.samples.stock.file);
    const today = await see(page);
    expect(today.word).to.equal('无效 · 已撤销');
    expect(today.text).to.contain('行政许可法第六十九条').and.contain('示范〔2026〕12号');
    await ask(page, { day });
    await page.locator('.verdict[data-tone=good]').waitFor();
    const then = await see(page);
    expect(then.text).to.contain(`按 ${year}年${month}月${date}日 的情况`).and.contain('不代表今天');
    expect(await page.title()).to.contain('的情况');
    const wash = () => page.evaluate<string>("getComputedStyle(document.querySelector('.verdict')).backgroundColor");
    const past = await wash();
    await choose(page, world.samples.stock.file);
    expect((await see(page)).word).to.equal('无效 · 已撤销');
    await choose(page, world.samples.valid.file);
    await page.locator('.verdict[data-tone=good]').waitFor();
    expect(await wash()).to.not.equal(past);
    await ask(page, { day });
    await page.locator('.verdict[data-tone=caution]').waitFor();
    expect((await see(page)).word).to.equal('当时尚未颁发');
    await page.click('text=改按今天');
    await page.locator('.verdict[data-tone=good]').waitFor();
  });

  it('answers by what the ledger held at a height, and says when it has not come so far', async () => {
    const { page, requests } = await go();
    await choose(page, world.samples.revoked.file);
    expect((await see(page)).word).to.equal('无效 · 已撤销');
    await ask(page, { height: world.heightBeforeRevocation });
    await page.locator('.verdict[data-tone=good]').waitFor();
    expect((await see(page)).text).to.contain(`按账本高度 ${world.heightBeforeRevocation} 的记载`);
    expect((await partTexts(page))[1])
      .to.contain('该机关有权颁发')
      .and.contain('账本上有这份证照的存证');
    allowed = /404/;
    await ask(page, { height: 1_000_000 });
    await page.locator('.verdict[data-tone=unsure]').waitFor();
    const seen = await see(page);
    expect(seen.text).to.contain('按账本高度 1000000 的记载').and.contain('还没有到这个高度');
    const last = JSON.parse(requests.filter(({ method }) => method === 'POST').pop()?.body ?? '{}') as object;
    expect(last).to.include({ height: 1_000_000, domain: '440300' });
  });

  it('shows what each check rests on, in the words of the service', async () => {
    const { page } = await go();
    await choose(page, world.samples.revoked.file);
    await see(page);
    await page.click('.parts summary:has-text("撤销")');
    const evidence = await textOf(page.locator('.parts details[open] .evidence'));
    expect(evidence)
      .to.match(/文号\s+示范〔2026〕12号/)
      .and.match(/交易\s+[0-9a-f]{64}/)
      .and.contain('REVOKED');
  });

  it('knows without the network what the list at hand says, and how old it is', async () => {
    const { page } = await go();
    await goOfflineAfter(page, 'valid');
    await page.clock.setFixedTime(Date.now() + 5 * 3_600_000 + 60_000);
    await choose(page, world.samples.valid.file);
    const valid = await see(page);
    expect(valid).to.include({ tone: 'good', word: '有效' });
    expect(valid.text).to.match(/离线查验：状态截至 .*，距今 5 小时/);
    const [here, server] = await partTexts(page);
    expect(here)
      .to.match(/清单截至 .*，距今 5 小时/)
      .and.contain('没有撤销');
    expect(server).to.contain('服务器没有回答');
    const words: string[] = [];
    for (const name of ['revoked', 'suspended', 'superseded'] as const) {
      await choose(page, world.samples[name].file);
      await page.locator('.verdict[data-tone]').waitFor();
      words.push((await see(page)).word);
      if (name === 'revoked') expect((await see(page)).text).to.contain('分不出是哪一种');
      if (name === 'superseded') {
        const shown = (await textOf(page.locator('.verdict .number'))).replace(/\s/g, '');
        expect(shown).to.equal(world.samples.successor.identifier);
      }
      await page.keyboard.press('Escape');
    }
    expect(words).to.deep.equal(['无效 · 已终止', '已暂停', '已换发']);
  });

  it('judges no certificate that is newer than the list', async () => {
    const { page } = await go();
    await goOfflineAfter(page, 'valid');
    await choose(page, (await world.issueOne()).file);
    const beyond = await see(page);
    expect(beyond).to.include({ tone: 'unsure', word: '无法确认' });
    expect(beyond.text).to.contain('名单里还没有它').and.contain('状态信息截至');
  });

  it('says that a list tells nothing about the past', async () => {
    const { page } = await go();
    await goOfflineAfter(page, 'stock');
    await ask(page, { day: '2026-01-02' });
    await choose(page, world.samples.stock.file);
    const seen = await see(page);
    expect(seen.tone).to.equal('unsure');
    expect(seen.text).to.contain('按 2026年1月2日 的情况').and.contain('只说现在的状态');
  });

  it('says since when it cannot tell, once the list is past its end', async () => {
    const { page } = await go();
    await goOfflineAfter(page, 'doomed');
    await choose(page, world.samples.doomed.file);
    expect((await see(page)).tone).to.equal('good');
    await page.keyboard.press('Escape');
    await page.clock.setFixedTime(Date.now() + 2 * 3_600_000);
    await choose(page, world.samples.doomed.file);
    const stale = await see(page);
    expect(stale).to.include({ tone: 'unsure', word: '无法确认' });
    expect(stale.text)
      .to.contain('太旧')
      .and.match(/名单只用到/)
      .and.contain('证照本身真实');
  });

  it('refuses a list that is not signed as it should be, keeps the one before, and says so', async () => {
    const { page } = await go();
    const { body } = parseCertificateFile(world.samples.valid.file);
    await choose(page, world.samples.valid.file);
    await see(page);
    await seeKept(page, `${body.issuer}/${body.type}`);
    const kept = () => page.evaluate<string>(`localStorage.getItem('yinxin.list.${body.issuer}/${body.type}')`);
    const before = await kept();
    await page.route('**/v1/status-lists/**', (route) =>
      route.fulfill({ contentType: 'application/statuslist+jwt', body: `${before.slice(0, -2)}AA` }),
    );
    await page.clock.setFixedTime(Date.now() + 3_600_000);
    const again = page.waitForResponse('**/v1/status-lists/**');
    await choose(page, world.samples.valid.file);
    await again;
    await page.waitForTimeout(50);
    expect(await kept()).to.equal(before);
    allowed = /ERR_INTERNET_DISCONNECTED/;
    await goOffline(page);
    await choose(page, world.samples.valid.file);
    await page.locator('.noted').waitFor();
    expect((await see(page)).tone).to.equal('good');
    expect((await partTexts(page))[2]).to.contain('状态名单：');
  });

  it('refuses a trust list that its pin does not vouch for, goes on with the one it has, and says so', async () => {
    const { page } = await go();
    await choose(page, world.samples.valid.file);
    await see(page);
    await page.route('**/v1/trust-list', (route) =>
      route.fulfill({ contentType: 'application/jwt', body: 'e30.e30.e30' }),
    );
    await page.reload();
    await choose(page, world.samples.valid.file);
    expect((await see(page)).tone).to.equal('good');
    expect((await partTexts(page))[2]).to.contain('信任清单');
    await page.evaluate('localStorage.clear()');
    await page.reload();
    await choose(page, world.samples.valid.file);
    const { tone, text } = await see(page);
    expect(tone).to.equal('unsure');
    expect(text).to.contain('信任清单');
  });

  it('keeps names of registers and public lists, and nothing of a certificate', async () => {
    const { page } = await go();
    await goOfflineAfter(page, 'valid');
    await choose(page, world.samples.stock.file);
    await see(page);
    const stored = await page.evaluate<{ readonly [name: string]: string }>('({ ...localStorage, ...sessionStorage })');
    const { body, fields } = parseCertificateFile(world.samples.valid.file);
    expect(Object.keys(stored).sort()).to.deep.equal([
      `yinxin.list.${body.issuer}/${body.type}`,
      'yinxin.lists',
      'yinxin.trust',
    ]);
    const own = [stored['yinxin.lists'], stored[`yinxin.list.${body.issuer}/${body.type}`]].join();
    for (const value of [...Object.values(fields), body.id, body.fields]) expect(own).to.not.contain(String(value));
  });

  it('recognises nothing under an agreement that a party has suspended', async () => {
    await world.suspendAgreement();
    const { page } = await go();
    await ask(page, { place: chongqing, matter: 'company-setup' });
    await hand(page, 'paste', world.samples.neighbour.digits);
    const seen = await see(page);
    expect(seen).to.include({ tone: 'caution', word: '真实 · 本地不予互认' });
    expect(seen.text).to.contain('暂停执行').and.contain('5101');
  });
});
