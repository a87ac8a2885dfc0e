/**
 * What the platform checks in a template card (docs 90236 and 94888), each finding with its own errcode.
 * Arrays, keys and required parts are refused; texts that are merely longer than recommended are folded by the client.
 */
import { type Body, isBody, refuse } from './refusal.ts';

const NOTICES = new Set(['text_notice', 'news_notice']);
const INTERACTIVE = new Set(['button_interaction', 'vote_interaction', 'multiple_interaction']);

/** Whether a press on the card comes back as a callback. */
export const isInteractive = (card: Body): boolean => INTERACTIVE.has(String(card.card_type));

/** Whether the card can be updated later: interactive ones and those with an action menu. */
export const isUpdatable = (card: Body): boolean => isInteractive(card) || card.action_menu !== undefined;

/** Refuses a card the platform would refuse. `isUnused` tells whether a task_id is free. */
export function checkCard(card: Body, isUnused: (taskId: string) => boolean): void {
  const type = card.card_type;
  if (typeof type !== 'string' || !(NOTICES.has(type) || INTERACTIVE.has(type))) refuse(42031, 'invalid card_type');
  checkTaskId(card, isUnused);
  checkHead(card, type);
  checkMenu(card);
  checkLists(card);
  if (NOTICES.has(type)) checkAction(part(card, 'card_action') ?? refuse(42045, 'missing card_action'), 42045);
  else if (card.card_action !== undefined)
    checkAction(part(card, 'card_action') ?? refuse(42045, 'invalid card_action'), 42045);
  if (type === 'news_notice') checkNews(card);
  if (type === 'button_interaction') checkButtons(card);
  if (type === 'vote_interaction') checkQuestion(part(card, 'checkbox') ?? refuse(42043, 'missing checkbox'), 20);
  if (type === 'multiple_interaction') {
    const lists = parts(card, 'select_list', 42047, 3);
    if (lists.length === 0) refuse(42047, 'missing select_list');
    for (const list of lists) checkQuestion(list, 10);
    uniqueOrRefuse(
      lists.map((list) => list.question_key),
      42043,
      'duplicate question_key',
    );
  }
  if (type === 'vote_interaction' || type === 'multiple_interaction') {
    const submit = part(card, 'submit_button') ?? refuse(42046, 'missing submit_button');
    textOrRefuse(submit.text, 42049, 'invalid submit_button.text');
    keyOrRefuse(submit.key, 1024, 42046, 'invalid submit_button.key');
  }
}

/** Every key a member can press on the card, with what is written there. */
export function keysOf(card: Body): ReadonlyMap<string, { readonly text: string; readonly menu: boolean }> {
  const keys = new Map<string, { text: string; menu: boolean }>();
  const take = (each: unknown, menu: boolean): void => {
    if (isBody(each) && typeof each.key === 'string') keys.set(each.key, { text: String(each.text ?? ''), menu });
  };
  const menu = card.action_menu;
  if (isBody(menu) && Array.isArray(menu.action_list)) for (const action of menu.action_list) take(action, true);
  if (Array.isArray(card.button_list)) for (const button of card.button_list) take(button, false);
  take(card.submit_button, false);
  return keys;
}

/** question_key → option ids, for checking what a press selected. */
export function questionsOf(
  card: Body,
): ReadonlyMap<string, { readonly options: readonly string[]; readonly many: boolean }> {
  const lists = Array.isArray(card.select_list) ? card.select_list : [];
  const questions = [card.button_selection, card.checkbox, ...lists].filter(isBody);
  return new Map(
    questions.map((question) => {
      const options = Array.isArray(question.option_list) ? question.option_list.filter(isBody) : [];
      return [
        String(question.question_key),
        { options: options.map((option) => String(option.id)), many: question.mode === 1 },
      ];
    }),
  );
}

function checkTaskId(card: Body, isUnused: (taskId: string) => boolean): void {
  const taskId = card.task_id;
  if (taskId === undefined && !isUpdatable(card)) return;
  if (typeof taskId !== 'string' || !/^[0-9A-Za-z_\-@]{1,128}$/.test(taskId)) refuse(42014, 'invalid task_id');
  if (!isUnused(taskId)) refuse(42014, 'task_id is used already');
}

function checkHead(card: Body, type: string): void {
  const title = part(card, 'main_title')?.title;
  const sub = card.sub_title_text;
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
  if (!isText(title) && !(type === 'text_notice' && isText(sub))) refuse(41016, 'missing main_title.title');
  const quote = part(card, 'quote_area');
  if (quote !== undefined && quote.type !== undefined && quote.type !== 0) checkAction(quote, 42028);
}

