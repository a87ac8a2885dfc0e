/** Makes what went over the wire readable. No DOM here. */

/** @import { WireEntry } from '../protocol.ts' */

/**
 * JSON is indented, a one-line XML document gets a line per element; anything else stays as it is.
 * @param {string} body
 * @returns {string}
 */
export function pretty(body) {
  const text = body.trim();
  if (text.startsWith('{') || text.startsWith('[')) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return body;
    }
  }
  return text.startsWith('<xml>') && !text.includes('\n') ? indentXml(text) : body;
}

/**
 * CDATA sections are taken whole: what looks like a tag in them is content.
 * @param {string} xml
 */
function indentXml(xml) {
  const parts = xml.match(/<!\[CDATA\[[\s\S]*?\]\]>|<\/?[A-Za-z][^>]*>|[^<]+|</g) ?? [];
  let depth = 0;
  let out = '';
  let afterClose = true;
  for (const part of parts) {
    if (part.startsWith('</')) {
      depth--;
      out += afterClose ? `\n${'  '.repeat(depth)}${part}` : part;
      afterClose = true;
    } else if (/^<[A-Za-z]/.test(part)) {
      out += `${out === '' ? '' : '\n'}${'  '.repeat(depth)}${part}`;
      depth++;
      afterClose = false;
    } else {
      out += part;
    }
  }
  return out;
}

/**
 * @param {string} line e.g. `POST /cgi-bin/externalcontact/add_strategy_tag?access_token=ab…`
 * @returns {{ method: string, name: string, path: string }} the last piece of the path names the call
 */
export function wireLine(line) {
  const [method = '', path = ''] = line.split(/\s+/, 2);
  const name = path.split('?', 1)[0]?.split('/').filter(Boolean).slice(-2).join('/') ?? '';
  return { method, name: name || path || line, path };
}

/**
 * What went wrong, when something did.
 * @param {WireEntry} entry
 * @returns {string | undefined} e.g. `errcode 40071`, `HTTP 502`, `连接中断`
 */
export function wireProblem(entry) {
  if (entry.status === 0) return '连接中断';
  if (entry.status >= 400) return `HTTP ${entry.status}`;
  const errcode = entry.direction === 'api' ? /"errcode"\s*:\s*(-?\d+)/.exec(entry.response)?.[1] : undefined;
  return errcode !== undefined && errcode !== '0' ? `errcode ${errcode}` : undefined;
}
