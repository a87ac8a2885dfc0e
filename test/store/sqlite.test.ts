/** What is particular to SQLite: the file, its lock, its failures, and survival of kill -9. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { openDurably, sqlitePath } from '../../src/store/sqlite-file.ts';
import type { Store } from '../../src/store/store.ts';
import { newFolder } from '../folder.ts';
import {
  BACK_TO_VERSION_1,
  BACK_TO_VERSION_2,
  BACK_TO_VERSION_6,
  CORP,
  change,
  failure,
  message,
  NOON,
} from './rows.ts';

const clock = { now: () => NOON };
let directory: string;
let file: string;
let url: string;
const opened: Store[] = [];

beforeEach(() => {
  directory = newFolder('sqlite');
  file = join(directory, 'data', 'bot.db');
  url = `file:${file}`;
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(directory, { recursive: true });
});

async function open(options: { readOnly?: boolean } = {}): Promise<Store> {
  const store = await openStore(url, CORP, { ...clock, ...options });
  opened.push(store);
  return store;
}

/** A connection of somebody else's. */
function foreign<T>(work: (db: InstanceType<typeof DatabaseSync>) => T): T {
  const db = new DatabaseSync(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

describe('the file', () => {
  it.each([
    ['file:./data/bot.db', join(process.cwd(), 'data/bot.db')],
    ['file:data/with space%.db', join(process.cwd(), 'data/with space%.db')],
    ['file:/var/lib/bot.db', '/var/lib/bot.db'],
    ['file:///var/lib/a%20b.db', '/var/lib/a b.db'],
    ['file::memory:', ':memory:'],
  ])('of %s is %s', (address, path) => {
    expect(sqlitePath(address)).toBe(path);
  });

  it.each(['file:', 'file:data/', 'file://elsewhere/bot.db', 'mysql://root:hidden@db/x', 'bot.db', ''])(
    'cannot be %j',
    async (address) => {
      const error: unknown = await openStore(address, CORP, clock).catch((reason: unknown) => reason);
      expect(error).toMatchObject(failure('store.url', 'setup'));
      expect(String(error)).not.toContain('hidden');
    },
  );

  it('is made with its directory, readable by its owner alone', async () => {
    const store = await open();
    await store.keepMessage(message('m:1'));
    expect(statSync(join(directory, 'data')).mode & 0o777).toBe(0o700);
    const names = readdirSync(join(directory, 'data')).sort();
    expect(names).toEqual(['bot.db', 'bot.db-shm', 'bot.db-wal', `bot.db.${CORP}.lock`]);
    for (const name of names) expect(statSync(join(directory, 'data', name)).mode & 0o777).toBe(0o600);
  });

  it('that others could read is closed to them', async () => {
    mkdirSync(join(directory, 'data'));
    writeFileSync(file, '');
    chmodSync(file, 0o664);
    await open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('holds no trace of a forgotten text', async () => {
    const store = await open();
    const secret = 'a text that must be gone one day';
    for (const key of ['m:1', 'm:2', 'm:3']) {
      await store.keepMessage(message(key, { content: `${secret} ${'x'.repeat(6_000)}` }));
      await store.answer(key, secret, 'delivered');
    }
    const traces = () =>
      [file, `${file}-wal`].filter((path) => existsSync(path) && readFileSync(path).includes(secret)).length;
    expect(traces()).toBeGreaterThan(0);
    expect(await store.forget(NOON + 1)).toBe(3);
    expect(traces()).toBe(0);
  });

  it('of version 1 is brought up to date with what is in it', async () => {
    const former = await open();
    await former.intend(change('m:1'), message('m:1'));
    await former.close();
    foreign((db) => db.exec(BACK_TO_VERSION_1));
    const store = await open();
    expect((await store.unfinished()).map((row) => row.key)).toEqual(['m:1']);
    await expect(store.intend(change('m:1'), undefined)).rejects.toMatchObject(failure('store.taken'));
    expect(await store.intend(change('m:2'), message('m:2'))).toBe(2);
  });

  it('of version 2: its changes are found under the one rule group they were kept with', async () => {
    const former = await open();
    await former.intend(change('m:1'), message('m:1'));
    await former.intend(change('m:2', { libraries: [] }), message('m:2'));
    await former.close();
    foreign((db) => {
      db.exec('DROP TRIGGER journal_no_update; UPDATE journal SET strategy_id = 1 WHERE change_id = 1');
      db.exec(BACK_TO_VERSION_2);
    });
    const store = await open();
    expect(await store.changes({ libraryIds: [1, 2], name: 'vip', limit: 9 })).toMatchObject([
      { id: 1, libraryIds: [1] },
    ]);
    expect(await store.changes({ limit: 9 })).toHaveLength(2);
  });

  it('keeps every commit over a power cut', () => {
    mkdirSync(join(directory, 'data'));
    const db = openDurably(file);
    const setting = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() as object)[0];
    // 2: FULL, an fsync at every commit, which WAL alone does not make.
    expect([setting('journal_mode'), setting('synchronous'), setting('secure_delete')]).toEqual(['wal', 2, 1]);
    db.close();
  });

  it('is the one file after a stop', async () => {
    for (const key of ['m:1', 'm:2']) {
      const store = await open();
      await store.intend(change(key), message(key));
      await store.close();
      expect(readdirSync(join(directory, 'data')).sort()).toEqual(['bot.db', `bot.db.${CORP}.lock`]);
    }
    expect(await (await open()).changes({ limit: 9 })).toHaveLength(2);
  });

  it('is whole without its log after a stop, though somebody still reads it', async () => {
    const store = await open();
    await store.keepMessage(message('m:1'));
    const reader = await open({ readOnly: true });
    await store.close();
    expect(statSync(`${file}-wal`).size).toBe(0);
    expect(await reader.findMessage('m:1')).toBeDefined();
  });

  it('knows the rule groups of changes from before there were other libraries', async () => {
    const former = await open();
    await former.intend(
      change('m:1', { libraries: [1, 12].map((libraryId) => ({ libraryId, names: 'VIP' })) }),
      undefined,
    );
    await former.close();
    foreign((db) => db.exec(BACK_TO_VERSION_6));
    const store = await open();
    for (const libraryIds of [[1], [12, 'corp'] as const])
      expect(await store.changes({ libraryIds, name: 'vip', limit: 9 })).toMatchObject([
        { id: 1, libraryIds: [1, 12] },
      ]);
    expect(await store.changes({ libraryIds: ['corp'], limit: 9 })).toEqual([]);
  });

  it('may be in memory', async () => {
    url = 'file::memory:';
    const store = await open();
    expect(await store.intend(change('m:1'), message('m:1'))).toBe(1);
  });
});

describe('a session that may be written later', () => {
  it('is read at once and is there after closing', async () => {
    const store = await open();
    await store.saveSession('zhangsan', { page: 2 }, undefined, true);
    await store.saveSession('lisi', { page: 2 }, undefined, true);
    expect(await store.session('zhangsan')).toEqual({ page: 2 });
    await store.close();
    const again = await open();
    expect(await again.session('zhangsan')).toEqual({ page: 2 });
    expect(await again.session('lisi')).toEqual({ page: 2 });
  });

  it('never overtakes one that was saved after it', async () => {
    const store = await open();
    await store.saveSession('zhangsan', { page: 2 }, undefined, true);
    await store.saveSession('zhangsan', { asked: 1 }, 'q:1');
    expect(await store.session('zhangsan')).toEqual({ asked: 1 });
    await store.close();
    const again = await open();
    expect(await again.session('zhangsan')).toEqual({ asked: 1 });
    expect(await again.takeQuestion('zhangsan', 'q:1')).toBe(true);
  });
});

describe('messages of former runs', () => {
  it('are found, however many there are and whenever they are asked for', async () => {
    const former = await open();
    const keys = Array.from({ length: 2_500 }, (_, i) => `m:${i}`);
    await Promise.all(keys.map((key) => former.keepMessage(message(key))));
    await former.close();
    const store = await open();
    const newcomer = store.keepMessage(message('m:new'));
    for (const key of ['m:0', 'm:2499']) expect(await store.findMessage(key), `${key} at once`).toBeDefined();
    await newcomer;
    for (const key of [...keys, 'm:new']) {
      expect(await store.findMessage(key), key).toBeDefined();
      await new Promise(setImmediate);
    }
    expect(await store.findMessage('m:2500')).toBeUndefined();
  });
});

describe('the lock', () => {
  it('lets one store serve a corp, others serve other corps, and anybody read', async () => {
    const first = await open();
    await first.keepMessage(message('m:1'));
    await expect(open()).rejects.toMatchObject(failure('store.locked', 'setup'));
    opened.push(await openStore(url, 'wwother', clock));
    expect(await (await open({ readOnly: true })).findMessage('m:1')).toBeDefined();
    await first.close();
    expect(await (await open()).findMessage('m:1')).toBeDefined();
  });
});

describe('failures', () => {
  const openFails = (code: string, kind: string) => expect(open()).rejects.toMatchObject(failure(code, kind));

  /** What there is, byte for byte, with its modes. */
  const everything = () =>
    readdirSync(join(directory, 'data'))
      .sort()
      .map((name) => {
        const path = join(directory, 'data', name);
        return [name, statSync(path).mode & 0o777, readFileSync(path).toString('base64')];
      });

  const makes: readonly (readonly [what: string, code: string, make: () => void])[] = [
    ['a text', 'store.corrupt', () => writeFileSync(file, 'a page of somebody\n')],
    ['a long text', 'store.corrupt', () => writeFileSync(file, 'x'.repeat(8_192))],
    ["another program's database", 'store.foreign', () => foreign((db) => db.exec('CREATE TABLE places (url)'))],
    [
      "another program's, with a log",
      'store.foreign',
      () => foreign((db) => db.exec('PRAGMA journal_mode = WAL; CREATE TABLE places (url)')),
    ],
  ];

  it.each(makes)('%s is not ours: %s, and it is left as it is', async (_, code, make) => {
    mkdirSync(join(directory, 'data'));
    make();
    chmodSync(file, 0o644);
    const before = everything();
    for (const readOnly of [false, true]) {
      await expect(open({ readOnly })).rejects.toMatchObject(failure(code, 'setup'));
      expect(everything()).toEqual(before);
    }
  });

  it('another program holds its database open, with everything still in the log', async () => {
    mkdirSync(join(directory, 'data'));
    const other = new DatabaseSync(file);
    other.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE places (url)');
    const mode = statSync(file).mode;
    await openFails('store.foreign', 'setup');
    other.close();
    expect(statSync(file).mode).toBe(mode);
    expect(readdirSync(join(directory, 'data'))).toEqual(['bot.db']);
  });

  it("another program's file in the place of the lock is left alone", async () => {
    mkdirSync(join(directory, 'data'));
    writeFileSync(`${file}.${CORP}.lock`, 'a page of somebody', { mode: 0o644 });
    await openFails('store.corrupt', 'setup');
    expect(readdirSync(join(directory, 'data'))).toEqual([`bot.db.${CORP}.lock`]);
    expect(statSync(`${file}.${CORP}.lock`).mode & 0o777).toBe(0o644);
  });

  const losses: readonly (readonly [what: string, lose: () => void])[] = [
    ['deleted', () => rmSync(file)],
    ['moved away', () => renameSync(file, `${file}.old`)],
    ['its directory deleted', () => rmSync(join(directory, 'data'), { recursive: true })],
    ['its log deleted', () => rmSync(`${file}-wal`)],
    [
      'replaced by a copy',
      () => {
        writeFileSync(`${file}.copy`, readFileSync(file));
        renameSync(`${file}.copy`, file);
      },
    ],
  ];

  it.each(losses)('%s while it is open: nothing is taken as written any more', async (_, lose) => {
    const store = await open();
    await store.keepMessage(message('m:1'));
    await store.ping();
    lose();
    const refused = failure('store.replaced', 'setup');
    await expect(store.ping()).rejects.toMatchObject(refused);
    await expect(store.keepMessage(message('m:2'))).rejects.toMatchObject(refused);
    await expect(store.intend(change('m:3'), message('m:3'))).rejects.toMatchObject(refused);
  });

  it('moved away and back: it goes on', async () => {
    const store = await open();
    renameSync(file, `${file}.old`);
    await expect(store.ping()).rejects.toMatchObject(failure('store.replaced', 'setup'));
    renameSync(`${file}.old`, file);
    await store.ping();
  });

  it('damaged while it is open', async () => {
    const store = await open();
    for (let i = 0; i < 50; i++) await store.keepMessage(message(`m:${i}`, { content: 'x'.repeat(500) }));
    foreign((db) => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    writeFileSync(file, readFileSync(file).fill(0xa5, 4_096));
    foreign((db) => db.exec('PRAGMA user_version = 1'));
    await expect(store.unfinished()).rejects.toMatchObject(failure('store.corrupt', 'setup'));
    await expect(store.keepMessage(message('m:new'))).rejects.toMatchObject(failure('store.corrupt', 'setup'));
  });

  it('written by a later release: left alone', async () => {
    await (await open()).close();
    foreign((db) => db.exec('INSERT INTO migrations VALUES (999, 0)'));
    await expect(open()).rejects.toMatchObject({
      ...failure('store.newer', 'setup'),
      facts: { found: 999, path: file },
    });
    await expect(open({ readOnly: true })).rejects.toMatchObject(failure('store.newer', 'setup'));
  });

  it('read before it was ever migrated', async () => {
    mkdirSync(join(directory, 'data'));
    foreign((db) => db.exec('CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied_at BIGINT NOT NULL)'));
    await expect(open({ readOnly: true })).rejects.toMatchObject(failure('store.older', 'setup'));
  });

  it('a directory in its place, a file in the place of its directory, nothing to read', async () => {
    mkdirSync(file, { recursive: true });
    await openFails('store.unreachable', 'setup');
    rmSync(join(directory, 'data'), { recursive: true });
    await expect(open({ readOnly: true })).rejects.toMatchObject(failure('store.absent', 'setup'));
    writeFileSync(join(directory, 'data'), '');
    await openFails('store.unreachable', 'setup');
  });

  it('somebody else is writing: the write is refused, not lost, and works later', async () => {
    const store = await open();
    const other = new DatabaseSync(file);
    try {
      other.exec('BEGIN IMMEDIATE');
      await expect(store.keepMessage(message('m:1'))).rejects.toMatchObject(failure('store.busy', 'busy'));
    } finally {
      other.close();
    }
    expect(await store.keepMessage(message('m:1'))).toBe(true);
  });

  it('the journal refuses to change or lose a row', async () => {
    const store = await open();
    await store.intend(change('m:1'), message('m:1'));
    for (const sql of ["UPDATE journal SET member = 'nobody'", 'DELETE FROM journal']) {
      expect(() => foreign((db) => db.exec(sql))).toThrow('journal is append-only');
    }
    expect(() => foreign((db) => db.exec('DELETE FROM journal_libraries'))).toThrow('append-only');
    expect(await store.changesOf('m:1')).toMatchObject([{ member: 'zhangsan' }]);
  });
});

describe('kill -9', () => {
  const ROUNDS = 10;

  /** Starts a writer, kills it a random while after its first promise, and returns what it had promised. */
  async function round(number: number): Promise<string[]> {
    const script = new URL('./writer.mjs', import.meta.url).pathname;
    const child: ChildProcessByStdio<null, Readable, null> = spawn(
      process.execPath,
      [script, url, CORP, String(number)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
    const closed = once(child, 'close');
    await Promise.race([once(child.stdout, 'data'), closed]);
    if (number === 0) await expect(open()).rejects.toMatchObject(failure('store.locked'));
    setTimeout(() => child.kill('SIGKILL'), Math.random() * 40);
    expect(await closed).toEqual([null, 'SIGKILL']);
    // The last line may have been cut off.
    return printed.split('\n').slice(0, -1);
  }

  it('loses nothing that was promised', { timeout: 30_000 }, async () => {
    const begun = Date.now();
    let promises = 0;
    let rounds = 0;
    while (rounds < ROUNDS && Date.now() - begun < 10_000) {
      const promised = await round(rounds++);
      promises += promised.length;
      expect(promised.length).toBeGreaterThan(0);
      const store = await open();
      const changes = new Map((await store.changes({ limit: Number.POSITIVE_INFINITY })).map((row) => [row.id, row]));
      for (const line of promised) {
        const [what, key = '', id] = line.split(' ');
        const row = await store.findMessage(key);
        expect(row, line).toBeDefined();
        if (id !== undefined) expect(changes.get(Number(id)), line).toMatchObject({ messageKey: key });
        if (what === 'concluded') expect(changes.get(Number(id)), line).toMatchObject({ state: 'done' });
        if (what === 'answered') expect(row, line).toMatchObject({ answer: `answer ${key}` });
        if (what === 'delivered') expect(row, line).toMatchObject({ state: 'delivered' });
      }
      // Whole transactions or nothing: a change and its message came together.
      for (const row of changes.values()) expect(await store.findMessage(row.messageKey)).toBeDefined();
      await store.close();
      expect(foreign((db) => db.prepare('PRAGMA integrity_check').get())).toMatchObject({ integrity_check: 'ok' });
    }
    console.info(`kill -9: ${rounds} rounds, ${promises} promises, all kept`);
  });
});
