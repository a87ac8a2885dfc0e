/** Light, dark, or as the system says; remembered in this browser. */
import { part } from './dom.js';

const KEY = 'sandbox-theme';

/** Where storage is forbidden the choice simply lasts until the page is left. */
function stored() {
  try {
    return localStorage.getItem(KEY) ?? 'auto';
  } catch {
    return 'auto';
  }
}

/** @param {string} theme */
function apply(theme) {
  document.documentElement.dataset.theme = theme;
}

/** Applies the remembered choice and wires the switch. */
export function startTheme() {
  const choices = part('theme', HTMLElement).querySelectorAll('input');
  apply(stored());
  for (const input of choices) {
    input.checked = input.value === stored();
    input.addEventListener('change', () => {
      apply(input.value);
      try {
        localStorage.setItem(KEY, input.value);
      } catch {
        // Kept for this visit only.
      }
    });
  }
}
