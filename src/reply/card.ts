/**
 * Questions and summaries as template cards (doc 90236), with every limit of the platform beside the code that keeps
 * it; and the way back, from a pressed card to what was chosen. A card is made only when nothing that matters to the
 * question would be cut: otherwise there is none, and the question is asked in text.
 */

import type { IncomingOf, TemplateCard } from '../message.ts';
import { codePoints, utf8Length } from '../text.ts';
import type { Choice, Question, Reply } from './reply.ts';
import { textLine, visible } from './text.ts';

/** Lengths in code points unless the name says bytes. Longer texts are folded or cut by the client, longer arrays refused. */
export const CARD_LIMITS = {
  taskIdBytes: 128,
  title: 36,
  titleDesc: 44,
  subTitle: 160,
  facts: 6,
  factKey: 5,
  factValue: 30,
  buttons: 6,
  buttonText: 10,
  keyBytes: 1024,
  options: 10,
  optionText: 16,
  optionIdBytes: 128,
  checks: 20,
  checkText: 17,
  urlBytes: 2048,
} as const;

const TASK_ID = /^[0-9A-Za-z_\-@]+$/;
/** button_list[].style */
const STYLE = { strong: 1, neutral: 3, negative: 4 } as const;

const CONFIRM = 'confirm';
const CANCEL = 'cancel';
const SUBMIT = 'submit';
const OWN_KEYS: readonly string[] = [CONFIRM, CANCEL, SUBMIT];
/** question_key of the one selection a card has. */
const CHOSEN = 'chosen';

/** The card that asks `question`, or undefined when it cannot be asked by card. */
export function questionCard(reply: Reply, question: Question): TemplateCard | undefined {
  const card = drawn(reply, question);
  return card && cardProblem(card) === undefined ? card : undefined;
}

function drawn(reply: Reply, question: Question): TemplateCard | undefined {
  if (reply.page) return undefined;
  switch (question.kind) {
    case 'confirm':
      return confirmCard(reply, question);
    case 'choice':
      return choiceCard(reply, question);
    case 'pick':
      return pickCard(reply, question);
    case 'slot':
      return undefined;
  }
}

type Button = { readonly text: string; readonly style: number; readonly key: string };

function confirmCard(reply: Reply, question: Question): TemplateCard | undefined {
  const style = question.destructive ? STYLE.negative : STYLE.strong;
  const buttons: Button[] = [
    { text: '取消', style: STYLE.neutral, key: CANCEL },
    { text: cut(visible(question.confirmLabel ?? '确认'), CARD_LIMITS.buttonText), style, key: CONFIRM },
  ];
  return buttonCard(reply, question.id, bodyText(reply), { button_list: buttons });
}

function choiceCard(reply: Reply, question: Question): TemplateCard | undefined {
  const { choices } = question;
  if (choices.length === 0 || choices.length > CARD_LIMITS.options) return undefined;
  // Such a key could not be told from the card's own.
  if (choices.some(({ key }) => OWN_KEYS.includes(key))) return undefined;
  const explained = choices.some((choice) => choice.detail !== undefined);
  const alike = new Set(choices.map((choice) => choice.label)).size < choices.length;
  const texts = alike ? toldApart(choices, CARD_LIMITS.buttonText) : choices.map(({ label }) => visible(label));
  const onButtons =
    choices.length <= CARD_LIMITS.buttons && texts.every((text) => codePoints(text) <= CARD_LIMITS.buttonText);
  const tooLong = !onButtons && choices.some((choice) => codePoints(visible(choice.label)) > CARD_LIMITS.optionText);
  const list = explained || alike || tooLong ? numbered(choices) : [];
  const body = [bodyText(reply), ...list].filter((text) => text !== '').join('\n');
  if (onButtons) {
    const buttons: Button[] = choices.map(({ key }, i) => ({ text: texts[i] ?? '', style: STYLE.strong, key }));
    if (buttons.length < CARD_LIMITS.buttons) buttons.push({ text: '取消', style: STYLE.neutral, key: CANCEL });
    return buttonCard(reply, question.id, body, { button_list: buttons });
  }
  const option_list = options(choices, CARD_LIMITS.optionText, list.length > 0);
  return buttonCard(reply, question.id, body, {
    button_selection: { question_key: CHOSEN, title: '请选择', option_list },
    button_list: [
      { text: '取消', style: STYLE.neutral, key: CANCEL },
      { text: '确定', style: STYLE.strong, key: SUBMIT },
    ],
  });
}

