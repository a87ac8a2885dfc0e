/**
 * A template card in the chat: what is read comes from card-parts.js, here are the controls. A press hands over the key
 * together with what is chosen; while it is under way the card is busy, and after an update its controls are closed
 * under the text the bot gave them.
 */
import { initialSelection, readCard } from './card-model.js';
import { jumpList, readOnlyParts, sourceLine } from './card-parts.js';
import { h, outsideLink } from './dom.js';
import { icon } from './icons.js';
import { openPopup } from './popup.js';

/** @import { Card, Question } from './card-model.js' */
/** @import { ChatMessage } from '../protocol.ts' */

/** @typedef {Record<string, string[]>} Selection */

/**
 * @typedef {object} CardContext
 * @property {(key: string, selected: Selection) => void} press
 * @property {Selection | undefined} chosen what the member had chosen before the card was drawn again
 * @property {(selected: Selection) => void} remember
 * @property {boolean} busy a press is under way
 */

/**
 * @param {ChatMessage} message
 * @param {Readonly<Record<string, unknown>>} json the template_card
 * @param {CardContext} context
 * @returns {HTMLElement}
 */
export function renderCard(message, json, context) {
  const card = readCard(json);
  const selected = { ...initialSelection(card), ...context.chosen };
  const closed = message.disabledText !== undefined;
  const locked = closed || context.busy;
  /** @param {string} key */
  const press = (key) => context.press(key, selected);
  /**
   * @param {string} key
   * @param {string[]} ids
   */
  const choose = (key, ids) => {
    selected[key] = ids;
    context.remember(selected);
  };

  const element = h('div', {
    class: 'card',
    'data-card': card.kind,
    'data-disabled': closed,
    'aria-busy': context.busy ? true : undefined,
  });
  element.append(
    ...[
      sourceLine(card),
      actionMenu(card, press),
      h('div', { class: 'card-body' }, ...readOnlyParts(card)),
      card.selects.length > 0 &&
        h(
          'div',
          { class: 'card-selects' },
          ...card.selects.map((one) => select(message.id, one, selected, choose, locked)),
        ),
      card.vote && voteList(message.id, card.vote, card.title.text, selected, choose, locked),
      controls(message, card, selected, press, context.busy),
      jumpList(card),
      !card.known && h('p', { class: 'card-note' }, `未知的卡片类型 ${card.kind}`),
    ].filter((part) => part instanceof HTMLElement),
  );
  return element;
}

/**
 * @param {Card} card
 * @param {(key: string) => void} press
 */
function actionMenu(card, press) {
  const { items, desc } = card.actions;
  if (items.length === 0) return undefined;
  const opener = h(
    'button',
    {
      type: 'button',
      class: 'card-more',
      'aria-haspopup': 'menu',
      'aria-expanded': false,
      'aria-label': desc || '更多操作',
    },
    icon('more'),
  );
  opener.addEventListener('click', () =>
    openPopup(
      opener,
      items.map((item) => ({ label: item.text, key: item.key, run: () => press(item.key) })),
      { align: 'end' },
    ),
  );
  return opener;
}

/**
 * @param {string} messageId
 * @param {Question} question
 * @param {Selection} selected
 * @param {(key: string, ids: string[]) => void} choose
 * @param {boolean} locked
 */
function select(messageId, question, selected, choose, locked) {
  const id = `q-${messageId}-${question.key}`;
  const control = h(
    'select',
    {
      id,
      'data-question': question.key,
      disabled: locked || question.disabled,
      'aria-label': question.title || '请选择',
    },
    ...question.options.map((option) =>
      h('option', { value: option.id, selected: selected[question.key]?.[0] === option.id }, option.text),
    ),
  );
  control.addEventListener('change', () => choose(question.key, [control.value]));
  return h(
    'div',
    { class: 'card-select' },
    question.title !== '' && h('label', { for: id }, question.title),
    h('div', { class: 'select-box' }, control, icon('down')),
  );
}

/**
 * @param {string} messageId
 * @param {Question & { multiple: boolean }} vote
 * @param {string} label
 * @param {Selection} selected
 * @param {(key: string, ids: string[]) => void} choose
 * @param {boolean} locked
 */
function voteList(messageId, vote, label, selected, choose, locked) {
  const box = h(
    'fieldset',
    { class: 'card-vote', disabled: locked || vote.disabled },
    h('legend', { class: 'sr' }, label || '请选择'),
  );
  for (const option of vote.options) {
    const input = h('input', {
      type: vote.multiple ? 'checkbox' : 'radio',
      name: `vote-${messageId}`,
      value: option.id,
      'data-option': option.id,
      checked: selected[vote.key]?.includes(option.id) ?? false,
    });
    box.append(h('label', { class: 'option' }, input, h('span', {}, option.text)));
  }
  box.addEventListener('change', () => {
    const inputs = [...box.querySelectorAll('input')];
    choose(
      vote.key,
      inputs.filter((input) => input.checked).map((input) => input.value),
    );
    const submit = box.closest('.card')?.querySelector('[data-submit]');
    if (submit instanceof HTMLButtonElement) submit.disabled = selected[vote.key]?.length === 0;
  });
  return box;
}

/**
 * @param {ChatMessage} message
 * @param {Card} card
 * @param {Selection} selected
 * @param {(key: string) => void} press
 * @param {boolean} busy
 */
function controls(message, card, selected, press, busy) {
  const count = card.buttons.length + (card.submit ? 1 : 0);
  if (message.disabledText !== undefined && (count > 0 || message.disabledText !== '')) {
    const text = message.disabledText === '' ? '已处理' : message.disabledText;
    return h('div', { class: 'card-buttons' }, h('button', { type: 'button', disabled: true, class: 'closed' }, text));
  }
  if (count === 0) return undefined;
  const long = card.buttons.some((button) => Array.from(button.text).length > 6);
  const row = h('div', { class: count > 1 && !long ? 'card-buttons pairs' : 'card-buttons' });
  for (const button of card.buttons) {
    row.append(
      button.url
        ? outsideLink(button.url, `style-${button.style}`, button.text)
        : h(
            'button',
            {
              type: 'button',
              class: `style-${button.style}`,
              'data-key': button.key,
              disabled: busy,
              onclick: () => press(button.key),
            },
            button.text,
          ),
    );
  }
  if (card.submit) {
    const { key, text } = card.submit;
    const nothingChosen = card.vote !== undefined && selected[card.vote.key]?.length === 0;
    row.append(
      h(
        'button',
        {
          type: 'button',
          class: 'style-1',
          'data-key': key,
          'data-submit': true,
          disabled: busy || nothingChosen,
          onclick: () => press(key),
        },
        text,
      ),
    );
  }
  return row;
}
