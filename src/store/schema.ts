/**
 * The tables, as numbered migrations. SQLite and PostgreSQL have the same tables and columns; a dialect names the few
 * words in which they differ. A migration that has been released is never edited: what comes later is a new number.
 *
 * `messages`  what makes a repeat harmless and a crash recoverable; texts are dropped in time, the rows stay
 * `journal`   append-only: one `intended` row per change, at most one per message, and at most one concluding row (the
 *             unique indexes see to it)
 * `journal_libraries`  append-only: the libraries of each change, with the names it touches there
 * `owners`    whose a corp tag or its group is, where that has shown
 * `sessions`  the member's session and the id of the question that is open
 * `notes`     what else has to survive a restart, one value per name: see Store.note
 * `libraries` how often each library was changed, so that one replica hears of another's work
 * `pushes`    when each member was pushed within the last hour
 * `corps`     one row per corp: the number of its last change (PostgreSQL), and the last proof that writing works
 *
 * Of a provider, whose `corp_id` elsewhere is the suite's id and the company's, `dk…/wp…`:
 * `suites`          the last ticket of each suite, sealed
 * `authorisations`  who has authorised which suite, with the permanent code, sealed; wiped when that has ended
 * `suite_events`    what the platform has told of authorisations, kept before it is answered and worked off afterwards
 */

import { BotError } from '../errors.ts';

export interface Dialect {
  /** Type of a column that numbers the rows of a table in the order of their coming. */
  readonly serial: string;
  /** Statements that make a table refuse to change or lose rows. */
  appendOnly(table: string): readonly string[];
  /** Statements that suspend that for the rest of a transaction, and end it: for a company that is deleted as a whole. */
  suspended(table: string): { readonly before: readonly string[]; readonly after: readonly string[] };
}

export const SQLITE: Dialect = {
  serial: 'INTEGER PRIMARY KEY',
  appendOnly: (table) =>
    ['UPDATE', 'DELETE'].map(
      (verb) =>
        `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
         BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`,
    ),
  suspended: (table) => ({
    before: [`DROP TRIGGER ${table}_no_update`, `DROP TRIGGER ${table}_no_delete`],
    after: SQLITE.appendOnly(table),
  }),
};