function pickCard(reply: Reply, question: Question): TemplateCard | undefined {
  const { choices } = question;
  if (choices.length === 0 || choices.length > CARD_LIMITS.checks) return undefined;
  // This kind has no place for more than a title and one line.
  const desc = bodyText(reply, ' ');
  const title = textLine(reply.title);
  if (codePoints(desc) > CARD_LIMITS.titleDesc || codePoints(title) > CARD_LIMITS.title || reply.facts?.length)
    return undefined;
  const option_list = options(choices, CARD_LIMITS.checkText, false);
  if (new Set(option_list.map((option) => option.text)).size < option_list.length) return undefined;
  return {
    card_type: 'vote_interaction',
    task_id: question.id,
    main_title: { title, ...(desc !== '' && { desc }) },
    checkbox: {
      question_key: CHOSEN,
      mode: 1,
      option_list: option_list.map((option) => ({ ...option, is_checked: false })),
    },
    submit_button: { text: cut(visible(question.confirmLabel ?? '确定'), CARD_LIMITS.buttonText), key: SUBMIT },
  };
}

/** A notice with facts; the platform demands a link on this kind. Undefined when the reply is not of that shape. */
export function summaryCard(reply: Reply, publicUrl: string): TemplateCard | undefined {
  if (reply.question || reply.page || !reply.facts?.length) return undefined;
  const frame = heading(reply, bodyText(reply));
  if (!frame) return undefined;
  const card = { card_type: 'text_notice', ...frame, card_action: { type: 1, url: publicUrl } };
  return cardProblem(card) === undefined ? card : undefined;
}

function buttonCard(
  reply: Reply,
  taskId: string,
  body: string,
  rest: Record<string, unknown>,
): TemplateCard | undefined {
  const frame = heading(reply, body);
  return frame && { card_type: 'button_interaction', task_id: taskId, ...frame, ...rest };
}

/** Title, text and facts as every card with a text has them; undefined when they do not fit. */
function heading(reply: Reply, body: string): Record<string, unknown> | undefined {
  const whole = textLine(reply.title);
  const long = codePoints(whole) > CARD_LIMITS.title;
  // A title that has to be cut is repeated in full below.
  const text = [...(long ? [whole] : []), ...(body === '' ? [] : [body])].join('\n');
  const facts = reply.facts ?? [];
  const hint = reply.hint ? textLine(reply.hint) : '';
  const hintFits = codePoints(hint) <= CARD_LIMITS.titleDesc;
  const sub = hintFits || hint === '' ? text : [text, hint].filter((part) => part !== '').join('\n');
  if (codePoints(sub) > CARD_LIMITS.subTitle || facts.length > CARD_LIMITS.facts) return undefined;
  if (
    facts.some((fact) => codePoints(fact.key) > CARD_LIMITS.factKey || codePoints(fact.value) > CARD_LIMITS.factValue)
  )
    return undefined;
  return {
    main_title: { title: cut(whole, CARD_LIMITS.title), ...(hint !== '' && hintFits && { desc: hint }) },
    ...(sub !== '' && { sub_title_text: sub }),
    ...(facts.length > 0 && {
      horizontal_content_list: facts.map(({ key, value }) => ({ keyname: visible(key), value: visible(value) })),
    }),
  };
}

function bodyText(reply: Reply, separator = '\n'): string {
  return reply.lines.map((current) => textLine(current)).join(separator);
}

function numbered(choices: readonly Choice[]): string[] {
  return choices.map(
    ({ label, detail }, i) => `${i + 1} ${visible(label)}${detail === undefined ? '' : `（${visible(detail)}）`}`,
  );
}

/** Of two with the same name (客户分级 in two libraries) the button says in which they differ, as far as there is room. */
function toldApart(choices: readonly Choice[], limit: number): string[] {
  return choices.map(({ label, detail }, i) => {
    const short = `${i + 1} ${visible(label)}`;
    if (detail === undefined || choices.filter((other) => other.label === label).length < 2) return short;
    const [whole, apart] = [`${short}·${visible(detail)}`, `${i + 1} ${visible(detail)}`];
    return [whole, apart].find((text) => codePoints(text) <= limit) ?? short;
  });
}

function options(choices: readonly Choice[], limit: number, withNumbers: boolean): { id: string; text: string }[] {
  const apart = toldApart(choices, limit);
  return choices.map(({ key, label }, i) => ({
    id: key,
    text: cut(withNumbers ? (apart[i] ?? '') : visible(label), limit),
  }));
}

/** At most `limit` code points, the last of them … when something is missing. */
function cut(text: string, limit: number): string {
  const chars = [...text];
  return chars.length <= limit ? text : `${chars.slice(0, limit - 1).join('')}…`;
}

