/**
 * Reads a template card (WeCom doc 90236, template_card) into the shape the page draws. A card is JSON from outside, so
 * every field may be absent or of another type; texts beyond the suggested lengths are folded as the client does.
 * No DOM here.
 */
import { webAddress } from './text-tokens.js';

/**
 * @typedef {{ text: string, full?: string }} Folded `full` is there when something was cut
 * @typedef {{ id: string, text: string, checked: boolean }} Option
 * @typedef {{ key: string, title: string, options: Option[], disabled: boolean }} Question
 * @typedef {{ key: string, text: string, style: 1 | 2 | 3 | 4, url?: string }} Button
 * @typedef {{ key: string, value: Folded, url?: string, mediaId?: string, userid?: string }} Fact
 * @typedef {{
 *   kind: string,
 *   known: boolean,
 *   source?: { desc: Folded, icon?: string, tone: 0 | 1 | 2 | 3 },
 *   actions: { desc: string, items: { key: string, text: string }[] },
 *   title: Folded,
 *   desc: Folded,
 *   emphasis?: { title: Folded, desc: Folded },
 *   quote?: { title: string, text: string, url?: string },
 *   subTitle: Folded,
 *   image?: { url: string, ratio: number },
 *   imageText?: { title: string, desc: string, image?: string, url?: string },
 *   paragraphs: { title: Folded, desc: Folded }[],
 *   facts: Fact[],
 *   jumps: { title: Folded, url?: string }[],
 *   url?: string,
 *   selects: Question[],
 *   vote?: Question & { multiple: boolean },
 *   buttons: Button[],
 *   submit?: { key: string, text: string },
 * }} Card
 */

const KINDS = ['text_notice', 'news_notice', 'button_interaction', 'vote_interaction', 'multiple_interaction'];

/**
 * Cuts to `limit` code points, the last of them an ellipsis.
 * @param {string} text
 * @param {number} limit
 * @returns {Folded}
 */
export function fold(text, limit) {
  const points = Array.from(text);
  return points.length <= limit ? { text } : { text: `${points.slice(0, limit - 1).join('')}…`, full: text };
}

/** @typedef {Readonly<Record<string, unknown>>} Fields */

/**
 * @param {unknown} value
 * @returns {Fields}
 */
const fields = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? /** @type {Fields} */ (value) : {};

/**
 * @param {unknown} value
 * @returns {string}
 */
const words = (value) => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');

/**
 * @param {unknown} value
 * @param {number} limit
 * @returns {Fields[]}
 */
const list = (value, limit) => (Array.isArray(value) ? value.slice(0, limit).map(fields) : []);

/**
 * @template {string} K
 * @template V
 * @param {K} key
 * @param {V | undefined | ''} value
 * @returns {{ [P in K]?: V }}
 */
function maybe(key, value) {
  return /** @type {{ [P in K]?: V }} */ (value === undefined || value === '' ? {} : { [key]: value });
}

/**
 * @param {Fields} json
 * @returns {Card}
 */
export function readCard(json) {
  const title = fields(json.main_title);
  const kind = words(json.card_type);
  const menu = fields(json.action_menu);
  const emphasis = fields(json.emphasis_content);
  const submit = fields(json.submit_button);
  const selection = fields(json.button_selection);
  const questions = [...(words(selection.question_key) === '' ? [] : [selection]), ...list(json.select_list, 3)];
  return {
    kind,
    known: KINDS.includes(kind),
    ...maybe('source', readSource(fields(json.source))),
    actions: {
      desc: words(menu.desc),
      items: list(menu.action_list, 3).map((item) => ({ key: words(item.key), text: words(item.text) })),
    },
    title: fold(words(title.title), 36),
    desc: fold(words(title.desc), 44),
    ...(words(emphasis.title) === ''
      ? {}
      : { emphasis: { title: fold(words(emphasis.title), 14), desc: fold(words(emphasis.desc), 22) } }),
    ...maybe('quote', readQuote(fields(json.quote_area))),
    subTitle: fold(words(json.sub_title_text), 160),
    ...maybe('image', readImage(fields(json.card_image))),
    ...maybe('imageText', readImageText(fields(json.image_text_area))),
    paragraphs: list(json.vertical_content_list, 4).map((item) => ({
      title: fold(words(item.title), 38),
      desc: fold(words(item.desc), 160),
    })),
    facts: list(json.horizontal_content_list, 6).map(readFact),
    jumps: list(json.jump_list, 3).map((item) => ({
      title: fold(words(item.title), 18),
      ...maybe('url', webAddress(item.url)),
    })),
    ...maybe('url', webAddress(fields(json.card_action).url)),
    selects: questions.map((question) => {
      const chosen = words(question.selected_id);
      return readQuestion(question, 10, (option, index) => (chosen === '' ? index === 0 : words(option.id) === chosen));
    }),
    ...maybe('vote', readVote(fields(json.checkbox))),
    buttons: list(json.button_list, 6).map(readButton),
    ...(words(submit.text) === '' ? {} : { submit: { key: words(submit.key), text: words(submit.text) } }),
  };
}

