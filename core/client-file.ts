/** The client file: written by the gateway for a body's operators, a city's administrators and readers, read by the command. */
import type { ClientFile } from './api.ts';
import { YinxinError } from './errors.ts';
import { memberReader } from './members.ts';
import type { Json } from './model.ts';

function parsePrivateKey(json: Json): ClientFile['privateKey'] {
  const read = memberReader(json, 'client.privateKey', 'SETTING_INVALID', ['kty', 'crv', 'x', 'y', 'd']);
  if (read.text('kty') !== 'EC' || read.text('crv') !== 'P-256') {
    throw new YinxinError('SETTING_INVALID', { member: 'client.privateKey' });
  }
  return { kty: 'EC', crv: 'P-256', x: read.text('x'), y: read.text('y'), d: read.text('d') };
}

/** @throws YinxinError SETTING_INVALID */
export function parseClientFile(json: Json): ClientFile {
  const names = ['format', 'gateway', 'clientId', 'issuer', 'domain', 'scopes', 'privateKey'] as const;
  const read = memberReader(json, 'client', 'SETTING_INVALID', names);
  if (read.text('format') !== 'yinxin-client/1') throw new YinxinError('SETTING_INVALID', { member: 'client.format' });
  return {
    format: 'yinxin-client/1',
    gateway: read.text('gateway'),
    clientId: read.text('clientId'),
    issuer: read.value('issuer') === null ? null : read.text('issuer'),
    domain: read.text('domain'),
    scopes: read.array('scopes').map(String),
    privateKey: parsePrivateKey(read.value('privateKey')),
  };
}
