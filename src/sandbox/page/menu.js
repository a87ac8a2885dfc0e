/** The app menu (WeCom doc 90231): up to three tabs in place of the input, each an action or a pop-up with up to five. */
import { h, outsideLink, part } from './dom.js';
import { icon } from './icons.js';
import { openPopup } from './popup.js';
import { webAddress } from './text-tokens.js';

/** @import { MenuButton } from '../protocol.ts' */

/**
 * @typedef {object} MenuActions
 * @property {(key: string) => void} click
 * @property {(button: MenuButton) => void} unsupported a kind that only a real phone can carry out
 * @property {() => void} onKeyboard the input is shown again
 */

/** @param {MenuActions} actions */
export function createMenu(actions) {
  const toggle = part('menu-toggle', HTMLButtonElement);
  const bar = part('menu-bar', HTMLElement);
  const writing = part('writing', HTMLElement);
  let open = false;
  let drawn = '';

  /** @param {boolean} showMenu */
  const turn = (showMenu) => {
    open = showMenu;
    bar.hidden = !open;
    writing.hidden = open;
    toggle.replaceChildren(icon(open ? 'keyboard' : 'menu'));
    toggle.setAttribute('aria-label', open ? '切换到键盘' : '切换到应用菜单');
  };
  toggle.addEventListener('click', () => {
    turn(!open);
    if (!open) actions.onKeyboard();
  });

  /** @param {MenuButton} button */
  const run = (button) => {
    const url = webAddress(button.url);
    if (button.key !== undefined && (button.type === undefined || button.type === 'click')) actions.click(button.key);
    else if (button.type === 'view' && url) outsideLink(url, '').click();
    else actions.unsupported(button);
  };

  /**
   * @param {MenuButton} button
   * @param {number} index
   */
  const tab = (button, index) => {
    const children = button.sub_button ?? [];
    const several = children.length > 0;
    const opener = h(
      'button',
      {
        type: 'button',
        'data-testid': `menu-${index}`,
        'data-key': button.key,
        'aria-haspopup': several ? 'menu' : undefined,
        'aria-expanded': several ? false : undefined,
      },
      several && icon('menu'),
      button.name,
    );
    opener.addEventListener('click', () => {
      if (!several) return run(button);
      const items = children.map((child) => ({
        label: child.name,
        ...(child.key === undefined ? {} : { key: child.key }),
        run: () => run(child),
      }));
      openPopup(opener, items, { align: 'center', above: true });
    });
    return h('div', { class: 'menu-tab' }, opener);
  };

  turn(false);
  return {
    /** @param {readonly MenuButton[]} menu */
    show(menu) {
      const look = JSON.stringify(menu);
      if (look === drawn) return;
      drawn = look;
      toggle.hidden = menu.length === 0;
      if (menu.length === 0) turn(false);
      bar.replaceChildren(...menu.slice(0, 3).map(tab));
    },
  };
}
