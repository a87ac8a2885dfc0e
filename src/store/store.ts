/**
 * What survives a restart, in our verbs. SQLite (one process) and PostgreSQL (several replicas) fulfil it alike.
 * A store is one corp's; every row it writes or reads carries that corp's id.
 * Every promise that is resolved is durable: a resolved write survives kill -9 and a power cut.
 * What cannot be written rejects with a BotError `store.*` (see failure.ts); open.ts opens one.
 */

export type MessageState =
  /** Persisted, work not finished. */
  | 'open'
  /** The answer is known and stored; whether it reached the member is not. */
  | 'answered'
  /** The answer was handed to WeCom (passive reply written, or message/send said 0). */
  | 'delivered'
  /** The answer could not be delivered; it is given with the member's next message. */
  | 'owed';

export interface MessageRow {
  readonly key: string;
  readonly member: string;
  /** What the member sent, as JSON of its Content; undefined once the retention time has dropped it. */
  readonly content: string | undefined;
  /** ms */
  readonly receivedAt: number;
  readonly state: MessageState;
  /** True once WeCom has been (or is about to be) told 200 without the answer. */
  readonly acknowledged: boolean;
  /** The rendered answer as JSON of Outgoing. */
  readonly answer: string | undefined;
}

export type NewMessage = Pick<MessageRow, 'key' | 'member' | 'receivedAt'> & { readonly content: string };

export type ChangeState = 'intended' | 'done' | 'partial' | 'failed' | 'unknown';

/** One member's change: intended before any call, concluded once. Append-only: an intended row and a concluding row. */
export interface ChangeRow {
  /** Grows with time within the corp; members see it as the number of a change. */
  readonly id: number;
  readonly member: string;
  readonly messageKey: string;
  /** ms */
  readonly at: number;
  /** Libraries touched; none for the creation of a rule group. */
  readonly libraryIds: readonly TouchedLibrary['libraryId'][];
  /** Names touched (tags, groups, rule groups), for searching; newline separated. */
  readonly names: string;
  /** The plan with resolved ids, as JSON. */
  readonly plan: string;
  /** The change that this one takes back. */
  readonly undoes: number | undefined;
  readonly state: ChangeState;
  /** Outcome per step, as JSON; undefined while only intended. */
  readonly outcome: string | undefined;
  readonly concludedAt: number | undefined;
}

/** A library that a change touches, with the names it touches there, newline separated. */
export interface TouchedLibrary {
  /** 企业标签, or the one of the rule group with this number. */
  readonly libraryId: 'corp' | number;
  readonly names: string;
}

export type NewChange = Pick<ChangeRow, 'member' | 'messageKey' | 'at' | 'names' | 'plan' | 'undoes'> & {
  readonly libraries: readonly TouchedLibrary[];
};

/** Of a corp tag or its group: made through this app, or by somebody else, which is why the app may not change it. */
export type Owner = 'ours' | 'foreign';

export interface Conclusion {
  readonly state: Exclude<ChangeState, 'intended'>;
  /** As in ChangeRow. */
  readonly outcome: string;
  /** ms */
  readonly at: number;
}

export interface ChangeFilter {
  readonly member?: string;
  /** Part of a touched name, matched as written, case-insensitively. With `libraryIds`: touched in one of those. */
  readonly name?: string;
  /** Changes that touch one of these; changes that belong to no library are left out. */
  readonly libraryIds?: ChangeRow['libraryIds'];
  /** ms, inclusive. */
  readonly since?: number;
  /** ms, exclusive. */
  readonly until?: number;
  readonly state?: ChangeState;
  readonly id?: number;
  /** Newest first. */
  readonly limit: number;
  readonly offset?: number;
}

/**
 * `token` the access token, sealed; `token.hold` wrong credentials are not tried again before a moment; `callback.verified`, `callback.taken`,
 * `callback.refused` the last of each, for doctor; `paused` since when the operator has stopped the corp, ms, or nothing.
 */
export type NoteName = 'paused' | 'token' | 'token.hold' | 'callback.verified' | 'callback.taken' | 'callback.refused';

