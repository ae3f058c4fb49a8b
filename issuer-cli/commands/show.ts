/** `show`: everything in a certificate: a file's on this machine, a number's by the body that issued it. */
import { resolve } from 'node:path';
import { type CertificateFile, formatCertificateFile, type Trust, toCertificateFile } from '@yinxin/core';
import { listFields, listSummary, toShownFields, toSummary } from '../certificate-view.ts';
import type { Command, Inputs } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { opensslCommand, writeEvidence } from '../evidence.ts';
import { certificatePath, connectClient } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { asOption, clientOption, pinOption, trustOption } from '../options.ts';
import { chooseClient } from '../registry.ts';
import { readTarget, type Target } from '../target.ts';
import { loadNames, loadTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';

/** The certificate as its issuing body keeps it. @throws YinxinError CLIENT_FILE_MISSING, and what the gateway answers */
export async function fetchCertificate(
  home: Home,
  inputs: Inputs,
  context: Context,
  { identifier, issuer }: Target,
): Promise<CertificateFile> {
  const client = await chooseClient(home, inputs, context, { scope: 'issue', issuer });
  const gateway = connectClient(home, client, context);
  return toCertificateFile(await gateway.getJson(certificatePath('/v1/certificates', identifier)));
}

function showAll(file: CertificateFile, trust: Trust | undefined, context: Context): void {
  const note = (zh: string, en: string) => context.err.write(`${say(context, { zh, en })}\n`);
  const type = trust?.type(file.body.type, file.body.typeVersion);
  const hidden = Object.keys(file.commitments ?? {}).length;
  const fields = listFields(toShownFields(type, file.fields, file.fields), context);
  context.out.write(formatTable([...listSummary(toSummary(file.body, trust, context.now()), context), ...fields]));
  if (hidden > 0) note(`另有 ${hidden} 栏没有出示。`, `${hidden} more fields are not shown.`);
  note(
    '这里只是显示内容；真假和状态请用 yinxin verify 查验。',
    'This only shows what it says; use yinxin verify to check it.',
  );
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const target = await readTarget(inputs.operand(0), context);
  const home = await openHome(inputs, context);
  const file = target.file ?? (await fetchCertificate(home, inputs, context, target));
  const folder = inputs.text('openssl');
  if (folder !== undefined) {
    const { trust } = await loadTrust(home, inputs, context);
    await writeEvidence(resolve(context.cwd, folder), file, trust);
    const words = { zh: `已写好，在文件夹 ${folder} 里运行：`, en: `Written; run this in the folder ${folder}:` };
    context.err.write(`${say(context, words)}\n`);
    context.out.write(`${opensslCommand}\n`);
  } else if (inputs.flag('json')) context.out.write(`${new TextDecoder().decode(formatCertificateFile(file))}\n`);
  else showAll(file, await loadNames(home, inputs, context), context);
  return 0;
}

export const showCommand: Command = {
  name: 'show',
  synopsis: { zh: '证照', en: 'CERT' },
  summary: { zh: '显示证照的全部内容', en: 'show everything in a certificate' },
  details: {
    zh: '文件在本机读取，断网也能看。只有标识时，由颁发机关自己的客户端向网关调取。',
    en: 'A file is read on this machine, also offline. A number is looked up by the issuing body’s own client.',
  },
  examples: ['show certificate.yinxin.json', 'show certificate.yinxin.json --openssl evidence'],
  options: [
    {
      name: 'openssl',
      kind: 'text',
      value: { zh: '文件夹', en: 'FOLDER' },
      help: {
        zh: '写出签发声明、签名和公钥，供只用 OpenSSL 验证',
        en: 'write statement, signature and key, to be verified by OpenSSL alone',
      },
    },
    asOption,
    clientOption,
    trustOption,
    pinOption,
    { name: 'offline', kind: 'flag', help: { zh: '不连网关', en: 'do not ask the gateway' } },
  ],
  operands: [1, 1],
  run,
};
