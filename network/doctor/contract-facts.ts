/** What peers say of the contract: its definition, who approved it, which packages they have, and what it answers. */
import type { Json } from '@yinxin/core';
import { reasonOf } from '../programs.ts';
import { memoise } from './asking.ts';
import type { Definition, Facts } from './facts.ts';
import { pick, pickArray, pickNumber, pickText } from './json.ts';
import type { AskPeer } from './ledger-facts.ts';
import type { PeerView, View } from './view.ts';

export type ContractFacts = Pick<Facts, 'definition' | 'approval' | 'installed' | 'readiness' | 'ask'>;

/** The policy that two cities must have endorsed, by its name in the channel's configuration. */
export const endorsementPolicy = '/Channel/Application/Endorsement';

/** Fabric's policy.proto, ApplicationPolicy: field 2 is the name of a policy in the channel's configuration. */
const referenceTag = 0x12;

function parsePolicyReference(bytes: Buffer): string | undefined {
  return bytes[0] === referenceTag && bytes[1] === bytes.length - 2 ? bytes.toString('utf8', 2) : undefined;
}

function parseDefinition(json: Json): Definition {
  const approvals = Object.entries(pick(json, 'approvals') ?? {});
  return {
    sequence: pickNumber(json, 'sequence') ?? 0,
    version: pickText(json, 'version') ?? '',
    policy: parsePolicyReference(Buffer.from(pickText(json, 'validation_parameter') ?? '', 'base64')),
    approvals: approvals.flatMap(([msp, isApproved]) => (isApproved === true ? [msp] : [])).sort(),
  };
}

const neverApproved = /could not fetch approved chaincode definition/;

export function createContractFacts(askPeer: AskPeer, { channel, chaincode }: View): ContractFacts {
  const named = ['--channelID', channel, '--name', chaincode];

  async function askLifecycle(peer: PeerView, command: string, args: readonly string[]): Promise<Json> {
    return JSON.parse(await askPeer(peer, command, ['lifecycle', 'chaincode', command, ...args, '--output', 'json']));
  }

  const approval = memoise(
    ([peer, sequence]: readonly [PeerView, number]) => `${peer.name} ${sequence}`,
    async ([peer, sequence]) => {
      try {
        const json = await askLifecycle(peer, 'queryapproved', [...named, '--sequence', String(sequence)]);
        return { packageId: pickText(json, 'source', 'Type', 'LocalPackage', 'package_id') ?? '' };
      } catch (error) {
        if (neverApproved.test(reasonOf(error))) return undefined;
        throw error;
      }
    },
  );

  async function askContract(peer: PeerView): Promise<string> {
    const call = JSON.stringify({ Args: ['readNetwork', '{}'] });
    try {
      return (await askPeer(peer, 'ask', ['chaincode', 'query', ...named, '--ctor', call])).trim();
    } catch (error) {
      const refusal = /YINXIN\/1 ([A-Z_]+)/.exec(reasonOf(error))?.[1];
      if (refusal !== undefined) return refusal;
      throw error;
    }
  }

  return {
    definition: memoise(
      ({ name }) => name,
      async (peer: PeerView) => parseDefinition(await askLifecycle(peer, 'querycommitted', named)),
    ),
    approval: (peer, sequence) => approval([peer, sequence]),
    installed: memoise(
      ({ name }) => name,
      async (peer: PeerView) => {
        const json = await askLifecycle(peer, 'queryinstalled', []);
        return pickArray(json, 'installed_chaincodes').flatMap((entry) => pickText(entry, 'package_id') ?? []);
      },
    ),
    readiness: async (peer, sequence, version) => {
      const definition = ['--version', version, '--sequence', String(sequence)];
      const args = [...named, ...definition, '--channel-config-policy', endorsementPolicy];
      const entries = Object.entries(pick(await askLifecycle(peer, 'checkcommitreadiness', args), 'approvals') ?? {});
      return Object.fromEntries(entries.map(([msp, isReady]) => [msp, isReady === true]));
    },
    ask: memoise(({ name }) => name, askContract),
  };
}
