/**
 * What stands in a decrypted text, XML or JSON, by name. flat.ts reads every text that is plain; xml2js sees what is nested,
 * once it is known to be small and well-formed, because its time for anything else grows with the square of the length.
 */
import { Parser } from 'xml2js';
import { BotError } from '../errors.ts';
import { readFlat } from './flat.ts';

export interface Fields {
  /** Text of the first element of that name below the root; empty when absent. */
  get(name: string): string;
  /** The parsed document, for what is nested; undefined when nothing is. */
  readonly tree: unknown;
}

/** What an unknown kind is called in the log: short, and nothing but name characters. */
export function label(what: string): string {
  return what.replace(/[^\w:.-]/g, '').slice(0, 64);
}

/** @throws BotError callback.xml, callback.json, callback.dtd or callback.limit */
export function readFields(plaintext: string): Fields {
  if (isJson(plaintext)) return treeFields(parseExactly(plaintext));
  const flat = readFlat(plaintext);
  return flat ? { get: (name) => flat.get(name) ?? '', tree: undefined } : treeFields(parseXml(plaintext));
}

function treeFields(tree: unknown): Fields {
  return { get: (name) => textAt(tree, name), tree };
}

/** All children of that name; a parser gives one as a value and several as an array. */
export function childrenAt(node: unknown, name: string): readonly unknown[] {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return [];
  const value: unknown = Reflect.get(node, name);
  return Array.isArray(value) ? value : [value];
}

export function textAt(node: unknown, name: string): string {
  return asText(childrenAt(node, name)[0]);
}

export function asText(value: unknown): string {
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

export function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

export function parseJson(text: string, what: 'body' | 'json'): object {
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

export function malformed(what: 'body' | 'xml' | 'json' | 'dtd' | 'limit'): BotError {
  return new BotError(`callback.${what}`, 'callback');
}
