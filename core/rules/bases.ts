/** Legal bases that status changes may name: words for people, and the acts that each supports. */
import { YinxinError } from '../errors.ts';
import type { BasisRow, RegisterBasisInput } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Act, Json } from '../model.ts';
import { basisPattern, isAct } from '../status.ts';
import { existing, invalid, isSameName, parseName } from './common.ts';
import { rowKeys } from './rows.ts';
import type { Action, View } from './rule.ts';

function parseActs(items: readonly Json[]): readonly Act[] {
  const acts = items.map((item) => {
    if (!isAct(item)) throw invalid('basis.acts');
    return item;
  });
  if (acts.length === 0 || new Set(acts).size < acts.length) throw invalid('basis.acts', 'none, or one twice');
  return acts;
}

/** @throws YinxinError INPUT_INVALID */
function parseRegisterBasisInput(json: Json): RegisterBasisInput {
  const read = memberReader(json, 'basis', 'INPUT_INVALID', ['basis', 'name', 'acts']);
  return {
    basis: read.matching('basis', basisPattern),
    name: parseName(read.value('name')),
    acts: parseActs(read.array('acts')),
  };
}

function isSame(row: BasisRow, { name, acts }: RegisterBasisInput): boolean {
  return isSameName(row.name, name) && row.acts.length === acts.length && row.acts.every((act) => acts.includes(act));
}

/** A new basis, or one with other words or acts. Rows refuse with ALREADY_EXISTS what would change nothing. */
export const basisRegistration: Action<RegisterBasisInput> = {
  parse: parseRegisterBasisInput,
  needs: ({ basis }) => ({ keys: [rowKeys.basis(basis)] }),
  rows(view, input) {
    const key = rowKeys.basis(input.basis);
    const row = view.get(key);
    if (row && isSame(row, input)) throw existing(key);
    return [{ kind: 'basis', ...input }];
  },
};

/** @throws YinxinError BASIS_UNKNOWN unless it is a registered basis of this act */
export function requireBasis(view: View, basis: string, act: Act): void {
  if (!view.get(rowKeys.basis(basis))?.acts.includes(act)) throw new YinxinError('BASIS_UNKNOWN', { basis, act });
}
