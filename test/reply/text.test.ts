import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { code, type Line, line, name, nameList, strong, warn } from '../../src/reply/reply.ts';
import { plain, textLine, visible } from '../../src/reply/text.ts';
import { fold } from '../../src/text.ts';
import { anyLine, anyText } from './samples.ts';

describe('a line of text', () => {
  const table: readonly [shown: string, of: Line][] = [
    ['已删除标签「VIP」', line`已删除标签${name('VIP')}`],
    ['已删除 VIP', line`已删除 ${name('VIP')}`],
    ['客户分级：VIP、SVIP', line`${name('客户分级')}：${name('VIP')}、${name('SVIP')}`],
    ['客户分级：VIP、「B款 Pro」', line`${name('客户分级')}：${name('VIP')}、${name('B款 Pro')}`],
    ['「A、B」', line`${name('A、B')}`],
    ['「VIP」「SVIP」', [name('VIP'), name('SVIP')]],
    ['「」', line`${name('')}`],
    ['把「VIP」加到「客户分级」', line`把${name('VIP')}加到${name('客户分级')}`],
    ['共 3 个，回复「更多」看下一页', line`共 ${strong(3)} 个，回复${code('更多')}看下一页`],
    ['没有成功', line`${warn('没有成功')}`],
    ['A、B 等 3 个', nameList(['A', 'B', 'C'], 2)],
    ['', []],
  ];
  test.each(table)('%s', (shown, of) => {
    expect(textLine(of)).toBe(shown);
  });
});

describe('names that would do something', () => {
  test.each([
    ['<a href="http://evil">点我</a>', '＜a href="http://evil">点我＜/a>'],
    ['<A href=x>', '＜A href=x>'],
    ['<!--', '＜!--'],
    ['a<b', 'a＜b'],
    ['1 < 2 & 3 > 2 %', '1 < 2 & 3 > 2 %'],
    ['<3', '<3'],
  ])('%s is shown as %s', (name_, shown) => {
    expect(plain(name_)).toBe(shown);
    expect(fold(shown)).toBe(fold(name_));
  });

  test.each([
    ['VIP\u202eDOC', 'VIP\ufffdDOC'],
    ['a\nb', 'a b'],
    ['a\tb\u2028c', 'a b c'],
    ['\u200bVIP\ufeff', '\ufffdVIP '],
    ['half \ud83d', 'half \ufffd'],
    ['\u0000\u007f\u0085', '\ufffd\ufffd\ufffd'],
    ['👨‍👩‍👧 家庭', '👨‍👩‍👧 家庭'],
  ])('%j is shown as %j', (name_, shown) => {
    expect(visible(name_)).toBe(shown);
  });

  test('nothing in a line breaks it, turns it round, or opens an element', () => {
    fc.assert(
      fc.property(anyLine(80), (of) => {
        const shown = textLine(of);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
        expect(shown).not.toMatch(/<[a-z/!?]/i);
      }),
    );
  });

  test('what is safe is left alone', () => {
    fc.assert(
      fc.property(anyText(60), (text) => {
        expect(plain(plain(text))).toBe(plain(text));
      }),
    );
    expect(plain('<<客户 VIP-1_2 & 50%>')).toBe('<<客户 VIP-1_2 & 50%>');
  });
});
