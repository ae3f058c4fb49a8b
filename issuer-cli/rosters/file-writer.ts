/** A file that is written piece by piece under another name, and has its own name when it is whole. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pid } from 'node:process';
import { toFileError } from '../files.ts';
import { replaceFile } from '../platform.ts';

const ownerOnly = 0o600;

export class FileWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** @throws YinxinError FILE_UNREADABLE */
  static async create(path: string): Promise<FileWriter> {
    const temporary = join(dirname(path), `.${basename(path)}.${pid}.part`);
    try {
      return new FileWriter(path, temporary, await open(temporary, 'w', ownerOnly));
    } catch (error) {
      throw toFileError(path, error);
    }
  }

  /** @throws YinxinError DISK_FULL, FILE_UNREADABLE; then nothing is left behind */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += (await this.#handle.write(bytes, at)).bytesWritten;
    } catch (error) {
      await this.abandon();
      throw toFileError(this.#path, error);
    }
  }

  /** The file is on disk and has its name. @throws YinxinError DISK_FULL, FILE_UNREADABLE */
  async close(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await replaceFile(this.#temporary, this.#path);
    } catch (error) {
      await this.abandon();
      throw toFileError(this.#path, error);
    }
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {}); // it may be closed already
    await rm(this.#temporary, { force: true });
  }
}
