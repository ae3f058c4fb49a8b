/** The QR symbol of a code (GB/T 18284, ISO/IEC 18004), through `qrcode`: prefix in byte mode, digits in numeric mode, quiet zone of four modules. */
import { YinxinError } from '@yinxin/core';
import qrcode from 'qrcode';

/** Correction Q as long as the symbol stays this small, else M. */
const largestWithQ = 20;
const quietModules = 4;
const pixelsPerModule = 8;

export interface QrSymbol {
  /** 1 to 40. */
  readonly version: number;
  readonly correction: 'Q' | 'M';
  /** Modules on one side, without the quiet zone. */
  readonly size: number;
  isDark(row: number, column: number): boolean;
  toSvg(): Promise<string>;
  toPng(): Promise<Uint8Array>;
}

type Segments = Parameters<typeof qrcode.create>[0];

/** Prefix and digits as two segments: digits take 3.33 bits each in numeric mode. @throws YinxinError MALFORMED_CODE when `text` does not end in digits */
function toSegments(text: string): Segments {
  const [, prefix, digits] = /^(.*?)([0-9]+)$/s.exec(text) ?? [];
  if (digits === undefined) throw new YinxinError('MALFORMED_CODE', { why: 'no digits' });
  const numeric = { data: digits, mode: 'numeric' as const };
  return prefix ? [{ data: new TextEncoder().encode(prefix), mode: 'byte' as const }, numeric] : [numeric];
}

function createSymbol(segments: Segments): {
  readonly symbol: ReturnType<typeof qrcode.create>;
  readonly correction: 'Q' | 'M';
} {
  try {
    const symbol = qrcode.create(segments, { errorCorrectionLevel: 'Q' });
    if (symbol.version <= largestWithQ) return { symbol, correction: 'Q' };
  } catch {
    // too much for level Q in any version: M holds more
  }
  return { symbol: qrcode.create(segments, { errorCorrectionLevel: 'M' }), correction: 'M' };
}

/** The symbol of a code's text. @throws YinxinError MALFORMED_CODE when the text does not end in digits or is more than a symbol holds */
export function drawSymbol(text: string): QrSymbol {
  const segments = toSegments(text);
  let drawn: ReturnType<typeof createSymbol>;
  try {
    drawn = createSymbol(segments);
  } catch {
    throw new YinxinError('MALFORMED_CODE', { why: 'too long for a symbol' });
  }
  const { symbol, correction } = drawn;
  const options = { version: symbol.version, errorCorrectionLevel: correction, margin: quietModules };
  const { size, data } = symbol.modules;
  return {
    version: symbol.version,
    correction,
    size,
    isDark: (row, column) => row >= 0 && column >= 0 && row < size && column < size && data[row * size + column] === 1,
    toSvg: () => qrcode.toString(segments, { ...options, type: 'svg' }),
    toPng: async () => new Uint8Array(await qrcode.toBuffer(segments, { ...options, scale: pixelsPerModule })),
  };
}

const halves = [' ', '▄', '▀', '█'] as const;

/** Two rows of modules in one line of text; on a terminal black on white, whatever its colours. */
export function formatSymbolText({ size, isDark }: QrSymbol, coloured: boolean): string {
  let text = '';
  for (let row = -quietModules; row < size + quietModules; row += 2) {
    let line = '';
    for (let column = -quietModules; column < size + quietModules; column += 1) {
      line += halves[(isDark(row, column) ? 2 : 0) + (isDark(row + 1, column) ? 1 : 0)];
    }
    text += coloured ? `\u001b[30;107m${line}\u001b[0m\n` : `${line}\n`;
  }
  return text;
}
