/**
 * Builds DOM nodes. Everything on the page is made with these functions: strings become text nodes and attributes,
 * never markup, so that a tag called `<b>` or `onclick=…` stays what it is.
 */

/** @typedef {string | number | boolean | undefined | ((event: Event) => void)} Prop */
/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with attributes, `on…` listeners and children. `true` is an empty attribute, `false` and `undefined` none;
 * for `aria-…` both booleans are written out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Readonly<Record<string, Prop>>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else if (typeof value === 'boolean' && key.startsWith('aria-')) element.setAttribute(key, String(value));
    else if (value === true) element.setAttribute(key, '');
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  element.append(...present(children));
  return element;
}

/**
 * @param {readonly Child[]} children
 * @returns {(Node | string)[]}
 */
function present(children) {
  return children
    .filter((child) => child !== null && child !== undefined && child !== false && child !== '')
    .map((child) => (child instanceof Node ? child : String(child)));
}

/**
 * Makes `parent` contain exactly `nodes` in this order, moving as few as possible: nodes that stay keep focus and state.
 * @param {Element} parent
 * @param {readonly Node[]} nodes
 */
export function arrange(parent, nodes) {
  let cursor = parent.firstChild;
  for (const node of nodes) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

/**
 * The element of index.html with this id.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 * @throws {Error} when index.html has no such element of that kind
 */
export function part(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html lacks #${id}`);
  return element;
}

/**
 * @param {string} label
 * @param {string} testid
 * @param {() => unknown} run
 * @param {string} [look]
 */
export const plainButton = (label, testid, run, look = '') =>
  h(
    'button',
    { type: 'button', class: `plain-button ${look}`, 'data-testid': testid, onclick: () => void run() },
    label,
  );

/**
 * A link that leaves the page. The target must have been checked to be http(s).
 * @param {string} href
 * @param {string} className
 * @param {...Child} children
 */
export function outsideLink(href, className, ...children) {
  return h('a', { href, class: className, target: '_blank', rel: 'noopener noreferrer' }, ...children);
}
