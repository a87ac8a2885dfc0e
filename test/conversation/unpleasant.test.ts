/** The platform answers badly, or somebody calls who should not: what is told is true, and the next message works. */

import { describe, expect, test } from 'vitest';
import type { Faults } from '../../src/sandbox/protocol.ts';
import { asks, type Chat } from '../chat.ts';
import { everything, MEMBER, startChat, writes } from './talk.ts';

const READ = 'get_strategy_tag_list';
const ADD = 'add_strategy_tag';
const ADDING = '标签 添加 VIP 到 客户分级';

/** A conversation in text: pushes would meet the same faults. */
async function warm(): Promise<Chat> {
  const chat = await startChat({ env: { REPLY_FORMAT: 'text' } });
  await chat.say(MEMBER, '标签组 列表');
  chat.sandbox.clearCalls();
  return chat;
}

async function worksAgain(chat: Chat, faults: Partial<Faults>): Promise<void> {
  for (const name of Object.keys(faults)) chat.sandbox.setFaults({ [name]: { on: false, ms: 0, code: 0 } });
  const answer = await chat.say(MEMBER, '标签 添加 金卡 到 客户分级');
  expect(answer).toContain('已添加');
  expect(chat.tags('客户分级')).toContain('金卡');
}

describe('nothing can be read', () => {
  test.each<[what: string, faults: Partial<Faults>, words: RegExp]>([
    ['HTTP 502', { badGateway: { on: true, path: READ } }, /服务器暂时出错.*502/],
    ['an answer without its array', { wrongShape: { on: true, path: READ } }, /缺了该有的内容/],
    ['a broken line', { brokenBefore: { on: true, path: READ } }, /连接中途断了/],
    ['too many calls', { rateLimited: { on: true, path: READ } }, /分钟后|之后/],
    ['no right to call', { errcode: { on: true, code: 48002, path: READ } }, /可调用接口的应用/],
    ['an untrusted address', { untrustedIp: { on: true } }, /127\.0\.0\.1/],
  ])('%s, before anything was known: the reason is told, then it works', async (_, faults, words) => {
    let ahead = 0;
    const chat = await startChat({ env: { REPLY_FORMAT: 'text' }, app: { now: () => Date.now() + ahead } });
    chat.sandbox.setFaults(faults);
    // The library is read with the start: only a bot that starts into the fault knows nothing.
    await chat.restart();
    const answer = await chat.say(MEMBER, '标签 列表');
    expect(answer).toMatch(words);
    expect(answer).not.toContain('undefined');
    // A read that has failed is the answer to everybody for a second.
    ahead = 1_000;
    await worksAgain(chat, faults);
    expect(chat.log.filter(({ code }) => code === 'bug.unexpected')).toEqual([]);
  });

  test.each<[what: string, faults: Partial<Faults>]>([
    ['HTTP 502', { badGateway: { on: true, path: READ } }],
    ['an answer without its array', { wrongShape: { on: true, path: READ } }],
    ['a broken line', { brokenBefore: { on: true, path: READ } }],
  ])('%s before a write: it is not made, and that is told', async (_, faults) => {
    const chat = await warm();
    const before = everything(chat);
    chat.sandbox.setFaults(faults);
    const answer = await chat.say(MEMBER, ADDING);
    expect(answer).not.toContain('已添加');
    expect(answer).toMatch(/再发一次|查看服务器日志|请检查|请过一会儿/);
    expect(writes(chat)).toEqual([]);
    expect(everything(chat)).toBe(before);
    expect(await chat.say(MEMBER, '标签 查 老客')).toContain('客户分级');
    await worksAgain(chat, faults);
  });
});

