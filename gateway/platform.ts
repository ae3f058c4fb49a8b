/** The clock and the source of randomness as the gateway's services take them; main.ts gives the real ones. */
import type { Instant } from '@yinxin/core';

/** Now, in whole seconds. */
export type Clock = () => Instant;
/** So many bytes from a cryptographically secure source. */
export type Random = (bytes: number) => Uint8Array;
