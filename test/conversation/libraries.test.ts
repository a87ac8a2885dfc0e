/** Two libraries, one language: 企业标签 beside the rule groups, named, chosen, or the only one there is. */
import { describe, expect, test } from 'vitest';
import { asks, type Chat, refused } from '../chat.ts';
import { MEMBER, sayAndConfirm, startChat, type Tree, tagCalls, treeOf, writes } from './talk.ts';

const PLAIN = { REPLY_FORMAT: 'plain' };
const NO_DEFAULT = { ...PLAIN, DEFAULT_STRATEGY_ID: '' };

function corpTree(chat: Chat): Tree {
  return Object.fromEntries(
    chat.sandbox.corp.corpTags().map((each) => [each.group_name, each.tag.map(({ name }) => name)]),
  );
}

/** A corp in which nobody has made a rule group. */
async function corpOnly(): Promise<Chat> {
  const chat = await startChat({ env: NO_DEFAULT });
  chat.sandbox.reset({ ruleGroups: false });
  await chat.restart();
  return chat;
}

/** 企业标签 and 华东大区, and nobody has chosen. */
async function oneRuleGroup(): Promise<Chat> {
  const chat = await startChat({ env: NO_DEFAULT });
  chat.sandbox.corp.library.drop(2);
  chat.sandbox.corp.strategies.del({ strategy_id: 2 });
  await chat.restart();
  return chat;
}

describe('without any rule group', () => {
  test('the first five sentences of the README work', async () => {
    const chat = await corpOnly();
    expect(await chat.say(MEMBER, '标签 添加 VIP、SVIP 到 客户分级')).toContain('已添加');
    expect(await chat.say(MEMBER, '把SVIP改名为至尊VIP')).toContain('已改名');
    expect(await chat.say(MEMBER, 'xhs')).toContain('小红书');
    expect(await sayAndConfirm(chat, MEMBER, '删除地区里的苏州')).toContain('已从「地区」删除');
    expect(await chat.say(MEMBER, '撤销')).toContain('重新建');
    expect(corpTree(chat)).toMatchObject({
      客户分级: ['普通', '重点', '流失', 'VIP', '至尊VIP'],
      地区: ['北京', '上海', '广州', '深圳', '苏州'],
    });
    expect(writes(chat).every(([name]) => name.endsWith('_corp_tag'))).toBe(true);
    for (const [, body] of writes(chat)) expect(body).not.toHaveProperty('strategy_id');
  });

  test('nobody is told to make one first', async () => {
    const chat = await corpOnly();
    for (const text of ['VIP', '标签 列表', '标签组 列表', '统计', '导出 文本', '帮助', '我', '标签组 新建 节日：春节'])
      expect(await chat.say(MEMBER, text)).not.toMatch(/还没有机器人能管理的规则组|第一步/);
    expect(await chat.say('wangwu', 'VIP')).toContain('持卡类型');
    expect(await chat.say(MEMBER, '我')).toContain('当前标签库：企业标签');
    expect(refused(await chat.say('wangwu', '标签 添加 金卡 到 客户分级'))).toBe(true);
  });

  test('whoever asks for rule groups hears how to make one, and what there is', async () => {
    const chat = await corpOnly();
    expect(await chat.say(MEMBER, '规则组 列表')).toMatch(/企业标签[\s\S]*← 当前[\s\S]*规则组 新建/);
  });
});

test('a newcomer in the sandbox finds a corp tag with the first word', async () => {
  const chat = await startChat();
  expect(await chat.say(MEMBER, 'VIP')).toMatch(/VIP[\s\S]*持卡类型[\s\S]*企业标签/);
});

