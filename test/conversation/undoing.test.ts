/** 撤销 and 历史: every kind of change taken back, what stands against it, and who sees what was changed. */

import { describe, expect, test } from 'vitest';
import { asks, type Chat } from '../chat.ts';
import { MEMBER, startChat, tagOf, treeOf, writes } from './talk.ts';

const ENV = { REPLY_FORMAT: 'plain', BOT_ADMINS: 'wangzong' };
const DAY = 24 * 60 * 60_000;

async function open(options: Parameters<typeof startChat>[0] = {}): Promise<Chat> {
  return startChat({ ...options, env: { ...ENV, ...options.env } });
}

/** Groups and tags in their order. */
const order = (chat: Chat) => JSON.stringify(treeOf(chat));

/** Says each in turn; the last answer. */
async function says(chat: Chat, ...texts: string[]): Promise<string> {
  let last = '';
  for (const text of texts) last = await chat.say(MEMBER, text);
  return last;
}

describe('撤销', () => {
  test.each([
    ['an add', ['标签 添加 钻石 到 客户分级']],
    ['a renamed tag', ['把老客改名为回头客']],
    ['a renamed group', ['标签组 改名 地区 为 城市']],
    ['an order', ['标签 排序 老客 99']],
    ['a tag put first', ['标签 置顶 老客']],
    ['a group put first', ['标签组 置顶 地区']],
  ])('%s: the library is as it was', async (_, texts) => {
    const chat = await open();
    const before = order(chat);
    await says(chat, ...texts);
    expect(order(chat)).not.toBe(before);
    expect(await says(chat, '撤销')).not.toMatch(/没有做成|不确定/);
    expect(order(chat)).toBe(before);
  });

  test('a deleted tag comes back as a new one, and that is said plainly', async () => {
    const chat = await open();
    const old = tagOf(chat, '客户分级', '老客').id;
    await says(chat, '标签 删除 老客', '确认');
    expect(await says(chat, '撤销')).toMatch(/重新建|重新打/);
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
    expect(tagOf(chat, '客户分级', '老客').id).not.toBe(old);
  });

  test('a deleted group comes back with its tags, in its place', async () => {
    const chat = await open();
    const before = order(chat);
    await says(chat, '标签组 删除 渠道来源', '确认', '撤销');
    expect(order(chat)).toBe(before);
  });

  test('a created group goes, after a question, because the group goes along', async () => {
    const chat = await open();
    await says(chat, '标签组 新建 会员：金卡、银卡');
    expect(asks(await says(chat, '撤销'))).toBe('confirm');
    await says(chat, '确认');
    expect(chat.tags('会员')).toBeUndefined();
  });

  test('an undo can be undone, and then the change be undone again', async () => {
    const chat = await open();
    await says(chat, '标签 添加 钻石 到 客户分级', '撤销');
    expect(chat.tags('客户分级')).not.toContain('钻石');
    await says(chat, '撤销 2');
    expect(chat.tags('客户分级')).toContain('钻石');
    expect(await says(chat, '历史')).toContain('撤销');
  });

  test('undone twice: told so, nothing done', async () => {
    const chat = await open();
    await says(chat, '把老客改名为回头客', '撤销');
    const calls = writes(chat).length;
    expect(await says(chat, '撤销 1')).toContain('已经撤销过');
    expect(writes(chat)).toHaveLength(calls);
  });

  test('once more takes back the change before', async () => {
    const chat = await open();
    await says(chat, '标签 添加 一号 到 客户分级', '标签 添加 二号 到 客户分级', '撤销', '撤销');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
  });

  test('what was renamed meanwhile is asked about, not taken away', async () => {
    const chat = await open();
    await says(chat, '标签 添加 钻石 到 客户分级');
    await chat.sandbox.consoleEdit({ action: 'rename', id: tagOf(chat, '客户分级', '钻石').id, name: '铂金' });
    const asked = await says(chat, '撤销');
    expect(asked).toContain('铂金');
    expect(asks(asked)).toBe('confirm');
    expect(chat.tags('客户分级')).toContain('铂金');
  });

  test('a rename that somebody has changed since is left alone', async () => {
    const chat = await open();
    await says(chat, '把老客改名为回头客');
    await chat.sandbox.consoleEdit({ action: 'rename', id: tagOf(chat, '客户分级', '回头客').id, name: '熟客' });
    expect(await says(chat, '撤销')).toContain('熟客');
    expect(chat.tags('客户分级')).toContain('熟客');
  });

  test('after 24 hours no more', async () => {
    let now = Date.now();
    const chat = await open({ app: { now: () => now }, sandbox: { now: () => now } });
    await says(chat, '把老客改名为回头客');
    now += DAY + 1_000;
    expect(await says(chat, '撤销 1')).toContain('24 小时');
    expect(await says(chat, '撤销')).toContain('24 小时');
    expect(chat.tags('客户分级')).toContain('回头客');
  });

  test("somebody else's: refused to a rule group's admin, done for a bot admin", async () => {
    const chat = await open();
    await chat.say(MEMBER, '标签 添加 钻石 到 客户分级');
    await chat.say('zhangsan', '标签 添加 金牌 到 客户分级');
    expect(await chat.say('zhangsan', '撤销 1')).toContain('不是你做的');
    expect(chat.tags('客户分级')).toContain('钻石');
    const asked = await chat.say(MEMBER, '撤销 2');
    expect(asks(asked)).toBe('confirm');
    expect(asked).toMatch(/改动 2 是 \**张三/);
    expect(chat.tags('客户分级')).toContain('金牌');
    expect(await chat.say(MEMBER, '确认')).toMatch(/已撤销 2：.*删除.*金牌/);
    expect(chat.tags('客户分级')).not.toContain('金牌');
  });

  test("somebody else's that destroys nothing is asked, too", async () => {
    const chat = await open();
    await chat.say('zhangsan', '把老客改名为回头客');
    expect(asks(await chat.say(MEMBER, '撤销 1'))).toBe('confirm');
    expect(chat.tags('客户分级')).toContain('回头客');
    expect(await chat.say(MEMBER, '确认')).toContain('已撤销 1：');
    expect(chat.tags('客户分级')).toContain('老客');
  });

  test('one that a colleague has renamed since: asked, and who it was is said', async () => {
    const chat = await open();
    await chat.say(MEMBER, '标签 添加 钻石 到 客户分级');
    await chat.say('zhangsan', '把钻石改名为铂金');
    const asked = await chat.say(MEMBER, '撤销 1');
    expect(asks(asked)).toBe('confirm');
    expect(asked).toMatch(/钻石.*张三.*改动 2.*铂金/);
    expect(chat.tags('客户分级')).toContain('铂金');
  });

  test('what was taken back is said', async () => {
    const chat = await open();
    expect(await says(chat, '标签 添加 钻石 到 客户分级', '撤销')).toMatch(/已撤销 1：.*钻石/);
  });

  test('nothing to take back', async () => {
    const chat = await open();
    expect(await says(chat, '撤销')).toContain('没有');
    expect(await says(chat, '撤销 77')).toContain('77');
  });

  test('a deleted rule group: no undo is promised, none is done', async () => {
    const chat = await open();
    await says(chat, '规则组 新建 华北大区 负责人 张三 范围 销售部', '确认');
    expect(await says(chat, '规则组 删除 华北大区', '确认')).not.toContain('撤销');
    expect(await says(chat, '撤销 2')).toMatch(/无法恢复|撤销不了/);
  });
});

