/** The clock and the source of randomness as the gateway's services take them; main.ts gives the real ones. */
import type { Instant } from '@yinxin/core';

/** Now, in whole seconds. */
export type Clock = () => Instant;
/** So many bytes from a cryptographically secure source. */
export type Random = (bytes: number) => Uint8Array;

const poolBytes = 8192;

/** The same source, asked less often: sealing many small records spends much of its time in asking. No byte is given out twice. */
export function poolRandom(random: Random): Random {
  let pool: Uint8Array = new Uint8Array();
  return (bytes) => {
    if (bytes > poolBytes) return random(bytes);
    if (bytes > pool.length) pool = random(poolBytes);
    const drawn = pool.subarray(0, bytes);
    pool = pool.subarray(bytes);
    return drawn;
  };
}
