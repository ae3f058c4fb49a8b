/** What a person names: a certificate file, the digits or text of a code, or a number. */
import { resolve } from 'node:path';
import {
  type CertificateFile,
  type Identifier,
  maxFileBytes,
  type Presented,
  parseCertificateFile,
  parseIdentifier,
  presentCode,
  presentFile,
  presentNumber,
} from '@yinxin/core';
import { usageError } from './command.ts';
import type { Context } from './context.ts';
import { exists, readBytes } from './files.ts';

const digitsAtEnd = /(?:^|[^0-9])[0-9]{200,}\s*$/;
const onlyDigits = /^[0-9\s]{20,}$/;
const numberLike = /^[0-9A-Za-z]+(?:\.[0-9A-Za-z]+){4,}$/;

function presentText(text: string): Presented | undefined {
  const trimmed = text.trim();
  if (onlyDigits.test(trimmed)) return presentCode(trimmed.replace(/\s+/g, ''));
  if (digitsAtEnd.test(trimmed)) return presentCode(trimmed);
  return trimmed.startsWith('1.2.156.') ? presentNumber(trimmed) : undefined;
}

async function presentInput(context: Context): Promise<Presented> {
  const bytes = await context.readInput();
  const text = new TextDecoder().decode(bytes.subarray(0, maxFileBytes));
  return presentText(text) ?? presentFile(bytes);
}

/** Reads what is to be verified; `-` is the standard input. @throws YinxinError FILE_UNREADABLE, TOO_LARGE */
export async function readPresented(text: string, context: Context): Promise<Presented> {
  if (text === '-') return presentInput(context);
  const typed = presentText(text);
  if (typed) return typed;
  const path = resolve(context.cwd, text);
  if (numberLike.test(text) && !(await exists(path))) return presentNumber(text);
  return presentFile(await readBytes(path, maxFileBytes));
}

/** A certificate to act on. */
export interface Target {
  readonly identifier: Identifier;
  readonly issuer: string;
  /** Present when a file was named. Nothing in it is verified yet. */
  readonly file?: CertificateFile;
}

/** A file or a number. @throws YinxinError FILE_UNREADABLE, MALFORMED_IDENTIFIER, and as parseCertificateFile */
export async function readTarget(text: string, context: Context): Promise<Target> {
  const path = resolve(context.cwd, text);
  if (text.startsWith('1.2.156.') || (numberLike.test(text) && !(await exists(path)))) {
    const { identifier, issuer } = parseIdentifier(text);
    return { identifier, issuer };
  }
  const file = await readCertificate(text, context);
  return { identifier: file.body.id, issuer: file.body.issuer, file };
}

/** A certificate file. @throws YinxinError FILE_UNREADABLE, and as parseCertificateFile; USAGE for a number */
export async function readCertificate(text: string, context: Context): Promise<CertificateFile> {
  if (text.startsWith('1.2.156.')) throw usageError('file-needed', text);
  return parseCertificateFile(await readBytes(resolve(context.cwd, text), maxFileBytes));
}
