/** Invented people, organisations and numbers for demonstration certificates, by number: area 990300 is assigned to nobody, birth dates lie in 1900–1909. */
import { addDays, type CalendarDate, isCitizenId, isUscc, parseCalendarDate, usccCheck } from '@yinxin/core';

export interface InventedPerson {
  readonly name: string;
  readonly sex: '男' | '女';
  readonly birthDate: CalendarDate;
  readonly idNumber: string;
}

const area = '990300';
const surnames = [...'赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张'];
const givenNames = ['示例', '样例', '小例', '大例', '范例', '演示', '样本'];
const stems = [...'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥'];
const firstDay = parseCalendarDate('1900-01-01');
/** Days of ten years; the step has no factor in common with them, so that days repeat late. */
const days = 3_650;
const dayStep = 37;

const pick = <T>(items: readonly T[], number: number, fallback: T): T => items[number % items.length] ?? fallback;

/** The last character is found by trying. */
function completeCitizenId(first17: string): string {
  const checks = [...'0123456789X'].map((check) => first17 + check);
  return checks.find(isCitizenId) ?? first17;
}

/** Odd sequence numbers are men's, even ones women's. */
export function inventPerson(number: number): InventedPerson {
  const birthDate = addDays(firstDay, (number * dayStep) % days);
  const sequence = String(((number * 7 + Math.floor(number / 4)) % 990) + 1).padStart(3, '0');
  const name = pick(surnames, number, '张') + pick(givenNames, Math.floor(number / surnames.length), '示例');
  return {
    name,
    sex: Number(sequence) % 2 === 1 ? '男' : '女',
    birthDate,
    idNumber: completeCitizenId(area + birthDate.replaceAll('-', '') + sequence),
  };
}

/** A character that tells one invented organisation from the next. */
export function inventStem(number: number): string {
  return pick(stems, number, '甲');
}

/** A credit code of the same kind of body as the example; the example itself where none can be made. */
export function inventUscc(example: string, number: number): string {
  const first16 = example.slice(0, 12) + String(1_000 + (number % 9_000));
  const made = [...'0123456789X'].map((check) => `${first16}${check}`).map((first17) => first17 + usccCheck(first17));
  return made.find(isUscc) ?? example;
}
