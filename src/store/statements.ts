/**
 * What both databases are told, and how their rows become ours.
 * Placeholders are `?` in the order of the values; `numbered` rewrites them for PostgreSQL. No literal contains a `?`.
 * Columns are named as in the contract, so that a row needs no renaming on its way out.
 */

import type {
  ChangeFilter,
  ChangeRow,
  ChangeState,
  MessageRow,
  MessageState,
  NewChange,
  NewMessage,
  Owner,
  Versions,
} from './store.ts';

export type Value = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

export interface MessageColumns {
  readonly key: string;
  readonly member: string;
  readonly content: string | null;
  readonly receivedAt: number;
  readonly state: MessageState;
  readonly acknowledged: number;
  readonly answer: string | null;
}

export interface OldSession {
  readonly member: string;
  readonly session: string;
}

export interface ChangeColumns {
  readonly id: number;
  readonly member: string;
  readonly messageKey: string;
  readonly at: number;
  /** Comma separated; null for none. */
  readonly libraryIds: string | null;
  readonly names: string;
  readonly plan: string;
  readonly undoes: number | null;
  readonly state: ChangeState;
  readonly outcome: string | null;
  readonly concludedAt: number | null;
}

const MESSAGE_COLUMNS = `key, member, content, received_at AS "receivedAt", state, acknowledged, answer`;

const MESSAGE = `SELECT ${MESSAGE_COLUMNS} FROM messages`;

const CHANGE = `SELECT i.change_id AS id, i.member, i.message_key AS "messageKey", i.at,
    (SELECT string_agg(l.library_id, ',' ORDER BY l.library_id) FROM journal_libraries l
      WHERE l.corp_id = i.corp_id AND l.change_id = i.change_id) AS "libraryIds",
    i.names, i.plan, i.undoes, COALESCE(c.state, i.state) AS state, c.outcome, c.at AS "concludedAt"
  FROM journal i
  LEFT JOIN journal c ON c.corp_id = i.corp_id AND c.change_id = i.change_id AND c.state <> 'intended'
  WHERE i.corp_id = ? AND i.state = 'intended'`;

