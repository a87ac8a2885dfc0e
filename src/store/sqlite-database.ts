/**
 * One SQLite file, for one process: WAL, every commit fsynced (synchronous = FULL), the writes of all corps in groups.
 *
 * Beside `bot.db` lie `bot.db-wal` and `bot.db-shm` (SQLite's own), and `bot.db.<corp>.lock`: whoever serves a corp
 * holds an exclusive lock on that file, which the system takes back when the process ends in whatever way. The database
 * itself is not locked, so the `journal` command, `sqlite3` or a backup can read it while the bot runs. The locks are
 * those of the file system: keep the file on a local disk, not on a network share.
 */

import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import type { Database, OpenOptions } from './database.ts';
import { GroupCommit } from './group.ts';
import { assertCurrent, pendingMigrations, purge, SCHEMA_VERSION, SQLITE, VERSION_TABLE } from './schema.ts';
import { type SqliteFile, type SqliteStatements, SqliteStore } from './sqlite.ts';
import {
  BUSY_MS,
  emptyLog,
  leaveOneFile,
  lockFile,
  lookAt,
  MEMORY,
  makePrivate,
  naming,
  openDurably,
  ownerOf,
  sqlitePath,
  watchFile,
} from './sqlite-file.ts';
import { DATABASE_SQL, SQL, type Value } from './statements.ts';
import type { NoteName, Store } from './store.ts';
import { type SuiteStore, suiteStore } from './suite-store.ts';

interface Opened extends SqliteFile {
  readonly assertIntact: () => void;
}

export class SqliteDatabase implements Database {
  readonly #path: string;
  readonly #options: OpenOptions;
  /** Corp → its lock. */
  readonly #locks = new Map<string, DatabaseSyncInstance>();
  readonly #stores = new Set<Store>();
  #file: Opened | undefined;
  #closed = false;

