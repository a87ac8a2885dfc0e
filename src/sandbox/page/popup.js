/** A small menu that pops up beside the button that opens it: arrow keys move, Esc and a click elsewhere close. */
import { h } from './dom.js';

/** @typedef {{ label: string, key?: string, run: () => void }} PopupItem */

/** @type {(() => void) | undefined} */
let closeOpen;

/**
 * Opens the menu, or closes it when it is this button's and open already.
 * @param {HTMLElement} opener a button with aria-haspopup and aria-expanded
 * @param {readonly PopupItem[]} items
 * @param {{ align: 'center' | 'end', above?: boolean }} place relative to the opener's parent, which must be positioned
 */
export function openPopup(opener, items, place) {
  const wasOpen = opener.getAttribute('aria-expanded') === 'true';
  closeOpen?.();
  if (wasOpen) return;

  const buttons = items.map((item) =>
    h(
      'button',
      {
        type: 'button',
        role: 'menuitem',
        tabindex: -1,
        'data-key': item.key,
        onclick: () => {
          close(true);
          item.run();
        },
      },
      item.label,
    ),
  );
  const menu = h('div', { class: `popup ${place.align}${place.above ? ' above' : ''}`, role: 'menu' }, ...buttons);

  /** @param {boolean} [refocus] */
  function close(refocus = false) {
    menu.remove();
    opener.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', onOutside, true);
    closeOpen = undefined;
    if (refocus) opener.focus();
  }
  /** @param {Event} event */
  function onOutside(event) {
    if (event.target instanceof Node && !menu.contains(event.target) && !opener.contains(event.target)) close();
  }

  menu.addEventListener('keydown', (event) => {
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const last = buttons.length - 1;
    const next = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[
      event.key
    ];
    if (next !== undefined) {
      event.preventDefault();
      buttons[next]?.focus();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      close(true);
    } else if (event.key === 'Tab') {
      close();
    }
  });
  document.addEventListener('pointerdown', onOutside, true);
  opener.setAttribute('aria-expanded', 'true');
  opener.after(menu);
  closeOpen = close;
  buttons[0]?.focus();
}
