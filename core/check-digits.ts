/** Check characters of the numbers that Yinxin meets: ISO 7064 MOD 37,36, the USCC (GB 32100 with GB 11714), the citizen id (GB 11643). */
import { YinxinError } from './errors.ts';
import { isCalendarDate } from './time.ts';

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const usccAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const usccWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];
const citizenWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const citizenChecks = '10X98765432';

const alphanumericPattern = /^[0-9A-Z]+$/;
const usccBodyPattern = /^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}$/;
const citizenPattern = /^[0-9]{17}[0-9X]$/;

/** The check character over one or more of 0-9A-Z. @throws YinxinError MALFORMED_IDENTIFIER on other characters */
export function mod37_36(text: string): string {
  if (!alphanumericPattern.test(text)) throw new YinxinError('MALFORMED_IDENTIFIER', { reason: 'not 0-9A-Z' });
  let product = 36;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const sum = (product + code - (code < 0x41 ? 0x30 : 0x41 - 10)) % 36 || 36;
    product = (2 * sum) % 37;
  }
  return alphanumeric.charAt((37 - product) % 36);
}

function toPlaces(alphabet: string): Uint8Array {
  const places = new Uint8Array(0x60);
  for (let at = 0; at < alphabet.length; at += 1) places[alphabet.charCodeAt(at)] = at;
  return places;
}

const usccPlaces = toPlaces(usccAlphabet);
const alphanumericPlaces = toPlaces(alphanumeric);

/** Sum of weight times place in the alphabet, of as many characters as there are weights, from a place on. */
function weigh(text: string, from: number, places: Uint8Array, weights: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at += 1) {
    sum += (weights[at] ?? 0) * (places[text.charCodeAt(from + at)] ?? 0);
  }
  return sum;
}

/** The 18th character of a USCC from its first 17. @throws YinxinError MALFORMED_IDENTIFIER when these cannot be of one */
export function usccCheck(first17: string): string {
  if (!usccBodyPattern.test(first17)) throw new YinxinError('MALFORMED_IDENTIFIER', { reason: 'not 17 of a USCC' });
  return usccAlphabet.charAt((31 - (weigh(first17, 0, usccPlaces, usccWeights) % 31)) % 31);
}

/** GB 11714: the ninth character of an organisation code. */
function organisationCheck(first8: string): string {
  const check = 11 - (weigh(first8, 0, alphanumericPlaces, organisationWeights) % 11);
  return check === 10 ? 'X' : check === 11 ? '0' : String(check);
}

/** 18 characters, with the USCC's check character and that of the organisation code inside it (characters 9–17). Says nothing about existence. */
export function isUscc(text: string): boolean {
  const body = text.slice(0, 17);
  if (text.length !== 18 || !usccBodyPattern.test(body)) return false;
  return usccCheck(body) === text.charAt(17) && organisationCheck(body.slice(8, 16)) === body.charAt(16);
}

/** 18 characters, a real birth date, the right check digit, X in upper case. The area part is free: codes get cancelled. */
export function isCitizenId(text: string): boolean {
  if (!citizenPattern.test(text)) return false;
  let sum = 0;
  for (let at = 0; at < 17; at += 1) sum += (citizenWeights[at] ?? 0) * (text.charCodeAt(at) - 0x30);
  if (citizenChecks.charCodeAt(sum % 11) !== text.charCodeAt(17)) return false;
  return isCalendarDate(`${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`);
}
