/** The same message: the same answer and one effect, whenever and however often it comes. Events: none is lost. */

import { describe, expect, test } from 'vitest';
import { letter, tagEvent } from './courier.ts';
import { groupId, MEMBER, startChat, tagCalls, tagOf, writes } from './talk.ts';

const PLAIN = { REPLY_FORMAT: 'plain' };

describe('a message that comes again', () => {
  test('at the same time: six deliveries, one effect, six equal answers', async () => {
    const chat = await startChat({ env: PLAIN });
    const parcel = letter(MEMBER, '标签 添加 钻石 到 客户分级');
    const answers = await Promise.all(Array.from({ length: 6 }, () => parcel.deliver(chat)));
    expect(new Set(answers.map(({ reply }) => reply)).size).toBe(1);
    expect(answers[0]?.reply).toContain('已添加');
    expect(writes(chat)).toHaveLength(1);
  });

  test('after the answer: the same words', async () => {
    const chat = await startChat({ env: PLAIN });
    const parcel = letter(MEMBER, '标签 添加 钻石 到 客户分级');
    const first = await parcel.deliver(chat);
    const again = await parcel.deliver(chat);
    expect(again).toEqual(first);
    expect(writes(chat)).toHaveLength(1);
  });

  test('after a restart: the same words, out of the record', async () => {
    const chat = await startChat({ env: PLAIN });
    const parcel = letter(MEMBER, '标签 添加 钻石 到 客户分级');
    const first = await parcel.deliver(chat);
    await chat.restart();
    expect(await parcel.deliver(chat)).toEqual(first);
    expect(writes(chat)).toHaveLength(1);
  });

  test('a pushed answer is not pushed twice: a bare 200, also after a restart', async () => {
    const chat = await startChat();
    const parcel = letter(MEMBER, '标签 添加 钻石 到 客户分级');
    expect(await parcel.deliver(chat)).toEqual({ status: 200, reply: '' });
    expect(await parcel.deliver(chat)).toEqual({ status: 200, reply: '' });
    await chat.restart();
    expect(await parcel.deliver(chat)).toEqual({ status: 200, reply: '' });
    expect(chat.sandbox.chat(MEMBER).filter((message) => message.from === 'bot')).toHaveLength(1);
    expect(writes(chat)).toHaveLength(1);
  });

  test('equal words in another message are another message', async () => {
    const chat = await startChat({ env: PLAIN });
    await letter(MEMBER, '标签 添加 钻石 到 客户分级').deliver(chat);
    expect((await letter(MEMBER, '标签 添加 钻石 到 客户分级').deliver(chat)).reply).toContain('已经有');
    expect(writes(chat)).toHaveLength(1);
  });

  test('messages of one member are answered in their order', async () => {
    const chat = await startChat({ env: PLAIN });
    chat.sandbox.setFaults({ slow: { on: true, ms: 60, path: 'add_strategy_tag' } });
    const [added, found] = await Promise.all([
      letter(MEMBER, '标签 添加 钻石 到 客户分级').deliver(chat),
      letter(MEMBER, '钻石').deliver(chat),
    ]);
    expect(added.reply).toContain('已添加');
    expect(found.reply).toContain('客户分级');
    expect(found.reply).not.toContain('没有找到');
  });
});

describe('change_external_tag', () => {
  const listReads = (chat: Parameters<typeof tagCalls>[0]) =>
    tagCalls(chat).filter(([name]) => name === 'get_strategy_tag_list').length;

  test('n + 1 events in one second are all taken, the equal ones too', async () => {
    const chat = await startChat();
    const id = tagOf(chat, '客户分级', '老客').id;
    const events = [...Array.from({ length: 5 }, () => tagEvent(id)), tagEvent(groupId(chat, '客户分级'))];
    const answers = await Promise.all(events.map((event) => event.deliver(chat)));
    expect(answers).toEqual(events.map(() => ({ status: 200, reply: '' })));
    const metrics = await (await fetch(`${chat.operatorUrl}/metrics`)).text();
    expect(metrics).toMatch(/callbacks_total\{kind="tagChange"\} 6\b/);
    expect(metrics).not.toMatch(/duplicates_total [1-9]/);
  });

  test('a hundred events cause one read', async () => {
    // The hundred come within the time that further ones are waited for, however slow the machine is.
    const waiting: (() => void)[] = [];
    const settle = () => new Promise<void>((over) => waiting.push(over));
    const chat = await startChat({ app: { settle } });
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.clearCalls();
    const id = tagOf(chat, '客户分级', '老客').id;
    await Promise.all(Array.from({ length: 100 }, () => tagEvent(id).deliver(chat)));
    expect(waiting).toHaveLength(1);
    waiting[0]?.();
    await expect.poll(() => listReads(chat), { timeout: 8_000 }).toBe(1);
    await chat.say(MEMBER, '标签 列表');
    expect(listReads(chat)).toBe(1);
  });

  test('an event during the read causes one more', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 列表');
    chat.sandbox.clearCalls();
    chat.sandbox.setFaults({ slow: { on: true, ms: 500, path: 'get_strategy_tag_list' } });
    const id = tagOf(chat, '客户分级', '老客').id;
    await tagEvent(id).deliver(chat);
    // The read is under way as soon as the rule groups are listed.
    await expect.poll(() => tagCalls(chat).some(([name]) => name === 'list')).toBe(true);
    await tagEvent(id).deliver(chat);
    await tagEvent(id).deliver(chat);
    await expect.poll(() => listReads(chat), { timeout: 8_000 }).toBe(2);
  });

  test('what the console changed is found at once', async () => {
    const chat = await startChat();
    await chat.say(MEMBER, '标签 列表');
    await chat.sandbox.consoleEdit({ action: 'rename', id: tagOf(chat, '客户分级', '老客').id, name: '回头客' });
    await expect.poll(() => chat.say(MEMBER, '回头客'), { timeout: 5_000 }).toContain('客户分级');
  });
});