/** What a look from outside tells of a database. */
export interface StoreFacts {
  readonly kind: 'sqlite' | 'postgres';
  /** Of the tables that are there; 0 for none. */
  readonly version: number;
  /** The one this program works with. */
  readonly known: number;
  /** On the disk of the file; undefined where it cannot be seen from here. */
  readonly freeBytes: number | undefined;
  /** Corps with anything in it. */
  readonly corps: readonly string[];
  readonly notes: ReadonlyMap<NoteName, string>;
}

export interface Claim {
  /** This replica's, another's, or this process's because there is no other (SQLite; nothing is written). */
  readonly whose: 'ours' | 'theirs' | 'alone';
  /** The last message of the member that another replica had claimed before and has not answered yet: its key. */
  readonly behind?: string | undefined;
}

/** A library's key → how often it was changed. */
export type Versions = ReadonlyMap<string, number>;

/** What is kept of a member between two messages: an object that JSON can hold, whose inside is nothing to the store. */
export type KeptSession = Readonly<Record<string, unknown>>;

/**
 * What a process knows by heart of a corp that it alone works for: nothing of it has to be asked of the database, nothing
 * waited for.
 */
export interface ByHeart {
  /** True when no message of this key was ever kept; false when it must be looked for. */
  isNew(key: string): boolean;
  /** True when the member is owed no answer; false when that must be looked up. */
  owesNothing(member: string): boolean;
  /** As `Store.session`; null when there is none, undefined when it must be read. */
  session(member: string): KeptSession | null | undefined;
  /** As `Store.saveSession`, lazily, of a session without an open question. */
  saveSession(member: string, session: KeptSession): void;
}

export interface PushLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

/** What `alone` holds. */
export interface Hold {
  /** Throws BotError `store.unreachable` when the keys were lost: the work must not go on to change anything. */
  still(): Promise<void>;
}

export interface Store {
  /** Absent where replicas share the database: what was known there a moment ago may be so no longer. */
  readonly byHeart?: ByHeart;

  // -- messages ------------------------------------------------------------------------------------------------
  findMessage(key: string): Promise<MessageRow | undefined>;
  /** Persists a message; false when the key is already there (a repeat, or another replica took it). */
  keepMessage(message: NewMessage): Promise<boolean>;
  /**
   * Notes that WeCom is being told 200 without the answer; from now on the answer is owed whatever happens. False, and
   * nothing is noted, when another replica that has the message has answered it by now: then the answer can be told.
   */
  acknowledge(key: string): Promise<boolean>;
  /**
   * Stores the answer with the state. `lazy`: may be written a moment later (SQLite: with the next write, or after a
   * tenth of a second without an fsync of its own), so that a crash can lose it; for what is harmless when it happens
   * twice. Resolves with whether WeCom has been told 200 without the answer; another replica may have done that.
   */
  answer(key: string, answer: string, state: Exclude<MessageState, 'open'>, lazy?: boolean): Promise<boolean>;
  /** Changes the state only; `lazy` as above. */
  settle(key: string, state: Exclude<MessageState, 'open'>, lazy?: boolean): Promise<void>;
  /**
   * Messages that are `open` or `answered`, oldest first: what a restart has to look after. Never one that another
   * living replica is at work on; what one that has gone left behind becomes the caller's, and so nobody else's, with
   * this call. A replica counts as gone from the moment the server has lost its connection: one that is merely cut off
   * may still be at work, and then `intend` lets one of the two change anything. Nobody is gone while the server itself
   * has just come up, since all have lost theirs then.
   */
  unfinished(): Promise<MessageRow[]>;
  /**
   * Counts one more try to handle a message that the last run has left; the tries so far with this one, the first run
   * included. Durable before it resolves, so that one whose handling ends the process is not tried for ever.
   */
  tryAgain(key: string): Promise<number>;
  /** Owed answers of one member, oldest first. */
  owed(member: string): Promise<MessageRow[]>;
  /** Whether the member is owed an answer, by whatever replica; cheap, asked with every message. */
  owes(member: string): Promise<boolean>;
  /** How many members are owed an answer. */
  countOwed(): Promise<number>;

