/** The first tour: from a roster to a verdict, on one machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasChromium, launchChromium, textOf, visit } from '../browser/chromium.ts';
import { root, type Tour } from './tour.ts';

interface Judged {
  readonly verdict: { readonly verdict: string; readonly reason: string; readonly genuine: string };
}

const parse = (text: string) => JSON.parse(text) as Judged;
const word = ({ verdict }: Judged) => `${verdict.verdict} ${verdict.reason}`;

/** What the REST API says of the same file. */
async function askRest(tour: Tour, file: string): Promise<Judged> {
  const body = JSON.stringify({ file: JSON.parse(readFileSync(file, 'utf8')) });
  const answer = await fetch(`${tour.url}/v1/verifications`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return (await answer.json()) as Judged;
}

/** The words of the page's verdict on the same file; undefined where no Chromium is found. */
async function askPage(tour: Tour, file: string): Promise<string | undefined> {
  if (!hasChromium) return undefined;
  const browser = await launchChromium();
  try {
    const { page } = await visit(browser, tour.url);
    await page.setInputFiles('input[type=file]', file);
    const verdict = page.locator('.verdict[data-tone]');
    await verdict.waitFor({ timeout: 15_000 });
    return await textOf(verdict.locator('h2'));
  } finally {
    await browser.close();
  }
}

async function expectPage(tour: Tour, file: string, words: RegExp): Promise<void> {
  const said = await askPage(tour, file);
  if (said === undefined) tour.note('Chromium was not found; the page is left out');
  else tour.expect(words.test(said), `the page says ${said.replace(/\s+/g, ' ')}`);
}

export async function walk(tour: Tour): Promise<void> {
  tour.tell(
    '启动：账本、网关和查验页面，建立示范网络。',
    'Start: ledger, gateway and page; the demonstration network is founded.',
  );
  await tour.startGateway();
  tour.note(tour.url);

  tour.tell('一份名册变成三份签名并存证的证照。', 'A roster becomes three signed, anchored certificates.');
  const roster = join(root, 'certs', 'samples', 'business-licence.csv');
  const folder = join(tour.folder, 'licences');
  tour.expect(tour.yinxin(['issue', roster, '-o', folder, '--yes']).status === 0, 'issued');
  const [file = '', other = ''] = readdirSync(folder)
    .filter((name) => name.endsWith('.yinxin.json'))
    .sort()
    .map((name) => join(folder, name));

  tour.tell('任何人都能查验：命令、REST 和页面的结论一致。', 'Anyone can verify it: command, REST and page agree.');
  tour.expect(tour.yinxin(['verify', file], 30).status === 0, 'the command says valid (exit code 0)');
  tour.expect(word(await askRest(tour, file)) === 'valid VALID', 'REST says valid');
  await expectPage(tour, file, /^有效$/);

  tour.tell('持证人只出示其中几项，照样可以查验。', 'The holder shows only some fields; it verifies all the same.');
  const part = join(tour.folder, 'part.yinxin.json');
  tour.yinxin(['disclose', file, '--fields', 'holderName,holderUscc', '-o', part]);
  tour.expect(tour.yinxin(['verify', part]).status === 0, 'valid');

  tour.tell('声明上的签名，只用 OpenSSL 也能验证。', 'OpenSSL alone verifies the signature on the statement.');
  const evidence = join(tour.folder, 'evidence');
  tour.yinxin(['show', file, '--openssl', evidence], 6);
  verifyByOpenssl(tour, evidence);

  tour.tell('撤销：从此刻起处处都说“已撤销”。', 'Revocation: from now on everyone says so.');
  const legal = ['--basis', 'licence-law-69', '--document', '示范〔2026〕1号', '--yes'];
  tour.expect(tour.yinxin(['revoke', file, ...legal]).status === 0, 'revoked');
  const judged = tour.yinxin(['verify', file, '--json'], 3);
  tour.expect(
    judged.status === 1 && word(parse(judged.stdout)) === 'invalid REVOKED',
    'the command says invalid, REVOKED (exit code 1)',
  );
  tour.expect(word(await askRest(tour, file)) === 'invalid REVOKED', 'REST says invalid, REVOKED');
  await expectPage(tour, file, /已撤销/);

  tour.tell('历史：谁、何时、做了什么、依据什么。', 'History: who did what, when, on which legal basis.');
  const history = tour.yinxin(['history', file]);
  tour.expect(history.stdout.includes('示范〔2026〕1号'), 'the document number stands in it');

  tour.tell(
    '保存信任清单，然后断网：仍能证明真实和存证，状态则说“无法确认”。',
    'Save the trust list, then no network: still proven authentic and anchored; status could not be checked.',
  );
  const trust = join(tour.folder, 'trust.jwt');
  tour.expect(tour.yinxin(['trust', '-o', trust]).status === 0, 'trust list saved');
  await tour.stopGateway();
  const offline = tour.yinxin(['verify', other, '--trust', trust, '--json'], 3);
  const { verdict } = parse(offline.stdout);
  tour.expect(
    offline.status === 3 && verdict.reason === 'STATUS_UNKNOWN' && verdict.genuine === 'yes',
    'indeterminate (exit code 3), genuine: yes',
  );
}

function verifyByOpenssl(tour: Tour, evidence: string): void {
  const command =
    'pkeyutl -verify -pubin -inkey key.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678 -in statement.txt -sigfile signature.der';
  const args = command
    .split(' ')
    .map((argument) => (/\.(pem|txt|der)$/.test(argument) ? join(evidence, argument) : argument));
  const { status, stdout, stderr } = tour.run('openssl', args, 2);
  if (status === -1) tour.note('OpenSSL was not found; this step is left out');
  else tour.expect(status === 0 && /Verified Successfully/.test(stdout + stderr), 'OpenSSL: signature verified');
}
