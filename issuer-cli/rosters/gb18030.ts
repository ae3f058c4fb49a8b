/** Text to GB18030, of which Node has only the way back: the tables are made from its decoder, characters beyond the basic plane by the standard's formula. */

const pairs = 65_536;
/** Four-byte codes of the basic plane: 81308130 to 8431A439. */
const fourByteCodes = 39_420;
/** U+FFFD, which the decoder also gives for what is no code. */
const replacementPlace = 39_417;
/** Code of U+10000, 90308130, counted as those are. */
const firstBeyond = 189_000;

interface Tables {
  /** Two bytes as one number by character; 0 where it has four. */
  readonly two: Uint16Array;
  /** Place among the four-byte codes, by character. */
  readonly four: Uint16Array;
}

let tables: Tables | undefined;

function writeFour(bytes: Uint8Array, at: number, place: number): void {
  bytes[at] = 0x81 + Math.floor(place / 12_600);
  bytes[at + 1] = 0x30 + (Math.floor(place / 1_260) % 10);
  bytes[at + 2] = 0x81 + (Math.floor(place / 10) % 126);
  bytes[at + 3] = 0x30 + (place % 10);
}

/** Every code decoded, each on a line of its own: one that is none gives no single character. */
function decodeCodes(width: 2 | 4, codes: Uint8Array): readonly string[] {
  const lines = new Uint8Array((codes.length / width) * (width + 1));
  for (let code = 0; code * width < codes.length; code += 1) {
    lines.set(codes.subarray(code * width, (code + 1) * width), code * (width + 1));
    lines[code * (width + 1) + width] = 0x0a;
  }
  return new TextDecoder('gb18030').decode(lines).split('\n');
}

function makeTables(): Tables {
  const two = new Uint16Array(pairs);
  const four = new Uint16Array(pairs);
  const places = new Uint8Array(4 * fourByteCodes);
  for (let place = 0; place < fourByteCodes; place += 1) writeFour(places, 4 * place, place);
  for (const [place, text] of decodeCodes(4, places).entries()) {
    if (text.length === 1 && text !== '\ufffd') four[text.charCodeAt(0)] = place;
  }
  four[0xfffd] = replacementPlace;
  const codes: number[] = [];
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) if (trail !== 0x7f) codes.push(lead, trail);
  }
  for (const [place, text] of decodeCodes(2, Uint8Array.from(codes)).entries()) {
    const code = ((codes[2 * place] ?? 0) << 8) | (codes[2 * place + 1] ?? 0);
    if (text.length === 1 && text !== '\ufffd' && two[text.charCodeAt(0)] === 0) two[text.charCodeAt(0)] = code;
  }
  return { two, four };
}

/** The bytes of a text. Half a surrogate pair, and twenty private characters that the decoder never gives, become `?`: nothing read as GB18030 holds them. */
export function encodeGb18030(text: string): Uint8Array {
  tables ??= makeTables();
  const { two, four } = tables;
  const bytes = new Uint8Array(4 * text.length);
  let end = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const code = two[unit] ?? 0;
    if (unit < 0x80) bytes[end++] = unit;
    else if (code > 0) {
      bytes[end++] = code >> 8;
      bytes[end++] = code & 0xff;
    } else {
      const point = text.codePointAt(at) ?? 0;
      if (point > 0xffff) at += 1;
      const place = point > 0xffff ? firstBeyond + point - 0x10000 : (four[unit] ?? 0);
      if (place === 0 && unit !== 0x80) bytes[end++] = 0x3f;
      else {
        writeFour(bytes, end, place);
        end += 4;
      }
    }
  }
  return bytes.slice(0, end);
}
