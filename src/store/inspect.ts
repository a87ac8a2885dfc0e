/** A look at the database from outside, for `doctor`: creates nothing, migrates nothing, takes no lock. */

import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { assertKnown, FIRST_WITH_NOTES, SCHEMA_VERSION } from './schema.ts';
import { lookAt, MEMORY, naming, openForLooking, sqlitePath } from './sqlite-file.ts';
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

/** The directory itself, or the nearest one above it that is there and in which it would be made. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
