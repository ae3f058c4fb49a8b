/** What a verifier holds: claims of the lists that domains sign, and what a reader of the ledger knows. Shapes only, like model.ts. */
import type {
  AgreementRow,
  BasisRow,
  DomainRow,
  EntitlementRow,
  IssuerRow,
  KeyRow,
  ListKeyRow,
  MatterRow,
  TypeRow,
} from './ledger-model.ts';
import type { Instant, KeyId, KnownChange } from './model.ts';

/** Claims of a trust list (`yinxin-trust+jwt`): the registry as one domain signs it. */
export interface TrustClaims {
  /** Domain that signed. */
  readonly iss: string;
  readonly channel: string;
  readonly height: number;
  /** Epoch seconds. */
  readonly iat: number;
  readonly exp: number;
  readonly domains: readonly DomainRow[];
  readonly issuers: readonly IssuerRow[];
  readonly keys: readonly KeyRow[];
  readonly listKeys: readonly ListKeyRow[];
  readonly entitlements: readonly EntitlementRow[];
  readonly types: readonly TypeRow[];
  readonly bases: readonly BasisRow[];
  readonly matters: readonly MatterRow[];
  readonly agreements: readonly AgreementRow[];
}

/** What a verifier holds before it has heard any server: channel, its own domain, that domain's list keys. */
export interface TrustPin {
  readonly channel: string;
  readonly domain: string;
  readonly keys: readonly ListKeyRow['jwk'][];
}

/** Claims of an anchoring (`yinxin-anchored+jwt`). */
export interface AnchoredClaims {
  /** Domain that signed. */
  readonly iss: string;
  readonly channel: string;
  /** base64 of SM3("yinxin-statement" ‖ 0x00 ‖ statement ‖ signature). */
  readonly statement: string;
  readonly txId: string;
  readonly block: number;
  /** Ledger time. */
  readonly time: Instant;
}

/** Claims of a status list (`statuslist+jwt`, IETF Token Status List): one register as one domain signs it. */
export interface StatusListClaims {
  /** Domain that signed. */
  readonly iss: string;
  /** `urn:yinxin:<channel>:<issuer>:<type>`. */
  readonly sub: string;
  readonly height: number;
  /** The register's last entry; index 0 is unused. */
  readonly entries: number;
  /** Epoch seconds. `exp` never passes the next scheduled effective time. */
  readonly iat: number;
  readonly exp: number;
  /** Seconds. */
  readonly ttl: number;
  readonly status_list: { readonly bits: 2; readonly lst: string };
}

// ---------------------------------------------------------------- verification

/** What a reader of the ledger knows of one entry. */
export interface LedgerKnowledge {
  readonly height: number;
  /** Ledger time of the newest block read. */
  readonly time: Instant;
  /** When the reader last heard from a peer. */
  readonly asOf: Instant;
  /** Absent: the register has no such entry. */
  readonly anchor?: {
    /** base64 of the leaf hash at the entry. */
    readonly leaf: string;
    readonly statement: string;
    readonly key: KeyId;
    readonly txId: string;
    readonly block: number;
    /** Ledger time of its transaction. */
    readonly time: Instant;
    /** The entry it supersedes, as the anchor's supersessions say. */
    readonly supersedes: number | null;
  };
  readonly changes: readonly KnownChange[];
}
