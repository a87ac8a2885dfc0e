/** One message in the chat: avatar, bubble, delivery state. Redraws only what has changed, so that inputs keep focus. */
import { renderCard } from './card.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { deliveryLabel, eventLabel, mediaKind, sizeLabel } from './labels.js';
import { renderMarkdown, renderText } from './render-text.js';

/** @import { ChatMessage, SandboxMember } from '../protocol.ts' */
/** @import { CardContext } from './card.js' */

const WAYS = {
  passive: { label: '被动回复', title: '随回调的响应加密返回，不调用接口' },
  push: { label: '主动推送', title: '通过 message/send 发出' },
};

/**
 * @param {SandboxMember | undefined} member
 * @param {readonly SandboxMember[]} members
 * @returns {HTMLElement}
 */
export function memberAvatar(member, members) {
  const hue = member ? members.indexOf(member) % 6 : 0;
  return h(
    'span',
    { class: `avatar hue-${hue}`, 'aria-hidden': true },
    member ? Array.from(member.name).slice(-2).join('') : '?',
  );
}

/** @returns {HTMLElement} */
export function botAvatar() {
  return h('span', { class: 'avatar bot', 'aria-hidden': true }, icon('tag'));
}

/**
 * @typedef {object} BubbleContext
 * @property {string} botName
 * @property {SandboxMember | undefined} member
 * @property {readonly SandboxMember[]} members
 * @property {(message: ChatMessage) => CardContext} card
 */

/**
 * @param {ChatMessage} message
 * @param {BubbleContext} context
 * @returns {{ element: HTMLElement, update: (message: ChatMessage) => void }}
 */
export function createBubble(message, context) {
  const attributes = {
    'data-testid': 'message',
    'data-id': message.id,
    'data-from': message.from,
    'data-type': message.body.msgtype,
  };
  if (message.body.msgtype === 'event' && mediaKind(message.body) === undefined) {
    const words = h('span', {}, eventLabel(message.body.event));
    const status = h('span', { class: 'status' });
    const element = h('div', { class: 'msg system', ...attributes }, words, status);
    /** @param {ChatMessage} now */
    const update = (now) => {
      if (now.body.msgtype === 'event') words.textContent = eventLabel(now.body.event);
      showDelivery(element, status, now);
    };
    update(message);
    return { element, update };
  }

  const sender = message.from === 'bot' ? context.botName : (context.member?.name ?? message.member);
  const bubble = h('div', { class: 'bubble' });
  const status = h('span', { class: 'status' });
  const way = message.via && WAYS[message.via];
  const element = h(
    'div',
    { class: `msg ${message.from}`, 'data-via': message.via, ...attributes },
    message.from === 'bot' ? botAvatar() : memberAvatar(context.member, context.members),
    h(
      'div',
      { class: 'stack' },
      h('span', { class: 'sr' }, `${sender}：`),
      bubble,
      way && h('span', { class: 'via', title: way.title }, way.label),
    ),
    status,
  );

  let drawn = '';
  /** @param {ChatMessage} now */
  const update = (now) => {
    const card = context.card(now);
    const look = JSON.stringify([now.body, now.disabledText, card.busy]);
    if (look !== drawn) {
      drawn = look;
      element.dataset.type = now.body.msgtype;
      bubble.replaceChildren(content(now, card));
    }
    showDelivery(element, status, now);
  };
  update(message);
  return { element, update };
}

/**
 * @param {ChatMessage} message
 * @param {CardContext} card
 * @returns {Node}
 */
function content(message, card) {
  const { body } = message;
  switch (body.msgtype) {
    case 'text':
      return renderText(body.text.content);
    case 'markdown':
      return renderMarkdown(body.markdown.content);
    case 'template_card':
      return renderCard(message, body.template_card, card);
    case 'file':
      return h(
        'a',
        {
          class: 'file',
          href: `/sandbox/media/${encodeURIComponent(body.file.media_id)}`,
          download: body.file.filename,
          'aria-label': `下载 ${body.file.filename}，${sizeLabel(body.file.size)}`,
        },
        h(
          'span',
          { class: 'file-words' },
          h('span', { class: 'file-name' }, body.file.filename),
          h('span', { class: 'quiet' }, sizeLabel(body.file.size)),
        ),
        icon('file'),
      );
    case 'event': {
      const kind = mediaKind(body);
      return h('span', { class: 'media' }, kind && icon(kind), eventLabel(body.event).replace(/^\[|\]$/g, ''));
    }
  }
}

/**
 * @param {HTMLElement} element
 * @param {HTMLElement} status
 * @param {ChatMessage} message
 */
function showDelivery(element, status, message) {
  const state = message.delivery?.state;
  const label = deliveryLabel(message.delivery);
  if (state) element.dataset.state = state;
  if (status.textContent === label) return;
  status.replaceChildren(
    ...(label === '' ? [] : [state === 'failed' ? icon('alert') : h('span', { class: 'spinner' }), label]),
  );
  status.title = message.delivery?.note ?? '';
}