/**
 * What is chosen before the member touches anything.
 * @param {Card} card
 * @returns {Record<string, string[]>} question_key → option ids
 */
export function initialSelection(card) {
  /** @type {Record<string, string[]>} */
  const selected = {};
  for (const question of [...card.selects, ...(card.vote ? [card.vote] : [])]) {
    selected[question.key] = question.options.filter((option) => option.checked).map((option) => option.id);
  }
  return selected;
}

/** @param {Fields} json */
function readSource(json) {
  const desc = words(json.desc);
  if (desc === '') return undefined;
  return {
    desc: fold(desc, 20),
    tone: oneOf(json.desc_color, [0, 1, 2, 3]),
    ...maybe('icon', picture(json.icon_url)),
  };
}

/** @param {Fields} json */
function readQuote(json) {
  const quote = {
    title: words(json.title),
    text: words(json.quote_text),
    ...maybe('url', webAddress(json.url)),
  };
  return quote.title === '' && quote.text === '' ? undefined : quote;
}

/** @param {Fields} json */
function readImage(json) {
  const url = words(json.url);
  if (url === '') return undefined;
  const ratio = Number(json.aspect_ratio ?? 1.3);
  return { url, ratio: Number.isFinite(ratio) ? Math.min(Math.max(ratio, 1.3), 2.25) : 1.3 };
}

/** @param {Fields} json */
function readImageText(json) {
  const area = { title: words(json.title), desc: words(json.desc) };
  if (area.title === '' && area.desc === '') return undefined;
  return { ...area, ...maybe('image', words(json.image_url)), ...maybe('url', webAddress(json.url)) };
}

/**
 * @param {Fields} json
 * @returns {Fact}
 */
function readFact(json) {
  const type = json.type ?? 0;
  return {
    key: words(json.keyname),
    value: fold(words(json.value), 30),
    ...maybe('url', type === 1 ? webAddress(json.url) : undefined),
    ...maybe('mediaId', type === 2 ? words(json.media_id) : undefined),
    ...maybe('userid', type === 3 ? words(json.userid) : undefined),
  };
}

/**
 * @param {Fields} json
 * @returns {Button}
 */
function readButton(json) {
  return {
    key: words(json.key),
    text: words(json.text),
    style: oneOf(json.style, [1, 2, 3, 4]),
    ...maybe('url', json.type === 1 ? webAddress(json.url) : undefined),
  };
}

/** @param {Fields} json */
function readVote(json) {
  if (words(json.question_key) === '') return undefined;
  const question = readQuestion(json, 20, (option) => option.is_checked === true);
  return { ...question, multiple: json.mode === 1 };
}

/**
 * @param {Fields} json
 * @param {number} limit
 * @param {(option: Fields, index: number) => boolean} isChecked
 * @returns {Question}
 */
function readQuestion(json, limit, isChecked) {
  return {
    key: words(json.question_key),
    title: words(json.title),
    disabled: json.disable === true,
    options: list(json.option_list, limit).map((option, index) => ({
      id: words(option.id),
      text: words(option.text),
      checked: isChecked(option, index),
    })),
  };
}

/**
 * Only what the page's content policy lets through.
 * @param {unknown} value
 */
export function picture(value) {
  return typeof value === 'string' && /^(data:image\/|\/(?!\/))/.test(value) ? value : undefined;
}

/**
 * @template {number} T
 * @param {unknown} value
 * @param {readonly [T, ...T[]]} allowed the first is the default
 * @returns {T}
 */
function oneOf(value, allowed) {
  return allowed.find((one) => one === value) ?? allowed[0];
}
