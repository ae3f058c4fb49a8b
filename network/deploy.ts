/** `deploy`: this repository's contract on a network that someone else runs, for the one organisation whose connection profile this is. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Json, YinxinError } from '@yinxin/core';
import {
  type ConnectionProfile,
  type ProfileIdentity,
  type ProfileNode,
  parseConnectionProfile,
} from '@yinxin/core/connection-profile';
import type { Context } from './context.ts';
import { buildContract, writePackage } from './contract.ts';
import type { Deployment } from './deployment.ts';
import { namingFile, writeJson } from './files.ts';
import {
  approveContract,
  type Channel,
  commitContract,
  type Endpoint,
  installPackage,
  type Operator,
  readCommitted,
  readReadiness,
} from './lifecycle.ts';
import { toClientConfiguration } from './peer-config.ts';
import { words } from './words.ts';

interface Target {
  readonly profile: ConnectionProfile;
  /** A path of the profile, made absolute. */
  readonly at: (path: string) => string;
}

/** @throws YinxinError FILE_UNREADABLE, SETTING_INVALID */
function readProfile(file: string): Target {
  const folder = dirname(resolve(file));
  let json: Json;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new YinxinError('FILE_UNREADABLE', { file });
  }
  return { profile: namingFile(file, () => parseConnectionProfile(json)), at: (path) => resolve(folder, path) };
}

function findAdmin({ identities, msp }: ConnectionProfile): ProfileIdentity {
  const admin = identities.find((identity) => identity.msp === msp && identity.role === 'admin');
  if (!admin) throw new YinxinError('SETTING_INVALID', { setting: 'profile', member: 'identities' });
  return admin;
}

function writeOperator({ paths, programs }: Context, { profile, at }: Target): Operator {
  const [own] = profile.peers;
  if (!own) throw new YinxinError('SETTING_INVALID', { setting: 'profile', member: 'peers' });
  const folder = join(paths.scratch, `operator-${profile.msp}`);
  const { address, tlsCa, serverName } = own;
  const configuration = toClientConfiguration({
    address,
    serverName,
    msp: profile.msp,
    mspFolder: at(findAdmin(profile).mspFolder),
    tls: { certificate: at(profile.tls.certificate), key: at(profile.tls.key), ca: at(tlsCa) },
  });
  writeJson(join(folder, 'core.yaml'), configuration);
  return { program: programs.peer, folder };
}

const toEndpoint =
  ({ at }: Target) =>
  ({ address, tlsCa, serverName }: ProfileNode): Endpoint => ({ address, tlsCa: at(tlsCa), serverName });

/** One peer of each organisation that has approved: their endorsements make the commit. */
function chooseEndorsers(target: Target, approvedBy: readonly string[]): readonly Endpoint[] {
  const { peers } = target.profile;
  const firsts = peers.filter(({ msp }, index) => peers.findIndex((peer) => peer.msp === msp) === index);
  return firsts.filter(({ msp }) => approvedBy.includes(msp)).map(toEndpoint(target));
}

/** Approves what is committed, where that is this contract; else the next sequence, which it commits once more than half have approved. Repeatable. */
export async function deployContract(context: Context, file: string): Promise<Deployment> {
  const { paths, progress, repository } = context;
  const target = readProfile(file);
  const operator = writeOperator(context, target);
  const { channel: name, chaincode, orderers } = target.profile;
  const channel: Channel = { channel: name, chaincode, orderers: orderers.map(toEndpoint(target)) };

  const sm3 = await progress.run(words.build, () => buildContract(repository, paths));
  const packageId = writePackage(paths, sm3);
  await progress.run(words.install, () => installPackage(operator, paths.packageOf(sm3)));

  const committed = await readCommitted(operator, channel);
  const isSame = committed?.sm3 === sm3;
  const approval = { sm3, packageId, sequence: (committed?.sequence ?? 0) + (isSame ? 0 : 1) };
  const contractFolder = paths.contractOf(sm3);
  const modulesFolder = join(repository.root, 'node_modules');
  if (isSame) {
    if (!committed.approvedBy.includes(target.profile.msp)) {
      await progress.run(words.approve, () => approveContract(operator, channel, approval));
    }
    return { approval, contractFolder, modulesFolder, isCommitted: true, missing: [] };
  }
  await progress.run(words.approve, () => approveContract(operator, channel, approval));
  const { approvedBy, missing } = await readReadiness(operator, channel, approval);
  const isCommitted = approvedBy.length > missing.length;
  if (isCommitted) {
    const endorsers = chooseEndorsers(target, approvedBy);
    await progress.run(words.commit, () => commitContract(operator, channel, endorsers, approval));
  }
  return { approval, contractFolder, modulesFolder, isCommitted, missing };
}
