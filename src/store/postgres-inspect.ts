/** A look at a PostgreSQL database from outside, for `doctor`: reads only, and the server sees to it. */

import { BotError } from '../errors.ts';
import { postgresFailure } from './failure.ts';
import { connection, createPool, schemaVersion } from './postgres-database.ts';
import { assertKnown, FIRST_WITH_NOTES, SCHEMA_VERSION } from './schema.ts';
import { LOOK_SQL, numbered } from './statements.ts';
import type { NoteName, StoreFacts } from './store.ts';

/** As `inspectStore`. */
export async function inspectPostgres(url: string, corpId: string): Promise<StoreFacts> {
  const pool = createPool(connection(url), true);
  try {
    const { rows } = await pool.query<Surroundings>(SURROUNDINGS);
    const [{ standby, ours, creates, writes } = {} as Partial<Surroundings>] = rows;
    if (standby) throw new BotError('store.readonly', 'setup', { facts: { reason: 'standby' } });
    const version = ours ? await schemaVersion(pool) : 0;
    assertKnown(version);
    if (version < SCHEMA_VERSION ? !creates : !writes)
      throw new BotError('store.no-rights', 'setup', { facts: { reason: creates ? 'INSERT, UPDATE' : 'CREATE' } });
    const notes =
      version < FIRST_WITH_NOTES
        ? []
        : (await pool.query<{ name: NoteName; value: string }>(numbered(LOOK_SQL.notes), [corpId])).rows;
    return {
      kind: 'postgres',
      version,
      known: SCHEMA_VERSION,
      freeBytes: undefined,
      corps:
        version === 0 ? [] : (await pool.query<{ corp_id: string }>(LOOK_SQL.corps)).rows.map((row) => row.corp_id),
      notes: new Map(notes.map(({ name, value }) => [name, value])),
    };
  } catch (error) {
    throw postgresFailure(error);
  } finally {
    await pool.end();
  }
}

interface Surroundings {
  readonly standby: boolean;
  readonly ours: boolean;
  readonly creates: boolean;
  readonly writes: boolean;
}

const SURROUNDINGS = `SELECT pg_is_in_recovery() AS standby, to_regclass('migrations') IS NOT NULL AS ours,
  has_schema_privilege(current_schema(), 'CREATE') AS creates,
  COALESCE(has_table_privilege(to_regclass('messages'), 'INSERT, UPDATE'), FALSE) AS writes`;
