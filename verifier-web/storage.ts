/** What the page keeps between visits: its language and the public trust list. Nothing about a certificate is ever written here. */

export interface Keep {
  read(name: 'language' | 'trust'): string | undefined;
  write(name: 'language' | 'trust', text: string): void;
}

/** Over localStorage, which a browser may refuse (private mode, full, disabled): then nothing is kept and all else works. */
export function openKeep(storage: () => Storage): Keep {
  return {
    read(name) {
      try {
        return storage().getItem(`yinxin.${name}`) ?? undefined;
      } catch {
        return undefined;
      }
    },
    write(name, text) {
      try {
        storage().setItem(`yinxin.${name}`, text);
      } catch {
        // Kept for this visit only.
      }
    },
  };
}
