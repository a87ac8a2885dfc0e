import { expect, test } from 'vitest';
import { type Box, type Json, startBox } from './box.ts';

const LIST = 'externalcontact/get_strategy_tag_list';
const ADD = 'externalcontact/add_strategy_tag';
const EDIT = 'externalcontact/edit_strategy_tag';
const DEL = 'externalcontact/del_strategy_tag';

type Groups = readonly {
  group_id: string;
  group_name: string;
  order: number;
  strategy_id: number;
  tag: { id: string; name: string; order: number }[];
}[];
const groupsOf = (answer: Json): Groups => answer.tag_group as Groups;
const groupNamed = async (box: Box, name: string, strategyId = 1) => {
  const group = groupsOf(await box.call(LIST, { strategy_id: strategyId })).find((each) => each.group_name === name);
  if (group === undefined) throw new Error(`no group ${name}`);
  return group;
};
const tagNames = (group: { readonly tag: readonly { readonly name: string }[] } | undefined) =>
  group?.tag.map((tag) => tag.name);

test('without filters every visible group comes, and nothing of the rule group made by hand', async () => {
  const groups = groupsOf(await (await startBox()).call(LIST, {}));
  expect(groups.map((group) => `${group.strategy_id} ${group.group_name}`)).toEqual([
    '1 客户分级',
    '1 渠道来源',
    '1 地区',
    '1 到访记录',
    '2 客户分级',
    '2 行业',
  ]);
  expect(groups[0]).toMatchObject({
    group_id: expect.stringMatching(/^et[\w-]{30}$/),
    create_time: expect.any(Number),
  });
  expect(groups[0]).not.toHaveProperty('deleted');
});

test('group_id beats tag_id, tag_id brings only the named tags, strategy_id narrows both', async () => {
  const box = await startBox();
  const [grades, region] = [await groupNamed(box, '客户分级'), await groupNamed(box, '地区')];
  const shanghai = region.tag.find((tag) => tag.name === '上海')?.id;
  const both = groupsOf(await box.call(LIST, { group_id: [grades.group_id], tag_id: [shanghai] }));
  expect(both.map(tagNames)).toEqual([['普通', '重点', '老客']]);
  const one = groupsOf(await box.call(LIST, { tag_id: [shanghai], group_id: [] }));
  expect(one.map((group) => [group.group_name, tagNames(group)])).toEqual([['地区', ['上海']]]);
  expect(await box.errcode(LIST, { strategy_id: 2, group_id: [grades.group_id] })).toBe(40068);
  box.setVariants({ unknownIds: 'omit' });
  expect(groupsOf(await box.call(LIST, { strategy_id: 2, group_id: [grades.group_id] }))).toEqual([]);
  expect(groupsOf(await box.call(LIST, { strategy_id: 3 }))).toEqual([]);
});

test.each([60030, 40058, 40068] as const)('a foreign or child rule group answers %i', async (code) => {
  const box = await startBox();
  box.setVariants({ foreignStrategy: code });
  const tag = [{ name: 'VIP' }];
  expect(await box.errcode(LIST, { strategy_id: 4 })).toBe(code);
  expect(await box.errcode(LIST, { strategy_id: 99 })).toBe(code);
  for (const strategy_id of [3, 4]) expect(await box.errcode(ADD, { strategy_id, group_name: 'x', tag })).toBe(code);
  const foreign = box.corp.library.shown(4)[0];
  expect(await box.errcode(EDIT, { id: foreign?.group_id, name: 'x' })).toBe(40068);
  expect(await box.errcode(DEL, { group_id: [foreign?.group_id] })).toBe(40068);
});

test('add merges by group name, collapses doubles, and answers with an object', async () => {
  const box = await startBox();
  const grades = await groupNamed(box, '客户分级');
  const answer = await box.call(ADD, {
    strategy_id: 1,
    group_name: '客户分级',
    order: 77,
    tag: [{ name: 'VIP', order: 5 }, { name: 'VIP', order: 6 }, { name: 'SVIP' }],
  });
  expect(answer.tag_group).toMatchObject({ group_id: grades.group_id, order: grades.order });
  expect(answer.tag_group).not.toHaveProperty('strategy_id');
  const after = await groupNamed(box, '客户分级');
  expect(after.tag.slice(3).map(({ name, order }) => [name, order])).toEqual([
    ['VIP', 5],
    ['SVIP', 0],
  ]);
  expect(await box.call(ADD, { strategy_id: 1, group_name: '会员', order: 8, tag: [{ name: '金卡' }] })).toMatchObject({
    tag_group: { group_name: '会员', order: 8, tag: [{ name: '金卡' }] },
  });
  expect(await box.errcode(ADD, { strategy_id: 2, group_id: grades.group_id, tag: [{ name: 'x' }] })).toBe(40068);
  expect(
    (await box.call(ADD, { strategy_id: 1, group_id: grades.group_id, group_name: '别的', tag: [{ name: 'x' }] }))
      .errcode,
  ).toBe(0);
});

test.each([
  ['all', ['普通', 'VIP']],
  ['onlyNew', ['VIP']],
] as const)('add with names that exist, variant %s', async (addExisting, names) => {
  const box = await startBox();
  box.setVariants({ addExisting });
  const answer = await box.call(ADD, {
    strategy_id: 1,
    group_name: '客户分级',
    tag: [{ name: '普通' }, { name: 'VIP' }],
  });
  expect(tagNames(answer.tag_group as Groups[number])).toEqual(names);
});