describe('named in the sentence', () => {
  test.each<[text: string, after: Tree]>([
    ['企业标签 添加 VIP 到 客户分级', { 客户分级: ['普通', '重点', '流失', 'VIP'] }],
    ['在企业标签的渠道来源里加快手', { 渠道来源: ['公众号', '视频号', '小红书', '官网', '老客推荐', '快手'] }],
    ['加快手到渠道来源（企业标签）', { 渠道来源: ['公众号', '视频号', '小红书', '官网', '老客推荐', '快手'] }],
    ['把企业标签的普通改名为一般', { 客户分级: ['一般', '重点', '流失'] }],
    ['企业标签 改名 重点 为 核心', { 客户分级: ['普通', '核心', '流失'] }],
    ['企业标签 置顶 流失', { 客户分级: ['流失', '普通', '重点'] }],
    ['企业标签 排序 流失 9', { 客户分级: ['流失', '普通', '重点'] }],
    ['企业标签 删除 北京', { 地区: ['上海', '广州', '深圳', '苏州'] }],
    ['删除企业标签地区里的苏州', { 地区: ['北京', '上海', '广州', '深圳'] }],
    ['企业标签组 新建 节日：春节、中秋', { 节日: ['春节', '中秋'] }],
    ['企业标签组 改名 地区 为 城市', { 城市: ['北京', '上海', '广州', '深圳', '苏州'] }],
  ])('%s: changes 企业标签 and no rule group, and says so', async (text, after) => {
    const chat = await startChat({ env: PLAIN });
    const ruleGroups = JSON.stringify(chat.sandbox.corp.ruleGroups());
    expect(await sayAndConfirm(chat, MEMBER, text)).toContain('在企业标签');
    expect(corpTree(chat)).toMatchObject(after);
    expect(JSON.stringify(chat.sandbox.corp.ruleGroups())).toBe(ruleGroups);
    await sayAndConfirm(chat, MEMBER, '撤销');
    expect(JSON.stringify(chat.sandbox.corp.ruleGroups())).toBe(ruleGroups);
  });

  test.each<[text: string, words: RegExp, not: RegExp]>([
    ['企业标签', /企业标签：7 个标签组，30 个标签/, /华东/],
    ['企业标签 列表', /企业标签：7 个标签组，30 个标签/, /华东/],
    ['看看企业标签', /企业标签：7 个标签组，30 个标签/, /华东/],
    ['企业标签组 列表', /有 7 个标签组/, /到访记录/],
    ['企业标签里的VIP', /「VIP」在标签组「持卡类型」（企业标签）/, /华东/],
    ['查企业标签的苏州', /企业标签/, /华东大区/],
    ['企业标签的客户分级', /普通[\s\S]*流失/, /老客/],
    ['导出企业标签 文本', /「持卡类型」/, /到访/],
  ])('%s: shows what is in 企业标签', async (text, words, not) => {
    const chat = await startChat({ env: PLAIN });
    const answer = await chat.say(MEMBER, text);
    expect(answer).toMatch(words);
    expect(answer).not.toMatch(not);
  });
});

describe('chosen', () => {
  test.each(['规则组 切换 企业标签', '切换到企业标签', '切换到企业标签库'])(
    '%s: is kept over a restart',
    async (text) => {
      const chat = await startChat({ env: PLAIN });
      expect(await chat.say(MEMBER, text)).toContain('已切换到企业标签');
      await chat.restart();
      expect(await chat.say(MEMBER, '标签 添加 VIP 到 客户分级')).not.toContain('在企业标签');
      expect(corpTree(chat)).toMatchObject({ 客户分级: ['普通', '重点', '流失', 'VIP'] });
      expect(await chat.say(MEMBER, '切换到华东大区')).toContain('已切换到规则组「华东大区」');
      await chat.say(MEMBER, '标签 添加 VIP 到 客户分级');
      expect(treeOf(chat)).toMatchObject({ 客户分级: ['普通', '重点', '老客', 'VIP'] });
    },
  );
});

test('the configured one is where nobody has switched yet', async () => {
  const chat = await startChat({ env: { ...PLAIN, DEFAULT_STRATEGY_ID: '企业标签' } });
  const east = treeOf(chat);
  expect(await chat.say(MEMBER, '标签 添加 VIP 到 客户分级')).not.toContain('在企业标签');
  expect(corpTree(chat)).toMatchObject({ 客户分级: ['普通', '重点', '流失', 'VIP'] });
  expect(treeOf(chat)).toEqual(east);
  expect(await chat.say(MEMBER, '我')).toContain('当前标签库：企业标签');
  expect(await chat.say(MEMBER, '诊断')).toMatch(/默认的标签库.*企业标签/);
});

