/** A whole store, moved from SQLite to PostgreSQL and back: nothing lost, nothing half, nothing over what is there. */

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DatabaseSync } from '@photostructure/sqlite';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportStore, importStore } from '../../src/store/moving.ts';
import { MOVED_TABLES } from '../../src/store/moving-ends.ts';
import { openDatabase, openStore } from '../../src/store/open.ts';
import { SCHEMA_VERSION } from '../../src/store/schema.ts';
import type { Store } from '../../src/store/store.ts';
import { newFolder } from '../folder.ts';
import { collectGarbage } from '../garbage.ts';
import { CORP, change, failure, message, NOON } from './rows.ts';
import { startPostgres } from './server.ts';

const OTHER = 'wwother';
const now = () => NOON;
const server = await startPostgres();
const directory = newFolder('moving');
const open: Store[] = [];
let files = 0;

afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await server?.stop();
});

const ENGINES: Readonly<Record<string, () => Promise<string>>> = {
  SQLite: async () => `file:${join(directory, `${files++}`, 'bot.db')}`,
  PostgreSQL: async () => (await server?.createDatabase()) ?? '',
};

async function openFor(url: string, corp = CORP): Promise<Store> {
  const store = await openStore(url, corp, { now });
  open.push(store);
  return store;
}

/** Rows of a query, whatever the engine. */
async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  if (url.startsWith('file:')) {
    const db = new DatabaseSync(url.slice('file:'.length));
    try {
      return db.prepare(sql).all() as Record<string, unknown>[];
    } finally {
      db.close();
    }
  }
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function tablesOf(url: string): Promise<string[]> {
  const sql = url.startsWith('file:')
    ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
    : `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`;
  return (await ask(url, sql)).map(({ name }) => String(name));
}

/** Something in every table, of two corps. */
async function fill(url: string): Promise<void> {
  for (const corp of [CORP, OTHER]) {
    const store = await openFor(url, corp);
    for (let i = 1; i <= 3; i++) {
      await store.keepMessage(
        message(`m:${i}`, { content: `{"text":"第${i}条\\n'\\"\u2028😀"}`, receivedAt: NOON + i }),
      );
      const libraries = [
        { libraryId: 'corp' as const, names: 'VIP' },
        { libraryId: i, names: '客户分级' },
      ];
      const id = await store.intend(change(`m:${i}`, { libraries, undoes: i > 1 ? i - 1 : undefined }), undefined);
      if (i < 3) await store.conclude(id, { state: 'done', at: NOON + i, outcome: '[]' });
    }
    await store.answer('m:1', '{"text":"好"}', 'delivered');
    await store.answer('m:2', '{"text":"欠着的"}', 'owed');
    await store.acknowledge('m:3');
    await store.saveSession('zhangsan', { library: 2 }, 'q1');
    await store.keepNote('token', 'sealed');
    await store.takePush('zhangsan', { perMinute: 30, perHour: 1_000 });
    await store.learnOwners(new Map([['et1', 'foreign']]));
    await store.raise(['corp', '1']);
    await store.ping();
    await store.close();
  }
  const database = await openDatabase(url, { now });
  const suites = await database.suites(['dk1']);
  const at = { stamp: 100, receivedAt: NOON };
  await suites.keepTicket('dk1', { sealed: 'sealed ticket', stamp: 100, at: NOON });
  await suites.keepEvent({
    suiteId: 'dk1',
    key: 'k',
    infoType: 'create_auth',
    corpId: undefined,
    code: 'sealed',
    ...at,
  });
  const authorised = { suiteId: 'dk1', corpId: 'wpA', permanentCode: 'sealed', eventKey: 'k', at: NOON };
  await suites.authorise({ ...authorised, ...at });
  await database.close();
}

async function exported(url: string): Promise<string> {
  let text = '';
  await exportStore(url, NOON, async (lines) => {
    text += lines;
  });
  return text;
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n').slice(0, -1);
}

const imported = (url: string, text: string) => importStore(url, linesOf(text), now);

const PAIRS = [
  { from: 'SQLite', to: 'PostgreSQL' },
  { from: 'PostgreSQL', to: 'SQLite' },
];

