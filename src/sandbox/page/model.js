/**
 * What the page knows: the sandbox's state, folded from its events, and the questions the views ask about a chat.
 * Pure; no DOM here.
 */

import { mediaKind } from './labels.js';

/** @import { ChatMessage, SandboxEvent, SandboxState } from '../protocol.ts' */

/** Older entries of the wire are dropped from the page. */
export const WIRE_LIMIT = 300;

/** An unanswered message is waited for this long; afterwards the bot is taken to be silent. */
export const PATIENCE_MS = 30_000;

/**
 * @param {SandboxState} state
 * @param {SandboxEvent} event
 * @returns {SandboxState}
 */
export function applyEvent(state, event) {
  switch (event.type) {
    case 'state':
      return event.state;
    case 'message': {
      const { member } = event.message;
      return { ...state, chats: { ...state.chats, [member]: withItem(state.chats[member] ?? [], event.message) } };
    }
    case 'tree': {
      const { corpTags, ruleGroups, tagCount } = event;
      return { ...state, corpTags, ruleGroups, tagCount };
    }
    case 'wire':
      return { ...state, wire: withItem(state.wire, event.entry).slice(-WIRE_LIMIT) };
    case 'menu':
      return { ...state, menu: event.menu };
    case 'apps':
      return { ...state, apps: event.apps };
    case 'provider':
      return { ...state, provider: event.provider };
    case 'faults':
      return { ...state, faults: event.faults, variants: event.variants };
  }
}

/**
 * @template {{ readonly id: string }} T
 * @param {readonly T[]} list
 * @param {T} item replaces the one with its id, else comes last
 * @returns {readonly T[]}
 */
function withItem(list, item) {
  const at = list.findIndex((other) => other.id === item.id);
  return at === -1 ? [...list, item] : list.with(at, item);
}

/**
 * When the bot stops being expected to write: 0 = it is not expected to, otherwise unix ms. A message that is still being
 * delivered is waited for without end; events need no answer once they have arrived.
 * @param {readonly ChatMessage[]} chat
 * @returns {number}
 */
export function waitingUntil(chat) {
  for (const message of chat.toReversed()) {
    if (message.from === 'bot') return 0;
    const state = message.delivery?.state;
    if (state === 'sending' || state === 'retrying') return Number.POSITIVE_INFINITY;
    if (state === 'failed') return 0;
    if (isSaid(message)) return message.at + PATIENCE_MS;
  }
  return 0;
}

/** @param {ChatMessage} message */
function isSaid({ body }) {
  return body.msgtype !== 'event' || mediaKind(body) !== undefined;
}

/**
 * Whether the member has yet to say a first word.
 * @param {readonly ChatMessage[]} chat
 */
export function isNewcomer(chat) {
  return !chat.some((message) => message.from === 'member' && isSaid(message));
}

/**
 * What the arrow keys bring back, oldest first, without neighbouring repeats.
 * @param {readonly ChatMessage[]} chat
 * @returns {string[]}
 */
export function saidTexts(chat) {
  /** @type {string[]} */
  const texts = [];
  for (const { from, body } of chat) {
    if (from === 'member' && body.msgtype === 'text' && texts.at(-1) !== body.text.content) {
      texts.push(body.text.content);
    }
  }
  return texts;
}

/**
 * How many faults are switched on.
 * @param {SandboxState['faults']} faults
 */
export function activeFaults(faults) {
  return Object.values(faults).filter((fault) => fault.on).length;
}
