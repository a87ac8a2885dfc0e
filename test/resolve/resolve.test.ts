import { describe, expect, it } from 'vitest';
import type { Understanding } from '../../src/resolve/order.ts';
import { understood, type View } from '../../src/resolve/resolve.ts';
import { Library } from '../../src/tags/library.ts';
import { buildIndex } from '../../src/tags/search/search.ts';
import { effectOf, effectOfOrder, libraryOf } from './utterances.ts';

const library = libraryOf({
  ruleGroups: ['华东区', '华南区', '华北区'],
  groups: [
    { ruleGroup: '华东区', name: '客户分级', tags: ['VIP', 'SVIP', '会员', '會員'] },
    { ruleGroup: '华东区', name: '地区', tags: ['VIP', '北京'] },
    { ruleGroup: '华南区', name: '客户分级', tags: ['VIP', '高净值'] },
    { ruleGroup: '华南区', name: '门店', tags: ['天河店', '店'] },
    { ruleGroup: '华北区', name: '门店', tags: ['海淀店'] },
  ],
});
const index = await buildIndex(library);
const east: View = { library, libraryId: 1, readable: library.libraryIds, search: index };

function read(text: string, view: View = east): Understanding {
  return understood(text, view);
}

function options(understanding: Understanding): string[] {
  const list =
    understanding.kind === 'choice'
      ? understanding.options
      : understanding.kind === 'absent'
        ? understanding.nearest
        : [];
  return list.map(
    ({ label, detail, order }) => `${label}${detail === undefined ? '' : ` (${detail})`} = ${effectOfOrder(order)}`,
  );
}

/** What the member reads in the title. */
function title(understanding: Understanding): string {
  return understanding.kind === 'invalid'
    ? understanding.title.map((span) => (typeof span === 'string' ? span : Object.values(span)[0])).join('')
    : '';
}

describe('where a name is looked for', () => {
  it('the current rule group comes first', () => {
    expect(effectOf(read('添加金卡到客户分级'))).toBe('add 客户分级: 金卡');
    const understanding = read('添加金卡到客户分级', { ...east, libraryId: 2 });
    expect(understanding).toMatchObject({ order: { target: { group: { libraryId: 2 } } } });
  });

  it('then the others the member may read', () => {
    expect(read('删除天河店')).toMatchObject({ kind: 'one', order: { targets: [{ group: { libraryId: 2 } }] } });
    expect(read('删除天河店', { ...east, readable: new Set([1]) }).kind).toBe('absent');
  });

  it('several rule groups are asked, each named', () => {
    expect(options(read('添加白云店到门店'))).toEqual([
      '门店 (华南区) = add 门店: 白云店',
      '门店 (华北区) = add 门店: 白云店',
    ]);
    expect(options(read('把VIP改名为大客户', { ...east, libraryId: undefined }))).toEqual([
      '客户分级 (华东区) = rename 客户分级/VIP → 大客户',
      '地区 (华东区) = rename 地区/VIP → 大客户',
      '客户分级 (华南区) = rename 客户分级/VIP → 大客户',
    ]);
  });

  it('the spelling decides between tags of one group', () => {
    expect(effectOf(read('删除会员'))).toBe('delete? 客户分级/会员');
    expect(effectOf(read('刪除會員'))).toBe('delete? 客户分级/會員');
  });
});

describe('what is asked', () => {
  it('a tag in two groups, with one more choice for both when deleting', () => {
    expect(options(read('删除VIP'))).toEqual([
      '客户分级 = delete? 客户分级/VIP',
      '地区 = delete? 地区/VIP',
      '都要 (2 个) = delete? 客户分级/VIP, 地区/VIP',
    ]);
    expect(options(read('把VIP置顶'))).toEqual(['客户分级 = top 客户分级/VIP', '地区 = top 地区/VIP']);
  });

  it('which group a tag goes into, with the groups at hand as examples', () => {
    expect(read('标签 添加 金卡')).toMatchObject({
      kind: 'slot',
      slot: 'group',
      examples: ['客户分级', '地区'],
      reading: { command: 'tag.add', tags: ['金卡'] },
    });
  });

  it('which rule group, when none is chosen and the command needs one', () => {
    const nowhere: View = { ...east, libraryId: undefined };
    expect(read('标签组 列表', nowhere)).toMatchObject({
      kind: 'chooseLibrary',
      options: [{ id: 'corp', name: '企业标签' }, { name: '华东区' }, { name: '华南区' }, { name: '华北区' }],
    });
    expect(effectOf(read('新建标签组等级：青铜', nowhere))).toBe('chooseLibrary');
    expect(effectOf(read('北京', nowhere))).toBe('lookup 北京');
    expect(effectOf(read('地区', nowhere))).toBe('list 地区');
    expect(effectOf(read('删除北京', nowhere))).toBe('delete? 地区/北京');
    expect(read('标签组 列表', { ...nowhere, readable: new Set([2]) })).toMatchObject({ order: { libraryId: 2 } });
  });
});

describe('without a library that may be read', () => {
  const empty: View = { ...east, library: new Library([], [], 0), libraryId: undefined, readable: new Set() };
  it.each(['添加金卡到客户分级', '删除VIP', 'VIP', '标签 列表', '导入\n等级：青铜', '添加金卡到客户分级\n删除VIP'])(
    '%s explains the first step',
    (text) => {
      expect(read(text, empty).kind).toBe('noRuleGroup');
    },
  );
  it.each(['帮助', '我', '诊断', '规则组 列表', '规则组 新建 华东区 负责人 张三 范围 销售部'])(
    '%s still works',
    (text) => {
      expect(read(text, empty).kind).toBe('one');
    },
  );
});

