import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFlat } from '../../src/callback/flat.ts';
import { textMessage } from './corp.ts';
import { expectSame } from './readers.ts';

const space = fc.constantFrom('', '', ' ', '\n', '\r\n  ', '\t');
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(']', '>', '<', '&', '[', '!', 'C', ' ', '标', '/', '\u3000', '\n'),
    maxLength: 12,
  }),
  fc.constantFrom(
    '',
    '  ',
    '[呲牙]',
    '&amp;',
    '&#65;',
    '<b>x</b>',
    '<!DOCTYPE html>',
    ']]',
    ']]]',
    '\uFEFF',
    '7561234567890123456',
  ),
);
const plainName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/);
type Form = 'cdata' | 'sections' | 'text' | 'nested' | 'empty';
const element = (name: fc.Arbitrary<string>, ...forms: Form[]) =>
  fc
    .record({ name, text, before: space, inside: space, endTag: space, form: fc.constantFrom(...forms) })
    .map(({ name, text, before, inside, endTag, form }) => {
      if (form === 'empty') return `${before}<${name}/>`;
      const section = `${inside}<![CDATA[${text}]]>${inside}`;
      if (form === 'sections') return `${before}<${name}>${section}${section}${section}</${name}${endTag}>`;
      const content = form === 'cdata' ? section : form === 'text' ? text : `<item>${section}</item>`;
      return `${before}<${name}>${content}</${name}${endTag}>`;
    });
const document = (name: fc.Arbitrary<string>, starts: string[], ends: string[], ...forms: Form[]) =>
  fc
    .record({
      start: fc.constantFrom(...starts),
      elements: fc.array(element(name, ...forms), { maxLength: 6 }),
      last: space,
      end: fc.constantFrom(...ends),
    })
    .map(({ start, elements, last, end }) => `${start}<xml>${elements.join('')}${last}</xml${last}>${end}`);

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const plain = document(plainName, ['', '\uFEFF', ' ', declaration], ['', '\n '], 'cdata', 'sections', 'text');
const odd = document(
  fc.oneof(plainName, fc.constantFrom('_', '$', 'a.b', 'a:b', '标签', 'Content', 'MsgType')),
  ['', '', '<!-- x -->', '<!DOCTYPE xml>', 'x'],
  ['', '', '</xml>', '<xml></xml>', 'x', '<!-- x -->'],
  ...(['cdata', 'sections', 'text', 'nested', 'empty'] as const),
);

describe('the strict reader and xml2js', () => {
  test('agree on every document that the strict one reads', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(plain, odd), (xml) => {
        if (expectSame(xml)) read++;
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  test('agree on messages in which one character was changed, dropped or doubled', () => {
    const message = textMessage({ content: '标签 添加 <VIP> & ]] 到 客户分级' });
    const char = fc.constantFrom('<', '>', '&', '/', ']', '[', '!', '?', '"', ' ', '\n', 'x', '\0', '标', '');
    fc.assert(
      fc.property(fc.nat({ max: message.length - 1 }), char, fc.nat({ max: 2 }), (at, char, dropped) => {
        expectSame(message.slice(0, at) + char + message.slice(at + dropped));
      }),
      { numRuns: 3000 },
    );
  });

  test('agree on every truncation', () => {
    const message = `\uFEFF${textMessage()}\n`;
    for (let length = 0; length < message.length; length++) expectSame(message.slice(0, length));
  });
});

test('reads the shape that WeCom sends', () => {
  const xml = '\uFEFF\n<xml>\n <A><![CDATA[a ]]]></A>\n <B>1</B ><C></C><D><![CDATA[]]></D></xml >\n';
  expect([...(readFlat(xml) ?? [])]).toEqual([
    ['A', 'a ]'],
    ['B', '1'],
    ['C', ''],
    ['D', ''],
  ]);
});

test('a ]]> that was split over two sections is whole again', () => {
  const xml = '<xml><A> <![CDATA[a]]]]><![CDATA[>b]]>\n<![CDATA[c]]> </A></xml>';
  expect(readFlat(xml)?.get('A')).toBe(' a]]>b\nc ');
  expect(expectSame(xml)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['another root', '<xmlx><A>1</A></xmlx>'],
  ['no end', '<xml><A>1</A>'],
  ['something behind the end', '<xml><A>1</A></xml>x'],
  ['a name twice', '<xml><A>1</A><A>2</A></xml>'],
  ['nesting', '<xml><A><B>1</B></A></xml>'],
  ['attributes', '<xml><A b="c">1</A></xml>'],
  ['an entity', '<xml><A>&amp;</A></xml>'],
  ['a DTD', '<!DOCTYPE xml><xml><A>1</A></xml>'],
  ['a comment', '<xml><!-- --><A>1</A></xml>'],
  ['text between elements', '<xml>x<A>1</A></xml>'],
  ['text behind a section', '<xml><A><![CDATA[a]]>b</A></xml>'],
  ['text between two sections', '<xml><A><![CDATA[a]]>b<![CDATA[c]]></A></xml>'],
  ['an open section', '<xml><A><![CDATA[a</A></xml>'],
  ['a wrong end tag', '<xml><A>1</B></xml>'],
  ['an end tag that only begins alike', '<xml><A>1</AB></xml>'],
  [
    'more fields than any message has',
    `<xml>${Array.from({ length: 65 }, (_, i) => `<A${i}>1</A${i}>`).join('')}</xml>`,
  ],
])('leaves alone: %s', (_, xml) => {
  expect(readFlat(xml)).toBeUndefined();
});
