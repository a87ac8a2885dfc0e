/** Nothing that can be sent holds the process: every way to be refused, at the largest size, before the seal and behind it. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeEnvelopeBody, decodeMessage } from '../../src/callback/decode.ts';
import { CORP_ID, envelope, textMessage } from './corp.ts';

const MOST_BYTES = 64 * 1024;
const MOST_MS = 100;

/** `head` + `piece` again and again + `tail`, as long as a body may be. */
function full(head: string, piece: string, tail = ''): string {
  const room = MOST_BYTES - Buffer.byteLength(head + tail);
  return head + piece.repeat(Math.floor(room / Buffer.byteLength(piece))) + tail;
}

/** Milliseconds of CPU, the least of some tries: a busy machine is no slow parser. */
function fastest(run: () => unknown, tries = 3): number {
  const times = Array.from({ length: tries }, () => {
    const began = process.cpuUsage();
    try {
      run();
    } catch (error) {
      expect(error).toMatchObject({ kind: 'callback' });
    }
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

beforeAll(() => {
  // Whatever is loaded or compiled with the first message is not what is measured here.
  decodeMessage('<xml><A><B/></A></xml>', { receivedAt: 0 });
});

/** Tried outside the seal and inside it alike. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  'escaped quotes in an open string': full('{"', '\\"'),
  'quotes that open and close': full('{', '"'),
  backslashes: full('{"', '\\'),
  digits: full('{"a":', '1'),
  'digits with signs': full('{"a":', '-1'),
  exponents: full('{"a":', '1e'),
  'long numbers that are no JSON': full('{', '12345678901234567 '),
  'long numbers in a list': full('{"a":[', '12345678901234567,', '1]}'),
  'open JSON lists': full('{"a":', '['),
  'open JSON objects': full('{"a":', '{"a":'),
  'closed JSON lists': `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
  'JSON members': full('{', '"a":1,', '"a":1}'),
  'blanks before JSON': full('', ' ', '{"a"'),
  blanks: full('', ' '),
  'text before the root': full('', 'a', '<xml></xml>'),
  'text behind the root': full('<xml></xml>', 'a'),
  'blanks and text behind the root': full('<xml><A><B/></A></xml>', ' a'),
  'angle brackets': full('', '<'),
  'angle brackets behind the root': full('<xml><A><B/></A></xml>', '<'),
  'closing brackets': full('<xml>', '>'),
  'open elements': full('', '<a>'),
  siblings: full('<xml>', '<a></a>', '</xml>'),
  'empty elements': full('<xml>', '<a/>', '</xml>'),
  'closing tags': full('<xml>', '</a>'),
  'ends of the root': full('<xml></xml>', '</xml>'),
  roots: full('', '<xml></xml>'),
  'open comments': full('<xml>', '<!--'),
  comments: full('<xml><A><B/></A>', '<!---->', '</xml>'),
  'dashes in a comment': full('<xml><A><B/></A><!--', '-', '--></xml>'),
  sections: full('<xml><A><B/></A><C>', '<![CDATA[]]>', '</C></xml>'),
  'open sections': full('<xml><A>', '<![CDATA['),
  'brackets in a section': full('<xml><A><B/></A><C><![CDATA[', ']', ']]></C></xml>'),
  'split ends of sections': full('<xml><C><![CDATA[', ']]]]><![CDATA[>', ']]></C></xml>'),
  entities: full('<xml><C>', '&amp;', '</C></xml>'),
  'numeric entities': full('<xml><C>', '&#1;', '</C></xml>'),
  'unknown entities': full('<xml><C>', '&a;', '</C></xml>'),
  ampersands: full('<xml><C>', '&', '</C></xml>'),
  'one long entity': full('<xml><C>&', 'a', ';</C></xml>'),
  attributes: full('<xml ', 'a="b" ', '><A><B/></A></xml>'),
  'open attributes': full('<xml ', 'a="'),
  'quotes in a tag': full('<xml ', '"\''),
  'blanks in a tag': full('<xml', ' '),
  'names in a tag': full('<xml ', 'a '),
  'attributes behind each other': full('<xml', ' a="b"', '<'),
  'one long name': full('<xml><', 'a', '/></xml>'),
  'one long name inside': full('<xml><A><', 'a', '/></A></xml>'),
  'processing instructions': full('<xml><A><B/></A>', '<?a?>', '</xml>'),
  'open instructions': full('', '<?'),
  declarations: full('', '<?xml ?>'),
  'a DTD': full('<!DOCTYPE xml [', '<!ENTITY a "b">', ']><xml/>'),
  'blanks between elements': full('<xml><A><B/></A>', ' ', '</xml>'),
  'text beside elements': full('<xml><A><B/></A>', 'a', '</xml>'),
  'text and elements in turn': full('<xml>', 'a<b/>', '</xml>'),
  'control characters': full('<xml><A><B/></A><C>', '\0', '</C></xml>'),
  emoji: full('<xml><A><B/></A><C>', '😀', '</C></xml>'),
  'byte order marks': full('', '\uFEFF'),
  'byte order marks before a root': full('', '\uFEFF', '<xml><A><B/></A></xml>'),
  'wide blanks behind the root': full('<xml><A><B/></A></xml>', '\u3000'),
  'references to what is no character': full('<xml><A><B/></A><C>', '&#1;', '</C></xml>'),
};

describe.each(Object.entries(DOCUMENTS))('%s', (_, document) => {
  test('as the body', () => {
    expect(fastest(() => decodeEnvelopeBody(Buffer.from(document)))).toBeLessThan(MOST_MS);
  });

  test('as the message', () => {
    expect(fastest(() => decodeMessage(document, { receivedAt: 0 }))).toBeLessThan(MOST_MS);
  });

  test('as a message that is not too long for xml2js', () => {
    const middle = document.length - Math.ceil(document.length / 4);
    const shorter = document.slice(0, document.length / 4) + document.slice(middle);
    expect(fastest(() => decodeMessage(shorter, { receivedAt: 0 }), 5)).toBeLessThan(MOST_MS / 2);
  });
});

test('a body with a good envelope around junk', () => {
  const junk = Buffer.alloc(47_000, 7).toString('base64');
  const opened = fastest(() => envelope.open({ msg_signature: '0'.repeat(40), timestamp: '1', nonce: '2' }, junk));
  const signed = { msg_signature: envelope.sign('1', '2', junk), timestamp: '1', nonce: '2' };
  expect(opened).toBeLessThan(MOST_MS);
  expect(fastest(() => envelope.open(signed, junk))).toBeLessThan(MOST_MS);
});

test("any document put together from the formats' own pieces", () => {
  const piece = fc.constantFrom(
    ...['<', '>', '/', '&', ';', '"', "'", '\\', '\\"', '{', '}', '[', ']', ':', ',', '1', '-', 'e', ' ', '\n', 'a'],
    ...['<a>', '</a>', '<a/>', '<xml>', '</xml>', '<![CDATA[', ']]>', '<!--', '-->', '<!', '<?', '?>', '&amp;', '&#x'],
  );
  const start = fc.constantFrom('', '{"', '{"a":', '<xml>', '<xml><A><B/></A>', '<xml></xml>', '<xml><A><![CDATA[');
  fc.assert(
    fc.property(start, fc.array(piece, { minLength: 1, maxLength: 6 }), (head, pieces) => {
      const document = full(head, pieces.join(''));
      expect(
        fastest(() => decodeEnvelopeBody(document)),
        'the body',
      ).toBeLessThan(MOST_MS);
      expect(
        fastest(() => decodeMessage(document, { receivedAt: 0 })),
        'the message',
      ).toBeLessThan(MOST_MS);
    }),
    { numRuns: 150 },
  );
});

test('the longest text of a member is read, split sections and all', () => {
  const text = '好]]>'.repeat(2_000);
  const { message } = decodeMessage(
    textMessage({ content: text.replaceAll(']]>', ']]]]><![CDATA[>') }), //
    { receivedAt: 0 },
  );
  expect(message).toMatchObject({ kind: 'text', text, corpId: CORP_ID });
});
