/** How long following waits, in milliseconds, and how much it asks for at a time. */

export interface Pace {
  /** For a peer to answer a question. */
  readonly answer: number;
  /** Without a block, until the peer is asked whether it still lives. */
  readonly quiet: number;
  /** While another city's peer is followed: between questions whether one's own is back. */
  readonly comeback: number;
  /** After a round in which nothing was won: at first, at most; doubled each time. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** Blocks that are asked for at once, and at most lie in memory. */
  readonly window: number;
}

export const usualPace: Pace = {
  answer: 5_000,
  quiet: 3_000,
  comeback: 1_000,
  firstPause: 100,
  longestPause: 2_000,
  window: 8,
};
