/** Fabric's blocks as the port's: recorded ones as others read them, and made ones as they would be sent by those who want to be misread. */
import { execFileSync } from 'node:child_process';
import { common, ledger as ledgerProtos, msp as mspProtos, peer } from '@hyperledger/fabric-protos';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { decodeBlock } from '../../../gateway/ledger/fabric/blocks/decode.ts';
import { parseFabricBlock } from '../../../gateway/ledger/fabric/blocks/fabric-block.ts';
import { bytesField } from '../../../gateway/ledger/fabric/blocks/protobuf-writer.ts';
import type { Transaction } from '../../../gateway/ledger/port.ts';
import { seededRandom } from '../../fixtures/network.ts';
import { makePair } from './double/certificates.ts';
import { formatBlock, formatCall, formatPayload, type MadeCall } from './made.ts';
import { type Network, readRecorded, withMetadata } from './recorded.ts';

const decode = (bytes: Buffer, number = 5) => decodeBlock(parseFabricBlock(bytes, number), 'yinxin');

const shimScript = `
const { ClientIdentity } = require('fabric-shim');
const creators = JSON.parse(require('fs').readFileSync(0, 'utf8')).map(({ msp, pem }) => {
  const creator = { mspid: msp, idBytes: Buffer.from(pem) };
  const stub = { getChannelID: () => 'certs', getTxID: () => 'ab'.repeat(32), getCreator: () => creator };
  const identity = new ClientIdentity(stub);
  return { msp: identity.getMSPID(), id: identity.getID() };
});
process.stdout.write(JSON.stringify(creators));
`;

/** What fabric-shim tells the contract of creators. In a process of its own: its older bindings and ours would overwrite each other. */
function readWithShim(serialized: readonly Uint8Array[]): readonly Transaction['creator'][] {
  const identities = serialized.map((bytes) => mspProtos.SerializedIdentity.deserializeBinary(bytes));
  const creators = identities.map((one) => ({
    msp: one.getMspid(),
    pem: Buffer.from(one.getIdBytes_asU8()).toString(),
  }));
  const input = JSON.stringify(creators);
  const output = execFileSync(process.execPath, ['--no-deprecation', '-e', shimScript], { input });
  return JSON.parse(output.toString()) as readonly Transaction['creator'][]; // written by the script above
}

/** A recorded envelope, read by Fabric's own bindings. */
function readWithBindings(bytes: Buffer) {
  const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(bytes).getPayload_asU8());
  const header = common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
  const extension = peer.ChaincodeHeaderExtension.deserializeBinary(header.getExtension_asU8());
  if (header.getType() !== 3 || extension.getChaincodeId()?.getName() !== 'yinxin') return undefined;
  const signatureHeader = common.SignatureHeader.deserializeBinary(
    payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array(),
  );
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(
    transaction.getActionsList()[0]?.getPayload_asU8() ?? new Uint8Array(),
  );
  const proposal = peer.ChaincodeProposalPayload.deserializeBinary(actionPayload.getChaincodeProposalPayload_asU8());
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8());
  const [name, input] = spec.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? [];
  const response = peer.ProposalResponsePayload.deserializeBinary(
    actionPayload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const action = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  const event = peer.ChaincodeEvent.deserializeBinary(action.getEvents_asU8());
  const sets = ledgerProtos.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8()).getNsRwsetList();
  const set = sets.find((one) => one.getNamespace() === 'yinxin');
  const writes = ledgerProtos.rwset.kvrwset.KVRWSet.deserializeBinary(set?.getRwset_asU8() ?? new Uint8Array());
  const owned = writes.getMetadataWritesList().map((write) => {
    const [entry] = write.getEntriesList();
    return { key: write.getKey(), policy: Buffer.from(entry?.getValue_asU8() ?? []).toString('hex') };
  });
  const text = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString();
  return {
    txId: header.getTxId(),
    time: `${new Date((header.getTimestamp()?.getSeconds() ?? 0) * 1000).toISOString().slice(0, 19)}Z` as Transaction['time'],
    creator: signatureHeader.getCreator_asU8(),
    transaction: text(name),
    input: JSON.parse(text(input)) as Transaction['input'],
    writes: writes.getWritesList().map((write) => ({
      key: write.getKey(),
      value: write.getIsDelete() ? null : text(write.getValue_asU8()),
    })),
    ...(owned.length > 0 && { policies: owned }),
    event: { name: event.getEventName(), payload: JSON.parse(text(event.getPayload_asU8())) as Transaction['input'] },
  };
}