export const POSTGRES: Dialect = {
  serial: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  appendOnly: (table) => [
    `CREATE OR REPLACE FUNCTION ${table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION '${table} is append-only'; END $$`,
    `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE ON ${table}
     FOR EACH ROW EXECUTE FUNCTION ${table}_is_append_only()`,
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table}
     FOR EACH STATEMENT EXECUTE FUNCTION ${table}_is_append_only()`,
  ],
  suspended: (table) => ({
    before: [`ALTER TABLE ${table} DISABLE TRIGGER ${table}_append_only`],
    after: [`ALTER TABLE ${table} ENABLE TRIGGER ${table}_append_only`],
  }),
};

type Migration = (dialect: Dialect) => readonly string[];

const MIGRATIONS: readonly Migration[] = [
  (dialect) => [
    `CREATE TABLE messages (
       seq          ${dialect.serial},
       corp_id      TEXT NOT NULL,
       key          TEXT NOT NULL,
       member       TEXT NOT NULL,
       content      TEXT,
       received_at  BIGINT NOT NULL,
       state        TEXT NOT NULL CHECK (state IN ('open', 'answered', 'delivered', 'owed')),
       acknowledged SMALLINT NOT NULL DEFAULT 0,
       answer       TEXT,
       UNIQUE (corp_id, key)
     )`,
    `CREATE INDEX messages_unfinished ON messages (corp_id, received_at) WHERE state IN ('open', 'answered')`,
    `CREATE INDEX messages_owed ON messages (corp_id, member, received_at) WHERE state = 'owed'`,
    `CREATE INDEX messages_text ON messages (corp_id, received_at) WHERE content IS NOT NULL OR answer IS NOT NULL`,

    // `names_folded` is `names` in lower case: LIKE folds ASCII only in SQLite and nothing at all in PostgreSQL.
    `CREATE TABLE journal (
       seq          ${dialect.serial},
       corp_id      TEXT NOT NULL,
       change_id    BIGINT NOT NULL,
       state        TEXT NOT NULL CHECK (state IN ('intended', 'done', 'partial', 'failed', 'unknown')),
       at           BIGINT NOT NULL,
       member       TEXT,
       message_key  TEXT,
       strategy_id  BIGINT,
       names        TEXT,
       names_folded TEXT,
       plan         TEXT,
       undoes       BIGINT,
       outcome      TEXT,
       CHECK ((state = 'intended') = (plan IS NOT NULL)),
       CHECK ((state = 'intended') = (outcome IS NULL))
     )`,
    `CREATE UNIQUE INDEX journal_intended ON journal (corp_id, change_id) WHERE state = 'intended'`,
    `CREATE UNIQUE INDEX journal_concluded ON journal (corp_id, change_id) WHERE state <> 'intended'`,
    `CREATE INDEX journal_message ON journal (corp_id, message_key, change_id) WHERE state = 'intended'`,
    ...dialect.appendOnly('journal'),

    `CREATE TABLE sessions (
       corp_id  TEXT NOT NULL,
       member   TEXT NOT NULL,
       session  TEXT NOT NULL,
       question TEXT,
       PRIMARY KEY (corp_id, member)
     )`,
    `CREATE TABLE corps (
       corp_id     TEXT NOT NULL PRIMARY KEY,
       last_change BIGINT NOT NULL DEFAULT 0,
       proved_at   BIGINT
     )`,
  ],
  () => [
    // A message has one change at most, whoever carries it out; this index also finds it.
    `DROP INDEX journal_message`,
    `CREATE UNIQUE INDEX journal_message ON journal (corp_id, message_key) WHERE state = 'intended'`,
    // The replica that is at work on the message (see lease.ts); SQLite, with its one process, leaves it empty.
    `ALTER TABLE messages ADD COLUMN owner BIGINT`,
  ],
  (dialect) => [
    // journal.strategy_id names the first of them only; until now nothing else was kept, so that is what is taken over.
    `CREATE TABLE journal_rule_groups (
       corp_id      TEXT NOT NULL,
       strategy_id  BIGINT NOT NULL,
       change_id    BIGINT NOT NULL,
       names_folded TEXT NOT NULL,
       PRIMARY KEY (corp_id, strategy_id, change_id)
     )`,
    `CREATE INDEX journal_rule_groups_of ON journal_rule_groups (corp_id, change_id)`,
    `INSERT INTO journal_rule_groups (corp_id, strategy_id, change_id, names_folded)
     SELECT corp_id, strategy_id, change_id, names_folded FROM journal
     WHERE state = 'intended' AND strategy_id IS NOT NULL`,
    ...dialect.appendOnly('journal_rule_groups'),
  ],
  () => [
    `CREATE TABLE notes (
       corp_id TEXT NOT NULL,
       name    TEXT NOT NULL,
       value   TEXT NOT NULL,
       PRIMARY KEY (corp_id, name)
     )`,
  ],
  () => [
    // How often a message was begun: what ends the process again and again is not tried for ever.
    `ALTER TABLE messages ADD COLUMN tries SMALLINT NOT NULL DEFAULT 1`,
    // ms; NULL once only the lasting part is left. The age of older ones is not known, so they count as old.
    `ALTER TABLE sessions ADD COLUMN saved_at BIGINT DEFAULT 0`,
    `CREATE INDEX sessions_saved ON sessions (corp_id, saved_at) WHERE saved_at IS NOT NULL`,
  ],
  () => [
    // How often each library was changed: what tells one replica that another was at work.
    `CREATE TABLE libraries (
       corp_id TEXT NOT NULL,
       library TEXT NOT NULL,
       version BIGINT NOT NULL,
       PRIMARY KEY (corp_id, library)
     )`,
    // The times (ms) of the pushes of the last hour, comma-separated, oldest first.
    `CREATE TABLE pushes (
       corp_id TEXT NOT NULL,
       member  TEXT NOT NULL,
       times   TEXT NOT NULL,
       PRIMARY KEY (corp_id, member)
     )`,
  ],
  (dialect) => [
    // A change touches 企业标签 ('corp') or the library of a rule group (its number). journal.strategy_id stays empty now.
    `CREATE TABLE journal_libraries (
       corp_id      TEXT NOT NULL,
       library_id   TEXT NOT NULL,
       change_id    BIGINT NOT NULL,
       names_folded TEXT NOT NULL,
       PRIMARY KEY (corp_id, library_id, change_id)
     )`,
    `CREATE INDEX journal_libraries_of ON journal_libraries (corp_id, change_id)`,
    `INSERT INTO journal_libraries (corp_id, library_id, change_id, names_folded)
     SELECT corp_id, CAST(strategy_id AS TEXT), change_id, names_folded FROM journal_rule_groups`,
    `DROP TABLE journal_rule_groups`,
    ...dialect.appendOnly('journal_libraries'),
  ],
  () => [
    // Whose a corp tag or its group is, where that has shown; nothing is known of the others.
    `CREATE TABLE owners (
       corp_id TEXT NOT NULL,
       id      TEXT NOT NULL,
       owner   TEXT NOT NULL CHECK (owner IN ('ours', 'foreign')),
       PRIMARY KEY (corp_id, id)
     )`,
  ],
  (dialect) => [
    `CREATE TABLE suites (
       suite_id     TEXT NOT NULL PRIMARY KEY,
       ticket       TEXT NOT NULL,
       ticket_stamp BIGINT NOT NULL,
       ticket_at    BIGINT NOT NULL
     )`,
    // One that is cancelled before it is known stays without a permanent code, so that it is not made afterwards.
    `CREATE TABLE authorisations (
       suite_id       TEXT NOT NULL,
       corp_id        TEXT NOT NULL,
       state          TEXT NOT NULL CHECK (state IN ('active', 'cancelled')),
       permanent_code TEXT,
       version        INTEGER NOT NULL,
       agent_id       BIGINT,
       corp_name      TEXT,
       admins         TEXT,
       event_key      TEXT,
       stamp          BIGINT NOT NULL,
       received_at    BIGINT NOT NULL,
       changed_at     BIGINT NOT NULL,
       PRIMARY KEY (suite_id, corp_id),
       CHECK ((state = 'active') = (permanent_code IS NOT NULL))
     )`,
    `CREATE TABLE suite_events (
       seq         ${dialect.serial},
       suite_id    TEXT NOT NULL,
       key         TEXT NOT NULL,
       info_type   TEXT NOT NULL,
       corp_id     TEXT,
       code        TEXT,
       stamp       BIGINT NOT NULL,
       received_at BIGINT NOT NULL,
       state       TEXT NOT NULL CHECK (state IN ('open', 'done')),
       outcome     TEXT,
       UNIQUE (suite_id, key)
     )`,
    `CREATE INDEX suite_events_open ON suite_events (seq) WHERE state = 'open'`,
  ],
];

/** Tables whose rows are each one company's, by `corp_id`; those that refuse to lose rows are told apart. */
export const TABLES_OF_CORPS: readonly { readonly table: string; readonly appendOnly?: true }[] = [
  { table: 'messages' },
  { table: 'journal', appendOnly: true },
  { table: 'journal_libraries', appendOnly: true },
  { table: 'owners' },
  { table: 'sessions' },
  { table: 'notes' },
  { table: 'libraries' },
  { table: 'pushes' },
  { table: 'corps' },
];

/** Statements that leave nothing of one company; those with a `?` take its id. To be run in one transaction. */
export function purge(dialect: Dialect): readonly string[] {
  return TABLES_OF_CORPS.flatMap(({ table, appendOnly }) => {
    const statement = `DELETE FROM ${table} WHERE corp_id = ?`;
    const { before, after } = appendOnly ? dialect.suspended(table) : { before: [], after: [] };
    return [...before, statement, ...after];
  });
}

/** The version this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The first version with a table `notes`. */
export const FIRST_WITH_NOTES = 4;

/** The table that says how far a database has come. Run before reading its version. */
export const VERSION_TABLE = `CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at BIGINT NOT NULL)`;

/** Throws BotError `store.newer` when a later release of the program has written a database of version `found`. */
export function assertKnown(found: number): void {
  if (found > SCHEMA_VERSION) throw new BotError('store.newer', 'setup', { facts: { found, known: SCHEMA_VERSION } });
}

/** For what migrates nothing: throws `store.older` as well, when the tables are not there yet as this program knows them. */
export function assertCurrent(found: number): void {
  assertKnown(found);
  if (found < SCHEMA_VERSION) throw new BotError('store.older', 'setup', { facts: { found, known: SCHEMA_VERSION } });
}

/**
 * The statements that bring a database from version `found` (0: empty) to SCHEMA_VERSION, each with its version.
 * Throws as `assertKnown`.
 */
export function pendingMigrations(
  found: number,
  dialect: Dialect,
): readonly { readonly version: number; readonly statements: readonly string[] }[] {
  assertKnown(found);
  return MIGRATIONS.slice(found).map((migration, index) => ({
    version: found + index + 1,
    statements: migration(dialect),
  }));
}
