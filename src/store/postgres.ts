/**
 * The store in PostgreSQL, for several replicas. The same verbs and the same SQL as SQLite; every verb is one
 * transaction, and what must happen once (a message taken, a question answered, a change concluded) is decided by the
 * database, so it holds between replicas too. Messages carry the number of the replica that is at work on them; lease.ts
 * tells whether it still is. The pool opens new connections after a loss; the verb that met the loss rejects with
 * `store.unreachable`.
 */

import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { BotError } from '../errors.ts';
import { Announcements } from './announcements.ts';
import type { Away } from './away.ts';
import { alreadyConcluded, messageTaken, postgresFailure, questionTaken, rowMissing } from './failure.ts';
import { CHANNEL, type Lease } from './lease.ts';
import { transaction } from './lent-connection.ts';
import { withOnePush } from './pushes.ts';
import {
  allNumbered,
  type ChangeColumns,
  changesQuery,
  changeValues,
  FORGET_PORTION,
  libraryValues,
  type MessageColumns,
  messageValues,
  numbered,
  type OldSession,
  type OwnerColumns,
  ownersQuery,
  REPLICA_SQL,
  SQL,
  toChange,
  toMessage,
  toOwners,
  toVersions,
  type Value,
  type VersionColumns,
} from './statements.ts';
import type {
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
import type { Turns } from './turns.ts';

const STATEMENTS = allNumbered(SQL);
const REPLICA = allNumbered(REPLICA_SQL);

/** What all stores of one process share. */
export interface Server {
  readonly pool: Pool;
  /** Undefined when opened for reading only. */
  readonly peers: Peers | undefined;
  readonly away: Away;
  /** ms */
  readonly now: () => number;
}

/** What binds this replica to the others. */
export interface Peers {
  readonly lease: Lease;
  readonly announcements: Announcements;
  readonly turns: Turns;
}

export class PostgresStore implements Store {
  readonly #pool: Pool;
  /** Undefined when opened for reading only. */
  readonly #peers: Peers | undefined;
  readonly #corpId: string;
  readonly #now: () => number;
  readonly #away: Away;
  readonly #leave: () => Promise<void>;
  #closing: Promise<void> | undefined;

  /** `leave` is called once, when the store is closed. */
  constructor({ pool, peers, away, now }: Server, corpId: string, leave: () => Promise<void>) {
    this.#pool = pool;
    this.#peers = peers;
    this.#corpId = corpId;
    this.#now = now;
    this.#away = away;
    this.#leave = leave;
  }

  async findMessage(key: string): Promise<MessageRow | undefined> {
    return (await this.#rows<MessageColumns>('findMessage', this.#corpId, key)).map(toMessage)[0];
  }

  async keepMessage(message: NewMessage): Promise<boolean> {
    return (await this.#count('keepMessage', ...messageValues(this.#corpId, message, this.#owner))) === 1;
  }

  async acknowledge(key: string): Promise<boolean> {
    const { rowCount } = await this.#query(REPLICA.acknowledge, [this.#corpId, key, this.#owner]);
    if (rowCount === 0 && (await this.findMessage(key)) === undefined) throw rowMissing('message');
    return rowCount !== 0;
  }

  async answer(key: string, answer: string, state: Exclude<MessageState, 'open'>): Promise<boolean> {
    const told = Announcements.written(['answered', this.#corpId, key]);
    const values = [answer, state, this.#corpId, key, this.#owner, CHANNEL, told];
    const [row] = (await this.#query<{ acknowledged: number }>(REPLICA.answer, values)).rows;
    if (row === undefined) throw rowMissing('message');
    return row.acknowledged !== 0;
  }

  async settle(key: string, state: Exclude<MessageState, 'open'>): Promise<void> {
    if ((await this.#count('settle', state, this.#corpId, key)) === 0) throw rowMissing('message');
  }

  async tryAgain(key: string): Promise<number> {
    const [row] = await this.#rows<{ tries: number }>('tryAgain', this.#corpId, key);
    if (row === undefined) throw rowMissing('message');
    return row.tries;
  }

  unfinished(): Promise<MessageRow[]> {
    return this.#takeOver((mine) => mine);
  }

  leftBehind(): Promise<MessageRow[]> {
    return this.#takeOver(() => null);
  }

  /** `of`: whose messages are taken besides those of replicas that have gone. */
  #takeOver(of: (mine: number | null) => number | null): Promise<MessageRow[]> {
    const mine = this.#owner;
    return this.#inTransaction(async (client) => {
      const others = await client.query<{ owner: number }>(REPLICA.gone, [this.#corpId, mine]);
      const gone = others.rows.map(({ owner }) => owner);
      const taken = await client.query<MessageColumns>(REPLICA.takeOver, [this.#corpId, of(mine), gone, mine]);
      return taken.rows.map(toMessage);
    });
  }

  async claim(message: NewMessage): Promise<Claim> {
    const values = messageValues(this.#corpId, message, this.#owner);
    const [claimed] = (await this.#query<{ behind: string | null }>(REPLICA.claim, values)).rows;
    return claimed ? { whose: 'ours', behind: claimed.behind ?? undefined } : { whose: 'theirs' };
  }

  async giveUp(key: string, answer: string): Promise<void> {
    const told = Announcements.written(['answered', this.#corpId, key]);
    await this.#query(REPLICA.giveUp, [answer, this.#corpId, key, CHANNEL, told]);
  }

  async settled(key: string, ms: number): Promise<MessageRow | undefined> {
    let row: MessageRow | undefined;
    const look = async (): Promise<boolean> => {
      row = await this.findMessage(key);
      return row?.state !== 'open';
    };
    await this.#peers?.announcements.answered(this.#corpId, key, ms, look);
    if (row?.state === 'open') await look();
    return row;
  }

  async alone<T>(keys: readonly string[], waitMs: number, work: (hold: Hold) => Promise<T>): Promise<T> {
    this.#assertOpen();
    if (!this.#peers) throw new BotError('store.readonly', 'setup');
    const { turns } = this.#peers;
    return this.#away.guard(() => turns.alone(this.#corpId, keys, waitMs, work));
  }

  async versions(): Promise<Versions> {
    const { rows } = await this.#query<VersionColumns>(REPLICA.versions, [this.#corpId]);
    return toVersions(rows);
  }

  async raise(libraries: readonly string[]): Promise<Versions> {
    const raised: VersionColumns[] = [];
    // One at a time and in one order: two replicas that raise the same libraries must not wait for each other.
    for (const library of [...new Set(libraries)].sort()) {
      const [row] = (await this.#query<VersionColumns>(REPLICA.raise, [this.#corpId, library])).rows;
      if (!row) continue;
      raised.push(row);
      await this.#query(REPLICA.notify, [
        CHANNEL,
        Announcements.written(['raised', this.#corpId, library, row.version, this.#owner]),
      ]);
    }
    return toVersions(raised);
  }

  onRaised(listener: (library: string, version: number) => void): void {
    this.#peers?.announcements.onRaised(this.#corpId, listener);
  }

  takePush(member: string, limits: PushLimits): Promise<boolean> {
    return this.#inTransaction(async (client) => {
      // Makes the row that is locked next.
      await client.query(REPLICA.addPushTimes, [this.#corpId, member]);
      const { rows } = await client.query<{ times: string }>(REPLICA.lockPushTimes, [this.#corpId, member]);
      const after = withOnePush(rows[0]?.times ?? '', this.#now(), limits);
      if (after !== undefined) await client.query(STATEMENTS.savePushTimes, [this.#corpId, member, after]);
      return after !== undefined;
    });
  }

  async owed(member: string): Promise<MessageRow[]> {
    return (await this.#rows<MessageColumns>('owed', this.#corpId, member)).map(toMessage);
  }

  async countOwed(): Promise<number> {
    return (await this.#rows<{ members: number }>('countOwed', this.#corpId))[0]?.members ?? 0;
  }

  async owes(member: string): Promise<boolean> {
    return ((await this.#query(REPLICA.owes, [this.#corpId, member])).rowCount ?? 0) > 0;
  }

  intend(change: NewChange, message: NewMessage | undefined, question?: string): Promise<number> {
    return this.#inTransaction(async (client) => {
      if (question !== undefined) {
        const { rowCount } = await client.query(STATEMENTS.takeQuestion, [this.#corpId, change.member, question]);
        if (rowCount === 0) throw questionTaken();
      }
      if (message !== undefined) {
        const { rowCount } = await client.query(
          STATEMENTS.keepMessage,
          messageValues(this.#corpId, message, this.#owner),
        );
        if (rowCount === 0) throw messageTaken();
      } else if ((await client.query(STATEMENTS.findMessage, [this.#corpId, change.messageKey])).rowCount !== 0) {
        const { rowCount } = await client.query(REPLICA.isOurs, [this.#corpId, change.messageKey, this.#owner]);
        if (rowCount === 0) throw messageTaken();
      }
      const { rows } = await client.query<{ id: number }>(REPLICA.nextChange, [this.#corpId]);
      const id = rows[0]?.id;
      if (id === undefined) throw new BotError('store.failed', 'bug');
      const { rowCount } = await client.query(STATEMENTS.intend, changeValues(this.#corpId, id, change));
      if (rowCount === 0) throw messageTaken();
      for (const values of libraryValues(this.#corpId, id, change)) await client.query(STATEMENTS.intendIn, values);
      return id;
    });
  }

  async conclude(id: number, { state, at, outcome }: Conclusion): Promise<void> {
    if ((await this.#rows('isIntended', this.#corpId, id)).length === 0) throw rowMissing('change');
    if ((await this.#count('conclude', this.#corpId, id, state, at, outcome)) === 0) throw alreadyConcluded(id);
  }

  async changes(filter: ChangeFilter): Promise<ChangeRow[]> {
    const { sql, values } = changesQuery(this.#corpId, filter);
    return (await this.#query<ChangeColumns>(numbered(sql), values)).rows.map(toChange);
  }

  async changesOf(messageKey: string): Promise<ChangeRow[]> {
    return (await this.#rows<ChangeColumns>('changesOf', this.#corpId, messageKey)).map(toChange);
  }

  async session(member: string): Promise<KeptSession | undefined> {
    const [saved] = await this.#rows<{ session: string }>('session', this.#corpId, member);
    return saved && (JSON.parse(saved.session) as KeptSession);
  }

  async saveSession(member: string, session: KeptSession, question: string | undefined): Promise<void> {
    await this.#count('saveSession', this.#corpId, member, JSON.stringify(session), question ?? null, this.#now());
  }

  async forgetSessions(before: number, lasting: (session: KeptSession) => KeptSession): Promise<number> {
    for (let forgotten = 0; ; ) {
      const old = await this.#rows<OldSession>('oldSessions', this.#corpId, before, FORGET_PORTION);
      for (const { member, session } of old) {
        const left = JSON.stringify(lasting(JSON.parse(session) as KeptSession));
        forgotten += await this.#count('trimSession', left, this.#corpId, member, session, before);
      }
      if (old.length < FORGET_PORTION) return forgotten;
    }
  }

  async takeQuestion(member: string, question: string): Promise<boolean> {
    return (await this.#count('takeQuestion', this.#corpId, member, question)) === 1;
  }

  async forget(before: number): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const touched = await this.#count('forget', this.#corpId, before, FORGET_PORTION);
      forgotten += touched;
      if (touched < FORGET_PORTION) return forgotten;
    }
  }

  async owners(ids: readonly string[]): Promise<ReadonlyMap<string, Owner>> {
    if (ids.length === 0) return toOwners([]);
    const { sql, values } = ownersQuery(this.#corpId, ids);
    return toOwners((await this.#query<OwnerColumns>(numbered(sql), values)).rows);
  }

  learnOwners(owners: ReadonlyMap<string, Owner | undefined>): Promise<void> {
    return this.#inTransaction(async (client) => {
      // In one order: two replicas that learn the same must not wait for each other.
      for (const [id, owner] of [...owners].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (owner === undefined) await client.query(STATEMENTS.forgetOwner, [this.#corpId, id]);
        else await client.query(STATEMENTS.learnOwner, [this.#corpId, id, owner]);
      }
    });
  }

  async note(name: NoteName): Promise<string | undefined> {
    return (await this.#rows<{ value: string }>('note', this.#corpId, name))[0]?.value;
  }

  async keepNote(name: NoteName, value: string): Promise<void> {
    await this.#count('keepNote', this.#corpId, name, value);
  }

  async ping(): Promise<void> {
    await this.#count('ping', this.#corpId, this.#now());
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#peers?.announcements.forget(this.#corpId);
    await this.#leave();
  }

  get #owner(): number | null {
    return this.#peers?.lease.owner ?? null;
  }

  async #rows<Row extends QueryResultRow>(name: keyof typeof SQL, ...values: Value[]): Promise<Row[]> {
    return (await this.#query<Row>(STATEMENTS[name], values)).rows;
  }

  /** Rows that a single statement, which is its own transaction, has written. */
  async #count(name: keyof typeof SQL, ...values: Value[]): Promise<number> {
    return (await this.#query(STATEMENTS[name], values)).rowCount ?? 0;
  }

  async #query<Row extends QueryResultRow>(sql: string, values: readonly Value[]) {
    this.#assertOpen();
    return this.#away.guard(async () => {
      try {
        return await this.#pool.query<Row>(sql, [...values]);
      } catch (error) {
        throw postgresFailure(error);
      }
    });
  }

  async #inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    this.#assertOpen();
    return this.#away.guard(async () => {
      try {
        return await transaction(this.#pool, work);
      } catch (error) {
        throw postgresFailure(error);
      }
    });
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new BotError('store.closed', 'bug');
  }
}
