import {
  anchor,
  type ErrorCode,
  type Instant,
  type KeyRow,
  parseInstant,
  type RegisterKeyInput,
  registerKey,
  retireKey,
  rowKeys,
} from '@yinxin/core';
import { expect } from 'chai';
import { makeKey } from '../../fixtures/certificates.ts';
import {
  adminOf,
  chengdu,
  clientOf,
  makeAnchorInput,
  makeKeyInput,
  shenzhen,
  unknownKey,
  vouch,
} from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const july = parseInstant('2026-07-01T00:00:00Z');
const tomorrow = parseInstant('2026-06-02T00:00:00Z');

function setting() {
  const world = World.founded();
  const [issuer, other] = world.network.issuers;
  const fresh = makeKey(issuer.issuer, 'anchor', 'fresh', { from: now });
  const register = (input: RegisterKeyInput, caller = adminOf(shenzhen)) => world.run(registerKey, input, caller, now);
  return { world, issuer, other, fresh, register };
}

describe('registering a key', () => {
  it('takes one that a current key of the body vouches for, at once', () => {
    const { issuer, fresh, register, world } = setting();
    register(vouch(makeKeyInput(fresh), issuer.statusKey));
    expect(world.get(rowKeys.key(fresh.row.key))).to.deep.equal({
      ...fresh.row,
      vouchedBy: issuer.statusKey.row.key,
      registered: now,
    });
  });

  it('lets a vouched key begin up to ten minutes ago, not earlier', () => {
    const at = (from: string) => {
      const { issuer, fresh, register } = setting();
      return register(vouch(makeKeyInput(fresh, { from: parseInstant(from) }), issuer.anchorKey));
    };
    expect(at('2026-05-31T23:50:00Z')).to.have.length(1);
    expectRefusal(() => at('2026-05-31T23:49:59Z'), 'INPUT_INVALID', {
      member: 'from',
      earliest: '2026-05-31T23:50:00Z',
    });
  });

  it('lets a first key begin after a day, and marks it', () => {
    const { fresh, register } = setting();
    expectRefusal(() => register(makeKeyInput(fresh)), 'INPUT_INVALID', { member: 'from', earliest: tomorrow });
    const [row] = register(makeKeyInput(fresh, { from: tomorrow }));
    expect(row).to.include({ kind: 'key', vouchedBy: 'first', from: tomorrow, registered: now });
  });

  it('is for administrators of the body’s domain', () => {
    const { issuer, fresh, register } = setting();
    const input = vouch(makeKeyInput(fresh), issuer.anchorKey);
    expectRefusal(() => register(input, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register(input, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
  });

  it('refuses a key that is registered', () => {
    const { issuer, register } = setting();
    const input = vouch(makeKeyInput(issuer.codeKey, { from: now }), issuer.anchorKey);
    expectRefusal(() => register(input), 'ALREADY_EXISTS', { kind: 'key' });
  });

  it('refuses a key that another body uses, though it may sign for both', () => {
    const { world, issuer, other, register } = setting();
    const taken = { ...other.anchorKey, row: { ...other.anchorKey.row, issuer: issuer.issuer } };
    const input = vouch(makeKeyInput(taken, { from: now }, { time: now }), issuer.anchorKey);
    expectRefusal(() => register(input), 'ALREADY_EXISTS', { kind: 'key' });
    expect(world.get(rowKeys.key(taken.row.key))?.issuer).to.equal(other.issuer);
  });

  it('refuses a key for another use than the one it is registered for', () => {
    const { issuer, register } = setting();
    const input = makeKeyInput(issuer.codeKey, { from: now }, { use: 'status', time: now });
    expectRefusal(() => register(vouch(input, issuer.anchorKey)), 'ALREADY_EXISTS', { kind: 'key' });
  });

  it('refuses a possession statement that was signed for another body or use', () => {
    const { issuer, other, fresh, register } = setting();
    const input = makeKeyInput(fresh);
    for (const [from, to] of [
      ['use anchor', 'use status'],
      [`issuer ${issuer.issuer}`, `issuer ${other.issuer}`],
    ] as const) {
      const possession = input.possession.replace(from, to);
      const caller = to.startsWith('issuer') ? adminOf(chengdu) : adminOf(shenzhen);
      const voucher = to.startsWith('issuer') ? other.anchorKey : issuer.anchorKey;
      expectRefusal(() => register(vouch({ ...input, possession }, voucher), caller), 'SIGNATURE_INVALID');
    }
  });

  it('refuses a statement of another channel, or of an unknown body', () => {
    const { issuer, fresh, register } = setting();
    const of = (possession: object) => () => register(vouch(makeKeyInput(fresh, {}, possession), issuer.anchorKey));
    expectRefusal(of({ channel: 'other' }), 'CHANNEL_MISMATCH');
    expectRefusal(of({ issuer: '11990300DEMA99999X' }), 'ISSUER_UNKNOWN');
  });

  it('refuses a public key off the curve', () => {
    const { issuer, fresh, register } = setting();
    const publicKey = Buffer.alloc(65, 4).toString('base64');
    expectRefusal(() => register(vouch(makeKeyInput(fresh, {}, { publicKey }), issuer.anchorKey)), 'MALFORMED_KEY');
  });

  it('refuses a possession statement that the key itself did not sign', () => {
    const { issuer, fresh, register } = setting();
    const wrong = makeKeyInput(fresh);
    const { signature } = makeKeyInput(issuer.anchorKey);
    expectRefusal(() => register({ ...vouch(wrong, issuer.anchorKey), signature }), 'SIGNATURE_INVALID');
    expectRefusal(() => register({ ...vouch(wrong, issuer.anchorKey), signature: 'AAAA' }), 'MALFORMED_SIGNATURE');
  });

  const vouchers: readonly [why: string, code: ErrorCode, make: (s: ReturnType<typeof setting>) => RegisterKeyInput][] =
    [
      ['a key of another body', 'KEY_WRONG_USE', (s) => vouch(makeKeyInput(s.fresh), s.other.anchorKey)],
      [
        'an unknown key',
        'KEY_UNKNOWN',
        (s) => ({ ...makeKeyInput(s.fresh), vouchedBy: { key: unknownKey, signature: '' } }),
      ],
      ['a retired key', 'KEY_NOT_IN_WINDOW', (s) => vouchAs(s, { until: now })],
      ['a key not yet in force', 'KEY_NOT_IN_WINDOW', (s) => vouchAs(s, { from: tomorrow })],
      ['a compromised key', 'KEY_COMPROMISED', (s) => vouchAs(s, { compromisedFrom: now })],
      [
        'a compromised key under an earlier timestamp',
        'KEY_COMPROMISED',
        (s) => vouchAs(s, { compromisedFrom: tomorrow }),
      ],
    ];
  function vouchAs({ world, issuer, fresh }: ReturnType<typeof setting>, changes: Partial<KeyRow>): RegisterKeyInput {
    world.put({ ...issuer.anchorKey.row, ...changes });
    return vouch(makeKeyInput(fresh), issuer.anchorKey);
  }
  for (const [why, code, make] of vouchers) {
    it(`does not let ${why} vouch`, () => {
      const context = setting();
      expectRefusal(() => context.register(make(context)), code);
    });
  }

  it('refuses a voucher’s signature over something else', () => {
    const { issuer, fresh, register } = setting();
    const other = vouch(makeKeyInput(makeKey(issuer.issuer, 'anchor', 'another')), issuer.anchorKey);
    const input = { ...makeKeyInput(fresh), vouchedBy: other.vouchedBy };
    expectRefusal(() => register(input), 'SIGNATURE_INVALID');
  });

  it('refuses a possession statement of another time, vouched for or not', () => {
    const { issuer, fresh, register } = setting();
    for (const time of ['2026-05-31T23:49:59Z', '2026-06-01T00:10:01Z'].map(parseInstant)) {
      const old = makeKeyInput(fresh, { from: tomorrow }, { time });
      for (const input of [old, vouch(old, issuer.anchorKey)])
        expectRefusal(() => register(input), 'STATEMENT_TIME', { transaction: now });
    }
  });

  it('refuses malformed statements and unknown members', () => {
    const { issuer, fresh, register } = setting();
    const input = vouch(makeKeyInput(fresh), issuer.anchorKey);
    expectRefusal(() => register({ ...input, possession: `${input.possession}x 1\n` }), 'MALFORMED_STATEMENT');
    const wider: RegisterKeyInput & { readonly use: string } = { ...input, use: 'code' };
    expectRefusal(() => register(wider), 'INPUT_INVALID', { member: 'key.use' });
  });
});

describe('retiring a key', () => {
  const retire = (until: Instant, world: World, key: KeyRow['key'], caller = adminOf(shenzhen), time = now) =>
    world.run(retireKey, { key, until }, caller, time);

  it('ends its window, now or for later, and earlier again', () => {
    const { world, issuer } = setting();
    const { key } = issuer.anchorKey.row;
    retire(july, world, key);
    retire(tomorrow, world, key);
    expect(world.get(rowKeys.key(key))).to.deep.equal({ ...issuer.anchorKey.row, until: tomorrow });
  });

  it('is not put in the past, nor back to later', () => {
    const { world, issuer } = setting();
    const { key } = issuer.anchorKey.row;
    expectRefusal(() => retire(parseInstant('2026-05-31T23:59:59Z'), world, key), 'INPUT_INVALID', { earliest: now });
    retire(tomorrow, world, key);
    expectRefusal(() => retire(tomorrow, world, key), 'INPUT_INVALID', { before: tomorrow });
    expectRefusal(() => retire(july, world, key), 'INPUT_INVALID', { before: tomorrow });
    expectRefusal(() => retire(july, world, key, adminOf(shenzhen), july), 'INPUT_INVALID', { before: tomorrow });
  });

  it('leaves a key that still waits no time at all', () => {
    const { world, fresh, register } = setting();
    register(makeKeyInput(fresh, { from: tomorrow }));
    retire(now, world, fresh.row.key);
    expect(world.get(rowKeys.key(fresh.row.key))).to.include({ from: tomorrow, until: tomorrow });
  });

  it('is for administrators of the body’s domain', () => {
    const { world, issuer } = setting();
    const { key } = issuer.anchorKey.row;
    expectRefusal(() => retire(july, world, key, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => retire(july, world, key, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => retire(july, world, unknownKey), 'KEY_UNKNOWN');
  });

  it('leaves a successor of its own signing meanwhile: rotation with overlap', () => {
    const { world, issuer, fresh, register } = setting();
    register(vouch(makeKeyInput(fresh), issuer.anchorKey));
    retire(tomorrow, world, issuer.anchorKey.row.key);
    for (const [first, key] of [issuer.anchorKey, fresh].entries()) {
      world.run(anchor, makeAnchorInput(issuer, { first: first + 1, time: now, key }), issuer.caller, now);
    }
    const late = makeAnchorInput(issuer, { first: 3, time: tomorrow });
    expectRefusal(() => world.run(anchor, late, issuer.caller, tomorrow), 'KEY_NOT_IN_WINDOW');
  });
});
