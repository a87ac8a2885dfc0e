import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeMarkdown, markdownForm, markdownLine } from '../../src/reply/markdown.ts';
import {
  code,
  good,
  type Line,
  line,
  name,
  quiet,
  type Reply,
  type Span,
  strong,
  warn,
} from '../../src/reply/reply.ts';
import { spanText, visible } from '../../src/reply/text.ts';
import { fold } from '../../src/text.ts';
import { anyLine, anyText } from './samples.ts';

describe('a line of markdown', () => {
  const table: readonly [shown: string, of: Line][] = [
    ['已删除标签「VIP」', line`已删除标签${name('VIP')}`],
    ['**3** 个', line`${strong(3)} 个`],
    ['回复`确认`执行', line`回复${code('确认')}执行`],
    ['<font color="comment">(12)</font>', line`${quiet('(12)')}`],
    ['<font color="info">完成</font><font color="warning">失败</font>', line`${good('完成')}${warn('失败')}`],
    ['C＃ ＊重点＊ ［x］(http://e) ＜font＞ ｀a｀ a_b', line`C# *重点* [x](http://e) <font> \`a\` a_b`],
    ['＆lt;b A&B', line`&lt;b A&B`],
    ['', line`${strong('')}${quiet('')}${code('')}`.slice(0, 2)],
  ];
  test.each(table)('%s', (shown, of) => {
    expect(markdownLine(of)).toBe(shown);
  });
});

test('the title says how it went', () => {
  const title = (tone: Reply['tone']) => markdownForm.title({ tone, title: line`标签 ${strong('VIP')}`, lines: [] });
  expect(title('info')).toBe('**标签 VIP**');
  expect(title('ask')).toBe('**标签 VIP**');
  expect(title('done')).toBe('<font color="info">标签 VIP</font>');
  expect(title('warn')).toBe('<font color="warning">标签 VIP</font>');
  expect(title('error')).toBe('<font color="warning">标签 VIP</font>');
});

test('an escaped name is found by what is shown', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'客A`*#<>[]_& ('), maxLength: 30 }), (text) => {
      expect(fold(escapeMarkdown(text))).toBe(fold(text));
    }),
  );
});

type Token = readonly [
  mark: 'text' | 'bold' | 'code' | 'info' | 'comment' | 'warning' | 'link' | 'heading' | 'quote',
  text: string,
];

/** The documented subset as a client may read it; generous, so that anything that looks like markup counts. */
function tokens(markdown: string): Token[] {
  const out: Token[] = [];
  const marks =
    /<font color="(?<color>info|comment|warning)">(?<colored>.*?)<\/font>|\*\*(?<bold>.+?)\*\*|`(?<code>[^`]+)`|\[(?<link>[^\]]*)\]\([^)]*\)/gu;
  let rest = markdown;
  const head = /^(?:(?<heading>#{1,6})|(?<quote>>)) ?/.exec(rest);
  if (head) {
    out.push([head.groups?.heading === undefined ? 'quote' : 'heading', '']);
    rest = rest.slice(head[0].length);
  }
  let at = 0;
  for (const found of rest.matchAll(marks)) {
    if (found.index > at) out.push(['text', rest.slice(at, found.index)]);
    const { color, colored, bold, code: inCode, link } = found.groups ?? {};
    if (color !== undefined) out.push([color as 'info', colored ?? '']);
    else if (bold !== undefined) out.push(['bold', bold]);
    else if (inCode !== undefined) out.push(['code', inCode]);
    else out.push(['link', link ?? '']);
    at = found.index + found[0].length;
  }
  if (at < rest.length) out.push(['text', rest.slice(at)]);
  return out;
}

/** What the spans mean, neighbours of the same kind joined and names with their borders taken off. */
function meant(of: Line): Token[] {
  const kind = (span: Span): Token[0] => {
    if (typeof span === 'string' || 'name' in span) return 'text';
    if ('strong' in span) return 'bold';
    if ('code' in span) return 'code';
    if ('quiet' in span) return 'comment';
    return 'good' in span ? 'info' : 'warning';
  };
  return joined(
    of.map((span) => {
      const text = escapeMarkdown(spanText(span));
      // Marks around nothing are not written, and an empty code span is shown as an empty pair of borders.
      if (kind(span) !== 'code' && text.trim() === '') return ['text', text];
      return kind(span) === 'code' && text === '' ? ['text', ''] : [kind(span), text];
    }),
  );
}

function joined(list: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (const [mark, text] of list) {
    const bare = mark === 'text' ? text.replace(/[「」]/g, '') : text;
    if (bare === '' && mark === 'text') continue;
    const last = out.at(-1);
    if (last && last[0] === 'text' && mark === 'text') out[out.length - 1] = ['text', last[1] + bare];
    else out.push([mark, bare]);
  }
  return out;
}

test('no text becomes markup: a client reads exactly the marks that were meant', () => {
  fc.assert(
    fc.property(anyLine(60), (of) => {
      expect(joined(tokens(markdownLine(of)))).toEqual(meant(of));
    }),
    { numRuns: 500 },
  );
});

test('the characters of markup are gone from every text, and the text stays on its line', () => {
  fc.assert(
    fc.property(anyText(120), (text) => {
      const shown = escapeMarkdown(text);
      expect(shown).not.toMatch(/[`*#<>[\]\n\r]/);
      expect([...shown]).toHaveLength([...visible(text)].length);
    }),
  );
});
