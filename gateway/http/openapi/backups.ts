/** Schemas of backups: what was written, what there is, and what a restored gateway lacks. */
import { array, enumeration, matching, natural, nullable, object, type Properties, positive, ref } from './schema.ts';

const item = {
  name: matching('^\\d{8}T\\d{6}Z-[0-9a-f]{8}$', 'Of the file, without `.backup`.'),
  time: ref('Instant'),
  bytes: natural,
  height: natural,
};

export const backupSchemas: Properties = {
  BackupRequest: object({}),
  BackupItem: object(item),
  BackupPart: object({
    part: enumeration('ledger', 'vault', 'index', 'keys', 'files'),
    entries: natural,
    bytes: natural,
  }),
  BackupAnswer: object({
    ...item,
    confirmed: natural,
    digest: matching('^[0-9a-f]{64}$', 'SHA-256 of the file.'),
    certificates: natural,
    parts: array(ref('BackupPart'), { minItems: 4, maxItems: 5 }),
  }),
  MissingEntries: object({
    issuer: ref('Issuer'),
    type: ref('TypeName'),
    first: positive,
    last: positive,
    missing: positive,
  }),
  Restoration: object({
    backup: { type: 'string' },
    time: ref('Instant'),
    restoredAt: ref('Instant'),
    missing: nullable(array(ref('MissingEntries'))),
  }),
  BackupsAnswer: object({
    writing: nullable(object({ name: item.name, since: ref('Instant'), bytes: natural })),
    backups: array(ref('BackupItem'), { maxItems: 100 }),
    damaged: array({ type: 'string' }),
    restored: nullable(ref('Restoration')),
  }),
};
