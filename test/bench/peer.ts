/** OpenAttestation, the peer: installed from test/bench/package.json when it is not there. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

export interface OpenAttestation {
  wrapDocuments(documents: readonly object[]): readonly object[];
  verifySignature(document: unknown): boolean;
}

export function loadOpenAttestation(): OpenAttestation {
  if (!existsSync(new URL('node_modules', import.meta.url))) {
    const { status } = spawnSync('npm', ['ci', '--no-workspaces'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error('bench: the peers of test/bench/package.json could not be installed');
  }
  return createRequire(import.meta.url)('@govtechsg/open-attestation') as OpenAttestation;
}

/** Its document with the same fields as our certificate; the issuer's entry is what its schema demands at least. */
export function toPeerDocument(fields: { readonly [key: string]: unknown }): object {
  const identityProof = { type: 'DNS-TXT', location: 'example.com' };
  const issuer = { name: 'Demo', tokenRegistry: '0x9178F546D3FF57D7A6352bD61B80cCCD46199C2d', identityProof };
  return { issuers: [issuer], ...fields };
}
