/** What a person does at the page, and what they see of it. */
import type { Page } from 'playwright-core';
import { textOf } from './chromium.ts';

/** Chooses a file. */
export const choose = (page: Page, bytes: Uint8Array, name = 'certificate.yinxin.json') =>
  page.setInputFiles('input[type=file]', { name, mimeType: 'application/json', buffer: Buffer.from(bytes) });

/** Types into the field, and Enter. */
export async function type(page: Page, text: string): Promise<void> {
  await page.fill('#entry', text);
  await page.press('#entry', 'Enter');
}

/** Hands bytes to the page as a drop or a paste would. */
export const hand = (page: Page, event: 'drop' | 'paste', bytes: Uint8Array | string) =>
  page.evaluate(
    `(([event, text, isFile]) => {
      const data = new DataTransfer();
      if (isFile) data.items.add(new File([text], 'a.yinxin.json'));
      else data.setData('text/plain', text);
      const options = { bubbles: true, cancelable: true };
      document.body.dispatchEvent(event === 'drop' ? new DragEvent('drop', { ...options, dataTransfer: data }) : new ClipboardEvent('paste', { ...options, clipboardData: data }));
    })(${JSON.stringify([event, typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'), typeof bytes !== 'string'])})`,
  );

/** What a clerk sees of a verdict. */
export interface Seen {
  readonly tone: string | null;
  readonly word: string;
  readonly text: string;
}

/** The verdict, once there is one. */
export async function see(page: Page): Promise<Seen> {
  const verdict = page.locator('.verdict[data-tone]');
  await verdict.waitFor({ timeout: 10_000 });
  return {
    tone: await verdict.getAttribute('data-tone'),
    word: await textOf(verdict.locator('h2')),
    text: await textOf(verdict),
  };
}

/** What the page says of the certificate. */
export const certificateText = (page: Page) => textOf(page.locator('.certificate'));
/** What was checked here, by the server, and not. */
export const partTexts = (page: Page) => page.locator('.part').allInnerTexts();

/** The panel: where, for what, about which day, at which height; each left as it is unless named. */
export async function ask(
  page: Page,
  wanted: { readonly place?: string; readonly matter?: string; readonly day?: string; readonly height?: number },
): Promise<void> {
  await page.click('.asking');
  if (wanted.place !== undefined) await page.selectOption('.panel select >> nth=0', wanted.place);
  if (wanted.matter !== undefined) await page.selectOption('.panel select >> nth=1', wanted.matter);
  if (wanted.day !== undefined) await page.fill('.panel input[type=date]', wanted.day);
  if (wanted.height !== undefined) {
    if (!(await page.isVisible('.panel input[type=number]'))) await page.click('.panel summary');
    await page.fill('.panel input[type=number]', String(wanted.height));
  }
  await page.click('.panel .submit');
}

/** Waits until the list of this register is kept. Asked from here: the page's policy lets nobody evaluate anything in it. */
export async function seeKept(page: Page, register: string): Promise<void> {
  for (let look = 0; look < 100; look += 1) {
    if (await page.evaluate<boolean>(`localStorage.getItem('yinxin.list.${register}') !== null`)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`no list of ${register} is kept`);
}

/** From here on no server answers this page. */
export const goOffline = (page: Page) => page.route('**/v1/**', (route) => route.abort('internetdisconnected'));
