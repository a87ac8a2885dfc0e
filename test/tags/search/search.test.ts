import fc from 'fast-check';
import { pinyin } from 'pinyin-pro';
import { describe, expect, test } from 'vitest';
import { Library } from '../../../src/tags/library.ts';
import { EDIT, editCost, SWAP } from '../../../src/tags/search/likeness.ts';
import { buildIndex, type Hit, type SearchIndex } from '../../../src/tags/search/search.ts';
import { fold } from '../../../src/text.ts';
import { dice, largeLibrary, ruleGroup, slipped, tagGroup } from '../names.ts';

const small = new Library(
  [ruleGroup(1, '华东大区'), ruleGroup(2, '华南大区')],
  [
    tagGroup('level', '客户分级', ['VIP', 'SVIP', '普通会员', '重要客户', '至尊 VIP'], 1, 9),
    tagGroup('source', '来源渠道', ['小红书', '抖音', '線下門店', 'B款 Pro', 'C++课程', '重庆银行'], 1, 8),
    tagGroup('south', '客户分级', ['VIP', '女装', '音乐会'], 2, 7),
  ],
  0,
);
const index = await buildIndex(small);
const large = largeLibrary();
const largeIndex = await buildIndex(large);

const shown = (hits: readonly Hit[]) =>
  hits.map((hit) => `${hit.rank} ${hit.kind === 'tag' ? `${hit.group.id}/${hit.tag.name}` : hit.group.id}`);

describe('search', () => {
  const table: readonly [query: string, hits: readonly string[]][] = [
    ['VIP', ['exact level/VIP', 'exact south/VIP', 'part level/SVIP', 'part level/至尊 VIP']],
    ['ｖｉｐ', ['exact level/VIP', 'exact south/VIP', 'part level/SVIP', 'part level/至尊 VIP']],
    ['「VIP」', ['exact level/VIP', 'exact south/VIP', 'part level/SVIP', 'part level/至尊 VIP']],
    ['至尊vip', ['exact level/至尊 VIP']],
    ['客户分级', ['exact level', 'exact south']],
    ['客戶分級', ['exact level', 'exact south']],
    ['线下', ['prefix source/線下門店']],
    ['b款', ['prefix source/B款 Pro']],
    ['c++', ['prefix source/C++课程']],
    ['客户', ['prefix level', 'prefix south', 'part level/重要客户']],
    ['khfj', ['pinyin level', 'pinyin south']],
    ['kehufenji', ['pinyin level', 'pinyin south']],
    ['kehuf', ['pinyin level', 'pinyin south']],
    ['khfenj', ['pinyin level', 'pinyin south']],
    ['fenji', ['pinyin level', 'pinyin south']],
    ['客户fj', ['pinyin level', 'pinyin south']],
    ['xhs', ['pinyin source/小红书']],
    ['xiaohs', ['pinyin source/小红书']],
    ['cqyh', ['pinyin source/重庆银行']],
    ['chongqingyinhang', ['pinyin source/重庆银行']],
    ['zhongyaokehu', ['pinyin level/重要客户']],
    ['zhykh', ['pinyin level/重要客户']],
    ['bkpro', ['pinyin source/B款 Pro']],
    ['nvzhuang', ['pinyin south/女装']],
    ['nüzhuang', ['pinyin south/女装']],
    ['yyh', ['pinyin south/音乐会']],
    ['SVPI', ['near level/SVIP']],
    ['小红薯', ['near source/小红书']],
    ['斗音', ['near source/抖音']],
    ['普通会圆', ['near level/普通会员']],
    ['可户分级', ['near level', 'near south']],
    ['重庆艮行', ['near source/重庆银行']],
    ['kehufemji', ['near level', 'near south']],
    ['没有这样的', []],
    ['', []],
    ['  ', []],
    ['「」', []],
  ];
  test.each(table)('%s', (query, hits) => {
    expect(shown(index.search(query))).toEqual(hits);
  });

  test('of equal rank, the current rule group is first and a shorter name before a longer', () => {
    expect(shown(index.search('vip', { libraryFirst: 2 }))).toEqual([
      'exact south/VIP',
      'exact level/VIP',
      'part level/SVIP',
      'part level/至尊 VIP',
    ]);
  });

  test('only the rule groups, the group and the number asked for', () => {
    expect(shown(index.search('vip', { libraryIds: new Set([2]) }))).toEqual(['exact south/VIP']);
    expect(shown(index.search('vip', { libraryIds: new Set() }))).toEqual([]);
    expect(shown(index.search('客户', { groupId: 'level' }))).toEqual(['part level/重要客户']);
    expect(shown(index.search('vip', { limit: 3 }))).toHaveLength(3);
  });

  test('one letter is only looked for at the head of a name as a sound', () => {
    expect(shown(index.search('x'))).toEqual(['pinyin source/小红书', 'pinyin source/線下門店']);
  });

  test('a name that contains the query is found, whatever the characters', () => {
    const names = large.groups.flatMap((group) => group.tags.map((tag) => tag.name));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.nat(), (name, a, b) => {
        const from = a % name.length;
        const query = name.slice(from, from + 1 + (b % (name.length - from)));
        const found = largeIndex.search(query).flatMap((hit) => (hit.kind === 'tag' ? [hit.tag.name] : []));
        expect(found).toContain(name);
      }),
      { numRuns: 200 },
    );
  });

  test('every name is found by its pinyin and by its initials', () => {
    const names = large.groups.flatMap((group) => group.tags.map((tag) => tag.name));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom('pinyin', 'first'), (name, pattern) => {
        const query = pinyin(name, { toneType: 'none', type: 'array', v: true, pattern }).join('');
        const found = largeIndex.search(query).flatMap((hit) => (hit.kind === 'tag' ? [hit.tag.name] : []));
        expect(found).toContain(name);
      }),
      { numRuns: 200 },
    );
  });

  test('any input is answered', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (query) => {
        index.search(query);
        index.nearest(query, 'tag');
        index.nearest(query, 'ruleGroup');
      }),
    );
    expect(index.search('客'.repeat(2_000))).toEqual([]);
    expect(index.search('a'.repeat(2_000))).toEqual([]);
    expect(index.nearest('客户'.repeat(1_000), 'group')).toEqual([]);
  });

  test('hostile names neither match everything nor stop the search', async () => {
    const names = ['', ' ', '\n', 'a\nb', '\ud800', '阿'.repeat(300), '🎉🎉', '\u202eVIP'];
    const odd = await buildIndex(new Library([], [tagGroup('odd', '', names)], 0));
    expect(shown(odd.search('vip'))).toEqual(['exact odd/\u202eVIP']);
    expect(shown(odd.search('🎉'))).toEqual(['prefix odd/🎉🎉']);
    expect(shown(odd.search('b'))).toEqual(['part odd/a\nb']);
    expect(odd.search('a'.repeat(31))).toHaveLength(1);
    expect(shown(odd.search('\n'))).toEqual([]);
  });
});

