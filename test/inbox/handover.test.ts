/**
 * One message and two replicas: whichever of them hears WeCom's repeat, and whenever the other dies or answers, the member
 * is told, and once. Two inboxes on a real PostgreSQL.
 */

import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inbox, InboxDeps } from '../../src/inbox/inbox.ts';
import type { Outgoing } from '../../src/message.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { CORP, change, message } from '../store/rows.ts';
import { startPostgres } from '../store/server.ts';
import { until } from '../until.ts';
import { clock, inboxOn, SENT, said } from './inbox-on.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

const ANSWER: Outgoing = { text: '已添加金卡' };
const TOLD = { kind: 'text', content: '已添加金卡' };
const STORED = JSON.stringify(ANSWER);
const CUT = Promise.resolve(false);

const kept = (key: string) => message(key, { content: JSON.stringify(said(key)) });

describe.skipIf(server === undefined)('a message', () => {
  let url: string;
  /** Has the message in hand. */
  let theirs: Store;
  /** Hears the repeat. */
  let ours: Store;
  let pushed: string[];

  beforeEach(async () => {
    url = (await server?.createDatabase()) ?? '';
    [theirs, ours] = [await openStore(url, CORP, clock), await openStore(url, CORP, clock)];
    pushed = [];
  });

  afterEach(async () => {
    await theirs.close();
    await ours.close();
  });

  const inboxOf = (store: Store, deps: Partial<InboxDeps> = {}): Inbox =>
    inboxOn(store, {
      handle: async () => ANSWER,
      recover: async () => ANSWER,
      parked: async () => ANSWER,
      tooOld: () => ANSWER,
      push: async (_member, each) => void pushed.push(each.msgtype === 'text' ? each.text.content : each.msgtype),
      windowMs: 2_000,
      repeatWaitMs: 300,
      ...deps,
    });

  describe('of another replica, whose repeat has been told 200 without a word', () => {
    it('is not taken for told when its answer comes a moment later', async () => {
      await theirs.claim(kept('m:1'));
      // A process that is late ends its window before the record has been waited for.
      const inbox = inboxOf(ours, { lag: () => 60_000 });
      expect(await inbox.receive(said('m:1'), SENT)).toBeUndefined();
      await theirs.answer('m:1', STORED, 'answered');
      await inbox.drain();
      expect(await ours.findMessage('m:1')).toMatchObject({ state: 'answered', acknowledged: true });
    });

    it('is noted as acknowledged by then', async () => {
      await theirs.claim(kept('m:1'));
      const inbox = inboxOf(ours, { lag: () => 60_000 });
      await inbox.receive(said('m:1'), SENT);
      expect(await ours.findMessage('m:1')).toMatchObject({ acknowledged: true });
      await inbox.drain();
    });

    it('is pushed by the one that has it, although that answered inside a callback of its own', async () => {
      let proceed = (_: Outgoing): void => {};
      const holder = inboxOf(theirs, { handle: () => new Promise((resolve) => (proceed = resolve)) });
      const first = holder.receive(said('m:1'), SENT);
      await until(async () => expect(await ours.findMessage('m:1')).toBeDefined());
      const other = inboxOf(ours, { lag: () => 60_000 });
      expect(await other.receive(said('m:1'), SENT)).toBeUndefined();
      proceed(ANSWER);
      await first;
      await until(() => expect(pushed).toEqual([ANSWER.text]));
      await Promise.all([holder.drain(), other.drain()]);
    });
  });

  it('that was taken from a replica that was cut off is not told by it any more', async () => {
    let proceed = (_: Outgoing): void => {};
    const holder = inboxOf(theirs, {
      lag: () => 60_000,
      handle: () =>
        new Promise((resolve) => {
          proceed = resolve;
        }),
    });
    expect(await holder.receive(said('m:1'), SENT)).toBeUndefined();
    const admin = new Client(url);
    await admin.connect();
    await admin.query('UPDATE messages SET owner = 1');
    await admin.end();
    proceed(ANSWER);
    await holder.drain();
    expect(pushed).toEqual([]);
    expect(await ours.findMessage('m:1')).toMatchObject({ state: 'open' });
  });

  /** For the answer to a message that another replica has; `admin` does to the record what nobody is told of. */
  async function waiting() {
    await theirs.claim(kept('m:1'));
    const admin = new Client(url);
    await admin.connect();
    // Two seconds of it are left to a process that is late.
    const inbox = inboxOf(ours, { lag: () => 60_000, windowMs: 10_000 });
    const response = inbox.receive(said('m:1'), SENT);
    // As many journeys to the database as the message makes before it waits, and more.
    for (let i = 0; i < 5; i++) await ours.ping();
    return { admin, inbox, response };
  }

  it('that was answered unheard at the end of the window of its repeat is told by that', async () => {
    const { admin, inbox, response } = await waiting();
    await admin.query(`UPDATE messages SET state = 'answered', answer = $1`, [STORED]);
    await admin.end();
    expect(await response).toEqual(TOLD);
    await until(async () => expect(await ours.findMessage('m:1')).toMatchObject({ state: 'delivered' }));
    // What was missed is heard: nobody waits for it any more.
    await theirs.answer('m:1', STORED, 'delivered');
    await inbox.drain();
  });

  it('that was answered unheard while the record was too slow to be waited for is pushed', async () => {
    const { admin, inbox, response } = await waiting();
    await admin.query('BEGIN');
    await admin.query(`UPDATE messages SET state = 'delivered', answer = $1`, [STORED]);
    expect(await response).toBeUndefined();
    await admin.query('COMMIT');
    await admin.end();
    await until(() => expect(pushed).toEqual([expect.stringContaining(ANSWER.text)]));
    await theirs.answer('m:1', STORED, 'delivered');
    await inbox.drain();
  });

  describe('that was left behind', () => {
    it('is not pushed by the one that took it up when the other has told it to the repeat', async () => {
      await theirs.keepMessage(kept('m:1'));
      await theirs.keepMessage(kept('m:2'));
      const holder = inboxOf(theirs, { repeatWaitMs: 2_000 });
      await holder.resume();
      expect(await inboxOf(ours).receive(said('m:1'), SENT)).toEqual(TOLD);
      // The second one waits as long, and after the first.
      await until(() => expect(pushed).toEqual([ANSWER.text]));
      await holder.drain();
      expect(pushed).toHaveLength(1);
      expect(await ours.findMessage('m:1')).toMatchObject({ state: 'delivered', acknowledged: false });
    });

    it('is pushed when the repeat that the other was answering broke off', async () => {
      await theirs.keepMessage(kept('m:1'));
      const holder = inboxOf(theirs, { repeatWaitMs: 2_000 });
      await holder.resume();
      expect(await inboxOf(ours).receive(said('m:1'), CUT)).toEqual(TOLD);
      await until(() => expect(pushed).toEqual([ANSWER.text]));
      await holder.drain();
    });

    it('is pushed at once when its repeat has been told 200 while it was looked into', async () => {
      await theirs.intend(change('m:1'), kept('m:1'));
      let proceed = (_: Outgoing): void => {};
      const recover = () => new Promise<Outgoing>((resolve) => (proceed = resolve));
      const holder = inboxOf(theirs, { recover, repeatWaitMs: 60_000 });
      await holder.resume();
      const other = inboxOf(ours, { lag: () => 60_000 });
      expect(await other.receive(said('m:1'), SENT)).toBeUndefined();
      expect(pushed).toEqual([]);
      proceed(ANSWER);
      await until(() => expect(pushed).toEqual([ANSWER.text]));
      await Promise.all([holder.drain(), other.drain()]);
    });

    it('is told what became of it although others keep the turn of its member for too long', async () => {
      await theirs.intend(change('m:1'), kept('m:1'));
      const holder = inboxOf(theirs, { turnMs: 100 });
      await ours.alone(['member:zhangsan'], 1_000, async () => {
        await holder.resume();
        await until(() => expect(pushed).toEqual([ANSWER.text]));
      });
      await holder.drain();
    });
  });
});
