/** Composition root: builds one corp's store, client, catalog, bot and HTTP face, and hands each what it needs. */

import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createBot } from './bot/bot.ts';
import { MENU, menuDifferences } from './bot/commands/menu.ts';
import { createEnvelope } from './callback/envelope.ts';
import { callbackRoute } from './callback/route.ts';
import type { Config } from './config.ts';
import { diagnose } from './diagnosis.ts';
import { codeOf } from './errors.ts';
import { createHttp, type Listening, listen } from './http.ts';
import { createInbox } from './inbox/inbox.ts';
import type { Log } from './log.ts';
import type { Clock } from './message.ts';
import { createMetrics } from './metrics.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import { createCatalog } from './tags/catalog.ts';
import { createService } from './tags/change/carry-out.ts';
import { createWecom } from './wecom/wecom.ts';

export interface App {
  /** Looks after what the last run left unfinished, then listens. The platform need not be reachable. */
  start(): Promise<{ readonly port: number }>;
  /** Takes no new messages, finishes those under way, closes the store. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly log: Log;
  readonly now?: Clock;
  /** For tests: shorter waits. */
  readonly windowMs?: number | undefined;
  readonly repeatWaitMs?: number | undefined;
  readonly pushPausesMs?: readonly number[] | undefined;
}

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
/** Of a stop: until calls under way are cut off, and until nothing is waited for any more. */
const CUT_OFF_MS = 6_000;
const PATIENCE_MS = 8_500;

export function createApp(config: Config, options: AppOptions): App {
  const { log } = options;
  const now = options.now ?? Date.now;
  const metrics = createMetrics();
  const stopping = new AbortController();
  // Every call under way listens to it; twenty at a time are no leak.
  setMaxListeners(0, stopping.signal);
  const wecom = createWecom({
    baseUrl: config.wecom.apiBaseUrl,
    corpId: config.wecom.corpId,
    agentId: config.wecom.agentId,
    secret: config.wecom.secret,
    log,
    metrics,
    now,
    signal: stopping.signal,
  });
  const catalog = createCatalog({
    tags: wecom.tags,
    ruleGroups: wecom.ruleGroups,
    now,
    report: (what, error) => log.warn({ what, code: codeOf(error) }, 'catalog'),
  });
  const service = createService({ tags: wecom.tags, ruleGroups: wecom.ruleGroups, catalog });
  let store: Store | undefined;
  let listening: Listening | undefined;
  let drain: () => Promise<void> = async () => {};
  let housekeeping: NodeJS.Timeout | undefined;

  async function start(): Promise<{ port: number }> {
    // Ahead of the first message, and while the store is being opened; its failure is that message's to tell.
    catalog.current().catch((error: unknown) => log.warn({ code: codeOf(error) }, 'the library could not be read yet'));
    const opened = await openStore(config.databaseUrl, config.wecom.corpId, { now });
    store = opened;
    const bot = createBot({
      store: opened,
      catalog,
      service,
      directory: wecom.directory,
      menu: { publish: publishMenu },
      diagnose: () => diagnose(config, wecom, async () => opened, now),
      upload: (file) => wecom.media.upload(file),
      rangeOf: (id) => wecom.ruleGroups.range(id),
      access: config.access,
      defaultStrategyId: config.defaultStrategyId,
      replyFormat: config.replyFormat,
      publicUrl: config.server.publicUrl,
      timeZone: config.timeZone,
      now,
      newId: () => randomBytes(12).toString('base64url'),
      log,
      metrics,
    });
    const inbox = createInbox({
      handle: bot.handle,
      recover: bot.recover,
      tooOld: bot.tooOld,
      store: opened,
      push: async (member, message) => {
        await wecom.messages.send(member, message);
      },
      updateCard: (member, responseCode, update) =>
        wecom.messages.updateCard({ responseCode, userids: [member], update }),
      mayPush: (member) => wecom.meter.take(member),
      now,
      log,
      metrics,
      windowMs: options.windowMs,
      repeatWaitMs: options.repeatWaitMs,
      pushPausesMs: options.pushPausesMs,
    });
    drain = inbox.drain;
    const envelope = createEnvelope({
      token: config.wecom.token,
      encodingAesKey: config.wecom.encodingAesKey,
      receiveId: config.wecom.corpId,
    });
    const app = createHttp({
      callback: callbackRoute({
        path: config.server.callbackPath,
        envelope,
        corpId: config.wecom.corpId,
        inbox,
        now,
        log,
        metrics,
      }),
      checks: { store: () => opened.ping(), token: () => wecom.token.get() },
      metrics,
      log,
    });
    await inbox.resume();
    listening = await listen(app, config.server.port, config.server.host);
    log.info({ port: listening.port, path: config.server.callbackPath }, 'listening');
    housekeeping = setInterval(forgetOld, HOUR_MS);
    housekeeping.unref();
    void forgetOld();
    return { port: listening.port };
  }

  async function stop(): Promise<void> {
    clearInterval(housekeeping);
    // Supervisors kill after ten seconds: calls to the platform are cut off before, and what then is unsaid is owed.
    const cutOff = setTimeout(() => stopping.abort(), CUT_OFF_MS);
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
    await Promise.race([Promise.all([listening?.close(PATIENCE_MS), drain()]), patience]);
    clearTimeout(cutOff);
    stopping.abort();
    await store?.close();
    wecom.close();
    log.info({}, 'stopped');
  }

  async function forgetOld(): Promise<void> {
    try {
      const forgotten = await store?.forget(now() - config.retentionDays * DAY_MS);
      if (forgotten) log.info({ messages: forgotten }, 'message texts past their retention time dropped');
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'retention failed');
    }
  }

  async function publishMenu(dryRun: boolean): Promise<readonly string[]> {
    const differences = menuDifferences(await wecom.menu.get());
    if (!dryRun && differences.length > 0) await wecom.menu.create(MENU);
    return differences;
  }

  return { start, stop };
}
