/** `erase`: the personal data of one certificate gone from the gateway for good; asked first, with what it means. */
import { documentPattern, type ErasureAnswer, isJsonObject, type Json, parseInstant, YinxinError } from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { connectClient } from '../gateway.ts';
import { openHome } from '../home.ts';
import { asOption, clientOption, yesOption } from '../options.ts';
import { chooseClient } from '../registry.ts';
import { readTarget } from '../target.ts';
import { confirm } from '../terminal.ts';
import { formatTime } from '../times.ts';

/** @throws YinxinError GATEWAY_UNREACHABLE when it is none */
function toAnswer(json: Json, gateway: string): ErasureAnswer {
  if (isJsonObject(json) && typeof json['time'] === 'string' && typeof json['document'] === 'string') {
    return json as unknown as ErasureAnswer; // the OpenAPI document fixes the rest
  }
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway, status: 201 });
}

const question = (identifier: string) => ({
  zh: `将永久删除 ${identifier} 的全部个人信息：以后谁也不能取得它的文件、生成二维码或显示内容，恢复不了，旧备份恢复后也会再删。
持有人手里的文件和纸本不受影响，状态也不变；不再有效的，请先注销。确定删除？`,
  en: `This erases all personal data of ${identifier} for good: nobody gets its file, a code or a field of it any more. It cannot be restored, and is erased again after an older backup is.
What its holder has stays as it is, and so does its status: cancel it first if it shall no longer be in force. Erase it?`,
});

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const document = inputs.required('document');
  if (!documentPattern.test(document)) throw usageError('document', document.slice(0, 40));
  const { identifier, issuer } = await readTarget(inputs.operand(0), context);
  const home = await openHome(inputs, context);
  const client = await chooseClient(home, inputs, context, { scope: 'issue', issuer });
  if (!(await confirm(context, say(context, question(identifier)), inputs.flag('yes')))) return 1;
  const gateway = connectClient(home, client, context);
  const answer = toAnswer(await gateway.postJson('/v1/erasures', { identifier, document }), gateway.url);
  if (inputs.flag('json')) context.out.write(`${JSON.stringify(answer, null, 2)}\n`);
  else {
    const time = formatTime(parseInstant(answer.time));
    const words = {
      zh: `已删除：${identifier}（${answer.document}，${time}）。账本上签发和状态的事实仍在，单凭它已与任何人无从对应。
签发时存下的证照文件、对照表和名册不在网关里，请一并销毁。`,
      en: `Erased: ${identifier} (${answer.document}, ${time}). What the ledger says of its issuing and status stays, and by itself is about nobody any more.
The file, the list and the roster that were kept when it was issued are not in the gateway: destroy them too.`,
    };
    context.out.write(`${say(context, words)}\n`);
  }
  return 0;
}

export const eraseCommand: Command = {
  name: 'erase',
  synopsis: { zh: '证照 --document 文号', en: 'CERT --document NUMBER' },
  summary: { zh: '永久删除一份证照的个人信息', en: 'erase the personal data of a certificate for good' },
  details: {
    zh: `依文书从网关删除一份证照的内容、密钥和持证人凭据，磁盘上也不再留有。办理的文号、时间和经办客户端留存备查。
以后按标识查验，仍能看到签发和状态，看不到任何一栏；账本上只有加盐的承诺值，盐的密钥已毁，推不出内容。
持有人手里的文件仍是真的。签发时存下的证照文件、对照表（issued.csv）和名册不在网关里，请一并销毁。
已抄走的备份请按期销毁；从旧备份恢复时会再次删除。`,
    en: `Erases content, keys and the holder’s token of one certificate from the gateway, by a document that orders it, from its disk too. The document’s number, the time and the client are kept.
Its number still tells of issuing and status, and shows no field; what the ledger holds are salted commitments whose secret is gone.
The holder’s own file stays genuine. The file, the list (issued.csv) and the roster that were kept when it was issued are not in the gateway: destroy them too.
Destroy old backups in their time; restoring one erases it again.`,
  },
  examples: ['erase 1.2.156.….001.X --document 示范〔2026〕8号'],
  options: [
    {
      name: 'document',
      kind: 'text',
      value: { zh: '文号', en: 'NUMBER' },
      help: { zh: '作出决定的文书文号', en: 'number of the document that orders it' },
    },
    yesOption,
    asOption,
    clientOption,
  ],
  operands: [1, 1],
  run,
};
