/** A labelled fact, and a list of them as it is drawn. */
import { type Child, html } from './dom.ts';

export type Particular = readonly [label: string, ...value: readonly Child[]];

/** A few words stand out beside their label; many, or a number with a button, are read. */
function classOf([first, ...others]: readonly Child[]): string {
  if (others.length > 0) return 'tall';
  return typeof first === 'string' && first.length > 32 ? 'tall plain' : '';
}

export function drawParticulars(rows: readonly Particular[]): HTMLElement | undefined {
  if (rows.length === 0) return undefined;
  const items = rows.map(([label, ...value]) =>
    html('div', { class: classOf(value) }, html('dt', {}, label), html('dd', {}, ...value)),
  );
  return html('dl', { class: 'particulars' }, ...items);
}
