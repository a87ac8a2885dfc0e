/**
 * A reply in the markdown subset of app messages (doc 90236): bold, inline code, quote and three font colours.
 * No escape character is documented, so every character that could be markup is shown as its full-width look-alike;
 * name matching folds width, so that such a name still matches when it is copied back.
 */

import type { Line, Reply, Span } from './reply.ts';
import { type Form, shownName, spanText, visible } from './text.ts';

const LOOK_ALIKE: Readonly<Record<string, string>> = {
  '`': '｀',
  '*': '＊',
  '#': '＃',
  '<': '＜',
  '>': '＞',
  '[': '［',
  ']': '］',
  '&': '＆',
};
const MARKUP = /[`*#<>[\]]|&(?=#?\w+;)/g;

/** Text that is shown as it is, whatever characters it has. */
export function escapeMarkdown(text: string): string {
  return visible(text).replace(MARKUP, (char) => LOOK_ALIKE[char] ?? char);
}

const font = (color: 'info' | 'comment' | 'warning', text: string): string =>
  text.trim() === '' ? text : `<font color="${color}">${text}</font>`;
const bold = (text: string): string => (text.trim() === '' ? text : `**${text}**`);

export const markdownForm: Form = {
  title(reply: Reply): string {
    // Marks are not nested: what a client makes of bold inside a colour is not documented.
    const text = flatLine(reply.title);
    if (reply.tone === 'done') return font('info', text);
    return reply.tone === 'warn' || reply.tone === 'error' ? font('warning', text) : bold(text);
  },
  line: markdownLine,
  choice: (number, label, detail) =>
    `${bold(String(number))} ${escapeMarkdown(label)}${detail === undefined ? '' : ` ${font('comment', escapeMarkdown(detail))}`}`,
  hint: (line) => `> ${markdownLine(line)}`,
};

/** Marks are those of WeCom's markdown (doc 90236); what people typed is escaped. */
export function markdownLine(line: Line): string {
  return drawn(line, true);
}

/** Without marks of any kind, but escaped. */
function flatLine(line: Line): string {
  return drawn(line, false);
}

function drawn(line: Line, marks: boolean): string {
  let out = '';
  for (let i = 0; i < line.length; i++) {
    const span = line[i] as Span;
    if (typeof span === 'string') out += escapeMarkdown(span);
    else if ('name' in span) out += shownName(line, i, span.name, escapeMarkdown);
    else out += marked(span, escapeMarkdown(spanText(span)), marks);
  }
  return out;
}

function marked(span: Exclude<Span, string>, text: string, marks: boolean): string {
  if ('code' in span) return marks && text !== '' ? `\`${text}\`` : `「${text}」`;
  if (!marks) return text;
  if ('strong' in span) return bold(text);
  if ('quiet' in span) return font('comment', text);
  return 'good' in span ? font('info', text) : font('warning', text);
}
