/** Where things lie in the vault: the names of its values, and the lengths of their parts. */

export const certificateKeyBytes = 32;
/** What a page holds of each certificate: its key and the digest of its claim fields. */
export const slotBytes = 48;
export const cipherKeyBytes = 16;
export const nonceBytes = 16;
export const tagBytes = 32;
export const digestBytes = 16;
/** Certificates whose keys lie in one value: reading one opens them all, writing them one by one would cost more than the records. */
export const pageEntries = 128;
/** An entry in a name: so that names are ordered as numbers are. */
export const entryDigits = 12;

export const toDigits = (number: number) => String(number).padStart(entryDigits, '0');
/** The number with which a name ends. */
export const entryOfDigits = (place: string) => Number(place.slice(-entryDigits));

/** `<issuer>/<type>/` */
export const registerOf = (issuer: string, type: string) => `${issuer}/${type}/`;

/** The name of a page of keys ends with its last entry, so that an entry's page is the first whose name does not come before it. */
export const pagePlace = (register: string, last: number) => `key/${register}${toDigits(last)}`;
export const recordPlace = (register: string, entry: number) => `record/${register}${toDigits(entry)}`;

/** Names the newest certificate with these claim fields; issuer and type are in the digest. Short, as there is one for each certificate and they come in no order. */
export const newestPlace = (digest: Uint8Array) => `newest/${Buffer.from(digest).toString('base64url')}`;

export const issuerKeyPrefix = (issuer: string) => `issuer-key/${issuer}/`;
export const issuerKeyPlace = (issuer: string, generation: number) => issuerKeyPrefix(issuer) + toDigits(generation);
export const shapePlace = (type: string, typeVersion: number) => `shape/${type}/${typeVersion}`;
export const namedPlace = (name: string) => `named/${name}`;
export const scrubPlace = (place: string) => `scrub/${place}`;
export const checkPlace = 'check';

/** From a place to the end of the names that begin so. */
export const upTo = (prefix: string) => `${prefix}\u{10ffff}`;
