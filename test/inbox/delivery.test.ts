/** Answers that wait for the platform to take pushes again: many may wait, and a stop ends all of it. */

import { expect, test } from 'vitest';
import { createDelivery } from '../../src/inbox/delivery.ts';
import { MessageRecord } from '../../src/inbox/message-record.ts';
import { createLog } from '../../src/log.ts';
import type { IncomingMessage } from '../../src/message.ts';
import { createMetrics } from '../../src/metrics.ts';
import { openStore } from '../../src/store/open.ts';
import { CORP } from '../store/rows.ts';

test('a dozen wait at once without a warning of the runtime, and are owed when the program stops', async () => {
  const store = await openStore('file::memory:', CORP, { now: Date.now });
  const log = createLog('silent', { write: () => {} });
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  let asked = 0;
  const delivery = createDelivery({
    store,
    log,
    metrics: createMetrics(),
    ticks: () => performance.now(),
    push: async () => {},
    updateCard: async () => {},
    mayPush: async () => ++asked < 0,
    pushPausesMs: [60_000],
  });
  const all = Array.from({ length: 12 }, (_, i): Promise<void> => {
    const message: IncomingMessage = {
      corpId: CORP,
      key: `m:${i}`,
      member: `m${i}`,
      createTime: 0,
      receivedAt: 0,
      kind: 'enter',
    };
    const record = new MessageRecord(store, log, message);
    return delivery.later({ message, record, since: 0 }, { text: '好' });
  });
  await expect.poll(() => asked).toBe(12);
  delivery.stopWaiting();
  await Promise.all(all);
  expect(await store.countOwed()).toBe(12);
  process.off('warning', note);
  expect(warnings).toEqual([]);
  await store.close();
});
