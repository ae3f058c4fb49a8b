/** What the page keeps: language, public lists, and for the session where and for what it checks. Nothing about a certificate is ever written here. */

/** `list.<issuer>/<type>` is a status list; `lists` says which there are. */
export type KeepName = 'language' | 'trust' | 'lists' | `list.${string}` | 'asking';

export interface Keep {
  read(name: KeepName): string | undefined;
  /** Whether it is kept. */
  write(name: KeepName, text: string): boolean;
  remove(name: KeepName): void;
}

/** Over a browser's storage, which it may refuse (private mode, full, disabled): then nothing is kept and all else works. */
export function openKeep(storage: () => Storage): Keep {
  const attempt = <T>(act: (storage: Storage) => T): T | undefined => {
    try {
      return act(storage());
    } catch {
      return undefined; // Kept for this visit only.
    }
  };
  return {
    read: (name) => attempt((kept) => kept.getItem(`yinxin.${name}`)) ?? undefined,
    write: (name, text) =>
      attempt((kept) => {
        kept.setItem(`yinxin.${name}`, text);
        return true;
      }) === true,
    remove: (name) => attempt((kept) => kept.removeItem(`yinxin.${name}`)),
  };
}
