/** A whole network of the double: organisations, their peers on loopback, and the folder with a connection profile as `network/` writes it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '@yinxin/core';
import { type ConnectionProfile, parseConnectionProfile } from '@yinxin/core/connection-profile';
import { asJson } from '../../port-suite.ts';
import { makePair, type Validity } from './certificates.ts';
import { Channel, chaincodeName, channelName } from './channel.ts';
import { makeMember, makeOrganisation, type Organisation } from './organisations.ts';
import { DoublePeer } from './peer.ts';

const cities = ['Shenzhen', 'Chengdu', 'Chongqing'] as const;

export interface DoubleNetwork {
  readonly profile: ConnectionProfile;
  readonly channel: Channel;
  /** Of Shenzhen (whose profile it is), Chengdu, Chongqing. */
  readonly peers: readonly [DoublePeer, DoublePeer, DoublePeer];
  stop(): Promise<void>;
}

async function writeIdentity(folder: string, organisation: Organisation, role: string, validity?: Validity) {
  const { certificate, keyPem } = makeMember(organisation, role, validity);
  const mspFolder = join(organisation.msp, role);
  await mkdir(join(folder, mspFolder, 'signcerts'), { recursive: true });
  await mkdir(join(folder, mspFolder, 'keystore'), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, mspFolder, 'signcerts', 'cert.pem'), certificate);
  await writeFile(join(folder, mspFolder, 'keystore', 'key.pem'), keyPem, { mode: 0o600 });
  return { msp: organisation.msp, role, mspFolder };
}

/** In `folder`, with the clock of its endorsers. `validity` is that of Shenzhen's client. */
export async function startDouble(folder: string, clock: () => Instant, validity?: Validity): Promise<DoubleNetwork> {
  const organisations = cities.map((city) => makeOrganisation(`${city}MSP`));
  const channel = await Channel.open(join(folder, 'state'), organisations, clock);
  const tlsAuthority = makePair([['CN', 'tlsca']]);
  const clientTls = makePair([['CN', 'gateway']], tlsAuthority);
  await writeFile(join(folder, 'ca.pem'), organisations.map(({ authority }) => authority.certificate).join(''));
  await writeFile(join(folder, 'tls.pem'), clientTls.certificate);
  await writeFile(join(folder, 'tls.key'), clientTls.keyPem, { mode: 0o600 });
  const start = async (at: number): Promise<DoublePeer> => {
    const organisation = organisations[at] ?? makeOrganisation('none');
    const name = `peer.${cities[at]?.toLowerCase()}`;
    return DoublePeer.start({
      name,
      channel,
      member: makeMember(organisation, 'peer'),
      tlsCa: tlsAuthority.certificate,
    });
  };
  const peers = [await start(0), await start(1), await start(2)] as const;
  for (const peer of peers) peer.know(peers);
  const identities = [];
  for (const organisation of organisations) {
    const isOwn = organisation.msp === 'ShenzhenMSP';
    identities.push(await writeIdentity(folder, organisation, 'client', isOwn ? validity : undefined));
    identities.push(await writeIdentity(folder, organisation, 'admin'));
  }
  const profile = parseConnectionProfile(
    asJson({
      format: 'yinxin-fabric/1',
      channel: channelName,
      chaincode: chaincodeName,
      genesis: channel.blocks[0]?.hash.toString('hex'),
      msp: 'ShenzhenMSP',
      peers: peers.map(({ member, name, port }) => ({
        name,
        msp: member.msp,
        address: `127.0.0.1:${port}`,
        tlsCa: 'ca.pem',
        serverName: null,
      })),
      orderers: [],
      tls: { certificate: 'tls.pem', key: 'tls.key' },
      identities,
    }),
  );
  const stop = async () => {
    for (const peer of peers) peer.stop();
    await channel.close();
  };
  return { profile, channel, peers, stop };
}
