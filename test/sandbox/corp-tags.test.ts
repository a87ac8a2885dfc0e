/** The corp tag calls (doc 92117): all can be read, and the app changes what it has made itself (doc 96320). */
import { expect, test } from 'vitest';
import { type Box, type Json, startBot, startBox } from './box.ts';

const LIST = 'externalcontact/get_corp_tag_list';
const ADD = 'externalcontact/add_corp_tag';
const EDIT = 'externalcontact/edit_corp_tag';
const DEL = 'externalcontact/del_corp_tag';

interface Listed {
  readonly group_id: string;
  readonly group_name: string;
  readonly deleted?: boolean;
  readonly tag: readonly { readonly id: string; readonly name: string; readonly deleted?: boolean }[];
}
const groupsOf = (answer: Json): readonly Listed[] => answer.tag_group as readonly Listed[];
async function groupNamed(box: Box, name: string): Promise<Listed> {
  const group = groupsOf(await box.call(LIST, {})).find((each) => each.group_name === name);
  if (group === undefined) throw new Error(`no group ${name}`);
  return group;
}
async function tagNamed(box: Box, groupName: string, name: string): Promise<string> {
  const tag = (await groupNamed(box, groupName)).tag.find((each) => each.name === name);
  if (tag === undefined) throw new Error(`no tag ${name}`);
  return tag.id;
}
const names = (group: Listed | undefined) => group?.tag.map((tag) => tag.name);

test('the list holds every corp tag and nothing of a rule group', async () => {
  const groups = groupsOf(await (await startBox()).call(LIST, {}));
  expect(groups.map((group) => group.group_name)).toEqual([
    '客户分级',
    '持卡类型',
    '渠道来源',
    '地区',
    '跟进阶段',
    '所属行业',
    '决策角色',
  ]);
  expect(groups[1]).toMatchObject({ deleted: false, tag: [{ name: 'VIP', deleted: false }, {}, {}, {}] });
  expect(groups[0]).not.toHaveProperty('strategy_id');
});

test('ids of one family are unknown to the calls of the other', async () => {
  const box = await startBox();
  const corp = await groupNamed(box, '客户分级');
  const rule = box.corp.library.shown(1)[0];
  expect(await box.errcode('externalcontact/get_strategy_tag_list', { group_id: [corp.group_id] })).toBe(40068);
  expect(await box.errcode('externalcontact/edit_strategy_tag', { id: corp.group_id, name: '别的' })).toBe(40068);
  expect(await box.errcode('externalcontact/del_strategy_tag', { group_id: [corp.group_id] })).toBe(40068);
  expect(await box.errcode(LIST, { group_id: [rule?.group_id] })).toBe(40068);
  expect(await box.errcode(EDIT, { id: rule?.group_id, name: '别的' })).toBe(40068);
  expect(await box.errcode(DEL, { group_id: [rule?.group_id] })).toBe(40068);
  expect(await box.errcode(ADD, { group_id: rule?.group_id, tag: [{ name: 'VIP' }] })).toBe(40068);
});

test('the app adds, and changes and deletes what it has made', async () => {
  const box = await startBox();
  const added = await box.call(ADD, {
    group_name: '来访',
    order: 3,
    tag: [{ name: '一次' }, { name: '两次', order: 9 }],
  });
  expect(added.tag_group).toMatchObject({ group_name: '来访', order: 3, tag: [{ name: '一次' }, { order: 9 }] });
  const { group_id, tag } = await groupNamed(box, '来访');
  expect(await box.errcode(EDIT, { id: group_id, name: '到店', order: 1 })).toBe(0);
  expect(await box.errcode(EDIT, { id: tag[0]?.id, name: '两次' })).toBe(40071);
  expect(await box.errcode(EDIT, { id: tag[0]?.id, name: '三次' })).toBe(0);
  expect(await box.errcode(EDIT, { id: group_id, name: '客户分级' })).toBe(40071);
  expect(names(await groupNamed(box, '到店'))).toEqual(['三次', '两次']);
  expect(await box.errcode(DEL, { tag_id: [tag[0]?.id] })).toBe(0);
  expect(await box.errcode(DEL, { group_id: [group_id] })).toBe(0);
  expect(groupsOf(await box.call(LIST, {})).map((group) => group.group_name)).not.toContain('到店');
});

test.each([40068, 40058] as const)(
  'what was made in the console is refused with %i, and still reads fine',
  async (foreignTag) => {
    const box = await startBox();
    box.setVariants({ foreignTag });
    const [group, vip] = [await groupNamed(box, '持卡类型'), await tagNamed(box, '持卡类型', 'VIP')];
    expect(await box.errcode(EDIT, { id: vip, name: '贵宾' })).toBe(foreignTag);
    expect(await box.errcode(EDIT, { id: group.group_id, order: 1 })).toBe(foreignTag);
    expect(await box.errcode(DEL, { tag_id: [vip] })).toBe(foreignTag);
    expect(await box.errcode(DEL, { group_id: [group.group_id] })).toBe(foreignTag);
    const own = await tagNamed(box, '地区', '苏州');
    expect(await box.errcode(DEL, { tag_id: [own, vip] })).toBe(foreignTag);
    expect(await box.errcode(DEL, { tag_id: [own] })).toBe(0);
    expect(names(groupsOf(await box.call(LIST, { tag_id: [vip] }))[0])).toEqual(['VIP']);
  },
);

