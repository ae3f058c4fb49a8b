/** Check, build, commit, hash and batch-sign certificates of 12 fields on one core, against OpenAttestation's wrap of the same fields. */
import { randomFillSync } from 'node:crypto';
import { formatStatement, signSm2, toBase64, utf8 } from '@yinxin/core';
import { draftRequest } from '../../gateway/issuing/draft.ts';
import { growTree, rootOf } from '../../gateway/issuing/tree.ts';
import { anchorKey, channel, exampleValues, issuedAt, issuer, loadType } from '../fixtures/certificates.ts';
import { type Figure, race, toFigure } from './figure.ts';
import { loadOpenAttestation, toPeerDocument } from './peer.ts';

const batch = 1_000;

export async function measure(): Promise<readonly Figure[]> {
  const peer = loadOpenAttestation();
  const type = loadType('business-licence');
  const values = exampleValues(type);
  const rows = Array.from({ length: batch }, () => ({ values }));
  const documents = rows.map(() => toPeerDocument(values));
  const random = (bytes: number) => randomFillSync(new Uint8Array(bytes));

  const turn = async () => undefined;

  const ours = async () => {
    const { draft } = await draftRequest({ issuer, type: type.type, rows }, type, issuedAt, random, turn);
    const leaves = [...(draft?.certify({ first: 1, issuedAt, reissues: [] }) ?? [])].map(({ leaf }) => leaf);
    const tree = await growTree(Buffer.concat(leaves), turn);
    const statement = formatStatement({
      format: 'yinxin-anchor/1',
      channel,
      issuer,
      type: type.type,
      typeVersion: type.version,
      first: 1,
      last: batch,
      root: toBase64(rootOf(tree)),
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
