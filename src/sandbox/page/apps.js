/** The switch between corps: in whose chat, with which app, the phone in the middle is. Hidden while there is only one. */
import { h, part } from './dom.js';

/** @import { SandboxApp, SandboxState } from '../protocol.ts' */

/** @type {Readonly<Record<SandboxApp['kind'], string>>} */
export const KINDS = { own: '自建', customized: '代开发', 'third-party': '第三方' };

/** @param {(key: string) => void} pick */
export function createApps(pick) {
  const choice = part('app-choice', HTMLSelectElement);
  choice.addEventListener('change', () => pick(choice.value));
  return {
    /** @param {SandboxState} state */
    show({ app, apps }) {
      part('apps', HTMLElement).hidden = apps.length < 2;
      choice.replaceChildren(
        ...apps.map(({ key, corpName, kind }) => h('option', { value: key }, `${corpName} · ${KINDS[kind]}`)),
      );
      choice.value = app;
    },
  };
}
