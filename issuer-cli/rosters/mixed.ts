/** Finds UTF-8 in what is read as GB18030: three-byte characters often are pairs of that too, and would silently become other characters. */

const lineFeed = 0x0a;
const separators = new Uint8Array(0x80);
for (const mark of [0x09, lineFeed, 0x0d, 0x22, 0x2c, 0x3b]) separators[mark] = 1;

/** Length of the UTF-8 character at a place, 0 where there is none. Two-byte ones are none here: as pairs they are common characters. */
function characterLength(bytes: Uint8Array, at: number): 0 | 3 | 4 {
  const lead = bytes[at] ?? 0;
  const isTail = (place: number) => ((bytes[place] ?? 0) & 0xc0) === 0x80;
  if (lead >= 0xe2 && lead <= 0xef) return isTail(at + 1) && isTail(at + 2) ? 3 : 0;
  if (lead >= 0xf0 && lead <= 0xf4) return isTail(at + 1) && isTail(at + 2) && isTail(at + 3) ? 4 : 0;
  return 0;
}

/** The most common characters, GB 2312's first level, lie at B0A1–D7F9. */
function countCommonPairs(bytes: Uint8Array, from: number, to: number): number {
  let common = 0;
  for (let at = from; at + 1 < to; ) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    if (lead >= 0xb0 && lead <= 0xd7 && (bytes[at + 1] ?? 0) >= 0xa1) common += 1;
    at += 2;
  }
  return common;
}

/** Whether what lies between two separators is UTF-8 rather than GB18030: it holds as that, and as this it would be rare characters. */
function isForeign(bytes: Uint8Array, from: number, to: number): boolean {
  let wide = 0;
  let beyond = 0;
  for (let at = from; at < to; ) {
    if ((bytes[at] ?? 0) < 0x80) {
      at += 1;
      continue;
    }
    const length = characterLength(bytes, at);
    if (length === 0) return false;
    wide += 1;
    beyond += length;
    at += length;
  }
  return wide >= 2 && countCommonPairs(bytes, from, to) * 4 < beyond;
}

/** Where a cell in UTF-8 begins; −1 where there is none. Separators are never part of a GB18030 character. */
export function findForeignCell(bytes: Uint8Array): number {
  const { length } = bytes;
  let from = 0;
  while (from < length) {
    let to = from;
    let first = -1;
    while (to < length) {
      const byte = bytes[to] ?? 0;
      if (byte >= 0x80) {
        if (first < 0) first = to;
      } else if (separators[byte] === 1) break;
      to += 1;
    }
    // Most cells are told by their first character.
    if (first >= 0 && characterLength(bytes, first) > 0 && isForeign(bytes, first, to)) return from;
    from = to + 1;
  }
  return -1;
}
