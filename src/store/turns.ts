/**
 * One at a time among replicas: advisory locks of the session, so that they fall with the connection of a replica that
 * dies or falls silent (heartbeat.ts), whatever it was doing. Transaction-level locks would hold a transaction open for as
 * long as the platform takes to answer. Who waits for a lock is served in the order of the asking, by the server.
 *
 * The connections are apart from those of the statements: whoever waits here must not keep anybody from writing.
 */

import { createHash } from 'node:crypto';
import { type ClientBase, type ClientConfig, Pool, type PoolClient } from 'pg';
import { BotError } from '../errors.ts';
import { oneByOne, Places } from '../queue.ts';
import { postgresFailure } from './failure.ts';
import { beating, ENDS_WHEN_SILENT } from './heartbeat.ts';
import { type Fate, lent, patiently, settled } from './lent-connection.ts';
import type { Hold } from './store.ts';

/** Of one replica, by kind: whoever finds all of them taken waits for one. */
const MOST_CONNECTIONS: Readonly<Record<string, number>> = {
  member: 12,
  library: 6,
  code: 8,
  change: 4,
  exchange: 4,
};
/** A corp whose turns last long, because the platform is slow to answer it, leaves some of them to the others. */
const MOST_OF_A_CORP: Readonly<Record<string, number>> = { member: 8, library: 4, code: 4, change: 4 };
const IDLE_MS = 5_000;
/** The server gives up first and says so. */
const GRACE_MS = 1_000;
/** SQLSTATE: canceling statement due to lock timeout. */
const LOCK_TIMEOUT = '55P03';

export class Turns {
  readonly #config: ClientConfig;
  /** By kind of key, so that those who hold one kind and wait for another cannot wait for each other's connections. */
  readonly #pools = new Map<string, { readonly pool: Pool; readonly places: Places }>();

  /** By corp and kind; forgotten when nobody of the corp is there. */
  readonly #shares = new Map<string, { readonly places: Places; users: number }>();

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
    const kind = first.slice(0, first.indexOf(':'));
    const { pool, places } = this.#poolOf(kind);
    const numbers = [...new Set(keys)].sort().map((key) => numberOf(corpId, key));
    return this.#asOneOf(`${corpId} ${kind}`, MOST_OF_A_CORP[kind] ?? 1, waitMs, () =>
      placed(places, waitMs, () => held(pool, numbers, waitMs, work)),
    );
  }

  async #asOneOf<T>(name: string, most: number, waitMs: number, work: () => Promise<T>): Promise<T> {
    const share = this.#shares.get(name) ?? { places: new Places(most), users: 0 };
    this.#shares.set(name, share);
    share.users++;
    try {
      return await placed(share.places, waitMs, work);
    } finally {
      share.users--;
      if (share.users === 0) this.#shares.delete(name);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.end()));
  }

  #poolOf(kind: string): { readonly pool: Pool; readonly places: Places } {
    let entry = this.#pools.get(kind);
    if (!entry) {
      const max = MOST_CONNECTIONS[kind] ?? 1;
      const pool = new Pool({
        ...this.#config,
        max,
        // The lock has its own limit, and its holder is at work elsewhere meanwhile.
        statement_timeout: 0,
        idle_in_transaction_session_timeout: 0,
        application_name: `${this.#config.application_name} ${kind}`,
        // Before the server ends it.
        idleTimeoutMillis: IDLE_MS,
        onConnect: (client: ClientBase) => client.query(ENDS_WHEN_SILENT),
      });
      pool.on('error', () => {});
      entry = { pool, places: new Places(max) };
      this.#pools.set(kind, entry);
    }
    return entry;
  }
}

async function placed<T>(places: Places, waitMs: number, work: () => Promise<T>): Promise<T> {
  if (!(await places.take(waitMs))) throw noTurn();
  try {
    return await work();
  } finally {
    places.leave();
  }
}

/** Runs `work` while a connection of the pool holds these locks, and gives both back. */
function held<T>(pool: Pool, numbers: readonly bigint[], waitMs: number, work: (hold: Hold) => Promise<T>): Promise<T> {
  return lent(pool, async (client, fate) => {
    const inOrder = oneByOne();
    const ask = () => inOrder(() => client.query('SELECT 1'));
    const lost = (): void => {
      fate.lost = true;
    };
    let stopBeating = (): void => {};
    try {
      await lock(client, numbers, waitMs);
      stopBeating = beating(ask, lost);
      return await work({ still: () => prove(ask, fate) });
    } finally {
      stopBeating();
      await inOrder(async () => fate.lost || settled(client, 'SELECT pg_advisory_unlock_all()', fate));
    }
  });
}

/** In one order everywhere, so that two who want the same keys cannot wait for each other. */
async function lock(client: PoolClient, numbers: readonly bigint[], waitMs: number): Promise<void> {
  try {
    await client.query("SELECT set_config('lock_timeout', $1, false)", [String(waitMs)]);
    for (const number of numbers)
      await client.query(patiently('SELECT pg_advisory_lock($1)', waitMs + GRACE_MS, [number]));
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === LOCK_TIMEOUT) throw noTurn();
    throw postgresFailure(error);
  }
}

async function prove(ask: () => Promise<unknown>, fate: Fate): Promise<void> {
  const answered = !fate.lost && (await ask().then(Boolean, () => false));
  if (!answered) throw new BotError('store.unreachable', 'busy');
}

function noTurn(): BotError {
  return new BotError('store.turn', 'busy');
}

/** Two keys with one number would only wait for each other without need. */
function numberOf(corpId: string, key: string): bigint {
  return createHash('sha256').update(`${corpId}\n${key}`).digest().readBigInt64BE();
}
