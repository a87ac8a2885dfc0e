/**
 * A text in two shapes of equal length: `raw` as typed, and `plain` in which key words can be found (half width, lower
 * case, simplified, quoted names blanked out). A position in one is the same position in the other, so that names are
 * always cut from what was typed.
 */

import { simplify } from '../text.ts';
import { NOT_KEY_WORDS, WORDS, type Word, type WordClass } from './lexicon.ts';

export interface Text {
  readonly raw: string;
  readonly plain: string;
}

/** Stands for every character inside quotes; no key word contains it. */
const BLANK = '\uE000';

/** Quotes by kind; the first two kinds open and close with any of their characters, as phone keyboards mix them. */
const QUOTE_KINDS: readonly { readonly open: string; readonly close: string }[] = [
  { open: '"“”„‟＂〝〞', close: '"“”„‟＂〝〞' },
  { open: "'‘’＇", close: "'‘’＇" },
  { open: '「﹁', close: '」﹂' },
  { open: '『﹃', close: '』﹄' },
  { open: '【', close: '】' },
];

/** What stands further away closes no quote. */
const LONGEST_QUOTED = 100;

const LETTER = /[a-z0-9]/i;
const LIST_SEPARATOR = /[、,､]/;

export function textOf(raw: string): Text {
  return { raw, plain: blankQuoted(raw, plainOf(raw)) };
}

export function slice(text: Text, from: number, to?: number): Text {
  return { raw: text.raw.slice(from, to), plain: text.plain.slice(from, to) };
}

export function trimmed(text: Text): Text {
  const start = text.raw.length - text.raw.trimStart().length;
  return slice(text, start, start + text.raw.trim().length);
}

/** Half width, lower case, simplified; the same length as `raw`. */
export function plainOf(raw: string): string {
  return simplify(WIDE_OR_UPPER.test(raw) ? narrow(raw) : raw);
}

/** What `narrow` changes. */
const WIDE_OR_UPPER = /[A-Z\t\u00a0\u3000\uff01-\uff5e\uff61\uff64]/;

function narrow(raw: string): string {
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const unit = raw.charCodeAt(i);
    if (unit >= 0xff01 && unit <= 0xff5e) out += String.fromCharCode(unit - 0xfee0);
    else if (unit === 0x3000 || unit === 0xa0 || unit === 9) out += ' ';
    else if (unit === 0xff61) out += '。';
    else if (unit === 0xff64) out += '、';
    else out += raw.charAt(i);
  }
  return out.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Where the quoted name that opens at `at` ends (position of the closing quote); undefined when none opens there. */
function closingQuote(raw: string, at: number, unclosed: Map<object, number>): number | undefined {
  const char = raw.charAt(at);
  const kind = QUOTE_KINDS.find(({ open }) => open.includes(char));
  if (kind === undefined) return undefined;
  const straight = kind.open === kind.close;
  if (straight && at > 0 && LETTER.test(raw.charAt(at - 1))) return undefined;
  const last = Math.min(raw.length, at + LONGEST_QUOTED);
  // What an earlier quote of the kind has looked through in vain need not be looked through again.
  for (let i = Math.max(at + 2, unclosed.get(kind) ?? 0); i < last; i++) {
    if (!kind.close.includes(raw.charAt(i))) continue;
    if (straight && LETTER.test(raw.charAt(i + 1))) continue;
    return i;
  }
  unclosed.set(kind, last);
  return undefined;
}

function blankQuoted(raw: string, plain: string): string {
  if (!QUOTES.test(raw)) return plain;
  let out = '';
  let done = 0;
  const unclosed = new Map<object, number>();
  for (let i = 0; i < raw.length; i++) {
    const end = QUOTES.test(raw.charAt(i)) ? closingQuote(raw, i, unclosed) : undefined;
    if (end === undefined) continue;
    out += plain.slice(done, i + 1) + BLANK.repeat(end - i - 1);
    done = end;
    i = end;
  }
  return out + plain.slice(done);
}