describe('recorded blocks are read as Fabric’s own bindings read them', function () {
  this.timeout(20_000);

  for (const network of ['bft', 'raft'] satisfies Network[]) {
    it(`${network}: transactions, in order, with codes`, () => {
      const { blocks } = readRecorded(network);
      const names: string[] = [];
      const given: Transaction['creator'][] = [];
      const serialized: Uint8Array[] = [];
      for (const [number, bytes] of blocks.entries()) {
        const { transactions } = decode(bytes, number);
        const envelopes = common.Block.deserializeBinary(bytes).getData()?.getDataList_asU8() ?? [];
        const expected = envelopes.flatMap((one) => readWithBindings(Buffer.from(one)) ?? []);
        const plain = transactions.map(({ valid, code, creator, ...rest }) => rest);
        expect(canonicalizeLoosely(plain)).to.equal(canonicalizeLoosely(expected.map(({ creator, ...rest }) => rest)));
        given.push(...transactions.map(({ creator }) => creator));
        serialized.push(...expected.map(({ creator }) => creator));
        names.push(...transactions.map(({ transaction, code, valid }) => `${transaction} ${code} ${valid}`));
      }
      expect(names).to.deep.equal([
        'found VALID true',
        'anchor VALID true',
        'anchor ENDORSEMENT_POLICY_FAILURE false',
        'propose VALID true',
        'propose VALID true',
      ]);
      expect(given).to.deep.equal(readWithShim(serialized));
    });
  }

  it('gives blocks without transactions of the contract an empty list', () => {
    const { blocks } = readRecorded('bft');
    const counts = blocks.map((bytes, number) => decode(bytes, number).transactions.length);
    expect(counts).to.deep.equal([0, 0, 0, 0, 1, 2, 1, 0, 1]);
    expect(decode(blocks[0] ?? Buffer.alloc(0), 0)).to.include({ number: 0, previousHash: '' });
  });

  it('shows the rows that were written as core names them', () => {
    const [found] = decode(readRecorded('bft').blocks[4] ?? Buffer.alloc(0), 4).transactions;
    const kinds = new Set(found?.writes.map(({ key }) => key.split('\u0000')[1]));
    expect([...kinds]).to.include.members(['domain', 'issuer', 'network', 'register', 'type']);
    const keys = found?.writes.map(({ key }) => key) ?? [];
    expect(keys).to.deep.equal(keys.toSorted((a, b) => (a < b ? -1 : 1)));
  });
});

/** Rows hold what canonical JSON refuses. */
const canonicalizeLoosely = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** The only transaction of a block with this call, found valid. */
function decodeCall(call: MadeCall, code = 0): Transaction | undefined {
  return decode(formatBlock([formatCall(call)], [code])).transactions[0];
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof YinxinError) return error.code;
    throw error;
  }
  return expect.fail('did not throw');
}

