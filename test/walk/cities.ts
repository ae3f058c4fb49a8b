/** The second tour: a network of cities. Recognition by agreement, an answer for an earlier day, a key in other hands, a body that merges. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { genuineWords, type Words } from '@yinxin/core';
import { type Ran, root, type Tour } from './tour.ts';

const chongqing = '500000';
const market = '重庆市市场监督管理局';
const fund = '重庆市住房公积金管理中心';
const insurance = '重庆市社会保险局';
const agreement = 'chengyu-demeizi';
const chengdu = ['--domain', '成都市', '--matter', '企业开办'];

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The second that has begun, and so many later. Times on the ledger are whole seconds. */
function secondsFromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Until the clock has left the second in which something was done. */
const nextSecond = () => pause(1_050 - (Date.now() % 1_000));

const isValid = ({ status, stdout }: Ran) => status === 0 && stdout.startsWith('✓ ');
/** In either language. */
const says = ({ stdout }: Ran, words: Words) => stdout.includes(words.zh) || stdout.includes(words.en);
/** A no for this reason, of a certificate that is genuine, or not. */
const isRefused = (ran: Ran, reason: string, genuine: 'yes' | 'no') =>
  ran.status === 1 && ran.stdout.includes(`[${reason}]`) && says(ran, genuineWords[genuine]);

function issue(tour: Tour, type: string, body: string, name: string): readonly [first: string, second: string] {
  const roster = join(root, 'certs', 'samples', `${type}.csv`);
  const folder = join(tour.folder, name);
  tour.expect(tour.yinxin(['issue', roster, '--as', body, '-o', folder, '--yes'], 2).status === 0, 'issued');
  const [first = '', second = ''] = readdirSync(folder)
    .filter((file) => file.endsWith('.yinxin.json'))
    .sort()
    .map((file) => join(folder, file));
  return [first, second];
}

function findKey(tour: Tour, body: string, use: string): string {
  const keys = JSON.parse(tour.quietly(['key', 'list', body, '--json']).stdout) as readonly {
    readonly key: string;
    readonly use: string;
  }[];
  return keys.find((key) => key.use === use)?.key ?? '';
}

export async function walkCities(tour: Tour): Promise<void> {
  tour.tell(
    '启动示范网络：八个城市各管各的机关；成都、重庆等五市订有互认协议。',
    'Start: eight cities, each governing its own bodies; Chengdu, Chongqing and three more have an agreement.',
  );
  await tour.startGateway();
  tour.yinxin(['agreement', 'list']);

  const [licence, other] = await recognise(tour);
  await endAgreement(tour, licence);
  await loseKey(tour, licence, other);
  await merge(tour);
}

async function recognise(tour: Tour): Promise<readonly [string, string]> {
  tour.tell('重庆颁发三份营业执照。', 'Chongqing issues three business licences.');
  const files = issue(tour, 'business-licence', market, 'licences');

  tour.tell(
    '在成都开办企业时出示：有效，依据是写明的互认协议。',
    'Presented in Chengdu to set up a company: valid, by an agreement that is named.',
  );
  const here = tour.yinxin(['verify', files[0], ...chengdu], 8);
  tour.expect(isValid(here) && here.stdout.includes(agreement), `valid (exit code 0), by ${agreement}`);

  tour.tell(
    '同一份在深圳出示：真实，但没有互认协议；写明缺什么、问谁。',
    'The same in Shenzhen: genuine, but not recognised; it says which rule is missing and whom to ask.',
  );
  const there = tour.yinxin(['verify', files[0], '--domain', '深圳市'], 5);
  tour.expect(isRefused(there, 'NOT_RECOGNISED', 'yes'), 'not recognised here (exit code 1), and genuine');

  tour.tell('每一项检查、依据和一句话的说明。', 'Every check with its evidence and a sentence.');
  tour.yinxin(['verify', files[0], ...chengdu, '--explain'], 80);
  return files;
}

