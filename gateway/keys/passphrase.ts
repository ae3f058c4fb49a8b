/** The passphrase of the key store: from a file, or asked for on a terminal without echo. */
import { open } from 'node:fs/promises';
import { fromUtf8, YinxinError } from '@yinxin/core';

/** What a prompt needs of a terminal; `process.stdin` is one. */
export interface TerminalInput extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
}

export interface TerminalOutput {
  write(text: string): unknown;
}

export interface PassphraseOptions {
  /** The setting YINXIN_PASSPHRASE_FILE. */
  readonly file: string | undefined;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
}

const maxBytes = 4096;
const invalid = (reason: string) => new YinxinError('SETTING_INVALID', { setting: 'YINXIN_PASSPHRASE_FILE', reason });

async function readStart(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const buffer = new Uint8Array(maxBytes + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The file's text without the one line end that editors add. */
async function readPassphraseFile(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readStart(path);
  } catch {
    throw invalid('unreadable');
  }
  if (bytes.length > maxBytes) throw invalid('too long');
  const passphrase = fromUtf8(bytes).replace(/\r?\n$/, '');
  if (passphrase === '') throw invalid('empty');
  return passphrase;
}

const enter = '\r\n';
const interrupt = '\u0003\u0004';
const erase = '\u0008\u007f';

/** One line of a terminal in raw mode: nothing is echoed, so erasing and interrupting are ours to do. */
async function readLine(input: TerminalInput): Promise<string> {
  const decoder = new TextDecoder();
  let typed: string[] = [];
  for await (const chunk of input) {
    for (const letter of typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })) {
      if (enter.includes(letter)) return typed.join('');
      if (interrupt.includes(letter)) throw invalid('interrupted');
      if (erase.includes(letter)) typed = typed.slice(0, -1);
      else typed.push(letter);
    }
  }
  return typed.join('');
}

async function promptPassphrase({ input, output }: PassphraseOptions): Promise<string> {
  output.write('口令 Passphrase: ');
  input.setRawMode?.(true);
  try {
    const passphrase = await readLine(input);
    if (passphrase === '') throw invalid('empty');
    return passphrase;
  } finally {
    input.setRawMode?.(false);
    output.write('\n');
  }
}

/** @throws YinxinError SETTING_INVALID when the file cannot be read, nothing was given, or there is neither a file nor a terminal */
export function readPassphrase(options: PassphraseOptions): Promise<string> {
  if (options.file !== undefined) return readPassphraseFile(options.file);
  if (!options.input.isTTY) return Promise.reject(invalid('neither a file nor a terminal'));
  return promptPassphrase(options);
}
