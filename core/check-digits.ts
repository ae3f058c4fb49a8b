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
const citizenPattern = /^[0-9]{6}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]$/;

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

function weigh(text: string, alphabet: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, at) => sum + weight * alphabet.indexOf(text.charAt(at)), 0);
}

/** The 18th character of a USCC from its first 17. @throws YinxinError MALFORMED_IDENTIFIER when these cannot be of one */
export function usccCheck(first17: string): string {
  if (!usccBodyPattern.test(first17)) throw new YinxinError('MALFORMED_IDENTIFIER', { reason: 'not 17 of a USCC' });
  return usccAlphabet.charAt((31 - (weigh(first17, usccAlphabet, usccWeights) % 31)) % 31);
}

/** GB 11714: the ninth character of an organisation code. */
function organisationCheck(first8: string): string {
  const check = 11 - (weigh(first8, alphanumeric, organisationWeights) % 11);
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
  const match = citizenPattern.exec(text);
  if (match === null || !isCalendarDate(`${match[1]}-${match[2]}-${match[3]}`)) return false;
  return citizenChecks.charAt(weigh(text, alphanumeric, citizenWeights) % 11) === text.charAt(17);
}
