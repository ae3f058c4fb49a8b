/** Regions (GB/T 2260): which lies in which, and which domain answers for one. */
import { YinxinError } from '../errors.ts';
import { findDomainOf } from '../trust.ts';
import type { View } from './rule.ts';

/** Six digits of GB/T 2260. */
export const regionPattern = /^[1-9]\d{5}$/;

/** Whether a region lies in another: trailing pairs of zeros stand for the whole province or city. */
export function isInRegion(region: string, outer: string): boolean {
  return region.startsWith(outer.replace(/(?:00){1,2}$/, ''));
}

/** @throws YinxinError OUTSIDE_REGION */
export const outside = (region: string, of: string) => new YinxinError('OUTSIDE_REGION', { region, of });

/** A province answers for no place inside a city that is a domain of its own. Reads all domains. @throws YinxinError OUTSIDE_REGION */
export function requireDomainRegion(view: View, region: string, domain: string): void {
  if (findDomainOf(view.all('domain'), region)?.domain !== domain) throw outside(region, domain);
}
