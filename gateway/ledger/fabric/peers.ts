/** Which peer is asked first: one's own, in the profile's order, then those of other cities; one that did not answer goes last until it answers again. */
import type { PeerConnection } from './connections.ts';

interface Absence {
  askAgainAt: number;
  isAsking: boolean;
}

export class Peers {
  readonly #all: readonly PeerConnection[];
  readonly #probeMs: number;
  readonly #absent = new Map<PeerConnection, Absence>();

  /** `all` in the order in which they are wanted. */
  constructor(all: readonly PeerConnection[], probeMs: number) {
    this.#all = all;
    this.#probeMs = probeMs;
  }

  /** Those that answer, then those that did not; each in the order wanted. Asks the absent in passing whether they are back. */
  inOrder(): readonly PeerConnection[] {
    for (const [peer, absence] of this.#absent) {
      if (!absence.isAsking && performance.now() >= absence.askAgainAt) void this.#ask(peer, absence);
    }
    const isAbsent = (peer: PeerConnection) => this.#absent.has(peer);
    return [...this.#all.filter((peer) => !isAbsent(peer)), ...this.#all.filter(isAbsent)];
  }

  /** It did not answer. */
  suspect(peer: PeerConnection): void {
    if (this.#absent.has(peer)) return;
    this.#absent.set(peer, { askAgainAt: performance.now() + this.#probeMs, isAsking: false });
  }

  async #ask(peer: PeerConnection, absence: Absence): Promise<void> {
    absence.isAsking = true;
    try {
      await peer.query('GetChainInfo');
      this.#absent.delete(peer);
    } catch {
      absence.askAgainAt = performance.now() + this.#probeMs; // still away
    }
    absence.isAsking = false;
  }
}
