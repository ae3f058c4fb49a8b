/** Full offline verification of the files of one batch on one core, from bytes to verdict, against OpenAttestation's verify from its own JSON. */
import {
  choosePolicy,
  conclude,
  formatCertificateFile,
  fromBase64,
  KnownBatches,
  presentFile,
  statementDigest,
  toTrust,
  verify,
} from '@yinxin/core';
import {
  channel,
  exampleValues,
  issueBatch,
  issuedAt,
  loadType,
  makeTrustClaims,
  now,
} from '../fixtures/certificates.ts';
import { type Figure, race, toFigure } from './figure.ts';
import { loadOpenAttestation, toPeerDocument } from './peer.ts';

const batch = 1_000;

export async function measure(): Promise<readonly Figure[]> {
  const peer = loadOpenAttestation();
  const type = loadType('business-licence');
  const values = exampleValues(type);
  const trust = toTrust(makeTrustClaims([type]));
  const issued = issueBatch(Array.from({ length: batch }, (_, at) => ({ type, values, entry: at + 1 })));
  const files = issued.map(({ file }) => formatCertificateFile(file));
  const documents = peer
    .wrapDocuments(files.map(() => toPeerDocument(values)))
    .map((document) => JSON.stringify(document));
  const policy = choosePolicy({ kind: 'file' });

  /** Another domain's word on the batch, verified once: all certificates of a batch carry the same. */
  const first = issued[0]?.file.proof;
  const statement = statementDigest(first?.statement ?? '', fromBase64(first?.signature ?? ''));
  const claims = { iss: '510100', channel, statement, txId: 'ab'.repeat(32), block: 7, time: issuedAt };
  const anchored = { outcome: 'verified', claims } as const;

  const ours = (batches?: KnownBatches) => () => {
    for (const bytes of files) {
      const lookups = batches ? { anchored, batches } : { anchored };
      const { genuine, reason } = conclude(verify(presentFile(bytes), trust, now, lookups), policy);
      if (genuine !== 'yes' || reason !== 'STATUS_UNKNOWN') throw new Error(`bench: ${reason}`);
    }
  };
  const theirs = () => {
    for (const text of documents) if (!peer.verifySignature(JSON.parse(text))) throw new Error('bench: peer refused');
  };
  const [own = 0, other = 0, each = 0] = await race(7, batch, [ours(new KnownBatches()), theirs, ours()]);
  return [
    toFigure('verify offline, one batch', own, 'certificates/s', 'at least 3 × OpenAttestation verify', other),
    toFigure('verify offline, every signature anew', each, 'certificates/s', 'for information: bound by SM2', other),
  ];
}