/** The text on the buttons of a card that has been answered. */
export function replaceName(outcome: string): string {
  return cut(visible(outcome), CARD_LIMITS.buttonText);
}

/**
 * The first rule that a card breaks, undefined when it keeps all: what the platform would refuse, and what the client
 * would cut (doc 90236). Knows the fields that are used here.
 */
export function cardProblem(card: TemplateCard): string | undefined {
  const read = fieldsOf(card);
  const taskId = card.task_id;
  const broken: [rule: string, isBroken: boolean][] = [
    ['task_id', taskId === undefined ? card.card_type !== 'text_notice' : !isTaskId(taskId)],
    ['main_title.title', !fits(read('main_title.title'), CARD_LIMITS.title)],
    ['main_title.desc', !fitsOrAbsent(read('main_title.desc'), CARD_LIMITS.titleDesc)],
    ['sub_title_text', !fitsOrAbsent(read('sub_title_text'), CARD_LIMITS.subTitle)],
    ['horizontal_content_list', rows(read('horizontal_content_list')).length > CARD_LIMITS.facts],
    ...rows(read('horizontal_content_list')).flatMap(({ keyname, value }): [string, boolean][] => [
      ['keyname', !fits(keyname, CARD_LIMITS.factKey)],
      ['value', !fitsOrAbsent(value, CARD_LIMITS.factValue)],
    ]),
    ['card_action.url', !bytesFitOrAbsent(read('card_action.url'), CARD_LIMITS.urlBytes)],
    ...selectionProblems(
      rows(read('button_list')),
      'key',
      CARD_LIMITS.buttons,
      CARD_LIMITS.buttonText,
      CARD_LIMITS.keyBytes,
    ),
    ...optionProblems(read('button_selection.option_list'), CARD_LIMITS.options, CARD_LIMITS.optionText),
    ...optionProblems(read('checkbox.option_list'), CARD_LIMITS.checks, CARD_LIMITS.checkText),
    ['submit_button.text', !fitsOrAbsent(read('submit_button.text'), CARD_LIMITS.buttonText)],
  ];
  return broken.find(([, isBroken]) => isBroken)?.[0];
}

function optionProblems(value: unknown, many: number, text: number): [string, boolean][] {
  return value === undefined ? [] : selectionProblems(rows(value), 'id', many, text, CARD_LIMITS.optionIdBytes);
}

/** Buttons and options alike: how many, how long, and no two with the same key. */
function selectionProblems(
  items: readonly Fields[],
  key: 'key' | 'id',
  many: number,
  text: number,
  keyBytes: number,
): [string, boolean][] {
  return [
    [`${key}: more than ${many}`, items.length > many],
    [`${key}: twice`, new Set(items.map((item) => item[key])).size < items.length],
    [`${key}: length`, items.some((item) => item[key] === '' || !bytesFit(item[key], keyBytes))],
    [`${key}: text`, items.some((item) => !fits(item.text, text))],
  ];
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function fieldsOf(card: TemplateCard): (path: string) => unknown {
  return (path) =>
    path.split('.').reduce<unknown>((value, field) => (isFields(value) ? value[field] : undefined), card);
}

function rows(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isTaskId(value: unknown): boolean {
  return typeof value === 'string' && TASK_ID.test(value) && utf8Length(value) <= CARD_LIMITS.taskIdBytes;
}

function fits(value: unknown, limit: number): boolean {
  return typeof value === 'string' && value !== '' && codePoints(value) <= limit;
}

function fitsOrAbsent(value: unknown, limit: number): boolean {
  return value === undefined || fits(value, limit);
}

function bytesFit(value: unknown, limit: number): boolean {
  return typeof value === 'string' && utf8Length(value) <= limit;
}

function bytesFitOrAbsent(value: unknown, limit: number): boolean {
  return value === undefined || bytesFit(value, limit);
}

export interface Press {
  /** The question's id. */
  readonly questionId: string;
  readonly action: 'confirm' | 'cancel' | { readonly choices: readonly string[] };
}

/** What a member said by pressing a card that `questionCard` made. */
export function readPress(press: Pick<IncomingOf<'press'>, 'taskId' | 'eventKey' | 'selected'>): Press {
  const { taskId: questionId, eventKey } = press;
  if (eventKey === CONFIRM || eventKey === CANCEL) return { questionId, action: eventKey };
  if (eventKey === SUBMIT) return { questionId, action: { choices: press.selected[CHOSEN] ?? [] } };
  return { questionId, action: { choices: [eventKey] } };
}
