/** Build, commit, hash and batch-sign certificates of 12 fields on one core, against OpenAttestation's wrap of the same fields. */
import { randomFillSync } from 'node:crypto';
import { deriveValidity, formatStatement, parseCalendarDate, signSm2, toBase64, utf8 } from '@yinxin/core';
import { draftBatch } from '../../gateway/issuing/draft.ts';
import { anchorKey, channel, exampleValues, issuedAt, issuer, loadType } from '../fixtures/certificates.ts';
import { type Figure, race, toFigure } from './figure.ts';
import { loadOpenAttestation, toPeerDocument } from './peer.ts';

const batch = 1_000;

export async function measure(): Promise<readonly Figure[]> {
  const peer = loadOpenAttestation();
  const type = loadType('business-licence');
  const values = exampleValues(type);
  const rows = Array.from({ length: batch }, () => ({
    values,
    ...deriveValidity(type, values, parseCalendarDate('2026-11-20')),
    reissue: undefined,
  }));
  const documents = rows.map(() => toPeerDocument(values));
  const random = (bytes: number) => randomFillSync(new Uint8Array(bytes));

  const ours = async () => {
    const draft = await draftBatch({ issuer, type, first: 1, issuedAt }, rows, random);
    const statement = formatStatement({
      format: 'yinxin-anchor/1',
      channel,
      issuer,
      type: type.type,
      typeVersion: type.version,
      first: 1,
      last: batch,
      root: toBase64(draft.tree.root),
      supersedes: null,
      time: issuedAt,
      key: anchorKey.row.key,
    });
    signSm2(utf8(statement), anchorKey.privateKey);
  };
  const [own = 0, theirs = 0] = await race(9, batch, [ours, () => void peer.wrapDocuments(documents)]);
  const fields = Object.keys(values).length;
  return [
    toFigure(`build and sign, ${fields} fields`, own, 'certificates/s', 'at least 5 × OpenAttestation wrap', theirs),
  ];
}
