/** On a real network of four cities: a domain given to an organisation that nobody has, put right; and one that its organisation took up by its first act. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProposalAction, RegisterDomainInput } from '@yinxin/core';
import { expect } from 'chai';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { readProfile } from '../../../gateway/ledger/opening.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import { describeWithFabric, withNetwork } from '../../fixtures/fabric.ts';
import { adminOf, chengdu, chongqing, clientOf, deyang, makeNetwork, shenzhen } from '../../fixtures/network.ts';
import { asJson } from '../port-suite.ts';
import { DishonestClient } from './forgery-colluders.ts';
import { now, until } from './opened.ts';

const mistaken: RegisterDomainInput = { ...deyang, msp: 'SichaunMSP' };
const name = { zh: '德阳', en: 'Deyang' };

describeWithFabric('an organisation’s rows on a real Fabric network', function () {
  this.timeout(30_000);
  const network = withNetwork({ cities: 4 });
  let folder: string;
  let ledger: Ledger;
  /** Each reads its own city's peer. */
  let [ofChengdu, ofChongqing]: readonly Ledger[] = [];
  /** Chengdu's, which chooses who endorses. */
  let client: DishonestClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yinxin-joining-'));
    ledger = await open('demonstration');
    ofChengdu = await open('chengdu');
    ofChongqing = await open('chongqing');
    client = await DishonestClient.open(network().profile('chengdu'));
    const { found, founder } = makeNetwork();
    await ledger.submit(founder, 'found', asJson(found));
  });
  after(async () => {
    client?.close();
    for (const one of [ledger, ofChengdu, ofChongqing]) await one?.close();
    await rm(folder, { recursive: true });
  });

  async function open(city: string): Promise<Ledger> {
    const path = network().profile(city);
    const profile = await readProfile(path, 'profile');
    return openFabricLedger({ profile, profileFolder: dirname(path), folder: join(folder, city), clock: now });
  }

  const submit = (by: { readonly msp: string }, transaction: string, input: object) =>
    ledger.submit(adminOf(by), transaction, asJson(input));

  /** By Shenzhen, with the votes of others. @returns its id */
  async function propose(action: ProposalAction, ...others: readonly { readonly msp: string }[]): Promise<string> {
    const { txId } = await submit(shenzhen, 'propose', action);
    for (const other of others) await submit(other, 'approve', { proposal: txId });
    return txId;
  }

  const speaker = async (reader = ledger) => {
    const row = await reader.evaluate(clientOf(chengdu), 'readDomain', { domain: deyang.domain });
    return (row as { readonly msp?: string }).msp;
  };

  /** Chengdu's vote, endorsed by it and Chongqing alone. @returns what Fabric found */
  async function approveByTwo(proposal: string): Promise<string> {
    const { height } = await ledger.info();
    for (const one of [ofChengdu, ofChongqing]) await until(async () => ((await one?.info())?.height ?? 0) >= height);
    const endorsers = [chengdu.msp, chongqing.msp];
    const vote = { caller: adminOf(chengdu), transaction: 'approve', input: { proposal }, order: {}, endorsers };
    return (await client.forge(vote)).code;
  }

  it('are nobody’s while it has not acted: a majority puts a mistaken name right', async () => {
    await propose({ action: 'registerDomain', input: mistaken }, chengdu);
    await propose({ action: 'amendDomain', input: deyang }, chengdu, chongqing);
    expect(await speaker()).to.equal('SichuanMSP');
  });

  it('are its own once it has: two others cannot change them without it', async () => {
    const matter = { action: 'registerMatter', input: { matter: 'school-entry', name } };
    const { txId } = await submit(deyang, 'propose', matter);
    await submit(deyang, 'withdraw', { proposal: txId });
    const proposal = await propose({ action: 'amendDomain', input: { ...deyang, name } }, chongqing);
    expect(await approveByTwo(proposal)).to.equal('ENDORSEMENT_POLICY_FAILURE');
    await submit(chengdu, 'approve', { proposal });
  });

  it('are nobody’s again where its domain goes to one that has not', async () => {
    const away = await propose({ action: 'amendDomain', input: mistaken }, chongqing);
    expect(await approveByTwo(away)).to.equal('ENDORSEMENT_POLICY_FAILURE');
    await submit(chengdu, 'approve', { proposal: away });
    expect(await speaker()).to.equal('SichaunMSP');
    const back = await propose({ action: 'amendDomain', input: deyang }, chongqing);
    expect(await approveByTwo(back)).to.equal('VALID');
    expect(await speaker(ofChengdu)).to.equal('SichuanMSP');
  });
});
