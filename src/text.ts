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
/** White space, and what nobody sees: zero-width and bidirectional characters, soft hyphens, joiners. */
const SPACES = /[\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+/g;
const IDEOGRAPH = /[\u3400-\u9fff]/;
const PLAIN_ASCII = /^[\x21-\x7e]*$/;
/** What most names consist of, and folding does not change but for traditional characters. */
const NOTHING_TO_FOLD = /^[0-9a-z\u3400-\u9fff]*$/;

/**
 * A name as it is compared, never as it is stored: width and compatibility forms (NFKC), case, traditional characters,
 * all white space, all that cannot be seen and enclosing quotes are folded away.
 */
export function fold(name: string): string {
  if (NOTHING_TO_FOLD.test(name)) return simplify(name);
  const plain = PLAIN_ASCII.test(name) ? name : simplify(name.normalize('NFKC'));
  return plain.toLowerCase().replace(SPACES, '').replace(ENCLOSING, '');
}

const FIRST_IDEOGRAPH = 0x3400;
const IDEOGRAPHS = 0x9fff - FIRST_IDEOGRAPH + 1;
let simplified: Uint16Array | undefined;

/** Traditional → simplified, character by character; the length in UTF-16 units never changes. */
export function simplify(text: string): string {
  if (!IDEOGRAPH.test(text)) return text;
  simplified ??= simplifiedCharacters();
  let out: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const other = simplified[text.charCodeAt(i) - FIRST_IDEOGRAPH] ?? 0;
    if (other !== 0) out = (out ?? text.slice(0, i)) + String.fromCharCode(other);
    else if (out !== undefined) out += text.charAt(i);
  }
  return out ?? text;
}

/** Built at the first use: 3,300 pairs, a few milliseconds. By character code less U+3400; 0 for no other form. */
function simplifiedCharacters(): Uint16Array {
  const other = new Uint16Array(IDEOGRAPHS);
  for (const pair of traditionalToSimplified.split('|')) {
    const [from, to] = pair.split(' ');
    if (from?.length === 1 && to?.length === 1) other[from.charCodeAt(0) - FIRST_IDEOGRAPH] = to.charCodeAt(0);
  }
  return other;
}
