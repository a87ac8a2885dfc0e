/** A bot whose store was moved to another database goes on as if nothing had happened. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exportToFile, importFromFile } from '../../src/store/moving-file.ts';
import { asks, openChat } from '../chat.ts';
import { newFolder } from '../folder.ts';
import { startPostgres } from '../store/server.ts';

const server = await startPostgres();
const directory = newFolder('moved');
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await server?.stop();
});

const ENGINES = {
  SQLite: async () => `file:${join(directory, `${Date.now()}`, 'bot.db')}`,
  PostgreSQL: async () => (await server?.createDatabase()) ?? '',
};

describe.skipIf(server === undefined)('moved', () => {
  test.each([
    ['SQLite', 'PostgreSQL'],
    ['PostgreSQL', 'SQLite'],
  ] as const)('from %s to %s: 撤销, 历史 and the open question are there', async (from, to) => {
    const chat = await openChat({ env: { DATABASE_URL: await ENGINES[from](), REPLY_FORMAT: 'plain' } });
    try {
      await chat.say('wangzong', '标签 添加 金卡 到 客户分级');
      await chat.say('wangzong', '标签 改名 老客 为 回头客');
      expect(asks(await chat.say('wangzong', '标签 删除 抖音'))).toBe('confirm');
      const file = join(directory, `${from}.jsonl`);
      await exportToFile(chat.env.DATABASE_URL ?? '', Date.now(), file);
      const target = await ENGINES[to]();
      await importFromFile(target, file, Date.now);
      await chat.restart(undefined, { DATABASE_URL: target });

      await chat.say('wangzong', '确认');
      expect(chat.tags('渠道来源')).not.toContain('抖音');
      expect(await chat.say('wangzong', '历史')).toMatch(/#?3[\s\S]*抖音[\s\S]*回头客[\s\S]*金卡/);
      expect(chat.tags('客户分级')).toContain('回头客');
      await chat.say('wangzong', '撤销 2');
      expect(chat.tags('客户分级')).toContain('老客');
      await chat.say('wangzong', '撤销 1');
      expect(chat.tags('客户分级')).not.toContain('金卡');
    } finally {
      await chat.stop();
    }
  });
});
