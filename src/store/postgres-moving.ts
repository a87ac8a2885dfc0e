/** A PostgreSQL database as the source and as the target of a move. */

import { Client } from 'pg';
import { BotError } from '../errors.ts';
import { postgresFailure } from './failure.ts';
import { MOVED_TABLES, type Portion, type Snapshot, type Target } from './moving-ends.ts';
import { connection, MIGRATION_LOCK, schemaVersion } from './postgres-database.ts';
import { assertCurrent, POSTGRES } from './schema.ts';
import { numbered, type Value } from './statements.ts';

const PORTION = 500;
/** No member waits here: a large table may take its time to be sorted. */
const CONNECT_MS = 10_000;
const STATEMENT_MS = 120_000;

/** Throws BotError `store.*`: see failure.ts. */
export async function openSnapshot(url: string): Promise<Snapshot> {
  const client = await connect(url);
  return trying(client, async () => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if (!(await hasTables(client))) throw new BotError('store.absent', 'setup');
    assertCurrent(await schemaVersion(client));
    return { read: (sql) => portions(client, sql), close: () => client.end() };
  });
}

async function* portions(client: Client, sql: string): AsyncGenerator<Portion> {
  try {
    await client.query(`DECLARE portion NO SCROLL CURSOR FOR ${sql}`);
    for (;;) {
      const { fields, rows } = await client.query<Value[]>({ text: `FETCH ${PORTION} FROM portion`, rowMode: 'array' });
      yield { columns: fields.map(({ name }) => name), rows };
      if (rows.length < PORTION) break;
    }
    await client.query('CLOSE portion');
  } catch (error) {
    throw postgresFailure(error);
  }
}

/** Keeps every replica from starting, and every statement from writing, until it is closed. Throws BotError `store.*`. */
export async function openTarget(url: string): Promise<Target> {
  const client = await connect(url);
  return trying(client, async () => {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    // One that has just made its tables may not hold its lock yet.
    if (await hasTables(client))
      await client.query(`LOCK TABLE ${Object.keys(MOVED_TABLES).join(', ')} IN EXCLUSIVE MODE`);
    if ((await client.query(OTHERS_AT_WORK)).rowCount !== 0) {
      throw new BotError('store.locked', 'setup', {
        meaning: '有机器人正在用目标数据库，没有动它。',
        advice: '请先停掉所有的副本。',
      });
    }
    return {
      dialect: POSTGRES,
      run: async (sql, values) => {
        try {
          const { rows } = await (values === undefined ? client.query(sql) : client.query(numbered(sql), [...values]));
          return rows as object[];
        } catch (error) {
          throw postgresFailure(error);
        }
      },
      commit: async () => {
        try {
          await client.query('COMMIT');
        } catch (error) {
          throw postgresFailure(error);
        }
      },
      // A connection that ends rolls back what is not committed.
      close: () => client.end(),
    };
  });
}

/** Every replica holds an advisory lock as long as it serves (see lease.ts); nobody else is expected to in our database. */
const OTHERS_AT_WORK = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

async function hasTables(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>(`SELECT to_regclass('messages') IS NOT NULL AS ours`);
  return rows[0]?.ours === true;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    ...connection(url),
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS,
    // The other end of the move may be slow: a pipe, or a person who pastes.
    idle_in_transaction_session_timeout: 0,
  });
  // Without a listener a lost connection would end the process; the next query tells of it.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw postgresFailure(error);
  }
}

async function trying<T>(client: Client, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await client.end();
    throw postgresFailure(error);
  }
}
