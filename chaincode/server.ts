/**
 * The contract's process, for peers that reach it as a service: `server.cjs --chaincode-address HOST:PORT --chaincode-id LABEL:HASH`, and for TLS
 * fabric-shim's options of the same names. It starts only where the label names exactly the files beside it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ErrorCode, errorEntry, type Language, sentence } from '@yinxin/core';
import { contractIdentity, contractLabel } from './identity.ts';

/** Where it was built to. */
const folder = import.meta.dirname;

const names = [
  'chaincode-address',
  'chaincode-id',
  'chaincode-tls-cert-file',
  'chaincode-tls-key-file',
  'chaincode-tls-client-cacert-file',
] as const;
type Options = { readonly [name in (typeof names)[number]]?: string };

/** What is wrong, in both languages. */
function fail(code: ErrorCode, toNext: (language: Language) => string): never {
  const lines = (['zh', 'en'] as const).map((language) => `${sentence(code, language).what} ${toNext(language)}\n`);
  process.stderr.write(lines.join(''));
  process.exit(errorEntry(code).exit);
}

const failUsage = () => fail('USAGE', () => names.map((name) => `--${name}`).join(' '));

/** No other option: one of them would have another contract run than the one that was compared. */
function readOptions(): Options {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const));
    const { values } = parseArgs({ options, strict: true, allowPositionals: false });
    return values as Options; // every option is a text
  } catch {
    return failUsage();
  }
}

const options = readOptions();
const [label, hash, ...more] = (options['chaincode-id'] ?? '').split(':');
if (options['chaincode-address'] === undefined || !hash || more.length > 0) failUsage();
if (label !== contractLabel(contractIdentity(folder))) {
  fail('CONTRACT_MISMATCH', (language) => sentence('CONTRACT_MISMATCH', language).next);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'WARNING';
// fabric-shim starts its server in a way that its own dependency has outgrown
process.noDeprecation = true;
const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
process.argv = [process.execPath, 'fabric-chaincode-node', 'server', ...args, '--module-path', folder];
// its packages are not part of what was compared: whoever runs the process installs them, or names them in NODE_PATH
createRequire(join(folder, 'server.cjs'))('fabric-shim/cli.js');
