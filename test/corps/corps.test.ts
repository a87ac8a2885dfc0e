/** When corps are built and given up, with many of them on one process. */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase, openStore } from '../../src/store/open.ts';
import { newFolder } from '../folder.ts';
import { until } from '../until.ts';
import { identity, openSite, type Site } from './two-corps.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const ids = NAMES.map((name) => identity(name));

async function site(options: Parameters<typeof openSite>[1] = {}): Promise<Site> {
  const opened = await openSite(ids, options);
  onTestFinished(() => opened.stop());
  return opened;
}

function fileOf(opened: Site): string {
  return String(opened.env.DATABASE_URL).replace('file:', '');
}

/** Corps whose lock somebody holds, as the lock files beside the database show. */
async function held(opened: Site): Promise<string[]> {
  const states = await Promise.all(
    ids.map(async ({ name, corpId }) => {
      const store = await openStore(String(opened.env.DATABASE_URL), corpId, { now: Date.now }).catch(() => undefined);
      await store?.close();
      return store === undefined ? [name] : [];
    }),
  );
  return states.flat();
}

it('few are built at start, and stay', async () => {
  const opened = await site({ app: { idleMs: 0, takeOverEveryMs: 20 } });
  expect(await held(opened)).toEqual(NAMES);
  expect(await opened.say('c', 'wangzong', '列表')).toContain('客户分级');
  expect(await held(opened)).toEqual(NAMES);
});

it('of many, those are built that have something to do; the others with their first message', async () => {
  const opened = await site({ app: { keptCorps: 1 } });
  expect(await held(opened)).toEqual(['a']);
  expect(await opened.say('c', 'wangzong', '列表')).toContain('客户分级');
  expect(await held(opened)).toEqual(['a', 'c']);
});

it('what the last run left unfinished is looked after without a message', async () => {
  const opened = await site({ app: { keptCorps: 1, repeatWaitMs: 10 } });
  const url = String(opened.env.DATABASE_URL);
  await opened.app.stop();
  const store = await openStore(url, identity('d').corpId, { now: Date.now });
  const message = { key: 'm:left', member: 'wangzong', receivedAt: Date.now() };
  const content = JSON.stringify({ ...message, kind: 'text', corpId: identity('d').corpId, text: '列表' });
  await store.keepMessage({ ...message, content });
  await store.acknowledge('m:left');
  await store.close();
  await opened.restart();
  await vi.waitFor(
    () =>
      expect(
        opened
          .sandbox('d')
          .chat('wangzong')
          .map(({ from }) => from),
      ).toEqual(['bot']),
    { timeout: 5_000 },
  );
  expect(await held(opened)).toEqual(['a', 'd']);
});

it('and waits while the operator has stopped the corp', async () => {
  const opened = await site({ app: { repeatWaitMs: 10, takeOverEveryMs: 20 } });
  const url = String(opened.env.DATABASE_URL);
  await opened.app.stop();
  const { corpId } = identity('d');
  const store = await openStore(url, corpId, { now: Date.now });
  const message = { key: 'm:left', member: 'wangzong', receivedAt: Date.now() };
  const content = JSON.stringify({ ...message, kind: 'text', corpId, text: '标签 添加 钻石 到 客户分级' });
  await store.keepMessage({ ...message, content });
  await store.acknowledge('m:left');
  await store.keepNote('paused', '1');
  await store.close();
  opened.sandbox('d').clearCalls();
  await opened.restart();
  expect(await opened.say('d', 'wangzong', '列表')).toContain('暂停');
  const written = () => opened.sandbox('d').calls.filter(({ path }) => /add|message/.test(path));
  expect(written()).toEqual([]);
  const database = await openDatabase(url, { now: Date.now });
  onTestFinished(() => database.close());
  await database.keepNote(corpId, 'paused', '');
  await until(() =>
    expect(
      written()
        .map(({ path }) => path)
        .join(),
    ).toMatch(/add.*message\/send/),
  );
});