test('add with names that exist, variant refuse: nothing is created', async () => {
  const box = await startBox();
  box.setVariants({ addExisting: 'refuse' });
  expect(
    await box.errcode(ADD, { strategy_id: 1, group_name: '客户分级', tag: [{ name: '普通' }, { name: 'VIP' }] }),
  ).toBe(40071);
  expect(tagNames(await groupNamed(box, '客户分级'))).toEqual(['普通', '重点', '老客']);
});

const tag = [{ name: 'VIP' }];
test.each([
  ['no strategy', { group_name: 'g', tag }, 40058],
  ['strategy as text', { strategy_id: '1', group_name: 'g', tag }, 40035],
  ['neither group id nor name', { strategy_id: 1, tag }, 40058],
  ['an empty group id', { strategy_id: 1, group_id: '', group_name: 'g', tag }, 40058],
  ['an unknown group id', { strategy_id: 1, group_id: 'etNone', tag }, 40068],
  ['no tags', { strategy_id: 1, group_name: 'g', tag: [] }, 40058],
  ['tags as text', { strategy_id: 1, group_name: 'g', tag: 'VIP' }, 40035],
  ['a tag without name', { strategy_id: 1, group_name: 'g', tag: [{}] }, 40072],
  ['a blank name', { strategy_id: 1, group_name: 'g', tag: [{ name: ' ' }] }, 40072],
  ['31 code points', { strategy_id: 1, group_name: 'g', tag: [{ name: '😀'.repeat(31) }] }, 40072],
  ['30 code points', { strategy_id: 1, group_name: 'g', tag: [{ name: '😀'.repeat(30) }] }, 0],
  ['a group name of 31', { strategy_id: 1, group_name: '组'.repeat(31), tag }, 40072],
  ['order 2^32', { strategy_id: 1, group_name: 'g', tag: [{ name: 'x', order: 2 ** 32 }] }, 40058],
  ['order 2^32 - 1', { strategy_id: 1, group_name: 'g', tag: [{ name: 'x', order: 2 ** 32 - 1 }] }, 0],
  ['a negative order', { strategy_id: 1, group_name: 'g', order: -1, tag }, 40058],
  ['an order as text', { strategy_id: 1, group_name: 'g', order: '1', tag }, 40035],
  [
    'names that look like code',
    { strategy_id: 1, group_name: '__proto__', tag: [{ name: "'; DROP" }, { name: ']]>' }] },
    0,
  ],
])('add with %s', async (_, body, errcode) => {
  expect(await (await startBox()).errcode(ADD, body)).toBe(errcode);
});

test('an empty optional is named in the message', async () => {
  expect((await (await startBox()).call(ADD, { strategy_id: 1, group_id: '', tag })).errmsg).toContain(
    'unexpected empty string',
  );
});

test('corp tags count towards the quota of ten thousand', async () => {
  const box = await startBox();
  box.reset({ tags: 9_999 });
  expect(await box.errcode(ADD, { strategy_id: 1, group_name: 'g', tag: [{ name: 'a' }, { name: 'b' }] })).toBe(40126);
  expect(await box.errcode(ADD, { strategy_id: 1, group_name: 'g', tag: [{ name: 'a' }] })).toBe(0);
  box.reset({ tags: 10_000 });
  expect(groupsOf(await box.call(LIST, {})).reduce((sum, group) => sum + group.tag.length, 0)).toBe(9_967);
  expect(box.corp.library.tagCount).toBe(10_000);
  expect(Math.max(...box.corp.library.shown(1).map((group) => group.tag.length))).toBe(100);
});

test('edit changes only what is sent and guards names', async () => {
  const box = await startBox();
  const grades = await groupNamed(box, '客户分级');
  const regular = grades.tag[0];
  expect(await box.errcode(EDIT, { id: regular?.id, name: '重点' })).toBe(40071);
  expect(await box.errcode(EDIT, { id: grades.group_id, name: '地区' })).toBe(40071);
  expect(await box.errcode(EDIT, { id: grades.group_id, name: '行业' })).toBe(0);
  expect(await box.errcode(EDIT, { id: regular?.id, name: '普通' })).toBe(0);
  expect(await box.errcode(EDIT, { id: regular?.id, order: 0 })).toBe(0);
  expect(await box.errcode(EDIT, { id: regular?.id })).toBe(40058);
  expect(await box.errcode(EDIT, { id: regular?.id, name: '名'.repeat(31) })).toBe(40072);
  expect(await box.errcode(EDIT, { name: 'x' })).toBe(40068);
  expect(await box.errcode(EDIT, { id: 'etNone', name: 'x' })).toBe(40068);
  expect((await groupNamed(box, '行业')).tag[0]).toMatchObject({ name: '普通', order: 0 });
});

test('del takes all or nothing, cascades, and an empty group vanishes', async () => {
  const box = await startBox();
  const [grades, visits] = [await groupNamed(box, '客户分级'), await groupNamed(box, '到访记录')];
  expect(await box.errcode(DEL, {})).toBe(40058);
  expect(await box.errcode(DEL, { tag_id: [grades.tag[0]?.id, 'etNone'] })).toBe(40068);
  expect(await box.errcode(DEL, { tag_id: [grades.group_id] })).toBe(40068);
  expect(await box.errcode(DEL, { group_id: [grades.tag[0]?.id] })).toBe(40068);
  expect(await box.errcode(DEL, { tag_id: visits.tag.map((each) => each.id), group_id: [grades.group_id] })).toBe(0);
  expect(groupsOf(await box.call(LIST, { strategy_id: 1 })).map((group) => group.group_name)).toEqual([
    '渠道来源',
    '地区',
  ]);
});