  /**
   * `url`: `file:./relative/to/cwd.db`, `file:/absolute.db`, `file:///absolute.db`, or `file::memory:`. Looks at what is
   * there, and touches it only when a corp's lock is held. Throws BotError: see failure.ts.
   */
  constructor(url: string, options: OpenOptions) {
    this.#path = sqlitePath(url);
    this.#options = options;
    naming(this.#path, () => {
      const found = this.#path === MEMORY ? 'nothing' : lookAt(this.#path);
      if (options.readOnly === true && found === 'nothing')
        throw new BotError('store.absent', 'setup', { message: 'store.absent: DATABASE_URL names no file' });
    });
  }

  storeOf(corpId: string): Promise<Store> {
    return this.#enter(corpId, () => this.#unlock(corpId));
  }

  /** Its closing closes the database. */
  soleStoreOf(corpId: string): Promise<Store> {
    return this.#enter(corpId, () => this.close());
  }

  async #enter(corpId: string, leave: () => Promise<void>): Promise<Store> {
    if (this.#closed) throw new BotError('store.closed', 'bug');
    return naming(this.#path, () => {
      const locks = this.#path !== MEMORY && this.#options.readOnly !== true;
      if (locks) this.#locks.set(corpId, lockFile(this.#path, corpId));
      try {
        const store = new SqliteStore(this.#opened(), corpId, locks, async () => {
          this.#stores.delete(store);
          await leave();
        });
        this.#stores.add(store);
        return store;
      } catch (error) {
        void this.#unlock(corpId);
        throw error;
      }
    });
  }

  async suites(served: readonly string[]): Promise<SuiteStore> {
    return naming(this.#path, () => {
      const ofSuite = (suiteId: string) => `suite:${suiteId}`;
      if (this.#path !== MEMORY && this.#options.readOnly !== true)
        for (const suiteId of served) this.#locks.set(ofSuite(suiteId), lockFile(this.#path, ofSuite(suiteId)));
      const { db, group } = this.#opened();
      const statements = new Map<string, StatementSyncInstance>();
      const run = <Row extends object>(sql: string, values: readonly Value[]): Row[] => {
        const statement = statements.get(sql) ?? db.prepare(sql);
        statements.set(sql, statement);
        return statement.all(...values) as Row[];
      };
      return suiteStore({
        read: async (sql, values) => naming(this.#path, () => run(sql, values)),
        write: (sql, values) => group.write(() => run(sql, values)),
        // There is no other replica.
        onChanged: () => {},
        alone: (_suiteId, _key, _waitMs, work) => work({ still: async () => {} }),
      });
    });
  }

  async purge(corpId: string): Promise<void> {
    naming(this.#path, () => {
      const lock = this.#path === MEMORY ? undefined : lockFile(this.#path, corpId);
      try {
        this.#file ??= openToWrite(this.#path, this.#options);
        const { db } = this.#file;
        // A command has opened the file without it.
        db.exec('PRAGMA secure_delete = ON; BEGIN IMMEDIATE');
        try {
          for (const statement of purge(SQLITE))
            if (statement.includes('?')) db.prepare(statement).run(corpId);
            else db.exec(statement);
          db.exec('COMMIT');
        } catch (error) {
          if (db.isTransaction) db.exec('ROLLBACK');
          throw error;
        }
        // The log holds what was deleted until it is emptied into the file.
        emptyLog(db);
      } finally {
        lock?.close();
      }
    });
  }

  corpsWithWork(): Promise<string[]> {
    return this.#corps(DATABASE_SQL.corpsWithWork);
  }

  corpsToForget(before: number): Promise<string[]> {
    return this.#corps(DATABASE_SQL.corpsToForget, before, before);
  }

  pausedCorps(): Promise<string[]> {
    return this.#corps(DATABASE_SQL.pausedCorps);
  }

  async keepNote(corpId: string, name: NoteName, value: string): Promise<void> {
    naming(this.#path, () => {
      if (this.#file === undefined && (this.#path === MEMORY || lookAt(this.#path) !== 'ours'))
        throw new BotError('store.absent', 'setup');
      this.#file ??= openToWrite(this.#path, this.#options);
      this.#file.sql.keepNote.run(corpId, name, value);
    });
  }

  async #corps(sql: string, ...values: number[]): Promise<string[]> {
    if (this.#closed) throw new BotError('store.closed', 'bug');
    return naming(this.#path, () =>
      (
        this.#opened()
          .db.prepare(sql)
          .all(...values) as { corp_id: string }[]
      ).map((row) => row.corp_id),
    );
  }

  /** There is no other process that could leave anything. */
  async corpsLeftBehind(): Promise<string[]> {
    return [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#stores].map((store) => store.close()));
    if (this.#file !== undefined) {
      const { db, group, assertIntact } = this.#file;
      group.close();
      if (this.#locks.size > 0) leaveOneFile(db, assertIntact);
      db.close();
    }
    for (const lock of this.#locks.values()) lock.close();
    this.#locks.clear();
  }

  /** While the database is being closed, its own locks stay until the file is whole. */
  async #unlock(corpId: string): Promise<void> {
    if (this.#closed) return;
    this.#locks.get(corpId)?.close();
    this.#locks.delete(corpId);
  }

  #opened(): Opened {
    this.#file ??=
      this.#options.readOnly === true
        ? openForReading(this.#path, this.#options)
        : openAndMigrate(this.#path, this.#options);
    return this.#file;
  }
}

/** Opens or creates the file (0600; missing directories 0700) and migrates it. */
function openAndMigrate(path: string, options: OpenOptions): Opened {
  if (path !== MEMORY) makePrivate(path);
  return prepared(openDurably(path), options, (db) => {
    migrate(db, options);
    return watchFile(path);
  });
}

/** Beside the process that holds the locks, and with its tables as they are. */
function openToWrite(path: string, options: OpenOptions): Opened {
  return prepared(new DatabaseSync(path, { timeout: BUSY_MS }), options, (db) => {
    checkVersion(db);
    return () => {};
  });
}

function openForReading(path: string, options: OpenOptions): Opened {
  return prepared(new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS }), options, (db) => {
    checkVersion(db);
    return () => {};
  });
}

/** A connection that is not fit for use is closed. */
function prepared(
  db: DatabaseSyncInstance,
  { now }: Pick<OpenOptions, 'now'>,
  prepare: (db: DatabaseSyncInstance) => () => void,
): Opened {
  try {
    const assertIntact = prepare(db);
    return { db, now, assertIntact, group: new GroupCommit(db, assertIntact), sql: prepareAll(db) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSyncInstance, { now, migrated }: OpenOptions): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    ownerOf(db);
    db.exec(VERSION_TABLE);
    const found: number = db.prepare(SQL.version).get().version;
    for (const { version, statements } of pendingMigrations(found, SQLITE)) {
      for (const statement of statements) db.exec(statement);
      db.prepare(SQL.migrated).run(version, now());
    }
    db.exec('COMMIT');
    if (found < SCHEMA_VERSION) migrated?.(found, SCHEMA_VERSION);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function checkVersion(db: DatabaseSyncInstance): void {
  assertCurrent(ownerOf(db) === 'us' ? db.prepare(SQL.version).get().version : 0);
}

function prepareAll(db: DatabaseSyncInstance): SqliteStatements {
  const entries = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)] as const);
  return Object.fromEntries(entries) as SqliteStatements;
}
