/**
 * A strict reader for the plain shape that almost every callback has: one `<xml>` root with text or CDATA children.
 * Whatever is not perfectly plain (nesting, attributes, entities, comments, DTDs, a name given twice, mixed content) is
 * not read at all: the outer body, which anybody can send, is then refused, and a message, which has been decrypted and
 * so comes from WeCom, goes to xml2js. A differential test holds the two readers equal on everything read here.
 */

const BYTE_ORDER_MARK = 0xfeff;
const CDATA = '<![CDATA[';
const MOST_FIELDS = 64;

/** The children of the root with their text exactly as written, in order; undefined when the document is not plain. */
export function readFlat(xml: string): ReadonlyMap<string, string> | undefined {
  let at = skipSpace(xml, xml.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0);
  if (xml.startsWith('<?xml ', at)) {
    const end = xml.indexOf('?>', at);
    if (end === -1) return undefined;
    at = skipSpace(xml, end + 2);
  }
  if (!xml.startsWith('<xml>', at)) return undefined;
  at = skipSpace(xml, at + '<xml>'.length);

  const fields = new Map<string, string>();
  while (!xml.startsWith('</', at)) {
    const nameEnd = skipName(xml, at + 1);
    if (xml[at] !== '<' || xml[nameEnd] !== '>') return undefined;
    const name = xml.slice(at + 1, nameEnd);
    if (name === '' || fields.has(name) || fields.size === MOST_FIELDS) return undefined;

    const from = nameEnd + 1;
    let end = skipSpace(xml, from);
    // White space around a section is part of the text, as it is for xml2js.
    let text = xml.slice(from, end);
    if (xml.startsWith(CDATA, end)) {
      // Several in a row: a `]]>` in the text is written as the end of one section and the beginning of the next.
      while (xml.startsWith(CDATA, end)) {
        const close = xml.indexOf(']]>', end);
        if (close === -1) return undefined;
        const next = skipSpace(xml, close + 3);
        text += xml.slice(end + CDATA.length, close) + xml.slice(close + 3, next);
        end = next;
      }
    } else {
      end = xml.indexOf('<', end);
      if (end === -1) return undefined;
      text = xml.slice(from, end);
      if (text.includes('&')) return undefined;
    }
    fields.set(name, text);
    at = skipEndTag(xml, end, name);
    if (at === -1) return undefined;
    at = skipSpace(xml, at);
  }
  at = skipEndTag(xml, at, 'xml');
  return at !== -1 && skipSpace(xml, at) === xml.length ? fields : undefined;
}

/** The position after `</name>` at `at`, which may have white space before its `>`; -1 when something else is there. */
function skipEndTag(xml: string, at: number, name: string): number {
  if (!xml.startsWith('</', at) || !xml.startsWith(name, at + 2)) return -1;
  const end = skipSpace(xml, at + 2 + name.length);
  return xml[end] === '>' ? end + 1 : -1;
}

function skipSpace(xml: string, from: number): number {
  for (let at = from; ; at++) {
    const code = xml.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
}

/** Past letters, digits and `_`; not at all when the first is no letter: xml2js uses `_` and `$` for itself. */
function skipName(xml: string, from: number): number {
  let at = from;
  while (isLetter(xml.charCodeAt(at)) || (at > from && isDigitOrLine(xml.charCodeAt(at)))) at++;
  return at;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isDigitOrLine(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x5f;
}
