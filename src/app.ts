/**
 * Composition root: what belongs to the process (database, HTTP face, metrics, housekeeping, start and stop), around the
 * corp that it serves.
 */

import { setMaxListeners } from 'node:events';
import type { Config } from './config.ts';
import { type Corp, createCorp } from './corp.ts';
import { codeOf } from './errors.ts';
import { createHttp, createOperatorHttp, type Listening, listen } from './http.ts';
import { createComplaints, type Log } from './log.ts';
import type { Clock } from './message.ts';
import { createMetrics } from './metrics.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';

export interface App {
  /** Looks after what the last run left unfinished, then listens. The platform need not be reachable. */
  start(): Promise<{ readonly port: number; readonly operatorPort: number }>;
  /** Takes no new messages, finishes those under way, closes the store. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly log: Log;
  readonly now: Clock;
  /** How many lines of the log were lost, for the metrics. */
  readonly droppedLogLines?: () => number;
  /** For tests: shorter waits. */
  readonly windowMs?: number | undefined;
  readonly repeatWaitMs?: number | undefined;
  readonly pushPausesMs?: readonly number[] | undefined;
  readonly lookAgainMs?: readonly number[] | undefined;
}

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
/** Of a stop: until calls under way are cut off, and until nothing is waited for any more. */
const CUT_OFF_MS = 6_000;
const PATIENCE_MS = 8_500;

export function createApp(config: Config, options: AppOptions): App {
  const { log, now } = options;
  const { droppedLogLines } = options;
  const metrics = createMetrics(droppedLogLines === undefined ? {} : { droppedLogLines });
  const complaints = createComplaints(log);
  const stopping = new AbortController();
  // Every call under way listens to it; twenty at a time are no leak.
  setMaxListeners(0, stopping.signal);
  let store: Store | undefined;
  let corp: Corp | undefined;
  let listening: Listening | undefined;
  let operators: Listening | undefined;
  let housekeeping: NodeJS.Timeout | undefined;

  async function start(): Promise<{ port: number; operatorPort: number }> {
    store = await openStore(config.databaseUrl, config.wecom.corpId, { now });
    const { signal } = stopping;
    corp = createCorp(config, { ...options, store, metrics, complaints, signal });
    await corp.resume();
    const { callback, checks } = corp;
    const shared = { log, complaints, metrics, now };
    operators = await listen(createOperatorHttp({ ...shared, checks }), { ...config.operator, metrics });
    listening = await listen(createHttp({ ...shared, callbacks: [callback] }), { ...config.server, metrics });
    const { port } = listening;
    const operatorPort = operators.port;
    log.info({ port, path: callback.path, operatorPort }, 'listening');
    housekeeping = setInterval(forgetOld, HOUR_MS);
    housekeeping.unref();
    void forgetOld();
    return { port, operatorPort };
  }

  async function stop(): Promise<void> {
    clearInterval(housekeeping);
    // Supervisors kill after ten seconds: calls to the platform are cut off before, and what then is unsaid is owed.
    const cutOff = setTimeout(() => stopping.abort(), CUT_OFF_MS);
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
    await Promise.race([Promise.all([listening?.close(PATIENCE_MS), corp?.drain()]), patience]);
    clearTimeout(cutOff);
    stopping.abort();
    await operators?.close(0);
    await store?.close();
    corp?.close();
    complaints.close();
    log.info({}, 'stopped');
  }

  async function forgetOld(): Promise<void> {
    try {
      const forgotten = await corp?.forget(now() - config.retentionDays * DAY_MS);
      if (forgotten && forgotten.messages + forgotten.sessions > 0)
        log.info(forgotten, 'what members wrote is past its retention time and dropped');
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'retention failed');
    }
  }

  return { start, stop };
}
