/**
 * The file of an SQLite store: looked at before it is touched, made for its owner alone, locked for one process per corp,
 * and watched: a file that was deleted or replaced under a running bot would take every further change with it.
 */

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import { sqliteFailure } from './failure.ts';

/** How long a write may wait (and the process with it) for a foreign program that is writing to the file. */
export const BUSY_MS = 1_000;
export const MEMORY = ':memory:';
const HEADER = Buffer.from('SQLite format 3\0');
/** A database of ours has both, from its first migration on. */
const OURS: readonly string[] = ['migrations', 'journal'];

/** The file a `file:` URL means; `:memory:` for a database that lives as long as the store. Throws BotError `store.url`. */
export function sqlitePath(url: string): string {
  const rest = url.startsWith('file:') ? url.slice('file:'.length) : '';
  if (rest === MEMORY) return MEMORY;
  try {
    const path = rest.startsWith('//') ? fileURLToPath(url) : rest;
    if (path !== '' && !path.endsWith('/')) return resolve(path);
  } catch {
    // Told below, without the URL.
  }
  throw new BotError('store.url', 'setup', { message: 'store.url: a file: URL must name a file' });
}

/**
 * What lies at a path: `nothing`, an `empty` file or database, or a database of `ours`. Changes nothing, not even beside it.
 * Throws BotError: `store.corrupt` for what is no database, `store.foreign` for one of another program, and what the file
 * system says.
 */
export function lookAt(path: string): 'nothing' | 'empty' | 'ours' {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  if (!stats.isFile())
    throw new BotError('store.unreachable', 'setup', {
      facts: { reason: '不是普通的文件' },
      message: 'store.unreachable: DATABASE_URL names no plain file',
    });
  if (stats.size === 0) return 'empty';
  if (!startOf(path).equals(HEADER))
    throw new BotError('store.corrupt', 'setup', { message: 'store.corrupt: the file is not a database' });
  const db = openForLooking(path);
  try {
    return ownerOf(db) === 'nobody' ? 'empty' : 'ours';
  } finally {
    db.close();
  }
}

/** Whose tables there are. Throws BotError `store.foreign` when they are another program's. */
export function ownerOf(db: DatabaseSyncInstance): 'nobody' | 'us' {
  const names = new Set<string>();
  // Not a prepared statement: the library ends those with the garbage collector, and until then the file stays open.
  db.function('see_table', (name: string) => {
    names.add(name);
    return 0;
  });
  db.exec(`SELECT see_table(name) FROM sqlite_master WHERE type = 'table'`);
  if (names.size === 0) return 'nobody';
  // A first migration that was never finished leaves the first of them alone.
  if (OURS.every((name) => names.has(name)) || [...names].every((name) => OURS.includes(name))) return 'us';
  throw new BotError('store.foreign', 'setup', {
    message: 'store.foreign: DATABASE_URL names the database of another program',
  });
}

/** Runs `work`; what goes wrong in it is told with the file it went wrong with. Throws BotError. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, kind, facts, message } = sqliteFailure(error);
    throw new BotError(code, kind, { facts: { ...facts, path }, message });
  }
}

function startOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(HEADER.length);
    readSync(file, start, 0, start.length, 0);
    return start;
  } finally {
    closeSync(file);
  }
}

/** Taken for immutable, SQLite makes no -wal and -shm; where there is a log already, it belongs to what is read. */
export function openForLooking(path: string): DatabaseSyncInstance {
  if (existsSync(`${path}-wal`)) return new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
}

/** SQLite gives -wal and -shm the mode of the database file, so the file is made before SQLite sees it. */
export function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

/** A connection whose commits survive a power cut. */
export function openDurably(path: string): DatabaseSyncInstance {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  // secure_delete: a text that is dropped is overwritten, not merely unlinked.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
  return db;
}

/** Beside the database, one for each corp. */
export function lockOf(path: string, corpId: string): string {
  return `${path}.${encodeURIComponent(corpId)}.lock`;
}

/** A connection that holds the corp's lock until it is closed. Throws BotError `store.locked`. */
export function lockFile(path: string, corpId: string): DatabaseSyncInstance {
  const file = lockOf(path, corpId);
  if (lookAt(file) === 'ours') throw new BotError('store.foreign', 'setup', { facts: { path: file } });
  makePrivate(file);
  const lock = new DatabaseSync(file);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (sqliteFailure(error).code !== 'store.busy') throw error;
    throw new BotError('store.locked', 'setup', {
      message: 'store.locked: another process serves this corp from this file',
    });
  }
}

/**
 * Throws BotError `store.replaced` once the file, or its log, is no longer the one that was there when this was called.
 * Costs two looks at the file system, a few microseconds.
 */
export function watchFile(path: string): () => void {
  if (path === MEMORY) return () => {};
  const files = [path, `${path}-wal`].flatMap((name) => {
    const stats = statSync(name, { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ name, stats }];
  });
  return () => {
    for (const { name, stats } of files)
      if (!isSame(stats, statSync(name, { throwIfNoEntry: false })))
        throw new BotError('store.replaced', 'setup', {
          facts: { path },
          message: 'store.replaced: the database file was deleted or replaced while it was open',
        });
  };
}

function isSame(a: Stats, b: Stats | undefined): boolean {
  return b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/** Empties the log into the file; where somebody is reading, it is emptied later instead. */
export function emptyLog(db: DatabaseSyncInstance): void {
  db.exec(`PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = ${BUSY_MS}`);
}

/**
 * So that a copy of the file is all of it. Leaving WAL is what removes the log: the library ends prepared statements
 * with the garbage collector only, and until then SQLite takes the connection for open.
 */
export function leaveOneFile(db: DatabaseSyncInstance, assertIntact: () => void): void {
  try {
    // The log is removed by its name, and beside another file of our name may lie another's.
    assertIntact();
    emptyLog(db);
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE');
  } catch {
    // Somebody else has it open, and will read from the log what is in there.
  }
}