describe('历史', () => {
  test('tells who, what and how it ended; filters by name, person and day', async () => {
    const chat = await open();
    await chat.say(MEMBER, '把老客改名为回头客');
    await chat.say('zhangsan', '标签 添加 钻石 到 客户分级');
    chat.sandbox.setFaults({ errcode: { on: true, code: 40072, times: 1, path: 'edit_strategy_tag' } });
    await chat.say(MEMBER, '把抖音改名为抖音号');
    const all = await chat.say(MEMBER, '历史');
    for (const word of ['王总', '张三', '老客', '回头客', '钻石', '抖音号', '没有做成']) expect(all).toContain(word);
    expect(all.indexOf('抖音号')).toBeLessThan(all.indexOf('钻石'));

    const named = await chat.say(MEMBER, '历史 钻石');
    expect(named).toContain('张三');
    expect(named).not.toContain('回头客');
    const person = await chat.say(MEMBER, '历史 @张三');
    expect(person).toContain('钻石');
    expect(person).not.toContain('回头客');
    expect(await chat.say(MEMBER, '历史 今天')).toContain('钻石');
    expect(await chat.say(MEMBER, '历史 昨天')).not.toContain('钻石');
  });

  test('is paged', async () => {
    const chat = await open();
    for (let i = 0; i < 45; i++) await chat.say(MEMBER, `标签 添加 长长的名字用来把回答撑长一些${i} 到 客户分级`);
    expect(await chat.say(MEMBER, '历史')).toContain('更多');
    expect(await chat.say(MEMBER, '更多')).toContain('长长的名字');
    expect(chat.sandbox.violations).toEqual([]);
  });

  test('shows nobody what they may not read', async () => {
    const chat = await open({ env: { READ_ACCESS: 'admins' } });
    await chat.say(MEMBER, '标签 添加 钻石 到 客户分级');
    expect(await chat.say('lisi', '历史')).not.toContain('钻石');
    expect(await chat.say('zhangsan', '历史')).toContain('钻石');
  });
});

