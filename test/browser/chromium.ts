/** The one place that drives a browser: Debian's Chromium or the one named by CHROMIUM, with an empty profile, and ears for every complaint. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const hasChromium = existsSync(executablePath);

/** `hosts` are names that lead to this machine: a page opened by one of them is not in a secure context. */
export function launchChromium(hosts: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=${hosts.map((host) => `MAP ${host} 127.0.0.1`).join(', ')}`,
    ],
  });
}

/** What a visit heard and sent. */
export interface Heard {
  /** Errors of the page and violations of its policy. */
  readonly complaints: string[];
  readonly requests: { readonly url: string; readonly method: string; readonly body: string | null }[];
}

export interface Visit extends Heard {
  readonly page: Page;
  close(): Promise<void>;
}

const desk = { width: 1366, height: 768 };

/** A page of its own, in a profile of its own. Complaints about servers that were stopped on purpose are the test's to judge. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: desk, locale: 'zh-CN', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: { url: string; method: string; body: string | null }[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) =>
    requests.push({ url: request.url(), method: request.method(), body: request.postData() }),
  );
  await page.addInitScript(
    "document.addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective))",
  );
  await page.goto(url);
  return { page, complaints, requests, close: () => context.close() };
}

/** What a person can read there. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join('\n');
}
