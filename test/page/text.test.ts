import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTokens, webAddress } from '../../src/sandbox/page/text-tokens.js';

describe('text messages', () => {
  it('knows links and nothing else', () => {
    expect(textTokens('看<a href="https://example.com/帮助">说明</a>，\n<b>不粗</b>')).toEqual([
      { kind: 'text', text: '看' },
      { kind: 'link', href: 'https://example.com/帮助', text: '说明' },
      { kind: 'text', text: '，\n<b>不粗</b>' },
    ]);
    expect(textTokens("<A HREF='http://example.com'>x</A>")).toEqual([
      { kind: 'link', href: 'http://example.com', text: 'x' },
    ]);
  });

  it.each([
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="//example.com">x</a>',
    '<a href="https://">x</a>',
    '<a href="https://example.com" onclick="x()">x</a>',
    '<a href="https://example.com"><img src=x></a>',
    '<a href="https://example.com"></a>',
    '<a href="https://example.com">没关',
    '<script>alert(1)</script>',
    '&lt;a&gt; **不粗** `不是代码`',
    ']]>',
  ])('shows %j as it was written', (content) => {
    expect(textTokens(content)).toEqual([{ kind: 'text', text: content }]);
  });

  it('loses no character of a text without links', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (content) => {
        fc.pre(!/<a\s/i.test(content));
        expect(textTokens(content).map((token) => token.text)).toEqual(content === '' ? [] : [content]);
      }),
    );
  });

  it('opens whole web addresses only', () => {
    expect(webAddress('HTTPS://example.com')).toBe('HTTPS://example.com');
    for (const other of ['ftp://example.com', 'https:example.com', ' https://example.com', '', 5, undefined, null]) {
      expect(webAddress(other)).toBeUndefined();
    }
  });
});
