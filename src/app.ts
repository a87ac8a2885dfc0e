/**
 * Composition root: what belongs to the process (database, HTTP face, metrics, housekeeping, start and stop), around the
 * corps that it serves.
 */

import { setMaxListeners } from 'node:events';
import type { Config } from './config.ts';
import { corpRoute } from './corps/corp-route.ts';
import { type Corps, createCorps } from './corps/corps.ts';
import { readiness } from './corps/readiness.ts';
import { BotError, codeOf } from './errors.ts';
import { createHttp, createOperatorHttp, type Listening, listen } from './http.ts';
import { createRecents } from './inbox/recent.ts';
import { watchLag } from './lag.ts';
import { createComplaints, type Log } from './log.ts';
import type { Clock } from './message.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Database } from './store/database.ts';
import { openDatabase } from './store/open.ts';
import { SCHEMA_VERSION } from './store/schema.ts';
import type { SuiteStore } from './store/suite-store.ts';
import { createSuites, type Suites } from './suites/suites.ts';

export interface App {
  /** Looks after what the last run left unfinished, then listens. The platform need not be reachable. */
  start(): Promise<{ readonly port: number; readonly operatorPort: number }>;
  /** Takes no new messages, finishes those under way, closes the store. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly log: Log;
  readonly now: Clock;
  /** ms of a clock that never jumps, for durations. */
  readonly ticks: Clock;
  /** How many lines of the log were lost, for the metrics. */
  readonly droppedLogLines?: () => number;
  /** Told in the first line of the log, in /metrics and by 诊断. */
  readonly versions?: { readonly program: string; readonly node: string };
  /** For tests: shorter waits. */
  readonly windowMs?: number | undefined;
  readonly repeatWaitMs?: number | undefined;
  readonly pushPausesMs?: readonly number[] | undefined;
  readonly lookAgainMs?: readonly number[] | undefined;
  readonly takeOverEveryMs?: number | undefined;
  /** For tests: how the catalog waits for further change events. */
  readonly settle?: ((ms: number) => Promise<unknown>) | undefined;
  /** For tests: when corps are given up, and how many stay. */
  readonly idleMs?: number | undefined;
  readonly keptCorps?: number | undefined;
}

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
/** How often is looked for what replicas that have died left behind, and for what the operator has stopped. */
const TAKE_OVER_MS = 5_000;
/** Of a stop: until calls under way are cut off, and until nothing is waited for any more. */
const CUT_OFF_MS = 6_000;
const PATIENCE_MS = 8_500;

