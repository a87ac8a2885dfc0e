/** Every command about tag groups and the switch of rule groups in canonical form, and 帮助. */

import { describe, expect, test } from 'vitest';
import { MAX_ORDER } from '../../src/tags/tag.ts';
import type { Chat } from '../chat.ts';
import { everything, groupId, groupOf, MEMBER, startChat, startWarm, tagCalls, tagOf, treeOf, writes } from './talk.ts';

test.each<[said: string, words: string[], groups: string[], write: (chat: Chat) => [name: string, body: unknown]]>([
  [
    '标签组 新建 会员等级：青铜、白银',
    ['会员等级', '青铜', '白银', '已新建'],
    ['客户分级', '渠道来源', '地区', '到访记录', '会员等级'],
    () => ['add_strategy_tag', { strategy_id: 1, group_name: '会员等级', tag: [{ name: '青铜' }, { name: '白银' }] }],
  ],
  [
    '标签组　新建　会员等级　青铜，白银',
    ['会员等级', '青铜', '白银', '已新建'],
    ['客户分级', '渠道来源', '地区', '到访记录', '会员等级'],
    () => ['add_strategy_tag', { strategy_id: 1, group_name: '会员等级', tag: [{ name: '青铜' }, { name: '白银' }] }],
  ],
  [
    '标签组 改名 地区 为 城市',
    ['地区', '城市', '改名'],
    ['客户分级', '渠道来源', '城市', '到访记录'],
    (chat) => ['edit_strategy_tag', { id: groupId(chat, '地区'), name: '城市' }],
  ],
  [
    '标签组 排序 地区 100',
    ['地区', '100', '第 1'],
    ['地区', '客户分级', '渠道来源', '到访记录'],
    (chat) => ['edit_strategy_tag', { id: groupId(chat, '地区'), order: 100 }],
  ],
  [
    '标签组　排序　客户分级　０',
    ['客户分级', '第 4'],
    ['渠道来源', '地区', '到访记录', '客户分级'],
    (chat) => ['edit_strategy_tag', { id: groupId(chat, '客户分级'), order: 0 }],
  ],
  [
    '标签组 置顶 到访记录',
    ['到访记录', '第 1'],
    ['到访记录', '客户分级', '渠道来源', '地区'],
    (chat) => ['edit_strategy_tag', { id: groupId(chat, '到访记录'), order: 5 }],
  ],
])('%s', async (said, words, groups, write) => {
  const chat = await startWarm();
  const expected = write(chat);
  const south = treeOf(chat, '华南大区');
  const answer = await chat.say(MEMBER, said);
  for (const word of words) expect(answer).toContain(word);
  expect(Object.keys(treeOf(chat))).toEqual(groups);
  expect(treeOf(chat, '华南大区')).toEqual(south);
  expect(writes(chat)).toEqual([expected]);
  expect(tagCalls(chat).length).toBeLessThanOrEqual(3);
});

describe('标签组 新建', () => {
  test('without tags asks for them: the platform keeps no empty group', async () => {
    const chat = await startWarm();
    expect(await chat.say(MEMBER, '标签组 新建 会员等级')).toMatch(/不能是空的/);
    expect(await chat.say(MEMBER, '青铜、白银')).toContain('已新建');
    expect(chat.tags('会员等级')).toEqual(['青铜', '白银']);
  });

  test('of a group that exists says so, and adds to it once that is confirmed', async () => {
    const chat = await startWarm();
    expect(await chat.say(MEMBER, '标签组 新建 客户分级：VIP')).toMatch(/客户分级.*已经有了/);
    expect(treeOf(chat).客户分级).toEqual(['普通', '重点', '老客']);
    await chat.say(MEMBER, '确认');
    expect(treeOf(chat).客户分级).toEqual(['普通', '重点', '老客', 'VIP']);
  });

  test('the same name in another rule group is another group', async () => {
    const chat = await startWarm();
    await chat.say(MEMBER, '标签组 新建 行业：零售');
    expect(treeOf(chat).行业).toEqual(['零售']);
    expect(treeOf(chat, '华南大区').行业).toEqual(['餐饮', '教育']);
  });
});

