/** The database of a process, opened once, and the store of each corp in it. */

import type { NoteName, Store } from './store.ts';
import type { SuiteStore } from './suite-store.ts';

export interface OpenOptions {
  /** ms. */
  readonly now: () => number;
  /** ms of a clock that never jumps, for durations; without it `now` has to do. */
  readonly ticks?: () => number;
  /** For commands that only look (`journal`): takes no lock, migrates nothing; writes reject with `store.readonly`. */
  readonly readOnly?: boolean;
  /** Told once, after the tables were brought from one version to another; 0 is none at all. */
  readonly migrated?: (from: number, to: number) => void;
  /**
   * Told when this replica has lost what shows the others that it lives, so that they may take over what it has in hand, and
   * when it has that again.
   */
  readonly presence?: (isShown: boolean) => void;
}

export interface Database {
  /**
   * The store of one corp, until it is closed; not to be asked for again before. In SQLite it holds the corp's lock.
   * Throws BotError `store.*` (see failure.ts), `store.locked` when another process serves this corp from this file.
   */
  storeOf(corpId: string): Promise<Store>;
  /**
   * What is kept for a provider's suites, until the database is closed. `served`: those that this process serves, whose lock
   * it holds in SQLite from now on; none for a command that looks. Throws as `storeOf`.
   */
  suites(served: readonly string[]): Promise<SuiteStore>;
  /** Corps with a message that is not finished, or an answer that is owed. */
  corpsWithWork(): Promise<string[]>;
  /**
   * Corps with messages that replicas which have gone left behind: see Store.leftBehind. None while this replica has lost
   * its own connection a moment ago, since then the others may have lost theirs as well.
   */
  corpsLeftBehind(): Promise<string[]>;
  /** Corps with texts of messages received before `before` (ms), or sessions last saved before it. */
  corpsToForget(before: number): Promise<string[]>;
  /** Corps that the operator has stopped: see the note `paused`. */
  pausedCorps(): Promise<string[]>;
  /**
   * Keeps a note beside whoever serves the corp, without its lock; for commands while the bot runs. Throws BotError
   * `store.older` when the tables are not of this version: a command does not migrate them.
   */
  keepNote(corpId: string, name: NoteName, value: string): Promise<void>;
  /** Deletes everything of one corp, its journal included. Throws BotError `store.locked` while somebody serves it (SQLite). */
  purge(corpId: string): Promise<void>;
  /** Closes the stores as well. */
  close(): Promise<void>;
}
