/** A ledger over the double, for one test: opened in a folder of its own, with little patience, and closed whatever happens. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Instant, toInstant } from '@yinxin/core';
import type { ConnectionProfile } from '@yinxin/core/connection-profile';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { type Patience, usualPatience } from '../../../gateway/ledger/fabric/patience.ts';
import type { Ledger, Receipt } from '../../../gateway/ledger/port.ts';
import { makeAnchorInput, makeLeaves, makeNetwork } from '../../fixtures/network.ts';
import { asJson } from '../port-suite.ts';
import type { Validity } from './double/certificates.ts';
import { type DoubleNetwork, startDouble } from './double/network.ts';
import { Status } from './double/peer.ts';

export const now = (): Instant => toInstant(Math.floor(Date.now() / 1000));

/** So that a test of what never comes takes half a second. */
export const hasty: Patience = {
  ...usualPatience,
  evaluateCall: 300,
  endorseCall: 300,
  submitCall: 300,
  commitCall: 200,
  queryCall: 300,
  evaluate: 600,
  endorse: 600,
  submit: 600,
  away: 300,
  disagreement: 300,
  commit: 900,
  doubt: 600,
  firstPause: 10,
  longestPause: 40,
  probe: 30,
};

const network = makeNetwork();
const [issuer] = network.issuers;

export interface Opened {
  readonly double: DoubleNetwork;
  readonly ledger: Ledger;
  readonly folder: string;
  /** The first transaction of all, which any of the cities may send. */
  found(): Promise<Receipt>;
  /** From entry `first` on, in one register; the network must be founded. */
  anchor(first: number, count?: number): Promise<Receipt>;
}

export interface Opening {
  readonly patience?: Patience;
  /** Of Shenzhen's client certificate. */
  readonly validity?: Validity;
  readonly change?: (profile: ConnectionProfile) => ConnectionProfile;
  /** The gateway's; endorsers keep to the machine's. */
  readonly clock?: () => Instant;
}

const keep = (profile: ConnectionProfile) => profile;

export async function withDouble(
  run: (opened: Opened) => Promise<void>,
  { patience = hasty, validity, change = keep, clock = now }: Opening = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'yinxin-double-'));
  const double = await startDouble(folder, now, validity);
  const profile = change(double.profile);
  const ledger = await openFabricLedger({
    profile,
    profileFolder: folder,
    folder: join(folder, 'ledger'),
    clock,
    patience,
  });
  const found = () => ledger.submit(network.founder, 'found', asJson(network.found));
  const anchor = (first: number, count = 1) =>
    ledger.submit(
      issuer.caller,
      'anchor',
      asJson(makeAnchorInput(issuer, { first, time: now(), leaves: makeLeaves(count) })),
    );
  try {
    await run({ double, ledger, folder, found, anchor });
  } finally {
    await ledger.close();
    await double.stop();
    await rm(folder, { recursive: true });
  }
}

/** A fault that comes `times` times, and then no more. */
export function times<T>(count: number, fault: () => Status): (run: () => Promise<T>) => Promise<T> {
  let left = count;
  return async (run) => {
    if (left === 0) return run();
    left -= 1;
    throw fault();
  };
}

/** What never answers. */
export const hang = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Polls until it holds; a test's own timeout ends the rest. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(10);
}

const endorsing = 'failed to endorse transaction, see attached details for more info';
const collecting = 'failed to collect enough transaction endorsements, see attached details for more info';

/** As Fabric words them. */
export const statuses = {
  tooMany: () => new Status(2, 'too many requests for /gateway.Gateway, exceeding concurrency limit (500)'),
  noPeers: () => new Status(9, 'no combination of peers can be derived which satisfy the endorsement policy: 1 of 2'),
  noEndorsers: () =>
    new Status(9, 'failed to select a set of endorsers that satisfy the endorsement policy due to unavailability'),
  unavailable: () => new Status(14, 'Connection dropped'),
  noConnection: () => new Status(14, 'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:7051'),
  contractDown: () =>
    new Status(10, endorsing, [
      'error in simulation: failed to execute transaction: could not launch chaincode yinxin: connection refused',
    ]),
  contractSays: (message: string) => new Status(10, endorsing, [`chaincode response 500, ${message}`]),
  peerSays: (message: string) => new Status(10, endorsing, [message]),
  othersSay: (message: string) => new Status(10, collecting, [`chaincode response 500, ${message}`]),
  mismatch: () => new Status(10, collecting, ['ProposalResponsePayloads do not match']),
  orderersRefuse: () =>
    new Status(14, 'no orderers could successfully process transaction', [
      'rpc error: code = Unavailable desc = connection error: transport: Error while dialing: dial tcp 127.0.0.1:7050: connect: connection refused',
    ]),
  orderersDrop: () =>
    new Status(14, 'no orderers could successfully process transaction', [
      'rpc error: code = Unavailable desc = error reading from server: EOF',
    ]),
  noQuorum: () =>
    new Status(
      14,
      'insufficient number of orderers could successfully process transaction to satisfy quorum requirement',
      [
        'transport: Error while dialing: dial tcp 127.0.0.1:7050: connect: connection refused',
        'transport: Error while dialing: dial tcp 127.0.0.1:7051: connect: connection refused',
      ],
    ),
};
