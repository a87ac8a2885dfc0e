/**
 * A look at the database from outside, for `doctor`: creates nothing, migrates nothing, takes no lock but for a moment where
 * the file is gone and only its lock is there.
 */

import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import { assertKnown, FIRST_WITH_NOTES, SCHEMA_VERSION } from './schema.ts';
import { lockFile, lockOf, lookAt, MEMORY, naming, openForLooking, sqlitePath } from './sqlite-file.ts';
import { LOOK_SQL, SQL } from './statements.ts';
import type { NoteName, StoreFacts } from './store.ts';

/**
 * What `databaseUrl` leads to; the notes are those of `corpId`. Throws BotError `store.*` for what would keep the bot from
 * starting with it, `store.newer` and missing rights included.
 */
export async function inspectStore(databaseUrl: string, corpId: string): Promise<StoreFacts> {
  if (databaseUrl.startsWith('file:')) return inspectSqlite(databaseUrl, corpId);
  const { inspectPostgres } = await import('./postgres-inspect.ts');
  return inspectPostgres(databaseUrl, corpId);
}

function inspectSqlite(url: string, corpId: string): StoreFacts {
  const path = sqlitePath(url);
  const nothing = { kind: 'sqlite', version: 0, known: SCHEMA_VERSION, corps: [], notes: new Map() } as const;
  if (path === MEMORY) return { ...nothing, freeBytes: undefined };
  return naming(path, () => {
    const found = lookAt(path);
    if (found === 'nothing') assertNotTakenAway(path, corpId);
    const folder = nearest(dirname(path));
    // SQLite makes its log beside the file, so the directory matters as much.
    for (const each of found === 'nothing' ? [folder] : [folder, path])
      accessSync(each, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const freeBytes = bavail * bsize;
    return found === 'ours' ? { ...nothing, ...read(path, corpId), freeBytes } : { ...nothing, freeBytes };
  });
}

function read(path: string, corpId: string): Pick<StoreFacts, 'version' | 'corps' | 'notes'> {
  const db = openForLooking(path);
  try {
    const version = (all(db, SQL.version)[0] as { version: number }).version;
    assertKnown(version);
    const notes =
      version < FIRST_WITH_NOTES ? [] : (all(db, LOOK_SQL.notes, corpId) as { name: NoteName; value: string }[]);
    return {
      version,
      corps: (all(db, LOOK_SQL.corps) as { corp_id: string }[]).map((row) => row.corp_id),
      notes: new Map(notes.map(({ name, value }) => [name, value])),
    };
  } finally {
    db.close();
  }
}

function all(db: DatabaseSyncInstance, sql: string, ...values: string[]): unknown[] {
  return db.prepare(sql).all(...values);
}

/** Whoever serves the corp holds its lock, and so has had the file that is no longer there. */
function assertNotTakenAway(path: string, corpId: string): void {
  if (!existsSync(lockOf(path, corpId))) return;
  try {
    lockFile(path, corpId).close();
  } catch (error) {
    if (error instanceof BotError && error.code === 'store.locked') throw new BotError('store.replaced', 'setup');
    throw error;
  }
}

/** The directory itself, or the nearest one above it that is there and in which it would be made. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
