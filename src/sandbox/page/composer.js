/** The input bar: text with recall, the switch to the app menu, and the + panel that sends what is not text. */
import { h, part } from './dom.js';
import { icon } from './icons.js';
import { saidTexts } from './model.js';

/** @import { ChatMessage } from '../protocol.ts' */
/** @import { IconName } from './icons.js' */

/** @typedef {'image' | 'voice' | 'video' | 'location' | 'link' | 'enter' | 'subscribe'} Extra */

/** @type {readonly (readonly [Extra, IconName, string])[]} */
const EXTRAS = [
  ['image', 'image', '图片'],
  ['voice', 'voice', '语音'],
  ['video', 'video', '视频'],
  ['location', 'location', '位置'],
  ['link', 'link', '链接'],
  ['enter', 'enter', '进入会话'],
  ['subscribe', 'follow', '关注应用'],
];

/**
 * @typedef {object} ComposerActions
 * @property {(text: string) => Promise<boolean>} say false when it did not get out
 * @property {(extra: Extra) => void} sendExtra
 */

/** @param {ComposerActions} actions */
export function createComposer(actions) {
  const input = part('input', HTMLTextAreaElement);
  const send = part('send', HTMLButtonElement);
  const more = part('more', HTMLButtonElement);
  const extras = part('extras', HTMLElement);
  more.append(icon('plus'));

  /** @type {Map<string, string>} drafts by member */
  const drafts = new Map();
  let member = '';
  /** @type {string[]} */
  let said = [];
  /** Place in `said` while recalling; `said.length` is the line being written. */
  let recalled = 0;

  const resize = () => {
    input.style.height = 'auto';
    // An empty field is one line high, however long its placeholder.
    if (input.value !== '') input.style.height = `${input.scrollHeight + 2}px`;
    send.hidden = input.value.trim() === '';
  };
  /** @param {string} text */
  const put = (text) => {
    input.value = text;
    input.setSelectionRange(text.length, text.length);
    resize();
  };
  /** @param {boolean} open */
  const showExtras = (open) => {
    extras.hidden = !open;
    more.setAttribute('aria-expanded', String(open));
  };

  const submit = async () => {
    const text = input.value;
    if (text.trim() === '') return;
    const from = member;
    put('');
    showExtras(false);
    if (await actions.say(text)) return;
    if (from === member && input.value === '') put(text);
    else drafts.set(from, text);
  };

  input.addEventListener('input', () => {
    recalled = said.length;
    resize();
  });
  input.addEventListener('focus', () => showExtras(false));
  input.addEventListener('keydown', (event) => {
    // While an input method composes, Enter and the arrows belong to it.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !matchMedia('(pointer: coarse)').matches) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'ArrowUp' && recalled > 0 && (input.value === '' || recalled < said.length)) {
      event.preventDefault();
      put(said[--recalled] ?? '');
    } else if (event.key === 'ArrowDown' && recalled < said.length) {
      event.preventDefault();
      put(said[++recalled] ?? '');
    }
  });
  send.addEventListener('click', () => {
    void submit();
    input.focus();
  });
  more.addEventListener('click', () => showExtras(extras.hasAttribute('hidden')));
  extras.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    showExtras(false);
    more.focus();
  });
  extras.append(
    ...EXTRAS.map(([extra, picture, label]) =>
      h(
        'button',
        {
          type: 'button',
          'data-testid': `extra-${extra}`,
          onclick: () => {
            showExtras(false);
            actions.sendExtra(extra);
          },
        },
        h('span', { class: 'extra-icon' }, icon(picture)),
        label,
      ),
    ),
  );

  return {
    focus: () => input.focus(),
    /**
     * @param {string} userid whose chat is shown
     * @param {readonly ChatMessage[]} chat
     */
    show(userid, chat) {
      const texts = saidTexts(chat);
      if (userid !== member) {
        if (member !== '') drafts.set(member, input.value);
        member = userid;
        put(drafts.get(userid) ?? '');
        showExtras(false);
        recalled = texts.length;
      } else if (texts.length !== said.length) {
        recalled = texts.length;
      }
      said = texts;
    },
  };
}
