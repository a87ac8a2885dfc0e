/** 中改中意向: renames without 成, where the tag is there. */

import { describe, expect, test } from 'vitest';
import { planOf } from '../chat.ts';
import { everything, MEMBER, startChat } from './talk.ts';

const PLAIN = { env: { REPLY_FORMAT: 'plain' } };

describe('behind a rename it is one as well', () => {
  test('in the same group', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '把客户分级里的普通改成普通户，重点改重点户，老客换老客户');
    expect(chat.tags('客户分级', '华东大区')).toEqual(['普通户', '重点户', '老客户']);
  });

  test('where the tag is in another one', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '客户分级的普通改成普通户，抖音改抖音号');
    expect(chat.tags('客户分级', '华东大区')).toContain('普通户');
    expect(chat.tags('渠道来源', '华东大区')).toContain('抖音号');
  });

  test('what names no tag stays a remark, and the rest is shown first', async () => {
    const chat = await startChat(PLAIN);
    const before = everything(chat);
    const plan = await chat.say(MEMBER, '把老客改成贵宾，客户改了需求');
    expect(plan).toContain('备注');
    expect(everything(chat)).toBe(before);
    expect(await planOf(chat, MEMBER)).toHaveLength(1);
  });
});

describe('by itself it is shown first', () => {
  test.each(['抖音改抖音号，门店改线下门店', '把抖音改抖音号，门店换线下门店'])('%s', async (said) => {
    const chat = await startChat(PLAIN);
    const before = everything(chat);
    await chat.say(MEMBER, said);
    expect(everything(chat)).toBe(before);
    expect(await planOf(chat, MEMBER)).toHaveLength(2);
    await chat.say(MEMBER, '确认');
    expect(chat.tags('渠道来源', '华东大区')).toEqual(['抖音号', '小红书', '线下门店', '转介绍']);
  });

  test.each([
    '抖音改抖音号吗',
    '别把抖音改抖音号',
    '昨天抖音改抖音号了',
    '抖音改一下',
    '抖音换换',
    '抖音改版',
    '要是抖音改抖音号',
  ])('%s is none', async (said) => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, said);
    expect(await planOf(chat, MEMBER)).toBeUndefined();
  });

  test('a tag that is called so is looked up', async () => {
    const chat = await startChat(PLAIN);
    await chat.say(MEMBER, '标签 添加 「抖音改抖音号」 到 渠道来源');
    expect(await chat.say(MEMBER, '抖音改抖音号')).toContain('在标签组「渠道来源」');
  });
});
