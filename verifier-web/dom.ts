/** Builds elements by name, attributes and children: never from markup, so that nothing presented can become part of the page. */

export type Child = Node | string | undefined | false;

function fill<T extends Element>(
  element: T,
  attributes: { readonly [name: string]: string },
  children: readonly Child[],
): T {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: { readonly [name: string]: string } = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: { readonly [name: string]: string } = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** Replaces all that an element holds. */
export function replace(element: Element, ...children: readonly Child[]): void {
  element.textContent = '';
  fill(element, {}, children);
}
