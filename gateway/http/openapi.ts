/** The OpenAPI 3.1 document: the contract of the REST surface, against which tests hold every request and answer. */
import type { Json } from '@yinxin/core';
import { backupSchemas } from './openapi/backups.ts';
import { certificateSchemas } from './openapi/certificates.ts';
import { governanceSchemas } from './openapi/governance.ts';
import { issuingSchemas } from './openapi/issuing.ts';
import { ledgerSchemas } from './openapi/ledger.ts';
import { paths } from './openapi/paths.ts';
import { atoms } from './openapi/schema.ts';
import { verificationSchemas } from './openapi/verification.ts';

export const openapi: { readonly [name: string]: Json } = {
  openapi: '3.1.0',
  info: {
    title: 'Yinxin 印信',
    version: '1',
    description:
      'Electronic certificates that anyone, in any city, can check at once. Sentences of problems are Chinese or English by Accept-Language.',
  },
  paths,
  components: {
    schemas: {
      ...atoms,
      ...certificateSchemas,
      ...verificationSchemas,
      ...issuingSchemas,
      ...governanceSchemas,
      ...ledgerSchemas,
      ...backupSchemas,
    },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An access token from /oauth/token.' },
      holder: {
        type: 'apiKey',
        in: 'header',
        name: 'Authorization',
        description: '`Yinxin-Holder <holder token in base64>`, from the holder’s own file.',
      },
    },
  },
};
