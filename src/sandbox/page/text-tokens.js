/**
 * Text messages: the one thing the client interprets in them is `<a href="https://…">words</a>`.
 * Any other tag, any other scheme and every entity is shown as it was written. No DOM here.
 */

/** @typedef {{ kind: 'text', text: string } | { kind: 'link', href: string, text: string }} TextToken */

const ANCHOR = /<a\s+href=(?:"([^"<>]*)"|'([^'<>]*)')\s*>([^<]*)<\/a>/gi;

/**
 * The address when it may be opened from the page, i.e. a whole http(s) URL.
 * @param {unknown} value
 * @returns {string | undefined}
 */
export function webAddress(value) {
  if (typeof value !== 'string' || !/^https?:\/\//i.test(value)) return undefined;
  return URL.canParse(value) ? value : undefined;
}

/**
 * @param {string} content of a text message
 * @returns {TextToken[]} neighbouring texts are one token; line breaks stay in the text
 */
export function textTokens(content) {
  /** @type {TextToken[]} */
  const tokens = [];
  let from = 0;
  for (const match of content.matchAll(ANCHOR)) {
    const href = webAddress(match[1] ?? match[2]);
    const text = match[3] ?? '';
    if (href === undefined || text === '') continue;
    if (match.index > from) tokens.push({ kind: 'text', text: content.slice(from, match.index) });
    tokens.push({ kind: 'link', href, text });
    from = match.index + match[0].length;
  }
  if (from < content.length) tokens.push({ kind: 'text', text: content.slice(from) });
  return tokens;
}
