/** Blocks of a peer by Fabric's Deliver service (`protos.Deliver`), as the gateway's reader. Each request is for a bounded range, so that no more than that lies in memory. */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { YinxinError } from '@yinxin/core';
import type { Connections, PeerConnection, Wire } from '../connections.ts';
import { parseFabricBlock, reading } from './fabric-block.ts';
import { Message } from './protobuf.ts';
import { bytesField, numberField } from './protobuf-writer.ts';
import type { BlockSource, Range } from './source.ts';

const method = '/protos.Deliver/Deliver';
/** Fabric's `common.HeaderType.DELIVER_SEEK_INFO`, `SeekInfo.HEADER_WITH_SIG` and `common.Status.SUCCESS`. */
const seekType = 5;
const headersWithSignatures = 1;
const success = 200;

/** An `orderer.SeekPosition`. */
const formatPosition = (number: Range['from']) =>
  number === 'newest' ? bytesField(1, []) : bytesField(3, [numberField(1, number)]);

/** An `orderer.SeekInfo`. */
function formatSeek({ from, to, headersOnly = false }: Range): Buffer {
  const start = bytesField(1, [formatPosition(from)]);
  const stop = bytesField(2, [formatPosition(from === 'newest' ? from : to)]);
  return Buffer.concat([start, stop, numberField(5, headersOnly ? headersWithSignatures : 0)]);
}

/** A `common.Header`. */
function formatHeader({ channel, reader, tlsHash }: Wire): Buffer {
  // peers compare it with their own clock, as a TLS handshake does: the ledger's clock has no part in it
  const now = bytesField(3, [numberField(1, Math.floor(Date.now() / 1000))]);
  const channelHeader = [numberField(1, seekType), now, bytesField(4, channel), bytesField(8, tlsHash)];
  const creator = [bytesField(1, reader.msp), bytesField(2, reader.certificate)];
  return Buffer.concat([bytesField(1, channelHeader), bytesField(2, [bytesField(1, creator)])]);
}

/** A signed `common.Envelope`. */
async function formatRequest(wire: Wire, range: Range): Promise<Buffer> {
  const payload = Buffer.concat([bytesField(1, formatHeader(wire)), bytesField(2, formatSeek(range))]);
  return Buffer.concat([bytesField(1, payload), bytesField(2, await wire.reader.sign(payload))]);
}

const asTheyAre = (bytes: Buffer) => bytes;

/** The messages of `protos.DeliverResponse`. */
function openStream({ client }: Wire, request: Buffer): ClientDuplexStream<Buffer, Buffer> {
  const stream = client.makeBidiStreamRequest(method, asTheyAre, asTheyAre);
  stream.on('error', () => undefined); // heard by who reads; after a cancel nobody does
  stream.write(request);
  return stream;
}

const unreachable = (peer: string, why: string) => new YinxinError('LEDGER_UNREACHABLE', { peer, why });

/** gRPC's errors carry its status code. */
function isStatus(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** `isOwn`: it is a peer of the gateway's own organisation. */
function createSource({ name, wire }: PeerConnection, isOwn: boolean): BlockSource {
  async function* read(range: Range, signal: AbortSignal) {
    const stream = openStream(wire, await formatRequest(wire, range));
    const cancel = () => stream.cancel();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    let awaited = range.from === 'newest' ? 0 : range.from;
    try {
      for await (const bytes of stream as AsyncIterable<Buffer>) {
        const response = reading(awaited, () => new Message(bytes));
        if (!response.has(2)) {
          if (response.int32(1) === success) return;
          throw unreachable(name, `status ${response.int32(1)}`);
        }
        yield parseFabricBlock(response.bytes(2), awaited);
        awaited += 1;
      }
      if (!signal.aborted) throw unreachable(name, 'stream ended');
    } catch (error) {
      if (signal.aborted) return;
      throw isStatus(error) ? unreachable(name, 'peer away') : error;
    } finally {
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  }
  return { name, isOwn, read };
}

/** Of all peers, one's own first. */
export function createSources({ own, others }: Connections): readonly BlockSource[] {
  return [...own.map((peer) => createSource(peer, true)), ...others.map((peer) => createSource(peer, false))];
}
