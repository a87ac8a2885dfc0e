/**
 * The store in one SQLite file, for one process: WAL, every commit fsynced (synchronous = FULL), writes in groups.
 *
 * Beside `bot.db` lie `bot.db-wal` and `bot.db-shm` (SQLite's own), and `bot.db.<corp>.lock`: whoever serves a corp
 * holds an exclusive lock on that file, which the system takes back when the process ends in whatever way. The database
 * itself is not locked, so the `journal` command, `sqlite3` or a backup can read it while the bot runs. The locks are
 * those of the file system: keep the file on a local disk, not on a network share.
 */

import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import { sqliteFailure } from './failure.ts';
import { GroupCommit } from './group.ts';
import { KeyFilter } from './key-filter.ts';
import { pendingMigrations, SCHEMA_VERSION, SQLITE, VERSION_TABLE } from './schema.ts';
import {
  BUSY_MS,
  lockFile,
  lookAt,
  MEMORY,
  makePrivate,
  openDurably,
  ownerOf,
  sqlitePath,
  watchFile,
} from './sqlite-file.ts';
import {
  type ChangeColumns,
  changesQuery,
  changeValues,
  concluded,
  FORGET_PORTION,
  libraryValues,
  type MessageColumns,
  messageTaken,
  messageValues,
  missing,
  type OldSession,
  type OwnerColumns,
  ownersQuery,
  questionTaken,
  SQL,
  toChange,
  toMessage,
  toOwners,
  withOnePush,
} from './statements.ts';
import type {
  ChangeFilter,
  ChangeRow,
  Conclusion,
  Hold,
  MessageRow,
  MessageState,
  NewChange,
  NewMessage,
  NoteName,
  Owner,
  PushLimits,
  Store,
  Versions,
} from './store.ts';

const NO_VERSIONS: Versions = new Map();
const MEMBERS_REMEMBERED = 5_000;
const SESSIONS_REMEMBERED = 2_000;
/** Message keys learnt in one turn of the event loop: about 2 ms. */
const KEYS_AT_A_TIME = 1_000;
/** In characters; those that hold a long answer for 更多 are read from the file. */
const SESSION_REMEMBERED = 2_000;

const KEYS = 'SELECT seq, key FROM messages WHERE corp_id = ? AND seq > ? ORDER BY seq LIMIT ?';

export interface SqliteOptions {
  /** ms, for the migration log and `ping`. */
  readonly now: () => number;
  /** For the `journal` command: takes no lock, migrates nothing, refuses every write. */
  readonly readOnly?: boolean;
  readonly migrated?: (from: number, to: number) => void;
}

/**
 * Opens or creates the file (0600; missing directories 0700) and migrates it.
 * `url`: `file:./relative/to/cwd.db`, `file:/absolute.db`, `file:///absolute.db`, or `file::memory:`.
 * Throws BotError: see failure.ts.
 */
export function openSqlite(url: string, corpId: string, options: SqliteOptions): Store {
  const path = sqlitePath(url);
  const opened: DatabaseSyncInstance[] = [];
  try {
    const found = path === MEMORY ? 'nothing' : lookAt(path);
    if (options.readOnly === true) {
      if (found === 'nothing')
        throw new BotError('store.absent', 'setup', { message: 'store.absent: DATABASE_URL names no file' });
      const db = track(new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS }), opened);
      checkVersion(db);
      return new SqliteStore(db, undefined, corpId, options.now, () => {});
    }
    const lock = path === MEMORY ? undefined : track(lockFile(path, corpId), opened);
    if (path !== MEMORY) makePrivate(path);
    const db = track(openDurably(path), opened);
    migrate(db, options);
    return new SqliteStore(db, lock, corpId, options.now, watchFile(path));
  } catch (error) {
    for (const db of opened) db.close();
    const failure = sqliteFailure(error);
    throw new BotError(failure.code, failure.kind, { facts: { ...failure.facts, path }, message: failure.message });
  }
}

function track(db: DatabaseSyncInstance, opened: DatabaseSyncInstance[]): DatabaseSyncInstance {
  opened.unshift(db);
  return db;
}

function migrate(db: DatabaseSyncInstance, { now, migrated }: SqliteOptions): void {
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
  const found: number = ownerOf(db) === 'us' ? db.prepare(SQL.version).get().version : 0;
  pendingMigrations(found, SQLITE);
  if (found < SCHEMA_VERSION) throw new BotError('store.older', 'setup', { facts: { found, known: SCHEMA_VERSION } });
}

