/** How long the adapter waits, in milliseconds: for one call, and for a stage with all its attempts. */

export interface Patience {
  /** One call each. Endorsing runs the contract on several peers; commit status waits for a block, 3 s when the orderers' leader was lost. */
  readonly evaluateCall: number;
  readonly endorseCall: number;
  readonly submitCall: number;
  readonly commitCall: number;
  readonly queryCall: number;
  /** All attempts to have it answered, endorsed, taken by the orderers: nothing is ordered before that. */
  readonly evaluate: number;
  readonly endorse: number;
  readonly submit: number;
  /** Less, while no peer answers at all. */
  readonly away: number;
  /** Peers that are a block behind refuse what another endorsed: how long until a refusal is believed that not all share. */
  readonly disagreement: number;
  /** Until a transaction that the orderers took is given up as COMMIT_UNKNOWN. */
  readonly commit: number;
  /** The same for one of which nobody knows whether the orderers took it. */
  readonly doubt: number;
  /** Between attempts: at first, at most; doubled each time. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** How soon a peer that did not answer is asked again whether it is back. */
  readonly probe: number;
}

export const usualPatience: Patience = {
  evaluateCall: 10_000,
  endorseCall: 15_000,
  submitCall: 10_000,
  commitCall: 5_000,
  queryCall: 5_000,
  evaluate: 15_000,
  endorse: 30_000,
  submit: 15_000,
  away: 3_000,
  disagreement: 2_000,
  commit: 30_000,
  doubt: 10_000,
  firstPause: 50,
  longestPause: 1_000,
  probe: 1_000,
};
