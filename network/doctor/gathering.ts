/** Asks the network, each question once. */
import { discoverEndorsers } from '../discovery.ts';
import type { Programs } from '../programs.ts';
import { createAsking, memoise } from './asking.ts';
import { createContractFacts } from './contract-facts.ts';
import type { Facts } from './facts.ts';
import { createLedgerFacts } from './ledger-facts.ts';
import { readOrderer } from './orderer-facts.ts';
import type { OrdererView, PeerView, View } from './view.ts';

/** `scratch`: a folder for what the programs write. */
export function createFacts(view: View, programs: Programs, scratch: string): Facts {
  const { channel, chaincode } = view;
  const asking = createAsking(programs);
  const ledger = createLedgerFacts(asking, view, scratch);
  const { askPeer, ...ledgerFacts } = ledger;

  async function findEndorsers(peer: PeerView): Promise<readonly string[]> {
    await ledger.height(peer);
    const [{ host, port, tlsCa, client }] = peer.endpoints;
    const question = { address: `${host}:${port}`, channel, chaincode, ...peer.signer, tls: { ...client, ca: tlsCa } };
    return discoverEndorsers(question);
  }

  return {
    handshakes: asking.handshakes,
    ...ledgerFacts,
    ...createContractFacts(askPeer, view),
    orderer: memoise(
      ({ name }) => name,
      (orderer: OrdererView) => readOrderer(asking, orderer, channel),
    ),
    endorsers: memoise(({ name }) => name, findEndorsers),
  };
}
