/** Group commit, on a real SQLite file. */

import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BotError } from '../../src/errors.ts';
import { GroupCommit } from '../../src/store/group.ts';
import { newFolder } from '../folder.ts';
import { failure } from './rows.ts';

const FULL = 2;
const NORMAL = 1;

let directory: string;
let db: InstanceType<typeof DatabaseSync>;
let reader: InstanceType<typeof DatabaseSync>;
let group: GroupCommit;

beforeEach(() => {
  directory = newFolder('group');
  db = new DatabaseSync(join(directory, 'g.db'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE t (v TEXT NOT NULL UNIQUE, parent TEXT REFERENCES t (v) DEFERRABLE INITIALLY DEFERRED);
    PRAGMA wal_checkpoint(TRUNCATE)`);
  reader = new DatabaseSync(join(directory, 'g.db'), { readOnly: true });
  group = new GroupCommit(db);
});

afterEach(() => {
  db.close();
  reader.close();
  rmSync(directory, { recursive: true });
});

const insert = (v: string | null, parent: string | null = null) =>
  db.prepare('INSERT INTO t (v, parent) VALUES (?, ?)').run(v, parent).changes;
/** What another connection sees: committed rows only. */
const committed = (): string[] =>
  reader
    .prepare('SELECT v FROM t ORDER BY v')
    .all()
    .map((row: { v: string }) => row.v);

describe('GroupCommit', () => {
  it('commits all writes of one turn together, those of its later microtasks too', async () => {
    const seen: string[][] = [];
    const writes = Array.from({ length: 64 }, async (_, i) => {
      if (i % 2 === 1) await Promise.resolve();
      await group.write(() => insert(String(i).padStart(2, '0')));
      seen.push(committed());
    });
    expect(committed()).toEqual([]);
    await Promise.all(writes);
    expect(seen.every((rows) => rows.length === 64)).toBe(true);
    // One transaction writes each of its few pages once; 64 would have written well over a hundred.
    expect(statSync(join(directory, 'g.db-wal')).size).toBeLessThan(10 * 4_120);
  });

  it('fails only the write that fails, and undoes only what that one wrote', async () => {
    const results = await Promise.allSettled([
      group.write(() => insert('a')),
      group.write(() => insert('b') + insert('a')),
      group.write(() => {
        insert('c');
        throw new TypeError('a slip');
      }),
      group.write(() => insert('d')),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: failure('store.failed', 'bug') });
    expect(committed()).toEqual(['a', 'd']);
  });

  it('whatever the mixture, commits exactly what was resolved', async () => {
    const kind = fc.constantFrom('good', 'refuses', 'fails', 'fails late');
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { minLength: 1, maxLength: 12 }), async (kinds) => {
        const prefix = `p${turn++}.`;
        const results = await Promise.allSettled(
          kinds.map((it, i) =>
            group.write(() => {
              if (it === 'refuses') throw new BotError('store.taken', 'busy');
              if (it === 'fails') insert(null);
              insert(`${prefix}${i}`);
              if (it === 'fails late') insert(`${prefix}${i}`);
              return i;
            }),
          ),
        );
        expect(results.map((result) => result.status === 'fulfilled')).toEqual(kinds.map((it) => it === 'good'));
        const expected = kinds.flatMap((it, i) => (it === 'good' ? [`${prefix}${i}`] : []));
        expect(committed().filter((v) => v.startsWith(prefix))).toEqual(expected.sort());
      }),
      { numRuns: 40 },
    );
  });

  it('rejects everyone when the commit fails, and goes on afterwards', async () => {
    const results = await Promise.allSettled([
      group.write(() => insert('a')),
      group.write(() => insert('b', 'nobody')),
      group.write(() => {
        throw new BotError('store.taken', 'busy');
      }),
    ]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(committed()).toEqual([]);
    await group.write(() => insert('c'));
    expect(committed()).toEqual(['c']);
  });

  it('says that the disk is full, and writes again when it is not', async () => {
    const pages: number = db.prepare('PRAGMA page_count').get().page_count;
    db.exec(`PRAGMA max_page_count = ${pages}`);
    const writes = Array.from({ length: 3 }, (_, i) => group.write(() => insert(`${i}${'x'.repeat(9_000)}`)));
    for (const result of await Promise.allSettled(writes)) {
      expect(result).toMatchObject({ status: 'rejected', reason: failure('store.full', 'setup') });
    }
    await group.write(() => insert('small'));
    expect(committed()).toEqual(['small']);
    db.exec('PRAGMA max_page_count = 10000');
    await group.write(() => insert('x'.repeat(9_000)));
    expect(committed()).toHaveLength(2);
  });

  it('fsyncs a group with at least one durable write, and only such a group', async () => {
    const level = (): number => db.prepare('PRAGMA synchronous').get().synchronous;
    expect(await group.write(level)).toBe(FULL);
    expect(await group.write(level, true)).toBe(NORMAL);
    expect(await Promise.all([group.write(level, true), group.write(level)])).toEqual([FULL, FULL]);
  });

  it('lets a lazy write wait for the next one that somebody waits for, and commits it alone when none comes', async () => {
    const lazy = group.write(() => insert('a'), true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(committed()).toEqual([]);
    await group.write(() => insert('b'));
    expect(committed()).toEqual(['a', 'b']);
    await lazy;
    await group.write(() => insert('c'), true);
    expect(committed()).toEqual(['a', 'b', 'c']);
  });

  it('commits what is queued when it closes, and refuses what comes later', async () => {
    const queued = group.write(() => insert('last'), true);
    group.close();
    expect(committed()).toEqual(['last']);
    await queued;
    await expect(group.write(() => insert('late'))).rejects.toMatchObject(failure('store.closed', 'bug'));
    expect(committed()).toEqual(['last']);
  });
});
