/** What a provider adds to the process: its suites, their addresses, who has authorised them, and what becomes of events. */

import { setMaxListeners } from 'node:events';
import type { CallbackRoute } from '../callback/route.ts';
import type { Config } from '../config.ts';
import type { CorpRouteDeps } from '../corps/corp-route.ts';
import { codeOf } from '../errors.ts';
import type { SuiteState } from '../metrics.ts';
import { sharedRun } from '../queue.ts';
import { createKeyRing } from '../sealing.ts';
import type { Database } from '../store/database.ts';
import type { SuiteStore } from '../store/suite-store.ts';
import { createAuthorised } from './authorised.ts';
import { eventCarrier } from './events.ts';
import { createGrants } from './grants.ts';
import { resealAll } from './reseal.ts';
import { createSuite, keyOf, type SuiteDeps } from './suite.ts';
import { suiteReceiver } from './suite-receiver.ts';
import { suiteRoutes } from './suite-route.ts';
import { createWorker } from './worker.ts';

export interface SuitesDeps extends CorpRouteDeps, Pick<SuiteDeps, 'networkRepeats' | 'sleep'> {
  readonly database: Database;
  readonly store: SuiteStore;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
}

export interface Suites {
  readonly routes: readonly CallbackRoute[];
  /** Takes up what the last run left, once the corps have been started. */
  start(): void;
  /** Hears what other replicas have been told, and tries again; to be called every few seconds. */
  lookAround(): Promise<void>;
  /** Deletes what is kept of companies whose authorisation ended long enough ago, and old events. */
  purge(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  drain(): Promise<void>;
  /** Closes connections; calls under way fail. */
  close(): void;
}

/** A hint is answered whatever becomes of it. */
const HEARD = Promise.resolve(true);
const DAY_MS = 24 * 60 * 60_000;
/** Longer than any repeat, or any code, lives. */
const KEEP_EVENTS_MS = 30 * DAY_MS;

/**
 * Serves the companies that have authorised already: `corps` knows them when this resolves. Throws BotError `store.*`.
 */
export async function createSuites(config: Config, deps: SuitesDeps): Promise<Suites> {
  const { database, store, corps, log, now, metrics, signal } = deps;
  setMaxListeners(0, signal);
  const ring = createKeyRing(config.credentialKeys ?? []);
  await resealAll(store, ring, log);
  const baseUrl = config.wecom.apiBaseUrl;
  const shared = { ...deps, store, ring, baseUrl, egress: config.network };
  const suites = new Map(config.suites.map((each) => [each.suiteId, createSuite(each, shared)]));
  const authorised = createAuthorised({ config, suites, store, ring, corps, log });
  await authorised.sync();
  const grants = createGrants({ suites, store, authorised, corps, now, log });
  const carryOut = eventCarrier({ store, ring, authorised, grants, corps, now, log, signal });
  const worker = createWorker({ suites, store, carryOut, now, log });
  const routes = [...suites.values()].flatMap((suite) => {
    const receiver = suiteReceiver(suite, {
      ...shared,
      kept: worker.wake,
      ticketCame: worker.ticketCame,
      hint: async (of, corpId, message) => {
        const corp = await authorised.find(of, corpId);
        if (corp) await corps.with(corp.key, (present) => present.corp.inbox.receive(message, HEARD));
        return corp !== undefined;
      },
    });
    return suiteRoutes(suite, { ...deps, metrics, authorised, receiver });
  });

  const looking = sharedRun(grants.lookForApps);

  async function states(): Promise<SuiteState[]> {
    const [authorisations, open] = await Promise.all([store.authorisations(), store.openEvents()]);
    return Promise.all(
      config.suites.map(async ({ suiteId, name }) => ({
        suite: name,
        ticketAt: (await store.ticket(suiteId))?.at,
        companies: authorisations.filter((each) => each.suiteId === suiteId && each.state === 'active').length,
        openEvents: open.filter((each) => each.suiteId === suiteId).length,
      })),
    );
  }
  metrics.watchSuites(states);
  const syncing = sharedRun(authorised.sync);
  store.onChanged(() => {
    syncing.after().catch((error: unknown) => log.warn({ code: codeOf(error) }, 'authorisations not read anew'));
  });

  async function purge(): Promise<void> {
    await store.forgetEvents(now() - KEEP_EVENTS_MS);
    for (const { suiteId, corpId, state, changedAt } of await store.authorisations()) {
      const suite = suites.get(suiteId);
      if (!suite || state !== 'cancelled' || now() - changedAt < suite.config.keepDays * DAY_MS) continue;
      const key = keyOf(suiteId, corpId);
      try {
        await database.purge(key);
        await store.forget({ suiteId, corpId });
        log.warn({ corp: key }, 'the authorisation ended long enough ago: everything kept of the company was deleted');
      } catch (error) {
        log.warn({ corp: key, code: codeOf(error) }, 'what is kept of the company was not deleted yet');
      }
    }
  }

  return {
    routes,
    start: () => worker.wake(),
    async lookAround() {
      await syncing.after();
      worker.wake();
      void looking.joined();
    },
    purge,
    drain: () => worker.drain(),
    close: () => {
      for (const { api } of suites.values()) api.close();
    },
  };
}
