/** Every process that a network should have: what to run, and how to know that it is well. */

import type { Context } from './context.ts';
import { connectionsFolder, toContractProcess } from './contract.ts';
import { ordererNode } from './orderer-config.ts';
import { cityCryptoOf, ordererCryptoOf, type TlsFiles } from './paths.ts';
import { connectionsVariable, peerNode } from './peer-config.ts';
import {
  allCitiesOf,
  type ContractPlan,
  contractPortOf,
  contractsOf,
  type NetworkPlan,
  type Organisation,
  orderersOf,
  portOf,
} from './plan.ts';
import type { ProcessPlan } from './processes.ts';

export interface NodePlan {
  readonly name: string;
  readonly kind: 'orderer' | 'peer' | 'contract';
  readonly msp: string;
  readonly process: ProcessPlan;
  readonly ports: readonly number[];
  /** Where it says whether it is healthy; a contract process does not. */
  readonly operations: { readonly port: number; readonly tls: TlsFiles } | undefined;
}

/** Go's collector lets the heap double before it runs; half of that costs little here and keeps a machine with many nodes small. */
const nodeEnvironment = {
  FABRIC_LOGGING_SPEC: 'warning',
  // sample: with colours, which files and messages do not want
  FABRIC_LOGGING_FORMAT: '%{time:2006-01-02 15:04:05.000 MST} %{level:.4s} [%{module}] %{shortfunc} -> %{message}',
  GOGC: '50',
};

function toOrdererNode({ paths, programs }: Context, plan: NetworkPlan, orderer: Organisation): NodePlan {
  const name = ordererNode(orderer);
  const folder = paths.nodeOf(name);
  const port = (use: 'orderer' | 'ordererAdmin' | 'ordererOperations') => portOf(plan, orderer, use);
  return {
    name,
    kind: 'orderer',
    msp: orderer.msp,
    process: {
      name,
      program: programs.orderer,
      args: [],
      env: { ...nodeEnvironment, FABRIC_CFG_PATH: folder },
      cwd: folder,
    },
    ports: [port('orderer'), port('ordererAdmin'), port('ordererOperations')],
    operations: { port: port('ordererOperations'), tls: ordererCryptoOf(paths, orderer).admin.tls },
  };
}

function toPeerNode({ paths, programs }: Context, plan: NetworkPlan, city: Organisation): NodePlan {
  const name = peerNode(city);
  const folder = paths.nodeOf(name);
  const port = (use: 'peer' | 'peerContract' | 'peerOperations') => portOf(plan, city, use);
  const env = { ...nodeEnvironment, FABRIC_CFG_PATH: folder, [connectionsVariable]: connectionsFolder(paths, city) };
  return {
    name,
    kind: 'peer',
    msp: city.msp,
    process: { name, program: programs.peer, args: ['node', 'start'], env, cwd: folder },
    ports: [port('peer'), port('peerContract'), port('peerOperations')],
    operations: { port: port('peerOperations'), tls: cityCryptoOf(paths, city).admin.tls },
  };
}

function toContractNode(context: Context, plan: NetworkPlan, city: Organisation, contract: ContractPlan): NodePlan {
  const process = toContractProcess(context.repository, plan, context.paths, city, contract);
  const ports = [contractPortOf(plan, city, contract)];
  return { name: process.name, kind: 'contract', msp: city.msp, process, ports, operations: undefined };
}

/** Orderers first, then city by city. */
export function nodesOf(context: Context, plan: NetworkPlan): readonly NodePlan[] {
  const cities = allCitiesOf(plan);
  return [
    ...orderersOf(plan).map((orderer) => toOrdererNode(context, plan, orderer)),
    ...cities.map((city) => toPeerNode(context, plan, city)),
    ...contractsOf(plan).flatMap((contract) => cities.map((city) => toContractNode(context, plan, city, contract))),
  ];
}
