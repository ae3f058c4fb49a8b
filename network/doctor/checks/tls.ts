/** The TLS certificate that each node really presents holds against its organisation's authority, and for a while yet. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Words } from '@yinxin/core';
import { cityCryptoOf, ordererCryptoOf } from '../../paths.ts';
import { type Check, type DoctorContext, examineEach } from '../context.ts';
import { type Finding, plain, reporterOf, words } from '../finding.ts';
import type { Endpoint, Handshake } from '../handshake.ts';
import type { NodeView } from '../view.ts';
import { lastDayOf, validityOf } from '../x509.ts';
import { findProcessFault } from './processes.ts';

const report = reporterOf('tls');

function restartAdvice({ view, commandOf }: DoctorContext, { name }: NodeView): Words {
  if (!view.local) return words('与该节点的运维核对', 'ask whoever runs it');
  const command = `${commandOf('down')} && ${commandOf('up')}`;
  return words(`重新启动 ${name}：${command}`, `start ${name} again: ${command}`);
}

function chainAdvice({ view }: DoctorContext, { tlsCa }: Endpoint): Words {
  const from = view.local ? '' : view.remote.file;
  const zh = `核对 CA 文件 ${tlsCa}${from === '' ? '' : `（${from} 的 tlsCa）`} 是否该机构的 TLS CA，及节点的证书是否由它签发、含所用地址`;
  return words(
    zh,
    `see whether ${tlsCa}${from === '' ? '' : ` (tlsCa in ${from})`} is the organisation’s TLS authority, and whether the node’s certificate is signed by it and names this address`,
  );
}

export const renewAdvice = (what: string): Words =>
  words(
    `请机构的 CA 以同一密钥和名称换发 ${what}，放回原处后重启该节点；排序节点的 TLS 证书还要先用频道配置更新替换`,
    `have the organisation’s authority renew ${what} with the same key and names, put it back and restart the node; an orderer’s TLS certificate must be replaced in the channel’s configuration first`,
  );

/** The file that the node was given; undefined of somebody else's. */
function findOwnFile({ view }: DoctorContext, { name, msp }: NodeView): string | undefined {
  const { local } = view;
  if (!local) return undefined;
  const city = local.cities.find((candidate) => candidate.msp === msp);
  if (city) {
    const { peer, contract } = cityCryptoOf(local.paths, city);
    return (name.startsWith('contract.') ? contract : peer).tls.certificate;
  }
  const orderer = local.orderers.find((candidate) => candidate.msp === msp);
  return orderer && ordererCryptoOf(local.paths, orderer).node.tls.certificate;
}

function judge(context: DoctorContext, node: NodeView, endpoint: Endpoint, handshake: Handshake): Finding {
  const { name } = node;
  const at = `${endpoint.host}:${endpoint.port}`;
  if (handshake.outcome === 'closed') {
    return report.skipped(name, words(`${at} 无人监听：见 ports`, `nobody listens on ${at}: see ports`));
  }
  if (handshake.outcome !== 'done') {
    const found = words(`${at} TLS 握手不成：${handshake.why}`, `${at}: no TLS handshake: ${handshake.why}`);
    return report.failed(name, found, restartAdvice(context, node));
  }
  const { certificate, fault } = handshake;
  const validity = validityOf(certificate, context.now());
  const until = lastDayOf(certificate);
  if (validity === 'past' || validity === 'early') {
    const found = words(`${at} 的证书不在有效期内（至 ${until}）`, `${at}: certificate not in force (until ${until})`);
    return report.failed(name, found, renewAdvice(name));
  }
  if (fault !== undefined) {
    const found = words(`${at} 的证书链不成立：${fault}`, `${at}: the chain does not hold: ${fault}`);
    return report.failed(name, found, chainAdvice(context, endpoint));
  }
  if (validity === 'ending') {
    const found = words(`${at} 的证书 ${until} 到期`, `${at}: certificate ends on ${until}`);
    return report.warning(name, found, renewAdvice(name));
  }
  const file = findOwnFile(context, node);
  if (file !== undefined && certificate.fingerprint256 !== new X509Certificate(readFileSync(file)).fingerprint256) {
    const found = words(`${at} 出示的不是文件夹里的证书 ${file}`, `${at} presents another certificate than ${file}`);
    return report.warning(name, found, restartAdvice(context, node));
  }
  return report.ok(name, plain(until));
}

const order = ['failed', 'warning', 'skipped', 'ok'] as const;

async function checkNode(context: DoctorContext, node: NodeView): Promise<Finding> {
  const fault = await findProcessFault(context.view, node.name);
  // somebody else may listen in its place
  if (fault?.kind === 'halted') return report.skipped(node.name, fault.why);
  const handshakes = await context.facts.handshakes(node);
  const found = node.endpoints.flatMap((endpoint, index) => {
    const handshake = handshakes[index];
    return handshake ? [judge(context, node, endpoint, handshake)] : [];
  });
  const worst = order.flatMap((state) => found.find((finding) => finding.state === state) ?? [])[0];
  return worst ?? report.skipped(node.name, plain('-'));
}

export const checkTls: Check = (context) => {
  const { peers, orderers, local } = context.view;
  return examineEach(
    report,
    [...orderers, ...peers, ...(local?.contracts ?? [])],
    (node) => checkNode(context, node),
    (node) => chainAdvice(context, node.endpoints[0]),
  );
};
