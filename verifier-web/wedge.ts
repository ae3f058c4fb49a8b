/** A keyboard-wedge scanner: keys faster than any hand, ended by Enter, wherever the focus is and whatever input method is on. */

const maxGapMilliseconds = 100;
/** Shorter bursts are a person typing. */
const minLength = 20;
/** What is a scan already may pause as long as this: an old PC stalls in the middle of one, and half a code is worth nothing. */
const maxStallMilliseconds = 1500;
const maxLength = 8000;

/** What a key adds. Under a Chinese input method `key` is `Process`; the digits are then known by their place on the keyboard. */
function characterOf(event: KeyboardEvent): string {
  if (event.key.length === 1) return event.key;
  if (event.key !== 'Process' && event.key !== 'Unidentified') return '';
  return event.shiftKey ? ' ' : (/^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1] ?? ' ');
}

/** Calls `onScan` with a burst that ends in Enter. It returns whether it took it; else the key goes its usual way. */
export function listenForWedge(target: Document, onScan: (text: string) => boolean): void {
  let burst = '';
  let last = Number.NEGATIVE_INFINITY;
  target.addEventListener(
    'keydown',
    (event) => {
      const patience = burst.length >= minLength ? maxStallMilliseconds : maxGapMilliseconds;
      if (event.timeStamp - last > patience) burst = '';
      last = event.timeStamp;
      if (event.ctrlKey || event.altKey || event.metaKey) burst = '';
      else if (event.key !== 'Enter') burst = (burst + characterOf(event)).slice(-maxLength);
      else if (burst.length >= minLength) {
        const text = burst;
        burst = '';
        if (!onScan(text)) return;
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );
}
