/** A certificate's number in groups that an eye can follow; copied, it is the number as it stands. */
import type { Identifier } from '@yinxin/core';
import { html } from './dom.ts';

function groups(part: string): readonly string[] {
  return part.match(/.{1,4}/g) ?? [];
}

/** The prefix that all numbers share is dimmed; the gaps are drawn, not written. */
export function drawNumber(identifier: Identifier): HTMLElement {
  const match = /^(1\.2\.156\.3005\.2\.)(.*)$/.exec(identifier);
  const parts = (match?.[2] ?? identifier).split('.');
  const last = parts.length - 1;
  return html(
    'span',
    { class: 'number' },
    html('span', { class: 'number-prefix' }, match?.[1] ?? ''),
    ...parts.map((part, at) =>
      html(
        'span',
        { class: 'number-part' },
        ...groups(part).map((group) => html('span', { class: 'number-group' }, group)),
        at < last ? html('span', { class: 'number-dot' }, '.') : undefined,
      ),
    ),
  );
}
