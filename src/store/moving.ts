/**
 * A whole store moved from one database to another, of whichever engine: `store export` and `store import`. The lines
 * are those of moving-format.ts, the engines' parts in sqlite-moving.ts and postgres-moving.ts. See docs/deployment.md.
 */

import { BotError } from '../errors.ts';
import { MOVED_TABLES, type Moved, type Snapshot, type Target } from './moving-ends.ts';
import { LineWriter, newerFile, readLines, type Table, torn } from './moving-format.ts';
import { assertKnown, pendingMigrations, SCHEMA_VERSION, TABLES_OF_CORPS, VERSION_TABLE } from './schema.ts';
import { SQL, type Value } from './statements.ts';

const CORPS = `${TABLES_OF_CORPS.map(({ table }) => `SELECT corp_id FROM ${table}`).join(' UNION ')} ORDER BY corp_id`;

/** PostgreSQL takes the next number from here, SQLite from the journal itself and keeps none. */
const LAST_CHANGES = `INSERT INTO corps (corp_id, last_change)
  SELECT corp_id, MAX(change_id) FROM journal WHERE state = 'intended' GROUP BY corp_id
  ON CONFLICT (corp_id) DO UPDATE SET last_change = excluded.last_change WHERE corps.last_change < excluded.last_change`;

const INSERT_PORTION = 100;

/**
 * Hands the whole database to `write`, many lines at a time, as it is at this moment; the bot may go on serving.
 * `at`: ms. Throws BotError `store.*`; rejects with what `write` rejects with.
 */
export async function exportStore(
  databaseUrl: string,
  at: number,
  write: (lines: string) => Promise<void>,
): Promise<Moved> {
  const snapshot = await (await engineOf(databaseUrl)).openSnapshot(databaseUrl);
  try {
    const corps: string[] = [];
    for await (const { rows } of snapshot.read(CORPS)) corps.push(...rows.map(([corp]) => String(corp)));
    const lines = new LineWriter();
    await write(lines.header({ schema: SCHEMA_VERSION, corps }, at));
    for (const [table, { order, without = [] }] of Object.entries(MOVED_TABLES)) {
      let told = false;
      for await (const { columns, rows } of snapshot.read(`SELECT * FROM ${table} ORDER BY ${order}`)) {
        const kept = columns.flatMap((column, i) => (without.includes(column) ? [] : [i]));
        if (!told) await write(lines.table({ table, columns: kept.map((i) => columns[i] ?? '') }));
        told = true;
        await write(rows.map((row) => lines.row(kept.map((i) => row[i] ?? null))).join(''));
      }
    }
    await write(lines.end());
    return { rows: lines.rows, corps };
  } finally {
    await snapshot.close();
  }
}

/**
 * Fills an empty database with what `exportStore` wrote, all of it or nothing. A file of an older schema is brought up to
 * date on the way. Throws BotError: `moving.foreign`, `moving.torn`, `moving.newer` for the file, `moving.not-empty` and
 * `store.*` for the database, `store.locked` while a bot serves it.
 */
export async function importStore(
  databaseUrl: string,
  input: AsyncIterable<string>,
  now: () => number,
): Promise<Moved> {
  const { header, parts } = await readLines(input[Symbol.asyncIterator]());
  if (header.schema > SCHEMA_VERSION) throw newerFile();
  const target = await (await engineOf(databaseUrl)).openTarget(databaseUrl, header.corps);
  try {
    await makeTables(target, header.schema, now);
    let rows = 0;
    let into: Table | undefined;
    let waiting: (readonly Value[])[] = [];
    const flush = async (): Promise<void> => {
      if (into !== undefined && waiting.length > 0) await insert(target, into, waiting);
      rows += waiting.length;
      waiting = [];
    };
    for await (const part of parts) {
      if (part.is === 'table') {
        await flush();
        into = part.table;
      } else waiting.push(part.values);
      if (waiting.length >= INSERT_PORTION) await flush();
    }
    await flush();
    await migrate(target, header.schema, SCHEMA_VERSION, now);
    await target.run(LAST_CHANGES);
    await target.commit();
    return { rows, corps: header.corps };
  } finally {
    await target.close();
  }
}

async function engineOf(databaseUrl: string): Promise<{
  openSnapshot(url: string): Promise<Snapshot>;
  openTarget(url: string, corps: readonly string[]): Promise<Target>;
}> {
  return databaseUrl.startsWith('file:') ? import('./sqlite-moving.ts') : import('./postgres-moving.ts');
}

/** Those of version `schema`, where there are none; throws `moving.not-empty` when there is anything in them. */
async function makeTables(target: Target, schema: number, now: () => number): Promise<void> {
  await target.run(VERSION_TABLE);
  const [row] = (await target.run(SQL.version)) as { version: number }[];
  const found = row?.version ?? 0;
  if (found === 0) return migrate(target, 0, schema, now);
  assertKnown(found);
  if (found !== schema || schema !== SCHEMA_VERSION) throw notEmpty();
  for (const table of Object.keys(MOVED_TABLES))
    if ((await target.run(`SELECT 1 AS filled FROM ${table} LIMIT 1`)).length > 0) throw notEmpty();
}

async function migrate(target: Target, from: number, to: number, now: () => number): Promise<void> {
  for (const { version, statements } of pendingMigrations(from, target.dialect)) {
    if (version > to) return;
    for (const statement of statements) await target.run(statement);
    await target.run(SQL.migrated, [version, now()]);
  }
}

async function insert(target: Target, { table, columns }: Table, rows: readonly (readonly Value[])[]): Promise<void> {
  // What stands in the file becomes part of the statement.
  if (!Object.hasOwn(MOVED_TABLES, table) || !columns.every((column) => /^[a-z_]+$/.test(column))) throw torn();
  const row = `(${columns.map(() => '?').join(', ')})`;
  const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows.map(() => row).join(', ')}`;
  await target.run(sql, rows.flat());
}

function notEmpty(): BotError {
  return new BotError('moving.not-empty', 'setup', {
    meaning: '目标数据库里已经有东西了，没有动它。',
    advice: '请换一个新的、机器人没有用过的数据库。',
  });
}
