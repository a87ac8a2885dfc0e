import { describe, expect, test } from 'vitest';
import { nearDuplicates } from '../../../src/tags/search/near-duplicates.ts';
import type { TagGroup } from '../../../src/tags/tag.ts';

function group(names: readonly string[], id = 'g1'): TagGroup {
  return {
    id,
    name: `组${id}`,
    order: 1,
    createTime: 0,
    libraryId: 1,
    tags: names.map((name, i) => ({ id: `${id}-${i}`, name, order: 0, createTime: 0 })),
  };
}

const pairs = (...names: string[]) => nearDuplicates([group(names)]).map(({ a, b }) => `${a}|${b}`);

describe('perhaps the same', () => {
  test.each([
    ['width', 'VIP', 'ＶＩＰ'],
    ['case', 'Vip客户', 'VIP客户'],
    ['spaces', '高 价值', '高价值'],
    ['traditional characters', '客戶', '客户'],
    ['one character changed', '小红书推广', '小红书推厂'],
    ['one character more', '转介绍客户', '转介绍的客户'],
    ['one character less', '企业微信客户', '企业微客户'],
    ['one letter in a word', 'premium', 'premiun'],
  ])('%s: %s and %s', (_, a, b) => {
    expect(pairs(a, '别的', b)).toEqual([`${a}|${b}`]);
  });
});

describe('meant to be different', () => {
  test.each([
    ['counted', '活动第1期', '活动第2期'],
    ['counted further', '活动第1期', '活动第12期'],
    ['counted in words', '到访一次', '到访两次'],
    ['lettered', '会员等级A', '会员等级B'],
    ['contrasted', '上半年客户', '下半年客户'],
    ['big and small', '大客户跟进', '小客户跟进'],
    ['short', '上海', '上饶'],
    ['three characters', '老客户', '新客户'],
    ['two characters changed', '小红书推广', '小蓝书推厂'],
    ['one with a letter twice and nothing', '双十一11号店', '别的'],
    ['the same in another place', '客户分级表', '分级客户表'],
  ])('%s: %s and %s', (_, a, b) => {
    expect(pairs(a, b)).toEqual([]);
  });
});

test('looks within groups, not across them', () => {
  expect(nearDuplicates([group(['VIP'], 'g1'), group(['vip'], 'g2')])).toEqual([]);
});

test('names each tag once', () => {
  expect(pairs('VIP', 'vip', 'ＶＩＰ', 'Vip')).toEqual(['VIP|vip', 'VIP|ＶＩＰ', 'VIP|Vip']);
});

test('of ten thousand tags takes less than 50 ms', () => {
  const groups = Array.from({ length: 100 }, (_, g) =>
    group(
      Array.from({ length: 100 }, (_, t) => `客户来源渠道${g}·${String.fromCharCode(0x4e00 + t)}店`),
      `g${g}`,
    ),
  );
  nearDuplicates(groups);
  const times = Array.from({ length: 12 }, () => {
    // The CPU's time, since other test files run at the same time.
    const start = process.cpuUsage();
    nearDuplicates(groups);
    return process.cpuUsage(start).user / 1_000;
  });
  expect(Math.min(...times)).toBeLessThan(50);
});
