/**
 * Writes the answer that travels inside the callback's own response (WeCom doc 90241): the reply as WeCom reads it once
 * decrypted, and the sealed form around it (doc 90968). In the format of the request, XML or JSON.
 */
import { BotError } from '../errors.ts';
import type { PassiveReply } from '../message.ts';
import type { Format } from './decode.ts';
import type { Sealed } from './envelope.ts';

export interface Addressing {
  /** The member's userid: the sender of the message becomes the receiver of the reply. */
  readonly member: string;
  readonly corpId: string;
  /** Unix seconds. */
  readonly createTime: number;
}

/** The reply before it is sealed. Texts must already be within WeCom's limits (2,048 bytes, which it cuts silently). */
export function writeReply(reply: PassiveReply, to: Addressing, format: Format): string {
  const body = replyBody(reply);
  if (format === 'xml') return `<xml>${head(to)}${elements(body)}</xml>`;
  return JSON.stringify({ ToUserName: to.member, FromUserName: to.corpId, CreateTime: to.createTime, ...body });
}

/** The body of the HTTP response: ciphertext with its signature. */
export function writeSealed(sealed: Sealed, format: Format): string {
  const { encrypt, signature, timestamp, nonce } = sealed;
  if (format === 'json') {
    return JSON.stringify({ encrypt, msgsignature: signature, timestamp: Number(timestamp), nonce });
  }
  return (
    `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature>` +
    `<TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`
  );
}

type Value = string | number | boolean | Fields | readonly Value[];
interface Fields {
  readonly [name: string]: Value;
}

function replyBody(reply: PassiveReply): Fields {
  switch (reply.kind) {
    case 'text':
      return { MsgType: 'text', Content: reply.content };
    case 'button':
      return { MsgType: 'update_button', Button: { ReplaceName: reply.replaceName } };
    case 'card':
      return { MsgType: 'update_template_card', TemplateCard: cardFields(reply.card) };
  }
}

/** Words that message/send writes as one and the passive reply in two. */
const JOINED: ReadonlyMap<string, string> = new Map([
  ['checkbox', 'CheckBox'],
  ['keyname', 'KeyName'],
  ['appid', 'AppId'],
  ['pagepath', 'PagePath'],
  ['userid', 'UserId'],
]);
const FIELD_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** `horizontal_content_list` → `HorizontalContentList`. */
function camelCase(name: string): string {
  if (!FIELD_NAME.test(name)) throw unwritable(name);
  return JOINED.get(name) ?? name.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

/** A card of message/send in the names of the passive reply; absent fields stay absent. */
function cardFields(card: object): Fields {
  const fields: Record<string, Value> = {};
  for (const [name, value] of Object.entries(card)) {
    if (value !== undefined && value !== null) fields[camelCase(name)] = cardValue(name, value);
  }
  return fields;
}

function cardValue(name: string, value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((item) => cardValue(name, item));
  if (typeof value === 'object' && value !== null) return cardFields(value);
  throw unwritable(name);
}

function unwritable(field: string): BotError {
  return new BotError('bug.card-field', 'bug', { facts: { field } });
}

function head({ member, corpId, createTime }: Addressing): string {
  return (
    `<ToUserName>${cdata(member)}</ToUserName><FromUserName>${cdata(corpId)}</FromUserName>` +
    `<CreateTime>${createTime}</CreateTime>`
  );
}

/** Lists have no wrapper: the element is repeated. */
function elements(fields: Fields): string {
  let xml = '';
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? (value as readonly Value[]) : [value as Value]) {
      xml += `<${name}>${elementContent(item)}</${name}>`;
    }
  }
  return xml;
}

function elementContent(value: Value): string {
  if (typeof value === 'string') return cdata(value);
  if (typeof value === 'object') return elements(value as Fields);
  return String(value);
}

/** Control characters but tab and line breaks, lone surrogates, and two non-characters: XML 1.0 cannot carry them. */
const NOT_XML = /[^\P{Cc}\t\n\r]|[\p{Cs}\uFFFE\uFFFF]/gu;

function cdata(text: string): string {
  // A section ends at its first ]]>, so that one is split over two sections.
  return `<![CDATA[${text.replace(NOT_XML, '').replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}
