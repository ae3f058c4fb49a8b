/** Writes the connection profiles: one for the gateway of each city, and one for a demonstration that is all of them. */
import { join, relative } from 'node:path';
import type { ConnectionProfile, ProfileIdentity, ProfileNode } from '@yinxin/core/connection-profile';
import { writeFile } from './files.ts';
import { ordererAddress, ordererNode } from './orderer-config.ts';
import { cityCryptoOf, ordererCryptoOf, type Paths } from './paths.ts';
import { peerAddress, peerNode } from './peer-config.ts';
import { citiesOf, type NetworkPlan, type Organisation, orderersOf } from './plan.ts';

function toProfile(
  plan: NetworkPlan,
  paths: Paths,
  own: Organisation,
  signers: readonly Organisation[],
): ConnectionProfile {
  const path = (file: string) => relative(paths.profiles, file);
  const others = citiesOf(plan).filter(({ msp }) => msp !== own.msp);
  const toPeer = (city: Organisation): ProfileNode => {
    const tlsCa = path(cityCryptoOf(paths, city).tlsCa);
    return { name: peerNode(city), msp: city.msp, address: peerAddress(plan, city), tlsCa, serverName: null };
  };
  const toOrderer = (orderer: Organisation): ProfileNode => {
    const tlsCa = path(ordererCryptoOf(paths, orderer).tlsCa);
    return {
      name: ordererNode(orderer),
      msp: orderer.msp,
      address: ordererAddress(plan, orderer),
      tlsCa,
      serverName: null,
    };
  };
  const toIdentities = (city: Organisation): readonly ProfileIdentity[] => {
    const { admin, client } = cityCryptoOf(paths, city);
    return [
      { msp: city.msp, role: 'admin', mspFolder: path(admin.msp) },
      { msp: city.msp, role: 'client', mspFolder: path(client.msp) },
    ];
  };
  const { tls } = cityCryptoOf(paths, own).client;
  return {
    format: 'yinxin-fabric/1',
    channel: plan.channel,
    chaincode: plan.chaincode,
    genesis: plan.genesis ?? '',
    msp: own.msp,
    peers: [own, ...others].map(toPeer),
    orderers: orderersOf(plan).map(toOrderer),
    tls: { certificate: path(tls.certificate), key: path(tls.key) },
    identities: signers.flatMap(toIdentities),
  };
}

/** `profiles/<city>.json` and `profiles/demonstration.json`: the first city's, signing for every city. */
export function writeProfiles(plan: NetworkPlan, paths: Paths): void {
  const cities = citiesOf(plan);
  const write = (name: string, profile: ConnectionProfile) =>
    writeFile(join(paths.profiles, `${name}.json`), `${JSON.stringify(profile, undefined, 2)}\n`);
  for (const city of cities) write(city.slug, toProfile(plan, paths, city, [city]));
  const [first] = cities;
  if (first) write('demonstration', toProfile(plan, paths, first, cities));
}