describe('nearest', () => {
  const table: readonly [name: string, kind: 'tag' | 'group' | 'ruleGroup', first: string][] = [
    ['可户分级', 'group', '客户分级'],
    ['客户等级', 'group', '客户分级'],
    ['客户', 'group', '客户分级'],
    ['客户分级表', 'group', '客户分级'],
    ['kehufenji', 'group', '客户分级'],
    ['khfj', 'group', '客户分级'],
    ['xhs', 'tag', '小红书'],
    ['分客户级', 'group', '客户分级'],
    ['小红薯', 'tag', '小红书'],
    ['重庆很行', 'tag', '重庆银行'],
    ['svp', 'tag', 'SVIP'],
    ['VPI', 'tag', 'VIP'],
    ['华冬大区', 'ruleGroup', '华东大区'],
    ['huanandaqu', 'ruleGroup', '华南大区'],
  ];
  test.each(table)('%s (%s) → %s', (name, kind, first) => {
    const [suggestion] = index.nearest<'tag' | 'group' | 'ruleGroup'>(name, kind);
    const names = { tag: 'tag', group: 'group', ruleGroup: 'ruleGroup' } as const;
    expect(suggestion?.kind).toBe(names[kind]);
    const found =
      suggestion?.kind === 'tag'
        ? suggestion.tag
        : suggestion?.kind === 'group'
          ? suggestion.group
          : suggestion?.ruleGroup;
    expect(found?.name).toBe(first);
  });

  test('what is not at all alike is not suggested', () => {
    expect(index.nearest('付款方式', 'tag')).toEqual([]);
    expect(index.nearest('付款方式', 'group')).toEqual([]);
    expect(index.nearest('xyz', 'ruleGroup')).toEqual([]);
  });

  test('keeps to rule groups, group and limit; the most alike first', () => {
    expect(index.nearest('可户分级', 'group', { libraryIds: new Set([2]) }).map(({ group }) => group.id)).toEqual([
      'south',
    ]);
    expect(index.nearest('可户分级', 'group', { libraryFirst: 2 }).map(({ group }) => group.id)).toEqual([
      'south',
      'level',
    ]);
    expect(index.nearest('V1P', 'tag', { groupId: 'south' }).map(({ group }) => group.id)).toEqual(['south']);
    expect(index.nearest('V1P', 'tag', { limit: 1 })).toHaveLength(1);
    expect(index.nearest('V1P', 'tag', { limit: 0 })).toEqual([]);
    const alike = largeIndex.nearest('重要客护', 'tag').map(({ similarity }) => similarity);
    expect(alike).toEqual([...alike].sort((a, b) => b - a));
  });
});