describe('a write', () => {
  test.each<[what: string, faults: Partial<Faults>]>([
    ['HTTP 502', { badGateway: { on: true, path: ADD } }],
    ['a line that breaks before the call', { brokenBefore: { on: true, path: ADD } }],
  ])('%s: looked up, told as not done, sent once', async (_, faults) => {
    const chat = await warm();
    const before = everything(chat);
    chat.sandbox.setFaults(faults);
    const answer = await chat.say(MEMBER, ADDING);
    expect(answer).toMatch(/没有做成/);
    expect(answer).toMatch(/没有生效/);
    expect(writes(chat)).toHaveLength(1);
    expect(everything(chat)).toBe(before);
    await worksAgain(chat, faults);
  });

  test.each<[what: string, faults: Partial<Faults>]>([
    ['a line that breaks after the call', { brokenAfter: { on: true, path: ADD } }],
    ['an answer without its content', { wrongShape: { on: true, path: ADD } }],
  ])('%s: looked up, told as done, sent once, and can be undone', async (_, faults) => {
    const chat = await warm();
    chat.sandbox.setFaults(faults);
    const answer = await chat.say(MEMBER, ADDING);
    expect(answer).toMatch(/已添加.*VIP/);
    expect(answer).toContain('已核对');
    expect(writes(chat)).toHaveLength(1);
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客', 'VIP']);
    await chat.say(MEMBER, '撤销');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客']);
    await worksAgain(chat, faults);
  });

  test.each<[code: number, words: RegExp]>([
    [40126, /上限|10000|10,000|满/],
    [40071, /同名|已经有|重复/],
    [40072, /名/],
    [48002, /可调用接口的应用/],
    [60030, /可见范围/],
    [45009, /分钟后|之后/],
    [999999, /999999/],
  ])('refused with %i: the reason is told, nothing is changed', async (code, words) => {
    const chat = await warm();
    const before = everything(chat);
    const faults = { errcode: { on: true, code, path: ADD } };
    chat.sandbox.setFaults(faults);
    const answer = await chat.say(MEMBER, ADDING);
    expect(answer).toContain('没有做成');
    expect(answer).toMatch(words);
    expect(everything(chat)).toBe(before);
    await worksAgain(chat, faults);
  });

  test('busy for a moment is not noticed', async () => {
    const chat = await warm();
    chat.sandbox.setFaults({ busy: { on: true, times: 2, path: ADD } });
    expect(await chat.say(MEMBER, ADDING)).toContain('已添加');
    expect(chat.tags('客户分级')).toEqual(['普通', '重点', '老客', 'VIP']);
  });
});

test('in markdown, when nothing can be pushed, the answer comes as text', async () => {
  const chat = await startChat();
  await chat.say(MEMBER, '标签组 列表');
  chat.sandbox.setFaults({ errcode: { on: true, code: 48002, path: 'message/send' } });
  expect(await chat.say(MEMBER, '标签 列表')).toContain('华东大区');
  expect(chat.sandbox.chat(MEMBER).at(-1)).toMatchObject({ via: 'passive', body: { msgtype: 'text' } });
  expect(asks(await chat.say(MEMBER, '标签 删除 老客'))).toBe('confirm');
  expect(await chat.say(MEMBER, '确认')).toContain('已从');
  expect(chat.tags('客户分级')).toEqual(['普通', '重点']);
});

test('after a row of malformed callbacks a good one is answered within a second', async () => {
  const chat = await warm();
  const before = everything(chat);
  const url = `${chat.botUrl}/wecom/callback`;
  const now = Math.floor(Date.now() / 1000);
  const query = `msg_signature=${'0'.repeat(40)}&timestamp=${now}&nonce=1`;
  const bodies = [
    '',
    'not xml',
    '<xml>',
    '<xml><Encrypt></Encrypt></xml>',
    `<xml><Encrypt><![CDATA[${'A'.repeat(64)}]]></Encrypt></xml>`,
    '<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
    '<xml><Encrypt>'.repeat(2_000),
    'x'.repeat(70_000),
    '\u0000\u0001\u0002',
  ];
  for (const body of bodies) {
    for (const asked of [query, '', `${query}&${query}`]) {
      const response = await fetch(`${url}?${asked}`, { method: 'POST', body });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect((await response.text()).length).toBeLessThan(60);
    }
  }
  const from = performance.now();
  expect(await chat.say(MEMBER, '标签 查 老客')).toContain('客户分级');
  expect(performance.now() - from).toBeLessThan(1_000);
  expect(everything(chat)).toBe(before);
});
