/**
 * A reply as plain text: the passive answer, the fallback of every push, what the WeChat plugin shows.
 * Also what the other renderers share with it: made-safe text, and when a name needs visible borders.
 */

import type { Line, Reply, Span } from './reply.ts';

/** Bytes (UTF-8) of a text or markdown message; the platform cuts what is longer (docs 90236, 90241). */
export const MESSAGE_BYTES = 2048;

/** How one kind of message draws the parts of a reply; every result is one line without line breaks. */
export interface Form {
  title(reply: Reply): string;
  line(line: Line): string;
  choice(number: number, label: string, detail: string | undefined): string;
  /** What to do next. */
  hint(line: Line): string;
}

const TONE_MARK = { info: '', ask: '', done: '✅ ', warn: '⚠️ ', error: '❌ ' } as const;

export const textForm: Form = {
  title: (reply) => TONE_MARK[reply.tone] + textLine(reply.title),
  line: textLine,
  choice: (number, label, detail) => `${number} ${plain(label)}${detail === undefined ? '' : `（${plain(detail)}）`}`,
  hint: textLine,
};

/** A line as plain text; code spans and names with unclear borders stand in 「」. */
export function textLine(line: Line): string {
  let out = '';
  for (let i = 0; i < line.length; i++) {
    const span = line[i] as Span;
    if (typeof span === 'string') out += plain(span);
    else if ('name' in span) out += shownName(line, i, span.name, plain);
    else if ('code' in span) out += `「${plain(span.code)}」`;
    else out += plain(spanText(span));
  }
  return out;
}

/** What a span says, without its meaning. */
export function spanText(span: Span): string {
  if (typeof span === 'string') return span;
  if ('name' in span) return span.name;
  if ('code' in span) return span.code;
  if ('strong' in span) return span.strong;
  if ('quiet' in span) return span.quiet;
  return 'good' in span ? span.good : span.warn;
}

/**
 * Nothing but Latin letters, digits, ideographs and their punctuation, and no `<`: what most names and sentences are.
 * A long list is drawn in half the time without asking the expressions below about every span of it.
 */
function isOrdinary(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const ascii = unit >= 0x20 && unit < 0x7f && unit !== 0x3c;
    if (!ascii && !(unit >= 0x3000 && unit <= 0x9fff) && !(unit >= 0xff01 && unit <= 0xff60) && unit !== 0xb7)
      return false;
  }
  return true;
}

const INVISIBLE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/u;
const INVISIBLE_ALL = new RegExp(INVISIBLE, 'gu');
const TAG_LIKE = /<(?=[a-z/!?])/gi;

/**
 * Text that shows what it is: white space controls become spaces; other controls, direction overrides, zero-width
 * characters and lone surrogates become U+FFFD. The joiner U+200D stays, emoji are made with it.
 */
export function visible(text: string): string {
  if (isOrdinary(text) || !INVISIBLE.test(text)) return text;
  return text.replace(INVISIBLE_ALL, (char) => (/\s/.test(char) ? ' ' : '\ufffd'));
}

/**
 * Visible text that cannot become a link: text messages render `<a href>`, so a `<` that could open an element is
 * shown full-width. Name matching folds width, so that the shown form still finds the name when it is typed back.
 */
export function plain(text: string): string {
  if (isOrdinary(text)) return text;
  const shown = visible(text);
  return shown.includes('<') ? shown.replace(TAG_LIKE, '＜') : shown;
}

const BORDER = /[\s、，,。.：:；;·|/（）()「」→\-–—]/u;
const INNER_BORDER = /[\s、，,；;：:「」]/u;

/**
 * The name at `line[index]`, in 「」 where one could not see where it begins or ends: between other words, next to
 * another name, or when it contains a separator itself. Alone on a line or in a list it stands bare.
 */
export function shownName(line: Line, index: number, name: string, safe: (text: string) => string): string {
  const shown = safe(name);
  const bare = isBorder(line[index - 1], -1) && isBorder(line[index + 1], 0) && name !== '' && !INNER_BORDER.test(name);
  return bare ? shown : `「${shown}」`;
}

function isBorder(neighbour: Span | undefined, at: -1 | 0): boolean {
  if (neighbour === undefined) return true;
  if (typeof neighbour !== 'string') return 'code' in neighbour;
  const char = neighbour.at(at);
  return char === undefined || BORDER.test(char);
}