test('a group of the app that holds a tag made in the console is not deleted by the app', async () => {
  const box = await startBox();
  const region = await groupNamed(box, '地区');
  await box.consoleEdit({ action: 'addTags', groupId: region.group_id, tags: ['杭州'] });
  expect(await box.errcode(DEL, { group_id: [region.group_id] })).toBe(40068);
  expect(await box.errcode(EDIT, { id: region.group_id, name: '城市' })).toBe(0);
});

test('whether a group made in the console takes tags is a variant; those tags are the app’s own', async () => {
  const box = await startBox();
  const group = await groupNamed(box, '持卡类型');
  const add = (name: string) => box.errcode(ADD, { group_id: group.group_id, tag: [{ name }] });
  expect(await add('黑卡')).toBe(0);
  expect(await box.errcode(EDIT, { id: await tagNamed(box, '持卡类型', '黑卡'), name: '至尊卡' })).toBe(0);
  box.setVariants({ addToForeign: 'refuse' });
  expect(await add('钻石卡')).toBe(40068);
});

test('deleted tags and groups come with their flag when they are asked for by id, and only then', async () => {
  const box = await startBox();
  const region = await groupNamed(box, '地区');
  const [beijing, shanghai] = region.tag;
  await box.call(DEL, { tag_id: [beijing?.id] });
  expect(names(await groupNamed(box, '地区'))).not.toContain('北京');
  const byGroup = groupsOf(await box.call(LIST, { group_id: [region.group_id] }))[0];
  expect(byGroup?.deleted).toBe(false);
  expect(byGroup?.tag.map((tag) => [tag.name, tag.deleted])).toContainEqual(['北京', true]);
  expect(groupsOf(await box.call(LIST, { tag_id: [beijing?.id] }))).toMatchObject([{ tag: [{ deleted: true }] }]);
  await box.call(DEL, { group_id: [region.group_id] });
  expect(groupsOf(await box.call(LIST, { group_id: [region.group_id] }))).toMatchObject([
    {
      deleted: true,
      tag: [{ deleted: true }, { deleted: true }, { deleted: true }, { deleted: true }, { deleted: true }],
    },
  ]);
  box.setVariants({ deletedFlags: 'hidden' });
  expect(await box.errcode(LIST, { tag_id: [shanghai?.id] })).toBe(40068);
  expect(groupsOf(await box.call(LIST, {}))[0]).not.toHaveProperty('deleted');
});

test('an empty list is sent or left out', async () => {
  const box = await startBox();
  box.reset({ tags: 0 });
  expect(await box.call(LIST, {})).toMatchObject({ errcode: 0, tag_group: [] });
  box.setVariants({ emptyLists: 'omitted' });
  for (const path of [LIST, 'externalcontact/get_strategy_tag_list']) {
    expect(await box.call(path, {})).toEqual({ errcode: 0, errmsg: expect.any(String) });
  }
});

test('edits in the console cause events without a StrategyId, also when tags are shuffled', async () => {
  const bot = await startBot();
  const box = await startBox({ callbackUrl: bot.url });
  box.setVariants({ eventStrategyId: true });
  expect((await box.consoleEdit({ action: 'createGroup', name: '节日', tags: ['春节'] })).events).toBe(2);
  const { group_id, tag } = await groupNamed(box, '节日');
  await box.consoleEdit({ action: 'addTags', groupId: group_id, tags: ['中秋'] });
  const ids = (await groupNamed(box, '节日')).tag.map(({ id }) => id).reverse();
  await box.consoleEdit({ action: 'shuffle', groupId: group_id, tagIds: ids });
  await box.consoleEdit({ action: 'rename', id: tag[0]?.id ?? '', name: '过年' });
  await box.consoleEdit({ action: 'delete', id: group_id });
  const changes = bot.heard.map(({ xml }) => /<ChangeType><!\[CDATA\[(\w+)/.exec(xml)?.[1]);
  expect(changes).toEqual(['create', 'create', 'create', 'shuffle', 'update', 'delete']);
  for (const { xml } of bot.heard) expect(xml).not.toContain('StrategyId');
  expect(await box.errcode(EDIT, { id: group_id, name: 'x' })).toBe(40068);
});

test.each([
  ['no tags', { group_name: 'g', tag: [] }, 40058],
  ['neither group id nor name', { tag: [{ name: 'x' }] }, 40058],
  ['an empty group id', { group_id: '', group_name: 'g', tag: [{ name: 'x' }] }, 40058],
  ['a blank name', { group_name: 'g', tag: [{ name: ' ' }] }, 40072],
  ['30 code points', { group_name: 'g', tag: [{ name: '😀'.repeat(30) }] }, 0],
])('add with %s', async (_, body, errcode) => {
  expect(await (await startBox()).errcode(ADD, body)).toBe(errcode);
});
