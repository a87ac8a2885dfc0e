/** Several tags of a group put in order by one sentence. */

import { describe, expect, test } from 'vitest';
import { asks } from '../chat.ts';
import { everything, MEMBER, startChat, treeOf, writes } from './talk.ts';

const PLAIN = { env: { REPLY_FORMAT: 'plain' } };

describe('the named tags of a group stand in the order in which they are named', () => {
  test.each([
    '客户分级排序 老客 重点 普通',
    '标签 排序 客户分级 老客、重点、普通',
    '把客户分级按 老客 重点 普通 排',
    '客户分级按老客、重点、普通的顺序排一下',
    '客户分级的顺序改成老客、重点、普通',
    '麻烦把客户分级里的标签顺序调整为 老客>重点>普通',
    '客户分级排一下：老客 重点 普通',
  ])('%s', async (said) => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, said);
    expect(chat.tags('客户分级', '华东大区')).toEqual(['老客', '重点', '普通']);
    await chat.say(MEMBER, '撤销');
    expect(chat.tags('客户分级', '华东大区')).toEqual(['普通', '重点', '老客']);
  });

  test('the others of the group keep their places and values', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '渠道来源按门店、抖音排');
    expect(chat.tags('渠道来源', '华东大区')).toEqual(['门店', '小红书', '抖音', '转介绍']);
    expect(writes(chat)).toHaveLength(2);
  });

  test('tags of equal value go above the others, in that order', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '标签 排序 抖音 3');
    await chat.say(MEMBER, '渠道来源排序 转介绍 小红书 抖音');
    expect(chat.tags('渠道来源', '华东大区')).toEqual(['转介绍', '小红书', '抖音', '门店']);
  });

  test('in the library that is named', async () => {
    const chat = await startChat(PLAIN);
    const east = treeOf(chat);
    await chat.say(MEMBER, '华南的客户分级排序 成交 意向');
    expect(chat.tags('客户分级', '华南大区')).toEqual(['成交', '意向']);
    expect(treeOf(chat)).toEqual(east);
  });

  test('what stands so already is not written again', async () => {
    const chat = await startChat(PLAIN);
    expect(await chat.say(MEMBER, '客户分级排序 普通 重点 老客')).toContain('没有需要改的');
    expect(writes(chat)).toEqual([]);
  });

  test('many are shown first', async () => {
    const chat = await startChat(PLAIN);
    const names = Array.from({ length: 12 }, (_, at) => `档位${at + 1}`);
    await chat.say(MEMBER, `标签组 新建 档位：${names.join('、')}`);
    await chat.say(MEMBER, '确认');
    expect(asks(await chat.say(MEMBER, `档位排序 ${names.toReversed().join(' ')}`))).toBe('confirm');
  });
});

test.each([
  '客户分级的顺序怎么改成老客、重点、普通',
  '能不能把客户分级按老客、重点、普通排',
  '客户分级按老客、重点、普通排吗',
  '别把客户分级按老客、重点、普通排',
  '昨天把客户分级按老客、重点、普通排了',
  '客户分级的顺序是老客、重点、普通',
  '等下把客户分级按老客、重点、普通排',
  '客户分级排序 老客 中点 普通',
  '客户分级排序 老客 老客 普通',
])('%s writes nothing', async (said) => {
  const chat = await startChat(PLAIN);
  const before = everything(chat);
  await chat.say(MEMBER, said);
  await chat.say(MEMBER, '好');
  if (!said.includes('老客 老客')) expect(everything(chat)).toBe(before);
  expect(chat.tags('客户分级', '华东大区')).toContain('重点');
});
