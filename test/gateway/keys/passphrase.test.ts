/** Where the passphrase comes from. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { readPassphrase } from '../../../gateway/keys/passphrase.ts';
import { expectRefusal, useFolder } from '../support.ts';

/** A terminal on which someone types: what it was told, and what was shown. */
function makeTerminal(...typed: readonly (string | Uint8Array)[]) {
  const shown: string[] = [];
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
  for (const chunk of typed) input.write(chunk);
  return { input, output: { write: (text: string) => shown.push(text) }, modes, shown: () => shown.join('') };
}

describe('passphrase', () => {
  const folder = useFolder();
  const fromFile = (content: string | Uint8Array) => {
    const file = join(folder(), 'passphrase');
    writeFileSync(file, content);
    return readPassphrase({ file, ...makeTerminal() });
  };

  it('is the text of the file without its last line end', async () => {
    expect(await fromFile('印信 secret\n')).to.equal('印信 secret');
    expect(await fromFile('印信 secret\r\n')).to.equal('印信 secret');
    expect(await fromFile(' two lines \nof it\n\n')).to.equal(' two lines \nof it\n');
  });

  it('refuses a file that is missing, empty, too long or not UTF-8', async () => {
    const missing = { file: join(folder(), 'missing'), ...makeTerminal() };
    await expectRefusal('SETTING_INVALID', () => readPassphrase(missing));
    await expectRefusal('SETTING_INVALID', () => fromFile('\n'));
    await expectRefusal('SETTING_INVALID', () => fromFile('x'.repeat(4097)));
    await expectRefusal('MALFORMED_TEXT', () => fromFile(Uint8Array.of(0xff)));
  });

  it('is asked for on a terminal, which shows nothing of it', async () => {
    const terminal = makeTerminal('se', 'cret', '\r', 'more');
    expect(await readPassphrase({ file: undefined, ...terminal })).to.equal('secret');
    expect(terminal.modes).to.deep.equal([true, false]);
    expect(terminal.shown()).to.equal('口令 Passphrase: \n');
  });

  it('takes characters of several bytes, also torn apart, and erases whole ones', async () => {
    const bytes = new TextEncoder().encode('印信𠮷');
    const terminal = makeTerminal(bytes.subarray(0, 2), bytes.subarray(2, 8), bytes.subarray(8), '\u007f!\n');
    expect(await readPassphrase({ file: undefined, ...terminal })).to.equal('印信!');
  });

  it('gives the terminal back when interrupted or left empty', async () => {
    for (const typed of ['sec\u0003', '\r']) {
      const terminal = makeTerminal(typed);
      await expectRefusal('SETTING_INVALID', () => readPassphrase({ file: undefined, ...terminal }));
      expect(terminal.modes).to.deep.equal([true, false]);
    }
  });

  it('refuses to wait where there is neither a file nor a terminal', async () => {
    const terminal = makeTerminal('secret\n');
    terminal.input.isTTY = false;
    await expectRefusal('SETTING_INVALID', () => readPassphrase({ file: undefined, ...terminal }));
  });
});
