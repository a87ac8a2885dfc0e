/** What is particular to PostgreSQL: replicas beside each other, lost connections, refusals of the server. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { CORP, change, failure, message, NOON } from './rows.ts';
import { startPostgres } from './server.ts';

const clock = { now: () => NOON };
const server = await startPostgres();
afterAll(() => server?.stop());

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
      WHERE application_name = 'wecom-tag-bot' AND datname = current_database() AND ${which}`);

  describe('two replicas', () => {
    it('migrate once between them', async () => {
      const { rows } = await admin.query('SELECT version, applied_at FROM migrations');
      expect(rows).toEqual([{ version: 1, applied_at: String(NOON) }]);
    });

    it('share out messages: exactly one keeps each', async () => {
      for (let i = 0; i < 20; i++) {
        const kept = await Promise.all([a, b, a, b].map((store) => store.keepMessage(message(`m:${i}`))));
        expect(kept.filter(Boolean)).toHaveLength(1);
      }
    });

    it('share out questions: exactly one takes each', async () => {
      for (let i = 0; i < 20; i++) {
        await a.saveSession('zhangsan', '{}', `q:${i}`);
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

      const many = await Promise.all(
        Array.from({ length: 60 }, (_, i) => (i % 2 ? a : b).intend(change('m:0'), undefined)),
      );
      expect(new Set(many).size).toBe(60);
    });

    it('conclude a change once between them', async () => {
      const id = await a.intend(change('m:1'), message('m:1'));
      const both = await Promise.allSettled(
        [a, b].map((store) =>
          store.conclude(id, { state: 'done', outcome: '[]', at: NOON }, { key: 'm:1', answer: 'x' }),
        ),
      );
      expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await b.changesOf('m:1')).toMatchObject([{ state: 'done' }]);
    });
  });

  it('the journal refuses to change or lose a row', async () => {
    await a.intend(change('m:1'), message('m:1'));
    for (const sql of ["UPDATE journal SET member = 'nobody'", 'DELETE FROM journal', 'TRUNCATE journal']) {
      await expect(admin.query(sql)).rejects.toThrow('journal is append-only');
    }
    expect(await a.changesOf('m:1')).toMatchObject([{ member: 'zhangsan', at: NOON, strategyId: 1 }]);
  });

  describe('a lost connection', () => {
    it('while idle goes unnoticed', async () => {
      await a.keepMessage(message('m:1'));
      await disconnect('true');
      await vi.waitFor(async () => expect(await a.findMessage('m:1')).toBeDefined());
      expect(await a.keepMessage(message('m:2'))).toBe(true);
    });

    it('in the middle of a transaction undoes it, says so, and the next one works', async () => {
      await a.keepMessage(message('m:1'));
      const id = await a.intend(change('m:1'), undefined);
      await admin.query("BEGIN; SELECT 1 FROM messages WHERE key = 'm:1' FOR UPDATE");
      const concluding = a.conclude(id, { state: 'done', outcome: '[]', at: NOON }, { key: 'm:1', answer: 'x' });
      const outcome = expect(concluding).rejects.toMatchObject(failure('store.unreachable', 'busy'));
      await vi.waitFor(async () => expect((await disconnect("wait_event_type = 'Lock'")).rowCount).toBe(1));
      await outcome;
      await admin.query('COMMIT');
      expect(await a.changesOf('m:1')).toMatchObject([{ state: 'intended' }]);
      await a.conclude(id, { state: 'done', outcome: '[]', at: NOON }, { key: 'm:1', answer: 'x' });
      expect(await b.findMessage('m:1')).toMatchObject({ answer: 'x' });
    });
  });

  describe('cannot be opened', () => {
    it.each<[string, Partial<Record<'password' | 'pathname' | 'port', string>>, string, string]>([
      ['with a wrong password', { password: 'hidden' }, 'store.unreachable', 'setup'],
      ['without its database', { pathname: '/nowhere' }, 'store.unreachable', 'setup'],
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
