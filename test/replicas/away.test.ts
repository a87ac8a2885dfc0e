/** The database is away or silent: what still works, what is refused and why, and how it comes back by itself. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Chat, openChat } from '../chat.ts';
import { startPostgres } from '../store/server.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

const ADMIN = 'wangzong';

/** Between the bot and its database: passes everything on, nothing at all, or hangs up. */
async function openWire(target: URL) {
  const sockets = new Set<Socket>();
  let mode: 'open' | 'silent' | 'cut' = 'open';
  const wire: Server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => {});
    near.on('close', () => sockets.delete(near));
    if (mode === 'cut') return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    sockets.add(far);
    far.on('error', () => near.destroy());
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.on('data', (chunk) => mode === 'open' && far.write(chunk));
    far.on('data', (chunk) => mode === 'open' && near.write(chunk));
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.port = String((wire.address() as AddressInfo).port);
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    set: (to: typeof mode) => {
      mode = to;
      // What was silent has lost what was said meanwhile: no connection survives it.
      if (to !== 'silent') hangUp();
    },
    close: () => {
      wire.close();
      hangUp();
    },
  };
}

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
