/** What is particular to PostgreSQL: replicas beside each other, lost connections, refusals of the server. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inParallel } from '../../src/queue.ts';
import { inspectStore } from '../../src/store/inspect.ts';
import { openDatabase, openStore } from '../../src/store/open.ts';
import { SCHEMA_VERSION } from '../../src/store/schema.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../until.ts';
import { BACK_TO_VERSION_1, BACK_TO_VERSION_2, CORP, change, failure, message, NOON } from './rows.ts';
import { startPostgres } from './server.ts';

const clock = { now: () => NOON };
const server = await startPostgres();
afterAll(() => server?.stop());

/** The connections that hold a lease, once they hold it. */
const LEASES = `SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND granted AND application_name = 'wecom-tag-bot lease' AND datname = current_database()`;

describe.skipIf(server === undefined)('PostgreSQL', () => {
  let url: string;
  let a: Store;
  let b: Store;
  let admin: Client;

  beforeEach(async () => {
    url = (await server?.createDatabase()) ?? '';
    // Both find an empty database and want to migrate it.
    [a, b] = await Promise.all([openStore(url, CORP, clock), openStore(url, CORP, clock)]);
    admin = new Client(url);
    await admin.connect();
  });

  afterEach(async () => {
    await Promise.all([a.close(), b.close(), admin.end()]);
  });

  /** Ends the store's connections as an operator or a failover would. */
  const disconnect = (which: string) =>
    admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name LIKE 'wecom-tag-bot%' AND datname = current_database() AND ${which}`);

  describe('two replicas', () => {
    it('migrate once between them', async () => {
      const { rows } = await admin.query('SELECT version, applied_at FROM migrations');
      const all = Array.from({ length: SCHEMA_VERSION }, (_, i) => ({ version: i + 1, applied_at: String(NOON) }));
      expect(rows).toEqual(all);
    });

    it('share out messages: exactly one keeps each', async () => {
      for (let i = 0; i < 20; i++) {
        const kept = await Promise.all([a, b, a, b].map((store) => store.keepMessage(message(`m:${i}`))));
        expect(kept.filter(Boolean)).toHaveLength(1);
      }
    });

    it('know behind which message of the member they have claimed theirs, when another has that in hand', async () => {
      await a.claim(message('m:1'));
      await a.claim(message('m:2'));
      await b.claim(message('m:of-other', { member: 'lisi' }));
      expect(await a.claim(message('m:own'))).toEqual({ whose: 'ours', behind: undefined });
      expect(await b.claim(message('m:3'))).toEqual({ whose: 'ours', behind: 'm:own' });
      for (const key of ['m:1', 'm:2', 'm:own']) await a.answer(key, 'x', 'delivered');
      expect(await b.claim(message('m:4'))).toEqual({ whose: 'ours', behind: undefined });
    });

    it('claim each message once, and give the answer of the one that did', async () => {
      for (let i = 0; i < 20; i++) {
        const claims = await Promise.all([a, b].map((store) => store.claim(message(`m:${i}`))));
        expect(claims.filter(({ whose }) => whose === 'ours')).toHaveLength(1);
        const [claimer, other] = claims[0]?.whose === 'ours' ? [a, b] : [b, a];
        const waited = other.settled(`m:${i}`, 10_000);
        await claimer.answer(`m:${i}`, `answer ${i}`, 'delivered');
        expect(await waited).toMatchObject({ answer: `answer ${i}` });
      }
    });

    it('hold a key one at a time, in the order of their asking', async () => {
      const order: string[] = [];
      let leave = (): void => {};
      const left = new Promise<void>((resolve) => {
        leave = resolve;
      });
      const entered = (name: string) => async () => void order.push(name);
      const first = a.alone(['member:lisi'], 5_000, async () => {
        order.push('first');
        await left;
        order.push('first leaves');
      });
      await until(() => expect(order).toHaveLength(1));
      const second = b.alone(['member:lisi'], 5_000, entered('second'));
      await b.alone(['member:wangwu'], 5_000, entered('another'));
      leave();
      await Promise.all([first, second]);
      expect(order).toEqual(['first', 'another', 'first leaves', 'second']);
    });

    it('wait no longer for a key than they said', async () => {
      await a.alone(['library:1'], 5_000, async () => {
        const late = b.alone(['library:1'], 50, async () => 'never');
        await expect(late).rejects.toMatchObject(failure('store.turn', 'busy'));
      });
      expect(await b.alone(['library:1'], 1_000, async () => 'now')).toBe('now');
    });

    it('a key falls with the connection, and its holder can tell', async () => {
      let proof: Promise<unknown> | undefined;
      const held = a.alone(['library:1'], 5_000, async (hold) => {
        await disconnect("application_name = 'wecom-tag-bot library'");
        proof = hold.still().catch((error: unknown) => error);
        await proof;
      });
      await held;
      expect(await proof).toMatchObject(failure('store.unreachable', 'busy'));
      expect(await b.alone(['library:1'], 1_000, async () => 'free')).toBe('free');
    });

    it("hear of each other's changes, and find them where they missed to hear", async () => {
      const heard: string[] = [];
      b.onRaised((library, version) => heard.push(`${library} ${version}`));
      expect(await a.raise(['1', '2'])).toEqual(
        new Map([
          ['1', 1],
          ['2', 1],
        ]),
      );
      expect(await a.raise(['1'])).toEqual(new Map([['1', 2]]));
      await until(() => expect(heard).toHaveLength(3));
      expect(heard).toEqual(['1 1', '2 1', '1 2']);
      expect(await b.versions()).toEqual(
        new Map([
          ['1', 2],
          ['2', 1],
        ]),
      );
    });

    it('take over what a replica left behind, not what a living one has in hand', async () => {
      await server?.longUp();
      await a.keepMessage(message('m:1'));
      await b.keepMessage(message('m:2'));
      expect(await b.leftBehind()).toEqual([]);
      await a.close();
      expect((await b.leftBehind()).map((row) => row.key)).toEqual(['m:1']);
      expect(await b.leftBehind()).toEqual([]);
    });

    it('who has lost its own connection a moment ago takes nothing over: the others may have lost theirs as well', async () => {
      await server?.longUp();
      let ticks = 0;
      const shown: boolean[] = [];
      const presence = (isShown: boolean) => void shown.push(isShown);
      const [one, two] = await Promise.all(
        [presence, undefined].map((each) =>
          openDatabase(url, { ...clock, ticks: () => ticks, ...(each && { presence }) }),
        ),
      );
      try {
        const store = await one?.storeOf(CORP);
        await store?.keepMessage(message('m:1'));
        const lost = new Set((await admin.query<{ pid: number }>(LEASES)).rows.map(({ pid }) => pid));
        await disconnect("application_name = 'wecom-tag-bot lease'");
        const regained = async () => {
          const { rows } = await admin.query<{ pid: number }>(LEASES);
          return rows.length === 4 && !rows.some(({ pid }) => lost.has(pid));
        };
        await vi.waitUntil(regained, { timeout: 10_000, interval: 50 });
        await until(() => expect(shown).toEqual([false, true]));
        await one?.close();
        expect(shown).toEqual([false, true]);
        expect(await two?.corpsLeftBehind()).toEqual([]);
        ticks += 5_000;
        await until(async () => expect(await two?.corpsLeftBehind()).toEqual([CORP]));
      } finally {
        await Promise.all([one?.close(), two?.close()]);
      }
    });

    it('what one has answered the other does not acknowledge', async () => {
      await a.keepMessage(message('m:1'));
      expect(await a.answer('m:1', 'x', 'answered')).toBe(false);
      expect(await b.acknowledge('m:1')).toBe(false);
      expect(await b.findMessage('m:1')).toMatchObject({ acknowledged: false });
      expect(await a.acknowledge('m:1')).toBe(true);
      await expect(b.acknowledge('m:0')).rejects.toMatchObject(failure('store.missing'));
    });

    it('what one told not done is not begun by the other, unless it has begun', async () => {
      await a.keepMessage(message('m:1'));
      await b.giveUp('m:1', 'not done');
      await expect(a.intend(change('m:1'), undefined)).rejects.toMatchObject(failure('store.taken'));
      expect(await a.findMessage('m:1')).toMatchObject({ state: 'delivered', answer: 'not done' });
      await a.keepMessage(message('m:2'));
      await a.intend(change('m:2'), undefined);
      await b.giveUp('m:2', 'not done');
      expect(await a.findMessage('m:2')).toMatchObject({ state: 'open' });
      await b.giveUp('m:0', 'not done');
    });

    it('a replica whose message was taken over neither answers it nor changes anything for it', async () => {
      await a.keepMessage(message('m:1'));
      await admin.query('UPDATE messages SET owner = 1');
      await expect(a.answer('m:1', 'mine', 'delivered')).rejects.toMatchObject(failure('store.missing'));
      await expect(a.intend(change('m:1'), undefined)).rejects.toMatchObject(failure('store.taken'));
    });

    it('share out questions: exactly one takes each', async () => {
      for (let i = 0; i < 20; i++) {
        await a.saveSession('zhangsan', {}, `q:${i}`);
        const taken = await Promise.all([a, b, a, b].map((store) => store.takeQuestion('zhangsan', `q:${i}`)));
        expect(taken.filter(Boolean)).toHaveLength(1);
      }
    });

    it('share out writes: exactly one intends each, all numbers differ and grow', async () => {
      const ids: number[] = [];
      for (let i = 0; i < 20; i++) {
        const both = [a, b].map((store) => store.intend(change(`m:${i}`), message(`m:${i}`)));
        for (const result of await Promise.allSettled(both)) {
          if (result.status === 'fulfilled') ids.push(result.value);
          else expect(result.reason).toMatchObject(failure('store.taken', 'busy'));
        }
      }
      expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));

      // As many at a time as both have connections for.
      const many = await inParallel(16, [...Array(60).keys()], (i) =>
        (i % 2 ? a : b).intend(change(`n:${i}`), undefined),
      );
      expect(new Set(many).size).toBe(60);
    });

    it('conclude a change once between them', async () => {
      const id = await a.intend(change('m:1'), message('m:1'));
      const both = await Promise.allSettled(
        [a, b].map((store) => store.conclude(id, { state: 'done', outcome: '[]', at: NOON })),
      );
      expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await b.changesOf('m:1')).toMatchObject([{ state: 'done' }]);
    });
  });

  describe('what a replica has in hand', () => {
    const keys = async (store: Store) => (await store.unfinished()).map((row) => row.key);
    const leases = async () => {
      const { rows } = await admin.query<{ pid: number; lock: string }>(
        `SELECT pid, (classid::BIGINT << 32) + objid::BIGINT AS lock FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE locktype = 'advisory' AND granted AND application_name = 'wecom-tag-bot lease'
            AND datname = current_database() ORDER BY lock`,
      );
      return { pids: rows.map(({ pid }) => pid), locks: rows.map(({ lock }) => lock) };
    };

    beforeEach(async () => {
      await server?.longUp();
      await a.keepMessage(message('m:kept'));
      await a.intend(change('m:intended'), message('m:intended'));
      await a.keepMessage(message('m:answered'));
      await a.answer('m:answered', 'x', 'answered');
    });

    it('is not given to another, and is once it has closed, once', async () => {
      await b.keepMessage(message('m:own'));
      expect(await keys(b)).toEqual(['m:own']);
      expect(await keys(a)).toEqual(['m:kept', 'm:intended', 'm:answered']);
      await a.close();
      expect(await keys(b)).toEqual(['m:kept', 'm:intended', 'm:answered', 'm:own']);

      const c = await openStore(url, CORP, clock);
      expect(await keys(c)).toEqual([]);
      await b.close();
      expect(await keys(c)).toEqual(['m:kept', 'm:intended', 'm:answered', 'm:own']);
      await c.close();
    });

    it('of one that was killed is given to another', async () => {
      const script = new URL('./writer.mjs', import.meta.url).pathname;
      const child = spawn(process.execPath, [script, url, CORP, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      // What it says it has kept it never finishes.
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
      });
      await vi.waitFor(() => expect(printed).toContain('kept'), { timeout: 4_000 });
      const givenBefore = await keys(b);
      child.kill('SIGKILL');
      expect(await closed).toEqual([null, 'SIGKILL']);
      expect(givenBefore).toEqual([]);
      await until(async () => expect(await keys(b)).toContainEqual(expect.stringMatching(/^m:0\./)));
      expect(await keys(b)).not.toContain('m:kept');
    });

    it('of a former release, which named no owner, is given to the first who asks', async () => {
      await admin.query('ALTER TABLE journal DISABLE TRIGGER ALL; UPDATE journal SET strategy_id = 1');
      await admin.query(BACK_TO_VERSION_1);
      const c = await openStore(url, CORP, clock);
      expect(await keys(c)).toEqual(['m:kept', 'm:intended', 'm:answered']);
      expect(await keys(b)).toEqual([]);
      await expect(c.intend(change('m:intended'), undefined)).rejects.toMatchObject(failure('store.taken'));
      expect(await c.changes({ libraryIds: [1], name: 'vip', limit: 9 })).toMatchObject([{ libraryIds: [1] }]);
      await c.close();
    });

    it('is shared out among those who ask at the same time', async () => {
      await a.close();
      const starting = await Promise.all(Array.from({ length: 3 }, () => openStore(url, CORP, clock)));
      // All of them have found that the owner is gone before the first may take a row.
      await admin.query("BEGIN; SELECT 1 FROM messages WHERE key = 'm:kept' FOR UPDATE");
      const asked = starting.map(keys);
      await until(async () => {
        const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
        expect((await admin.query(waiting)).rowCount).toBe(3);
      });
      await admin.query('COMMIT');
      const given = (await Promise.all(asked)).flat();
      expect(given.sort()).toEqual(['m:answered', 'm:intended', 'm:kept']);
      await Promise.all(starting.map((store) => store.close()));
    });

    it('stays its own when its connection was lost: the same lock is held again', async () => {
      const before = await leases();
      expect(before.pids).toHaveLength(2);
      await admin.query('SELECT pg_terminate_backend(pid) FROM unnest($1::INT[]) AS pid', [before.pids]);
      await until(async () => {
        const after = await leases();
        expect(after.locks).toEqual(before.locks);
        for (const pid of after.pids) expect(before.pids).not.toContain(pid);
      });
      expect(await keys(b)).toEqual([]);
      expect(await keys(a)).toHaveLength(3);
    });

    it('is let go for good by a close while the lock is being regained', async () => {
      await b.close();
      const { pids, locks } = await leases();
      const rival = new Client(url);
      await rival.connect();
      // Next in the queue for the lock, so that it is not free when the lost connection has been replaced.
      const held = rival.query('SELECT pg_advisory_lock($1)', locks);
      const sessions = (condition: string) =>
        admin.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND ${condition}`);
      await until(async () => expect((await sessions("wait_event_type = 'Lock'")).rowCount).toBe(1));
      await admin.query('SELECT pg_terminate_backend($1)', pids);
      await held;
      const regaining = "application_name = 'wecom-tag-bot lease' AND wait_event_type = 'Lock'";
      await until(async () => expect((await sessions(regaining)).rowCount).toBe(1));
      const closing = a.close();
      await rival.end();
      await closing;
      expect(await leases()).toEqual({ pids: [], locks: [] });
    });
  });

  it('the journal refuses to change or lose a row', async () => {
    await a.intend(change('m:1'), message('m:1'));
    for (const sql of ["UPDATE journal SET member = 'nobody'", 'DELETE FROM journal', 'TRUNCATE journal']) {
      await expect(admin.query(sql)).rejects.toThrow('journal is append-only');
    }
    expect(await a.changesOf('m:1')).toMatchObject([{ member: 'zhangsan', at: NOON, libraryIds: [1] }]);
  });

  describe('a lost connection', () => {
    it('while idle goes unnoticed', async () => {
      await a.keepMessage(message('m:1'));
      await disconnect('true');
      await until(async () => expect(await a.findMessage('m:1')).toBeDefined());
      expect(await a.keepMessage(message('m:2'))).toBe(true);
    });

    it('in the middle of a transaction undoes it, says so, and the next one works', async () => {
      await a.intend(change('m:1'), message('m:1'));
      await admin.query('BEGIN; SELECT 1 FROM corps FOR UPDATE');
      const intending = a.intend(change('m:2'), message('m:2'));
      const outcome = expect(intending).rejects.toMatchObject(failure('store.unreachable', 'busy'));
      await until(async () => expect((await disconnect("wait_event_type = 'Lock'")).rowCount).toBe(1));
      await outcome;
      await admin.query('COMMIT');
      expect(await a.findMessage('m:2')).toBeUndefined();
      expect(await a.intend(change('m:2'), message('m:2'))).toBe(2);
      expect(await b.findMessage('m:2')).toBeDefined();
    });
  });

  describe('looked at from outside', () => {
    const tables = async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query(
        `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`,
      );
      await client.end();
      return rows.map((row) => String(row.table_name)).sort();
    };
    const execute = async (sql: string) => {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query(sql);
      await client.end();
    };

    it('an empty one stays empty', async () => {
      url = (await server?.createDatabase()) ?? '';
      expect(await inspectStore(url, CORP)).toMatchObject({ kind: 'postgres', version: 0, corps: [] });
      expect(await tables()).toEqual([]);
    });

    it('what is in it is told, and an older one is not migrated', async () => {
      const store = await openStore(url, CORP, clock);
      await store.intend(change('m:1'), message('m:1'));
      await store.keepNote('callback.taken', '7');
      await store.close();
      expect(await inspectStore(url, CORP)).toMatchObject({
        version: SCHEMA_VERSION,
        corps: [CORP],
        notes: new Map([['callback.taken', '7']]),
      });
      await execute(BACK_TO_VERSION_2);
      const before = await tables();
      expect(await inspectStore(url, CORP)).toMatchObject({ version: 2, known: SCHEMA_VERSION });
      expect(await tables()).toEqual(before);
      await execute('INSERT INTO migrations VALUES (999, 0)');
      await expect(inspectStore(url, CORP)).rejects.toMatchObject(failure('store.newer', 'setup'));
    });

    it('a user who may not write is found out', async () => {
      await (await openStore(url, CORP, clock)).close();
      await execute(
        `CREATE ROLE reader_only LOGIN PASSWORD 'hidden'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader_only`,
      );
      const { href } = Object.assign(new URL(url), { username: 'reader_only', password: 'hidden' });
      await expect(inspectStore(href, CORP)).rejects.toMatchObject(failure('store.no-rights', 'setup'));
      await execute('DROP OWNED BY reader_only; DROP ROLE reader_only');
    });
  });

  describe('cannot be opened', () => {
    it.each<[string, Partial<Record<'password' | 'pathname' | 'port', string>>, string, string]>([
      ['with a wrong password', { password: 'hidden' }, 'store.login', 'setup'],
      ['without its database', { pathname: '/nowhere' }, 'store.no-database', 'setup'],
      ['on a port where nobody listens', { port: '1' }, 'store.unreachable', 'busy'],
    ])('%s', async (_, parts, code, kind) => {
      const { href } = Object.assign(new URL(url), parts);
      const error: unknown = await openStore(href, CORP, clock).catch((reason: unknown) => reason);
      expect(error).toMatchObject(failure(code, kind));
      expect(JSON.stringify(error) + String(error)).not.toContain('hidden');
    });

    it('with an address that is none', async () => {
      const error: unknown = await openStore('postgres://u:hidden@[/x', CORP, clock).catch((reason: unknown) => reason);
      expect(error).toMatchObject(failure('store.url', 'setup'));
      expect(JSON.stringify(error) + String(error)).not.toContain('hidden');
    });

    it('when a later release has written it, and leaves it alone', async () => {
      await admin.query('INSERT INTO migrations VALUES (999, 0)');
      await expect(openStore(url, CORP, clock)).rejects.toMatchObject(failure('store.newer', 'setup'));
    });

    it('for reading before it was ever migrated', async () => {
      await admin.query('DELETE FROM migrations');
      await expect(openStore(url, CORP, { ...clock, readOnly: true })).rejects.toMatchObject(
        failure('store.older', 'setup'),
      );
    });

    it('when whoever listens there hangs up', async () => {
      const rude = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
      await once(rude, 'listening');
      const address = rude.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      await expect(openStore(`postgres://u:p@127.0.0.1:${port}/x`, CORP, clock)).rejects.toMatchObject(
        failure('store.unreachable', 'busy'),
      );
      rude.close();
    });
  });

  it('does not quote in an error what it was told', async () => {
    const error: unknown = await a
      .intend(change('m:1', { plan: 'hidden plan', at: Number.NaN }), message('m:1', { content: 'hidden text' }))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject(failure('store.failed', 'bug'));
    expect(JSON.stringify(error) + String(error)).not.toMatch(/hidden|NaN/);
    expect(await a.findMessage('m:1')).toBeUndefined();
  });
});
