/** Every command about tags in its canonical form: what is answered, what the library is then, what was called. */

import { describe, expect, test } from 'vitest';
import { MAX_ORDER } from '../../src/tags/tag.ts';
import { APPS, type Chat } from '../chat.ts';
import { everything, groupId, groupOf, MEMBER, startChat, startWarm, tagCalls, tagOf, treeOf, writes } from './talk.ts';

const GRADES = ['普通', '重点', '老客'];

/** Says it with the library known, so that only the calls of this message are counted. */
/** Another app reads the library for itself, and when it does is its own affair. */
const IS_ALONE = APPS === 1;

const vipAndSvip = (chat: Chat): [name: string, body: unknown] => [
  'add_strategy_tag',
  { strategy_id: 1, group_id: groupId(chat, '客户分级'), tag: [{ name: 'VIP' }, { name: 'SVIP' }] },
];

test.each<
  [said: string, words: string[], group: string, tags: string[], write: (chat: Chat) => [name: string, body: unknown]]
>([
  [
    '标签 添加 VIP、SVIP 到 客户分级',
    ['客户分级', 'VIP', 'SVIP', '已添加'],
    '客户分级',
    [...GRADES, 'VIP', 'SVIP'],
    vipAndSvip,
  ],
  [
    '标签　添加　VIP，SVIP　到　客户分级',
    ['客户分级', 'VIP', 'SVIP', '已添加'],
    '客户分级',
    [...GRADES, 'VIP', 'SVIP'],
    vipAndSvip,
  ],
  [
    '标签 添加 ＶＩＰ 到 「客户 分级」',
    ['客户分级', 'ＶＩＰ'],
    '客户分级',
    [...GRADES, 'ＶＩＰ'],
    (chat) => ['add_strategy_tag', { strategy_id: 1, group_id: groupId(chat, '客户分级'), tag: [{ name: 'ＶＩＰ' }] }],
  ],
  [
    '标签 改名 老客 为 老朋友',
    ['老客', '老朋友', '改名'],
    '客户分级',
    ['普通', '重点', '老朋友'],
    (chat) => ['edit_strategy_tag', { id: tagOf(chat, '客户分级', '老客').id, name: '老朋友' }],
  ],
  [
    '标签　改名　老客　为　“新客：重要”',
    ['老客', '新客：重要'],
    '客户分级',
    ['普通', '重点', '新客：重要'],
    (chat) => ['edit_strategy_tag', { id: tagOf(chat, '客户分级', '老客').id, name: '新客：重要' }],
  ],
  [
    '标签 排序 老客 100',
    ['老客', '100', '第 1'],
    '客户分级',
    ['老客', '普通', '重点'],
    (chat) => ['edit_strategy_tag', { id: tagOf(chat, '客户分级', '老客').id, order: 100 }],
  ],
  [
    '标签　排序　普通　０',
    ['普通', '0', '第 3'],
    '客户分级',
    ['重点', '老客', '普通'],
    (chat) => ['edit_strategy_tag', { id: tagOf(chat, '客户分级', '普通').id, order: 0 }],
  ],
  [
    '标签 置顶 老客',
    ['老客', '第 1'],
    '客户分级',
    ['老客', '普通', '重点'],
    (chat) => ['edit_strategy_tag', { id: tagOf(chat, '客户分级', '老客').id, order: 4 }],
  ],
])('%s', async (said, words, group, tags, write) => {
  const chat = await startWarm();
  const expected = write(chat);
  const before = treeOf(chat);
  const answer = await chat.say(MEMBER, said);
  for (const word of words) expect(answer).toContain(word);
  expect(treeOf(chat)).toEqual({ ...before, [group]: tags });
  expect(writes(chat)).toEqual([expected]);
  if (IS_ALONE) expect(tagCalls(chat).length).toBeLessThanOrEqual(3);
});

