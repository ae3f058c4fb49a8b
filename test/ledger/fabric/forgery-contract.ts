/**
 * A dishonest organisation's contract process: started in the place of its honest one, with the same options, it writes what the proposal's transient data
 * order, which no block shows, and without an order says something of its own. Run as a program.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Instant, type Json, peerPolicy, toInstant, utf8 } from '@yinxin/core';
import fabricShim, { type ChaincodeStub } from 'fabric-shim';
import { submit } from '../../../chaincode/execute.ts';
import { type Order, orderName, txIdMark } from './forgery-order.ts';

const bytes = (text: string) => Buffer.from(utf8(text));

/** What the honest contract would write, had `as` asked; but for what the order leaves out. */
async function runRules(stub: ChaincodeStub, { as, without = [] }: Order): Promise<void> {
  if (!as) return;
  const isLeftOut = (key: string) => without.some((kind) => kind === stub.splitCompositeKey(key).objectType);
  const selective: ChaincodeStub = Object.create(stub);
  selective.putState = async (key, value) => (isLeftOut(key) ? undefined : stub.putState(key, value));
  selective.setStateValidationParameter = async (key, policy) =>
    isLeftOut(key) ? undefined : stub.setStateValidationParameter(key, policy);
  selective.setEvent = (name, payload) => stub.setEvent(name, payload);
  const clientIdentity = { getMSPID: () => as.msp, getID: () => `x509::/OU=${as.role}/CN=forged::/CN=forged` };
  const time: Instant = toInstant(Number(stub.getTxTimestamp().seconds.toString()));
  const { fcn, params } = stub.getFunctionAndParameters();
  await submit({ stub: selective, clientIdentity }, fcn, params[0] ?? '', () => time);
}

async function carryOut(stub: ChaincodeStub, order: Order): Promise<void> {
  await runRules(stub, order);
  const fill = (text: string) => text.replaceAll(txIdMark, stub.getTxID());
  for (const { key, value } of order.writes ?? []) {
    if (value === null) await stub.deleteState(fill(key));
    else await stub.putState(fill(key), bytes(fill(value)));
  }
  for (const { key, msp } of order.policies ?? []) await stub.setStateValidationParameter(key, peerPolicy(msp));
  if (order.event) stub.setEvent(order.event.name, bytes(JSON.stringify(order.event.payload)));
}

const { Shim } = fabricShim;

const contract = {
  Init: async () => Shim.success(),
  async Invoke(stub: ChaincodeStub) {
    const order = stub.getTransient().get(orderName);
    try {
      if (order) await carryOut(stub, JSON.parse(Buffer.from(order).toString()) as Order);
      return Shim.success(bytes(JSON.stringify({ dishonest: true } satisfies Json)));
    } catch (error) {
      return Shim.error(error instanceof Error ? error.message : 'failed');
    }
  },
};

const names = [
  'chaincode-address',
  'chaincode-id',
  'chaincode-tls-cert-file',
  'chaincode-tls-key-file',
  'chaincode-tls-client-cacert-file',
] as const;
const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const));
const { values } = parseArgs({ options, strict: true, allowPositionals: false });
const option = (name: (typeof names)[number]) => String(values[name]);

process.once('SIGTERM', () => process.exit(0));
await Shim.server(contract, {
  ccid: option('chaincode-id'),
  address: option('chaincode-address'),
  tlsProps: {
    cert: readFileSync(option('chaincode-tls-cert-file')),
    key: readFileSync(option('chaincode-tls-key-file')),
    clientCACerts: readFileSync(option('chaincode-tls-client-cacert-file')),
  },
}).start();
