/**
 * What text may be in anything that is hashed or signed: well-formed UTF-16 without control characters. LF alone is let through, for
 * a file carries its statement as the text of lines that it is; every other text is checked by its own kind, and none of those allows LF.
 */
import { YinxinError } from './errors.ts';

const lineFeed = 0x0a;

/** @throws YinxinError MALFORMED_TEXT on U+0000–001F but LF, U+007F or a lone surrogate */
export function checkText(text: string): void {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if ((unit < 0x20 && unit !== lineFeed) || unit === 0x7f)
      throw new YinxinError('MALFORMED_TEXT', { reason: 'control character' });
    if ((unit & 0xf800) !== 0xd800) continue;
    at += 1;
    const isPair = unit < 0xdc00 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
    if (!isPair) throw new YinxinError('MALFORMED_TEXT', { reason: 'lone surrogate' });
  }
}
