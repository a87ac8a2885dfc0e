/** A callback whose connection is cut before its answer has left: what the member is told counts only when it has. */

import { expect, test } from 'vitest';
import type { AppOptions } from '../../src/app.ts';
import type { Chat } from '../chat.ts';
import { letter } from './courier.ts';
import { MEMBER, startChat, writes } from './talk.ts';

const PLAIN = { REPLY_FORMAT: 'plain' };
const ADD = '标签 添加 钻石 到 客户分级';

const heard = (chat: Chat) =>
  chat.sandbox
    .chat(MEMBER)
    .filter((each) => each.from === 'bot')
    .map((each) => JSON.stringify(each.body));

const cuts = (chat: Chat) => chat.log.filter(({ msg }) => msg === 'callback cut off before its answer').length;

/** An addition whose connection breaks while the platform, which has carried it out, has not answered yet. */
async function brokenOff(chat: Chat, name: string) {
  chat.sandbox.setFaults({ slow: { on: true, ms: 1_000, path: 'add_strategy_tag' } });
  const parcel = letter(MEMBER, `标签 添加 ${name} 到 客户分级`);
  const before = cuts(chat);
  await parcel.breakOff(chat, () => expect.poll(() => chat.tags('客户分级'), { interval: 10 }).toContain(name));
  chat.sandbox.setFaults({ slow: { on: false, ms: 0 } });
  await expect.poll(() => cuts(chat)).toBe(before + 1);
  return parcel;
}

async function started(app: Partial<AppOptions>): Promise<Chat> {
  const chat = await startChat({ env: PLAIN, app });
  await chat.say(MEMBER, '标签 列表');
  return chat;
}

test('nobody comes again: the answer is pushed, once', async () => {
  const chat = await started({ repeatWaitMs: 300 });
  await brokenOff(chat, '钻石');
  await expect.poll(() => heard(chat).filter((text) => text.includes('钻石'))).toHaveLength(1);
  await chat.restart();
  expect(await chat.say(MEMBER, '我')).not.toContain('钻石');
  expect(heard(chat).filter((text) => text.includes('钻石'))).toHaveLength(1);
});

test('WeCom comes again: the answer goes back inside that callback, and is not pushed', async () => {
  const chat = await started({ repeatWaitMs: 2_000 });
  const parcel = await brokenOff(chat, '钻石');
  expect((await parcel.deliver(chat)).reply).toMatch(/已添加.*钻石/);
  // Pushed after as long, and begun later: the first would have been by now.
  await brokenOff(chat, '黄金');
  await expect.poll(() => heard(chat).filter((text) => text.includes('黄金'))).toHaveLength(1);
  expect(heard(chat).filter((text) => text.includes('钻石'))).toEqual([]);
  expect((await parcel.deliver(chat)).reply).toMatch(/已添加.*钻石/);
  expect(writes(chat)).toHaveLength(2);
});

test('the program stops meanwhile: the next run tells it', async () => {
  const chat = await started({ repeatWaitMs: 1_000 });
  await brokenOff(chat, '钻石');
  await chat.restart();
  await expect.poll(() => heard(chat).filter((text) => /已添加.*钻石/.test(text))).toHaveLength(1);
  expect(writes(chat)).toHaveLength(1);
});

test('what was owed and went along is owed still', async () => {
  const chat = await started({ windowMs: 2_000, pushPausesMs: [], repeatWaitMs: 60_000 });
  chat.sandbox.setFaults({
    slow: { on: true, ms: 3_000, path: 'add_strategy_tag' },
    errcode: { on: true, code: 48002, path: 'message/send' },
  });
  await chat.sandbox.say(MEMBER, ADD);
  await expect.poll(() => chat.log.some(({ msg }) => String(msg).startsWith('answer owed'))).toBe(true);
  await brokenOff(chat, '黄金');
  expect(await chat.say(MEMBER, '我')).toMatch(/补发[\s\S]*钻石/);
  expect(await chat.say(MEMBER, '我')).not.toContain('补发');
});
