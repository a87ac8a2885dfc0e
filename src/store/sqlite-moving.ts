/** An SQLite file as the source and as the target of a move. */

import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import type { Portion, Snapshot, Target } from './moving-ends.ts';
import { assertCurrent, SQLITE } from './schema.ts';
import {
  BUSY_MS,
  lockFile,
  lookAt,
  MEMORY,
  makePrivate,
  naming,
  openDurably,
  ownerOf,
  sqlitePath,
} from './sqlite-file.ts';
import { SQL, type Value } from './statements.ts';

const PORTION = 500;

/** Throws BotError `store.*`: see failure.ts. */
export async function openSnapshot(url: string): Promise<Snapshot> {
  const path = sqlitePath(url);
  return naming(path, () => {
    if (path === MEMORY || lookAt(path) !== 'ours') throw new BotError('store.absent', 'setup');
    const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    try {
      // What is read first settles what all that follows will see.
      db.exec('BEGIN');
      assertCurrent((db.prepare(SQL.version).get() as { version: number }).version);
    } catch (error) {
      leave(db);
      throw error;
    }
    const reading = new Set<StatementSyncInstance>();
    return {
      read: (sql) => portions(path, db, sql, reading),
      close: async () => {
        reading.clear();
        leave(db);
      },
    };
  });
}

/** The library ends statements with the garbage collector only; until then their transaction would go on. */
function leave(db: DatabaseSyncInstance): void {
  if (db.isTransaction) db.exec('ROLLBACK');
  db.close();
}

async function* portions(
  path: string,
  db: DatabaseSyncInstance,
  sql: string,
  reading: Set<StatementSyncInstance>,
): AsyncGenerator<Portion> {
  const { columns, rows } = naming(path, () => {
    const statement = db.prepare(sql);
    // The iterator does not keep its statement from the garbage collector.
    reading.add(statement);
    statement.setReturnArrays(true);
    return {
      columns: statement.columns().map(({ name }) => String(name)),
      rows: statement.iterate() as IterableIterator<unknown> as IterableIterator<Value[]>,
    };
  });
  for (;;) {
    const portion = naming(path, () => {
      const taken: Value[][] = [];
      while (taken.length < PORTION) {
        const { value, done } = rows.next();
        if (done === true) break;
        taken.push(value);
      }
      return taken;
    });
    yield { columns, rows: portion };
    if (portion.length < PORTION) return;
  }
}

/** Holds the locks of all corps of which one was ever served from this file, and of `corps`. Throws BotError `store.*`. */
export async function openTarget(url: string, corps: readonly string[]): Promise<Target> {
  const path = sqlitePath(url);
  return naming(path, () => {
    if (path === MEMORY) throw new BotError('store.url', 'setup');
    const isNew = lookAt(path) === 'nothing';
    const opened: DatabaseSyncInstance[] = [];
    const close = (): void => {
      for (const db of opened.splice(0).reverse()) db.close();
    };
    try {
      for (const corp of new Set([...corps, ...corpsServedFrom(path)])) opened.push(lockFile(path, corp));
      makePrivate(path);
      const db = openDurably(path);
      opened.push(db);
      db.exec('BEGIN IMMEDIATE');
      ownerOf(db);
      return target(path, db, isNew, close);
    } catch (error) {
      close();
      throw error;
    }
  });
}

function corpsServedFrom(path: string): string[] {
  const start = `${basename(path)}.`;
  const end = '.lock';
  try {
    return readdirSync(dirname(path))
      .filter((name) => name.startsWith(start) && name.endsWith(end))
      .map((name) => decodeURIComponent(name.slice(start.length, -end.length)));
  } catch {
    // No directory yet; a name that is not ours is no lock of ours either.
    return [];
  }
}

function target(path: string, db: DatabaseSyncInstance, isNew: boolean, close: () => void): Target {
  const statements = new Map<string, StatementSyncInstance>();
  let committed = false;
  const prepared = (sql: string): StatementSyncInstance => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    dialect: SQLITE,
    run: async (sql, values = []) => naming(path, () => prepared(sql).all(...values) as object[]),
    commit: async () =>
      naming(path, () => {
        db.exec('COMMIT');
        committed = true;
        // One file that can be copied; the bot turns the log on again.
        db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE');
      }),
    close: async () => {
      if (!committed && db.isTransaction) db.exec('ROLLBACK');
      close();
      if (!committed && isNew) for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    },
  };
}
