/** A peer of the double: Fabric's gateway and Deliver services over gRPC with mutual TLS on loopback, with a hook around each for faults. */
import { createServer } from 'node:net';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { common, gateway, orderer, peer } from '@hyperledger/fabric-protos';
import type { Channel } from './channel.ts';
import type { Member } from './organisations.ts';
import { formatEnvelope, type ReadProposal, readProposal } from './transactions.ts';

/** A gRPC status, thrown. Details are what other nodes said. */
export class Status extends Error {
  readonly code: number;
  readonly notes: readonly string[];
  constructor(code: number, message: string, notes: readonly string[] = []) {
    super(message);
    this.code = code;
    this.notes = notes;
  }
}

/** Around a call: runs it, or does something worse. */
export type Around<T> = (run: () => Promise<T>) => Promise<T>;
export type AroundBlocks = (blocks: AsyncIterable<common.Block>) => AsyncIterable<common.Block>;

/** What a test puts around a peer's services; undefined: nothing. */
export interface Faults {
  evaluate?: Around<gateway.EvaluateResponse> | undefined;
  endorse?: Around<gateway.EndorseResponse> | undefined;
  submit?: Around<gateway.SubmitResponse> | undefined;
  commitStatus?: Around<gateway.CommitStatusResponse> | undefined;
  deliver?: AroundBlocks | undefined;
  /** Of the organisation's contract process. */
  isContractDown?: boolean;
  /** How many peers endorse: two, unless said otherwise. */
  endorsers?: number;
}

const field = (number: number, bytes: Uint8Array) => {
  const size: number[] = [];
  for (let rest = bytes.length; ; rest >>= 7) {
    if (rest < 0x80) {
      size.push(rest);
      break;
    }
    size.push((rest & 0x7f) | 0x80);
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...size]), bytes]);
};

/** A `google.rpc.Status` whose details are `gateway.ErrorDetail`. */
function formatDetails({ code, message, notes }: Status): Buffer {
  const details = notes.map((note) => {
    const detail = new gateway.ErrorDetail();
    detail.setAddress('peer.double:1');
    detail.setMspId('DoubleMSP');
    detail.setMessage(note);
    const type = Buffer.from('type.googleapis.com/gateway.ErrorDetail');
    return field(3, Buffer.concat([field(1, type), field(2, detail.serializeBinary())]));
  });
  return Buffer.concat([Buffer.from([0x08, code]), field(2, Buffer.from(message)), ...details]);
}

function toServiceError(error: unknown) {
  const status = error instanceof Status ? error : new Status(13, String(error));
  const metadata = new Metadata();
  if (status.notes.length > 0) metadata.set('grpc-status-details-bin', formatDetails(status));
  return { code: status.code, details: status.message, metadata };
}

const answer =
  <Request, Response>(run: (request: Request) => Promise<Response>) =>
  ({ request }: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => {
    run(request).then(
      (response) => done(null, response),
      (error: unknown) => done(toServiceError(error)),
    );
  };

const around = <T>(fault: Around<T> | undefined, run: () => Promise<T>): Promise<T> => (fault ? fault(run) : run());

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
  });
  return promise;
}

export interface PeerParts {
  readonly name: string;
  readonly channel: Channel;
  readonly member: Member;
  /** Of the clients' TLS certificates and of its own. */
  readonly tlsCa: string;
}

export class DoublePeer {
  readonly name: string;
  readonly member: Member;
  readonly port: number;
  readonly faults: Faults = {};
  /** Calls seen, by name. */
  readonly calls: string[] = [];
  readonly #channel: Channel;
  readonly #tlsCa: string;
  #others: readonly DoublePeer[] = [];
  #server: Server | undefined;

  private constructor({ channel, member, name, tlsCa }: PeerParts, port: number) {
    this.name = name;
    this.member = member;
    this.port = port;
    this.#channel = channel;
    this.#tlsCa = tlsCa;
  }

