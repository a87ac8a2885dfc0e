/** One PostgreSQL database, for several replicas: what they share it with, and what binds them to each other. */

import { type ClientBase, type ClientConfig, type CustomTypesConfig, Pool, types } from 'pg';
import { BotError } from '../errors.ts';
import { Announcements } from './announcements.ts';
import { Away } from './away.ts';
import type { Database, OpenOptions } from './database.ts';
import { postgresFailure } from './failure.ts';
import { CHANNEL, Lease } from './lease.ts';
import { patiently, transaction } from './lent-connection.ts';
import { PostgresStore, type Server } from './postgres.ts';
import { assertCurrent, POSTGRES, pendingMigrations, purge, SCHEMA_VERSION, VERSION_TABLE } from './schema.ts';
import { allNumbered, DATABASE_SQL, numbered, REPLICA_SQL, SQL, type Value } from './statements.ts';
import type { NoteName, Store } from './store.ts';
import { type SuiteStore, suiteStore } from './suite-store.ts';
import { Turns } from './turns.ts';

/** Any number, the same in all replicas: who migrates holds the advisory lock of this name. */
export const MIGRATION_LOCK = 7_319_204_518;
const CONNECT_MS = 1_500;
/**
 * The server gives up first and says so; the client's limit is for a server that has fallen silent. WeCom waits five
 * seconds for the whole of an answer.
 */
const STATEMENT_MS = 2_000;
const SILENCE_MS = 2_500;
/** OID of BIGINT, which `pg` hands out as a string. */
const INT8 = 20;

/** BIGINT as number, for this pool only; a value that no number can hold exactly is an error, not a near miss. */
const TYPES: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 ? exactNumber : types.getTypeParser(oid, format)),
};

function exactNumber(digits: string): number {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new TypeError('a BIGINT is too large for a number');
  return value;
}

/** However long it takes: it is done once, and nobody is answered before. */
const MIGRATION_MS = 60 * 60_000;

export class PostgresDatabase implements Database {
  readonly #server: Server;
  readonly #stores = new Set<Store>();
  #closing: Promise<void> | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Connects and migrates; several replicas may do so at once. `url`: `postgres://user:password@host/database`, with the
   * parameters of `pg` (`?sslmode=…`). Throws BotError: see failure.ts.
   */
  static async open(url: string, options: OpenOptions): Promise<PostgresDatabase> {
    const { now, ticks = now, readOnly = false } = options;
    const away = new Away(ticks);
    const config = connection(url);
    const pool = createPool(config, readOnly);
    try {
      if (readOnly) {
        assertCurrent(await schemaVersion(pool));
        return new PostgresDatabase({ pool, peers: undefined, away, now });
      }
      await migrate(pool, options);
      const announcements = new Announcements();
      const own = { ...config, application_name: `${config.application_name} lease` };
      const lease = await Lease.take(own, {
        onNotification: (payload, owner) => announcements.hear(payload, owner),
        presence: options.presence,
        ticks,
      });
      return new PostgresDatabase({ pool, peers: { lease, announcements, turns: new Turns(config) }, away, now });
    } catch (error) {
      await pool.end();
      throw postgresFailure(error);
    }
  }

  storeOf(corpId: string): Promise<Store> {
    return this.#enter(corpId, async () => {});
  }

  /** Its closing closes the database. */
  soleStoreOf(corpId: string): Promise<Store> {
    return this.#enter(corpId, () => this.close());
  }

