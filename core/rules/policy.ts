/** Fabric's key-level endorsement policy of organisations' peers, as the bytes of a `common.SignaturePolicyEnvelope`. */
import { utf8 } from '../bytes.ts';

/** Wire types of protobuf: a tag is `field << 3 | wire type`. */
const varint = 0;
const lengthDelimited = 2;
/** `MSPRole.PEER` */
const peerRole = 3;

const tag = (field: number, type: number) => (field << 3) | type;
/** Of a whole number that is not negative: seven bits a byte, lowest first. */
const toVarint = (number: number): readonly number[] =>
  number < 128 ? [number] : [(number % 128) + 128, ...toVarint(Math.floor(number / 128))];
const nested = (field: number, bytes: readonly number[]) => [
  tag(field, lengthDelimited),
  ...toVarint(bytes.length),
  ...bytes,
];

/** `SignaturePolicy {signed_by}` */
const signedBy = (principal: number) => nested(2, [tag(1, varint), ...toVarint(principal)]);
/** `MSPPrincipal {ROLE, MSPRole {msp, PEER}}` */
const peerOf = (msp: string) => nested(2, [...nested(1, [...utf8(msp)]), tag(2, varint), peerRole]);

/** A peer of any one of these organisations, and no more; of a single one byte for byte what fabric-shim's `KeyEndorsementPolicy` makes of it. */
export function peerPolicy(...msps: readonly string[]): Uint8Array {
  const oneOf = nested(2, [tag(1, varint), 1, ...msps.flatMap((_, at) => signedBy(at))]); // `NOutOf {n: 1, rules}`
  return Uint8Array.from([...nested(2, oneOf), ...msps.flatMap((msp) => nested(3, peerOf(msp)))]);
}
