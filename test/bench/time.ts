/** What it costs to ask about an earlier time or an earlier height, against the present: files and numbers, from the request to the answer, over the embedded ledger's index. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateFile, VerificationAnswer } from '@yinxin/core';
import type { AskOptions } from '../../gateway/verifying/verifying.ts';
import { act, issueFiles, licence, makeRows, openWorld, type World } from '../gateway/world.ts';
import { type Figure, race, toFigure } from './figure.ts';

const certificates = 200;
/** Of the status changes so many were not known yet at the height that is asked about: whole pairs. */
const laterBlocks = 20;
const goal = 'at most twice the present';

/** Every tenth is suspended, and resumed. */
async function prepare(world: World): Promise<readonly CertificateFile[]> {
  const files = await issueFiles(world, licence, { rows: makeRows(licence, certificates) });
  for (const [index, file] of files.entries()) {
    if (index % 10 === 0) for (const name of ['suspend', 'resume'] as const) await act(world, file, name);
  }
  return files;
}

type Ask = (file: CertificateFile, options: AskOptions) => Promise<VerificationAnswer>;

/** Seconds for one answer: now, at a legal time, at a height. */
async function compare(world: World, files: readonly CertificateFile[], ask: Ask): Promise<readonly number[]> {
  const at = world.clock.now();
  const height = world.readModel.height() - laterBlocks;
  const all = (options: AskOptions) => async () => {
    for (const file of files) {
      const { verdict } = await ask(file, options);
      if (verdict.reason !== 'VALID') throw new Error(`bench: ${verdict.reason}`);
    }
  };
  const rates = await race(9, files.length, [all({}), all({ at }), all({ height })]);
  return rates.map((rate) => 1 / rate);
}

export async function measure(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  const world = await openWorld(folder);
  try {
    const files = await prepare(world);
    const byFile: Ask = (file, options) => world.verifying.verify({ file, ...options }, 'anonymous');
    const byNumber: Ask = ({ body }, options) => world.verifying.byNumber(body.id, 'anonymous', options);
    const figures: Figure[] = [];
    for (const [name, ask] of [
      ['a file', byFile],
      ['a number', byNumber],
    ] as const) {
      const [present = 0, at = 0, height = 0] = await compare(world, files, ask);
      figures.push(toFigure(`${name}, with \`at\``, at * 1e6, 'µs', `${goal}; peer: the present`, present * 1e6));
      figures.push(
        toFigure(`${name}, with \`height\``, height * 1e6, 'µs', `${goal}; peer: the present`, present * 1e6),
      );
    }
    return figures;
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