const QUOTES = /["“”„‟＂〝〞'‘’＇「﹁『﹃【]/;

export function isQuoted(text: Text): boolean {
  return (
    text.plain.charAt(1) === BLANK &&
    text.plain.lastIndexOf(BLANK) === text.plain.length - 2 &&
    !/[^\uE000]/.test(text.plain.slice(1, -1))
  );
}

const EMPTY_QUOTES = /^(?:["“”＂]{2}|['‘’＇]{2}|「」|『』|【】)$/;

export interface Name {
  readonly name: string;
  /** Stood in quotes: it is this name and nothing else. */
  readonly literal: boolean;
}

/** A name as typed without the quotes around the whole of it. */
export function nameOf(typed: string): Name {
  const text = textOf(typed.trim());
  if (EMPTY_QUOTES.test(text.raw)) return { name: '', literal: true };
  return isQuoted(text) ? { name: text.raw.slice(1, -1).trim(), literal: true } : { name: text.raw, literal: false };
}

/** Parts at 、 and commas outside quotes, and between two quoted names; trimmed, without empty ones, quotes kept. */
export function listOf(typed: Text): string[] {
  return splitAt(typed, LIST_SEPARATOR)
    .flatMap(betweenQuotes)
    .map((part) => part.raw.trim())
    .filter((part) => part !== '');
}

/** 「A」「B」 and “A B” “C” are two names each. */
const CLOSED_AND_OPENED = /(?<=\uE000["“”＂'‘’＇」』】])\s*(?=["“”＂'‘’＇「『【]\uE000)/g;

function betweenQuotes(text: Text): Text[] {
  const parts: Text[] = [];
  let from = 0;
  for (const border of text.plain.matchAll(CLOSED_AND_OPENED)) {
    parts.push(slice(text, from, border.index));
    from = border.index + border[0].length;
  }
  return [...parts, slice(text, from)];
}

/** Cuts at every single character that matches, outside quotes. */
export function splitAt(text: Text, separator: RegExp): Text[] {
  const out: Text[] = [];
  let from = 0;
  for (let i = 0; i < text.plain.length; i++) {
    if (!separator.test(text.plain.charAt(i))) continue;
    out.push(slice(text, from, i));
    from = i + 1;
  }
  out.push(slice(text, from));
  return out;
}

/** Where key words stand: for each class, position → lengths, longest first. */
export type Occurrences = ReadonlyMap<WordClass, ReadonlyMap<number, readonly number[]>>;

/** In a longer text there is a list of names: its order stands at the beginning and at the end. */
export const LONGEST_SENTENCE = 600;
export const END_OF_LONG = 200;

/** Finds every key word in one pass over the text. */
export function keyWordsIn(text: Text): Occurrences {
  const found = new Map<WordClass, Map<number, number[]>>();
  /** The last key word of each class: one inside it, like 加 in 添加, is not another. */
  const reach = new Map<WordClass, { from: number; to: number }>();
  const { plain } = text;
  const long = plain.length > LONGEST_SENTENCE;
  for (let i = 0; i < plain.length; i++) {
    if (long && i === END_OF_LONG) i = plain.length - END_OF_LONG;
    const words = WORDS.get(plain.charAt(i));
    if (words === undefined) continue;
    for (const word of words) {
      if (!plain.startsWith(word.text, i)) continue;
      const end = i + word.text.length;
      if (word.latin && (isLetter(plain, i - 1) || isLetter(plain, end))) continue;
      if (word.text.length === 1 && !word.latin && isPartOfAnotherWord(plain, i)) continue;
      if (ENDS_OPENLY.test(word.text) && isPartOfAnotherWord(plain, end - 1)) continue;
      if (belongsToAName(text, word, i, end)) continue;
      const last = reach.get(word.cls);
      if (word.cls !== '到' && last !== undefined && end <= last.to && !mayEndEarlier(plain, last, i, end)) continue;
      if (last === undefined || last.to < end) reach.set(word.cls, { from: i, to: end });
      let positions = found.get(word.cls);
      if (positions === undefined) {
        positions = new Map();
        found.set(word.cls, positions);
      }
      const lengths = positions.get(i);
      if (lengths) lengths.push(word.text.length);
      else positions.set(i, [word.text.length]);
    }
  }
  return found;
}

/**
 * Whether what looks like a key word is rather (a part of) a name. What is swallowed here is missing from a name that is
 * about to be made, so in doubt it is the name's.
 */
function belongsToAName(text: Text, word: Word, at: number, end: number): boolean {
  switch (word.cls) {
    case '量':
      return !isFiller(text, word, at, end);
    case '这标签':
      // The last of a list: 一个、两个.
      return /[,、] *$/.test(text.plain.slice(0, at));
    case '添加':
    case '加上':
      VERB_AND_NAME.lastIndex = end - 1;
      return VERB_AND_NAME.test(text.plain);
    default:
      return false;
  }
}

/** 加 进店, 加 入职, 加 个体户: the verb is shorter than it looks. */
const VERB_AND_NAME = /[入进](?=[职会店群学园口货场])|个(?=[体人性])/y;

/** Whether a word of quantity or newness says nothing: 一个VIP, 新标签VIP, add a tag; but 新客户, 个人, 这个月成交, A、B. */
function isFiller({ raw, plain }: Text, word: Word, at: number, end: number): boolean {
  const rest = plain.slice(end);
  if (/^ *[,、]/.test(rest)) return false;
  if (word.latin) return /[a-z] *$/.test(plain.slice(0, at)) && raw.slice(at, end) === word.text;
  if (SPAN_OF_TIME.test(rest) && COUNTED.test(word.text)) return false;
  return !NAMES_BEGIN_SO.test(word.text) || BEFORE_FILLED.test(rest);
}

/** 三个月未购买, 两个小时内. */
const COUNTED = /[一两三四五几多]个$/;
const SPAN_OF_TIME = /^(?:半?[月年]|小时|星期|礼拜|季度|周|工作日)/;

const NAMES_BEGIN_SO = /^(?:.*新|个|.*这.*|新的)$/;
/** What 新 and 个 stand in front of when they are no part of a name. */
const BEFORE_FILLED =
  /^ *(?:$|[:"'“‘「『【\uE000]|(?:客户)?标[签记]|分?组|规则|叫|名[为叫]|负责人|管理员|上级|范围|tag|label|group)/;

/** 改名成 in 改名成交客户: its last character may belong to the name. */
const ENDS_OPENLY = /.[成为叫]$/;

function isLetter(plain: string, at: number): boolean {
  return at >= 0 && at < plain.length && LETTER.test(plain.charAt(at));
}

/** 加 in 加入职客户, 加个新标签: a shorter key word at the same place, when what follows can begin something else. */
function mayEndEarlier(plain: string, last: { readonly from: number }, at: number, end: number): boolean {
  return last.from === at && '入进上成为至个'.includes(plain.charAt(end));
}

function isPartOfAnotherWord(plain: string, at: number): boolean {
  return NOT_KEY_WORDS.some((pattern) => {
    pattern.lastIndex = at;
    return pattern.test(plain);
  });
}
