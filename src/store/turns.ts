/**
 * One at a time among replicas: advisory locks of the session, so that they fall with the connection of a replica that
 * dies, whatever it was doing. Transaction-level locks would hold a transaction open for as long as the platform takes to
 * answer. Who waits for a lock is served in the order of the asking, by the server.
 *
 * The connections are apart from those of the statements: whoever waits here must not keep anybody from writing.
 */

import { createHash } from 'node:crypto';
import { type ClientConfig, Pool, type PoolClient } from 'pg';
import { BotError } from '../errors.ts';
import { postgresFailure } from './failure.ts';
import type { Hold } from './store.ts';

/** Of one replica. Who finds all of them taken waits for one, as long as for the lock itself. */
const MOST_CONNECTIONS = 8;
/** SQLSTATE: canceling statement due to lock timeout. */
const LOCK_TIMEOUT = '55P03';

export class Turns {
  readonly #config: ClientConfig;
  /** By kind of key, so that those who hold one kind and wait for another cannot wait for each other's connections. */
  readonly #pools = new Map<string, Pool>();

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  /** As `Store.alone`. All keys are of one kind, which is what stands before their first colon. */
  async alone<T>(
    corpId: string,
    keys: readonly string[],
    waitMs: number,
    work: (hold: Hold) => Promise<T>,
  ): Promise<T> {
    const [first] = keys;
    if (first === undefined) return work({ still: async () => {} });
    const pool = this.#poolOf(first.slice(0, first.indexOf(':')), waitMs);
    const client = await connected(pool);
    let lost = false;
    const noteLoss = (): void => {
      lost = true;
    };
    client.on('error', noteLoss);
    try {
      await lock(
        client,
        [...new Set(keys)].sort().map((key) => numberOf(corpId, key)),
        waitMs,
      );
      return await work({ still: () => prove(client, () => lost) });
    } finally {
      const unlocked = await client.query('SELECT pg_advisory_unlock_all()').then(
        () => true,
        () => false,
      );
      // A lost connection may have its last word only after it was given back; without a listener that ends the process.
      if (unlocked && !lost) client.off('error', noteLoss);
      client.release(lost || !unlocked);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }

  #poolOf(kind: string, waitMs: number): Pool {
    let pool = this.#pools.get(kind);
    if (!pool) {
      pool = new Pool({
        ...this.#config,
        max: MOST_CONNECTIONS,
        connectionTimeoutMillis: waitMs,
        // The lock has its own limit, and its holder is at work elsewhere meanwhile.
        statement_timeout: 0,
        query_timeout: 0,
        idle_in_transaction_session_timeout: 0,
        application_name: `${this.#config.application_name} ${kind}`,
      });
      pool.on('error', () => {});
      this.#pools.set(kind, pool);
    }
    return pool;
  }
}

async function connected(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    // The pool says so in words only.
    if (error instanceof Error && /timeout exceeded when trying to connect/.test(error.message)) throw noTurn();
    throw postgresFailure(error);
  }
}

/** In one order everywhere, so that two who want the same keys cannot wait for each other. */
async function lock(client: PoolClient, numbers: readonly bigint[], waitMs: number): Promise<void> {
  try {
    await client.query("SELECT set_config('lock_timeout', $1, false)", [String(waitMs)]);
    for (const number of numbers) await client.query('SELECT pg_advisory_lock($1)', [number]);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === LOCK_TIMEOUT) throw noTurn();
    throw postgresFailure(error);
  }
}

async function prove(client: PoolClient, isLost: () => boolean): Promise<void> {
  const answered = !isLost() && (await client.query('SELECT 1').then(Boolean, () => false));
  if (!answered) throw new BotError('store.unreachable', 'busy');
}

function noTurn(): BotError {
  return new BotError('store.turn', 'busy');
}

/** Two keys with one number would only wait for each other without need. */
function numberOf(corpId: string, key: string): bigint {
  return createHash('sha256').update(`${corpId}\n${key}`).digest().readBigInt64BE();
}
