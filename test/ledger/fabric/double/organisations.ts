/** Organisations of the double: an authority each, and what their certificates look like to a channel. */
import { msp } from '@hyperledger/fabric-protos';
import { makePair, type Pair, type Validity } from './certificates.ts';

export interface Organisation {
  readonly msp: string;
  readonly authority: Pair;
}

/** A certificate of an organisation and the bytes by which Fabric names it. */
export interface Member extends Pair {
  readonly msp: string;
  readonly identity: Uint8Array;
}

export const makeOrganisation = (name: string): Organisation => ({
  msp: name,
  authority: makePair([
    ['O', name],
    ['CN', `ca.${name}`],
  ]),
});

export function makeMember({ msp: name, authority }: Organisation, role: string, validity?: Validity): Member {
  const pair = makePair(
    [
      ['OU', role],
      ['CN', `${role}.${name}`],
    ],
    authority,
    validity,
  );
  const identity = new msp.SerializedIdentity();
  identity.setMspid(name);
  identity.setIdBytes(Buffer.from(pair.certificate));
  return { ...pair, msp: name, identity: identity.serializeBinary() };
}

function unit(name: string): msp.FabricOUIdentifier {
  const identifier = new msp.FabricOUIdentifier();
  identifier.setOrganizationalUnitIdentifier(name);
  return identifier;
}

/** As the channel's configuration holds it. */
export function formatMsp({ msp: name, authority }: Organisation): Uint8Array {
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(unit('client'));
  units.setPeerOuIdentifier(unit('peer'));
  units.setAdminOuIdentifier(unit('admin'));
  units.setOrdererOuIdentifier(unit('orderer'));
  const config = new msp.FabricMSPConfig();
  config.setName(name);
  config.addRootCerts(Buffer.from(authority.certificate));
  config.setFabricNodeOus(units);
  const outer = new msp.MSPConfig();
  outer.setType(0);
  outer.setConfig(config.serializeBinary());
  return outer.serializeBinary();
}