export const SQL = {
  version: `SELECT COALESCE(MAX(version), 0) AS version FROM migrations`,
  migrated: `INSERT INTO migrations (version, applied_at) VALUES (?, ?)`,

  findMessage: `${MESSAGE} WHERE corp_id = ? AND key = ?`,
  unfinished: `${MESSAGE} WHERE corp_id = ? AND state IN ('open', 'answered') ORDER BY received_at, seq`,
  owed: `${MESSAGE} WHERE corp_id = ? AND member = ? AND state = 'owed' ORDER BY received_at, seq`,
  owedMembers: `SELECT DISTINCT member FROM messages WHERE corp_id = ? AND state = 'owed' ORDER BY member`,
  keepMessage: `INSERT INTO messages (corp_id, key, member, content, received_at, owner, state)
    VALUES (?, ?, ?, ?, ?, ?, 'open')
    ON CONFLICT (corp_id, key) DO NOTHING`,
  acknowledge: `UPDATE messages SET acknowledged = 1 WHERE corp_id = ? AND key = ?`,
  answer: `UPDATE messages SET answer = ?, state = ? WHERE corp_id = ? AND key = ? RETURNING acknowledged`,
  settle: `UPDATE messages SET state = ? WHERE corp_id = ? AND key = ?`,
  tryAgain: `UPDATE messages SET tries = tries + 1 WHERE corp_id = ? AND key = ? RETURNING tries`,

  // SQLite: nobody else gives numbers, so none has to be written down. A page less for the disk to take.
  nextChangeAlone: `SELECT COALESCE(MAX(change_id), 0) + 1 AS id FROM journal WHERE corp_id = ? AND state = 'intended'`,
  intend: `INSERT INTO journal (corp_id, change_id, state, at, member, message_key, names, names_folded, plan, undoes)
    VALUES (?, ?, 'intended', ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (corp_id, message_key) WHERE state = 'intended' DO NOTHING`,
  intendIn: `INSERT INTO journal_libraries (corp_id, change_id, library_id, names_folded) VALUES (?, ?, ?, ?)`,
  hasIntent: `SELECT 1 AS has FROM journal WHERE corp_id = ? AND message_key = ? AND state = 'intended'`,
  // Asked for first, because INSERT … SELECT from the same table costs SQLite 27 µs, these two 10 µs.
  isIntended: `SELECT change_id AS id FROM journal WHERE corp_id = ? AND change_id = ? AND state = 'intended'`,
  conclude: `INSERT INTO journal (corp_id, change_id, state, at, outcome) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  changesOf: `${CHANGE} AND i.message_key = ? ORDER BY i.change_id`,

  session: `SELECT session FROM sessions WHERE corp_id = ? AND member = ?`,
  saveSession: `INSERT INTO sessions (corp_id, member, session, question, saved_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (corp_id, member)
    DO UPDATE SET session = excluded.session, question = excluded.question, saved_at = excluded.saved_at`,
  oldSessions: `SELECT member, session FROM sessions WHERE corp_id = ? AND saved_at < ? LIMIT ?`,
  // Not one that has been saved since it was read.
  trimSession: `UPDATE sessions SET session = ?, question = NULL, saved_at = NULL
    WHERE corp_id = ? AND member = ? AND session = ? AND saved_at < ?`,
  isOpen: `SELECT 1 AS open FROM sessions WHERE corp_id = ? AND member = ? AND question = ?`,
  takeQuestion: `UPDATE sessions SET question = NULL WHERE corp_id = ? AND member = ? AND question = ?`,

  // An unfinished message keeps its text, and an answer is kept until it is given. In portions, so that neither a
  // replica nor this process's own members wait for a long sweep.
  forget: `UPDATE messages SET content = NULL, answer = CASE WHEN state = 'delivered' THEN NULL ELSE answer END
    WHERE seq IN (SELECT seq FROM messages WHERE corp_id = ? AND received_at < ? AND state <> 'open'
      AND (content IS NOT NULL OR answer IS NOT NULL) AND (content IS NOT NULL OR state = 'delivered') LIMIT ?)`,
  learnOwner: `INSERT INTO owners (corp_id, id, owner) VALUES (?, ?, ?)
    ON CONFLICT (corp_id, id) DO UPDATE SET owner = excluded.owner`,
  forgetOwner: `DELETE FROM owners WHERE corp_id = ? AND id = ?`,
  note: `SELECT value FROM notes WHERE corp_id = ? AND name = ?`,
  keepNote: `INSERT INTO notes (corp_id, name, value) VALUES (?, ?, ?)
    ON CONFLICT (corp_id, name) DO UPDATE SET value = excluded.value`,
  pushTimes: `SELECT times FROM pushes WHERE corp_id = ? AND member = ?`,
  savePushTimes: `INSERT INTO pushes (corp_id, member, times) VALUES (?, ?, ?)
    ON CONFLICT (corp_id, member) DO UPDATE SET times = excluded.times`,
  countOwed: `SELECT COUNT(DISTINCT member) AS members FROM messages WHERE corp_id = ? AND state = 'owed'`,
  ping: `INSERT INTO corps (corp_id, proved_at) VALUES (?, ?)
    ON CONFLICT (corp_id) DO UPDATE SET proved_at = excluded.proved_at`,
} as const;

/** What a look from outside asks. */
export const LOOK_SQL = {
  corps: `SELECT corp_id FROM messages UNION SELECT corp_id FROM journal UNION SELECT corp_id FROM corps`,
  notes: `SELECT name, value FROM notes WHERE corp_id = ?`,
} as const;

/** Everybody lost the locks when the server ended, and the living need a moment to regain theirs. */
const HAS_BEEN_UP = `pg_postmaster_start_time() < clock_timestamp() - INTERVAL '5 seconds'`;

/** Asked of the database as a whole, whatever the corp. */
export const DATABASE_SQL = {
  corpsWithWork: `SELECT corp_id FROM messages WHERE state IN ('open', 'answered')
    UNION SELECT corp_id FROM messages WHERE state = 'owed'`,
  corpsToForget: `SELECT DISTINCT corp_id FROM messages WHERE received_at < ? AND state <> 'open'
      AND (content IS NOT NULL OR answer IS NOT NULL) AND (content IS NOT NULL OR state = 'delivered')
    UNION SELECT DISTINCT corp_id FROM sessions WHERE saved_at < ?`,
  pausedCorps: `SELECT corp_id FROM notes WHERE name = 'paused' AND value <> ''`,
  // See REPLICA_SQL.gone.
  corpsLeftBehind: `WITH others AS MATERIALIZED (SELECT DISTINCT owner FROM messages
      WHERE state IN ('open', 'answered') AND owner <> ?),
    gone AS MATERIALIZED (SELECT owner FROM others WHERE ${HAS_BEEN_UP} AND pg_try_advisory_xact_lock_shared(owner))
    SELECT DISTINCT corp_id FROM messages WHERE state IN ('open', 'answered') AND owner IN (SELECT owner FROM gone)`,
} as const;

/** What only PostgreSQL is told: how several replicas share the work. */
export const REPLICA_SQL = {
  // The lock is asked for in shared mode, so that nobody who asks takes another who asks for the owner; it is kept until
  // the end of the transaction, so that an owner who comes back waits until it is known what it has lost.
  gone: `WITH others AS MATERIALIZED (SELECT DISTINCT owner FROM messages
      WHERE corp_id = ? AND state IN ('open', 'answered') AND owner <> ?)
    SELECT owner FROM others WHERE ${HAS_BEEN_UP} AND pg_try_advisory_xact_lock_shared(owner)`,
  // Who waits for a row's lock sees afterwards whose it has become. In one order, so that two never wait for each other.
  takeOver: `WITH free AS (SELECT seq FROM messages
      WHERE corp_id = ? AND state IN ('open', 'answered') AND (owner IS NULL OR owner = ? OR owner = ANY (?::BIGINT[]))
      ORDER BY seq FOR UPDATE),
    taken AS (UPDATE messages SET owner = ? FROM free WHERE messages.seq = free.seq RETURNING messages.*)
    SELECT ${MESSAGE_COLUMNS} FROM taken ORDER BY received_at, seq`,
  // A replica that was cut off and comes back finds its messages with another owner, and answers them no more. What is owed
  // is given by whoever speaks to the member next.
  answer: `WITH done AS (UPDATE messages SET answer = ?, state = ? WHERE corp_id = ? AND key = ?
      AND (state = 'owed' OR owner IS NULL OR owner = ?) RETURNING acknowledged)
    SELECT acknowledged, pg_notify(?, ?) FROM done`,
  // Of another's message only while there is no answer: who can tell it must not leave it to nobody.
  acknowledge: `UPDATE messages SET acknowledged = 1
    WHERE corp_id = ? AND key = ? AND (state = 'open' OR owner IS NULL OR owner = ?)`,
  // What this replica has claimed before and could not handle is still its own.
  claim: `INSERT INTO messages (corp_id, key, member, content, received_at, owner, state)
    VALUES (?, ?, ?, ?, ?, ?, 'open')
    ON CONFLICT (corp_id, key) DO UPDATE SET owner = messages.owner
      WHERE messages.owner = excluded.owner AND messages.state = 'open'
    RETURNING (SELECT earlier.key FROM messages earlier WHERE earlier.corp_id = messages.corp_id AND earlier.state = 'open'
      AND earlier.member = messages.member AND earlier.seq < messages.seq AND earlier.owner <> messages.owner
      ORDER BY earlier.seq DESC LIMIT 1) AS behind`,
  giveUp: `WITH given AS (UPDATE messages SET answer = ?, state = 'delivered'
      WHERE corp_id = ? AND key = ? AND state = 'open' AND NOT EXISTS (SELECT 1 FROM journal
        WHERE journal.corp_id = messages.corp_id AND journal.message_key = messages.key AND journal.state = 'intended')
      RETURNING key)
    SELECT pg_notify(?, ?) FROM given`,
  owes: `SELECT 1 AS owes FROM messages WHERE corp_id = ? AND member = ? AND state = 'owed' LIMIT 1`,
  // The corp's row is locked until the change is committed, so that numbers come in the order of the commits.
  nextChange: `INSERT INTO corps (corp_id, last_change) VALUES (?, 1)
    ON CONFLICT (corp_id) DO UPDATE SET last_change = corps.last_change + 1 RETURNING last_change AS id`,
  versions: `SELECT library, version FROM libraries WHERE corp_id = ?`,
  raise: `INSERT INTO libraries (corp_id, library, version) VALUES (?, ?, 1)
    ON CONFLICT (corp_id, library) DO UPDATE SET version = libraries.version + 1 RETURNING library, version`,
  notify: `SELECT pg_notify(?, ?)`,
  addPushTimes: `INSERT INTO pushes (corp_id, member, times) VALUES (?, ?, '') ON CONFLICT DO NOTHING`,
  lockPushTimes: `SELECT times FROM pushes WHERE corp_id = ? AND member = ? FOR UPDATE`,
  // Of a message that is kept: only who has it in hand may change anything because of it.
  isOurs: `SELECT 1 AS ours FROM messages
    WHERE corp_id = ? AND key = ? AND state = 'open' AND (owner IS NULL OR owner = ?) FOR UPDATE`,
} as const;

/** Rows that `forget` touches in one transaction. */
export const FORGET_PORTION = 500;

/** The values of SQL.keepMessage. `owner`: the replica, null where there is but one process. */
export function messageValues(corpId: string, message: NewMessage, owner: number | null): Value[] {
  return [corpId, message.key, message.member, message.content, message.receivedAt, owner];
}

/** The values of SQL.intend. */
export function changeValues(corpId: string, id: number, change: NewChange): Value[] {
  return [
    corpId,
    id,
    change.at,
    change.member,
    change.messageKey,
    change.names,
    change.names.toLowerCase(),
    change.plan,
    change.undoes ?? null,
  ];
}

/** The values of SQL.intendIn, for each library of the change. */
export function libraryValues(corpId: string, id: number, change: NewChange): Value[][] {
  return change.libraries.map(({ libraryId, names }) => [corpId, id, String(libraryId), names.toLowerCase()]);
}

/**
 * The query for `Store.changes`. Changes without a library (such as the creation of a rule group) are found only when no
 * libraries are asked for: who may see a library's history need not see theirs. `state` is the latest state,
 * `since` and `until` are compared with the time of the intent.
 */
export function changesQuery(corpId: string, filter: ChangeFilter): Statement {
  const values: Value[] = [corpId];
  let sql = CHANGE;
  const where = (condition: string, ...more: readonly Value[]): void => {
    sql += ` AND ${condition}`;
    values.push(...more);
  };
  if (filter.id !== undefined) where('i.change_id = ?', filter.id);
  if (filter.member !== undefined) where('i.member = ?', filter.member);
  const part = filter.name === undefined ? [] : [`%${literally(filter.name.toLowerCase())}%`];
  const named = part.map(() => `names_folded LIKE ? ESCAPE '\\'`);
  if (filter.libraryIds === undefined) {
    for (const condition of named) where(`i.${condition}`, ...part);
  } else {
    const ids = filter.libraryIds.map(String);
    const among = [`library_id IN (${ids.map(() => '?').join(', ')})`, ...named].join(' AND ');
    const touched = `i.change_id IN (SELECT change_id FROM journal_libraries WHERE corp_id = ? AND ${among})`;
    if (ids.length === 0) where('1 = 0');
    else where(touched, corpId, ...ids, ...part);
  }
  if (filter.since !== undefined) where('i.at >= ?', filter.since);
  if (filter.until !== undefined) where('i.at < ?', filter.until);
  if (filter.state !== undefined) where('COALESCE(c.state, i.state) = ?', filter.state);
  sql += ' ORDER BY i.change_id DESC LIMIT ? OFFSET ?';
  values.push(count(filter.limit), count(filter.offset ?? 0));
  return { sql, values };
}

/** The query for `Store.owners`; at least one id. */
export function ownersQuery(corpId: string, ids: readonly string[]): Statement {
  const among = ids.map(() => '?').join(', ');
  return { sql: `SELECT id, owner FROM owners WHERE corp_id = ? AND id IN (${among})`, values: [corpId, ...ids] };
}

export interface OwnerColumns {
  readonly id: string;
  readonly owner: Owner;
}

export function toOwners(columns: readonly OwnerColumns[]): ReadonlyMap<string, Owner> {
  return new Map(columns.map(({ id, owner }) => [id, owner]));
}

/** A part of a name as a LIKE pattern that means nothing but itself. */
function literally(part: string): string {
  return part.replace(/[\\%_]/g, '\\$&');
}

/** Infinity asks for everything; what is negative or no number asks for nothing. */
function count(wanted: number): number {
  return Math.min(Math.max(Math.trunc(wanted) || 0, 0), Number.MAX_SAFE_INTEGER);
}

/** `?` → `$1`, `$2` …, as PostgreSQL wants them. */
export function numbered(sql: string): string {
  let n = 0;
  return sql.replace(/\?/g, () => `$${++n}`);
}

/** The same of every statement of a table. */
export function allNumbered<Name extends string>(
  table: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const entries = Object.entries<string>(table).map(([name, sql]) => [name, numbered(sql)] as const);
  return Object.fromEntries(entries) as Record<Name, string>;
}

export function toMessage(record: MessageColumns): MessageRow {
  return {
    key: record.key,
    member: record.member,
    content: record.content ?? undefined,
    receivedAt: record.receivedAt,
    state: record.state,
    acknowledged: record.acknowledged !== 0,
    answer: record.answer ?? undefined,
  };
}

function toLibraryId(stored: string): ChangeRow['libraryIds'][number] {
  return stored === 'corp' ? stored : Number(stored);
}

export function toChange(record: ChangeColumns): ChangeRow {
  return {
    id: record.id,
    member: record.member,
    messageKey: record.messageKey,
    at: record.at,
    libraryIds: record.libraryIds === null ? [] : record.libraryIds.split(',').map(toLibraryId),
    names: record.names,
    plan: record.plan,
    undoes: record.undoes ?? undefined,
    state: record.state,
    outcome: record.outcome ?? undefined,
    concludedAt: record.concludedAt ?? undefined,
  };
}

export interface VersionColumns {
  readonly library: string;
  readonly version: number;
}

export function toVersions(rows: readonly VersionColumns[]): Versions {
  return new Map(rows.map(({ library, version }) => [library, version]));
}
