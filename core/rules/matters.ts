/** Matters for which certificates are presented (事项). Their words never change: agreements name them. */
import type { RegisterMatterInput } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import { parseName, requireAbsent, slugPattern } from './common.ts';
import { rowKeys } from './rows.ts';
import type { Action } from './rule.ts';

/** Rows refuse with ALREADY_EXISTS. */
export const matterRegistration: Action<RegisterMatterInput> = {
  parse(json) {
    const read = memberReader(json, 'matter', 'INPUT_INVALID', ['matter', 'name']);
    return { matter: read.matching('matter', slugPattern), name: parseName(read.value('name')) };
  },
  needs: ({ matter }) => ({ keys: [rowKeys.matter(matter)] }),
  rows(view, input) {
    requireAbsent(view, rowKeys.matter(input.matter));
    return [{ kind: 'matter', ...input }];
  },
};