describe('what was deleted is brought back by its name', () => {
  test.each([
    '恢复老客',
    '把老客恢复',
    '老客恢复一下',
    '恢复一下老客这个标签',
    '找回老客',
    '帮我把老客找回来',
    '删错了，把老客加回来',
    '还原刚才删的老客',
  ])('%s, after something else was done', async (said) => {
    const chat = await open();
    await says(chat, '标签 删除 老客', '确认', '标签 添加 钻石 到 客户分级');
    expect(chat.tags('客户分级')).not.toContain('老客');
    expect(await says(chat, said)).toContain('老客');
    expect(chat.tags('客户分级')).toEqual(expect.arrayContaining(['老客', '钻石']));
  });

  test('a group with its tags, and a name that was changed', async () => {
    const chat = await open();
    const before = treeOf(chat);
    await says(chat, '标签组 删除 地区', '确认', '恢复地区');
    expect(treeOf(chat)).toEqual(before);
    await says(chat, '把老客改名为熟客', '标签 添加 钻石 到 客户分级', '把熟客改回来');
    expect(chat.tags('客户分级')).toContain('老客');
  });

  test('of a change that did more, or was somebody else’s, its number is asked about first', async () => {
    const chat = await open();
    await says(chat, '标签 删除 老客、普通', '确认');
    expect(asks(await says(chat, '恢复老客'))).toBe('choice');
    expect(chat.tags('客户分级')).not.toContain('老客');
    await says(chat, '1');
    expect(chat.tags('客户分级')).toEqual(expect.arrayContaining(['老客', '普通']));
    await says(chat, '标签 删除 老客', '确认');
    expect(asks(await chat.say('zhangsan', '恢复老客'))).toBe('choice');
    expect(chat.tags('客户分级')).not.toContain('老客');
  });

  test('of what was not deleted it is told so; a name that ends like that is looked up', async () => {
    const chat = await open();
    const before = order(chat);
    expect(await says(chat, '恢复钻石')).toContain('没有删掉或改掉过');
    expect(await says(chat, '产后恢复')).toContain('没有找到');
    expect(await says(chat, '标签 添加 产后恢复 到 客户分级', '产后恢复')).toContain('客户分级');
    await says(chat, '撤销');
    expect(order(chat)).toBe(before);
  });
});
