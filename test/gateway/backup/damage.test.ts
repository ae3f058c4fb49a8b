/** Backups that were altered, cut short, put together of several, or are another gateway's: refused before anything is written. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { frameHeadBytes, magic, tagBytes } from '../../../gateway/backup/format.ts';
import { checkBackup } from '../../../gateway/backup/restoring.ts';
import { startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { expectRefusal, flip } from '../support.ts';
import { backupPath, makeBackup, openClerk, passphraseOf, restoreTo, useFolders } from './support.ts';

interface Frame {
  readonly from: number;
  readonly to: number;
}

/** Where the frames of a backup lie, read without any of our code. */
function findFrames(bytes: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = magic.length; at < bytes.length; ) {
    const to = at + frameHeadBytes + bytes.readUInt32BE(at) + tagBytes;
    frames.push({ from: at, to });
    at = to;
  }
  return frames;
}

describe('a damaged backup', () => {
  const folder = useFolders();
  let gateway: TestGateway;
  let bytes: Buffer;
  let later: Buffer;
  let passphrase: string;
  let place: string;

  before(async () => {
    gateway = await startTestGateway();
    const clerk = await openClerk(gateway);
    await clerk.issue(100);
    bytes = readFileSync(backupPath(gateway, await makeBackup(clerk.api)));
    later = readFileSync(backupPath(gateway, await makeBackup(clerk.api)));
    passphrase = passphraseOf(gateway.home);
    place = folder();
  });
  after(() => gateway.stop());

  async function refuse(changed: Uint8Array, code: 'BACKUP_DAMAGED' | 'PASSPHRASE_WRONG' = 'BACKUP_DAMAGED') {
    const path = join(place, 'changed.backup');
    writeFileSync(path, changed);
    return expectRefusal(code, () => checkBackup({ backup: path, passphrase, report: () => undefined }));
  }

  it('is refused with one bit changed in any length, kind, payload or tag of any frame', async () => {
    const frames = findFrames(bytes);
    const some = frames.filter((_, at) => at < 3 || at % 3 === 0 || at > frames.length - 3);
    for (const { from, to } of some) {
      const payload = from + frameHeadBytes;
      const spots = [
        from,
        from + 3,
        from + 4,
        payload,
        payload + 1,
        Math.floor((from + to) / 2),
        to - tagBytes - 1,
        to - tagBytes,
        to - 1,
      ];
      for (const at of spots) await refuse(flip(bytes, at));
    }
  });

  it('is refused with one bit changed anywhere', async () => {
    const step = Math.ceil(bytes.length / 41);
    for (let at = 0; at < bytes.length; at += step) await refuse(flip(bytes, at));
  });

  it('is refused cut short anywhere, between frames too, or with something after its end', async () => {
    const ends = findFrames(bytes).flatMap(({ from, to }) => [from, from + 2, from + frameHeadBytes, to - 1]);
    for (const end of [0, 1, magic.length - 1, ...ends]) await refuse(bytes.subarray(0, end));
    await refuse(Buffer.concat([bytes, Buffer.from([0])]));
    await refuse(Buffer.concat([bytes, bytes]));
  });

  it('is refused with frames left out, repeated, exchanged, or of another backup of the same gateway', async () => {
    const frames = findFrames(bytes).map(({ from, to }) => bytes.subarray(from, to));
    const others = findFrames(later).map(({ from, to }) => later.subarray(from, to));
    const [header = Buffer.alloc(0), first = header, second = header, ...rest] = frames;
    const join = (...parts: readonly Buffer[]) => Buffer.concat([magic, ...parts]);
    await refuse(join(header, second, ...rest));
    await refuse(join(header, first, first, second, ...rest));
    await refuse(join(header, second, first, ...rest));
    await refuse(join(header, ...others.slice(1)));
    await refuse(join(others[0] ?? header, first, second, ...rest));
    await refuse(join(header, others[1] ?? header, second, ...rest));
    await refuse(join(header, rest[rest.length - 1] ?? header));
  });

  it('is refused when it is no backup at all', async () => {
    for (const text of [
      '',
      'x',
      'yinxin-backup/2\n'.padEnd(4096, 'x'),
      JSON.stringify({ format: 'yinxin-backup/1' }),
    ]) {
      await refuse(Buffer.from(text));
    }
    await expectRefusal('BACKUP_DAMAGED', () => checkBackup({ backup: place, passphrase, report: () => undefined }));
    const missing = join(place, 'missing.backup');
    await expectRefusal('FILE_UNREADABLE', () => checkBackup({ backup: missing, passphrase, report: () => undefined }));
  });

  it('is refused when it is another gateway’s', async () => {
    const other = await startTestGateway();
    try {
      const path = backupPath(other, await makeBackup((await openClerk(other)).api));
      await refuse(readFileSync(path), 'PASSPHRASE_WRONG');
      const [header = Buffer.alloc(0)] = findFrames(readFileSync(path)).map(({ from, to }) =>
        readFileSync(path).subarray(from, to),
      );
      const frames = findFrames(bytes).map(({ from, to }) => bytes.subarray(from, to));
      const mixed = join(place, 'mixed.backup');
      writeFileSync(mixed, Buffer.concat([magic, header, ...frames.slice(1)]));
      const options = { backup: mixed, passphrase: passphraseOf(other.home), report: () => undefined };
      await expectRefusal('BACKUP_DAMAGED', () => checkBackup(options));
    } finally {
      await other.stop();
    }
  });

  it('leaves nothing behind when a restore of it is refused', async () => {
    const target = folder();
    const path = join(place, 'late.backup');
    writeFileSync(path, flip(bytes, bytes.length - 1));
    await expectRefusal('BACKUP_DAMAGED', () => restoreTo(target, path, passphrase));
    expect(readdirSync(target)).to.deep.equal([]);
  });
});
