/** A peer on a disk of its own that is full: a file system in memory, where the machine allows mounting one. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import { endNode, type Field, isRunning, type Slug } from './field.ts';

const spareMegabytes = 24;
/** A dozen blocks or so. */
const leftBytes = 256 * 1024;
const patienceMilliseconds = 60_000;

function mount(folder: string, megabytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder], { stdio: 'ignore' });
}

function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'ignore' });
}

/** Whether this machine lets us. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-disk-'));
  try {
    mount(folder, 1);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes the disk away when this process is gone, even by SIGKILL. */
function guard(folder: string): void {
  const script = `while kill -0 ${process.pid} 2>/dev/null && mountpoint -q "$0"; do sleep 1; done; umount -l "$0"`;
  spawn('/bin/sh', ['-c', script, folder], { detached: true, stdio: 'ignore' }).unref();
}

const usedMegabytes = (folder: string) =>
  Math.ceil(Number(execFileSync('du', ['-sm', folder], { encoding: 'utf8' }).split('\t')[0]));

const copy = (from: string, to: string) => cpSync(from, to, { recursive: true, preserveTimestamps: true });

export function fillDisk(field: Field, slug: Slug): Fault {
  const node = `peer.${slug}`;
  const data = join(field.network.paths.nodeOf(node), 'data');
  const aside = `${data}.aside`;
  const ballast = join(data, 'ballast');

  function fill(): void {
    const { bavail, bsize } = statfsSync(data);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
  }
  async function backToItsPlace(): Promise<void> {
    if (!existsSync(aside)) return;
    await endNode(field, node);
    rmSync(ballast, { force: true });
    rmSync(aside, { recursive: true });
    copy(data, aside);
    unmount(data);
    rmSync(data, { recursive: true });
    renameSync(aside, data);
  }
  return {
    name: `the disk of ${node} is full`,
    stops: [slug],
    async strike() {
      await endNode(field, node);
      renameSync(data, aside);
      mkdirSync(data, { mode: 0o700 });
      mount(data, usedMegabytes(aside) + spareMegabytes);
      guard(data);
      field.atClose(backToItsPlace);
      copy(aside, data);
      await field.up();
      fill();
      const end = performance.now() + patienceMilliseconds;
      while (isRunning(field, node)) {
        if (performance.now() > end) throw new Error(`${node} still runs on a full disk`);
        await delay(50);
      }
    },
    async heal() {
      rmSync(ballast);
      await field.up();
      await backToItsPlace();
      await field.up();
    },
  };
}
