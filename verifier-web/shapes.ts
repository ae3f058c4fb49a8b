/** The shapes of the verdicts and the small marks of the checks, drawn in the colours of the style sheet. */
import type { Check } from '@yinxin/core';
import { svg } from './dom.ts';
import type { Shape } from './look.ts';

const octagon = 'M31 6h34l25 25v34L65 90H31L6 65V31z';
const hexagon = 'M26 9h44l22 39-22 39H26L4 48z';
const tick = 'M28 50l14 14 27-31';
const cross = 'M34 34l28 28M62 34L34 62';

const body = (d: string) => svg('path', { class: 'shape-body', d });
const stroke = (d: string) => svg('path', { class: 'shape-stroke', d });

function hatch(): SVGElement {
  const lines = [-60, -40, -20, 0, 20, 40, 60].map((x) => `M${x + 18} 96L${x + 78} 0`).join('');
  return svg(
    'g',
    {},
    svg('clipPath', { id: 'octagon' }, svg('path', { d: octagon })),
    svg('path', { class: 'shape-hatch', d: lines, 'clip-path': 'url(#octagon)' }),
    svg('path', { class: 'shape-outline', d: octagon }),
    svg('path', { class: 'shape-halo', d: cross }),
    svg('path', { class: 'shape-ink', d: cross }),
  );
}

function parts(shape: Shape): readonly SVGElement[] {
  switch (shape) {
    case 'tick-circle':
      return [svg('circle', { class: 'shape-body', cx: '48', cy: '48', r: '43' }), stroke(tick)];
    case 'tick-square':
      return [
        body('M8 8h80v80H8z'),
        stroke('M30 38l13 13 25-28'),
        svg('path', { class: 'shape-band', d: 'M8 68h80v20H8z' }),
      ];
    case 'cross-octagon':
      return [body(octagon), stroke(cross)];
    case 'cross-octagon-hatched':
      return [hatch()];
    case 'clock-hexagon':
      return [body(hexagon), stroke('M48 26v23l15 11')];
    case 'arrow-hexagon':
      return [body(hexagon), stroke('M28 48h40M52 32l16 16-16 16')];
    case 'pause-hexagon':
      return [body(hexagon), stroke('M39 33v30M57 33v30')];
    case 'tick-border':
      return [
        svg('path', { class: 'shape-dashes', d: 'M78 6v84' }),
        svg('path', { class: 'shape-ink', d: 'M10 50l17 18 32-40' }),
      ];
    case 'question-diamond':
      return [
        body('M48 3l45 45-45 45L3 48z'),
        stroke('M37 39c0-7 5-12 11.5-12S60 31.5 60 38c0 8-11.5 9-11.5 18'),
        svg('circle', { class: 'shape-dot', cx: '48.5', cy: '68', r: '4.5' }),
      ];
  }
}

/** Decoration: the word beside it says the same. */
export function drawShape(shape: Shape): SVGElement {
  return svg(
    'svg',
    { class: 'shape', viewBox: '0 0 96 96', 'aria-hidden': 'true', focusable: 'false' },
    ...parts(shape),
  );
}

const marks: { readonly [outcome in Check['outcome']]: string } = {
  passed: 'M3 8.5l3.5 3.5L13 4.5',
  failed: 'M4 4l8 8M12 4l-8 8',
  inconclusive: 'M5.5 6c0-1.7 1.1-2.8 2.6-2.8s2.5 1 2.5 2.5c0 1.9-2.5 2.1-2.5 4.3M8.1 13v.100',
  skipped: 'M4 8h8',
};

/** A mark of one check; `label` says it in words. */
export function drawMark(outcome: Check['outcome'], label: string): SVGElement {
  return svg(
    'svg',
    { class: `mark mark-${outcome}`, viewBox: '0 0 16 16', role: 'img', 'aria-label': label, focusable: 'false' },
    svg('path', { d: marks[outcome] }),
  );
}
