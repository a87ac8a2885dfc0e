/** What a former run has left: messages that end the process, and what members wrote long ago. */

import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { type Chat, CREDENTIALS, words } from '../chat.ts';
import { MEMBER, startChat, tagCalls, writes } from './talk.ts';

const PLAIN = { REPLY_FORMAT: 'plain' };
const DAY = 24 * 60 * 60_000;

async function withStore(chat: Chat, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore(String(chat.env.DATABASE_URL), CREDENTIALS.corpId, { now: Date.now });
  await work(store);
  await store.close();
}

/** An acknowledged message as the process leaves it when it dies at work on it. */
async function leave(store: Store, key: string, text: string): Promise<void> {
  const head = { corpId: CREDENTIALS.corpId, key, member: MEMBER, createTime: Math.floor(Date.now() / 1000) };
  const message = { ...head, receivedAt: Date.now(), kind: 'text', text };
  await store.keepMessage({ key, member: MEMBER, receivedAt: message.receivedAt, content: JSON.stringify(message) });
  await store.acknowledge(key);
}

const heard = (chat: Chat) =>
  chat.sandbox
    .chat(MEMBER)
    .filter((message) => message.from === 'bot')
    .map(words)
    .join('\n');

const ADD = '标签 添加 钻石 到 客户分级';

test('a message that was in hand when the process died is carried out by the next run', async () => {
  const chat = await startChat({ env: PLAIN });
  await chat.restart(() => withStore(chat, (store) => leave(store, 'm:1', ADD)));
  await expect.poll(() => heard(chat)).toContain('已添加');
  expect(writes(chat)).toHaveLength(1);
});

test('one that was in hand twice is not tried a third time: parked, and the member is told', async () => {
  const chat = await startChat({ env: PLAIN });
  await chat.restart(() =>
    withStore(chat, async (store) => {
      await leave(store, 'm:1', ADD);
      await store.tryAgain('m:1');
    }),
  );
  await expect.poll(() => heard(chat)).toMatch(/钻石[\s\S]*没有执行[\s\S]*再发一次/);
  expect(writes(chat)).toEqual([]);
  expect(chat.log).toContainEqual(expect.objectContaining({ level: 'error', key: 'm:1', tries: 3 }));
  const before = heard(chat);
  await chat.restart();
  await chat.say(MEMBER, '我');
  expect(heard(chat).replace(before, '')).not.toContain('没有执行');
});

test('a parked 确认 names what it was to confirm, which still waits', async () => {
  const chat = await startChat({ env: PLAIN });
  await chat.say(MEMBER, '标签 删除 老客');
  await chat.restart(() =>
    withStore(chat, async (store) => {
      await leave(store, 'm:1', '确认');
      await store.tryAgain('m:1');
    }),
  );
  await expect.poll(() => heard(chat)).toMatch(/老客.*没有执行/);
  expect(writes(chat)).toEqual([]);
  expect(await chat.say(MEMBER, '确认')).toContain('已从「客户分级」删除：老客');
});

test('a change of such a message that had begun is called uncertain, and the journal says so', async () => {
  const chat = await startChat({ env: PLAIN });
  const step = {
    do: 'addTags',
    group: { id: 'et1', name: '客户分级', strategyId: 1 },
    creates: false,
    tags: [{ name: '钻石' }],
  };
  await chat.restart(() =>
    withStore(chat, async (store) => {
      await leave(store, 'm:1', ADD);
      await store.intend(
        {
          member: MEMBER,
          messageKey: 'm:1',
          at: Date.now(),
          libraries: [{ libraryId: 1, names: '钻石' }],
          names: '钻石',
          plan: JSON.stringify([step]),
          undoes: undefined,
        },
        undefined,
      );
      await store.tryAgain('m:1');
    }),
  );
  chat.sandbox.clearCalls();
  await expect.poll(() => heard(chat)).toMatch(/不确定[\s\S]*钻石/);
  expect(await chat.say(MEMBER, '历史')).toMatch(/钻石[\s\S]*结果不确定/);
  expect(tagCalls(chat).filter(([name]) => name === 'get_strategy_tag_list').length).toBeLessThanOrEqual(1);
  expect(writes(chat)).toEqual([]);
});

test('what members wrote is dropped by the first look of a start, out of messages and sessions', async () => {
  let now = Date.now();
  const chat = await startChat({
    env: { ...PLAIN, JOURNAL_RETENTION_DAYS: '30' },
    app: { now: () => now },
    sandbox: { now: () => now },
  });
  await chat.say(MEMBER, '规则组 切换 华东大区');
  await chat.say(MEMBER, '标签 添加 绝密客户 到 客户分级');
  await chat.say(MEMBER, '标签 删除 绝密客户');
  const kept = () => {
    const db = new DatabaseSync(String(chat.env.DATABASE_URL).replace('file:', ''), { readOnly: true });
    const rows = db.prepare('SELECT content, answer FROM messages').all() as object[];
    const sessions = db.prepare('SELECT session, question FROM sessions').all() as object[];
    db.close();
    return JSON.stringify([...rows, ...sessions]);
  };
  expect(kept()).toContain('绝密客户');
  now += 29 * DAY;
  await chat.restart();
  expect(await chat.say('zhangsan', '我')).toContain('zhangsan');
  expect(kept()).toContain('绝密客户');
  now += 2 * DAY;
  await chat.restart();
  await expect.poll(kept).not.toContain('绝密客户');
  expect(kept()).toContain('libraryId');
  expect(await chat.say(MEMBER, '历史')).not.toContain('没有改动记录');
});
