import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { rejection } from '../port-suite.ts';
import { makePair, type Pair } from './double/certificates.ts';
import { now, type Opened, withDouble } from './opened.ts';

const client = { msp: 'ShenzhenMSP', role: 'client' } as const;
const day = 86_400_000;

const reopen = ({ double, folder }: Opened) =>
  openFabricLedger({ profile: double.profile, profileFolder: folder, folder: join(folder, 'again'), clock: now });

describe('identities of a Fabric profile', function () {
  this.timeout(20_000);

  it('are the only ones that may act', () =>
    withDouble(
      async ({ double, ledger }) => {
        const error = await rejection(ledger.evaluate({ msp: 'ChengduMSP', role: 'admin' }, 'readNetwork', {}));
        expect(error).to.deep.include({ code: 'CALLER_NOT_PERMITTED', details: { msp: 'ChengduMSP', role: 'admin' } });
        expect(double.peers[0].calls).to.deep.equal([]);
      },
      { change: (profile) => ({ ...profile, identities: profile.identities.slice(0, 2) }) },
    ));

  it('are refused before they reach a peer once their certificate has run out', () =>
    withDouble(
      async ({ double, ledger }) => {
        const error = await rejection(ledger.evaluate(client, 'readNetwork', {}));
        expect(error.code).to.equal('CALLER_NOT_PERMITTED');
        expect(error.details).to.include(client).and.to.have.property('expired');
        expect(double.peers[0].calls).to.deep.equal([]);
      },
      { validity: { from: new Date(Date.now() - 2 * day), to: new Date(Date.now() - day) } },
    ));

  for (const [name, damage] of [
    ['a missing key', (folder: string) => rm(join(folder, 'keystore', 'key.pem'))],
    ['a second certificate', (folder: string) => writeFile(join(folder, 'signcerts', 'other.pem'), '')],
    ['what is no certificate', (folder: string) => writeFile(join(folder, 'signcerts', 'cert.pem'), 'none')],
    ['the key of another certificate', (folder: string) => writeKey(folder, makePair([['OU', 'client']]))],
    [
      'a key on another curve',
      (folder: string) => writePair(folder, makePair([['OU', 'client']], undefined, undefined, true, 'P-384')),
    ],
  ] as const) {
    it(`are refused on opening with ${name}, without naming a path`, () =>
      withDouble(async (opened) => {
        await damage(join(opened.folder, 'ShenzhenMSP', 'client'));
        const { code, details } = await rejection(reopen(opened));
        expect({ code, ...details }).to.deep.equal({
          code: 'SETTING_INVALID',
          setting: 'profile',
          member: 'identities',
          ...client,
        });
      }));
  }

  it('need the TLS files too', () =>
    withDouble(async (opened) => {
      await rm(join(opened.folder, 'tls.key'));
      const { details } = await rejection(reopen(opened));
      expect(details).to.deep.equal({ setting: 'profile', member: 'tls.key' });
    }));
});

const writeKey = (folder: string, { keyPem }: Pair) => writeFile(join(folder, 'keystore', 'key.pem'), keyPem);

async function writePair(folder: string, pair: Pair): Promise<void> {
  await writeKey(folder, pair);
  await writeFile(join(folder, 'signcerts', 'cert.pem'), pair.certificate);
}
