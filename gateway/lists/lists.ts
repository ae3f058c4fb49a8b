/** The lists that a domain signs: trust list, status list and anchoring, ES256 (core/FORMATS.md). Readers are in core/jose.ts. */
import type { AnchoredClaims, Json, StatusListClaims, TrustClaims } from '@yinxin/core';
import { anchoredTyp, statusListTyp, trustListTyp } from '@yinxin/core/jose';
import type { Signer } from '../keys/signer.ts';

/** Interfaces have no index signature; the signer's canonical bytes refuse what is not JSON. */
const toJson = (claims: TrustClaims | StatusListClaims | AnchoredClaims) => claims as unknown as Json;

/** The trust list as a compact JWS by this key of the domain that the claims name. @throws YinxinError SIGNING_KEY_MISSING, KEY_WRONG_USE */
export function signTrustList(signer: Signer, kid: string, claims: TrustClaims): Promise<string> {
  return signer.signList(kid, trustListTyp, toJson(claims));
}

/** The list of a register, in the same way. @throws as signTrustList */
export function signStatusList(signer: Signer, kid: string, claims: StatusListClaims): Promise<string> {
  return signer.signList(kid, statusListTyp, toJson(claims));
}

/** Says, as the domain that the claims name, that the ledger holds a signed statement. Sign only what was read from a committed block. @throws as signTrustList */
export function signAnchored(signer: Signer, kid: string, claims: AnchoredClaims): Promise<string> {
  return signer.signList(kid, anchoredTyp, toJson(claims));
}
