/** A question about one line of several: whoever answers it gets all of them, in the order they were written. */

import { describe, expect, test } from 'vitest';
import { asks } from '../chat.ts';
import { startChat, tagCalls, treeOf, writes } from './talk.ts';

const PLAIN = { REPLY_FORMAT: 'plain' };
const MEMBER = 'zhangsan';
/** The tags of two lines, each in its group. */
const BOTH = { 客户分级: expect.arrayContaining(['钻石']), 渠道来源: expect.arrayContaining(['春节']) };

describe('a name that is not there', () => {
  test('in the first line: the others are made along with what is chosen', async () => {
    const chat = await startChat({ env: PLAIN });
    const asked = await chat.say(
      MEMBER,
      '标签 添加 钻石 到 客护分级\n标签 添加 春节 到 渠道来源\n标签 添加 无锡 到 地区',
    );
    expect(asks(asked)).toBe('choice');
    expect(asked).toContain('第 1 行');
    expect(asked).toContain('2 行');
    expect(writes(chat)).toEqual([]);
    await chat.say(MEMBER, '1');
    expect(treeOf(chat)).toMatchObject({ ...BOTH, 地区: expect.arrayContaining(['无锡']) });
  });

  test('in the last line: what stands before it is made as well, and once', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 添加 春节 到 渠道来源\n标签 添加 钻石 到 客护分级');
    await chat.say(MEMBER, '1');
    expect(writes(chat)).toHaveLength(2);
    expect(treeOf(chat)).toMatchObject(BOTH);
  });

  test('in two lines: each is asked about, and nothing is made before', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 添加 钻石 到 客护分级\n标签 添加 春节 到 渠到来源');
    const second = await chat.say(MEMBER, '1');
    expect(asks(second)).toBe('choice');
    expect(second).toContain('第 2 行');
    expect(writes(chat)).toEqual([]);
    await chat.say(MEMBER, '1');
    expect(treeOf(chat)).toMatchObject(BOTH);
  });

  test('beside a deletion: the plan that is shown holds every line', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 添加 钻石 到 客护分级\n标签 删除 老客');
    const plan = await chat.say(MEMBER, '1');
    expect(asks(plan)).toBe('confirm');
    expect(plan).toContain('钻石');
    expect(plan).toContain('老客');
    expect(writes(chat)).toEqual([]);
    await chat.say(MEMBER, '确认');
    expect(treeOf(chat).客户分级).toContain('钻石');
    expect(treeOf(chat).客户分级).not.toContain('老客');
  });

  test('behind a change of the library: what is chosen and the rest are meant there', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say('wangzong', '切换到企业标签\n标签 添加 钻石 到 持卡类形\n标签 添加 无锡 到 地区');
    await chat.say('wangzong', '1');
    const groups = chat.sandbox.corp.library.groupsOf('corp');
    const tagsIn = (name: string) => groups.find((group) => group.name === name)?.tags.map((tag) => tag.name);
    expect(tagsIn('持卡类型')).toContain('钻石');
    expect(tagsIn('地区')).toContain('无锡');
    expect(treeOf(chat).地区).not.toContain('无锡');
  });

  test('and a press of the card does the same as the number', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'markdown' } });
    await chat.say(MEMBER, '标签 添加 钻石 到 客护分级\n标签 添加 春节 到 渠道来源');
    await chat.press(MEMBER, '1');
    expect(writes(chat)).toHaveLength(2);
  });

  test('cancelled: nothing of it is made', async () => {
    const chat = await startChat({ env: PLAIN });
    await chat.say(MEMBER, '标签 添加 春节 到 渠道来源\n标签 添加 钻石 到 客护分级');
    await chat.say(MEMBER, '取消');
    expect(writes(chat)).toEqual([]);
    expect(tagCalls(chat).length).toBeGreaterThan(0);
  });
});

test('an order instead of the answer is told that none of the lines was made', async () => {
  const chat = await startChat({ env: PLAIN });
  await chat.say(MEMBER, '标签 添加 春节 到 渠道来源\n标签 添加 钻石 到 客护分级');
  const answer = await chat.say(MEMBER, '标签 添加 无锡 到 地区');
  expect(answer).toMatch(/那几行都没有执行/);
  expect(writes(chat)).toHaveLength(1);
});

test('the library, where none is chosen yet: all lines are meant there', async () => {
  const chat = await startChat({ env: { ...PLAIN, DEFAULT_STRATEGY_ID: '' } });
  const asked = await chat.say('wangzong', '新建标签组 会员权益：包邮\n新建标签组 售后问题：退货');
  expect(asks(asked)).toBe('choice');
  await chat.say('wangzong', String(/(\d+) .*华南大区/.exec(asked)?.[1]));
  expect(treeOf(chat, '华南大区')).toMatchObject({ 会员权益: ['包邮'], 售后问题: ['退货'] });
});

test('lines of groups and their tags, of which none is there yet, become groups', async () => {
  const chat = await startChat({ env: PLAIN });
  let answer = await chat.say(MEMBER, '会员权益：包邮、生日礼\n售后问题：退货、换货');
  for (let i = 0; asks(answer) && i < 3; i++)
    answer = await chat.say(MEMBER, asks(answer) === 'confirm' ? '确认' : String(/(\d+) 新建/.exec(answer)?.[1]));
  expect(treeOf(chat)).toMatchObject({ 会员权益: ['包邮', '生日礼'], 售后问题: ['退货', '换货'] });
});
