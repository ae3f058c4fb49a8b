/** The demonstration's certificates: issued, reissued and changed through the same service as everyone's. Every request has a key of its own, so that a start that was cut off goes on where it was. */
import {
  type Act,
  type BatchSummary,
  type CalendarDate,
  type CertificateType,
  type FieldValues,
  formatIdentifier,
  type Identifier,
} from '@yinxin/core';
import type { Issuing, Operator } from '../issuing/issuing.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Catalogue, CatalogueIssuer } from './catalogue.ts';
import { bases, type Fate, fatesOf, usualRows } from './plan.ts';
import type { Progress } from './progress.ts';
import { inventValues, toExpired, toNotYetValid } from './values.ts';

/** A ledger of peers takes a quarter of a second for each transaction, and many at once. */
const registersAtOnce = 8;

export interface CertificateDeps {
  /** That of the gateway which speaks for a domain. */
  readonly issuingOf: (domain: string) => Issuing;
  readonly progress: Progress;
  /** The day of founding: the same at every start, so that requests repeat to the byte. */
  readonly today: CalendarDate;
}

/** The certificates of one body and type. */
interface Register {
  readonly issuer: CatalogueIssuer;
  readonly type: CertificateType;
  /** Undefined: nothing becomes of it. */
  readonly fates: readonly (Fate | undefined)[];
  /** Of the first row among all of this type, so that no two cities have the same people. */
  readonly offset: number;
}

export function planRegisters({ issuers, types, domains }: Catalogue): readonly Register[] {
  const home = domains[0]?.domain;
  const offsets = new Map<string, number>();
  return issuers.flatMap((issuer) => {
    const own = types.filter(({ type, version }) => {
      const newest = Math.max(...types.filter((other) => other.type === type).map((other) => other.version));
      return issuer.types.includes(type) && version === newest;
    });
    return own.map((type): Register => {
      const isHome = issuer.domain === home;
      const usual = Array.from({ length: isHome ? usualRows.home : usualRows.elsewhere }, () => undefined);
      const fates = isHome ? [...usual, ...fatesOf(type.type)] : usual;
      const offset = offsets.get(type.type) ?? 1;
      offsets.set(type.type, offset + fates.length);
      return { issuer, type, fates, offset };
    });
  });
}

function toValues({ issuer, type, fates, offset }: Register, index: number, today: CalendarDate): FieldValues {
  const values = inventValues(type, issuer.domain, offset + index);
  const kind = fates[index]?.kind;
  if (kind === 'expired') return toExpired(type, values, today);
  return kind === 'not-yet-valid' ? toNotYetValid(type, values, today) : values;
}

const operatorOf = ({ issuer }: CatalogueIssuer): Operator => ({ clientId: `operator-${issuer}`, issuer });

function issueAll(register: Register, { issuingOf, today }: CertificateDeps): Promise<BatchSummary> {
  const { issuer, type, fates } = register;
  const rows = fates.map((_, index) => ({ values: toValues(register, index, today) }));
  const stock = type.legacy ? { stock: true } : {};
  const request = { issuer: issuer.issuer, type: type.type, rows, ...stock };
  return issuingOf(issuer.domain).issue(operatorOf(issuer), request, `demonstration-${type.type}`);
}

function reissue(register: Register, index: number, supersedes: Identifier, deps: CertificateDeps): Promise<unknown> {
  const { issuer, type } = register;
  const rows = [{ values: toValues(register, index, deps.today), supersedes }];
  const stock = type.legacy ? { stock: true } : {};
  const request = { issuer: issuer.issuer, type: type.type, rows, ...stock };
  const key = `demonstration-${type.type}-${index}-reissue`;
  return deps.issuingOf(issuer.domain).issue(operatorOf(issuer), request, key);
}

function change({ issuer, type }: Register, index: number, identifier: Identifier, act: Act, deps: CertificateDeps) {
  const document = `示范〔${deps.today.slice(0, 4)}〕${index + 1}号`;
  const request = { issuer: issuer.issuer, changes: [{ identifier, act, basis: bases[act], document }] };
  const key = `demonstration-${type.type}-${index}-${act}`;
  return deps.issuingOf(issuer.domain).changeStatuses(operatorOf(issuer), request, key);
}

async function fulfil(register: Register, index: number, first: number, deps: CertificateDeps): Promise<void> {
  const { type, issuer, fates } = register;
  const fate = fates[index];
  const parts = { typeCode: type.code, issuer: issuer.issuer, serial: first + index, version: 1 };
  const identifier = formatIdentifier(parts);
  if (fate?.kind === 'reissued') await reissue(register, index, identifier, deps);
  for (const act of fate?.kind === 'acts' ? fate.acts : []) await change(register, index, identifier, act, deps);
}

/** Everything of the plan; what an earlier start did is not done again. @throws YinxinError of issuing */
export async function makeCertificates(catalogue: Catalogue, deps: CertificateDeps): Promise<void> {
  const registers = planRegisters(catalogue);
  const total = registers.reduce((sum, { fates }) => sum + fates.length, 0);
  const name = { zh: '签发示范证照', en: 'Demonstration certificates' };
  let done = 0;
  await sideBySide(registers, registersAtOnce, async (register) => {
    const { first } = await issueAll(register, deps);
    for (const index of register.fates.keys()) {
      await fulfil(register, index, first, deps);
      done += 1;
      deps.progress.step(name, done, total);
    }
  });
}
