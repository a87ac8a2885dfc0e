/**
 * Text as bytes, code points and folded names. Imports no other room; every room may use it.
 */

import traditionalToSimplified from 'opencc-js/dict/TSCharacters';

/** UTF-8 length in bytes: what the platform's limits count. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Number of Unicode code points: what name limits count. */
export function codePoints(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

/** The longest prefix of at most `bytes` UTF-8 bytes that splits no code point. */
export function cutUtf8(text: string, bytes: number): string {
  if (utf8Length(text) <= bytes) return text;
  let used = 0;
  let end = 0;
  for (const char of text) {
    const size = utf8Length(char);
    if (used + size > bytes) break;
    used += size;
    end += char.length;
  }
  return text.slice(0, end);
}

const ENCLOSING = /^["'“”‘’「『【]+|["'“”‘’」』】]+$/g;
const SPACES = /\s+/g;
const IDEOGRAPH = /[\u3400-\u9fff]/;
const PLAIN_ASCII = /^[\x21-\x7e]*$/;

/**
 * A name as it is compared, never as it is stored: width and compatibility forms (NFKC), case, traditional characters,
 * all white space and enclosing quotes are folded away.
 */
export function fold(name: string): string {
  const plain = PLAIN_ASCII.test(name) ? name : simplify(name.normalize('NFKC'));
  return plain.toLowerCase().replace(SPACES, '').replace(ENCLOSING, '');
}

let simplified: Map<string, string> | undefined;

/** Traditional → simplified, character by character; the length in UTF-16 units never changes. */
export function simplify(text: string): string {
  if (!IDEOGRAPH.test(text)) return text;
  simplified ??= simplifiedCharacters();
  let out = '';
  let changed = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charAt(i);
    const other = simplified.get(unit);
    out += other ?? unit;
    changed ||= other !== undefined;
  }
  return changed ? out : text;
}

/** Built at the first use: 3,300 pairs, a few milliseconds. */
function simplifiedCharacters(): Map<string, string> {
  const map = new Map<string, string>();
  for (const pair of traditionalToSimplified.split('|')) {
    const [from, to] = pair.split(' ');
    if (from?.length === 1 && to?.length === 1) map.set(from, to);
  }
  return map;
}
