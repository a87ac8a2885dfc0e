/** A connection of a pool, lent for one piece of work; one whose fate is unclear is not used again. */

import type { Pool, PoolClient } from 'pg';
import { postgresFailure } from './failure.ts';

/** What becomes of it; `work` may tell that it is lost, too. */
export interface Fate {
  lost: boolean;
}

/** Throws BotError `store.*` when none can be had. */
export async function lent<T>(pool: Pool, work: (client: PoolClient, fate: Fate) => Promise<T>): Promise<T> {
  const client = await connected(pool);
  const fate: Fate = { lost: false };
  const noteLoss = (): void => {
    fate.lost = true;
  };
  // Without a listener, a connection lost between two statements would end the process.
  client.on('error', noteLoss);
  try {
    return await work(client, fate);
  } finally {
    // A lost one may have its last word only after it was given back.
    if (!fate.lost) client.off('error', noteLoss);
    client.release(fate.lost);
  }
}

/** Commits what `work` did, or nothing of it. */
export function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return lent(pool, async (client, fate) => {
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // A server that has fallen silent would let ROLLBACK wait as well; closing the connection rolls back too.
      if (postgresFailure(error).code === 'store.unreachable') fate.lost = true;
      else await settled(client, 'ROLLBACK', fate);
      throw error;
    }
  });
}

/** What must be said before the connection is used again; one that does not take it is lost. */
export async function settled(client: PoolClient, statement: string, fate: Fate): Promise<void> {
  await client.query(statement).catch(() => {
    fate.lost = true;
  });
}

async function connected(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw postgresFailure(error);
  }
}

/** A query that may take longer than others; `pg` takes a limit per query, which its types do not know. */
export function patiently(text: string, limitMs: number, values: readonly unknown[] = []) {
  return { text, values: [...values], query_timeout: limitMs };
}
