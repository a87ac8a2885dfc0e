/** A copy of the SQLite database while the bot goes on writing. */

import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { backup, DatabaseSync } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import { sqliteFailure } from './failure.ts';
import { lookAt, makePrivate, sqlitePath } from './sqlite-file.ts';

/**
 * Copies the database of `databaseUrl` (`file:…`) into a new file, readable by its owner alone, and checks the copy. Returns
 * its size in bytes. Throws BotError: `store.*` as in failure.ts, and `backup.*`.
 */
export async function backupStore(databaseUrl: string, target: string): Promise<number> {
  if (!databaseUrl.startsWith('file:'))
    throw new BotError('backup.postgres', 'setup', {
      meaning: '数据库是 PostgreSQL，这个命令只备份 SQLite 文件。',
      advice: '请用 pg_dump。',
    });
  if (existsSync(target))
    throw new BotError('backup.exists', 'setup', {
      meaning: `${target} 已经有了，没有覆盖它。`,
      advice: '请换一个文件名，例如加上日期。',
    });
  const unfinished = `${target}.part`;
  try {
    const source = sqlitePath(databaseUrl);
    if (lookAt(source) !== 'ours') throw new BotError('store.absent', 'setup');
    rmSync(unfinished, { force: true });
    makePrivate(unfinished);
    const db = new DatabaseSync(source, { readOnly: true });
    try {
      await backup(db, unfinished);
    } finally {
      db.close();
    }
    check(unfinished);
    renameSync(unfinished, target);
    return statSync(target).size;
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw sqliteFailure(error);
  }
}

/** The copy says that it has a log; made into one file, it can be moved as it is. */
function check(path: string): void {
  const db = new DatabaseSync(path);
  try {
    let verdict = '';
    db.function('hear', (text: string) => {
      verdict += text;
      return 0;
    });
    db.exec('PRAGMA journal_mode = DELETE; SELECT hear(integrity_check) FROM pragma_integrity_check');
    if (verdict !== 'ok') throw new BotError('store.corrupt', 'setup', { facts: { reason: verdict.slice(0, 200) } });
  } finally {
    db.close();
  }
}
