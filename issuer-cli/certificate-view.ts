/** How a certificate is shown: who issued what to whom, and its fields. */
import {
  type Body,
  type CertificateSummary,
  type CertificateType,
  type FieldValue,
  type FieldValues,
  type Instant,
  issuerNameAt,
  type MaskedValues,
  type ShownField,
  type Trust,
} from '@yinxin/core';
import { type Context, say } from './context.ts';
import { formatTime } from './times.ts';

/** What could steer a terminal or turn a line around: a file that nobody has verified may hold it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const steering = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Items of a list or record, joined as a roster's cell writes them; characters that would steer the terminal are replaced. */
export function formatValue(value: FieldValue): string {
  const items =
    typeof value === 'string'
      ? [value]
      : Array.isArray(value)
        ? value
        : Object.entries(value).map((pair) => pair.join('='));
  return items.join('；').replace(steering, '\ufffd');
}

/** The body that manages now what a closed one issued. */
function findSuccessor(issuer: string, trust: Trust | undefined, now: Instant): CertificateSummary['successor'] {
  const manager = trust?.managerOf(issuer, now);
  return manager && manager.issuer !== issuer ? { issuer: manager.issuer, name: manager.name } : undefined;
}

/** What a body says, with the names that the trust list gives. */
export function toSummary(body: Body, trust: Trust | undefined, now: Instant): CertificateSummary {
  const type = trust?.type(body.type, body.typeVersion);
  const issuer = trust?.issuer(body.issuer);
  const successor = findSuccessor(body.issuer, trust, now);
  return {
    identifier: body.id,
    type: body.type,
    typeVersion: body.typeVersion,
    typeName: type?.name ?? { zh: body.type, en: body.type },
    issuer: body.issuer,
    issuerName: issuer ? issuerNameAt(issuer, body.issuedAt) : { zh: body.issuer, en: body.issuer },
    ...(successor && { successor }),
    entry: body.entry,
    issuedAt: body.issuedAt,
    validFrom: body.validFrom,
    validUntil: body.validUntil,
  };
}

/** The fields that are there, in the type's order; without a type, by their keys. `masked` holds what may be shown. */
export function toShownFields(
  type: CertificateType | undefined,
  values: FieldValues,
  masked: MaskedValues,
): readonly ShownField[] {
  if (!type)
    return Object.keys(values).map((key) => ({
      key,
      label: { zh: key, en: key },
      value: masked[key] ?? null,
      masked: masked[key] !== values[key],
    }));
  return type.fields
    .filter(({ key }) => values[key] !== undefined)
    .map(({ key, label, unit }) => ({
      key,
      label,
      value: masked[key] ?? null,
      masked: JSON.stringify(masked[key]) !== JSON.stringify(values[key]),
      ...(unit === undefined ? {} : { unit }),
    }));
}

/** Rows of a table: type, number, issuer, dates. */
export function listSummary(summary: CertificateSummary, context: Context): readonly (readonly string[])[] {
  const label = (zh: string, en: string) => say(context, { zh, en });
  const end = summary.validUntil ?? label('长期', 'no end');
  return [
    [label('证照类型', 'Type'), say(context, summary.typeName)],
    [label('证照标识', 'Number'), summary.identifier],
    [label('颁发机构', 'Issuer'), say(context, summary.issuerName)],
    ...(summary.successor ? [[label('现由', 'Now with'), say(context, summary.successor.name)]] : []),
    [label('签发时间', 'Issued'), formatTime(summary.issuedAt)],
    [label('有效期', 'Valid'), label(`${summary.validFrom} 至 ${end}`, `${summary.validFrom} to ${end}`)],
  ];
}

/** Rows of a table: label and value of each field. */
export function listFields(fields: readonly ShownField[], context: Context): readonly (readonly string[])[] {
  const hidden = say(context, { zh: '（不显示）', en: '(not shown)' });
  return fields.map(({ label, value, unit }) => [
    say(context, label),
    value === null ? hidden : `${formatValue(value)}${unit === undefined ? '' : ` ${unit}`}`,
  ]);
}
