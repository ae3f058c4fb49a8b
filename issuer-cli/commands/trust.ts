/** `trust`: fetches the signed trust list, checks it against the pin, and keeps it for days without network. */
import { resolve } from 'node:path';
import type { Command, Inputs } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { nameFrom } from '../files.ts';
import { openHome } from '../home.ts';
import { outputOption, pinOption } from '../options.ts';
import { formatTime } from '../times.ts';
import { fetchTrust, saveTrust } from '../trust-list.ts';

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const home = await openHome(inputs, context);
  const known = await fetchTrust(home, inputs, context);
  const { trust } = known;
  const named = inputs.text('output');
  const path = await saveTrust(named === undefined ? home.savedTrust : resolve(context.cwd, named), known);
  const file = nameFrom(context.cwd, path);
  const facts = { file, channel: trust.channel, height: trust.height, asOf: trust.asOf, expires: trust.expires };
  if (inputs.flag('json')) context.out.write(`${JSON.stringify(facts, null, 2)}\n`);
  else {
    const [asOf, expires] = [formatTime(trust.asOf), formatTime(trust.expires)];
    const zh = `信任清单已核对并保存：${file}\n截至 ${asOf}，可用到 ${expires}（北京时间）。`;
    context.out.write(
      `${say(context, { zh, en: `Trust list checked and saved: ${file}\nAs of ${asOf}, usable until ${expires} (Beijing time).` })}\n`,
    );
  }
  return 0;
}

export const trustCommand: Command = {
  name: 'trust',
  synopsis: { zh: '', en: '' },
  summary: { zh: '更新并保存信任清单，供断网时查验', en: 'update and save the trust list for offline use' },
  details: {
    zh: '信任清单写明有哪些城市、机关、密钥、证照类型和互认协议，由本市签名。收到后先用预置的信任根（pin.json）核对；本市换了清单密钥时，须由以前的清单写明；比以前旧的不要。',
    en: 'The trust list names cities, bodies, keys, types and agreements, signed by your own city. It is checked against the pin (pin.json); a new list key must be named by the list saved before; one older than the saved one is refused.',
  },
  examples: ['trust', 'trust -o trust-list.jwt'],
  options: [
    outputOption({
      zh: '保存到这个文件（默认 .yinxin/trust-list.jwt）',
      en: 'save it there (default .yinxin/trust-list.jwt)',
    }),
    pinOption,
  ],
  operands: [0, 0],
  run,
};