class SqliteStore implements Store {
  readonly #db: DatabaseSyncInstance;
  readonly #lock: DatabaseSyncInstance | undefined;
  readonly #corpId: string;
  readonly #now: () => number;
  readonly #assertIntact: () => void;
  readonly #group: GroupCommit;
  readonly #sql: Readonly<Record<keyof typeof SQL, StatementSyncInstance>>;
  /**
   * By member, null for none. Every message asks for one, and while the corp's lock is held nobody else writes them: a
   * twentieth of the CPU of a lookup.
   */
  readonly #sessions = new Map<string, string | null>();
  /** Sessions to be written behind, newer than their rows. */
  readonly #unwritten = new Map<string, string>();
  #writing = false;
  /** The keys of all messages, once those of former runs have been learnt; only while the corp's lock is held. */
  readonly #keys = new KeyFilter();
  #keysAreAll = false;
  /** Who is owed an answer; read anew after a message has become one, or has ceased to be. */
  #debtors: Set<string> | undefined;
  readonly #pushTimes = new Map<string, string>();
  #open = true;

  constructor(
    db: DatabaseSyncInstance,
    lock: DatabaseSyncInstance | undefined,
    corpId: string,
    now: () => number,
    assertIntact: () => void,
  ) {
    this.#db = db;
    this.#lock = lock;
    this.#corpId = corpId;
    this.#now = now;
    this.#assertIntact = assertIntact;
    this.#group = new GroupCommit(db, assertIntact);
    this.#sql = prepareAll(db);
    if (lock !== undefined) this.#learnKeys(db.prepare(KEYS), 0);
  }