describe('标签 添加', () => {
  test('tells what is there already and adds the rest', async () => {
    const chat = await startWarm();
    const answer = await chat.say(MEMBER, '标签 添加 普通、VIP 到 客户分级');
    expect(answer).toMatch(/已添加.*VIP/);
    expect(answer).toMatch(/普通.*已经有/);
    expect(writes(chat)).toMatchObject([['add_strategy_tag', { tag: [{ name: 'VIP' }] }]]);
  });

  test('of nothing but what is there calls nothing that writes', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    const answer = await chat.say(MEMBER, '标签 添加 普通、重点 到 客户分级');
    expect(answer).toContain('没有需要改的');
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
  });

  test('to a group that does not exist creates none without being asked', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    const answer = await chat.say(MEMBER, '标签 添加 VIP 到 会员等级');
    expect(answer).toContain('没有找到标签组');
    expect(answer).toContain('新建');
    expect(everything(chat)).toBe(before);
  });

  test('without a group asks for it, and takes the answer', async () => {
    const chat = await startWarm();
    expect(await chat.say(MEMBER, '标签 添加 VIP')).toMatch(/加到哪个标签组/);
    expect(await chat.say(MEMBER, '客户分级')).toContain('已添加');
    expect(chat.tags('客户分级')).toEqual([...GRADES, 'VIP']);
  });

  test('of a name of 31 characters is refused beforehand, one of 30 is taken', async () => {
    const chat = await startWarm();
    const answer = await chat.say(MEMBER, `标签 添加 ${'名'.repeat(31)} 到 客户分级`);
    expect(answer).toContain('最多 30 个字');
    expect(answer).toContain('31');
    expect(tagCalls(chat)).toEqual([]);
    await chat.say(MEMBER, `标签 添加 ${'名'.repeat(30)} 到 客户分级`);
    expect(chat.tags('客户分级')).toContain('名'.repeat(30));
  });

  test('to a group that is in another rule group only is for that one', async () => {
    const chat = await startWarm();
    const answer = await chat.say(MEMBER, '标签 添加 培训 到 行业');
    expect(answer).toContain('行业');
    expect(treeOf(chat, '华南大区')).toMatchObject({ 行业: ['餐饮', '教育', '培训'] });
  });

  test('beyond the quota tells that the library is full, and changes nothing', async () => {
    const chat = await startChat({ tags: 10_000 });
    const answer = await chat.say(MEMBER, '标签 添加 VIP 到 客户分级');
    expect(answer).toContain('没有做成');
    expect(answer).toMatch(/10000|10,000|一万|上限|满/);
    expect(chat.tags('客户分级')).toEqual(GRADES);
  });
});

describe('标签 删除', () => {
  test.each(['标签 删除 普通、老客', '标签　删除　普通，老客'])(
    '%s asks first and deletes after 确认',
    async (said) => {
      const chat = await startWarm();
      const before = treeOf(chat);
      const ids = ['普通', '老客'].map((name) => tagOf(chat, '客户分级', name).id);
      const question = await chat.say(MEMBER, said);
      for (const word of ['普通', '老客', '客户分级', '客户', '确认', '取消']) expect(question).toContain(word);
      expect(treeOf(chat)).toEqual(before);
      expect(writes(chat)).toEqual([]);
      const answer = await chat.say(MEMBER, '确认');
      for (const word of ['已从', '客户分级', '普通', '老客', '撤销']) expect(answer).toContain(word);
      expect(treeOf(chat)).toEqual({ ...before, 客户分级: ['重点'] });
      expect(writes(chat)).toEqual([['del_strategy_tag', { tag_id: ids }]]);
    },
  );

  test('of the last tags warns that the group goes, and says so when it has gone', async () => {
    const chat = await startWarm();
    const question = await chat.say(MEMBER, '标签 删除 到访一次、到访两次');
    expect(question).toMatch(/到访记录.*最后.*一起消失/);
    const answer = await chat.say(MEMBER, '确认');
    expect(answer).toContain('随之消失');
    expect(Object.keys(treeOf(chat))).toEqual(['客户分级', '渠道来源', '地区']);
  });

  test('of a list in which something names nothing does nothing, and says what it has not found', async () => {
    const chat = await startWarm();
    const answer = await chat.say(MEMBER, '标签 删除 普通、没有这个');
    expect(answer).toContain('普通');
    expect(answer).toMatch(/没有找到.*没有这个/);
    await chat.say(MEMBER, '确认');
    expect(chat.tags('客户分级')).toContain('普通');
  });

  test('of a name in two groups asks which, and deletes that one', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 添加 抖音 到 客户分级');
    const question = await chat.say(MEMBER, '标签 删除 抖音');
    for (const word of ['客户分级', '渠道来源']) expect(question).toContain(word);
    expect(question).toContain('都要');
    await chat.say(MEMBER, '1');
    await chat.say(MEMBER, '确认');
    const left = [chat.tags('客户分级'), chat.tags('渠道来源')].filter((tags) => tags?.includes('抖音'));
    expect(left).toHaveLength(1);
  });
});