it('who has been idle for long is given up, and is there again with the next message', async () => {
  const opened = await site({ app: { keptCorps: 1, idleMs: 0, takeOverEveryMs: 20 } });
  for (const name of ['b', 'c']) await opened.say(name, 'wangzong', '标签 添加 钻石 到 客户分级');
  await vi.waitFor(async () => expect(await held(opened)).toHaveLength(1), { timeout: 5_000 });
  expect(await opened.say('b', 'wangzong', '撤销')).toContain('钻石');
  expect(await opened.say('b', 'wangzong', '历史')).toContain('钻石');
});

it('nobody is given up in the middle of its work', async () => {
  const opened = await site({ app: { keptCorps: 1, idleMs: 0, takeOverEveryMs: 5, windowMs: 50 } });
  const release = opened.front.hang(identity('b').corpId);
  const sent = await opened.sandbox('b').say('wangzong', '标签 添加 钻石 到 客户分级');
  expect(sent).toMatchObject({ delivered: { state: 'delivered' } });
  expect(sent.reply).toBeUndefined();
  // One that has been used since is given up in its place.
  await opened.say('c', 'wangzong', '列表');
  await vi.waitFor(async () => expect(await held(opened)).toEqual(['b']), { timeout: 5_000 });
  release();
  expect(JSON.stringify(await opened.sandbox('b').nextFromBot('wangzong', sent.id))).toContain('钻石');
});

it('a stranger who is refused builds nothing', async () => {
  const opened = await site({ app: { keptCorps: 1 } });
  const query = `msg_signature=${'0'.repeat(40)}&timestamp=${Math.floor(Date.now() / 1000)}&nonce=1`;
  const body = '<xml><Encrypt><![CDATA[AAAA]]></Encrypt></xml>';
  const response = await fetch(`${opened.url}/wecom/callback/d?${query}`, { method: 'POST', body });
  expect(response.status).toBe(400);
  expect(readdirSync(join(fileOf(opened), '..')).join()).not.toContain('wwcorp-d.lock');
});

it('an operator stops a corp, and the others go on', async () => {
  const opened = await site({ app: { takeOverEveryMs: 20 } });
  const database = await openDatabase(String(opened.env.DATABASE_URL), { now: Date.now });
  onTestFinished(() => database.close());
  const { corpId } = identity('b');
  const told = (text: string) =>
    until(() => expect(opened.log.find(({ msg }) => msg === text)).toMatchObject({ corp: corpId }));
  await database.keepNote(corpId, 'paused', '1');
  await told('corp paused by the operator');
  opened.sandbox('b').clearCalls();
  expect(await opened.say('b', 'wangzong', '标签 添加 钻石 到 客户分级')).toContain('暂停');
  expect(
    opened
      .sandbox('b')
      .calls.map(({ path }) => path)
      .filter((path) => /add|send/.test(path)),
  ).toEqual([]);
  expect(await opened.say('c', 'wangzong', '列表')).toContain('客户分级');
  await database.keepNote(corpId, 'paused', '');
  await told('corp resumed by the operator');
  expect(await opened.say('b', 'wangzong', '列表')).toContain('客户分级');
});

it('old texts are dropped of every corp, built or not, configured or not', async () => {
  const directory = newFolder('forget');
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const databaseUrl = `file:${join(directory, 'bot.db')}`;
  const all = [identity('a').corpId, identity('d').corpId, 'wwnobody'];
  for (const corpId of all) {
    const store = await openStore(databaseUrl, corpId, { now: Date.now });
    await store.keepMessage({ key: 'm:1', member: 'wangzong', receivedAt: 1, content: '{"kind":"text","text":"旧"}' });
    await store.answer('m:1', '{"text":"好"}', 'delivered');
    await store.close();
  }
  const opened = await site({ databaseUrl, app: { keptCorps: 1 } });
  await until(async () => {
    for (const corpId of all) {
      const store = await openStore(databaseUrl, corpId, { now: Date.now, readOnly: true });
      expect((await store.findMessage('m:1'))?.content).toBeUndefined();
      await store.close();
    }
  });
  expect(await held(opened)).toEqual(['a']);
});
