/** The scrolling part of the phone: messages with times between them, the newcomer's examples, 正在输入. */
import { createBubble } from './bubble.js';
import { arrange, h, part } from './dom.js';
import { icon } from './icons.js';
import { needsTime, timeLabel } from './labels.js';
import { isNewcomer, waitingUntil } from './model.js';

/** @import { ChatMessage, SandboxState } from '../protocol.ts' */
/** @import { Selection } from './card.js' */

/** Older messages are left out of the page: load tests leave thousands behind. */
const SHOWN = 300;

/** How long a pressed card stays busy when nothing is heard of it. */
const PRESS_PATIENCE_MS = 6_000;

const EXAMPLES = [
  ['标签 添加 VIP、SVIP 到 客户分级', '添加两个标签'],
  ['标签 列表', '看看有哪些标签'],
  ['VIP', '只打名字就是查找'],
  ['标签 删除 老客', '删除前会先确认'],
  ['帮助', '所有命令'],
];

/**
 * @typedef {object} ChatActions
 * @property {(text: string) => void} say
 * @property {(message: ChatMessage, key: string, selected: Selection) => Promise<boolean>} press false when it did not get out
 */

/** @param {ChatActions} actions */
export function createChat(actions) {
  const scroller = part('scroller', HTMLElement);
  const log = part('log', HTMLElement);
  const typing = part('typing', HTMLElement);
  const newer = part('newer', HTMLButtonElement);
  const examples = exampleList(actions.say);
  part('examples', HTMLElement).append(examples);

  /** @type {Map<string, { element: HTMLElement, update: (message: ChatMessage) => void }>} */
  let bubbles = new Map();
  /** @type {Map<string, HTMLElement>} */
  const times = new Map();
  /** @type {Map<string, Selection>} */
  const choices = new Map();
  /** Cards with a press under way → when it is given up. @type {Map<string, ReturnType<typeof setTimeout>>} */
  const busy = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let patience;
  let shownMember = '';
  /** @type {SandboxState | undefined} */
  let state;

  // A scrolling region that the keyboard cannot reach cannot be read with it.
  scroller.tabIndex = 0;

  const nearEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
    newer.hidden = true;
  };
  newer.addEventListener('click', toEnd);
  scroller.addEventListener('scroll', () => {
    if (nearEnd()) newer.hidden = true;
  });
  new ResizeObserver(() => {
    if (newer.hidden) toEnd();
  }).observe(scroller);

  /** @param {string} id */
  const settle = (id) => {
    clearTimeout(busy.get(id));
    busy.delete(id);
  };

  /** @param {ChatMessage} message */
  const cardContext = (message) => ({
    chosen: choices.get(message.id),
    busy: busy.has(message.id),
    /** @param {Selection} selected */
    remember: (selected) => void choices.set(message.id, selected),
    /**
     * @param {string} key
     * @param {Selection} selected
     */
    press: async (key, selected) => {
      if (busy.has(message.id)) return;
      const release = () => {
        settle(message.id);
        redraw();
      };
      choices.set(message.id, selected);
      busy.set(message.id, setTimeout(release, PRESS_PATIENCE_MS));
      redraw();
      if (!(await actions.press(message, key, selected))) release();
    },
  });

  const redraw = () => {
    if (state) show(state, shownMember);
  };

  /**
   * @param {SandboxState} now
   * @param {string} userid
   */
  function show(now, userid) {
    const switched = userid !== shownMember;
    const follow = switched || nearEnd();
    if (switched) bubbles = new Map();
    state = now;
    shownMember = userid;

    const all = now.chats[userid] ?? [];
    const chat = all.slice(-SHOWN);
    const context = {
      botName: now.agentName,
      member: now.members.find((member) => member.userid === userid),
      members: now.members,
      card: cardContext,
    };
    const today = Date.now();
    /** @type {HTMLElement[]} */
    const nodes = all.length > SHOWN ? [h('p', { class: 'time' }, `只显示最近 ${SHOWN} 条`)] : [];
    const alive = new Map();
    let arrived = false;
    chat.forEach((message, index) => {
      if (needsTime(chat[index - 1], message)) nodes.push(timeLine(message, today));
      let bubble = bubbles.get(message.id);
      if (bubble) {
        bubble.update(message);
      } else {
        bubble = createBubble(message, context);
        arrived = true;
      }
      alive.set(message.id, bubble);
      nodes.push(bubble.element);
    });
    bubbles = alive;
    arrange(log, nodes);

    part('examples', HTMLElement).hidden = !isNewcomer(chat);
    showTyping(chat);
    if (follow || (arrived && chat.at(-1)?.from === 'member')) toEnd();
    else if (arrived) newer.hidden = false;
  }

  /**
   * @param {ChatMessage} message
   * @param {number} now
   */
  function timeLine(message, now) {
    const label = timeLabel(message.at, now);
    let line = times.get(message.id);
    if (!line) {
      line = h('p', { class: 'time' });
      times.set(message.id, line);
    }
    if (line.textContent !== label) line.textContent = label;
    return line;
  }

  /** @param {readonly ChatMessage[]} chat */
  function showTyping(chat) {
    clearTimeout(patience);
    const until = waitingUntil(chat);
    const left = until - Date.now();
    typing.hidden = left <= 0;
    if (left > 0 && Number.isFinite(until)) patience = setTimeout(redraw, left);
  }

  return {
    show,
    /**
     * What the bot or WeCom has said about a card ends its press.
     * @param {ChatMessage} message
     */
    heard(message) {
      if (message.from === 'bot') {
        settle(message.id);
        // An answer in a message of its own: the pressed card may have been left as it was.
        for (const id of [...busy.keys()]) settle(id);
      } else if (message.delivery?.state === 'delivered' || message.delivery?.state === 'failed') {
        if (message.body.msgtype === 'event') for (const id of [...busy.keys()]) settle(id);
      }
    },
    /** The state was replaced as a whole. */
    forget() {
      for (const id of [...busy.keys()]) settle(id);
      bubbles = new Map();
      times.clear();
    },
  };
}

/** @param {(text: string) => void} say */
function exampleList(say) {
  return h(
    'div',
    { class: 'examples' },
    h('p', { class: 'examples-title' }, '首次使用？点一条试试'),
    ...EXAMPLES.map(([text, note]) =>
      h(
        'button',
        { type: 'button', 'data-testid': 'example', onclick: () => say(text ?? '') },
        h('span', { class: 'example-text' }, text),
        h('span', { class: 'quiet' }, note),
        icon('chevron'),
      ),
    ),
  );
}