describe('names that do not exist', () => {
  it('the nearest tag, ready to be taken', () => {
    const understanding = read('删除SVPI');
    expect(understanding).toMatchObject({ kind: 'absent', what: 'tag', name: 'SVPI' });
    expect(options(understanding)[0]).toBe('SVIP (客户分级) = delete? 客户分级/SVIP');
  });

  it('the nearest group, and a new one as the last choice', () => {
    const listed = options(read('添加金卡到客户分及'));
    expect(listed[0]).toBe('客户分级 = add 客户分级: 金卡');
    expect(listed.at(-1)).toBe('新建「客户分及」 (新的标签组) = add new 客户分及: 金卡');
  });

  it('no new group is offered while no rule group is chosen', () => {
    expect(
      options(read('添加金卡到客户分及', { ...east, libraryId: undefined })).some((option) => option.includes('new')),
    ).toBe(false);
  });

  it('a tag that is in another group than the one named', () => {
    expect(options(read('删除地区里的SVIP'))[0]).toContain('客户分级/SVIP');
  });

  it('the nearest rule group', () => {
    expect(read('切换到华西区')).toMatchObject({ kind: 'absent', what: 'ruleGroup' });
  });

  it('a long text has no near names', () => {
    expect(read(`删除${'很长的名字'.repeat(40)}`)).toMatchObject({ kind: 'absent', nearest: [] });
  });
});

describe('what can never work', () => {
  const long = '一二三四五六七八九十'.repeat(3);
  it('a name of 31 characters, told with its count', () => {
    const understanding = read(`标签 添加 ${long}一 到 地区`);
    expect(understanding.kind).toBe('invalid');
    expect(title(understanding)).toContain('31 个字');
    expect(effectOf(read(`标签 添加 ${long} 到 地区`))).toBe(`add 地区: ${long}`);
    expect(effectOf(read(`标签 添加 ${'😀'.repeat(30)} 到 地区`))).toBe(`add 地区: ${'😀'.repeat(30)}`);
  });

  it('a control character', () => {
    expect(read('标签 添加 “a\u0001b” 到 地区').kind).toBe('invalid');
  });

  it.each([
    '删除北京\n把北京改名为首都',
    '添加北京到地区\n删除地区里的北京',
    '标签组 删除 地区\n添加上海到地区',
    '把北京改名为首都\n把北京改名为帝都',
    '北京 排序 1\n北京 排序 2',
    '删除北京；北京置顶',
  ])('a batch that contradicts itself: %j', (text) => {
    const understanding = read(text);
    expect(understanding.kind).toBe('invalid');
    expect(title(understanding)).toContain('第 1 行和第 2 行');
  });

  it('a batch whose lines say the same twice is no contradiction', () => {
    expect(read('删除北京\n删除北京').kind).toBe('batch');
  });

  it('a batch with a name that is in two groups says which line and how to write it', () => {
    expect(title(read('添加上海到地区\n删除VIP'))).toContain('第 2 行');
  });

  it('a batch with an absent name says which line', () => {
    expect(read('添加上海到地区\n删除没有的')).toMatchObject({
      kind: 'absent',
      name: '没有的',
      batch: { line: { number: 2 } },
    });
  });
});

describe('many lines of orders', () => {
  it.each([
    '标签 添加 店# 到 地区',
    '给地区加个店#',
    '给地区加个店#，再加个铺#',
    '在地区里加店#',
    '往地区加店#',
    '把店#加到地区',
    '地区加店#、铺#',
    '地区：店#',
    '麻烦帮我在地区里面加一个店#的标签，谢谢',
  ])('%j on each of them adds to 地区 as often', (order) => {
    for (const count of [2, 20, 60]) {
      const added = effectOf(read(lines(order, count)));
      for (const name of order.includes('铺') ? ['店', '铺'] : ['店'])
        for (let i = 1; i <= count; i++) expect(added).toMatch(new RegExp(`(?:: |, )${name}${i}(?: ?[;,]|$)`));
      expect(added.match(/地区: /g)?.length ?? 0).toBeGreaterThan(0);
    }
  });

  it('more than is read at once change nothing, and say so', () => {
    expect(title(read(lines('麻烦帮我在地区里面加一个店#的标签，谢谢', 600)))).toContain('一次读不完');
  });

  function lines(order: string, count: number): string {
    return Array.from({ length: count }, (_, i) => order.replaceAll('#', String(i + 1))).join('\n');
  }
});

describe('suggestions', () => {
  it('a new name that sounds like talk is not made', () => {
    expect(read('大家的金卡加到地区')).toEqual({ kind: 'nothing', nearest: ['tag.add'] });
  });

  it('a mistyped key word is asked about, unless the text is a name', () => {
    expect(read('删出北京')).toMatchObject({ kind: 'one', order: { command: 'tag.delete' }, first: { leftOut: [] } });
    expect(read('车销')).toMatchObject({ kind: 'suggestion', wrote: '车销', meant: '撤销' });
    const named = libraryOf({ ruleGroups: ['甲'], groups: [{ ruleGroup: '甲', name: '乙', tags: ['删出北京'] }] });
    expect(effectOf(read('删出北京', { ...east, library: named }))).toBe('lookup 删出北京');
  });
});