  async #enter(corpId: string, leave: () => Promise<void>): Promise<Store> {
    if (this.#closing !== undefined) throw new BotError('store.closed', 'bug');
    const store = new PostgresStore(this.#server, corpId, async () => {
      this.#stores.delete(store);
      await leave();
    });
    this.#stores.add(store);
    return store;
  }

  async suites(): Promise<SuiteStore> {
    const { pool, peers, away } = this.#server;
    const run = <Row extends object>(sql: string, values: readonly Value[]): Promise<Row[]> =>
      away.guard(async () => {
        if (this.#closing !== undefined) throw new BotError('store.closed', 'bug');
        try {
          return (await pool.query(numbered(sql), [...values])).rows as Row[];
        } catch (error) {
          throw postgresFailure(error);
        }
      });
    return suiteStore({
      read: run,
      write: run,
      tell: async (suiteId, corpId) => {
        await run(REPLICA_SQL.notify, [CHANNEL, Announcements.written(['authorised', suiteId, corpId])]);
      },
      onChanged: (listener) => peers?.announcements.onAuthorised(listener),
      async alone(suiteId, key, waitMs, work) {
        if (!peers) throw new BotError('store.readonly', 'setup');
        return away.guard(() => peers.turns.alone(suiteId, [key], waitMs, work));
      },
    });
  }

  async purge(corpId: string): Promise<void> {
    try {
      await transaction(this.#server.pool, async (client) => {
        await client.query('SET LOCAL statement_timeout = 0');
        for (const statement of purge(POSTGRES)) {
          const values = statement.includes('?') ? [corpId] : [];
          await client.query(patiently(numbered(statement), MIGRATION_MS, values));
        }
      });
    } catch (error) {
      throw postgresFailure(error);
    }
  }

  corpsWithWork(): Promise<string[]> {
    return this.#corps(ASKED.corpsWithWork, []);
  }

  async corpsLeftBehind(): Promise<string[]> {
    const { peers } = this.#server;
    return peers?.lease.isSteady ? this.#corps(ASKED.corpsLeftBehind, [peers.lease.owner]) : [];
  }

  corpsToForget(before: number): Promise<string[]> {
    return this.#corps(ASKED.corpsToForget, [before, before]);
  }

  pausedCorps(): Promise<string[]> {
    return this.#corps(ASKED.pausedCorps, []);
  }

  async keepNote(corpId: string, name: NoteName, value: string): Promise<void> {
    try {
      await this.#server.pool.query(KEEP_NOTE, [corpId, name, value]);
    } catch (error) {
      throw postgresFailure(error);
    }
  }

  async #corps(sql: string, values: number[]): Promise<string[]> {
    if (this.#closing !== undefined) throw new BotError('store.closed', 'bug');
    try {
      return (await this.#server.pool.query<{ corp_id: string }>(sql, values)).rows.map((row) => row.corp_id);
    } catch (error) {
      throw postgresFailure(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    const { pool, peers } = this.#server;
    await Promise.all([...this.#stores].map((store) => store.close()));
    // The pool first: what it still carries out belongs to this replica.
    await pool.end();
    await peers?.turns.close();
    await peers?.lease.close();
  }
}

const ASKED = allNumbered(DATABASE_SQL);
const KEEP_NOTE = numbered(SQL.keepNote);

/** How a connection is made, with the time that everything on it may take. Throws BotError `store.url`. */
export function connection(url: string): ClientConfig {
  if (!URL.canParse(url)) {
    throw new BotError('store.url', 'setup', { message: 'store.url: DATABASE_URL is not a valid postgres:// URL' });
  }
  return {
    connectionString: url,
    types: TYPES,
    keepAlive: true,
    application_name: 'wecom-tag-bot',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: SILENCE_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
  };
}

/** At most ten connections; made when they are needed. `readOnly`: the server refuses writes. */
export function createPool(config: ClientConfig, readOnly: boolean): Pool {
  const pool = new Pool({
    ...config,
    max: 10,
    ...(readOnly ? { options: '-c default_transaction_read_only=on' } : {}),
  });
  // A connection that breaks while idle: the pool has dropped it already, the next verb gets a new one.
  pool.on('error', () => {});
  return pool;
}

async function migrate(pool: Pool, { now, migrated }: OpenOptions): Promise<void> {
  const found = await transaction(pool, async (client) => {
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query(patiently('SELECT pg_advisory_xact_lock($1)', MIGRATION_MS, [MIGRATION_LOCK]));
    await client.query(VERSION_TABLE);
    const before = await schemaVersion(client);
    for (const { version, statements } of pendingMigrations(before, POSTGRES)) {
      for (const text of statements) await client.query(patiently(text, MIGRATION_MS));
      await client.query(numbered(SQL.migrated), [version, now()]);
    }
    return before;
  });
  if (found < SCHEMA_VERSION) migrated?.(found, SCHEMA_VERSION);
}

/** Of the tables that are there; 0 before the first migration. */
export async function schemaVersion(on: Pool | ClientBase): Promise<number> {
  return (await on.query<{ version: number }>(SQL.version)).rows[0]?.version ?? 0;
}
