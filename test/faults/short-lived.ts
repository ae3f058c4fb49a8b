/** X.509 certificates (RFC 5280) with another end: one field replaced, signed again by the authority that `cryptogen` leaves beside its certificate. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createMessageSigner } from '../../gateway/ledger/fabric/signer.ts';
import { cityCryptoOf } from '../../network/paths.ts';
import type { Organisation } from '../../network/plan.ts';
import type { TestNetwork } from '../fixtures/fabric.ts';

const utcTimeTag = 0x17;
const utcTimeLength = 13;

/** `YYMMDDHHMMSSZ` */
const toUtcTime = (date: Date) => `${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`;

const lengthOf = (der: Buffer, at: number): { readonly header: number; readonly content: number } => {
  const first = der.readUInt8(at + 1);
  if (first < 0x80) return { header: 2, content: first };
  const bytes = first & 0x7f;
  return { header: 2 + bytes, content: der.readUIntBE(at + 2, bytes) };
};

const endOf = (der: Buffer, at: number): number => {
  const { header, content } = lengthOf(der, at);
  return at + header + content;
};

function wrap(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** In place: dates have a fixed length. The beginning stays, since Fabric looks at the chain as it was then. */
function setEnd(signed: Buffer, until: Date): Buffer {
  const made = Buffer.from(signed);
  const at = made.indexOf(Buffer.from([0x30, 2 * (utcTimeLength + 2), utcTimeTag, utcTimeLength]));
  if (at < 0) throw new Error('no dates in UTCTime');
  made.write(toUtcTime(until), at + 4 + utcTimeLength + 2, 'latin1');
  return made;
}

const onlyFile = (folder: string, end: string): string => {
  const name = readdirSync(folder).find((file) => file.endsWith(end));
  if (name === undefined) throw new Error(`no ${end} in ${folder}`);
  return join(folder, name);
};

/** The same certificate, good until `until`: `cryptogen` has it begin five minutes before it was made, so that may be in the past. `authority`: a folder with its key. @returns PEM */
export async function withEnd(certificate: Buffer, authority: string, until: Date): Promise<string> {
  const der = new X509Certificate(certificate).raw;
  const { header } = lengthOf(der, 0);
  const algorithmAt = endOf(der, header);
  const algorithm = der.subarray(algorithmAt, endOf(der, algorithmAt));
  const signed = setEnd(der.subarray(header, algorithmAt), until);
  const key = createPrivateKey(readFileSync(onlyFile(authority, '_sk')));
  const signature = await createMessageSigner(key)(signed);
  const made = wrap(0x30, Buffer.concat([signed, algorithm, wrap(0x03, Buffer.concat([Buffer.from([0]), signature]))]));
  const lines = made.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Writes a connection profile in which the client identity of this city ends then. @returns its path */
export async function profileUntil(
  network: TestNetwork,
  city: Organisation,
  folder: string,
  until: Date,
): Promise<string> {
  const { client, folder: crypto } = cityCryptoOf(network.paths, city);
  const msp = join(folder, `msp-${until.getTime()}`);
  mkdirSync(folder, { recursive: true });
  cpSync(client.msp, msp, { recursive: true });
  const certificate = onlyFile(join(msp, 'signcerts'), '.pem');
  writeFileSync(certificate, await withEnd(readFileSync(certificate), join(crypto, 'ca'), until));
  const own = network.profile(city.slug);
  const text = readFileSync(own, 'utf8');
  const profile = JSON.parse(text) as { identities: { role: string; mspFolder: string }[] };
  for (const identity of profile.identities) {
    if (identity.role === 'client') identity.mspFolder = relative(dirname(own), msp);
  }
  const path = join(dirname(own), `${city.slug}-${until.getTime()}.profile`);
  writeFileSync(path, JSON.stringify(profile));
  return path;
}
