import { expect, it } from 'vitest';
import { asks } from '../chat.ts';
import { everything, MEMBER, startChat } from './talk.ts';

const MINUTE = 60_000;

it('goes on where the last exchange ended', async () => {
  const chat = await startChat();
  await chat.say(MEMBER, '标签 添加 甲级 到 客户分级');
  expect(await chat.say(MEMBER, '再加一个乙级')).toContain('客户分级');
  await chat.say(MEMBER, '丙级也加');
  expect(chat.tags('客户分级')).toEqual(expect.arrayContaining(['甲级', '乙级', '丙级']));
});

it('shows what is renamed or deleted by reference before it does so', async () => {
  const chat = await startChat();
  await chat.say(MEMBER, '标签 添加 甲级 到 客户分级');
  const before = chat.tags('客户分级');
  expect(asks(await chat.say(MEMBER, '改成特级'))).toBe('confirm');
  expect(chat.tags('客户分级')).toEqual(before);
  await chat.say(MEMBER, '确认');
  expect(chat.tags('客户分级')).toContain('特级');
  expect(await chat.say(MEMBER, '删掉它')).toContain('特级');
  await chat.say(MEMBER, '确认');
  expect(chat.tags('客户分级')).not.toContain('特级');
});

it('takes back several changes as one, which can be taken back again', async () => {
  const chat = await startChat();
  const before = chat.tags('客户分级');
  await chat.say(MEMBER, '标签 添加 甲级 到 客户分级');
  await chat.say(MEMBER, '标签 添加 乙级 到 客户分级');
  await chat.say(MEMBER, '两个都撤销');
  expect(chat.tags('客户分级')).toEqual(before);
  expect(await chat.say(MEMBER, '撤销')).toContain('没有你可以撤销的改动');
  await chat.say(MEMBER, '还是加回来吧');
  expect(chat.tags('客户分级')).toEqual(expect.arrayContaining(['甲级', '乙级']));
});

it('remembers for ten minutes, and says what is missing afterwards', async () => {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const chat = await startChat({ app: { now }, sandbox: { now } });
  await chat.say(MEMBER, '标签 添加 甲级 到 客户分级');
  ahead = 11 * MINUTE;
  const answer = await chat.say(MEMBER, '删掉它');
  expect(answer).toContain('前面没有说到');
  expect(chat.tags('客户分级')).toContain('甲级');
});

it('keeps a question open for what answers it loosely, and for what is no answer', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  await chat.say(MEMBER, '标签 添加 甲级 到 客户分级');
  await chat.say(MEMBER, '标签 添加 甲级 到 渠道来源');
  await chat.say(MEMBER, '标签 改名 甲级 为 特级');
  await chat.say(MEMBER, '🙏');
  await chat.say(MEMBER, '分级里的那个');
  expect(chat.tags('客户分级')).toContain('特级');
  expect(chat.tags('渠道来源')).toContain('甲级');
});

it('takes no talk, question or emoticon for the name that it waits for', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  const before = everything(chat);
  await chat.say(MEMBER, '客户分级加个标签');
  for (const no of ['随便', '叫什么好呢', '😂', '你看着起一个吧', '等我问问老板']) await chat.say(MEMBER, no);
  expect(everything(chat)).toBe(before);
  expect(await chat.say(MEMBER, '现在都有啥')).toContain('老客');
  await chat.say(MEMBER, '就叫回头客吧');
  expect(chat.tags('客户分级')).toContain('回头客');
});

it.each([
  '再加一遍',
  '再加油',
  '还要多久',
  '还有别的办法吗',
  '老板也要看',
  '不对啊我没让你加',
  '改成什么好',
  '先别加击剑',
])('an add followed by „%s“ adds nothing more', async (text) => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  await chat.say(MEMBER, '标签 添加 甲级 到 客户分级');
  const before = everything(chat);
  await chat.say(MEMBER, text);
  expect(everything(chat)).toBe(before);
});

it('asks which of twins 它 means before it deletes one', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  await chat.say(MEMBER, '标签 添加 甲级 到 客户分级');
  await chat.say(MEMBER, '标签 添加 甲级 到 渠道来源');
  await chat.say(MEMBER, '甲级');
  expect(asks(await chat.say(MEMBER, '删掉它'))).toBe('choice');
});

it('puts the group last spoken of first in the menu of groups', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  await chat.say(MEMBER, '渠道来源');
  expect(await chat.say(MEMBER, '标签 添加 甲级')).toContain('1 渠道来源');
});
