/** The database is away or silent: what still works, what is refused and why, and how it comes back by itself. */

import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Chat, openChat } from '../chat.ts';
import { startPostgres } from '../store/server.ts';
import { openWire } from './wire.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

const ADMIN = 'wangzong';

describe.skipIf(server === undefined)('a database that is', () => {
  let wire: Awaited<ReturnType<typeof openWire>>;
  let chat: Chat;

  beforeEach(async () => {
    wire = await openWire(new URL((await server?.createDatabase()) ?? ''));
    chat = await openChat({ env: { DATABASE_URL: wire.url, REPLY_FORMAT: 'plain' } });
    expect(await chat.say(ADMIN, '小红书')).toContain('渠道来源');
  });

  afterEach(async () => {
    wire.set('open');
    await chat.stop();
    wire.close();
  });

  const ready = async () => (await fetch(`${chat.operatorUrl}/readyz`)).status;

  it.each(['cut', 'silent'] as const)(
    '%s: lookups are answered, changes refused with the reason, and all is well afterwards',
    async (mode) => {
      wire.set(mode);
      for (const name of ['抖音', '小红书']) {
        const began = performance.now();
        expect(await chat.say(ADMIN, name)).toContain('渠道来源');
        // WeCom hangs up after five seconds.
        expect(performance.now() - began).toBeLessThan(4_900);
      }
      const refused = await chat.say(ADMIN, '标签 添加 知乎 到 渠道来源');
      expect(refused).toContain('记录库');
      // Whether it was kept before the connection went, and is run by another replica yet, cannot be known.
      expect(refused).toMatch(/「.*知乎.*」还没有做[\s\S]*会再告诉你/);
      expect(refused).not.toContain('没有执行');
      expect(chat.tags('渠道来源')).not.toContain('知乎');
      expect(await chat.say(ADMIN, '规则组 切换 华南大区')).not.toContain('已切换');
      expect(await ready()).toBe(503);

      wire.set('open');
      await expect
        .poll(() => chat.say(ADMIN, '标签 添加 知乎 到 渠道来源'), { timeout: 15_000, interval: 300 })
        .toMatch(/✅|已经有/);
      expect(chat.tags('渠道来源')).toContain('知乎');
      await expect.poll(ready, { timeout: 5_000, interval: 300 }).toBe(200);
    },
    60_000,
  );
});
