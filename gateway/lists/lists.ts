/** The lists that a domain signs: trust list and anchoring, ES256 (core/FORMATS.md). Readers are in core/jose.ts. */
import type { AnchoredClaims, Json, TrustClaims } from '@yinxin/core';
import { anchoredTyp, trustListTyp } from '@yinxin/core/jose';
import type { Signer } from '../keys/signer.ts';

/** Interfaces have no index signature; the signer's canonical bytes refuse what is not JSON. */
const toJson = (claims: TrustClaims | AnchoredClaims) => claims as unknown as Json;

/** The trust list as a compact JWS by the domain that the claims name. @throws YinxinError SIGNING_KEY_MISSING */
export function signTrustList(signer: Signer, claims: TrustClaims): Promise<string> {
  return signer.signList(claims.iss, trustListTyp, toJson(claims));
}

/** Says, as the domain that the claims name, that the ledger holds a signed statement. Sign only what was read from a committed block. @throws YinxinError SIGNING_KEY_MISSING */
export function signAnchored(signer: Signer, claims: AnchoredClaims): Promise<string> {
  return signer.signList(claims.iss, anchoredTyp, toJson(claims));
}
