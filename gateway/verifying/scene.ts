/** What one question is judged by: the registry of one height, the time, and who asks. Everything in an answer comes from one scene. */
import type { Instant, Language, Trust } from '@yinxin/core';
import { requirePurpose } from './access.ts';
import type { Access, AskOptions, VerifyingDeps } from './verifying.ts';

export interface Scene {
  readonly options: AskOptions;
  readonly access: Access;
  /** Of explanations. */
  readonly language: Language;
  readonly now: Instant;
  /** The registry as of the height asked about; its `height` is that of all knowledge. */
  readonly trust: Trust;
  /** The newest registry: who may see what is a matter of today. */
  readonly present: Trust;
}

/** @throws YinxinError INPUT_INVALID (no purpose), HEIGHT_UNKNOWN, NOT_READY */
export function openScene(
  { readModel, clock }: VerifyingDeps,
  access: Access,
  options: AskOptions,
  language: Language,
): Scene {
  requirePurpose(access, options.purpose);
  const present = readModel.trust();
  const trust = options.height === undefined ? present : readModel.trust(options.height);
  return { options, access, language, now: clock(), trust, present };
}

/** What core's verification takes of the question. */
export function toVerifyOptions({ at, domain, matter }: AskOptions) {
  return { ...(at && { at }), ...(domain !== undefined && { domain }), ...(matter !== undefined && { matter }) };
}
