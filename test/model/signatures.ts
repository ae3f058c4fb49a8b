/** Who really signed what: the model believes this list and never looks at a signature. */
import type {
  AnchorStatement,
  Instant,
  KeyId,
  KeyUse,
  StatusChange,
  StatusStatement,
  Supersession,
} from '@yinxin/core';

export type Said =
  | {
      readonly says: 'anchor';
      readonly statement: AnchorStatement;
      readonly leaves: string;
      readonly supersessions: readonly Supersession[];
    }
  | { readonly says: 'status'; readonly statement: StatusStatement; readonly changes: readonly StatusChange[] }
  | {
      readonly says: 'possession';
      readonly channel: string;
      readonly issuer: string;
      readonly use: KeyUse;
      readonly key: KeyId;
      readonly time: Instant;
    };

export interface Signed {
  readonly by: KeyId;
  readonly said: Said;
}

export class Signatures {
  readonly #signed = new Map<string, Signed>();

  note(statement: string, signature: string, signed: Signed): void {
    this.#signed.set(`${statement}${signature}`, signed);
  }

  find(statement: string, signature: string): Signed | undefined {
    return this.#signed.get(`${statement}${signature}`);
  }
}
