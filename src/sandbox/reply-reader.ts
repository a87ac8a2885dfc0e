/**
 * Reads what the bot answers inside the callback's response (doc 90241) as strictly as possible: signature, receive id,
 * addressing, time, and which reply is allowed for what was sent. Whatever WeCom would not show is an `Unreadable`.
 */
import { parseString } from 'xml2js';
import type { Envelope } from '../callback/envelope.ts';
import { checkCard } from './cards.ts';
import { cutToBytes, MAX_TEXT_BYTES } from './messages.ts';
import { type Body, isBody, Refusal } from './refusal.ts';

export type PassiveAnswer =
  | { readonly kind: 'text'; readonly content: string; readonly cut: boolean }
  | { readonly kind: 'button'; readonly replaceName: string }
  | { readonly kind: 'card'; readonly card: Body };

/** What the answer answers: decides which replies WeCom takes. */
export type Question = 'message' | 'press' | 'menu-press' | 'sys';

export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const no = (reason: string): never => {
  throw new Unreadable(reason);
};

/** Opens the sealed reply; returns its plaintext XML. */
export function openReply(responseBody: string, envelope: Envelope): string {
  const outer = readXml(responseBody, 'the response body');
  const encrypt = textOf(outer, 'Encrypt');
  const timestamp = textOf(outer, 'TimeStamp');
  const nonce = textOf(outer, 'Nonce');
  if (!/^\d{10}$/.test(timestamp)) no('TimeStamp of the envelope is not unix seconds');
  try {
    return envelope.open({ msg_signature: textOf(outer, 'MsgSignature'), timestamp, nonce }, encrypt);
  } catch (error) {
    return no(`the reply cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads the opened reply. `now` in ms: a CreateTime more than an hour off is taken for a wrong unit. */
export function readReply(
  plaintext: string,
  expected: { readonly member: string; readonly corpId: string; readonly question: Question; readonly now: number },
): PassiveAnswer {
  const reply = readXml(plaintext, 'the reply');
  if (expected.question === 'sys') no('an event of the system has nobody to answer');
  if (textOf(reply, 'ToUserName') !== expected.member) no('ToUserName is not the member who wrote');
  if (textOf(reply, 'FromUserName') !== expected.corpId) no('FromUserName is not the corp id');
  const createTime = textOf(reply, 'CreateTime');
  if (!/^\d+$/.test(createTime) || Math.abs(Number(createTime) - expected.now / 1000) > 3600) {
    no('CreateTime is not the present time in unix seconds');
  }
  const type = textOf(reply, 'MsgType');
  const isPress = expected.question === 'press' || expected.question === 'menu-press';
  switch (type) {
    case 'text': {
      if (expected.question === 'press') no('a card press takes update_button or update_template_card only');
      const content = textOf(reply, 'Content');
      const shown = cutToBytes(content, MAX_TEXT_BYTES);
      return { kind: 'text', content: shown, cut: shown !== content };
    }
    case 'update_button': {
      if (expected.question !== 'press') no('update_button answers a card press only');
      const button = reply.Button;
      return { kind: 'button', replaceName: textOf(isBody(button) ? button : {}, 'ReplaceName') };
    }
    case 'update_template_card': {
      if (!isPress) no('update_template_card answers a card press only');
      const card = reply.TemplateCard;
      return { kind: 'card', card: checkedCard(isBody(card) ? card : no('TemplateCard is missing')) };
    }
    default:
      return no(`MsgType ${type} is not a passive reply of this sandbox`);
  }
}

function checkedCard(xml: Body): Body {
  const card = cardObject(xml);
  try {
    checkCard(card, () => true);
  } catch (error) {
    if (error instanceof Refusal) no(`the card is refused: ${error.errcode} ${error.message}`);
    throw error;
  }
  return card;
}

const LISTS = new Set([
  'ActionList',
  'HorizontalContentList',
  'JumpList',
  'VerticalContentList',
  'ButtonList',
  'OptionList',
  'SelectList',
]);
const NUMBERS = new Set(['Type', 'Style', 'DescColor', 'Mode', 'AspectRatio']);
const FLAGS = new Set(['IsChecked', 'Disable']);
/** Names that message/send writes as one word. */
const ONE_WORD = new Set(['CheckBox', 'KeyName', 'AppId', 'PagePath', 'UserId']);

/** TemplateCard in the names and types of message/send. */
function cardObject(xml: Body): Body {
  return Object.fromEntries(
    Object.entries(xml).map(([name, value]) => {
      const key = ONE_WORD.has(name) ? name.toLowerCase() : name.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase();
      if (LISTS.has(name)) return [key, (Array.isArray(value) ? value : [value]).map(cardValue)];
      if (NUMBERS.has(name)) return [key, Number(value)];
      if (FLAGS.has(name)) return [key, value === 'true' || value === '1'];
      return [key, cardValue(value)];
    }),
  );
}

const cardValue = (value: unknown): unknown => (isBody(value) ? cardObject(value) : value);

function readXml(text: string, what: string): Body {
  let root: unknown;
  // Without a callback that never throws, xml2js raises its errors later and outside of this call.
  parseString(text, { explicitArray: false, async: false, strict: true }, (error: unknown, result: unknown) => {
    root = error ? undefined : result;
  });
  const xml = isBody(root) ? root.xml : undefined;
  return isBody(xml) ? xml : no(`${what} is not <xml>`);
}

function textOf(xml: Body, name: string): string {
  const value = xml[name];
  return typeof value === 'string' && value !== '' ? value : no(`${name} is missing or empty`);
}
