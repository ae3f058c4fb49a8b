/** X.509 certificates for the double: P-256, as Fabric's cryptogen makes them, but in this process (RFC 5280, DER by X.690). */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const octets = (...parts: readonly Uint8Array[]) => tlv(0x04, ...parts);
const isTrue = Buffer.from([0x01, 0x01, 0xff]);

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const attributes = { CN: '550403', OU: '55040b', O: '55040a' } as const;

/** In the order given; several of one name are several parts. */
export type Name = readonly (readonly [keyof typeof attributes, string])[];

const formatName = (name: Name) =>
  sequence(...name.map(([key, value]) => tlv(0x31, sequence(oid(attributes[key]), tlv(0x0c, Buffer.from(value))))));

const formatTime = (date: Date) => tlv(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const extension = (id: string, isCritical: boolean, value: Buffer) =>
  sequence(oid(id), ...(isCritical ? [isTrue] : []), octets(value));

function formatExtensions(isAuthority: boolean, issuerKey: KeyObject, key: KeyObject): Buffer {
  const usage = tlv(0x03, Buffer.from(isAuthority ? [0x01, 0x06] : [0x07, 0x80])); // keyCertSign, cRLSign; digitalSignature
  const names = sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, Buffer.from([127, 0, 0, 1])));
  return tlv(
    0xa3,
    sequence(
      extension('551d13', true, sequence(...(isAuthority ? [isTrue] : []))),
      extension('551d0f', true, usage),
      extension('551d0e', false, octets(keyIdOf(key))),
      extension('551d23', false, sequence(tlv(0x80, keyIdOf(issuerKey)))),
      ...(isAuthority ? [] : [extension('551d11', false, names)]),
    ),
  );
}

const keyIdOf = (key: KeyObject) =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

export interface Pair {
  readonly name: Name;
  readonly certificate: string;
  readonly publicKey: KeyObject;
  readonly key: KeyObject;
  readonly keyPem: string;
}

export interface Validity {
  readonly from: Date;
  readonly to: Date;
}

const day = 86_400_000;
const usual = (): Validity => ({ from: new Date(Date.now() - day), to: new Date(Date.now() + 3650 * day) });

let serial = 0;

/** A pair named `name`; its own authority when there is none, and one under another when `isAuthority` says so. */
export function makePair(
  name: Name,
  issuer?: Pair,
  validity: Validity = usual(),
  isAuthority = issuer === undefined,
  namedCurve = 'P-256',
): Pair {
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve });
  serial += 1;
  const signer = issuer ?? { name, key, publicKey };
  const body = sequence(
    tlv(0xa0, Buffer.from([0x02, 0x01, 0x02])),
    tlv(0x02, Buffer.from([0x01, serial >> 8, serial & 0xff])),
    ecdsaWithSha256,
    formatName(signer.name),
    sequence(formatTime(validity.from), formatTime(validity.to)),
    formatName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    formatExtensions(isAuthority, signer.publicKey, publicKey),
  );
  const signature = sign('sha256', body, signer.key);
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.alloc(1), signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    name,
    publicKey,
    key,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
