/** Single blocks of a peer, within a time. */
import { YinxinError } from '@yinxin/core';
import { diverged, type FabricBlock } from './fabric-block.ts';
import type { BlockSource, Range } from './source.ts';

export interface Fetch {
  readonly signal: AbortSignal;
  readonly milliseconds: number;
}

async function fetchFirst(source: BlockSource, range: Range, { signal, milliseconds }: Fetch): Promise<FabricBlock> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
  for await (const block of source.read(range, limited)) return block;
  throw new YinxinError('LEDGER_UNREACHABLE', { peer: source.name, why: 'no answer' });
}

/** @throws YinxinError LEDGER_UNREACHABLE `{peer}`, also when the peer does not have it in time; LEDGER_DIVERGED `{block}` */
export async function fetchBlock(
  source: BlockSource,
  number: number,
  part: 'whole' | 'header',
  fetch: Fetch,
): Promise<FabricBlock> {
  const block = await fetchFirst(source, { from: number, to: number, headersOnly: part === 'header' }, fetch);
  if (block.number !== number) throw diverged(number);
  return block;
}

/** The newest block's header. @throws as fetchBlock */
export function fetchNewest(source: BlockSource, fetch: Fetch): Promise<FabricBlock> {
  return fetchFirst(source, { from: 'newest', to: 0, headersOnly: true }, fetch);
}
