/** One corp's store in an SQLite file; sqlite-database.ts opens the file and tells what lies beside it. */

import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import { alreadyConcluded, messageTaken, questionTaken, rowMissing, sqliteFailure } from './failure.ts';
import type { GroupCommit } from './group.ts';
import { KeyFilter } from './key-filter.ts';
import { withOnePush } from './pushes.ts';
import { SessionMemory } from './session-memory.ts';
import { emptyLog } from './sqlite-file.ts';
import {
  type ChangeColumns,
  changesQuery,
  changeValues,
  FORGET_PORTION,
  libraryValues,
  type MessageColumns,
  messageValues,
  type OldSession,
  type OwnerColumns,
  ownersQuery,
  type SQL,
  toChange,
  toMessage,
  toOwners,
} from './statements.ts';
import type {
  ByHeart,
  ChangeFilter,
  ChangeRow,
  Claim,
  Conclusion,
  Hold,
  KeptSession,
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
/** Message keys learnt in one turn of the event loop: about 2 ms. */
const KEYS_AT_A_TIME = 1_000;

const KEYS = 'SELECT seq, key FROM messages WHERE corp_id = ? AND seq > ? ORDER BY seq LIMIT ?';

/** What all stores of one file share. */
export interface SqliteFile {
  readonly db: DatabaseSyncInstance;
  readonly group: GroupCommit;
  readonly sql: SqliteStatements;
  /** ms */
  readonly now: () => number;
}

export type SqliteStatements = Readonly<Record<keyof typeof SQL, StatementSyncInstance>>;

export class SqliteStore implements Store {
  readonly byHeart?: ByHeart;
  readonly #db: DatabaseSyncInstance;
  readonly #corpId: string;
  readonly #now: () => number;
  readonly #group: GroupCommit;
  readonly #sql: SqliteStatements;
  readonly #leave: () => Promise<void>;
  /** Every message asks for one, and while the corp's lock is held nobody else writes them. */
  readonly #sessions: SessionMemory;
  /** The keys of all messages, once those of former runs have been learnt; only while the corp's lock is held. */
  readonly #keys = new KeyFilter();
  #keysAreAll = false;
  /** Who is owed an answer; read anew after a message has become one, or has ceased to be. */
  #debtors: Set<string> | undefined;
  readonly #pushTimes = new Map<string, string>();
  #open = true;

  /**
   * `locked`: nobody else writes this corp's rows while the store is open. `leave` is called once, when it is closed and
   * nothing is to be written for this corp any more.
   */
  constructor(file: SqliteFile, corpId: string, locked: boolean, leave: () => Promise<void>) {
    this.#db = file.db;
    this.#group = file.group;
    this.#sql = file.sql;
    this.#now = file.now;
    this.#corpId = corpId;
    this.#leave = leave;
    this.#sessions = new SessionMemory(locked, (take) =>
      this.#write(() => {
        for (const { member, written } of take())
          this.#sql.saveSession.run(this.#corpId, member, written, null, this.#now());
      }, true),
    );
    if (!locked) return;
    this.byHeart = {
      isNew: (key) => this.#isNew(key),
      owesNothing: (member) => this.#debtors?.has(member) === false,
      session: (member) => this.#sessions.latest(member),
      saveSession: (member, session) => this.#sessions.writeBehind(member, session),
    };
    this.#learnKeys(file.db.prepare(KEYS), 0);
  }

  async findMessage(key: string): Promise<MessageRow | undefined> {
    if (this.#isNew(key)) return undefined;
    const record = this.#read(() => this.#sql.findMessage.get(this.#corpId, key) as MessageColumns | undefined);
    return record === undefined ? undefined : toMessage(record);
  }

  #isNew(key: string): boolean {
    return this.#open && this.#keysAreAll && !this.#keys.mayHold(key);
  }

  keepMessage(message: NewMessage): Promise<boolean> {
    return this.#write(() => this.#keep(message));
  }

  acknowledge(key: string): Promise<true> {
    return this.#write(() => {
      this.#touch(this.#sql.acknowledge.run(this.#corpId, key));
      return true;
    });
  }

  answer(key: string, answer: string, state: Exclude<MessageState, 'open'>, lazy = false): Promise<boolean> {
    return this.#write(() => {
      const row = this.#sql.answer.get(answer, state, this.#corpId, key) as { acknowledged: number } | undefined;
      this.#touch({ changes: row === undefined ? 0 : 1 }, state);
      return row?.acknowledged === 1;
    }, lazy);
  }

  settle(key: string, state: Exclude<MessageState, 'open'>, lazy = false): Promise<void> {
    return this.#write(() => this.#touch(this.#sql.settle.run(state, this.#corpId, key), state), lazy);
  }

  tryAgain(key: string): Promise<number> {
    return this.#write(() => {
      const row = this.#sql.tryAgain.get(this.#corpId, key) as { tries: number } | undefined;
      if (row === undefined) throw rowMissing('message');
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
    return this.#write(() => {
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
    return this.#write(() => {
      if (this.#sql.isIntended.get(this.#corpId, id) === undefined) throw rowMissing('change');
      if (this.#sql.conclude.run(this.#corpId, id, state, at, outcome).changes === 0) throw alreadyConcluded(id);
    });
  }

  async changes(filter: ChangeFilter): Promise<ChangeRow[]> {
    const { sql, values } = changesQuery(this.#corpId, filter);
    return this.#read(() => this.#db.prepare(sql).all(...values) as ChangeColumns[]).map(toChange);
  }

  async changesOf(messageKey: string): Promise<ChangeRow[]> {
    return this.#read(() => this.#sql.changesOf.all(this.#corpId, messageKey) as ChangeColumns[]).map(toChange);
  }

  async session(member: string): Promise<KeptSession | undefined> {
    const latest = this.#sessions.latest(member);
    if (latest !== undefined) return latest ?? undefined;
    const row = this.#read(() => this.#sql.session.get(this.#corpId, member) as { session: string } | undefined);
    const session = row && (JSON.parse(row.session) as KeptSession);
    this.#sessions.remember(member, session ?? null, row?.session);
    return session;
  }

  async saveSession(member: string, session: KeptSession, question: string | undefined, lazy = false): Promise<void> {
    // An open question is taken by its row, so a session with one is never written behind.
    if (lazy && question === undefined) return this.#sessions.writeBehind(member, session);
    this.#sessions.overtake(member);
    const written = JSON.stringify(session);
    await this.#write(() => {
      this.#sql.saveSession.run(this.#corpId, member, written, question ?? null, this.#now());
    });
    this.#sessions.remember(member, session, written);
  }

  async forgetSessions(before: number, lasting: (session: KeptSession) => KeptSession): Promise<number> {
    // Those to be written behind come before: they would bring back what is forgotten.
    await this.#sessions.flush();
    for (let forgotten = 0; ; ) {
      const touched = await this.#write(() => {
        const old = this.#sql.oldSessions.all(this.#corpId, before, FORGET_PORTION) as OldSession[];
        for (const { member, session } of old) {
          const left = JSON.stringify(lasting(JSON.parse(session) as KeptSession));
          this.#sql.trimSession.run(left, this.#corpId, member, session, before);
          this.#sessions.forget(member);
        }
        return old.length;
      });
      forgotten += touched;
      if (touched < FORGET_PORTION) return forgotten;
    }
  }

  takeQuestion(member: string, question: string): Promise<boolean> {
    return this.#write(() => this.#sql.takeQuestion.run(this.#corpId, member, question).changes === 1);
  }

  async forget(before: number): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const touched = await this.#write(() => this.#sql.forget.run(this.#corpId, before, FORGET_PORTION).changes);
      forgotten += touched;
      if (touched < FORGET_PORTION) break;
    }
    // The log holds the texts until it is emptied into the file.
    if (forgotten > 0) this.#read(() => emptyLog(this.#db));
    return forgotten;
  }

  async claim(): Promise<Claim> {
    return { whose: 'alone' };
  }

  /** Nobody else has anything open. */
  async giveUp(): Promise<void> {}

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
    const written = this.#write(() => this.#sql.savePushTimes.run(this.#corpId, member, after), true);
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
    return this.#write(() => {
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
    return this.#write(() => {
      this.#sql.keepNote.run(this.#corpId, name, value);
    });
  }

  ping(): Promise<void> {
    return this.#write(() => {
      this.#sql.ping.run(this.#corpId, this.#now());
    });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    void this.#sessions.flush();
    this.#group.flush();
    this.#open = false;
    await this.#leave();
  }

  #write<T>(work: () => T, lazy = false): Promise<T> {
    return this.#open ? this.#group.write(work, lazy) : Promise.reject(new BotError('store.closed', 'bug'));
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
    if (result.changes === 0) throw rowMissing('message');
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
