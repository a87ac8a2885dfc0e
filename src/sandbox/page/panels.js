/**
 * The columns beside the phone. On a wide window they stand there; on a narrow one each is a sheet that a header button
 * opens: it takes the focus, keeps it, and gives it back on Esc.
 */
import { h, part } from './dom.js';

const WIDE = '(min-width: 1000px)';

/** @typedef {{ open: () => void, close: () => void }} Sheet */

/**
 * @param {HTMLElement} panel an aside with aria-label
 * @param {HTMLButtonElement} opener
 * @returns {Sheet}
 */
export function createSheet(panel, opener) {
  const stage = part('stage', HTMLElement);
  const backdrop = part('backdrop', HTMLElement);
  const wide = matchMedia(WIDE);
  let isOpen = false;

  const apply = () => {
    const sheet = !wide.matches;
    if (!sheet) isOpen = false;
    panel.classList.toggle('open', isOpen);
    panel.inert = sheet && !isOpen;
    if (sheet) {
      panel.setAttribute('role', 'dialog');
      panel.setAttribute('aria-modal', 'true');
    } else {
      panel.removeAttribute('role');
      panel.removeAttribute('aria-modal');
    }
    opener.setAttribute('aria-expanded', String(isOpen));
    const anyOpen = document.querySelector('.side.open') !== null;
    stage.inert = anyOpen;
    backdrop.hidden = !anyOpen;
  };
  const open = () => {
    isOpen = true;
    apply();
    panel.querySelector('button')?.focus();
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    apply();
    opener.focus();
  };

  opener.addEventListener('click', open);
  backdrop.addEventListener('click', close);
  for (const button of panel.querySelectorAll('[data-close]')) button.addEventListener('click', close);
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
  wide.addEventListener('change', apply);
  apply();
  return { open, close };
}

/**
 * Tabs after the WAI-ARIA pattern: arrows move, the panel follows.
 * @param {HTMLElement} list role=tablist with buttons role=tab and aria-controls
 * @param {(id: string) => void} onShow with the id of the panel that is shown
 * @returns {(tab: string) => void} shows the panel of the tab with this id
 */
export function createTabs(list, onShow) {
  const tabs = [...list.querySelectorAll('button')];
  const reachable = () => tabs.filter((tab) => !tab.hidden);
  /** @param {HTMLButtonElement} chosen */
  const select = (chosen) => {
    for (const tab of tabs) {
      const here = tab === chosen;
      tab.setAttribute('aria-selected', String(here));
      tab.tabIndex = here ? 0 : -1;
      part(tab.getAttribute('aria-controls') ?? '', HTMLElement).hidden = !here;
    }
    onShow(chosen.getAttribute('aria-controls') ?? '');
  };
  for (const tab of tabs) {
    tab.addEventListener('click', () => select(tab));
    tab.addEventListener('keydown', (event) => {
      const present = reachable();
      const index = present.indexOf(tab);
      const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -index, End: present.length - 1 - index };
      const step = event.key in steps ? steps[/** @type {keyof typeof steps} */ (event.key)] : undefined;
      if (step === undefined) return;
      event.preventDefault();
      const next = present[(index + step + present.length) % present.length];
      if (!next) return;
      select(next);
      next.focus();
    });
  }
  const first = tabs[0];
  if (first) select(first);
  return (id) => {
    const tab = tabs.find((one) => one.id === id);
    if (tab) select(tab);
  };
}

/**
 * @param {string} question
 * @param {string} yes label of the button that goes on
 * @returns {Promise<boolean>}
 */
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      { class: 'dialog', 'aria-label': question },
      h(
        'form',
        { method: 'dialog' },
        h('p', {}, question),
        h(
          'div',
          { class: 'dialog-buttons' },
          h('button', { value: 'no', class: 'plain-button' }, '取消'),
          h('button', { value: 'yes', class: 'plain-button danger', 'data-testid': 'dialog-yes' }, yes),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastTimer;

/**
 * A sentence at the bottom for a few seconds, read out by screen readers.
 * @param {string} words
 */
export function toast(words) {
  const box = part('toast', HTMLElement);
  box.textContent = words;
  box.classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove('shown'), 4_000);
}

/**
 * @param {string} text
 * @returns {Promise<void>}
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('已复制');
  } catch {
    toast('浏览器不允许复制，请手动选中');
  }
}
