/** Blocks of the double: real protocol buffers, hashed, linked and signed by four orderers as a SmartBFT ordering service does. */
import { createHash, sign } from 'node:crypto';
import { common, orderer } from '@hyperledger/fabric-protos';
import { formatMsp, type Member, makeMember, makeOrganisation, type Organisation } from './organisations.ts';

const sha256 = (...parts: readonly Uint8Array[]) => {
  const hasher = createHash('sha256');
  for (const part of parts) hasher.update(part);
  return hasher.digest();
};

function formatHeader(number: number, previousHash: Uint8Array, dataHash: Uint8Array): Buffer {
  const digits = number.toString(16);
  const magnitude = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const integer = (magnitude[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), magnitude]) : magnitude;
  const field = (tag: number, bytes: Uint8Array) => Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
  return field(0x30, Buffer.concat([field(2, integer), field(4, previousHash), field(4, dataHash)]));
}

export interface Ordering {
  readonly organisation: Organisation;
  /** By number, from 1. */
  readonly consenters: readonly Member[];
}

export function makeOrdering(): Ordering {
  const organisation = makeOrganisation('ProvinceOrdererMSP');
  return { organisation, consenters: [1, 2, 3, 4].map(() => makeMember(organisation, 'orderer')) };
}

export interface SignedBlock {
  readonly block: common.Block;
  readonly hash: Buffer;
  readonly commitHash: Buffer;
}

interface BlockParts {
  readonly ordering: Ordering;
  readonly before?: SignedBlock;
  readonly envelopes: readonly Uint8Array[];
  /** Validation codes, one each. */
  readonly codes: readonly number[];
}

function formatSignatures({ consenters }: Ordering, header: Buffer): Uint8Array {
  const last = new common.LastConfig();
  last.setIndex(0);
  const value = new common.OrdererBlockMetadata();
  value.setLastConfig(last);
  const metadata = new common.Metadata();
  metadata.setValue(value.serializeBinary());
  for (const [at, { key }] of consenters.entries()) {
    const identifier = new common.IdentifierHeader();
    identifier.setIdentifier(at + 1);
    identifier.setNonce(Buffer.alloc(24, at));
    const signature = new common.MetadataSignature();
    signature.setIdentifierHeader(identifier.serializeBinary());
    signature.setSignature(
      sign('sha256', Buffer.concat([value.serializeBinary(), identifier.serializeBinary(), header]), key),
    );
    metadata.addSignatures(signature);
  }
  return metadata.serializeBinary();
}

export function makeBlock({ ordering, before, envelopes, codes }: BlockParts): SignedBlock {
  const number = before ? (before.block.getHeader()?.getNumber() ?? 0) + 1 : 0;
  const previousHash = before?.hash ?? Buffer.alloc(0);
  const dataHash = sha256(...envelopes);
  const headerBytes = formatHeader(number, previousHash, dataHash);
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(previousHash);
  header.setDataHash(dataHash);
  const data = new common.BlockData();
  data.setDataList([...envelopes]);
  const commitHash = before ? sha256(before.commitHash, dataHash, Buffer.from(codes)) : Buffer.alloc(0);
  const commit = new common.Metadata();
  commit.setValue(commitHash);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([
    number === 0 ? new Uint8Array() : formatSignatures(ordering, headerBytes),
    new Uint8Array(),
    Buffer.from(codes),
    new Uint8Array(),
    number === 0 ? new Uint8Array() : commit.serializeBinary(),
  ]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return { block, hash: sha256(headerBytes), commitHash };
}

function value(bytes: Uint8Array): common.ConfigValue {
  const config = new common.ConfigValue();
  config.setValue(bytes);
  return config;
}

function memberGroup(organisation: Organisation): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.getValuesMap().set('MSP', value(formatMsp(organisation)));
  return group;
}

function formatConsenters({ organisation, consenters }: Ordering): Uint8Array {
  const orderers = new common.Orderers();
  for (const [at, { certificate }] of consenters.entries()) {
    const consenter = new common.Consenter();
    consenter.setId(at + 1);
    consenter.setHost('127.0.0.1');
    consenter.setMspId(organisation.msp);
    consenter.setIdentity(Buffer.from(certificate));
    orderers.addConsenterMapping(consenter);
  }
  return orderers.serializeBinary();
}

/** Block 0: who is on the channel and who orders for it. */
export function makeGenesis(channel: string, ordering: Ordering, cities: readonly Organisation[]): SignedBlock {
  const consensus = new orderer.ConsensusType();
  consensus.setType('BFT');
  const orderers = memberGroup(ordering.organisation);
  const ordererGroup = new common.ConfigGroup();
  ordererGroup.getGroupsMap().set(ordering.organisation.msp, orderers);
  ordererGroup.getValuesMap().set('ConsensusType', value(consensus.serializeBinary()));
  ordererGroup.getValuesMap().set('Orderers', value(formatConsenters(ordering)));
  const application = new common.ConfigGroup();
  for (const city of cities) application.getGroupsMap().set(city.msp, memberGroup(city));
  const channelGroup = new common.ConfigGroup();
  channelGroup.getGroupsMap().set('Orderer', ordererGroup);
  channelGroup.getGroupsMap().set('Application', application);
  const config = new common.Config();
  config.setSequence(0);
  config.setChannelGroup(channelGroup);
  const configEnvelope = new common.ConfigEnvelope();
  configEnvelope.setConfig(config);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setChannelId(channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(configEnvelope.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return makeBlock({ ordering, envelopes: [envelope.serializeBinary()], codes: [0] });
}