  async findMessage(key: string): Promise<MessageRow | undefined> {
    if (this.#open && this.#keysAreAll && !this.#keys.mayHold(key)) return undefined;
    const record = this.#read(() => this.#sql.findMessage.get(this.#corpId, key) as MessageColumns | undefined);
    return record === undefined ? undefined : toMessage(record);
  }

  keepMessage(message: NewMessage): Promise<boolean> {
    return this.#group.write(() => this.#keep(message));
  }

  acknowledge(key: string): Promise<void> {
    return this.#group.write(() => this.#touch(this.#sql.acknowledge.run(this.#corpId, key)));
  }

  answer(key: string, answer: string, state: Exclude<MessageState, 'open'>, lazy = false): Promise<void> {
    return this.#group.write(() => this.#touch(this.#sql.answer.run(answer, state, this.#corpId, key), state), lazy);
  }

  settle(key: string, state: Exclude<MessageState, 'open'>, lazy = false): Promise<void> {
    return this.#group.write(() => this.#touch(this.#sql.settle.run(state, this.#corpId, key), state), lazy);
  }

  tryAgain(key: string): Promise<number> {
    return this.#group.write(() => {
      const row = this.#sql.tryAgain.get(this.#corpId, key) as { tries: number } | undefined;
      if (row === undefined) throw missing('message');
      return row.tries;
    });
  }

  async unfinished(): Promise<MessageRow[]> {
    return this.#read(() => this.#sql.unfinished.all(this.#corpId) as MessageColumns[]).map(toMessage);
  }

  async owed(member: string): Promise<MessageRow[]> {
    return this.#read(() => this.#sql.owed.all(this.#corpId, member) as MessageColumns[]).map(toMessage);
  }

  async countOwed(): Promise<number> {
    return this.#read(() => (this.#sql.countOwed.get(this.#corpId) as { members: number }).members);
  }

  async owes(member: string): Promise<boolean> {
    this.#debtors ??= new Set(
      this.#read(() => this.#sql.owedMembers.all(this.#corpId) as { member: string }[]).map((row) => row.member),
    );
    return this.#debtors.has(member);
  }

  intend(change: NewChange, message: NewMessage | undefined, question?: string): Promise<number> {
    return this.#group.write(() => {
      const taken = [this.#corpId, change.member, question ?? null] as const;
      // All refusals come before the first write: see GroupCommit.
      if (question !== undefined && this.#sql.isOpen.get(...taken) === undefined) throw questionTaken();
      if (this.#sql.hasIntent.get(this.#corpId, change.messageKey) !== undefined) throw messageTaken();
      if (message !== undefined && !this.#keep(message)) throw messageTaken();
      if (question !== undefined) this.#sql.takeQuestion.run(...taken);
      const id: number = this.#sql.nextChangeAlone.get(this.#corpId).id;
      this.#sql.intend.run(...changeValues(this.#corpId, id, change));
      for (const values of libraryValues(this.#corpId, id, change)) this.#sql.intendIn.run(...values);
      return id;
    });
  }

  conclude(id: number, { state, at, outcome }: Conclusion): Promise<void> {
    return this.#group.write(() => {
      if (this.#sql.isIntended.get(this.#corpId, id) === undefined) throw missing('change');
      if (this.#sql.conclude.run(this.#corpId, id, state, at, outcome).changes === 0) throw concluded(id);
    });
  }

  async changes(filter: ChangeFilter): Promise<ChangeRow[]> {
    const { sql, values } = changesQuery(this.#corpId, filter);
    return this.#read(() => this.#db.prepare(sql).all(...values) as ChangeColumns[]).map(toChange);
  }

  async changesOf(messageKey: string): Promise<ChangeRow[]> {
    return this.#read(() => this.#sql.changesOf.all(this.#corpId, messageKey) as ChangeColumns[]).map(toChange);
  }

  async session(member: string): Promise<string | undefined> {
    const latest = this.#unwritten.get(member) ?? this.#sessions.get(member);
    if (latest !== undefined) return latest ?? undefined;
    const read = this.#read(() => this.#sql.session.get(this.#corpId, member) as { session: string } | undefined);
    this.#remember(member, read?.session ?? null);
    return read?.session;
  }

  async saveSession(member: string, session: string, question: string | undefined, lazy = false): Promise<void> {
    // An open question is taken by its row, so a session with one is never written behind.
    if (lazy && question === undefined) return this.#writeBehind(member, session);
    this.#unwritten.delete(member);
    await this.#group.write(() => {
      this.#sql.saveSession.run(this.#corpId, member, session, question ?? null, this.#now());
    });
    this.#remember(member, session);
  }

  /** Colleagues page through long answers all day; one transaction for many of them costs none of them anything. */
  #writeBehind(member: string, session: string): void {
    this.#unwritten.set(member, session);
    if (!this.#writing) void this.#writeUnwritten();
  }

  async #writeUnwritten(): Promise<void> {
    this.#writing = true;
    let due: [string, string][] = [];
    try {
      await this.#group.write(() => {
        this.#writing = false;
        due = [...this.#unwritten];
        for (const [member, session] of due)
          this.#sql.saveSession.run(this.#corpId, member, session, null, this.#now());
      }, true);
    } catch {
      // Only where somebody stopped reading is lost; a store that cannot be written says so to the next write.
      this.#writing = false;
    }
    for (const [member, session] of due) {
      if (this.#unwritten.get(member) !== session) continue;
      this.#unwritten.delete(member);
      this.#remember(member, session);
    }
  }

  #remember(member: string, session: string | null): void {
    if (this.#lock === undefined) return;
    if (this.#sessions.size >= SESSIONS_REMEMBERED) this.#sessions.clear();
    if (session === null || session.length <= SESSION_REMEMBERED) this.#sessions.set(member, session);
    else this.#sessions.delete(member);
  }

  async forgetSessions(before: number, lasting: (session: string) => string): Promise<number> {
    // Those to be written behind come before: they would bring back what is forgotten.
    if (this.#unwritten.size > 0) await this.#writeUnwritten();
    for (let forgotten = 0; ; ) {
      const touched = await this.#group.write(() => {
        const old = this.#sql.oldSessions.all(this.#corpId, before, FORGET_PORTION) as OldSession[];
        for (const { member, session } of old) {
          this.#sql.trimSession.run(lasting(session), this.#corpId, member, session, before);
          this.#sessions.delete(member);
        }
        return old.length;
      });
      forgotten += touched;
      if (touched < FORGET_PORTION) return forgotten;
    }
  }

  takeQuestion(member: string, question: string): Promise<boolean> {
    return this.#group.write(() => this.#sql.takeQuestion.run(this.#corpId, member, question).changes === 1);
  }

  async forget(before: number): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const touched = await this.#group.write(() => this.#sql.forget.run(this.#corpId, before, FORGET_PORTION).changes);
      forgotten += touched;
      if (touched < FORGET_PORTION) break;
    }
    // The log holds the texts until it is emptied into the file.
    if (forgotten > 0) this.#read(() => this.#emptyLog());
    return forgotten;
  }

  /**
   * So that a copy of the file is all of it. Leaving WAL is what removes the log: the library ends prepared statements
   * with the garbage collector only, and until then SQLite takes the connection for open.
   */
  #leaveOneFile(): void {
    try {
      // The log is removed by its name, and beside another file of our name may lie another's.
      this.#assertIntact();
      this.#emptyLog();
      this.#db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE');
    } catch {
      // Somebody else has it open, and will read from the log what is in there.
    }
  }

  /** Where somebody is reading, it is emptied later instead. */
  #emptyLog(): void {
    this.#db.exec(`PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = ${BUSY_MS}`);
  }

  async claim(): Promise<'alone'> {
    return 'alone';
  }

  settled(key: string): Promise<MessageRow | undefined> {
    return this.findMessage(key);
  }

  alone<T>(_keys: readonly string[], _waitMs: number, work: (hold: Hold) => Promise<T>): Promise<T> {
    return work({ still: async () => {} });
  }

  async leftBehind(): Promise<MessageRow[]> {
    return [];
  }

  /** Whoever holds the corp's lock knows of every change. */
  async versions(): Promise<Versions> {
    return NO_VERSIONS;
  }

  async raise(): Promise<Versions> {
    return NO_VERSIONS;
  }

  onRaised(): void {}

  /** Decided from what is remembered: a push need not wait for the disk, and one that a power cut forgets does no harm. */
  async takePush(member: string, limits: PushLimits): Promise<boolean> {
    const times = this.#pushTimes.get(member) ?? this.#read(() => this.#savedPushTimes(member));
    const after = withOnePush(times, this.#now(), limits);
    if (after === undefined) return false;
    if (this.#pushTimes.size >= MEMBERS_REMEMBERED) this.#pushTimes.clear();
    this.#pushTimes.set(member, after);
    const written = this.#group.write(() => this.#sql.savePushTimes.run(this.#corpId, member, after), true);
    void written.catch(() => {});
    return true;
  }

  #savedPushTimes(member: string): string {
    return (this.#sql.pushTimes.get(this.#corpId, member) as { times: string } | undefined)?.times ?? '';
  }

  async owners(ids: readonly string[]): Promise<ReadonlyMap<string, Owner>> {
    if (ids.length === 0) return toOwners([]);
    const { sql, values } = ownersQuery(this.#corpId, ids);
    return toOwners(this.#read(() => this.#db.prepare(sql).all(...values) as OwnerColumns[]));
  }

  learnOwners(owners: ReadonlyMap<string, Owner | undefined>): Promise<void> {
    return this.#group.write(() => {
      for (const [id, owner] of owners) {
        if (owner === undefined) this.#sql.forgetOwner.run(this.#corpId, id);
        else this.#sql.learnOwner.run(this.#corpId, id, owner);
      }
    });
  }

  async note(name: NoteName): Promise<string | undefined> {
    const record = this.#read(() => this.#sql.note.get(this.#corpId, name) as { value: string } | undefined);
    return record?.value;
  }

  keepNote(name: NoteName, value: string): Promise<void> {
    return this.#group.write(() => {
      this.#sql.keepNote.run(this.#corpId, name, value);
    });
  }

  ping(): Promise<void> {
    return this.#group.write(() => {
      this.#sql.ping.run(this.#corpId, this.#now());
    });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#group.close();
    if (this.#lock !== undefined) this.#leaveOneFile();
    this.#db.close();
    this.#lock?.close();
  }

  /** In steps, so that a long history delays nobody; until the last, every key is looked up. */
  #learnKeys(keys: StatementSyncInstance, after: number): void {
    if (!this.#open) return;
    let rows: { readonly seq: number; readonly key: string }[];
    try {
      rows = keys.all(this.#corpId, after, KEYS_AT_A_TIME);
    } catch {
      // Then keys go on being looked up, and the next lookup tells what is wrong.
      return;
    }
    for (const { key } of rows) this.#keys.add(key);
    const last = rows[KEYS_AT_A_TIME - 1];
    if (last === undefined) this.#keysAreAll = true;
    else setImmediate(() => this.#learnKeys(keys, last.seq)).unref();
  }

  #keep(message: NewMessage): boolean {
    this.#keys.add(message.key);
    return this.#sql.keepMessage.run(...messageValues(this.#corpId, message, null)).changes === 1;
  }

  #touch(result: { readonly changes: number }, state?: MessageState): void {
    if (state === 'owed' || this.#debtors?.size) this.#debtors = undefined;
    if (result.changes === 0) throw missing('message');
  }

  #read<T>(work: () => T): T {
    if (!this.#open) throw new BotError('store.closed', 'bug');
    try {
      return work();
    } catch (error) {
      throw sqliteFailure(error);
    }
  }
}

function prepareAll(db: DatabaseSyncInstance): Readonly<Record<keyof typeof SQL, StatementSyncInstance>> {
  const entries = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)] as const);
  return Object.fromEntries(entries) as Record<keyof typeof SQL, StatementSyncInstance>;
}
