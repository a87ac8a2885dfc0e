/** A message that another replica has in hand is that replica's, whatever happens to the database meanwhile. */

import { afterAll, expect, it } from 'vitest';
import { createInbox } from '../../src/inbox/inbox.ts';
import { createLog } from '../../src/log.ts';
import type { IncomingMessage } from '../../src/message.ts';
import { createMetrics } from '../../src/metrics.ts';
import { openStore } from '../../src/store/open.ts';
import { openWire } from '../replicas/wire.ts';
import { CORP, message } from '../store/rows.ts';
import { startPostgres } from '../store/server.ts';

const server = await startPostgres();
afterAll(() => server?.stop());

it.skipIf(server === undefined)(
  'is not handled by one that loses the database while it waits for the answer',
  async () => {
    const url = (await server?.createDatabase()) ?? '';
    const wire = await openWire(new URL(url));
    const clock = { now: Date.now, ticks: () => performance.now() };
    const [theirs, ours] = [await openStore(url, CORP, clock), await openStore(wire.url, CORP, clock)];
    const handled: string[] = [];
    const inbox = createInbox({
      store: ours,
      handle: async ({ key }) => {
        handled.push(key);
        return { text: '没有执行' };
      },
      recover: async () => ({ text: '' }),
      parked: async () => ({ text: '' }),
      tooOld: () => ({ text: '' }),
      push: async () => {},
      updateCard: async () => {},
      mayPush: async () => true,
      ...clock,
      lag: () => 0,
      log: createLog('silent', { write: () => {} }),
      metrics: createMetrics(),
      windowMs: 2_000,
    });
    try {
      await theirs.claim(message('m:1'));
      const said: IncomingMessage = {
        corpId: CORP,
        key: 'm:1',
        member: 'zhangsan',
        createTime: 0,
        receivedAt: Date.now(),
        kind: 'text',
        text: '标签 添加 金卡 到 客户分级',
      };
      const response = inbox.receive(said);
      // As many journeys to the database as the message makes before it waits, and more.
      for (let i = 0; i < 5; i++) await ours.ping();
      wire.set('cut');
      expect(await response).toBeUndefined();
      await inbox.drain();
      expect(handled).toEqual([]);
    } finally {
      await theirs.close();
      await ours.close();
      wire.close();
    }
  },
);
