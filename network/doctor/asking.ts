/** Asking nodes: handshakes by ourselves, all else by Fabric's own programs with a deadline, so many at once. */
import { YinxinError } from '@yinxin/core';
import { type Programs, runProgram } from '../programs.ts';
import { type Handshake, shakeHands } from './handshake.ts';
import type { NodeView, PeerView } from './view.ts';

export interface Asking {
  /** Of each endpoint of a node. */
  handshakes(node: NodeView): Promise<readonly Handshake[]>;
  /** @throws YinxinError LEDGER_UNREACHABLE `{node}` */
  requireReached(node: NodeView): Promise<void>;
  /** What the program prints. @throws YinxinError FABRIC_MISSING, NETWORK_FAILED */
  run(program: keyof Programs, step: string, args: readonly string[]): Promise<string>;
  /** What Fabric's `peer` prints when it has asked that peer. @throws YinxinError LEDGER_UNREACHABLE, FABRIC_MISSING, NETWORK_FAILED */
  askNode(peer: PeerView, step: string, args: readonly string[]): Promise<string>;
}

/** Fabric's programs are quick and heavy: so many at once keep two cores busy. */
const programsAtOnce = 6;
const answerSeconds = 6;

/** Each question once. */
export function memoise<In, Out>(
  keyOf: (input: In) => string,
  ask: (input: In) => Promise<Out>,
): (input: In) => Promise<Out> {
  const known = new Map<string, Promise<Out>>();
  return (input) => {
    const key = keyOf(input);
    const found = known.get(key) ?? ask(input);
    known.set(key, found);
    return found;
  };
}

/** Runs works, at most so many at a time. */
function limit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

export function createAsking(programs: Programs): Asking {
  const inTurn = limit(programsAtOnce);
  const handshakes = memoise(
    ({ name }) => name,
    (node: NodeView) => Promise.all(node.endpoints.map(shakeHands)),
  );

  async function run(name: keyof Programs, step: string, args: readonly string[], env = {}): Promise<string> {
    if (programs[name] === '') throw new YinxinError('FABRIC_MISSING', { missing: [name] });
    const options = { env: { FABRIC_LOGGING_SPEC: 'error', ...env }, timeoutSeconds: answerSeconds };
    return inTurn(async () => (await runProgram(step, programs[name], args, options)).stdout);
  }

  /** By its service: an operations port may be ill by itself. */
  async function requireReached(node: NodeView): Promise<void> {
    const [service] = await handshakes(node);
    if (service?.outcome === 'done' && service.fault === undefined) return;
    throw new YinxinError('LEDGER_UNREACHABLE', { node: node.name });
  }

  return {
    handshakes,
    requireReached,
    run,
    askNode: async (peer, step, args) => {
      await requireReached(peer);
      return run('peer', step, args, { FABRIC_CFG_PATH: peer.configuration });
    },
  };
}