/** The program without its command line: nothing is opened or called before `start`. */
export function createApp(config: Config, options: AppOptions): App {
  const { log, now } = options;
  const complaints = createComplaints(log);
  const stopping = new AbortController();
  // Every call under way listens to it; twenty at a time are no leak.
  setMaxListeners(0, stopping.signal);
  const lag = watchLag(options.ticks);
  let database: Database | undefined;
  let corps: Corps | undefined;
  let suites: Suites | undefined;
  let listening: Listening | undefined;
  let operators: Listening | undefined;
  let housekeeping: readonly NodeJS.Timeout[] = [];

  async function start(): Promise<{ port: number; operatorPort: number }> {
    const { databaseUrl } = config;
    const kind = databaseUrl.startsWith('file:') ? 'sqlite' : 'postgres';
    const [one, ...others] = config.corps.map(({ wecom }) => wecom.corpId);
    const served = one !== undefined && others.length === 0 ? { corp: one } : { corps: config.corps.length };
    const providing = config.suites.length === 0 ? {} : { suites: config.suites.length };
    log.info({ ...options.versions, ...served, ...providing, database: kind, schema: SCHEMA_VERSION }, 'starting');
    database = await openDatabase(databaseUrl, {
      now,
      ticks: options.ticks,
      migrated: (from, to) => log.info({ from, to }, 'database migrated'),
      presence: (isShown) =>
        isShown ? log.info({}, 'known to live again') : log.warn({}, 'others may take over what is in hand here'),
    });
    const suiteStore = await openSuiteStore(database);
    const metrics = await metered(suiteStore);
    const shared = { log, complaints, metrics, now };
    const { signal } = stopping;
    const recents = createRecents();
    corps = createCorps(config.corps, { ...options, ...shared, database, recents, signal, lag: lag.worst });
    if (suiteStore) suites = await createSuites(config, { ...shared, corps, database, store: suiteStore, signal });
    const ready = readiness(corps, database);
    metrics.watch({ databaseAnswers: () => writeTime(ready.store) });
    await corps.start();
    operators = await listen(createOperatorHttp({ ...shared, checks: ready }), { ...config.operator, metrics }).catch(
      toldBy('OPERATOR_HOST', 'OPERATOR_PORT', config.operator),
    );
    const routeDeps = { ...shared, corps };
    const callbacks = [...config.corps.map((each) => corpRoute(each, routeDeps)), ...(suites?.routes ?? [])];
    listening = await listen(createHttp({ ...shared, callbacks }), {
      ...config.server,
      metrics,
      onConnection: lag.tookConnection,
    }).catch(toldBy('HOST', 'PORT', config.server));
    const { port } = listening;
    const operatorPort = operators.port;
    const path = config.corps.length > 0 ? { path: config.server.callbackPath } : {};
    const ofSuites = suites ? { suites: suites.routes.map((each) => each.path) } : {};
    log.info({ port, ...path, ...ofSuites, operatorPort }, 'listening');
    suites?.start();
    housekeeping = [setInterval(forgetOld, HOUR_MS), setInterval(lookAround, options.takeOverEveryMs ?? TAKE_OVER_MS)];
    for (const timer of housekeeping) timer.unref();
    void forgetOld();
    return { port, operatorPort };
  }

  async function stop(): Promise<void> {
    for (const timer of housekeeping) clearInterval(timer);
    // Supervisors kill after ten seconds: calls to the platform are cut off before, and what then is unsaid is owed.
    const cutOff = setTimeout(() => stopping.abort(), CUT_OFF_MS);
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
    await Promise.race([Promise.all([listening?.close(PATIENCE_MS), suites?.drain(), corps?.drain()]), patience]);
    clearTimeout(cutOff);
    stopping.abort();
    await operators?.close(0);
    await database?.close();
    corps?.close();
    suites?.close();
    complaints.close();
    lag.stop();
    log.info({}, 'stopped');
  }

  /** Undefined without suites, and without a key to seal with, which is told. */
  async function openSuiteStore(database: Database): Promise<SuiteStore | undefined> {
    if (config.suites.length === 0) return undefined;
    if (config.credentialKeys !== undefined) return database.suites(config.suites.map(({ suiteId }) => suiteId));
    log.error(
      { suites: config.suites.length },
      'no suite is served: there is no CREDENTIAL_KEY_FILE to seal permanent codes with',
    );
    return undefined;
  }

  /** By corp where they are few, those that have authorised a suite included. */
  async function metered(suiteStore: SuiteStore | undefined): Promise<Metrics> {
    const { droppedLogLines, versions } = options;
    const authorisations = (await suiteStore?.authorisations()) ?? [];
    return createMetrics({
      corps: config.corps.length + authorisations.length,
      open: suiteStore !== undefined,
      ...(droppedLogLines === undefined ? {} : { droppedLogLines }),
      ...(versions === undefined ? {} : { versions }),
    });
  }

  /** ms of one write, undefined when it failed. */
  async function writeTime(write: () => Promise<unknown>): Promise<number | undefined> {
    const begun = now();
    return write().then(
      () => now() - begun,
      () => undefined,
    );
  }

  async function forgetOld(): Promise<void> {
    try {
      const forgotten = await corps?.forget(now() - config.retentionDays * DAY_MS);
      if (forgotten && forgotten.messages + forgotten.sessions > 0)
        log.info(forgotten, 'what members wrote is past its retention time and dropped');
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'retention failed');
    }
    await suites
      ?.purge()
      .catch((error: unknown) => log.warn({ code: codeOf(error) }, 'ended authorisations not purged'));
  }

  async function lookAround(): Promise<void> {
    await suites
      ?.lookAround()
      .catch((error: unknown) => log.warn({ code: codeOf(error) }, 'authorisations not read anew'));
    await corps?.lookAround().catch((error: unknown) => log.warn({ code: codeOf(error) }, 'nothing taken over'));
  }

  return { start, stop };
}

/** Why a place cannot be listened at, by the settings that name it. */
function toldBy(hostName: string, portName: string, { host, port }: { readonly host: string; readonly port: number }) {
  return (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const facts = { host, port, why: code };
    if (code === 'EADDRINUSE') {
      const cause = `${host} 的端口 ${port} 已经有程序在用了（EADDRINUSE）。`;
      const step = `请停掉它，或者给 ${portName} 换一个数字。`;
      // It may be the process that is just being replaced.
      throw new BotError('listen.in-use', 'busy', { facts, cause: error, operator: { cause, step } });
    }
    if (code === 'EACCES' && port < 1024) {
      const cause = `没有权限监听端口 ${port}（EACCES）。`;
      const step = `1024 以下的端口只有 root 能用：请给 ${portName} 换一个，例如 3000，前面放反向代理。`;
      throw new BotError('listen.denied', 'setup', { facts, cause: error, operator: { cause, step } });
    }
    const cause = `不能监听 ${hostName}=${host}（${code}）。`;
    const step = `${hostName} 要是这台机器自己的地址，一般写 0.0.0.0 或 127.0.0.1。`;
    throw new BotError('listen.no-address', 'setup', { facts, cause: error, operator: { cause, step } });
  };
}
