/** Templates: what a clerk fills in, as CSV or as a workbook with choices, hints and notes. */
import type { CertificateType, Field } from '@yinxin/core';
import { formatValue } from '../certificate-view.ts';
import type { Language } from '../context.ts';
import { explainField } from '../messages/roster.ts';
import { formatCsvLine } from './csv-writer.ts';
import { FileWriter } from './file-writer.ts';
import {
  escapeXml,
  formatColumn,
  formatRow,
  openSheet,
  packWorkbook,
  type SheetText,
  styles,
} from './xlsx/xlsx-writer.ts';

export interface TemplateWishes {
  readonly heading: (field: Field) => string;
  readonly withExample: boolean;
  /** The heading of the column for the certificate that a row reissues; undefined for none. */
  readonly supersedes?: string | undefined;
  readonly language: Language;
}

/** A value of the field, as a roster's cell writes it. */
export function exampleOf(field: Field): string {
  return field.kind === 'image' ? 'photo.png' : formatValue(field.example);
}

function listHeadings(type: CertificateType, { heading, supersedes }: TemplateWishes): readonly string[] {
  return [...type.fields.map(heading), ...(supersedes === undefined ? [] : [supersedes])];
}

/** A roster's header, and a row of examples where asked for. */
export function formatTemplate(type: CertificateType, wishes: TemplateWishes): string {
  const header = listHeadings(type, wishes);
  const example = [...type.fields.map(exampleOf), ...(wishes.supersedes === undefined ? [] : [''])];
  return formatCsvLine(header) + (wishes.withExample ? formatCsvLine(example) : '');
}

const lastRow = 1_048_576;
/** Characters of a prompt at most. */
const promptCharacters = 250;
const choicesSheet = '选项';
const columnWidth = 22;

/** A prompt on every cell of a name would only be in the way. */
function isFree({ kind }: Field): boolean {
  return kind === 'string' || kind === 'text' || kind === 'address';
}

/** Choices stand on a hidden sheet: a list within the rule may have 255 characters only, and no commas. */
function formatRule(
  field: Field,
  column: number,
  choices: readonly Field[],
  { language, heading }: TemplateWishes,
): string {
  const letter = formatColumn(column);
  const place = `sqref="${letter}2:${letter}${lastRow}"`;
  const hint = isFree(field) ? '' : explainField(field, language).slice(0, promptCharacters);
  const prompt =
    hint === ''
      ? ''
      : ` showInputMessage="1" promptTitle="${escapeXml(heading(field).slice(0, 30))}" prompt="${escapeXml(hint)}"`;
  if (!field.enum) return prompt === '' ? '' : `<dataValidation allowBlank="1"${prompt} ${place}/>`;
  const source = formatColumn(choices.indexOf(field));
  const range = `'${choicesSheet}'!$${source}$1:$${source}$${field.enum.length}`;
  return `<dataValidation type="list" allowBlank="1" showErrorMessage="1"${prompt} ${place}><formula1>${range}</formula1></dataValidation>`;
}

/** Dates and months in their own format, so that what is typed stays a date; everything else is text, so that no digit is lost. */
function styleOf({ kind }: Field): number {
  if (kind === 'date') return styles.date;
  if (kind === 'yearMonth') return styles.month;
  return kind === 'number' || kind === 'integer' || kind === 'money' ? styles.plain : styles.text;
}

function formatRoster(type: CertificateType, choices: readonly Field[], wishes: TemplateWishes): string {
  const headings = listHeadings(type, wishes);
  const columns = headings.map((_, column) => {
    const field = type.fields[column];
    return { width: columnWidth, style: field ? styleOf(field) : styles.text };
  });
  const rules = type.fields
    .map((field, column) => formatRule(field, column, choices, wishes))
    .filter((rule) => rule !== '');
  const example = wishes.withExample ? formatRow(2, type.fields.map(exampleOf), styles.text) : '';
  const validations =
    rules.length > 0 ? `<dataValidations count="${rules.length}">${rules.join('')}</dataValidations>` : '';
  return `${openSheet(columns, true)}${formatRow(1, headings, styles.header)}${example}</sheetData>${validations}</worksheet>`;
}

const noteWords = {
  zh: {
    sheet: '说明',
    head: ['栏目', '是否必填', '怎么填', '示例'],
    required: '必填',
    optional: '选填',
    lines: [
      '请在第一张工作表逐行填写，每行一份证照；选填的列可以整列删去，列的次序随意。',
      '证件号码等列已设为文本，请勿改动，否则长号码的末尾几位会丢失。不要使用公式，不要合并单元格。',
    ],
  },
  en: {
    sheet: 'Notes',
    head: ['Column', 'Required', 'How to fill it in', 'Example'],
    required: 'required',
    optional: 'optional',
    lines: [
      'Fill in the first sheet, one certificate a row. Columns of optional fields may be deleted; their order is free.',
      'Columns of numbers such as identity numbers are formatted as text: leave them so, or their last digits are lost. No formulas, no merged cells.',
    ],
  },
} as const;

function formatNotes(type: CertificateType, { language, heading }: TemplateWishes): string {
  const words = noteWords[language];
  const rows = type.fields.map((field) => [
    heading(field),
    field.required ? words.required : words.optional,
    explainField(field, language),
    exampleOf(field),
  ]);
  const widths = [24, 12, 60, 40].map((width) => ({ width, style: styles.note }));
  const lines = words.lines.map((line, at) => formatRow(at + 1, [line], styles.text)).join('');
  const first = words.lines.length + 1;
  const table = rows.map((cells, at) => formatRow(first + 1 + at, cells, styles.note)).join('');
  return `${openSheet(widths, false)}${lines}${formatRow(first, words.head, styles.header)}${table}</sheetData></worksheet>`;
}

function formatChoices(choices: readonly Field[]): string {
  const longest = Math.max(0, ...choices.map((field) => field.enum?.length ?? 0));
  const rows = Array.from({ length: longest }, (_, at) =>
    formatRow(
      at + 1,
      choices.map((field) => field.enum?.[at] ?? ''),
      styles.text,
    ),
  );
  return `${openSheet([], false)}${rows.join('')}</sheetData></worksheet>`;
}

/** What may not stand in a sheet's name. */
function toSheetName(name: string): string {
  return name.replace(/[[\]:*?/\\']/g, ' ').slice(0, 31);
}

/** Writes a workbook: the roster, notes, and on a hidden sheet the choices. @throws YinxinError DISK_FULL, FILE_UNREADABLE */
export async function writeTemplateWorkbook(
  path: string,
  type: CertificateType,
  wishes: TemplateWishes,
): Promise<void> {
  const choices = type.fields.filter((field) => field.enum !== undefined);
  const sheets: SheetText[] = [
    { name: toSheetName(type.name[wishes.language]), pieces: [formatRoster(type, choices, wishes)] },
    { name: noteWords[wishes.language].sheet, pieces: [formatNotes(type, wishes)] },
    ...(choices.length > 0 ? [{ name: choicesSheet, isHidden: true, pieces: [formatChoices(choices)] }] : []),
  ];
  const file = await FileWriter.create(path);
  for await (const bytes of packWorkbook(sheets)) await file.write(bytes);
  await file.close();
}