function checkMenu(card: Body): void {
  if (card.action_menu === undefined) return;
  const actions = parts(part(card, 'action_menu') ?? refuse(40058, 'invalid action_menu'), 'action_list', 40058, 3);
  if (actions.length === 0) refuse(40058, 'action_menu.action_list is empty');
  for (const action of actions) {
    textOrRefuse(action.text, 42020, 'missing action_list.text');
    keyOrRefuse(action.key, 1024, 42019, 'missing action_list.key');
  }
  uniqueOrRefuse(
    actions.map((action) => action.key),
    42051,
    'duplicate action_list.key',
  );
}

function checkLists(card: Body): void {
  for (const line of parts(card, 'horizontal_content_list', 42035, 6)) {
    textOrRefuse(line.keyname, 42027, 'missing horizontal_content_list.keyname');
    if (line.type === 1) urlOrRefuse(line.url, 42028);
    if (line.type === 2) textOrRefuse(line.media_id, 42029, 'missing horizontal_content_list.media_id');
    if (line.type === 3) textOrRefuse(line.userid, 42050, 'missing horizontal_content_list.userid');
  }
  for (const jump of parts(card, 'jump_list', 42042, 3)) {
    textOrRefuse(jump.title, 42033, 'missing jump_list.title');
    if (jump.type === 1) urlOrRefuse(jump.url, 42028);
    if (jump.type === 2) textOrRefuse(jump.appid, 42030, 'missing jump_list.appid');
  }
  for (const block of parts(card, 'vertical_content_list', 42036, 4)) {
    textOrRefuse(block.title, 42033, 'missing vertical_content_list.title');
  }
}

function checkNews(card: Body): void {
  const image = part(card, 'card_image');
  if (image === undefined && part(card, 'image_text_area') === undefined) refuse(42044, 'missing card_image');
  if (image !== undefined) urlOrRefuse(image.url, 42044);
}

function checkButtons(card: Body): void {
  const buttons = parts(card, 'button_list', 40058, 6);
  if (buttons.length === 0) refuse(42038, 'missing button_list');
  for (const button of buttons) {
    textOrRefuse(button.text, 42038, 'invalid button_list.text');
    if (button.type === 1) urlOrRefuse(button.url, 42028);
    else keyOrRefuse(button.key, 1024, 42039, 'invalid button_list.key');
  }
  const callbacks = buttons.filter((button) => button.type !== 1);
  uniqueOrRefuse(
    callbacks.map((button) => button.key),
    42039,
    'duplicate button_list.key',
  );
  if (card.button_selection !== undefined) {
    checkQuestion(part(card, 'button_selection') ?? refuse(42043, 'invalid button_selection'), 10);
  }
}

function checkQuestion(question: Body, maxOptions: number): void {
  keyOrRefuse(question.question_key, 1024, 42043, 'invalid question_key');
  const options = parts(question, 'option_list', 42037, maxOptions);
  if (options.length === 0) refuse(42037, 'option_list is empty');
  for (const option of options) {
    keyOrRefuse(option.id, 128, 42040, 'invalid option_list.id');
    textOrRefuse(option.text, 42041, 'invalid option_list.text');
  }
  uniqueOrRefuse(
    options.map((option) => option.id),
    42040,
    'duplicate option_list.id',
  );
}

function checkAction(action: Body, missing: number): void {
  if (action.type === 1) urlOrRefuse(action.url, 42028);
  else if (action.type === 2) textOrRefuse(action.appid, 42030, 'missing card_action.appid');
  else refuse(missing, 'invalid card_action.type');
}

function part(card: Body, key: string): Body | undefined {
  const value = card[key];
  if (value === undefined) return undefined;
  return isBody(value) ? value : refuse(40035, `invalid parameter, ${key} should be an object`);
}

function parts(card: Body, key: string, tooMany: number, max: number): readonly Body[] {
  const value = card[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) refuse(40035, `invalid parameter, ${key} should be an array`);
  if (value.length > max) refuse(tooMany, `${key} exceeds ${max}`);
  return value.map((item) => (isBody(item) ? item : refuse(40035, `invalid parameter, ${key} should hold objects`)));
}

function textOrRefuse(value: unknown, errcode: number, reason: string): void {
  if (typeof value !== 'string' || value === '') refuse(errcode, reason);
}

function keyOrRefuse(value: unknown, maxBytes: number, errcode: number, reason: string): void {
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > maxBytes) refuse(errcode, reason);
}

function urlOrRefuse(value: unknown, errcode: number): void {
  if (typeof value !== 'string' || !/^https?:\/\/\S+$/.test(value)) refuse(errcode, 'missing or invalid url');
}

function uniqueOrRefuse(values: readonly unknown[], errcode: number, reason: string): void {
  if (new Set(values).size !== values.length) refuse(errcode, reason);
}
