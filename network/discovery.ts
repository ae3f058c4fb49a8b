/** Asks a peer who could endorse a transaction, by Fabric's discovery service: that a network is ready shows here and nowhere else. */
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import type { TlsFiles } from './paths.ts';
import { encodeMessage, readField } from './protobuf.ts';

export interface DiscoveryQuestion {
  readonly address: string;
  readonly channel: string;
  readonly chaincode: string;
  /** As whom to ask: a member of the channel. */
  readonly msp: string;
  readonly mspFolder: string;
  readonly tls: TlsFiles;
}

/** Order of the curve P-256, FIPS 186-4. */
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const half = 32;

function toDerInteger(value: Buffer): Buffer {
  const start = value.findIndex((byte) => byte !== 0);
  const digits = value.subarray(start);
  const padded = (digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return Buffer.concat([Buffer.of(2, padded.length), padded]);
}

/** ECDSA with SHA-256, of the two forms that hold the one with the smaller s: Fabric takes no other. */
function signLowS(message: Buffer, keyPem: Buffer): Buffer {
  const both = sign('sha256', message, { key: createPrivateKey(keyPem), dsaEncoding: 'ieee-p1363' });
  const s = BigInt(`0x${both.toString('hex', half)}`);
  const low = s > order / 2n ? order - s : s;
  const body = Buffer.concat([
    toDerInteger(both.subarray(0, half)),
    toDerInteger(Buffer.from(low.toString(16).padStart(2 * half, '0'), 'hex')),
  ]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function readOne(folder: string, pattern: string): Buffer {
  const [file] = globSync(pattern, { cwd: folder });
  if (file === undefined) throw new YinxinError('FILE_UNREADABLE', { file: join(folder, pattern) });
  return readFileSync(join(folder, file));
}

/** discovery/protocol.proto of fabric-protos: SignedRequest { payload = 1, signature = 2 } over a Request with one ChaincodeQuery. */
function toRequest({ channel, chaincode, msp, mspFolder, tls }: DiscoveryQuestion): Buffer {
  const tlsCertificate = new X509Certificate(readFileSync(tls.certificate)).raw;
  const identity = encodeMessage([
    [1, msp],
    [2, readOne(mspFolder, 'signcerts/*')],
  ]);
  const authentication = encodeMessage([
    [1, identity],
    [2, createHash('sha256').update(tlsCertificate).digest()],
  ]);
  const interest = encodeMessage([[1, encodeMessage([[1, chaincode]])]]);
  const query = encodeMessage([
    [1, channel],
    [4, encodeMessage([[1, interest]])],
  ]);
  const payload = encodeMessage([
    [1, authentication],
    [2, query],
  ]);
  return encodeMessage([
    [1, payload],
    [2, signLowS(payload, readOne(mspFolder, 'keystore/*'))],
  ]);
}

const timeoutMilliseconds = 3000;
const framePrefixBytes = 5;

/** One unary call of gRPC over HTTP/2. */
function call({ address, tls }: DiscoveryQuestion, request: Buffer): Promise<Buffer> {
  const [cert, key, ca] = [tls.certificate, tls.key, tls.ca].map((file) => readFileSync(file));
  const prefix = Buffer.alloc(framePrefixBytes);
  prefix.writeUInt32BE(request.length, 1);
  return new Promise((resolve, reject) => {
    const session = connect(`https://${address}`, { cert, key, ca, timeout: timeoutMilliseconds });
    const stream = session.request({
      ':method': 'POST',
      ':path': '/discovery.Discovery/Discover',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    stream.setTimeout(timeoutMilliseconds, () => stream.destroy(new Error('no answer in time')));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks).subarray(framePrefixBytes)));
    stream.on('close', () => session.destroy());
    const fail = (error: Error) => {
      session.destroy();
      reject(error);
    };
    session.on('error', fail);
    stream.on('error', fail);
    stream.end(Buffer.concat([prefix, request]));
  });
}

/**
 * MSPs of the peers that this one would ask to endorse a transaction of the contract; empty when it knows of no way to meet the policy.
 * Rejects when the peer does not answer.
 */
export async function discoverEndorsers(question: DiscoveryQuestion): Promise<readonly string[]> {
  const response = await call(question, toRequest(question));
  // Response.results → QueryResult.cc_query_res → ChaincodeQueryResult.content → EndorsementDescriptor.endorsers_by_groups (a map) → Peers.peers → Peer.identity
  const path = [1, 3, 1, 2, 2, 1, 3];
  const identities = path.reduce((messages, field) => messages.flatMap((message) => readField(message, field)), [
    response,
  ] as readonly Buffer[]);
  return identities.flatMap((identity) => readField(identity, 1).map((msp) => msp.toString('utf8')));
}
