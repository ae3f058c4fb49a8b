/** What the contract uses of Fabric's stub and client identity: a part of fabric-shim's own interfaces, so that an embedded ledger need offer no more. */

export interface StateIterator<T> {
  next(): Promise<{ readonly value: T; readonly done: boolean }>;
  close(): Promise<void>;
}

export interface StateItem {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface Timestamp {
  /** Since 1970; a `Long` on a peer. */
  readonly seconds: { toString(): string };
  readonly nanos: number;
}

export interface HistoryItem {
  readonly txId: string;
  readonly timestamp: Timestamp;
  readonly isDelete: boolean;
  readonly value: Uint8Array;
}

export interface Stub {
  getTxID(): string;
  getChannelID(): string;
  getTxTimestamp(): Timestamp;
  /** Empty when there is none. Does not see what this transaction writes. */
  getState(key: string): Promise<Uint8Array>;
  putState(key: string, value: Uint8Array): Promise<void>;
  /** Whose peers must endorse what changes the row from the next transaction on: a `SignaturePolicyEnvelope`. */
  setStateValidationParameter(key: string, policy: Uint8Array): Promise<void>;
  /** One per transaction: the last one wins. */
  setEvent(name: string, payload: Uint8Array): void;
  createCompositeKey(objectType: string, attributes: string[]): string;
  splitCompositeKey(compositeKey: string): { objectType: string; attributes: string[] };
  getStateByPartialCompositeKey(objectType: string, attributes: string[]): Promise<StateIterator<StateItem>>;
  /** Only in transactions that write nothing. A page without rows has no metadata: fabric-shim takes its empty encoding for none. */
  getStateByPartialCompositeKeyWithPagination(
    objectType: string,
    attributes: string[],
    pageSize: number,
    bookmark?: string,
  ): Promise<{ readonly iterator: StateIterator<StateItem>; readonly metadata?: { readonly bookmark: string } }>;
  /** Newest first. */
  getHistoryForKey(key: string): Promise<StateIterator<HistoryItem>>;
}

export interface ContractContext {
  readonly stub: Stub;
  readonly clientIdentity: { getMSPID(): string; getID(): string };
}
