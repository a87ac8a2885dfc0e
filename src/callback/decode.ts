/**
 * From bytes to IncomingMessage: the outer body (who holds the ciphertext) and the decrypted message (what was said).
 * WeCom docs 90238 (envelope), 90239 (messages), 90240 (events), 92130 (tag events); XML and JSON callbacks alike.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { Content, IncomingMessage, TagChange } from '../message.ts';
import { asText, childrenAt, type Fields, isJson, label, malformed, parseJson, readFields, textAt } from './fields.ts';
import { readFlat } from './flat.ts';

export type Format = 'xml' | 'json';

export interface EnvelopeBody {
  /** The reply is written in the format of the request. */
  readonly format: Format;
  readonly encrypt: string;
}

/**
 * Reads the outer body of a POST, which is not yet known to come from WeCom: nothing but a plain document passes.
 * @throws BotError callback.body
 */
export function decodeEnvelopeBody(body: Buffer | string): EnvelopeBody {
  if (typeof body !== 'string' && !isUtf8(body)) throw malformed('body');
  const document = typeof body === 'string' ? body : body.toString('utf8');
  if (!isJson(document)) return envelopeBody('xml', readFlat(document)?.get('Encrypt'));
  if (!FLAT_JSON.test(document)) throw malformed('body');
  const fields = parseJson(document, 'body');
  // Seen in lower case and spelt as in XML.
  return envelopeBody('json', textAt(fields, 'encrypt') || textAt(fields, 'Encrypt'));
}

/**
 * One object of a few strings and numbers, which is all that an outer body is. Looked at first, because JSON.parse builds what
 * is nested however deep, and anybody can send it.
 */
const FLAT_JSON = /^\s*\{(?:\s*"[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[-+.\w]+)\s*[,}]){1,16}\s*$/;

function envelopeBody(format: Format, encrypt = ''): EnvelopeBody {
  const ciphertext = encrypt.trim();
  if (ciphertext === '') throw malformed('body');
  return { format, encrypt: ciphertext };
}

export interface Decoded {
  readonly message: IncomingMessage;
  /** The app it was sent to, as written; empty when it names none, as events of the whole corp do. */
  readonly agentId: string;
}

/**
 * Reads a decrypted message. Missing fields are empty and kinds nobody knows become `other`, so that WeCom can be told
 * 200 for whatever it invents; only what is no XML (or JSON) at all, or hides a DTD in it, is refused.
 * `receivedAt` is in ms of the program's clock.
 * @throws BotError callback.xml, callback.json, callback.dtd or callback.limit
 */
export function decodeMessage(plaintext: string, { receivedAt }: { receivedAt: number }): Decoded {
  const fields = readFields(plaintext);
  const msgId = fields.get('MsgId').trim();
  const createTime = fields.get('CreateTime').trim();
  const head = {
    corpId: fields.get('ToUserName').trim(),
    key: MESSAGE_ID.test(msgId) ? `m:${msgId}` : `e:${hash('sha256', plaintext, 'hex')}`,
    member: fields.get('FromUserName').trim() || 'sys',
    createTime: UNIX_SECONDS.test(createTime) ? Number(createTime) : 0,
    receivedAt,
  };
  // To spread the one behind the other costs as much as all the reading.
  return { message: Object.assign(head, readContent(fields)), agentId: fields.get('AgentID').trim() };
}

/** 64 bits; 0 would make one message of all that carry it. */
const MESSAGE_ID = /^[1-9]\d{0,19}$/;
const UNIX_SECONDS = /^\d{1,12}$/;
const STRATEGY_ID = /^[1-9]\d{0,14}$/;

function readContent(fields: Fields): Content {
  const kind = fields.get('MsgType').trim().toLowerCase();
  switch (kind) {
    case 'text':
      return { kind: 'text', text: fields.get('Content') };
    case 'image':
    case 'voice':
    case 'video':
    case 'location':
    case 'link':
      return { kind: 'media', media: kind };
    case 'event':
      return readEvent(fields);
    default:
      return { kind: 'other', what: label(fields.get('MsgType') || fields.get('InfoType')) };
  }
}

function readEvent(fields: Fields): Content {
  const event = fields.get('Event').trim();
  // Case-insensitive: the platform itself writes LOCATION beside click, and CLICK has been seen.
  switch (event.toLowerCase()) {
    case 'click':
      return { kind: 'click', eventKey: fields.get('EventKey').trim() };
    case 'template_card_event':
    case 'template_card_menu_event':
      return {
        kind: 'press',
        taskId: fields.get('TaskId').trim(),
        eventKey: fields.get('EventKey').trim(),
        cardType: fields.get('CardType').trim(),
        responseCode: fields.get('ResponseCode').trim(),
        selected: readSelected(fields.tree),
      };
    case 'enter_agent':
      return { kind: 'enter' };
    case 'subscribe':
      return { kind: 'subscribe' };
    case 'change_external_tag':
      return readTagChange(fields) ?? { kind: 'other', what: label(`${event}:${fields.get('ChangeType')}`) };
    default:
      return { kind: 'other', what: label(event) };
  }
}

const TAG_CHANGES: readonly TagChange['change'][] = ['create', 'update', 'delete', 'shuffle'];

/** Undefined for a change that is none of those. */
export function readTagChange(fields: Fields): Content | undefined {
  const changeType = fields.get('ChangeType').trim().toLowerCase();
  const change = TAG_CHANGES.find((known) => known === changeType);
  if (change === undefined) return undefined;
  const tagType = fields.get('TagType').trim();
  // 0, absent and not a number all say that no rule group is named: corp tags send nothing, some samples send a word.
  const strategyId = fields.get('StrategyId').trim();
  return {
    kind: 'tagChange',
    change,
    id: fields.get('Id').trim(),
    tagType: tagType === 'tag' || tagType === 'tag_group' ? tagType : undefined,
    strategyId: STRATEGY_ID.test(strategyId) ? Number(strategyId) : undefined,
  };
}

function readSelected(tree: unknown): Record<string, readonly string[]> {
  const selected = new Map<string, string[]>();
  for (const item of childrenAt(tree, 'SelectedItems').flatMap((items) => childrenAt(items, 'SelectedItem'))) {
    // The official sample spells OpitonIds, every SDK reads OptionIds.
    const ids = ['OptionIds', 'OpitonIds'].flatMap((name) => childrenAt(item, name));
    const options = ids.flatMap((list) => ['OptionId', 'OpitonId'].flatMap((name) => childrenAt(list, name)));
    selected.set(
      textAt(item, 'QuestionKey').trim(),
      options.map((option) => asText(option).trim()),
    );
  }
  // Object.fromEntries defines properties, so that a question named __proto__ is a question like any other.
  return Object.fromEntries(selected);
}