describe('what two dishonest organisations can have committed is shown for what it is', function () {
  this.timeout(20_000);

  it('understands names and input as the contract does', () => {
    const name = (first: string) => decodeCall({ arguments: [first, '{}'] })?.transaction;
    expect(['anchor', 'yinxin:anchor', ':anchor', ' :anchor'].map(name)).to.deep.equal(Array(4).fill('anchor'));
    expect(name('org.hyperledger.fabric:GetMetadata')).to.equal('org.hyperledger.fabric:GetMetadata');
    expect(name('other:anchor')).to.equal('other:anchor');
    expect(name('yinxin:a:b')).to.equal('a:b');
    expect(decodeCall({ arguments: ['anchor', '{"b": 1, "a": [true]}'] })?.input).to.deep.equal({ b: 1, a: [true] });
  });

  it('gives null where the contract could read no input', () => {
    const input = (...rest: (string | Uint8Array)[]) => decodeCall({ arguments: ['anchor', ...rest] })?.input;
    expect([input(), input('{}', '{}'), input('no JSON'), input('{"a":1,"a":2}'), input('')]).to.deep.equal(
      Array(5).fill(null),
    );
    expect(decodeCall({ arguments: [] })).to.include({ transaction: '', input: null });
    expect(input('{"__proto__":1}')).to.have.own.property('__proto__', 1);
    expect(input(Buffer.from('7b2261223a22ff227d', 'hex'))).to.deep.equal({ a: '\ufffd' });
  });

  it('shows writes by another chaincode to the contract’s rows, as a call that no rule knows', () => {
    const writes = { yinxin: [{ key: 'k', value: Buffer.from('{}') }], other: [{ key: 'o', value: Buffer.from('1') }] };
    expect(decodeCall({ chaincode: 'other', writes })).to.deep.include({
      transaction: '',
      input: null,
      valid: true,
      writes: [{ key: 'k', value: '{}' }],
    });
    expect(decodeCall({ chaincode: 'other', writes: { other: writes.other } })).to.equal(undefined);
    expect(decodeCall({ writes })?.writes).to.have.length(1);
  });

  it('shows the policies that rows are given, also by another chaincode, and anything else of the kind as none', () => {
    const policy: readonly [string, Uint8Array] = ['VALIDATION_PARAMETER', Buffer.from('aabb', 'hex')];
    const own = [
      { key: 'b', entries: [] },
      { key: 'a', entries: [policy] },
      { key: 'c', entries: [policy, policy] },
      { key: 'd', entries: [['OTHER', Buffer.from('cc', 'hex')] as const] },
    ];
    const policies = [
      { key: 'a', policy: 'aabb' },
      { key: 'b', policy: '' },
      { key: 'c', policy: '' },
      { key: 'd', policy: '' },
    ];
    const metadata = { yinxin: own, other: [{ key: 'o', entries: [policy] }] };
    expect(decodeCall({ metadata })).to.deep.include({ transaction: 'anchor', writes: [], policies });
    expect(decodeCall({ chaincode: 'other', metadata })).to.deep.include({ transaction: '', input: null, policies });
    expect(decodeCall({ chaincode: 'other', metadata: { other: metadata.other } })).to.equal(undefined);
    expect(decodeCall({})).not.to.have.property('policies');
  });

  it('gives writes in the order of keys, deletions as null, and what is no text as no row', () => {
    const writes = [
      { key: '\u{1f600}', value: Buffer.from('"a"') },
      { key: '\uff5e', value: Buffer.from('"b"') },
      { key: 'deleted', isDelete: true, value: Buffer.from('"c"') },
      { key: 'empty' },
      { key: 'bytes', value: Buffer.from([0xff, 0x00]) },
    ];
    expect(decodeCall({ writes: { yinxin: writes } })?.writes).to.deep.equal([
      { key: 'bytes', value: '\u0000ff00' },
      { key: 'deleted', value: null },
      { key: 'empty', value: null },
      { key: '\u{1f600}', value: '"a"' },
      { key: '\uff5e', value: '"b"' },
    ]);
  });

  it('puts a time that is none at the beginning of time', () => {
    const time = (seconds: bigint) => decodeCall({ seconds })?.time;
    expect(time(1_800_000_000n)).to.equal('2027-01-15T08:00:00Z');
    for (const seconds of [-1n << 63n, (1n << 63n) - 1n, 1n << 60n])
      expect(time(seconds)).to.equal('1970-01-01T00:00:00Z');
  });

  it('reads no event where there is none, and null where its payload is no JSON', () => {
    const event = (...fields: Buffer[]) => decodeCall({ event: [bytesField(2, fields)] })?.event;
    expect(event()).to.equal(undefined);
    expect(event(bytesField(3, 'anchor'), bytesField(4, '{"a":1}'))).to.deep.equal({
      name: 'anchor',
      payload: { a: 1 },
    });
    expect(event(bytesField(3, 'anchor'), bytesField(4, '{'))).to.deep.equal({ name: 'anchor', payload: null });
  });

  it('gives no id to a creator whose certificate fabric-shim could not read', () => {
    const creator = (pem: string) =>
      decodeCall({ creator: Buffer.concat([bytesField(1, 'XMSP'), bytesField(2, pem)]) })?.creator;
    expect(creator('no certificate')).to.deep.equal({ msp: 'XMSP', id: '' });
    expect(creator('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).to.deep.equal({
      msp: 'XMSP',
      id: '',
    });
  });

  it('gives no id to a creator with a second certificate, of which fabric-shim reads the first and peers the other', () => {
    const [admin, client] = ['admin', 'client'].map((role) => makePair([['OU', role]]).certificate);
    const creator = Buffer.concat([bytesField(1, 'XMSP'), bytesField(2, ` ${admin}${client}`)]);
    expect(readWithShim([creator])[0]?.id).to.match(/OU=admin/);
    expect(decodeCall({ creator })?.creator).to.deep.equal({ msp: 'XMSP', id: '' });
  });

  it('writes the id of a creator as fabric-shim does, whatever the names', () => {
    const authority = makePair([['CN', 'ca/of=x']]);
    const names = ['admin', 'client', 'a/b/c', 'a\\/OU=admin', 'OU=admin', '深圳', 'x\n/OU=admin', ' '];
    const creators = names.map((value) => {
      const { certificate } = makePair(
        [
          ['OU', value],
          ['O', 'o'],
          ['CN', value],
        ],
        authority,
      );
      return Buffer.concat([bytesField(1, 'ShenzhenMSP'), bytesField(2, certificate)]);
    });
    const given = creators.map((creator) => decodeCall({ creator })?.creator);
    expect(given).to.deep.equal(readWithShim(creators));
  });
});

