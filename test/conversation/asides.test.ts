/** What is said while a question is open: what only asks or looks up leaves it open, any other order drops it. */

import { describe, expect, test } from 'vitest';
import { asks, type Chat, planOf } from '../chat.ts';
import { everything, MEMBER, startChat, writes } from './talk.ts';

const PLAIN = { env: { REPLY_FORMAT: 'plain' } };
const WAITS = '还在等你';

/** A lookup, a question, help and smalltalk, with something that only their answer holds. */
const ASIDES: readonly (readonly [said: string, answered: RegExp])[] = [
  ['客户分级有哪些', /普通/],
  ['标签 列表', /到访记录/],
  ['帮助', /可以这样说/],
  ['我', /wangzong/],
  ['历史', /改动/],
  ['统计', /额度/],
  ['等下 流失有多少人在用', /看不到哪些客户/],
  ['里面有几个标签', /标签/],
  ['我能删除老客吗', /没有执行/],
];

/** An order that asks, what it needs to be answered with, and what is then changed. */
const QUESTIONS: Record<string, readonly [order: string, answer: string, written: RegExp]> = {
  confirm: ['删除老客', '确认', /del_/],
  choice: ['标签 添加 钻石 到 客护分级', '1', /add_/],
  pick: ['删除渠道来源里的标签', '1', /^$/],
  slot: ['把老客改名', '熟客', /edit_/],
  'slot with names': ['标签 添加 钻石', '1', /add_/],
};

const written = (chat: Chat) =>
  writes(chat)
    .map(([name]) => name)
    .join();

describe.each(Object.entries(QUESTIONS))('%s', (_, [order, answer, call]) => {
  test.each(ASIDES)('waits on after %s, which is answered', async (said, answered) => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, order);
    const aside = await chat.say(MEMBER, said);
    expect(aside).toMatch(answered);
    expect(aside).toContain(WAITS);
    expect(writes(chat)).toEqual([]);
    const after = await chat.say(MEMBER, answer);
    if (asks(after) !== 'confirm') expect(written(chat)).toMatch(call);
    expect(await chat.say(MEMBER, '取消')).not.toContain(WAITS);
  });

  test.each(['加个白金到地区', '规则组 切换 华南大区', '取消'])('ends with %s', async (said) => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, order);
    expect(await chat.say(MEMBER, said)).not.toContain(WAITS);
    const before = everything(chat);
    await chat.say(MEMBER, answer);
    expect(everything(chat)).toBe(before);
  });
});

test('the numbers of what waits are said again, whatever was numbered in between', async () => {
  const chat = await startChat(PLAIN);
  await chat.say(MEMBER, '标签 添加 钻石 到 客护分级');
  expect(await chat.say(MEMBER, '渠道来源有哪些')).toMatch(/1\. 抖音[\s\S]*1 客户分级/);
});

test('a question that there is no room for is dropped, a plan is not', async () => {
  const chat = await startChat({ ...PLAIN, tags: 3_000 });
  await chat.say(MEMBER, '标签 添加 钻石');
  expect(await chat.say(MEMBER, '标签 列表')).not.toContain(WAITS);
  await chat.say(MEMBER, '1');
  expect(writes(chat)).toEqual([]);
  await chat.say(MEMBER, '删除老客');
  await chat.say(MEMBER, '标签 列表');
  await chat.say(MEMBER, '更多');
  expect(await chat.say(MEMBER, '确认')).toContain('已从「客户分级」删除：老客');
});

test('a card can still be pressed after an aside', async () => {
  const chat = await startChat();
  await chat.say(MEMBER, '删除老客');
  const card = chat.card(MEMBER).id;
  expect(await chat.say(MEMBER, '客户分级有哪些')).toContain(WAITS);
  expect(chat.card(MEMBER).id).toBe(card);
  expect(await chat.press(MEMBER, 'confirm')).toContain('已从「客户分级」删除：老客');
});

