/** A message and the replicas: whose it is, and that what its member was told stays true. On a real PostgreSQL. */

import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InboxDeps } from '../../src/inbox/inbox.ts';
import { MessageRecord } from '../../src/inbox/message-record.ts';
import { createLog } from '../../src/log.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { openWire } from '../replicas/wire.ts';
import { CORP, change, failure, message } from '../store/rows.ts';
import { startPostgres } from '../store/server.ts';
import { until } from '../until.ts';
import { clock, inboxOn, SENT, said } from './inbox-on.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

describe.skipIf(server === undefined)('a message', () => {
  let url: string;
  let wire: Awaited<ReturnType<typeof openWire>>;
  let ours: Store;
  let theirs: Store;

  beforeEach(async () => {
    url = (await server?.createDatabase()) ?? '';
    wire = await openWire(new URL(url));
    [theirs, ours] = [await openStore(url, CORP, clock), await openStore(wire.url, CORP, clock)];
  });

  afterEach(async () => {
    await theirs.close();
    await ours.close();
    wire.close();
  });

  const inboxWith = (handle: InboxDeps['handle']) => inboxOn(ours, { handle, windowMs: 2_000 });

  it('of another replica is not handled by one that loses the database while it waits for the answer', async () => {
    const handled: string[] = [];
    const inbox = inboxWith(async ({ key }) => {
      handled.push(key);
      return { text: '没有执行' };
    });
    await theirs.claim(message('m:1'));
    const response = inbox.receive(said('m:1'), SENT);
    // As many journeys to the database as the message makes before it waits, and more.
    for (let i = 0; i < 5; i++) await ours.ping();
    wire.set('cut');
    expect(await response).toBeUndefined();
    await inbox.drain();
    expect(handled).toEqual([]);
  });

  // Where the server is not ours, a restart ends its connections only.
  it.skipIf(process.env.TEST_POSTGRES_URL)(
    'of a living one is not taken by one that starts beside a database that has just restarted',
    async () => {
      await ours.keepMessage(message('m:1'));
      // Still on its way back.
      wire.set('cut');
      await server?.restart();
      const starting = await openStore(url, CORP, clock);
      expect(await starting.unfinished()).toEqual([]);
      await vi.waitFor(async () => expect(await starting.leftBehind()).toMatchObject([{ key: 'm:1' }]), 12_000);
      await starting.close();
    },
  );

  it('that came while the database was away is answered as by the replica that has it by then', async () => {
    const inbox = inboxWith(async () => {
      await theirs.claim(message('m:1'));
      await theirs.answer('m:1', '{"text":"已添加"}', 'delivered');
      wire.set('open');
      return { text: '没有找到' };
    });
    wire.set('cut');
    expect(await inbox.receive(said('m:1'), SENT)).toEqual({ kind: 'text', content: '已添加' });
    await inbox.drain();
  });

  it('that may yet be carried out is answered by whoever has it when the database is back', async () => {
    const lines: string[] = [];
    const log = createLog('error', { write: (line) => lines.push(line) });
    const handle = async () => ({ text: '还没有做', mayYetRun: true }) as const;
    const inbox = inboxOn(ours, { handle, log, windowMs: 4_500 });
    wire.set('cut');
    const response = inbox.receive(said('m:1'), SENT);
    await until(async () => expect(lines.join('')).toContain('"what":"claim"'));
    await theirs.claim(message('m:1'));
    await theirs.answer('m:1', '{"text":"已添加"}', 'delivered');
    wire.set('open');
    expect(await response).toEqual({ kind: 'text', content: '已添加' });
    await inbox.drain();
  });

  it('that may yet be carried out is answered inside the window where the database stays away', async () => {
    const handle = async () => ({ text: '还没有做', mayYetRun: true }) as const;
    const inbox = inboxOn(ours, { handle, windowMs: 4_500 });
    wire.set('cut');
    expect(await inbox.receive(said('m:1'), SENT)).toEqual({ kind: 'text', content: '还没有做' });
    wire.set('open');
    await inbox.drain();
  });

  it('whose answer is owed while the database is away is noted as such afterwards', async () => {
    const record = new MessageRecord(ours, createLog('silent', { write: () => {} }), said('m:1'));
    await record.claim();
    wire.set('cut');
    await record.answer({ text: '没有执行' }, 'owed');
    wire.set('open');
    await until(async () => expect(await theirs.findMessage('m:1')).toMatchObject({ state: 'owed' }));
  });

  it('whose change is made has its answer in the record before anybody hears it', async () => {
    const fate = { command: 'tag.add', outcome: 'done', change: 1 };
    const inbox = inboxWith(async () => ({ text: '已添加', fate }));
    let leave = (_: boolean): void => {};
    const sent = new Promise<boolean>((resolve) => {
      leave = resolve;
    });
    expect(await inbox.receive(said('m:1'), sent)).toEqual({ kind: 'text', content: '已添加' });
    const row = await theirs.findMessage('m:1');
    expect(row).toMatchObject({ state: 'answered' });
    expect(JSON.parse(row?.answer ?? '')).toMatchObject({ text: '已添加' });
    leave(true);
    await inbox.drain();
    expect(await theirs.findMessage('m:1')).toMatchObject({ state: 'delivered' });
  });

  it('that was taken over while it was answered is not begun any more by who has taken it', async () => {
    const admin = new Client(url);
    await admin.connect();
    const inbox = inboxWith(async () => {
      await admin.query('UPDATE messages SET owner = 1');
      return { text: '没有执行' };
    });
    expect(await inbox.receive(said('m:1'), SENT)).toEqual({ kind: 'text', content: '没有执行' });
    await until(async () => expect(await theirs.findMessage('m:1')).toMatchObject({ state: 'delivered' }));
    await admin.query('UPDATE messages SET owner = NULL');
    await expect(theirs.intend(change('m:1'), undefined)).rejects.toMatchObject(failure('store.taken'));
    await admin.end();
  });
});
