/** The rules of the ledger: pure decisions over rows, run by the contract on every peer and by nothing else. */
export { anchor, anchorNeeds, decideAnchor, maxBatchLeaves, parseAnchorInput } from './anchoring.ts';
export { isInRegion, statementToleranceSeconds } from './common.ts';
export { found, parseFoundInput } from './founding.ts';
export { parseRegisterKeyInput, parseRegisterListKeyInput, registerKey, registerListKey } from './keys.ts';
export {
  type HistoryInput,
  type ListInput,
  maxPageSize,
  parseHistoryInput,
  parseListInput,
  singleReads,
} from './reading.ts';
export {
  parseRegisterDomainInput,
  parseRegisterEntitlementInput,
  parseRegisterIssuerInput,
  parseRegisterTypeInput,
  registerDomain,
  registerEntitlement,
  registerIssuer,
  registerType,
} from './registry.ts';
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
export {
  changeStatus,
  changeStatusNeeds,
  decideChangeStatus,
  maxStatusChanges,
  parseChangeStatusInput,
} from './status-change.ts';