describe('标签组 改名', () => {
  test('to the name of a sibling is refused', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    expect(await chat.say(MEMBER, '标签组 改名 地区 为 客户分级')).toMatch(/已经有标签组叫.*客户分级/);
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
  });

  test('to a name that only another rule group has', async () => {
    const chat = await startWarm();
    await chat.say(MEMBER, '标签组 改名 地区 为 行业');
    expect(treeOf(chat).行业).toEqual(['上海', '杭州', '苏州']);
  });

  test('keeps id, order and tags', async () => {
    const chat = await startWarm();
    const before = structuredClone(groupOf(chat, '地区'));
    await chat.say(MEMBER, '标签组 改名 地区 为 城市');
    expect(groupOf(chat, '城市')).toEqual({ ...before, name: '城市' });
  });
});

test('标签组 置顶 above a sibling at the maximum', async () => {
  const chat = await startChat();
  groupOf(chat, '客户分级').order = MAX_ORDER;
  const answer = await chat.say(MEMBER, '标签组 置顶 地区');
  expect(answer).toMatch(/客户分级.*降为/);
  expect(groupOf(chat, '客户分级').order).toBe(MAX_ORDER - 1);
  expect(groupOf(chat, '地区').order).toBe(MAX_ORDER);
  expect(Object.keys(treeOf(chat))).toEqual(['地区', '客户分级', '渠道来源', '到访记录']);
});

describe('标签组 删除', () => {
  test.each(['标签组 删除 客户分级', '标签组　删除　客户分级'])(
    '%s names what goes along, and deletes after 确认',
    async (said) => {
      const chat = await startWarm();
      const before = treeOf(chat);
      const id = groupId(chat, '客户分级');
      const question = await chat.say(MEMBER, said);
      for (const word of ['客户分级', '3', '普通', '重点', '老客', '确认', '取消']) expect(question).toContain(word);
      expect(treeOf(chat)).toEqual(before);
      const answer = await chat.say(MEMBER, '确认');
      for (const word of ['已删除', '客户分级', '3']) expect(answer).toContain(word);
      const { 客户分级: _, ...rest } = before;
      expect(treeOf(chat)).toEqual(rest);
      expect(treeOf(chat, '华南大区').客户分级).toEqual(['意向', '成交']);
      expect(writes(chat)).toEqual([['del_strategy_tag', { group_id: [id] }]]);
    },
  );

  test('of several is one question and one call each', async () => {
    const chat = await startWarm();
    const question = await chat.say(MEMBER, '标签组 删除 地区、到访记录');
    expect(question).toMatch(/2 个标签组、5 个标签/);
    await chat.say(MEMBER, '确认');
    expect(Object.keys(treeOf(chat))).toEqual(['客户分级', '渠道来源']);
    expect(writes(chat)).toHaveLength(2);
  });
});

describe('确认 and 取消', () => {
  test('取消 leaves everything as it was, and a 确认 after it does nothing', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    await chat.say(MEMBER, '标签 删除 普通');
    expect(await chat.say(MEMBER, '取消')).toContain('已取消');
    expect(await chat.say(MEMBER, '确认')).not.toContain('已从');
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
  });

  test.each(['确认', '取消'])('%s without a question says that there is none', async (said) => {
    const chat = await startWarm();
    expect(await chat.say(MEMBER, said)).toMatch(/没有/);
    expect(writes(chat)).toEqual([]);
  });

  test('any other command drops the question', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    await chat.say(MEMBER, '标签 删除 普通');
    await chat.say(MEMBER, '规则组 切换 华东大区');
    await chat.say(MEMBER, '确认');
    expect(everything(chat)).toBe(before);
  });

  test('好 is not 确认', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    await chat.say(MEMBER, '标签 删除 普通');
    expect(await chat.say(MEMBER, '好')).toContain('确认');
    expect(everything(chat)).toBe(before);
    await chat.say(MEMBER, '确认');
    expect(tagNames(chat)).toEqual(['重点', '老客']);
  });

  test('the button of the card does the same as the word, once', async () => {
    const chat = await startWarm();
    await chat.say(MEMBER, '标签 删除 普通');
    const { card } = chat.card(MEMBER);
    const button = (card.button_list as { key: string; style?: number }[]).find(({ key }) => /confirm/.test(key));
    expect(await chat.press(MEMBER, button?.key ?? '')).toContain('已从');
    expect(tagNames(chat)).toEqual(['重点', '老客']);
    expect(chat.card(MEMBER).disabledText).toBe('已删除');
    await chat.say(MEMBER, '确认');
    expect(tagNames(chat)).toEqual(['重点', '老客']);
    expect(writes(chat)).toHaveLength(1);
  });

  const tagNames = (chat: Chat) => treeOf(chat).客户分级;
});

