/** Fabric's key-level endorsement policy of one organisation, as the bytes of a `common.SignaturePolicyEnvelope`. */
import { utf8 } from '../bytes.ts';

/** Wire types of protobuf: a tag is `field << 3 | wire type`. */
const varint = 0;
const lengthDelimited = 2;
/** `MSPRole.PEER` */
const peerRole = 3;

const tag = (field: number, type: number) => (field << 3) | type;
/** Everything here is shorter than 128 bytes: an organisation's name has at most 64. */
const nested = (field: number, bytes: readonly number[]) => [tag(field, lengthDelimited), bytes.length, ...bytes];

/** "1 of" the one principal: `NOutOf {n: 1, rules: [{signed_by: 0}]}`. */
const rule = nested(2, [tag(1, varint), 1, ...nested(2, [tag(1, varint), 0])]);

/** A peer of this organisation, and no more; byte for byte what fabric-shim's `KeyEndorsementPolicy` makes of it. */
export function peerPolicy(msp: string): Uint8Array {
  const role = [...nested(1, [...utf8(msp)]), tag(2, varint), peerRole];
  const principal = nested(2, role);
  return Uint8Array.from([...nested(2, rule), ...nested(3, principal)]);
}
