/** Which certificates the demonstration has, and what becomes of them. Every fate names a type; one that the catalogue lacks is left out. */
import type { Act } from '@yinxin/core';

/** What becomes of a certificate after issuing: acts in order, or a reissue; or dates that lie elsewhere. */
export type Fate =
  | { readonly kind: 'acts'; readonly acts: readonly Act[] }
  | { readonly kind: 'reissued' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'not-yet-valid' };

/** Certificates without a fate, of every type of every body: at home, and in other cities. */
export const usualRows = { home: 2, elsewhere: 1 } as const;

const acts = (...steps: readonly Act[]): Fate => ({ kind: 'acts', acts: steps });
const reissued: Fate = { kind: 'reissued' };
const expired: Fate = { kind: 'expired' };
const notYetValid: Fate = { kind: 'not-yet-valid' };

/** One more certificate each, of the home domain's body. */
const fates: readonly (readonly [type: string, fate: Fate])[] = [
  ['business-licence', acts('revoke')],
  ['business-licence', reissued],
  ['business-licence', acts('cancel')],
  ['business-licence', acts('revoke', 'correct')],
  ['food-business-licence', expired],
  ['food-business-licence', acts('suspend')],
  ['drug-business-licence', acts('withdraw')],
  ['driving-licence', acts('suspend')],
  ['driving-licence', acts('forfeit')],
  ['residence-permit', acts('suspend', 'resume')],
  ['residence-permit', expired],
  ['resident-id-card', reissued],
  ['real-estate-certificate', reissued],
  ['medical-institution-licence', acts('forfeit')],
  ['teacher-qualification', acts('revoke')],
  ['road-transport-licence', acts('suspend')],
  ['land-use-planning-permit', acts('withdraw')],
  ['outdoor-ad-registration', acts('cancel')],
  ['special-operation-certificate', expired],
  ['hygiene-licence', notYetValid],
];

export function fatesOf(type: string): readonly Fate[] {
  return fates.filter(([name]) => name === type).map(([, fate]) => fate);
}

/** The legal basis of each act, of those in certs/bases.json: 行政许可法 (licence law), 行政处罚法 (penalty law), 行政诉讼法 (litigation law). */
export const bases: { readonly [act in Act]: string } = {
  suspend: 'penalty-law-9',
  resume: 'penalty-law-9',
  cancel: 'licence-law-70',
  revoke: 'licence-law-69',
  withdraw: 'licence-law-8',
  forfeit: 'penalty-law-9',
  correct: 'administrative-litigation-law-70',
};
