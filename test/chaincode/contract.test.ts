import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { contracts, YinxinContract } from '@yinxin/chaincode';
import metadata from '@yinxin/chaincode/metadata.json' with { type: 'json' };
import type { ContractContext, Stub } from '@yinxin/chaincode/stub';
import { createRules, epochSeconds, parseInstant, parseRefusal, toInstant } from '@yinxin/core';
import { expect } from 'chai';
import { type Context, Contract } from 'fabric-contract-api';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../chaincode', import.meta.url));
const declared = metadata.contracts.yinxin.transactions;

interface Chaincode {
  readonly metadata: typeof metadata;
}
interface Bootstrap {
  getMetadata(folder: string): Promise<typeof metadata>;
}
type ChaincodeFromContract = new (contracts: unknown[], serializers: object, metadata: object) => Chaincode;

// Fabric's own loaders, which its packages do not export by name.
const bootstrap = require('fabric-shim/lib/contract-spi/bootstrap.js') as Bootstrap;
const FromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as ChaincodeFromContract;
const { JSONSerializer } = require('fabric-contract-api') as { readonly JSONSerializer: unknown };
const serializers = { transaction: 'json', serializers: { json: JSONSerializer } };

/** A stub of which every use is a surprise, but for what is given. */
const makeStub = (known: Partial<Stub> = {}): Stub =>
  new Proxy(known as Stub, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      (() => {
        throw new Error('a secret of the peer');
      }),
  });

const contextOf = (stub: Stub): ContractContext => ({ stub, clientIdentity: { getMSPID: () => 'M', getID: () => '' } });
const deaf = contextOf(makeStub());
/** It knows what every transaction is told of itself, and no row. */
const datedAt = (seconds: number) =>
  contextOf(
    makeStub({
      getTxTimestamp: () => ({ seconds: String(seconds), nanos: 0 }),
      getTxID: () => 'ab'.repeat(32),
      getChannelID: () => 'certs',
    }),
  );

async function refusalOf(promise: Promise<string>) {
  const message = await promise.then(
    () => 'accepted',
    (error: Error) => error.message,
  );
  return { message, error: parseRefusal(message) };
}

describe('the contract', () => {
  const input = JSON.stringify({ proposal: 'ab'.repeat(32) });

  it('declares exactly the transactions that it has', () => {
    const isOwn = (name: string) => !Object.getOwnPropertyNames(Contract.prototype).includes(name);
    const methods = Object.getOwnPropertyNames(YinxinContract.prototype).filter(isOwn);
    expect(declared.map(({ name }) => name)).to.deep.equal(methods);
  });

  it('declares nothing that it inherits', () => {
    const inherited = [
      ...Object.getOwnPropertyNames(Contract.prototype),
      ...Object.getOwnPropertyNames(Object.prototype),
    ];
    expect(declared.filter(({ name }) => inherited.includes(name))).to.deep.equal([]);
  });

  it('declares one text as the input of each, and whether it writes', () => {
    for (const { name, parameters, tag } of declared) {
      expect(parameters, name).to.deep.equal([{ name: 'input', schema: { type: 'string' } }]);
      expect(tag[0], name).to.equal(/^(read|list)/.test(name) ? 'evaluate' : 'submit');
    }
  });

  it('has a rule of core for each that writes, and no rule besides', () => {
    const writing = declared.filter(({ tag }) => tag[0] === 'submit').map(({ name }) => name);
    expect([...createRules(() => '').keys()]).to.have.members(writing);
  });

  it('is found and accepted by Fabric’s own loader, with its system contract', async () => {
    const loaded = await bootstrap.getMetadata(folder);
    expect(loaded).to.deep.equal(metadata);
    const chaincode = new FromContract([...contracts], serializers, loaded);
    expect(Object.keys(chaincode.metadata.contracts)).to.deep.equal(['yinxin', 'org.hyperledger.fabric']);
    expect(chaincode.metadata.contracts.yinxin.transactions).to.have.length(declared.length);
  });

  it('can be called with Fabric’s own context', () => {
    const call: (contract: YinxinContract, context: Context) => Promise<string> = (contract, context) =>
      contract.anchor(context, '{}');
    expect(call).to.be.a('function');
  });

  for (const { name } of declared) {
    it(`${name} refuses input that is no JSON, no object, or has unknown members`, async () => {
      const contract = new YinxinContract(() => toInstant(0));
      const method: unknown = Reflect.get(contract, name);
      if (typeof method !== 'function') throw new Error('no such method');
      const run = (input: string) => refusalOf(method.call(contract, datedAt(0), input) as Promise<string>);
      expect((await run('{')).error?.code).to.equal('MALFORMED_JSON');
      expect((await run('[]')).error?.code).to.equal('INPUT_INVALID');
      expect((await run('{"nothing":1}')).error?.code).to.equal('INPUT_INVALID');
      expect((await run('{"a":1,"a":1}')).error?.code).to.equal('DUPLICATE_KEY');
    });
  }

  it('endorses nothing that is dated more than ten minutes from the peer’s clock', async () => {
    const peer = parseInstant('2026-06-01T00:10:00Z');
    const endorse = (seconds: number) =>
      refusalOf(new YinxinContract(() => peer).expire(datedAt(epochSeconds(peer) + seconds), input));
    for (const seconds of [-601, 601]) {
      const { error } = await endorse(seconds);
      expect(error?.code).to.equal('CLOCK_OFF');
      expect(error?.details).to.include({ peer });
    }
    for (const seconds of [-600, 0, 600]) expect((await endorse(seconds)).error?.code).to.equal('INTERNAL');
  });

  it('runs by the clock of its process where none is given', async () => {
    const { error } = await refusalOf(new YinxinContract().expire(datedAt(0), input));
    expect(error?.code).to.equal('CLOCK_OFF');
  });

  it('lets nothing but a refusal out, not even of a failing peer', async () => {
    const { message } = await refusalOf(new YinxinContract().readNetwork(deaf, '{}'));
    expect(message).to.equal('YINXIN/1 INTERNAL {}');
  });

  it('refuses input of more than 4 MiB', async () => {
    const { error } = await refusalOf(new YinxinContract().readNetwork(deaf, ' '.repeat(4 * 1_048_576 + 1)));
    expect(error?.code).to.equal('TOO_LARGE');
  });
});
