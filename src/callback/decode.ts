/**
 * From bytes to IncomingMessage: the outer body (who holds the ciphertext) and the decrypted message (what was said).
 * WeCom docs 90238 (envelope), 90239 (messages), 90240 (events), 92130 (tag events); XML and JSON callbacks alike.
 * flat.ts reads the outer body and every message that is plain; xml2js sees what is nested, once it is known to be small
 * and well-formed, because its time for anything else grows with the square of the length.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { Parser } from 'xml2js';
import { BotError } from '../errors.ts';
import type { Content, IncomingMessage, TagChange } from '../message.ts';
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
  if (isJson(plaintext)) return treeFields(parseExactly(plaintext));
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

const MOST_CHARACTERS = 32 * 1024;
const MOST_ELEMENTS = 2_000;
const MOST_LEVELS = 32;

function parseXml(xml: string): unknown {
  checkMarkup(xml);
  const parser = new Parser({ async: false, explicitRoot: false, explicitArray: true, ignoreAttrs: true });
  const roots: unknown[] = [];
  let failed = false;
  parser.on('end', (root: unknown) => roots.push(root));
  // It would go on, and make an error of every character that follows.
  parser.on('error', (error: unknown) => {
    failed = true;
    throw error;
  });
  try {
    parser.parseString(xml);
  } catch {
    failed = true;
  }
  if (failed || roots.length !== 1 || roots[0] === null) throw malformed('xml');
  return roots[0];
}

/** Start, empty or end tag. What is in quotes holds no `<`, so that no tag is longer than it looks. */
const TAG =
  /<(?<end>\/?)(?<name>[\p{L}_][\p{L}\p{N}_.:-]*)(?:\s+[\p{L}\p{N}_.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(?<empty>\/?)>/uy;
/** Of XML, which counts fewer characters as blank than JavaScript does. */
const NOT_BLANK = /[^ \t\r\n]/;
const NO_REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/i;

/**
 * Lets pass what is small and well-formed: one root, nothing but blanks outside it, every tag closed in its turn. Walks
 * the markup, not the text: a member may well send `<!DOCTYPE html>` as a message.
 */
function checkMarkup(xml: string): void {
  if (xml.length > MOST_CHARACTERS) throw malformed('limit');
  const open: string[] = [];
  let elements = 0;
  let at = xml.startsWith('\uFEFF') ? 1 : 0;
  for (let next = xml.indexOf('<'); next !== -1; next = xml.indexOf('<', at)) {
    checkText(xml.slice(at, next), open.length > 0);
    if (xml.startsWith('<![CDATA[', next) && open.length > 0) at = behind(xml, ']]>', next);
    else if (xml.startsWith('<!--', next)) at = behind(xml, '-->', next + 4);
    else if (xml.startsWith('<!', next)) throw malformed('dtd');
    else if (xml.startsWith('<?', next)) at = behind(xml, '?>', next);
    else {
      const { name, end, empty } = tagAt(xml, next);
      at = TAG.lastIndex;
      if (end !== '') {
        if (empty !== '' || open.pop() !== name) throw malformed('xml');
        continue;
      }
      if (open.length === 0 && elements > 0) throw malformed('xml');
      if (empty === '') open.push(name);
      elements++;
      if (elements > MOST_ELEMENTS || open.length > MOST_LEVELS) throw malformed('limit');
    }
  }
  checkText(xml.slice(at), false);
  if (open.length > 0 || elements === 0) throw malformed('xml');
}

function tagAt(xml: string, at: number): { name: string; end: string; empty: string } {
  TAG.lastIndex = at;
  const { name, end = '', empty = '' } = TAG.exec(xml)?.groups ?? {};
  if (name === undefined) throw malformed('xml');
  return { name, end, empty };
}

function behind(xml: string, mark: string, from: number): number {
  const at = xml.indexOf(mark, from);
  if (at === -1) throw malformed('xml');
  return at + mark.length;
}

function checkText(text: string, inRoot: boolean): void {
  if (inRoot ? NO_REFERENCE.test(text) : NOT_BLANK.test(text)) throw malformed('xml');
}

function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

function parseJson(text: string, what: 'body' | 'json'): object {
  let value: unknown;
  try {
    value = JSON.parse(text.trim());
  } catch {
    throw malformed(what);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(what);
  return value;
}

/** Strings (to be passed over) and numbers of a JSON text. On what is no JSON it takes time by the square of the length. */
const JSON_SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
const LONG_INTEGER = /^-?\d{16,}$/;

/** JSON whose long integers become strings: `MsgId` is a bare 64-bit number, which JSON.parse would round. */
function parseExactly(text: string): object {
  parseJson(text, 'json');
  const exact = text.replace(JSON_SCALAR, (scalar) => (LONG_INTEGER.test(scalar) ? `"${scalar}"` : scalar));
  return parseJson(exact, 'json');
}

function malformed(what: 'body' | 'xml' | 'json' | 'dtd' | 'limit'): BotError {
  return new BotError(`callback.${what}`, 'callback');
}
