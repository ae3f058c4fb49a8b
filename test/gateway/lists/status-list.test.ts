/** What a gateway puts into a status list: the statuses of now, and no more time than they last. */
import { type Instant, openStatuses, parseInstant, readStatus, type StatusListClaims, toTrust } from '@yinxin/core';
import { expect } from 'chai';
import { buildStatusList } from '../../../gateway/lists/status-list.ts';
import { channel, issuer, now } from '../../fixtures/certificates.ts';
import {
  claims,
  makeRegister,
  publicType,
  resumed,
  revoked,
  suspended,
  type TestRegister,
  taintedTrust,
} from './register.ts';

const time = Date.parse(now) / 1000;
const at = (text: string) => parseInstant(`2026-11-20T${text}Z`);

describe('gateway/lists: a status list', () => {
  let register: TestRegister;
  beforeEach(() => {
    register = makeRegister();
  });
  async function build(moment: Instant = now): Promise<StatusListClaims> {
    const claims = await buildStatusList(
      register,
      { issuer, type: publicType.type },
      { domain: '440300', now: moment },
    );
    if (!claims) throw new Error('no register');
    return claims;
  }
  async function statuses(moment?: Instant): Promise<string> {
    const { entries, status_list } = await build(moment);
    const packed = openStatuses(status_list.lst, entries);
    return Array.from({ length: entries }, (_, index) => readStatus(packed, entries, index + 1)).join('');
  }

  it('says whose it is, of when, and lasts thirty days', async () => {
    const { status_list, ...claims } = await build();
    expect(claims).to.deep.equal({
      iss: '440300',
      sub: `urn:yinxin:${channel}:${issuer}:business-licence`,
      height: 10,
      entries: 10,
      iat: time,
      exp: time + 30 * 86_400,
      ttl: 600,
    });
    expect(status_list.bits).to.equal(2);
    expect(await statuses()).to.equal('0000000000');
  });
  it('of a register without entries is a list', async () => {
    register.state.last = 0;
    expect(await statuses()).to.equal('');
  });
  it('holds each status of now', async () => {
    register.state.changes.set(2, [revoked()]);
    register.state.changes.set(3, [suspended()]);
    register.state.changes.set(5, [suspended(), resumed()]);
    register.state.changes.set(10, [
      { ...revoked(), to: 'SUPERSEDED', act: 'supersede', basis: null, document: null, by: 11 },
    ]);
    expect(await statuses()).to.equal('0120000003');
  });
  it('leaves out what takes effect later, and ends when it does', async () => {
    register.state.changes.set(2, [revoked({ effective: at('12:00:00') })]);
    register.state.changes.set(3, [suspended({ effective: at('11:00:00') })]);
    expect(await statuses()).to.equal('0000000000');
    const { exp, ttl } = await build();
    expect([exp, ttl]).to.deep.equal([time + 3_600, 600]);
    expect(await statuses(at('11:00:00'))).to.equal('0020000000');
    expect((await build(at('11:00:00'))).exp).to.equal(time + 7_200);
    expect(await statuses(at('12:00:00'))).to.equal('0120000000');
    expect((await build(at('12:00:00'))).exp).to.equal(time + 30 * 86_400);
  });
  it('asks to be refreshed no later than it ends', async () => {
    register.state.changes.set(2, [revoked({ effective: at('10:00:30') })]);
    const { exp, ttl } = await build();
    expect([exp, ttl]).to.deep.equal([time + 30, 30]);
  });
  it('lets no change stand that raised trust with a key in other hands', async () => {
    register.state.changes.set(2, [suspended(), resumed({ recorded: at('09:45:00') })]);
    register.state.changes.set(3, [revoked({ recorded: at('09:45:00') })]);
    expect(await statuses()).to.equal('0010000000');
    register.state.trust = taintedTrust('2026-11-20T09:40:00Z');
    expect(await statuses()).to.equal('0210000000');
    register.state.trust = taintedTrust('2026-11-20T09:50:00Z');
    expect(await statuses()).to.equal('0010000000');
  });
  it('lets no change stand that raised trust by a key of the body after that was closed', async () => {
    register.state.changes.set(2, [suspended(), resumed({ recorded: at('09:45:00') })]);
    register.state.changes.set(3, [revoked({ recorded: at('09:45:00') })]);
    const close = (time: Instant) =>
      toTrust({ ...claims, issuers: claims.issuers.map((row) => ({ ...row, closed: { at: time, successor: null } })) });
    register.state.trust = close(at('09:50:00'));
    expect(await statuses()).to.equal('0010000000');
    register.state.trust = close(at('09:45:00'));
    expect(await statuses()).to.equal('0210000000');
  });
  it('counts its time from when the ledger was last heard, so that it ages while the ledger is away', async () => {
    register.state.asOf = at('08:00:00');
    const { iat, exp } = await build();
    expect([iat, exp]).to.deep.equal([time - 7_200, time - 7_200 + 30 * 86_400]);
    register.state.changes.set(2, [revoked({ effective: at('09:30:00') })]);
    expect(await statuses()).to.equal('0100000000');
  });
  it('knows nothing of blocks after its height', async () => {
    register.state.changes.set(2, [revoked({ block: 10 })]);
    expect(await statuses()).to.equal('0000000000');
    register.state.height = 11;
    expect(await statuses()).to.equal('0100000000');
  });
});
