/**
 * The markdown of app messages (WeCom doc 90236): `#` to `######` headings with a blank after the marks, `**bold**`,
 * `[words](https://…)`, `` `code` ``, `>` quotes and `<font color="info|comment|warning">`. Nothing else is markup:
 * lists, tables, fences, rules and other colours are shown as they were written, and so is everything unclosed.
 * No DOM here.
 */
import { webAddress } from './text-tokens.js';

/**
 * @typedef {{ kind: 'text', text: string }
 *   | { kind: 'code', text: string }
 *   | { kind: 'bold', children: Inline[] }
 *   | { kind: 'link', href: string, children: Inline[] }
 *   | { kind: 'font', color: 'info' | 'comment' | 'warning', children: Inline[] }} Inline
 * @typedef {{ kind: 'heading', level: number, children: Inline[] }
 *   | { kind: 'quote', lines: Inline[][] }
 *   | { kind: 'line', children: Inline[] }} Block
 */

/**
 * Each pattern starts at the current place. The lazy bodies take the nearest closing mark. Fonts come before bold so that
 * a bold inside a colour is closed inside it.
 */
const CODE = /`([^`]+)`/y;
const LINK = /\[([^[\]]+)\]\(([^()\s]+)\)/y;
const FONT = /<font\s+color=(?:"(info|comment|warning)"|'(info|comment|warning)')\s*>(.*?)<\/font>/iy;
const BOLD = /\*\*(\S|\S.*?\S)\*\*/y;

/** Deep enough for anything a person writes; a bound, because each level is a call. */
const DEPTH = 8;

/**
 * @param {string} content of a markdown message
 * @returns {Block[]} one block per line; neighbouring quote lines are one quote
 */
export function markdownBlocks(content) {
  /** @type {Block[]} */
  const blocks = [];
  for (const line of content.split(/\r\n|\n|\r/)) {
    const heading = /^(#{1,6}) +(.*)$/.exec(line);
    if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, children: inline(heading[2] ?? '') });
    } else if (line.startsWith('>')) {
      const children = inline(line.replace(/^> ?/, ''));
      const last = blocks.at(-1);
      if (last?.kind === 'quote') last.lines.push(children);
      else blocks.push({ kind: 'quote', lines: [children] });
    } else {
      blocks.push({ kind: 'line', children: inline(line) });
    }
  }
  return blocks;
}

/**
 * @param {string} text one line
 * @param {number} [depth]
 * @returns {Inline[]}
 */
function inline(text, depth = 0) {
  if (depth === DEPTH) return text === '' ? [] : [{ kind: 'text', text }];
  /** @type {Inline[]} */
  const out = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const found = spanAt(text, at, depth);
    if (!found) {
      at++;
      continue;
    }
    if (at > from) out.push({ kind: 'text', text: text.slice(from, at) });
    out.push(found.span);
    at = found.end;
    from = at;
  }
  if (from < text.length) out.push({ kind: 'text', text: text.slice(from) });
  return out;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} depth
 * @returns {{ span: Inline, end: number } | undefined}
 */
function spanAt(text, at, depth) {
  /** @param {RegExp} pattern */
  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  /** @type {RegExpExecArray | null} */
  let m = null;
  switch (text[at]) {
    case '`':
      m = match(CODE);
      return m ? { span: { kind: 'code', text: m[1] ?? '' }, end: at + m[0].length } : undefined;
    case '[': {
      m = match(LINK);
      const href = webAddress(m?.[2]);
      if (!m || href === undefined) return undefined;
      return { span: { kind: 'link', href, children: inline(m[1] ?? '', depth + 1) }, end: at + m[0].length };
    }
    case '<': {
      m = match(FONT);
      if (!m) return undefined;
      const color = /** @type {'info' | 'comment' | 'warning'} */ ((m[1] ?? m[2] ?? '').toLowerCase());
      return { span: { kind: 'font', color, children: inline(m[3] ?? '', depth + 1) }, end: at + m[0].length };
    }
    case '*':
      m = match(BOLD);
      return m ? { span: { kind: 'bold', children: inline(m[1] ?? '', depth + 1) }, end: at + m[0].length } : undefined;
    default:
      return undefined;
  }
}
