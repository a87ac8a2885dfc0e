/** A copy of the SQLite database while the bot goes on writing. */

import { statSync } from 'node:fs';
import { backup, DatabaseSync } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import { lookAt, sqlitePath } from './sqlite-file.ts';
import { wholeFile } from './whole-file.ts';

/**
 * Copies the database of `databaseUrl` (`file:…`) into a new file, readable by its owner alone, and checks the copy. Returns
 * its size in bytes. Throws BotError: `store.*` as in failure.ts, and `backup.exists`.
 */
export function backupStore(databaseUrl: string, target: string): Promise<number> {
  return wholeFile(target, async (unfinished) => {
    const source = sqlitePath(databaseUrl);
    if (lookAt(source) !== 'ours') throw new BotError('store.absent', 'setup');
    const db = new DatabaseSync(source, { readOnly: true });
    try {
      await backup(db, unfinished);
    } finally {
      db.close();
    }
    check(unfinished);
    return statSync(unfinished).size;
  });
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