describe('one slip in a name, among 10,000', () => {
  const names = large.groups
    .flatMap((group) => group.tags.map((tag) => tag.name))
    .filter((name) => [...name].length > 1);
  const alphabet = [...new Set(names.join(''))];
  const roll = dice(42);
  const cases: [name: string, typed: string][] = [];
  while (cases.length < 600) {
    const name = names[roll(names.length)] as string;
    const typed = slipped(name, roll, alphabet);
    if (large.tagsNamed(typed).length === 0) cases.push([name, typed]);
  }
  const share = (found: (typed: string) => readonly string[]) =>
    cases.filter(([name, typed]) => found(typed).slice(0, 3).includes(name)).length / cases.length;

  test('the right name is among the first three suggestions', () => {
    expect(share((typed) => largeIndex.nearest(typed, 'tag').map(({ tag }) => tag.name))).toBeGreaterThan(0.97);
  });

  test('the right name is among the first three hits', () => {
    const tags = (typed: string) =>
      largeIndex.search(typed).flatMap((hit) => (hit.kind === 'tag' ? [hit.tag.name] : []));
    expect(share(tags)).toBeGreaterThan(0.95);
  });
});

describe('the index of a changed library', () => {
  /** What a search tells, without the objects. */
  const told = (of: SearchIndex, query: string) => shown(of.search(query));

  test('finds what is there now and nothing else', () => {
    const south = tagGroup('south', '客户层级', ['VIP', '金卡'], 2, 7);
    const fresh = tagGroup('new', '新组', ['金卡会员'], 1, 1);
    const later = small.with({ groups: [south, fresh], removed: ['source'] });
    const changed = index.for(later);
    expect(told(changed, '金卡')).toEqual(['exact south/金卡', 'prefix new/金卡会员']);
    expect(told(changed, '客户分级')).toEqual(['exact level']);
    expect(told(changed, '客户层及')).toEqual(['near south']);
    expect(told(changed, 'xhs')).toEqual([]);
    expect(told(changed, '音乐会')).toEqual([]);
    expect(changed.nearest('金ka', 'tag').map(({ tag }) => tag.name)).toEqual(['金卡', '金卡会员']);
    expect(told(index, 'xhs')).toEqual(['pinyin source/小红书']);
  });

  test('tells the same as one that was built anew', async () => {
    const roll = dice(3);
    let library = large;
    let patched = largeIndex;
    for (let i = 0; i < 20; i++) {
      const group = library.groups[roll(library.groups.length)];
      if (!group) continue;
      const removed = roll(4) === 0 ? [group.id] : [];
      const groups = removed.length > 0 ? [] : [{ ...group, name: `${group.name}改`, tags: group.tags.slice(roll(5)) }];
      library = library.with({ groups, removed });
      patched = patched.for(library);
      if (roll(2) === 0) patched.search('客户');
    }
    const anew = await buildIndex(library);
    for (const query of ['vip', '客户', 'kh', 'xhs', '改', '重要']) {
      expect(new Set(told(patched, query))).toEqual(new Set(told(anew, query)));
    }
  });
});

test('the index is built in small steps', async () => {
  let steps = 0;
  await buildIndex(large, {
    slice: async () => {
      steps++;
    },
  });
  expect(steps).toBeGreaterThan(20);
});

describe('editCost', () => {
  const table: readonly [a: string, b: string, cost: number][] = [
    ['vip', 'vip', 0],
    ['vip', 'vpi', SWAP],
    ['vip', 'vap', EDIT],
    ['vip', 'svip', EDIT],
    ['客户', '可户', 1],
    ['客户', '客服', EDIT],
    ['', '客户', 2 * EDIT],
  ];
  test.each(table)('%s – %s', (a, b, cost) => {
    expect(editCost(a, b, 99)).toBe(cost);
  });

  test('is the same both ways, and zero only for equal names', () => {
    const name = fc.string({ unit: fc.constantFrom(...'客可户护分粉vip1重'), maxLength: 8 }).map(fold);
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(editCost(a, b, 999)).toBe(editCost(b, a, 999));
        expect(editCost(a, b, 999) === 0).toBe(a === b);
      }),
    );
  });
});
