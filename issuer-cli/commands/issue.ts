/** `issue`: a roster becomes signed, anchored certificates. Every row is checked first; good rows are issued, bad ones returned. */
import type { Command, Inputs } from '../command.ts';
import type { Context, ExitCode } from '../context.ts';
import { openHome } from '../home.ts';
import { asOption, clientOption, outputOption, pinOption, yesOption } from '../options.ts';
import { openErrand } from '../runs/errands.ts';
import { mapOption, readRosterOptions, readWishes, rosterRunOptions, sheetOption } from '../runs/options.ts';
import { runRoster } from '../runs/roster-run.ts';
import { dropSource, openSource } from '../runs/source.ts';
import { chooseType } from '../runs/types.ts';
import { loadTrust } from '../trust-list.ts';

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const home = await openHome(inputs, context);
  const { trust } = await loadTrust(home, inputs, context);
  const type = chooseType(trust.types, inputs.operand(0), inputs.text('type'));
  const source = await openSource(inputs.operand(0), context);
  try {
    const options = readRosterOptions(inputs, context);
    const wanted = { kind: 'issue', type, stock: inputs.flag('stock'), path: source.path, options };
    const errand = await openErrand(wanted, trust, { home, inputs, context });
    const wishes = readWishes(inputs, context, 'certificates', options);
    return await runRoster({ source, errand, wishes, home, context });
  } finally {
    await dropSource(source);
  }
}

export const issueCommand: Command = {
  name: 'issue',
  synopsis: { zh: '名册', en: 'ROSTER' },
  summary: { zh: '按名册签发证照', en: 'issue certificates from a roster' },
  details: {
    zh: `名册是 CSV（UTF-8 或 GB18030）或 XLSX；写 - 从标准输入读取。证照类型从文件名得知（如 business-licence-2026.csv、营业执照.xlsx），否则写 --type。
先逐行检查并预览：行数、编码、整理了什么、遮盖后的前几行、重复；确认后填对的行照办，填错的行连同原因退回 failed.csv（或 .xlsx），改正后再办。
有行没有办成时结束码为 1，全部办成为 0。--all-or-nothing：有一行填错就一份也不办。--yes：不预览、不询问，也不与以前签发过的比对。
中途断网、停电或被结束，再运行同一命令（或 yinxin runs resume）即接着办，不会重复签发。同一名册办完后再运行会被拒绝，确需再办一次才加 --again。
照片写文件名，放在名册所在的文件夹。每份证照一个文件，文件名就是证照标识；它含持证人凭据，只交给持证人本人。`,
    en: `A roster is CSV (UTF-8 or GB18030) or XLSX; - reads it from standard input. The type is known from the file’s name (business-licence-2026.csv, 营业执照.xlsx) or --type.
First every row is checked and a preview shown: counts, encoding, what was normalised, the first rows masked, who is there twice. Once confirmed, good rows are issued, and bad ones returned with the reason in failed.csv (or .xlsx), ready to correct and run again.
The exit code is 1 when any row failed and 0 when all were issued. --all-or-nothing: nothing is issued while a row is bad. --yes: no preview, no question, and no comparison with what was issued before.
After a broken connection, power cut or kill the same command (or yinxin runs resume) goes on; nothing is issued twice. A roster that was done is refused; --again issues all of it once more.
For a picture give the name of a file in the roster’s folder. Each certificate is a file named after its number; it carries the holder’s token: give it to the holder only.`,
  },
  examples: ['issue business-licence.csv', 'issue 名册.xlsx --type 营业执照 --as 深圳市市场监督管理局 -o 证照'],
  options: [
    { name: 'type', kind: 'text', value: { zh: '类型', en: 'TYPE' }, help: { zh: '证照类型', en: 'the type' } },
    ...rosterRunOptions,
    mapOption,
    sheetOption,
    asOption,
    clientOption,
    outputOption(
      {
        zh: '证照存放的文件夹（默认 certificates/类型-日期）',
        en: 'folder for the files (default certificates/TYPE-DATE)',
      },
      { zh: '文件夹', en: 'FOLDER' },
    ),
    {
      name: 'stock',
      kind: 'flag',
      help: { zh: '补录停止新发的证照的存量', en: 'digitised stock of a type no longer issued' },
    },
    pinOption,
    yesOption,
  ],
  operands: [1, 1],
  run,
};
