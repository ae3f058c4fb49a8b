/** A worker thread: takes jobs from its parent and posts what came of them. Its own main file, so it takes randomness from the platform. */
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { YinxinError } from '@yinxin/core';
import { poolRandom } from '../../platform.ts';
import { type Job, type Reply, transferReply } from './messages.ts';
import { Workbench } from './workbench.ts';

const bench = new Workbench(
  poolRandom((bytes) => randomBytes(bytes)),
  () => nextTurn(),
);

async function work({ id, kind, input }: Job): Promise<Reply> {
  try {
    return { id, output: await bench.run(kind, input) };
  } catch (error) {
    if (error instanceof YinxinError) return { id, refused: { code: error.code, details: error.details } };
    // the message of a bug may hold a value; where it happened does not
    const frames =
      error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
    return { id, bug: frames.join('\n') };
  }
}

parentPort?.on('message', (job: Job) => {
  void work(job).then((reply) => parentPort?.postMessage(reply, transferReply(reply)));
});
