/** Schemas of certificates and their types. */
import {
  array,
  enumeration,
  flag,
  map,
  natural,
  nullable,
  object,
  type Properties,
  positive,
  ref,
  text,
} from './schema.ts';

const fieldKinds =
  'string text date datetime yearMonth enum number integer money idNumber uscc phone address region image list record';
const maskRules = 'none name idNumber phone address bankAccount plate tail4 birthDate hide';
const validityKinds = 'fixed range tied graded permanent none snapshot';

export const certificateSchemas: Properties = {
  Body: object({
    format: { const: 'yinxin-certificate/1' },
    id: ref('Identifier'),
    entry: positive,
    type: ref('TypeName'),
    typeVersion: positive,
    issuer: ref('Issuer'),
    issuedAt: ref('Instant'),
    validFrom: ref('CalendarDate'),
    validUntil: nullable(ref('CalendarDate')),
    supersedes: nullable(ref('Identifier')),
    fields: ref('Hash'),
    face: ref('Hash'),
  }),
  Proof: object({
    statement: text,
    signature: ref('Signature'),
    index: natural,
    path: array(ref('Hash')),
    anchored: nullable(text),
  }),
  CertificateFile: object(
    { body: ref('Body'), fields: map(ref('FieldValue')), proof: ref('Proof') },
    {
      secret: ref('Secret'),
      salts: map(ref('Secret')),
      commitments: map(ref('Hash')),
      holderToken: ref('Hash'),
    },
  ),
  BodyAnswer: object({
    body: ref('Body'),
    fields: map(ref('FieldValue')),
    salts: map(ref('Secret')),
    commitments: map(ref('Hash')),
  }),
  Field: object(
    {
      key: text,
      label: ref('Words'),
      kind: enumeration(...fieldKinds.split(' ')),
      required: flag,
      mask: enumeration(...maskRules.split(' ')),
      example: ref('FieldValue'),
    },
    { enum: array(text), unit: text, longTermValue: text, tag: text },
  ),
  CertificateType: object(
    {
      format: { const: 'yinxin-type/1' },
      type: ref('TypeName'),
      version: positive,
      code: text,
      codeOrigin: enumeration('official', 'demonstration'),
      name: ref('Words'),
      officialName: text,
      category: enumeration('证照', '证明', '批文'),
      holder: object({ kind: enumeration('natural', 'organization', 'either'), codeTypes: array(text) }),
      fields: array(ref('Field')),
      face: array(text),
      claim: array(text),
      validity: object(
        { kind: enumeration(...validityKinds.split(' ')) },
        { months: positive, fromField: text, untilField: text, freshnessDays: positive },
      ),
      statusMaxAgeSeconds: natural,
      offlineCode: flag,
      lookup: enumeration('public', 'partner'),
      legacy: flag,
    },
    { successor: text, conclusion: object({ field: text, negative: array(text) }) },
  ),
  TypesAnswer: object({ types: array(ref('CertificateType')) }),
};
