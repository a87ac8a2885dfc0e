/** Nothing but the product's HTTP client: reads one tag group so many times over, so that a call's CPU can be told apart. */
import { setMaxListeners } from 'node:events';
import { createLog } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createWecom } from '../../src/wecom/wecom.ts';
import { fromEnvironment } from '../corp.ts';

const PARALLEL = 16;
const running = new AbortController();
setMaxListeners(0, running.signal);
const wecom = createWecom({
  ...fromEnvironment(process.env),
  baseUrl: process.env.WECOM_API_BASE_URL ?? '',
  log: createLog('silent', { write: () => {} }),
  metrics: createMetrics(),
  now: Date.now,
  signal: running.signal,
});

process.on('message', async (calls: number) => {
  const id = (await wecom.tags.list({ of: 1 }))[0]?.id ?? '';
  const read = async (): Promise<void> => {
    for (let i = 0; i < calls / PARALLEL; i++) await wecom.tags.list({ of: 'rule-groups', groupIds: [id] });
  };
  await Promise.all(Array.from({ length: PARALLEL }, read));
  process.send?.('done');
});