describe.each(PAIRS)('from $from to $to', ({ from, to }) => {
  let source: string;
  let target: string;

  beforeEach(async (context) => {
    if (server === undefined && [from, to].includes('PostgreSQL')) return context.skip('no PostgreSQL here');
    source = (await ENGINES[from]?.()) ?? '';
    target = (await ENGINES[to]?.()) ?? '';
  });

  it('every row of every table arrives, and goes on from there to say the same', async () => {
    await fill(source);
    const text = await exported(source);
    expect(await imported(target, text)).toMatchObject({ corps: [CORP, OTHER] });
    const again = await exported(target);
    // PostgreSQL keeps the number of the last change; SQLite knows it from the journal.
    const compared = (lines: string) => lines.split('\n').filter((line) => !/^\{"rows"/.test(line));
    const number = (line: string) => line.replace(/^(\["ww\w+",)(?:0|3)(,\d+\])$/, '$1N$2');
    expect(compared(again).map(number)).toEqual(compared(text).map(number));
    for (const table of await tablesOf(source))
      expect((await ask(source, `SELECT 1 AS n FROM ${table}`)).length, table).toBeGreaterThan(
        ['libraries'].includes(table) && from === 'SQLite' ? -1 : 0,
      );
  });

  it('what is there goes on: numbers of changes, the open question, what is unfinished and owed', async () => {
    await fill(source);
    await imported(target, await exported(source));
    const store = await openFor(target);
    expect((await store.unfinished()).map(({ key }) => key)).toEqual(['m:3']);
    expect(await store.owed('zhangsan')).toMatchObject([{ key: 'm:2' }]);
    expect(await store.changes({ limit: 9, libraryIds: [2] })).toMatchObject([{ id: 2, state: 'done', undoes: 1 }]);
    await expect(store.conclude(2, { state: 'done', at: NOON, outcome: '[]' })).rejects.toMatchObject(
      failure('store.concluded'),
    );
    await store.conclude(3, { state: 'unknown', at: NOON, outcome: '[]' });
    expect(await store.keepMessage(message('m:1'))).toBe(false);
    expect(await store.intend(change('m:9'), message('m:9'), 'q1')).toBe(4);
    const db = target;
    await store.close();
    await expect(ask(db, "UPDATE journal SET member = 'x'")).rejects.toThrow('append-only');
    await expect(ask(db, 'DELETE FROM journal_libraries')).rejects.toThrow('append-only');
  });

  it('however much there is', async () => {
    await (await openFor(source)).close();
    await ask(
      source,
      `INSERT INTO pushes (corp_id, member, times)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
       SELECT '${CORP}', 'member' || i, '1,2,3' FROM n`,
    );
    // Statements of SQLite that nobody holds end with the garbage collector, in the middle of their rows.
    let text = '';
    let times = 0;
    await exportStore(source, NOON, async (lines) => {
      text += lines;
      if (++times % 8 === 0) collectGarbage();
      await nextTurn();
    });
    expect(times).toBeGreaterThan(16);
    expect(await imported(target, text)).toMatchObject({ rows: 2_000 });
    expect(await ask(target, `SELECT member FROM pushes WHERE times = '1,2,3'`)).toHaveLength(2_000);
  });

  it('is the store of one moment, though the bot writes meanwhile', async () => {
    await fill(source);
    const store = await openFor(source);
    let text = '';
    let n = 0;
    await exportStore(source, NOON, async (lines) => {
      text += lines;
      n += 1;
      await store.intend(change(`late:${n}`), message(`late:${n}`));
    });
    expect(n).toBeGreaterThan(5);
    expect(text).not.toContain('late:');
    await imported(target, text);
    expect(await (await openFor(target)).changes({ limit: 99 })).toHaveLength(3);
  });

  it('into what is not empty, or is being served: refused, and left as it is', async () => {
    await fill(source);
    const text = await exported(source);
    const store = await openFor(target);
    await expect(imported(target, text)).rejects.toMatchObject(failure('store.locked', 'setup'));
    await store.keepMessage(message('m:0'));
    await store.close();
    await expect(imported(target, text)).rejects.toMatchObject(failure('moving.not-empty', 'setup'));
    expect(await ask(target, 'SELECT key FROM messages')).toEqual([{ key: 'm:0' }]);
  });

  it('into tables that are there and hold nothing', async () => {
    await fill(source);
    await (await openFor(target)).close();
    await imported(target, await exported(source));
    expect(await (await openFor(target)).changes({ limit: 99 })).toHaveLength(3);
  });

  it('from an older release: brought up to date on the way', async () => {
    await fill(source);
    // Version 7 knew neither owners nor providers.
    const older = (await exported(source))
      .replace(/"schema":\d+/, '"schema":7')
      .replace(/\{"table":"(?:owners|suites|authorisations|suite_events)".*\n(?:\[.*\n)*/g, '')
      .replace(/\{"rows".*\n$/, '');
    const rows = older.split('\n').filter((line) => line.startsWith('[')).length;
    const end = JSON.stringify({ rows, sha256: createHash('sha256').update(older).digest('hex') });
    expect(await imported(target, `${older}${end}\n`)).toMatchObject({ rows });
    expect(await (await openFor(target)).changes({ limit: 99 })).toHaveLength(3);
    expect(await ask(target, 'SELECT version FROM migrations')).toHaveLength(SCHEMA_VERSION);
  });

  it('a file that is torn, changed, newer or another: nothing of it is kept', async () => {
    await fill(source);
    const text = await exported(source);
    const lines = text.split('\n');
    const broken: readonly (readonly [what: string, code: string, text: string])[] = [
      ['without its end', 'moving.torn', `${lines.slice(0, -2).join('\n')}\n`],
      ['cut in a line', 'moving.torn', `${text.slice(0, -100)}\n`],
      ['a line less', 'moving.torn', lines.filter((_, i) => i !== 3).join('\n')],
      ['a word changed', 'moving.torn', text.replace('第1条', '第7条')],
      ['more behind its end', 'moving.torn', `${text}${lines[3]}\n`],
      ['a value of another kind', 'moving.torn', text.replace('"zhangsan"', '{"x":1}')],
      ['a table that is none', 'moving.torn', text.replace('"table":"messages"', '"table":"pg_authid"')],
      ['a column that is none', 'moving.torn', text.replace('"columns":["corp_id"', '"columns":["1); DROP"')],
      ['a later schema', 'moving.newer', text.replace(/"schema":\d+/, `"schema":${SCHEMA_VERSION + 1}`)],
      ['a later format', 'moving.newer', text.replace('"version":1', '"version":2')],
      ['a text', 'moving.foreign', 'a page of somebody\n'],
      ['JSON of another', 'moving.foreign', '{"name":"x"}\n'],
      ['nothing', 'moving.foreign', ''],
    ];
    for (const [what, code, content] of broken) {
      expect(content, what).not.toBe(text);
      await expect(imported(target, content), what).rejects.toMatchObject(failure(code, 'setup'));
      if (to === 'PostgreSQL') expect(await tablesOf(target), what).toEqual([]);
      else expect(() => readFileSync(target.slice('file:'.length)), what).toThrow('ENOENT');
    }
    expect(await imported(target, text)).toMatchObject({ corps: [CORP, OTHER] });
  });
});

describe.each(Object.keys(ENGINES))('%s', (engine) => {
  beforeEach((context) => {
    if (server === undefined && engine === 'PostgreSQL') context.skip('no PostgreSQL here');
  });

  it('has no table that is left behind', async () => {
    const url = (await ENGINES[engine]?.()) ?? '';
    await (await openFor(url)).close();
    expect(await tablesOf(url)).toEqual([...Object.keys(MOVED_TABLES), 'migrations'].sort());
  });

  it('where there is no store: nothing to export, and nothing made', async () => {
    const url = (await ENGINES[engine]?.()) ?? '';
    await expect(exported(url)).rejects.toMatchObject(failure('store.absent', 'setup'));
  });

  it('one of an older release is not exported before it is brought up to date', async () => {
    const url = (await ENGINES[engine]?.()) ?? '';
    await (await openFor(url)).close();
    await ask(url, `DELETE FROM migrations WHERE version = ${SCHEMA_VERSION}`);
    await expect(exported(url)).rejects.toMatchObject(failure('store.older', 'setup'));
    await ask(url, 'INSERT INTO migrations VALUES (999, 0)');
    await expect(exported(url)).rejects.toMatchObject(failure('store.newer', 'setup'));
  });
});

it('is left as one file after an import into SQLite', async () => {
  const [source, target] = [(await ENGINES.SQLite?.()) ?? '', (await ENGINES.SQLite?.()) ?? ''];
  await fill(source);
  await imported(target, await exported(source));
  const bytes = readFileSync(target.slice('file:'.length));
  // Bytes 18 and 19 say whether there is a log beside it: 1 for no.
  expect([bytes[18], bytes[19]]).toEqual([1, 1]);
});
