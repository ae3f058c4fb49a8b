/** The rules of the ledger: pure decisions over rows, run by the contract on every peer and by nothing else. */
export { endAgreement, resumeAgreement, suspendAgreement } from './agreement-ends.ts';
export { approveAgreement, proposeAgreement } from './agreements.ts';
export { anchor, maxBatchLeaves } from './anchoring.ts';
export { reportCompromise } from './compromise.ts';
export { endEntitlement, registerEntitlement } from './entitlements.ts';
export { found } from './founding.ts';
export { registerIssuer, renameIssuer } from './issuers.ts';
export { registerKey, retireKey } from './keys.ts';
export { registerListKey, reportListKeyCompromise, retireListKey } from './list-keys.ts';
export type { OwnedRow } from './owner.ts';
export { peerPolicy } from './policy.ts';
export { approve, expire, propose, withdraw } from './proposals.ts';
export {
  type HistoryInput,
  type ListInput,
  maxPageSize,
  parseHistoryInput,
  parseListInput,
  singleReads,
} from './reading.ts';
export { isPlainCertificate, parseRole } from './role.ts';
export {
  formatRow,
  formatRowKey,
  isRowKind,
  parseRow,
  type RowKey,
  type RowKind,
  type RowOf,
  rowKeyOf,
  rowKeys,
} from './rows.ts';
export {
  type ContractCaller,
  type Decision,
  FetchedRows,
  type Needs,
  type Rule,
  type RuleContext,
  type View,
} from './rule.ts';
export { createRules, type Outcome, type RowSource, runRule, type Thumbprint } from './run.ts';
export { changeStatus, maxStatusChanges } from './status-change.ts';
export { acceptSuccession, closeIssuer } from './successions.ts';
