/**
 * Group commit: all writes that are asked for in one turn of the event loop share one transaction and one fsync.
 *
 * Writes wait for the end of the turn's I/O (setImmediate): that is after every socket that was readable has been read,
 * so 64 members who write at once cost few fsyncs, and a lone writer waits a few microseconds. Microtasks run after
 * every single socket and group next to nothing: 2,000 instead of 15,000 durable HTTP requests a second at 64
 * connections, and no difference at one. What nobody waits for waits longer, and goes with the next write that somebody
 * waits for.
 *
 * A group is written in one go, without awaiting, so reads on the same connection never see half of it.
 */

import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { BotError } from '../errors.ts';
import { sqliteFailure } from './failure.ts';

interface Write {
  /** Does the work and keeps its result, or throws. May run twice: the second time after a rollback. */
  run(): void;
  resolve(): void;
  reject(error: BotError): void;
  readonly durable: boolean;
}

/** ms that a lazy write may wait for company. */
const LAZY_MS = 100;

export class GroupCommit {
  readonly #db: DatabaseSyncInstance;
  readonly #assertIntact: () => void;
  readonly #begin;
  readonly #commit;
  #queue: Write[] = [];
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #closed = false;
  #synced = true;

  /** `assertIntact` throws BotError while what is written would be lost; then every write is refused with it. */
  constructor(db: DatabaseSyncInstance, assertIntact: () => void = () => {}) {
    this.#db = db;
    this.#assertIntact = assertIntact;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
  }

  /**
   * Runs `work` in the next group; resolves with its result once that is committed.
   * `work` is synchronous, may be run again after a rollback, and refuses (throws BotError) only before it has written.
   * With `lazy` it waits for company, at most a tenth of a second, and alone forces no fsync: then it survives kill -9,
   * and a power cut once any later write has.
   */
  write<T>(work: () => T, lazy = false): Promise<T> {
    if (this.#closed) return Promise.reject(new BotError('store.closed', 'bug'));
    return new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | undefined;
      if (lazy) this.#later ??= setTimeout(() => this.flush(), LAZY_MS).unref();
      else this.#soon ??= setImmediate(() => this.flush());
      this.#queue.push({
        run: () => {
          result = { value: work() };
        },
        resolve: () => {
          if (result !== undefined) resolve(result.value);
        },
        reject,
        durable: !lazy,
      });
    });
  }

  /** Commits what is queued, now. */
  flush(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    this.#soon = undefined;
    this.#later = undefined;
    const group = this.#queue;
    if (group.length === 0) return;
    this.#queue = [];
    if (this.#tryTogether(group)) return;
    // One of them upset the transaction. Each alone, so that only the culprit fails.
    for (const write of group) this.#tryTogether([write]);
  }

  /** Commits what is queued and refuses everything after. */
  close(): void {
    this.#closed = true;
    this.flush();
  }

  /** False when the group was rolled back because of one write and must be done one by one. */
  #tryTogether(group: readonly Write[]): boolean {
    const refusals = new Map<Write, BotError>();
    try {
      this.#start(group);
      for (const write of group) {
        try {
          write.run();
        } catch (error) {
          if (!(error instanceof BotError)) {
            this.#rollback();
            if (group.length > 1) return false;
            throw error;
          }
          refusals.set(write, error);
        }
      }
      this.#commit.run();
    } catch (error) {
      this.#rollback();
      const failure = sqliteFailure(error);
      for (const write of group) write.reject(failure);
      return true;
    }
    for (const write of group) {
      const refusal = refusals.get(write);
      if (refusal === undefined) write.resolve();
      else write.reject(refusal);
    }
    return true;
  }

  #start(group: readonly Write[]): void {
    this.#assertIntact();
    const sync = group.some((write) => write.durable);
    if (sync !== this.#synced) {
      this.#db.exec(sync ? 'PRAGMA synchronous = FULL' : 'PRAGMA synchronous = NORMAL');
      this.#synced = sync;
    }
    this.#begin.run();
  }

  #rollback(): void {
    // SQLite has already rolled back after some errors (disk full, I/O).
    if (!this.#db.isTransaction) return;
    try {
      this.#db.exec('ROLLBACK');
    } catch {
      // Then BEGIN fails from now on and every write is rejected with that; nothing is written by halves.
    }
  }
}
