/** What every envelope of a block says about itself (Fabric's `common.Envelope` and its headers). */
import { type Instant, toInstant, YinxinError } from '@yinxin/core';
import { Message } from './protobuf.ts';

/** Fabric's `common.HeaderType`, as far as it matters here. */
export const headerTypes = { config: 1, endorserTransaction: 3 } as const;

export interface Envelope {
  readonly type: number;
  readonly channel: string;
  readonly txId: string;
  /** To the second, as the contract reads it. */
  readonly time: Instant;
  /** Name of the chaincode that was called; empty in other envelopes. */
  readonly chaincode: string;
  /** A `msp.SerializedIdentity`. */
  readonly creator: Buffer;
  readonly data: Buffer;
}

const epoch = toInstant(0);

/** The contract refuses times that are no instant, so only endorsers that do not keep to it let one through: it stands at the beginning of time then. */
function readTime(timestamp: Message): Instant {
  try {
    return toInstant(Number(timestamp.int64(1)));
  } catch (error) {
    if (error instanceof YinxinError) return epoch;
    throw error;
  }
}

/** @throws MalformedMessage */
export function parseEnvelope(bytes: Buffer): Envelope {
  const payload = new Message(new Message(bytes).bytes(1));
  const headers = payload.message(1);
  const channelHeader = new Message(headers.bytes(1));
  const type = channelHeader.int32(1);
  const isCall = type === headerTypes.endorserTransaction;
  return {
    type,
    channel: channelHeader.text(4),
    txId: channelHeader.text(5),
    time: readTime(channelHeader.message(3)),
    chaincode: isCall ? new Message(channelHeader.bytes(7)).message(2).text(2) : '',
    creator: new Message(headers.bytes(2)).bytes(1),
    data: payload.bytes(2),
  };
}