async function endAgreement(tour: Tour, licence: string): Promise<void> {
  await nextSecond();
  const before = secondsFromNow(0);
  const { height } = JSON.parse(tour.quietly(['verify', licence, ...chengdu, '--json']).stdout) as { height: number };
  tour.tell('重庆终止互认协议。', 'Chongqing ends the agreement.');
  const until = secondsFromNow(3);
  const ended: Ran = tour.yinxin(['agreement', 'end', agreement, '--as', '重庆市', '--until', until, '--yes']);
  tour.expect(ended.status === 0, 'ended');
  await pause(Math.max(0, Date.parse(until) - Date.now()) + 100);

  tour.tell(
    '今天问成都：不再互认；问终止以前那一天：仍然互认；按账本当时所知：也互认。',
    'Chengdu asked today: not recognised any more. Asked about a day before its end, or as the ledger stood then: recognised.',
  );
  const today = tour.yinxin(['verify', licence, ...chengdu], 9);
  tour.expect(isRefused(today, 'AGREEMENT_NOT_IN_FORCE', 'yes'), 'today: not recognised any more, and genuine');
  const then = tour.yinxin(['verify', licence, ...chengdu, '--at', before], 6);
  tour.expect(isValid(then) && then.stdout.includes(agreement), `at ${before}: valid, by ${agreement}`);
  const known = tour.yinxin(['verify', licence, ...chengdu, '--height', String(height)], 1);
  tour.expect(
    isValid(known) && known.stdout.includes(String(height)),
    `as the ledger stood at height ${height}: valid`,
  );
}

async function loseKey(tour: Tour, licence: string, other: string): Promise<void> {
  await nextSecond();
  const stolen = secondsFromNow(0);
  const key = findKey(tour, market, 'anchor');
  tour.tell('签发密钥被盗；此后又用它签发了几份。', 'The signing key is stolen, and more is issued by it afterwards.');
  const [newer] = issue(tour, 'food-business-licence', market, 'newer');
  const home = ['--domain', '重庆市'];
  tour.expect(isValid(tour.yinxin(['verify', newer, ...home], 1)), 'nobody knows yet: valid');

  tour.tell('重庆登记密钥自那一刻起泄露。', 'Chongqing puts on record that it was in other hands from that moment.');
  const args = ['key', 'compromise', key, '--from', stolen, '--as', chongqing, '--yes'];
  tour.expect(tour.yinxin(args).status === 0, 'on record');
  const old = tour.yinxin(['verify', licence, ...home], 2);
  tour.expect(isValid(old), 'the old one stands');
  const fallen = tour.yinxin(['verify', newer, ...home], 4);
  tour.expect(isRefused(fallen, 'KEY_COMPROMISED', 'no'), 'the newer one falls: not proven to be what the body issued');

  tour.tell('换新密钥，继续签发。', 'A new key, and issuing goes on.');
  const rotated = tour.yinxin(['key', 'rotate', market, '--use', 'anchor', '--as', chongqing]);
  tour.expect(rotated.status === 0, 'a new key is registered');
  const [next] = issue(tour, 'food-business-licence', market, 'next');
  tour.expect(isValid(tour.yinxin(['verify', next, ...home], 1)), 'what it signs is valid');
  tour.expect(isValid(tour.yinxin(['verify', other, ...home], 1)), 'and the old ones stand');
}

async function merge(tour: Tour): Promise<void> {
  tour.tell(
    `${fund}颁发证明，随后并入${insurance}。`,
    'The housing fund centre issues proofs, then merges into the insurance bureau.',
  );
  const [proof, second] = issue(tour, 'provident-fund-proof', fund, 'proofs');
  const at = secondsFromNow(3);
  const args = ['issuer', 'close', fund, '--successor', insurance, '--at', at, '--as', chongqing, '--yes'];
  tour.expect(tour.yinxin(args).status === 0, 'closed, with its successor');
  await pause(Math.max(0, Date.parse(at) - Date.now()) + 100);
  tour.expect(
    tour.yinxin(
      [
        'issue',
        join(root, 'certs', 'samples', 'provident-fund-proof.csv'),
        '--as',
        fund,
        '-o',
        join(tour.folder, 'late'),
      ],
      3,
    ).status === 1,
    'it issues nothing more',
  );

  tour.tell('承接机构撤销其中一份；另一份照样有效。', 'The successor revokes one; the other stands.');
  const decision = ['--basis', 'licence-law-69', '--document', '示范〔2026〕7号', '--yes'];
  tour.expect(tour.yinxin(['revoke', proof, ...decision]).status === 0, 'revoked by the successor’s client and key');
  const home = ['--domain', '重庆市'];
  const revoked = tour.yinxin(['verify', proof, ...home], 12);
  tour.expect(isRefused(revoked, 'REVOKED', 'yes'), 'revoked (exit code 1), and genuine');
  const standing = tour.yinxin(['verify', second, ...home], 8);
  tour.expect(
    isValid(standing) && says(standing, { zh: '现由', en: 'Now with' }),
    'valid, and it says who manages it now',
  );
}
