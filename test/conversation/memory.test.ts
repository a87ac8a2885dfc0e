import { expect, it } from 'vitest';
import { asks } from '../chat.ts';
import { MEMBER, startChat } from './talk.ts';

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
