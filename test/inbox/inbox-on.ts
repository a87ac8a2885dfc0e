/** An inbox on a real store whose bot and platform are as a test wants them, and what a member says to it. */

import { createInbox, type Inbox, type InboxDeps } from '../../src/inbox/inbox.ts';
import { createRecents } from '../../src/inbox/recent.ts';
import { createLog } from '../../src/log.ts';
import type { IncomingMessage, Outgoing } from '../../src/message.ts';
import { createMetrics } from '../../src/metrics.ts';
import type { Store } from '../../src/store/store.ts';
import { CORP } from '../store/rows.ts';

export const clock = { now: Date.now, ticks: () => performance.now() };
/** Of a callback whose response has left. */
export const SENT = Promise.resolve(true);
const EMPTY: Outgoing = { text: '' };

export const said = (key: string, text = '标签 添加 金卡 到 客户分级'): IncomingMessage => ({
  corpId: CORP,
  key,
  member: 'zhangsan',
  createTime: 0,
  receivedAt: Date.now(),
  kind: 'text',
  text,
});

export function inboxOn(store: Store, deps: Pick<InboxDeps, 'handle'> & Partial<InboxDeps>): Inbox {
  return createInbox({
    store,
    recent: createRecents()(),
    atOnce: () => undefined,
    recover: async () => EMPTY,
    parked: async () => EMPTY,
    tooOld: () => EMPTY,
    push: async () => {},
    updateCard: async () => {},
    mayPush: async () => true,
    ...clock,
    lag: () => 0,
    log: createLog('silent', { write: () => {} }),
    metrics: createMetrics(),
    ...deps,
  });
}
