/**
 * From bytes to IncomingMessage: the outer body (who holds the ciphertext) and the decrypted message (what was said).
 * WeCom docs 90238 (envelope), 90239 (messages), 90240 (events), 92130 (tag events); XML and JSON callbacks alike.
 * xml2js reads messages; flat.ts stands in front of it for the plain ones and alone for the outer body.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Parser } from 'xml2js';
import { BotError } from '../errors.ts';
import type { Content, IncomingMessage, TagChange } from '../message.ts';
import { readFlat } from './flat.ts';

export type Format = 'xml' | 'json';

export interface EnvelopeBody {
  /** The reply is written in the format of the request. */
  readonly format: Format;
  readonly encrypt: string;
  /** Outside the seal and therefore unproven; the message inside has its own. */
  readonly toUserName: string | undefined;
  readonly agentId: string | undefined;
}

/**
 * Reads the outer body of a POST, which is not yet known to come from WeCom: nothing but a plain document passes.
 * @throws BotError callback.body
 */
export function decodeEnvelopeBody(body: Buffer | string): EnvelopeBody {
  if (typeof body !== 'string' && !isUtf8(body)) throw malformed('body');
  const document = typeof body === 'string' ? body : body.toString('utf8');
  if (isJson(document)) {
    const fields = parseJson(document, 'body');
    // Seen in lower case and spelt as in XML.
    const text = (name: string): string => textAt(fields, name.toLowerCase()) || textAt(fields, name);
    return envelopeBody('json', text('Encrypt'), text('ToUserName'), text('AgentID'));
  }
  const fields = readFlat(document);
  return envelopeBody('xml', fields?.get('Encrypt'), fields?.get('ToUserName'), fields?.get('AgentID'));
}

function envelopeBody(format: Format, encrypt = '', toUserName?: string, agentId?: string): EnvelopeBody {
  const ciphertext = encrypt.trim();
  if (ciphertext === '') throw malformed('body');
  return { format, encrypt: ciphertext, toUserName, agentId };
}

/**
 * Reads a decrypted message. Missing fields are empty and kinds nobody knows become `other`, so that WeCom can be told
 * 200 for whatever it invents; only what is no XML (or JSON) at all, or hides a DTD in it, is refused.
 * `receivedAt` is in ms of the program's clock.
 * @throws BotError callback.xml, callback.json, callback.dtd or callback.limit
 */
export function decodeMessage(plaintext: string, { receivedAt }: { receivedAt: number }): IncomingMessage {
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
  // Spreading two objects of changing shape costs 2.4 µs, this 0.1: half of the whole reading.
  return Object.assign(head, readContent(fields));
}

/** 64 bits; 0 would make one message of all that carry it. */
const MESSAGE_ID = /^[1-9]\d{0,19}$/;
const UNIX_SECONDS = /^\d{1,12}$/;
const STRATEGY_ID = /^[1-9]\d{0,14}$/;

interface Fields {
  /** Text of the first element of that name below the root; empty when absent. */
  get(name: string): string;
  /** The parsed document, for what is nested; undefined when nothing is. */
  readonly tree: unknown;
}

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

function readTagChange(fields: Fields): Content | undefined {
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

/** What an unknown kind is called in the log: short, and nothing but name characters. */
function label(what: string): string {
  return what.replace(/[^\w:.-]/g, '').slice(0, 64);
}

function readFields(plaintext: string): Fields {
  if (isJson(plaintext)) return treeFields(parseJson(plaintext, 'json'));
  const flat = readFlat(plaintext);
  return flat ? { get: (name) => flat.get(name) ?? '', tree: undefined } : treeFields(parseXml(plaintext));
}

function treeFields(tree: unknown): Fields {
  return { get: (name) => textAt(tree, name), tree };
}

/** All children of that name; a parser gives one as a value and several as an array. */
function childrenAt(node: unknown, name: string): readonly unknown[] {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return [];
  const value: unknown = Reflect.get(node, name);
  return Array.isArray(value) ? value : [value];
}

function textAt(node: unknown, name: string): string {
  return asText(childrenAt(node, name)[0]);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

const MOST_ELEMENTS = 2_000;
const MOST_LEVELS = 32;
/** xml2js forgives a space after `<`, even in `< !DOCTYPE`. */
const SPACE = /\s/;

/** With the first message that is not plain: a start without it takes 25 ms less. */
const require = createRequire(import.meta.url);
const loadXml2js = (): typeof import('xml2js') => require('xml2js');

function parseXml(xml: string): unknown {
  checkMarkup(xml);
  const parser: Parser = new (loadXml2js().Parser)({
    async: false,
    explicitRoot: false,
    explicitArray: true,
    ignoreAttrs: true,
  });
  const roots: unknown[] = [];
  let failed = false;
  // Own listeners instead of parseString's callback: that one stops listening at the end of the root element, and
  // whatever stands behind it, a second root or garbage, would pass unseen.
  parser.on('end', (root: unknown) => roots.push(root));
  parser.on('error', () => {
    failed = true;
  });
  try {
    parser.parseString(xml);
  } catch {
    failed = true;
  }
  if (failed || roots.length !== 1 || roots[0] === null) throw malformed('xml');
  return roots[0];
}

/**
 * Walks the markup, not the text, before xml2js sees it: a member may well send `<!DOCTYPE html>` as a message.
 * What is broken is left to xml2js to complain about.
 */
function checkMarkup(xml: string): void {
  let elements = 0;
  let depth = 0;
  for (let at = xml.indexOf('<'); at !== -1; at = xml.indexOf('<', at)) {
    let end: number;
    if (xml.startsWith('<![CDATA[', at)) end = xml.indexOf(']]>', at);
    else if (xml.startsWith('<!--', at)) end = xml.indexOf('-->', at + 4);
    else if (xml.startsWith('<!', at)) throw malformed('dtd');
    else if (SPACE.test(xml.charAt(at + 1))) throw malformed('xml');
    else if (xml.startsWith('<?', at)) end = xml.indexOf('?>', at);
    else {
      end = tagEnd(xml, at);
      if (xml[at + 1] === '/') depth--;
      else {
        elements++;
        if (xml[end - 1] !== '/') depth++;
      }
      if (elements > MOST_ELEMENTS || depth > MOST_LEVELS) throw malformed('limit');
    }
    if (end === -1) return;
    at = end + 1;
  }
}

/** The `>` that ends the tag at `at`: one in a quoted attribute does not. */
function tagEnd(xml: string, at: number): number {
  let quote = '';
  for (let i = at; i < xml.length; i++) {
    const char = xml[i] as string;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return i;
  }
  return -1;
}

function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/** Strings (to be passed over) and numbers of a JSON text. */
const JSON_SCALAR = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
const LONG_INTEGER = /^-?\d{16,}$/;

/** JSON whose long integers become strings: `MsgId` is a bare 64-bit number, which JSON.parse would round. */
function parseJson(text: string, what: 'body' | 'json'): object {
  const exact = text.replace(JSON_SCALAR, (scalar) => (LONG_INTEGER.test(scalar) ? `"${scalar}"` : scalar));
  let value: unknown;
  try {
    value = JSON.parse(exact.trim());
  } catch {
    throw malformed(what);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(what);
  return value;
}

function malformed(what: 'body' | 'xml' | 'json' | 'dtd' | 'limit'): BotError {
  return new BotError(`callback.${what}`, 'callback');
}