test.each([
  ['抖音', /渠道来源/],
  ['小红', /小红书/],
  ['你好', /标签助手/],
])('a plan and a choice wait on after %s', async (said, answered) => {
  for (const order of ['删除老客', '标签 添加 钻石 到 客护分级']) {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, order);
    const aside = await chat.say(MEMBER, said);
    expect(aside).toMatch(answered);
    expect(aside).toContain(WAITS);
  }
});

describe('where a name is asked for, a whole order is taken as that', () => {
  test.each([
    ['新建标签组', '把老客改成贵宾', '客户分级', ['普通', '重点', '贵宾']],
    ['标签 添加 钻石', '加个成都到地区', '地区', ['上海', '杭州', '苏州', '成都']],
    ['把老客改名', '在地区里加个成都', '地区', ['上海', '杭州', '苏州', '成都']],
    ['标签组 新建 会员等级', '再加个金卡', '会员等级', ['金卡']],
  ])('%s ▸ %s', async (order, said, group, tags) => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, order);
    await chat.say(MEMBER, said);
    expect(chat.tags(group, '华东大区')).toEqual(tags);
  });

  test('新建 ▸ 再加个D asks for the group alone', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '新建');
    expect(await chat.say(MEMBER, '再加个D')).toMatch(/「D」[\s\S]*组/);
    await chat.say(MEMBER, '地区');
    expect(chat.tags('地区', '华东大区')).toContain('D');
  });

  test('新建 ▸ 算了 删掉老客 plans the delete', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '新建');
    expect(asks(await chat.say(MEMBER, '算了 删掉老客'))).toBe('confirm');
  });
});

test('删掉它 after a look at another tag is about that one, 删吧 about the plan', async () => {
  const chat = await startChat(PLAIN);
  await chat.say(MEMBER, '删除老客');
  await chat.say(MEMBER, '抖音');
  expect(await chat.say(MEMBER, '删吧')).toMatch(/老客[\s\S]*确认/);
  expect(await planOf(chat, MEMBER)).toMatchObject([{ tags: [{ name: '老客' }] }]);
  expect(await chat.say(MEMBER, '删掉它')).toContain('没有执行');
  expect(await planOf(chat, MEMBER)).toMatchObject([{ tags: [{ name: '抖音' }] }]);
  expect(writes(chat)).toEqual([]);
});

test('an order that asks as well takes the place of what waited', async () => {
  const chat = await startChat(PLAIN);
  await chat.say(MEMBER, '删除老客');
  expect(await chat.say(MEMBER, '标签 删除 抖音')).toContain('没有执行');
  expect(await planOf(chat, MEMBER)).toMatchObject([{ do: 'deleteTags', tags: [{ name: '抖音' }] }]);
});

describe('where nothing is open', () => {
  test.each(['先别', '等等', '等下，我想想', '我再想想', 'hold on', '哎先不弄了', '没事了'])(
    '%s is heard',
    async (said) => {
      const chat = await startChat(PLAIN);
      const answer = await chat.say(MEMBER, said);
      expect(answer).toContain('没有在等你确认');
      expect(answer).not.toContain('撤销');
      expect(writes(chat)).toEqual([]);
    },
  );

  test('what has just been done is not said to be undone', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '标签 添加 钻石 到 地区');
    expect(await chat.say(MEMBER, '等等')).toContain('撤销');
  });
});

test('what was looked at is timed by the clock of the messages, not by that of this machine', async () => {
  let passed = 0;
  const clock = () => Date.now() + passed;
  const chat = await startChat({
    env: { REPLY_FORMAT: 'plain' },
    app: { now: () => clock() + 8 * 60_000 },
    sandbox: { now: clock },
  });
  await chat.say(MEMBER, '删除老客');
  await chat.say(MEMBER, '重点');
  passed = 3 * 60_000;
  expect(await chat.say(MEMBER, '删掉它')).toContain('没有执行');
});

test('which of several was meant by a lookup is not asked on when something else is looked up', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  expect(asks(await chat.say(MEMBER, '抖音的客户在哪个组'))).toBe('choice');
  expect(await chat.say(MEMBER, '小红书')).not.toContain(WAITS);
});
