/** `vault`: what a city's gateway keeps of certificates: a new key for a body's, and backups. */
import { isJsonObject, type Json, type VaultRotationAnswer, YinxinError } from '@yinxin/core';
import type { Command, Inputs, Noun } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { administratorOptions, openAdministrator } from '../governance.ts';
import { findIssuer } from '../registry.ts';
import { backupCommand, backupsCommand } from './vault-backup.ts';

/** @throws YinxinError GATEWAY_UNREACHABLE when it is none */
function toAnswer(json: Json, gateway: string): VaultRotationAnswer {
  if (isJsonObject(json) && typeof json['generation'] === 'number' && typeof json['certificates'] === 'number') {
    return json as unknown as VaultRotationAnswer; // the OpenAPI document fixes the rest
  }
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway, status: 201 });
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { gateway, known } = await openAdministrator(inputs, context);
  const issuer = findIssuer(known.claims.issuers, inputs.operand(0));
  const name = known.trust.issuer(issuer)?.name ?? { zh: issuer, en: issuer };
  const answer = toAnswer(await gateway.postJson('/v1/vault/rotations', { issuer }), gateway.url);
  if (inputs.flag('json')) context.out.write(`${JSON.stringify(answer, null, 2)}\n`);
  else {
    const certificates = answer.certificates.toLocaleString('en');
    const words = {
      zh: `已更换${name.zh}的证照库密钥（第 ${answer.generation} 把），${certificates} 份证照的密钥已重新加密，旧密钥已销毁。`,
      en: `The vault key of ${name.en} was replaced (no. ${answer.generation}); the keys of ${certificates} certificates were sealed anew, and the old key is gone.`,
    };
    context.out.write(`${say(context, words)}\n`);
  }
  return 0;
}

const rotateCommand: Command = {
  name: 'vault rotate',
  synopsis: { zh: '机关', en: 'ISSUER' },
  summary: { zh: '更换机关的证照库密钥', en: 'replace the key of a body’s certificates' },
  details: {
    zh: `网关为该机关换一把新的证照库密钥，把它全部证照的密钥重新加密，然后销毁旧密钥。签发不停；中途断电，网关启动后接着做完。
这与签名密钥无关：换签名密钥用 yinxin key rotate，那时不必更换这一把。怀疑磁盘或备份外流时才需要更换。`,
    en: `The gateway makes a new key for the body’s certificates, seals all of their keys anew, and destroys the old one. Issuing goes on; cut off, it goes on when the gateway starts again.
It has nothing to do with signing keys (yinxin key rotate), after which it is not needed. It is where a disk or a backup may have got out.`,
  },
  examples: ['vault rotate 深圳市市场监督管理局'],
  options: [...administratorOptions],
  operands: [1, 1],
  run,
};

export const vaultNoun: Noun = {
  name: 'vault',
  summary: { zh: '网关的证照库', en: 'what the gateway keeps of certificates' },
  verbs: [rotateCommand, backupCommand, backupsCommand],
};