  // -- journal -------------------------------------------------------------------------------------------------
  /**
   * One transaction: the message row (when given; not for one that the caller has kept), the member's open question is
   * taken (when its id is given), and the intended row. Returns the change's id.
   * Throws BotError `store.taken` when the message is already kept by someone else or has a change already (one message
   * makes one change at most), `store.question-taken` when that question is no longer open: nothing is written then, and
   * the change must not be made.
   */
  intend(change: NewChange, message: NewMessage | undefined, question?: string): Promise<number>;
  /** Throws BotError `store.concluded` the second time, `store.missing` for a change that is not there. */
  conclude(id: number, conclusion: Conclusion): Promise<void>;
  /** Newest first. `state` is the latest state. */
  changes(filter: ChangeFilter): Promise<ChangeRow[]>;
  /** The changes of one message, oldest first: what a crash left behind. */
  changesOf(messageKey: string): Promise<ChangeRow[]>;

  // -- sessions ------------------------------------------------------------------------------------------------
  /** The member's session as it was saved, perhaps the very object: not to be altered. */
  session(member: string): Promise<KeptSession | undefined>;
  /**
   * `question` is the id of the open question, or undefined when none is open. `lazy`: may be written a moment later
   * (SQLite: a second), so that a crash can lose it; reads know it at once. The session is not to be altered any more.
   */
  saveSession(member: string, session: KeptSession, question: string | undefined, lazy?: boolean): Promise<void>;
  /** Takes the open question exactly once: true for the one caller that removed it, across replicas. */
  takeQuestion(member: string, question: string): Promise<boolean>;

  // -- among replicas ------------------------------------------------------------------------------------------
  /** Before a message is handled; `ours` is persisted with that. */
  claim(message: NewMessage): Promise<Claim>;
  /**
   * The member was told that nothing was done for this message, by a replica that could not claim it: whoever has it open
   * and has not begun a change shall begin none. Nothing happens where a change has begun, or there is no such message.
   */
  giveUp(key: string, answer: string): Promise<void>;
  /** The message as soon as it is no longer `open`, else as it is after `ms`; undefined when it is not there. */
  settled(key: string, ms: number): Promise<MessageRow | undefined>;
  /**
   * Runs `work` while no other replica runs anything under one of these keys; they are served in the order of their
   * coming. The keys fall when this replica is cut off. Throws BotError `store.busy` when they cannot be had within
   * `waitMs`.
   */
  alone<T>(keys: readonly string[], waitMs: number, work: (hold: Hold) => Promise<T>): Promise<T>;
  /** As `unfinished`, but only what replicas that have gone left behind; they are the caller's from then on. */
  leftBehind(): Promise<MessageRow[]>;
  /** How often each library was changed, by whatever replica; a library that is missing never was. */
  versions(): Promise<Versions>;
  /** Counts a change of these libraries and tells all replicas. Returns the versions that came of it. */
  raise(libraries: readonly string[]): Promise<Versions>;
  /** Calls back whenever a replica has raised a library; a missed call is made good by `versions`. */
  onRaised(listener: (library: string, version: number) => void): void;
  /** Takes one push to the member off the platform's limit, over all replicas and restarts; false when there is no room. */
  takePush(member: string, limits: PushLimits): Promise<boolean>;

  // -- owners --------------------------------------------------------------------------------------------------
  /** What is known of these corp tags and groups; those that are missing have not shown it yet. */
  owners(ids: readonly string[]): Promise<ReadonlyMap<string, Owner>>;
  /** undefined forgets. */
  learnOwners(owners: ReadonlyMap<string, Owner | undefined>): Promise<void>;

  // -- notes ---------------------------------------------------------------------------------------------------
  /** What was last kept under this name; for single facts about the corp that a restart must not forget. */
  note(name: NoteName): Promise<string | undefined>;
  keepNote(name: NoteName, value: string): Promise<void>;

  // -- housekeeping --------------------------------------------------------------------------------------------
  /**
   * Drops the texts of messages received before `before` (ms); the facts of changes stay. An `open` message keeps its
   * text, and an answer is kept until it is delivered. Returns rows touched.
   */
  forget(before: number): Promise<number>;
  /**
   * Leaves of sessions last saved before `before` (ms) what `lasting` makes of them; an open question is taken. Returns
   * rows touched; a session is touched once until it is saved again.
   */
  forgetSessions(before: number, lasting: (session: KeptSession) => KeptSession): Promise<number>;
  /** Cheap proof that reading and writing work. Throws when not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
