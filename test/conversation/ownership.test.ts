/** Whose the corp tags are: an app changes only its own, which the platform tells by refusing (doc 96320). */
import { describe, expect, test } from 'vitest';
import { asks, type Chat } from '../chat.ts';
import { MEMBER, sayAndConfirm, startChat, writes } from './talk.ts';

const MAY_FAIL = '后台建的标签，应用可能改不了；改不了的会告诉你';
const WHERE_ELSE = /企业客户标签」或管理后台/;

async function open(foreignTag: 40068 | 40058 = 40068): Promise<Chat> {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain', DEFAULT_STRATEGY_ID: '' } });
  chat.sandbox.reset({ ruleGroups: false });
  chat.sandbox.setVariants({ foreignTag });
  await chat.restart();
  return chat;
}

const groupNamed = (chat: Chat, name: string) => {
  const group = chat.sandbox.corp.library.groupsOf('corp').find((each) => each.name === name);
  if (!group) throw new Error(`no group ${name}`);
  return group;
};
const tagsIn = (chat: Chat, name: string) => groupNamed(chat, name).tags.map((tag) => tag.name);
const everyTag = (chat: Chat) => JSON.stringify(chat.sandbox.corp.corpTags());

describe.each([40068, 40058] as const)('foreign tags are refused with %i', (code) => {
  test.each([
    '把VIP改名为贵宾',
    '标签 排序 VIP 9',
    '标签 置顶 银卡',
    '标签组 改名 持卡类型 为 卡种',
    '标签组 排序 持卡类型 99',
    '删除VIP',
    '标签组 删除 持卡类型',
  ])('%s: told as it is, with where it can be done, and nothing is changed', async (text) => {
    const chat = await open(code);
    const before = everyTag(chat);
    const answer = await sayAndConfirm(chat, MEMBER, text);
    expect(answer).toContain('没有做成');
    expect(answer).toMatch(WHERE_ELSE);
    expect(answer).not.toMatch(/不存在|已删除|已改名/);
    expect(everyTag(chat)).toBe(before);
    expect(await chat.say(MEMBER, '撤销')).toContain('没有你可以撤销的改动');
  });

  test('a list of both is split: own ones go, the others are named, and an undo brings back what went', async () => {
    const chat = await open(code);
    const region = groupNamed(chat, '地区');
    await chat.sandbox.consoleEdit({ action: 'addTags', groupId: region.id, tags: ['杭州', '宁波'] });
    await expect.poll(() => chat.say(MEMBER, '地区')).toContain('宁波');
    const answer = await sayAndConfirm(chat, MEMBER, '删除地区里的北京、杭州、上海、宁波');
    expect(answer).toMatch(/已删除：北京、上海。没能删除：杭州、宁波/);
    expect(answer).toMatch(WHERE_ELSE);
    expect(tagsIn(chat, '地区')).toEqual(['广州', '深圳', '苏州', '杭州', '宁波']);
    expect(await sayAndConfirm(chat, MEMBER, '撤销')).toMatch(/北京、上海/);
    expect(tagsIn(chat, '地区').sort()).toEqual(['上海', '北京', '宁波', '广州', '杭州', '深圳', '苏州'].sort());
  });

  test('a batch of both tells each line as it went', async () => {
    const chat = await open(code);
    const answer = await sayAndConfirm(chat, MEMBER, '把普通改名为一般；把VIP改名为贵宾；把流失改名为沉睡');
    expect(answer).toMatch(/1\..*已改名为[\s\S]*2\..*没有做成[\s\S]*3\..*已改名为/);
    expect(tagsIn(chat, '客户分级')).toEqual(['一般', '重点', '沉睡']);
    expect(tagsIn(chat, '持卡类型')[0]).toBe('VIP');
  });
});

describe('told beforehand', () => {
  test('of a tag of which it has not shown, and no more of one that was made here', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '删除VIP')).toContain(MAY_FAIL);
    await chat.say(MEMBER, '取消');
    await chat.say(MEMBER, '标签 添加 甲、乙 到 客户分级');
    const own = await chat.say(MEMBER, '删除甲');
    expect(asks(own)).toBe('confirm');
    expect(own).not.toContain('后台建的');
    expect(await chat.say(MEMBER, '确认')).toContain('已从「客户分级」删除');
  });

  test('a tag that could be changed once is ours', async () => {
    const chat = await open();
    await chat.say(MEMBER, '把普通改名为一般');
    expect(await chat.say(MEMBER, '删除一般')).not.toContain('后台建的');
  });

  test('one that was refused is known over a restart, asked before it is tried again, and forgotten when it changes', async () => {
    const chat = await open();
    await chat.say(MEMBER, '把VIP改名为贵宾');
    await chat.restart();
    chat.sandbox.clearCalls();
    const answer = await chat.say(MEMBER, '把VIP改名为贵宾');
    expect(asks(answer)).toBe('confirm');
    expect(answer).toMatch(/VIP.*是后台建的标签，上次应用没能改/);
    expect(writes(chat)).toEqual([]);
    await chat.say(MEMBER, '取消');
    const { id } = groupNamed(chat, '持卡类型').tags.find((tag) => tag.name === 'VIP') ?? { id: '' };
    await chat.sandbox.consoleEdit({ action: 'rename', id, name: '老VIP' });
    await expect.poll(() => chat.say(MEMBER, '持卡类型')).toContain('老VIP');
    expect(await chat.say(MEMBER, '把老VIP改名为贵宾')).toContain('没有做成');
  });

  test('rule groups are the app’s own', async () => {
    const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
    expect(await chat.say(MEMBER, '删除老客')).not.toContain('后台建的');
  });
});

describe('adding', () => {
  test('to a group made in the console is tried, and works', async () => {
    const chat = await open();
    expect(await chat.say(MEMBER, '标签 添加 黑卡 到 持卡类型')).toContain('已添加');
    expect(await sayAndConfirm(chat, MEMBER, '撤销')).toContain('已从「持卡类型」删除');
  });

  test('or is refused, and told as it is', async () => {
    const chat = await open();
    chat.sandbox.setVariants({ addToForeign: 'refuse' });
    const answer = await chat.say(MEMBER, '标签 添加 黑卡 到 持卡类型');
    expect(answer).toMatch(/这个标签组是后台建的/);
    expect(answer).not.toContain('不存在');
    expect(tagsIn(chat, '持卡类型')).not.toContain('黑卡');
  });
});

test('what is gone by then is told as gone, not as foreign', async () => {
  const chat = await open();
  const question = await chat.say(MEMBER, '删除VIP');
  expect(asks(question)).toBe('confirm');
  chat.sandbox.corp.library.remove(groupNamed(chat, '持卡类型').tags[0]?.id ?? '');
  const answer = await chat.say(MEMBER, '确认');
  expect(answer).not.toMatch(/后台建的/);
  expect(answer).toMatch(/已经不在|没有需要改的|变动/);
});
