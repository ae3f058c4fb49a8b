import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { clientOf, shenzhen } from '../fixtures/network.ts';
import { openLedger, withFolder } from './folder.ts';

const rounds = 3;
const script = fileURLToPath(new URL('write-loop.ts', import.meta.url));

/** Runs the writer, kills it after so many acknowledgements, and gives all that it printed in whole lines. */
async function runAndKill(folder: string, seed: number, acknowledgements: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [script, folder, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === acknowledgements) child.kill('SIGKILL');
  }
  if (child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).to.equal('SIGKILL');
  return lines.filter((line) => line.length >= 64);
}

/** The last entry that was acknowledged for each register. */
function toHeads(lines: readonly string[]): ReadonlyMap<string, number> {
  const heads = new Map<string, number>();
  for (const [, issuer, type, last] of lines.map((line) => line.split(' '))) {
    if (issuer !== undefined) heads.set(`${issuer} ${type}`, Number(last));
  }
  return heads;
}

describe('a ledger whose process is killed', function () {
  this.timeout(30_000);

  it(`has everything it acknowledged, ${rounds} times over`, () =>
    withFolder(async (folder) => {
      const acknowledged: string[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        acknowledged.push(...(await runAndKill(folder, round, 30 + 7 * round)));
        const { ledger } = await openLedger(folder, { seed: `check ${round}`, verify: 'all' });
        for (const line of acknowledged) {
          expect((await ledger.transaction(line.slice(0, 64)))?.code).to.equal('VALID');
        }
        for (const [name, last] of toHeads(acknowledged)) {
          const [issuer = '', type = ''] = name.split(' ');
          const register = await ledger.evaluate(clientOf(shenzhen), 'readRegister', { issuer, type });
          expect(register).to.have.property('last').that.is.at.least(last);
        }
        await ledger.close();
      }
      expect(toHeads(acknowledged).size).to.equal(4);
    }));
});