describe('fields that come twice are read as Fabric reads them', () => {
  it('merges messages and takes the last of other values', () => {
    const [header = Buffer.alloc(0), data = Buffer.alloc(0)] = formatPayload({ arguments: ['anchor', '{}'] });
    const twice = (...fields: Buffer[]) => Buffer.concat([bytesField(1, fields), bytesField(2, 'signature')]);
    const emptyHeader = bytesField(1, []);
    const bytes = formatBlock([twice(header, emptyHeader, bytesField(2, 'nothing'), data)], [0]);
    expect(decode(bytes).transactions[0]).to.include({ transaction: 'anchor', txId: 'ab'.repeat(32) });
  });
});

describe('nonsense in a block', function () {
  this.timeout(20_000);

  const nonsense = Buffer.from('nonsense');

  it('is left out where peers found it invalid, and the rest stays', () => {
    const block = formatBlock([nonsense, formatCall({}), Buffer.alloc(0)], [1, 0, 255]);
    expect(decode(block).transactions.map(({ code }) => code)).to.deep.equal(['VALID']);
  });

  it('is a divergence where a peer calls it valid, or does not say', () => {
    expect(codeOf(() => decode(formatBlock([nonsense, formatCall({})], [0, 0])))).to.equal('LEDGER_DIVERGED');
    expect(codeOf(() => decode(formatBlock([formatCall({})], [])))).to.equal('LEDGER_DIVERGED');
    expect(codeOf(() => decode(formatBlock([formatCall({})], [0, 0])))).to.equal('LEDGER_DIVERGED');
    expect(codeOf(() => parseFabricBlock(nonsense, 7))).to.equal('LEDGER_DIVERGED');
  });

  it('names codes as Fabric does, later ones by number', () => {
    const name = (code: number) => decodeCall({}, code)?.code;
    for (const [text, code] of Object.entries(peer.TxValidationCode)) expect(name(code)).to.equal(text);
    expect(name(99)).to.equal('CODE_99');
  });

  it('never does more than to diverge: 2,000 mutants', () => {
    const { blocks } = readRecorded('bft');
    const random = seededRandom('mutants');
    const number = (limit: number) => Buffer.from(random(4)).readUInt32BE() % limit;
    const outcomes = { read: 0, diverged: 0 };
    for (let round = 0; round < 2_000; round += 1) {
      const at = [3, 5, 6, 8][round % 4] ?? 5;
      const bytes = blocks[at] ?? Buffer.alloc(0);
      const mutant = Buffer.from(withMetadata(bytes, 2, Buffer.from([round % 3, 0].slice(0, at === 5 ? 2 : 1))));
      for (let times = 1 + number(3); times > 0; times -= 1) mutant[number(mutant.length)] = number(256);
      const cut = round % 10 === 0 ? mutant.subarray(0, number(mutant.length)) : mutant;
      try {
        decode(cut, at);
        outcomes.read += 1;
      } catch (error) {
        expect(error).to.be.instanceOf(YinxinError).with.property('code', 'LEDGER_DIVERGED');
        outcomes.diverged += 1;
      }
    }
    expect(outcomes.read).to.be.greaterThan(250);
    expect(outcomes.diverged).to.be.greaterThan(250);
  });
});
