import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownBlocks } from '../../src/sandbox/page/markdown-tokens.js';

type Block = ReturnType<typeof markdownBlocks>[number];
type Inline = Extract<Block, { kind: 'line' }>['children'][number];

const text = (value: string): Inline => ({ kind: 'text', text: value });
const line = (...children: Inline[]): Block => ({ kind: 'line', children });

/** What a reader sees, without looks. */
function visible(spans: readonly Inline[]): string {
  return spans.map((span) => ('children' in span ? visible(span.children) : span.text)).join('');
}

describe('the markdown of app messages', () => {
  it.each<[string, Block[]]>([
    ['普通一行', [line(text('普通一行'))]],
    ['# 标题', [{ kind: 'heading', level: 1, children: [text('标题')] }]],
    ['###### 小', [{ kind: 'heading', level: 6, children: [text('小')] }]],
    [
      '## **12** 个',
      [{ kind: 'heading', level: 2, children: [{ kind: 'bold', children: [text('12')] }, text(' 个')] }],
    ],
    ['已添加 **VIP** 了', [line(text('已添加 '), { kind: 'bold', children: [text('VIP')] }, text(' 了'))]],
    ['发 `标签 列表`', [line(text('发 '), { kind: 'code', text: '标签 列表' })]],
    ['`**不粗**`', [line({ kind: 'code', text: '**不粗**' })]],
    [
      '[后台](https://example.com/a?b=1)',
      [line({ kind: 'link', href: 'https://example.com/a?b=1', children: [text('后台')] })],
    ],
    [
      '<font color="warning">**会消失**</font>!',
      [line({ kind: 'font', color: 'warning', children: [{ kind: 'bold', children: [text('会消失')] }] }, text('!'))],
    ],
    ["<FONT color='info'>好</FONT>", [line({ kind: 'font', color: 'info', children: [text('好')] })]],
    [
      '**<font color="comment">灰</font>**',
      [line({ kind: 'bold', children: [{ kind: 'font', color: 'comment', children: [text('灰')] }] })],
    ],
    ['> 一\n>二\n三', [{ kind: 'quote', lines: [[text('一')], [text('二')]] }, line(text('三'))]],
    ['一\r\n\n二', [line(text('一')), line(), line(text('二'))]],
  ])('reads %j', (content, blocks) => {
    expect(markdownBlocks(content)).toEqual(blocks);
  });

  it.each([
    '- 一项',
    '1. 一项',
    '| a | b |',
    '```',
    '---',
    '~~删~~',
    '#没有空格',
    '####### 七级',
    '**没关',
    '** 空 **',
    '`没关',
    '[后台](javascript:alert(1))',
    '[后台](/相对)',
    '[后台]',
    '<font color="red">红</font>',
    '<font color="info">没关',
    '<b>粗</b>',
    '@张三',
    '_斜_ *斜*',
    '&lt;',
  ])('shows %j as it was written', (content) => {
    expect(markdownBlocks(content)).toEqual([line(text(content))]);
  });

  it('loses no character of what is not markup', () => {
    const plain = fc.string({ unit: fc.constantFrom('标', 'V', ' ', '-', '.', '|', '~', '_', '1', '😀') });
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1 }), (lines) => {
        const seen = markdownBlocks(lines.join('\n')).map((block) =>
          'children' in block ? visible(block.children) : '',
        );
        expect(seen).toEqual(lines);
      }),
    );
  });

  it('ends on any input, also on deep nesting', () => {
    const markup = fc.string({
      unit: fc.constantFrom('*', '`', '[', ']', '(', ')', '<font color="info">', '</font>', '>', '#', '\n', '一'),
    });
    fc.assert(fc.property(markup, (content) => markdownBlocks(content).length > 0));
    const deep = `${'<font color="info">'.repeat(200)}深${'</font>'.repeat(200)}`;
    expect(markdownBlocks(deep)).toHaveLength(1);
  });
});
