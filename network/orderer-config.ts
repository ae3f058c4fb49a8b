/** An orderer's `orderer.yaml`: what it must say, and where it departs from Fabric's sample, with the reason. JSON is YAML. */
import { ordererCryptoOf, type Paths } from './paths.ts';
import { type NetworkPlan, type Organisation, type PortUse, portOf } from './plan.ts';

const loopback = '127.0.0.1';

export const ordererNode = (orderer: Organisation) => `orderer.${orderer.slug}`;
export const ordererAddress = (plan: NetworkPlan, orderer: Organisation) =>
  `${loopback}:${portOf(plan, orderer, 'orderer')}`;

export function toOrdererConfiguration(plan: NetworkPlan, paths: Paths, orderer: Organisation) {
  const { node, tlsCa } = ordererCryptoOf(paths, orderer);
  const data = `${paths.nodeOf(ordererNode(orderer))}/data`;
  const at = (use: PortUse) => `${loopback}:${portOf(plan, orderer, use)}`;
  const tls = { Enabled: true, Certificate: node.tls.certificate, PrivateKey: node.tls.key };
  const mutualTls = { ...tls, ClientAuthRequired: true, ClientRootCAs: [tlsCa] };
  return {
    General: {
      ListenAddress: loopback,
      ListenPort: portOf(plan, orderer, 'orderer'),
      // clients sign what they send; orderers among themselves are mutual all the same
      TLS: { ...tls, RootCAs: [tlsCa] },
      // sample: 60 s; gateways of Fabric 3.1.5 ping idle connections every 10 s and are cut off for it
      Keepalive: { ServerMinInterval: '5s' },
      Cluster: { ClientCertificate: node.tls.certificate, ClientPrivateKey: node.tls.key },
      // no system channel: an orderer joins each channel by its administrator's word
      BootstrapMethod: 'none',
      LocalMSPDir: node.msp,
      LocalMSPID: orderer.msp,
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
    },
    FileLedger: { Location: `${data}/ledger` },
    Consensus: { WALDir: `${data}/wal`, SnapDir: `${data}/snapshots` },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
    Admin: { ListenAddress: at('ordererAdmin'), TLS: mutualTls },
    Operations: { ListenAddress: at('ordererOperations'), TLS: mutualTls },
    // sample: disabled; what an operator watches
    Metrics: { Provider: 'prometheus' },
  };
}
