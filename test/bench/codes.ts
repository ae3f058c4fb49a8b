/** Codes, each freshly signed, judged with a warm trust list and their leaf from the ledger, from digits to verdict on one core; against OpenSSL's SM2 verification. */
import { spawnSync } from 'node:child_process';
import { choosePolicy, conclude, presentCode, toTrust, verify } from '@yinxin/core';
import { exampleValues, issueBatch, loadType, makeCode, makeTrustClaims, now } from '../fixtures/certificates.ts';
import { type Figure, race, toFigure } from './figure.ts';

const codes = 500;
const goal = 'at least 2,000 a second; peer: OpenSSL verifying alone';

/** Verifications a second by `openssl speed`, of the last line `+F7:<n>:<bits>:<curve>:<sign/s>:<verify/s>`; undefined where it has no SM2. */
function openSslRate(): number | undefined {
  const { stdout } = spawnSync('openssl', ['speed', '-mr', '-seconds', '1', 'sm2'], { encoding: 'utf8' });
  const rate = /^\+F7:\d+:\d+:CurveSM2:[\d.]+:([\d.]+)$/m.exec(stdout ?? '')?.[1];
  return rate === undefined ? undefined : Number(rate);
}

const median = (rates: readonly number[]) => [...rates].sort((a, b) => a - b)[Math.floor(rates.length / 2)];

export async function measure(): Promise<readonly Figure[]> {
  const type = loadType('business-licence');
  const values = exampleValues(type);
  const trust = toTrust(makeTrustClaims([type]));
  const issued = issueBatch(Array.from({ length: codes }, (_, at) => ({ type, values, entry: at + 1 })));
  const policy = choosePolicy({ kind: 'code' });
  const presented = (kind: 'open' | 'closed') =>
    issued.map(({ file, knowledge }) => ({ digits: makeCode(file, type, kind).digits, knowledge }));
  const judge = (list: ReturnType<typeof presented>) => () => {
    for (const { digits, knowledge } of list) {
      const { verdict } = conclude(verify(presentCode(digits), trust, now, { ledger: knowledge }), policy);
      if (verdict !== 'valid') throw new Error(`bench: ${verdict}`);
    }
  };
  const peer: number[] = [];
  const takePeer = () => {
    const rate = openSslRate();
    if (rate !== undefined) peer.push(rate);
  };
  const [open = 0, closed = 0] = await race(3, codes, [judge(presented('open')), judge(presented('closed')), takePeer]);
  const openSsl = median(peer) ?? null;
  return [
    toFigure('open codes, digits to verdict', open, 'codes/s', goal, openSsl),
    toFigure('closed codes, digits to verdict', closed, 'codes/s', goal, openSsl),
  ];
}