describe('规则组', () => {
  test.each(['规则组 列表', '规则组　列表'])('%s', async (said) => {
    const chat = await startWarm();
    const answer = await chat.say(MEMBER, said);
    for (const word of ['华东大区', '上海一部', '华南大区', '当前']) expect(answer).toContain(word);
    expect(answer).not.toContain('手工规则组');
    expect(answer).toMatch(/华东大区.*当前/);
  });

  test.each(['规则组 切换 华南大区', '规则组　切换　华南大区'])(
    '%s: what is said afterwards is about it',
    async (said) => {
      const chat = await startWarm();
      const east = treeOf(chat);
      expect(await chat.say(MEMBER, said)).toContain('华南大区');
      expect(await chat.say(MEMBER, '标签组 列表')).toMatch(/华南大区[\s\S]*行业/);
      await chat.say(MEMBER, '标签 添加 流失 到 客户分级');
      expect(treeOf(chat, '华南大区').客户分级).toEqual(['意向', '成交', '流失']);
      expect(treeOf(chat)).toEqual(east);
      expect(writes(chat)).toMatchObject([['add_strategy_tag', { strategy_id: 2 }]]);
      await chat.restart();
      expect(await chat.say(MEMBER, '规则组 列表')).toMatch(/华南大区.*当前/);
    },
  );

  test('标签 添加 into a child rule group is explained, and nothing is sent', async () => {
    const chat = await startWarm();
    const before = everything(chat);
    await chat.say(MEMBER, '规则组 切换 上海一部');
    expect(await chat.say(MEMBER, '标签组 新建 会员等级：青铜')).toMatch(/下级规则组/);
    expect(everything(chat)).toBe(before);
    expect(writes(chat)).toEqual([]);
  });

  test('切换 to what does not exist changes nothing', async () => {
    const chat = await startWarm();
    expect(await chat.say(MEMBER, '规则组 切换 华西大区')).toContain('没有找到规则组');
    expect(await chat.say(MEMBER, '规则组 列表')).toMatch(/华东大区.*当前/);
  });
});

test.each(['帮助', '标签 帮助', '帮助 添加', '标签组 列表', '帮助　标签组'])(
  '%s shows how it is said',
  async (said) => {
    const chat = await startWarm();
    const answer = await chat.say(MEMBER, said);
    expect(answer).toContain('标签');
    expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(2048);
    expect(chat.sandbox.violations).toEqual([]);
  },
);

test('what 标签 查 tells is where the tag stands after all of that', async () => {
  const chat = await startChat();
  for (const said of [
    '标签 添加 VIP 到 客户分级',
    '标签 置顶 VIP',
    '标签组 改名 客户分级 为 等级',
    '标签 改名 VIP 为 贵宾',
  ])
    await chat.say(MEMBER, said);
  expect(tagOf(chat, '等级', '贵宾').order).toBe(4);
  const answer = await chat.say(MEMBER, '标签 查 贵宾');
  for (const word of ['贵宾', '等级', '第 1']) expect(answer).toContain(word);
});
