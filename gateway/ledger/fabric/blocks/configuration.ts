/** The channel's configuration (Fabric's `common.Config`), as far as blocks are verified by it: who orders, and which organisations there are. */
import { type Identity, identify, type Organisation, parseOrganisation } from './organisation.ts';
import { type Organisations, type Policy, parseBlockPolicy } from './policy.ts';
import { MalformedMessage, Message } from './protobuf.ts';

export type Ordering =
  /** SmartBFT: consenters by their numbers, and how many must sign. */
  | { readonly kind: 'bft'; readonly consenters: ReadonlyMap<number, Identity>; readonly quorum: number }
  /** Raft, and whatever else signs with its certificate beside. */
  | { readonly kind: 'policy'; readonly policy: Policy };

export interface Configuration {
  /** Number of the block that brought it. */
  readonly block: number;
  /** Hex. Of that block. */
  readonly hash: string;
  /** Counts configurations from 0. */
  readonly sequence: number;
  readonly organisations: Organisations;
  readonly ordering: Ordering;
  /** The `common.Config` itself. */
  readonly bytes: Buffer;
}

const findGroup = (group: Message, name: string) => group.entries(2).get(name);
const findValue = (group: Message, name: string) => group.entries(3).get(name)?.bytes(2);

function parseOrganisations(channel: Message): Organisations {
  const parents = ['Orderer', 'Application'].flatMap((name) => findGroup(channel, name) ?? []);
  const members = parents.flatMap((parent) => [...parent.entries(2).values()]);
  const all = members.flatMap((member): readonly Organisation[] => {
    const organisation = parseOrganisation(findValue(member, 'MSP') ?? Buffer.alloc(0));
    return organisation ? [organisation] : [];
  });
  return new Map(all.map((organisation) => [organisation.msp, organisation]));
}

/** As Fabric counts it (`ComputeBFTQuorum`): with n nodes, of which f = ⌊(n − 1) / 3⌋ may fail, ⌈(n + f + 1) / 2⌉. */
export function quorumOf(nodes: number): number {
  const faulty = Math.floor((nodes - 1) / 3);
  return Math.ceil((nodes + faulty + 1) / 2);
}

function parseConsenters(orderer: Message, organisations: Organisations): Ordering {
  const list = new Message(findValue(orderer, 'Orderers') ?? Buffer.alloc(0)).messages(1);
  const consenters = new Map<number, Identity>();
  for (const consenter of list) {
    const organisation = organisations.get(consenter.text(4));
    const identity = organisation && identify(consenter.bytes(5), organisation);
    const id = consenter.uint32(1);
    if (identity && !consenters.has(id)) consenters.set(id, identity);
  }
  return { kind: 'bft', consenters, quorum: quorumOf(list.length) };
}

/** `bytes` is a `common.Config`. Says nothing of who vouches for it. @throws MalformedMessage */
export function parseConfiguration(bytes: Buffer, block: number, hash: string): Configuration {
  const config = new Message(bytes);
  const channel = config.message(2);
  const orderer = findGroup(channel, 'Orderer');
  if (!orderer) throw new MalformedMessage('no ordering service');
  const organisations = parseOrganisations(channel);
  const kind = new Message(findValue(orderer, 'ConsensusType') ?? Buffer.alloc(0)).text(1);
  const ordering: Ordering =
    kind === 'BFT'
      ? parseConsenters(orderer, organisations)
      : { kind: 'policy', policy: parseBlockPolicy(orderer, organisations) };
  return { block, hash, sequence: config.natural(1), organisations, ordering, bytes };
}

/** The `common.Config` within what a configuration block's envelope carries. @throws MalformedMessage */
export const readConfig = (data: Buffer): Buffer => new Message(data).bytes(1);