describe('a name in both', () => {
  test.each<[text: string, changes: string]>([
    ['标签 添加 VIP 到 客户分级', 'VIP'],
    ['把普通改名为一般', '一般'],
    ['重点 排第一', '重点'],
    ['标签组 改名 地区 为 城市', '城市'],
  ])('%s: asked while nobody has chosen, then known from the last exchange', async (text, changes) => {
    const chat = await oneRuleGroup();
    const [corp, east] = [JSON.stringify(corpTree(chat)), JSON.stringify(treeOf(chat))];
    const question = await chat.say(MEMBER, text);
    expect(asks(question)).toBe('choice');
    expect(question).toMatch(/企业标签/);
    expect([JSON.stringify(corpTree(chat)), JSON.stringify(treeOf(chat))]).toEqual([corp, east]);
    const at = /(\d) .*企业标签/.exec(question)?.[1] ?? '';
    expect(await chat.say(MEMBER, at)).toContain('在企业标签');
    expect(JSON.stringify(corpTree(chat))).toContain(changes);
    expect(JSON.stringify(treeOf(chat))).toBe(east);
    expect(await chat.say(MEMBER, '标签 添加 甲 到 客户分级')).toContain('在企业标签');
    expect(JSON.stringify(treeOf(chat))).toBe(east);
  });

  test('a name in one only needs no question, and where it lands is said', async () => {
    const chat = await oneRuleGroup();
    expect(await chat.say(MEMBER, '标签 添加 黑卡 到 持卡类型')).toContain('在企业标签');
    expect(await chat.say(MEMBER, '标签 添加 到访三次 到 到访记录')).toContain('在规则组「华东大区」');
  });

  test('a lookup finds both, the current library first, each named', async () => {
    const chat = await startChat({ env: PLAIN });
    expect(await chat.say(MEMBER, '苏州')).toMatch(/（华东大区）[\s\S]*（企业标签）/);
    await chat.say(MEMBER, '切换到企业标签');
    expect(await chat.say(MEMBER, '苏州')).toMatch(/（企业标签）[\s\S]*（华东大区）/);
  });
});

describe('who may change 企业标签', () => {
  test('no rule group’s admin, but BOT_ADMINS', async () => {
    const chat = await startChat({ env: PLAIN });
    expect(refused(await chat.say('zhangsan', '企业标签 添加 VIP 到 客户分级'))).toBe(true);
    expect(await chat.say('zhangsan', '我')).toMatch(/企业标签：查看 /);
    expect(await chat.say(MEMBER, '我')).toMatch(/企业标签：查看、改标签 /);
    expect(writes(chat)).toEqual([]);
  });

  test('READ_ACCESS=admins hides it from those who have no role there', async () => {
    const chat = await startChat({ env: { ...PLAIN, READ_ACCESS: 'admins' } });
    const answer = await chat.say('zhangsan', '持卡类型');
    expect(answer).not.toContain('金卡');
    expect(await chat.say('zhangsan', '企业标签 列表')).not.toContain('金卡');
  });
});

describe('one family without a right', () => {
  const refuse = (path: string) => ({ errcode: { on: true, code: 48002, path } });

  test('企业标签 refused: the rule groups work, and what was not read is said', async () => {
    const chat = await startChat({ env: PLAIN });
    chat.sandbox.setFaults(refuse('get_corp_tag_list'));
    await chat.restart();
    expect(await chat.say(MEMBER, '标签 添加 VIP 到 客户分级')).toContain('已添加');
    expect(await chat.say(MEMBER, '从来没有的名字')).toMatch(/企业标签没有读到[\s\S]*可调用接口的应用/);
    expect(await chat.say(MEMBER, '企业标签 列表')).toMatch(/没有读到企业标签/);
    expect(await chat.say(MEMBER, '标签 删除 金卡')).toMatch(/没有找到[\s\S]*企业标签没有读到/);
    expect(await chat.say(MEMBER, '企业标签 添加 VIP 到 没有的组')).toContain('企业标签没有读到');
  });

  test.each([
    '标签 添加 VIP 到 客户分级',
    '标签 添加 VIP 到 会员等级',
    '标签 删除 重点',
    '标签组 删除 客户分级',
    '标签 改名 重点 为 重要',
  ])('企业标签 refused where there is nothing else: %s is not told that it is not there', async (text) => {
    const chat = await startChat({ env: { ...PLAIN, DEFAULT_STRATEGY_ID: '' } });
    chat.sandbox.reset({ ruleGroups: false });
    chat.sandbox.setFaults(refuse('get_corp_tag_list'));
    await chat.restart();
    const answer = await chat.say(MEMBER, text);
    expect(answer).toMatch(/没有读到企业标签/);
    expect(answer).not.toContain('没有找到');
    expect(asks(answer)).toBeUndefined();
  });

  test('rule groups refused: 企业标签 works, and nothing that was meant for a rule group lands there', async () => {
    const chat = await startChat({ env: PLAIN });
    chat.sandbox.setFaults(refuse('get_strategy_tag_list'));
    await chat.restart();
    expect(await chat.say(MEMBER, '持卡类型')).toContain('金卡');
    const before = JSON.stringify(corpTree(chat));
    expect(await chat.say(MEMBER, '标签 添加 VIP 到 客户分级')).toMatch(/没有读到规则组标签/);
    expect(JSON.stringify(corpTree(chat))).toBe(before);
    expect(writes(chat)).toEqual([]);
    expect(await chat.say(MEMBER, '企业标签 添加 VIP 到 客户分级')).toContain('已添加');
    expect(tagCalls(chat).map(([name]) => name)).toContain('get_corp_tag_list');
  });
});