describe('标签 改名', () => {
  test('to the name of a sibling is refused, and nothing is called that writes', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    const answer = await chat.say(MEMBER, '标签 改名 普通 为 重点');
    expect(answer).toMatch(/已经有.*重点/);
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
  });

  test('keeps the id and the order', async () => {
    const chat = await startWarm();
    const { id } = tagOf(chat, '客户分级', '普通');
    await chat.say(MEMBER, '标签 改名 普通 为 一般');
    expect(tagOf(chat, '客户分级', '一般')).toMatchObject({ id, order: 3 });
  });

  test('of what does not exist offers the nearest names', async () => {
    const chat = await startWarm();
    const answer = await chat.say(MEMBER, '标签 改名 小红薯 为 薯条');
    expect(answer).toContain('没有找到标签');
    expect(answer).toContain('小红书');
    expect(answer).toContain('选了就把它改名为「薯条」');
    expect(writes(chat)).toEqual([]);
  });
});

describe('标签 排序', () => {
  test.each(['标签 排序 老客 4294967296', '标签 排序 老客 -1'])('%s is refused with the range', async (said) => {
    const chat = await startWarm();
    const before = everything(chat);
    expect(await chat.say(MEMBER, said)).toContain('4294967295');
    expect(everything(chat)).toBe(before);
  });

  test('to the largest value there is', async () => {
    const chat = await startWarm();
    await chat.say(MEMBER, '标签 排序 老客 4294967295');
    expect(tagOf(chat, '客户分级', '老客').order).toBe(MAX_ORDER);
  });
});

describe('标签 置顶', () => {
  test('above a sibling at the maximum: that one is lowered, the sequence stays, and the answer says so', async () => {
    const chat = await startChat();
    const { tags } = groupOf(chat, '客户分级');
    for (const [at, order] of [MAX_ORDER, MAX_ORDER - 1, 1].entries()) {
      const tag = tags[at];
      if (tag) tag.order = order;
    }
    await chat.say(MEMBER, '标签组 列表');
    chat.sandbox.clearCalls();
    const answer = await chat.say(MEMBER, '标签 置顶 老客');
    expect(answer).toMatch(/普通.*降为/);
    expect(answer).toMatch(/重点.*降为/);
    expect(answer).toMatch(/老客.*4294967295/);
    expect(groupOf(chat, '客户分级').tags.map(({ name, order }) => [name, order])).toEqual([
      ['普通', MAX_ORDER - 1],
      ['重点', MAX_ORDER - 2],
      ['老客', MAX_ORDER],
    ]);
    expect(writes(chat).map(([, body]) => body)).toEqual([
      { id: tagOf(chat, '客户分级', '重点').id, order: MAX_ORDER - 2 },
      { id: tagOf(chat, '客户分级', '普通').id, order: MAX_ORDER - 1 },
      { id: tagOf(chat, '客户分级', '老客').id, order: MAX_ORDER },
    ]);
  });

  test('of the first among equals raises it all the same', async () => {
    const chat = await startChat();
    for (const tag of groupOf(chat, '地区').tags) tag.order = 0;
    await chat.say(MEMBER, '标签 置顶 上海');
    expect(groupOf(chat, '地区').tags.map((tag) => tag.order)).toEqual([1, 0, 0]);
  });

  test('of what is first says so and writes nothing', async () => {
    const chat = await startWarm();
    expect(await chat.say(MEMBER, '标签 置顶 普通')).toContain('已经排在第一');
    expect(writes(chat)).toEqual([]);
  });
});

describe('lookups change nothing and call nothing', () => {
  test.each<[said: string, words: string[]]>([
    ['标签 列表', ['华东大区', '4 个标签组', '12 个标签', '客户分级', '普通', '到访两次']],
    ['标签　列表', ['华东大区', '渠道来源', '转介绍']],
    ['标签 列表 客户分级', ['客户分级', '3 个标签', '1. 普通', '3. 老客']],
    ['标签 查 抖音', ['抖音', '渠道来源', '排第 1', '共 4']],
    ['标签　查　小红书', ['小红书', '渠道来源', '第 2']],
    ['标签 查 到访', ['到访一次', '到访两次', '到访记录']],
    ['标签 查 xhs', ['小红书', '渠道来源']],
    ['标签 查 餐饮', ['餐饮', '行业', '华南大区']],
  ])('%s', async (said, words) => {
    const chat = await startWarm();
    const before = everything(chat);
    const answer = await chat.say(MEMBER, said);
    for (const word of words) expect(answer).toContain(word);
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
    if (IS_ALONE) expect(tagCalls(chat)).toEqual([]);
  });

  test('标签 查 of what is nowhere says so', async () => {
    const chat = await startWarm();
    expect(await chat.say(MEMBER, '标签 查 量子力学')).toContain('没有找到');
  });

  test('the rule group made by hand is never seen', async () => {
    const chat = await startWarm();
    for (const said of ['标签 查 退货', '标签 列表', '规则组 列表']) {
      const answer = await chat.say(MEMBER, said);
      expect(answer).not.toContain('售后类型');
      expect(answer).not.toContain('手工规则组');
    }
  });
});
