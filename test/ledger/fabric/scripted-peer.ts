/** A peer in this process that gives recorded blocks, and does with them what it is told: a `BlockSource` without a network. */
import { YinxinError } from '@yinxin/core';
import { type FabricBlock, parseFabricBlock } from '../../../gateway/ledger/fabric/blocks/fabric-block.ts';
import type { BlockSource, Range } from '../../../gateway/ledger/fabric/blocks/source.ts';
import { putTogether, takeApart } from './recorded.ts';

type Send = (range: Range, blocks: readonly Buffer[]) => readonly (Buffer | 'hang' | 'cut')[];

export interface PeerScript {
  readonly name?: string;
  readonly isOwn?: boolean;
}

function withoutData(bytes: Buffer, number: number, configurations: readonly number[]): Buffer {
  return configurations.includes(number) ? bytes : putTogether({ ...takeApart(bytes), envelopes: [] });
}

export class ScriptedPeer implements BlockSource {
  readonly name: string;
  readonly isOwn: boolean;
  /** What it holds; blocks that are pushed later reach those who wait. */
  blocks: Buffer[];
  isAway = false;
  /** Answers nothing, and does not say so. */
  isHanging = false;
  /** What it sends instead of the blocks of a range. */
  send: Send = (_, blocks) => blocks;
  readonly requests: Range[] = [];
  readonly #configurations: readonly number[];
  readonly #wakes = new Set<() => void>();

  constructor(blocks: readonly Buffer[], configurations: readonly number[], { name, isOwn }: PeerScript = {}) {
    this.blocks = [...blocks];
    this.#configurations = configurations;
    this.name = name ?? 'peer.shenzhen';
    this.isOwn = isOwn ?? true;
  }

  /** Lets everybody who waits look again. */
  wake(): void {
    for (const wake of this.#wakes) wake();
  }

  push(...blocks: readonly Buffer[]): void {
    this.blocks.push(...blocks);
    this.wake();
  }

  away(isAway: boolean): void {
    this.isAway = isAway;
    this.wake();
  }

  async *read(range: Range, signal: AbortSignal): AsyncGenerator<FabricBlock> {
    this.requests.push(range);
    let sent = range.from === 'newest' ? this.blocks.length - 1 : range.from;
    const end = range.from === 'newest' ? sent + 1 : range.to + 1;
    while (sent < end && !signal.aborted) {
      if (this.isAway) throw new YinxinError('LEDGER_UNREACHABLE', { peer: this.name });
      const ready = this.isHanging ? [] : this.blocks.slice(sent, end);
      for (const item of this.send(range, ready)) {
        if (item === 'cut') throw new YinxinError('LEDGER_UNREACHABLE', { peer: this.name });
        if (item === 'hang') await this.#wait(signal, () => false);
        else
          yield parseFabricBlock(
            range.headersOnly ? withoutData(item, takeApart(item).number, this.#configurations) : item,
            sent,
          );
        if (signal.aborted) return;
      }
      sent += ready.length;
      if (sent < end) await this.#wait(signal, () => this.isAway || (!this.isHanging && this.blocks.length > sent));
    }
  }

  async #wait(signal: AbortSignal, isOver: () => boolean): Promise<void> {
    while (!signal.aborted && !isOver()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      this.#wakes.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      this.#wakes.delete(wake);
    }
  }
}
