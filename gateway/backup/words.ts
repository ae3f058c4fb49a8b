/** What is said to people of backups and restores: what was proved, what a restored gateway lacks. */
import type { Restoration, Words } from '@yinxin/core';
import type { BackupHeader } from './format.ts';
import type { RestoredFolder, RestoreStep } from './restoring.ts';

const count = (number: number) => number.toLocaleString('en');
const megabytes = (bytes: number) =>
  bytes < 100_000
    ? `${count(bytes)} B`
    : `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;

/** Of a gateway that was restored, a line for each register with entries of which it has nothing; none of any other gateway. */
export function describeMissing(restored: Restoration | null): readonly Words[] {
  if (!restored?.missing || restored.missing.length === 0) return [];
  const { backup, time, missing } = restored;
  const all = count(missing.reduce((sum, register) => sum + register.missing, 0));
  return [
    {
      zh: `数据是从备份 ${backup}（${time}）恢复的。账本上另有 ${all} 份证照本机没有内容，多半是备份之后签发的：`,
      en: `The data was restored from backup ${backup} (${time}). Of ${all} certificates on the ledger nothing is kept here; most were issued after the backup:`,
    },
    ...missing.map(({ issuer, type, first, last, missing: some }) => ({
      zh: `  ${issuer} ${type}：第 ${first}–${last} 号中的 ${count(some)} 份`,
      en: `  ${issuer} ${type}: ${count(some)} of entries ${first}–${last}`,
    })),
    {
      zh: '它们仍然有效，持证人手里的文件照常查验；本机不能再给出其文件和二维码。不会有新证照占用这些号码。',
      en: 'They stay valid, and files in their holders’ hands verify; this gateway can give neither files nor codes of them. No new certificate takes their numbers.',
    },
  ];
}

const partWords: { readonly [part: string]: Words } = {
  ledger: { zh: '账本', en: 'ledger' },
  vault: { zh: '证照库', en: 'vault' },
  index: { zh: '索引', en: 'index' },
  keys: { zh: '密钥', en: 'keys' },
  files: { zh: '其他文件', en: 'other files' },
};

export const stepWords: { readonly [step in RestoreStep['step']]: Words } = {
  verify: { zh: '核对备份', en: 'Verifying the backup' },
  write: { zh: '写入文件夹', en: 'Writing the folder' },
  prove: { zh: '逐份核对证照', en: 'Proving every certificate' },
};

export function formatStep({ step, done }: RestoreStep): Words {
  const { zh, en } = stepWords[step];
  if (step === 'prove') return { zh: `${zh}：${count(done)} 份`, en: `${en}: ${count(done)}` };
  return { zh: `${zh}：${megabytes(done)}`, en: `${en}: ${megabytes(done)}` };
}

function describeHeader({ domain, channel, time, height, ledger, program }: BackupHeader): Words {
  const kind = ledger === 'embedded' ? { zh: '内嵌账本', en: 'embedded ledger' } : { zh: 'Fabric 账本', en: 'Fabric' };
  return {
    zh: `备份：网关 ${domain}，通道 ${channel}（${kind.zh}），冻结于 ${time}，至少 ${count(height)} 个区块，程序版本 ${program}`,
    en: `Backup: gateway of ${domain}, channel ${channel} (${kind.en}), frozen at ${time}, at least ${count(height)} blocks, program ${program}`,
  };
}

/** A backup that was checked and not restored. */
export function describeChecked({ header, totals }: Pick<RestoredFolder, 'header' | 'totals'>): readonly Words[] {
  const parts = totals.parts.map(({ part, entries, bytes }) => {
    const words = partWords[part] ?? { zh: part, en: part };
    return {
      zh: `  ${words.zh}：${count(entries)} 条，${megabytes(bytes)}`,
      en: `  ${words.en}: ${count(entries)} entries, ${megabytes(bytes)}`,
    };
  });
  return [
    describeHeader(header),
    ...parts,
    {
      zh: `备份完好：每一段的校验值都对，共 ${count(totals.certificates)} 份证照的记录。`,
      en: `The backup is whole: every tag holds; records of ${count(totals.certificates)} certificates.`,
    },
  ];
}

function describeErasures(erasures: RestoredFolder['erasures']): Words {
  if (!erasures) {
    return {
      zh: '注意：备份旁边没有删除名单（erasures.json）。备份之后删除过的个人信息会随备份回来，请照删除的文书重做一遍（yinxin erase）。',
      en: 'Mind: no list of erasures (erasures.json) lies beside the backup. What was erased after it has come back with it: erase it again by its documents (yinxin erase).',
    };
  }
  if (erasures.listed === 0) {
    return {
      zh: `删除名单（截至 ${erasures.asOf}）：没有删除过。`,
      en: `List of erasures (as of ${erasures.asOf}): none.`,
    };
  }
  return {
    zh: `删除名单（截至 ${erasures.asOf}）：共 ${count(erasures.listed)} 份，其中 ${count(erasures.applied)} 份备份里还有，已重新删除。`,
    en: `List of erasures (as of ${erasures.asOf}): ${count(erasures.listed)}, of which this backup still had ${count(erasures.applied)}, erased again.`,
  };
}

function describeLedger({ proof }: RestoredFolder): Words {
  const isCompared = proof.index === 'compared';
  if (proof.blocks === undefined) {
    return {
      zh: `索引：${count(proof.height)} 个区块。它与账本是否一致，网关启动时逐块核对。`,
      en: `Index: ${count(proof.height)} blocks. The gateway checks against the ledger when it starts.`,
    };
  }
  return {
    zh: `账本：${count(proof.blocks)} 个区块逐块相连、散列相符；${isCompared ? '索引的每一条都与它相符' : '索引已由它重建'}。`,
    en: `Ledger: ${count(proof.blocks)} blocks, every link and hash; ${isCompared ? 'every entry of the index is what it gives' : 'the index was built anew from it'}.`,
  };
}

function describeAfter({ header }: RestoredFolder): Words {
  if (header.ledger === 'embedded') {
    return {
      zh: '账本也回到了备份那一刻：以后签发的证照账本上没有，查验为未存证，而且号码会重新使用。若签发过，请先收回并照名册重发。',
      en: 'The ledger, too, is back at the backup’s moment: what was issued later is not on it, verifies as not anchored, and its numbers are used again. Recall such certificates and issue their rosters anew.',
    };
  }
  return {
    zh: '备份之后签发的证照在账本上、不在本机：网关启动时会逐个登记簿说明缺多少份。',
    en: 'What was issued after the backup is on the ledger and not here: when it starts, the gateway says of each register how many.',
  };
}

function describeAbsent({ proof: { absent } }: RestoredFolder): readonly Words[] {
  if (absent === 0) return [];
  return [
    {
      zh: `账本上本网关各机关的证照中，有 ${count(absent)} 份备份里没有内容：已删除的，或由同一机关的另一个网关签发的。`,
      en: `Of the certificates of this gateway’s bodies on the ledger the backup has no contents of ${count(absent)}: erased, or issued by another gateway of the same body.`,
    },
  ];
}

/** What was restored and proved, line by line. */
export function describeRestored(restored: RestoredFolder): readonly Words[] {
  const { proof } = restored;
  return [
    ...describeChecked(restored),
    { zh: `密钥：${count(proof.keys)} 个都能打开。`, en: `Keys: ${count(proof.keys)}, all of them open.` },
    describeLedger(restored),
    { zh: `状态摘要：${proof.stateDigest}`, en: `State digest: ${proof.stateDigest}` },
    {
      zh: `证照：${count(proof.records)} 份都能打开，与账本上的一致；另有 ${count(proof.pending)} 份正在签发，网关启动后办完。`,
      en: `Certificates: ${count(proof.records)}, all open and are the ledger’s; ${count(proof.pending)} more were being issued: the gateway finishes them when it starts.`,
    },
    ...describeAbsent(restored),
    describeErasures(restored.erasures),
    describeAfter(restored),
  ];
}