  static async start(parts: PeerParts): Promise<DoublePeer> {
    const started = new DoublePeer(parts, await freePort());
    await started.start();
    return started;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  know(peers: readonly DoublePeer[]): void {
    this.#others = peers.filter((one) => one !== this);
  }

  /** On the port it had before. */
  async start(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 100 * 1_048_576 });
    server.addService(gateway.GatewayService, {
      evaluate: answer((request: gateway.EvaluateRequest) => this.#seen('evaluate', () => this.#evaluate(request))),
      endorse: answer((request: gateway.EndorseRequest) => this.#seen('endorse', () => this.#endorse(request))),
      submit: answer((request: gateway.SubmitRequest) => this.#seen('submit', () => this.#submit(request))),
      commitStatus: answer((request: gateway.SignedCommitStatusRequest) =>
        this.#seen('commitStatus', () => this.#commitStatus(request)),
      ),
      chaincodeEvents: () => undefined,
    });
    server.addService(peer.DeliverService, {
      deliver: (stream: ServerDuplexStream<common.Envelope, peer.DeliverResponse>) => {
        stream.once('data', (envelope: common.Envelope) => void this.#deliver(stream, envelope));
      },
      deliverFiltered: () => undefined,
      deliverWithPrivateData: () => undefined,
    });
    const pair = { private_key: Buffer.from(this.member.keyPem), cert_chain: Buffer.from(this.member.certificate) };
    const secure = ServerCredentials.createSsl(Buffer.from(this.#tlsCa), [pair], true);
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, secure, (error) => (error ? reject(error) : resolve()));
    });
    this.#server = server;
  }

  /** As kill -9 does: streams and calls break off. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  async #seen<T>(name: 'evaluate' | 'endorse' | 'submit' | 'commitStatus', run: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    const fault = this.faults[name] as Around<T> | undefined; // of the same name, so of the same answer
    return around(fault, run);
  }

  /** @throws Status */
  async #run(proposal: ReadProposal) {
    if (!proposal.isGood) throw new Status(9, 'access denied', ['access denied: channel [certs] creator org [?]']);
    if (this.faults.isContractDown === true) {
      const why = 'could not launch chaincode: connection refused';
      throw new Status(10, 'failed to endorse transaction, see attached details for more info', [why]);
    }
    const simulated = await this.#channel.simulate(proposal);
    if ('message' in simulated) {
      const why = `chaincode response 500, ${simulated.message}`;
      throw new Status(10, 'failed to endorse transaction, see attached details for more info', [why]);
    }
    return simulated;
  }

  async #evaluate(request: gateway.EvaluateRequest): Promise<gateway.EvaluateResponse> {
    const proposal = readProposal(request.getProposedTransaction() ?? new peer.SignedProposal());
    const result = new peer.Response();
    result.setStatus(200);
    if (proposal.chaincode === 'qscc') {
      result.setPayload(this.#query(proposal.texts));
    } else {
      const helper = this.faults.isContractDown === true ? this.#others.find((one) => one.isRunning) : undefined;
      result.setPayload(Buffer.from((await (helper ?? this).#run(proposal)).result));
    }
    const response = new gateway.EvaluateResponse();
    response.setResult(result);
    return response;
  }

  /** @throws Status */
  #query([name, , argument = '']: readonly string[]): Uint8Array {
    const { blocks } = this.#channel;
    const missing = () => {
      const why = `chaincode response 500, Failed to get it: no such ${name === 'GetBlockByNumber' ? 'block number' : 'transaction ID'} [${argument}] in index`;
      return new Status(2, `evaluate call to endorser returned error: ${why}`, [why]);
    };
    if (name === 'GetChainInfo') {
      const info = new common.BlockchainInfo();
      info.setHeight(blocks.length);
      info.setCurrentblockhash(blocks[blocks.length - 1]?.hash ?? new Uint8Array());
      return info.serializeBinary();
    }
    const number = name === 'GetBlockByNumber' ? Number(argument) : this.#channel.commitOf(argument)?.block;
    const found = number === undefined ? undefined : blocks[number];
    if (!found) throw missing();
    return found.block.serializeBinary();
  }

  async #endorse(request: gateway.EndorseRequest): Promise<gateway.EndorseResponse> {
    const proposal = readProposal(request.getProposedTransaction() ?? new peer.SignedProposal());
    const { response } = await this.#run(proposal);
    const helpers = this.#others.filter(({ faults, isRunning }) => isRunning && faults.isContractDown !== true);
    const endorsers = [this, ...helpers].slice(0, this.faults.endorsers ?? 2);
    if (endorsers.length < (this.faults.endorsers ?? 2)) {
      throw new Status(9, 'no combination of peers can be derived which satisfy the endorsement policy');
    }
    const prepared = new gateway.EndorseResponse();
    const members = endorsers.map(({ member }) => member);
    prepared.setPreparedTransaction(formatEnvelope(proposal, response, members));
    return prepared;
  }

  async #submit(request: gateway.SubmitRequest): Promise<gateway.SubmitResponse> {
    this.#channel.order(request.getPreparedTransaction() ?? new common.Envelope());
    return new gateway.SubmitResponse();
  }

  async #commitStatus(request: gateway.SignedCommitStatusRequest): Promise<gateway.CommitStatusResponse> {
    const asked = gateway.CommitStatusRequest.deserializeBinary(request.getRequest_asU8());
    for (;;) {
      const commit = this.#channel.commitOf(asked.getTransactionId());
      if (commit) {
        const response = new gateway.CommitStatusResponse();
        response.setBlockNumber(commit.block);
        response.setResult(commit.code as Parameters<typeof response.setResult>[0]); // one of Fabric's, by construction
        return response;
      }
      await this.#channel.nextBlock();
    }
  }

  async *#blocksFrom(seek: orderer.SeekInfo, isOver: () => boolean): AsyncGenerator<common.Block> {
    const { blocks } = this.#channel;
    const toNumber = (position: orderer.SeekPosition | undefined) =>
      position?.hasNewest() === true ? blocks.length - 1 : (position?.getSpecified()?.getNumber() ?? 0);
    const last = toNumber(seek.getStop());
    const isBare = seek.getContentType() === orderer.SeekInfo.SeekContentType.HEADER_WITH_SIG;
    for (let number = toNumber(seek.getStart()); number <= last && !isOver(); ) {
      const found = blocks[number];
      if (!found) {
        await this.#channel.nextBlock();
        continue;
      }
      yield isBare && number > 0 ? withoutData(found.block) : found.block;
      number += 1;
    }
  }

  async #deliver(
    stream: ServerDuplexStream<common.Envelope, peer.DeliverResponse>,
    envelope: common.Envelope,
  ): Promise<void> {
    this.calls.push('deliver');
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const seek = orderer.SeekInfo.deserializeBinary(payload.getData_asU8());
    const real = this.#blocksFrom(seek, () => stream.cancelled);
    stream.on('error', () => undefined); // the client went away
    try {
      for await (const block of this.faults.deliver ? this.faults.deliver(real) : real) {
        if (stream.cancelled) return;
        const response = new peer.DeliverResponse();
        response.setBlock(block);
        stream.write(response);
      }
      const end = new peer.DeliverResponse();
      end.setStatus(common.Status.SUCCESS);
      stream.write(end);
      stream.end();
    } catch (error) {
      stream.emit('error', toServiceError(error));
    }
  }
}

function withoutData(block: common.Block): common.Block {
  const bare = new common.Block();
  bare.setHeader(block.getHeader());
  bare.setMetadata(block.getMetadata());
  return bare;
}
