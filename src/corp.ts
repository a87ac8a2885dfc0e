/**
 * Everything that belongs to one company: its token, platform client, catalog, bot and inbox. What belongs to the process
 * is handed in, so that several of these can stand side by side without knowing each other.
 */

import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bot, createBot } from './bot/bot.ts';
import { publishMenu } from './bot/commands/menu.ts';
import { namesSomebody, unmarked, withMarks } from './bot/hidden-names.ts';
import { misnamed } from './bot/misnamed.ts';
import { lastingOf } from './bot/session.ts';
import type { CorpConfig } from './config.ts';
import { assertClock, diagnose, type Finding, type Surroundings } from './diagnosis.ts';
import { type BotError, codeOf } from './errors.ts';
import { createInbox, type Inbox } from './inbox/inbox.ts';
import type { Recent } from './inbox/recent.ts';
import type { Log } from './log.ts';
import type { Clock } from './message.ts';
import type { Metrics, Probes } from './metrics.ts';
import type { Store } from './store/store.ts';
import { createCatalog } from './tags/catalog.ts';
import { createCatchUp } from './tags/catch-up.ts';
import { createService } from './tags/change/carry-out.ts';
import { createTelling } from './tags/telling.ts';
import { PUSH_LIMITS } from './wecom/messages.ts';
import type { AskToken } from './wecom/token.ts';
import { createWecom } from './wecom/wecom.ts';

/** Until it is known who and what the configuration names. */
const ASK_AGAIN_MS = 60_000;

export interface CorpDeps {
  /** Of this corp alone. */
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Room for one more inbox. */
  readonly recents: () => Recent;
  readonly now: Clock;
  /** ms of a clock that never jumps, for durations. */
  readonly ticks: Clock;
  /** ms by which the process is late at present. */
  readonly lag: () => number;
  /** Aborted when the program stops: calls to the platform that are still under way are cut off. */
  readonly signal: AbortSignal;
  /** Why this corp makes no further call to the platform; those under way go on. */
  readonly refusal?: (() => BotError | undefined) | undefined;
  /** Of an app whose token does not come from corp id and secret alone. */
  readonly askToken?: AskToken | undefined;
  readonly versions?: { readonly program: string; readonly node: string };
  /** For tests: shorter waits, in ms. */
  readonly windowMs?: number | undefined;
  readonly repeatWaitMs?: number | undefined;
  readonly pushPausesMs?: readonly number[] | undefined;
  readonly lookAgainMs?: readonly number[] | undefined;
  /** For tests: how the catalog waits for further change events. */
  readonly settle?: ((ms: number) => Promise<unknown>) | undefined;
}

export interface Corp {
  /** Where this corp's messages go. */
  readonly inbox: Pick<Inbox, 'knows' | 'receive'>;
  /** What /readyz asks of this corp, by name. */
  readonly checks: Readonly<Record<'store' | 'token' | 'clock' | 'library', () => Promise<unknown>>>;
  /** What this corp is like now, for /metrics. */
  readonly probes: Probes;
  /** Looks after what the last run left unfinished; to be called before the first callback. */
  resume(): Promise<void>;
  /** Takes up what other replicas have left behind; to be called every few seconds. */
  takeOver(): Promise<void>;
  /** What the bot needs here, check by check, as an admin hears it. */
  diagnose(): Promise<Finding[]>;
  /** The corp has changed what the app may see: library and names of people are to be read anew. */
  granted(): void;
  /** The app has another secret from now on; what is under way goes on with it. */
  renew(secret: string, askToken: AskToken | undefined): void;
  /** Pushes a text to one member. Throws BotError. */
  tell(member: string, text: string): Promise<void>;
  /** Resolves when nothing is under way any more. */
  drain(): Promise<void>;
  /** Closes connections; calls under way fail. */
  close(): void;
}

/** How long a token is waited for that another replica is fetching, in ms. */
const TOKEN_TURN_MS = 5_000;
/** How long a change waits for those of other replicas in the same library, in ms. */
const LIBRARY_TURN_MS = 30_000;
/** Between two tries to read the library that only a readiness check has asked for, in ms. */
const LIBRARY_PAUSE_MS = 30_000;

/** Begins to read the library; the platform need not be reachable. */
export function createCorp(config: CorpConfig, deps: CorpDeps): Corp {
  const { store, log, metrics, now, ticks, lag, lookAgainMs } = deps;
  const { corpId, agentId, secret, apiBaseUrl } = config.wecom;
  const wecom = createWecom({
    baseUrl: apiBaseUrl,
    egress: config.network,
    notes: {
      recall: (name) => store.note(name),
      keep: (name, note) => store.keepNote(name, note),
      alone: (work) => store.alone(['token:'], TOKEN_TURN_MS, work),
    },
    corpId,
    agentId,
    secret,
    log,
    metrics,
    now,
    signal: deps.signal,
    refusal: deps.refusal,
    asking: deps.askToken,
    app: config.app,
  });
  const hidesNames = config.app === 'third-party';
  const catalog = createCatalog({
    tags: wecom.tags,
    ruleGroups: wecom.ruleGroups,
    // A clock that was set back must not keep rights that were taken away.
    now: ticks,
    sleep: deps.settle,
    report: (what, error) => {
      if (codeOf(error) !== 'api.stopped') log.warn({ what, code: codeOf(error) }, 'catalog');
    },
  });
  const troubled = (error: unknown) => log.warn({ code: codeOf(error) }, 'not caught up with other replicas');
  const catchUp = createCatchUp(catalog, troubled);
  // Before anybody asks; whoever asks looks at the versions all the same.
  store.onRaised((library, version) => void catchUp.to(new Map([[library, version]])));
  /** Ends all patience with what may still be on its way. */
  const leaving = new AbortController();
  // Every change that looks again listens to it.
  setMaxListeners(0, leaving.signal);
  // Ahead of the first message; its failure is that message's to tell.
  catalog.current().catch((error: unknown) => {
    if (codeOf(error) !== 'api.stopped') log.warn({ code: codeOf(error) }, 'the library could not be read yet');
  });
  void tellMistakes();

  let libraryFailure: { readonly error: unknown; readonly at: number } | undefined;
  /** There has been one. A failed try stands for half a minute: whoever asks every second must not use up the calls. */
  async function libraryThere(): Promise<void> {
    if (catalog.peek() !== undefined) return;
    if (libraryFailure !== undefined && now() < libraryFailure.at + LIBRARY_PAUSE_MS) throw libraryFailure.error;
    try {
      await catalog.current();
    } catch (error) {
      libraryFailure = { error, at: now() };
      throw error;
    }
  }

  const { program, node } = deps.versions ?? { program: '?', node: '?' };
  const surroundings: Surroundings = {
    config,
    wecom,
    now,
    versions: `版本 ${program}，Node ${node}`,
    store: async () => {
      await store.ping();
      const names = ['callback.verified', 'callback.taken', 'callback.refused'] as const;
      const notes = await Promise.all(names.map(async (name) => [name, (await store.note(name)) ?? ''] as const));
      return { about: '可以读写', freeBytes: undefined, notes: new Map(notes.filter(([, value]) => value !== '')) };
    },
    menu: () => publishMenu(wecom.menu, true),
    libraryReadAt: () => {
      const readAt = catalog.peek()?.library.readAt;
      return readAt === undefined ? undefined : now() - (ticks() - readAt);
    },
  };

  async function findings(reader: { readonly admin: boolean }): Promise<Finding[]> {
    const found: Finding[] = [];
    for await (const finding of diagnose(surroundings, reader)) found.push(finding);
    return found;
  }

  const bot = createBot({
    store,
    catalog,
    service: createService({
      tags: wecom.tags,
      ruleGroups: wecom.ruleGroups,
      catalog,
      among: (libraryIds, work) =>
        store.alone(
          // Rule groups are created one after the other as well (errcode 45035).
          (libraryIds.length === 0 ? ['new'] : libraryIds).map((id) => `library:${id}`),
          LIBRARY_TURN_MS,
          (hold) => work(() => hold.still()),
        ),
      pause,
      lookAgainMs,
    }),
    replicas: {
      catchUp: () => store.versions().then(catchUp.to, troubled),
      changed: createTelling({ raise: (libraries) => store.raise(libraries).then(catchUp.madeByUs), pause }),
    },
    directory: hidesNames ? withMarks(wecom.directory) : wecom.directory,
    menu: { publish: (dryRun) => publishMenu(wecom.menu, dryRun) },
    diagnose: findings,
    upload: (file) => wecom.media.upload(file),
    rangeOf: (id) => wecom.ruleGroups.range(id),
    access: config.access,
    defaultStrategyId: config.defaultStrategyId,
    replyFormat: config.replyFormat,
    publicUrl: config.server.publicUrl,
    timeZone: config.timeZone,
    now,
    ticks,
    newId: () => randomBytes(12).toString('base64url'),
    log,
    metrics,
  });

  const inbox = createInbox({
    ...(hidesNames ? marksRemoved(bot) : bot),
    store,
    recent: deps.recents(),
    push: (member, message) => wecom.messages.send(member, message),
    updateCard: (member, responseCode, update) =>
      wecom.messages.updateCard({ responseCode, userids: [member], update }),
    mayPush: (member) => store.takePush(member, PUSH_LIMITS).catch(() => true),
    now,
    ticks,
    lag,
    log,
    metrics,
    windowMs: deps.windowMs,
    repeatWaitMs: deps.repeatWaitMs,
    pushPausesMs: deps.pushPausesMs,
  });

  /** What keeps the bot from working as it was meant to, though it runs: once, as soon as the platform can be asked. */
  async function tellMistakes(): Promise<void> {
    if (config.app === 'self-built' && config.access.botAdmins.length === 0)
      log.warn({ setting: 'BOT_ADMINS' }, 'nobody is named as an admin of the bot');
    do {
      try {
        const { ruleGroups, unread } = (await catalog.current()).library;
        tellClock();
        const known = unread.has('rule-groups') ? undefined : ruleGroups;
        for (const { setting, value } of await misnamed(config, known, wecom.directory.sees))
          log.warn({ setting, value }, 'the configuration names somebody or something that is not there');
        return;
      } catch {
        // Not to be asked yet; the reason is told where somebody needs the answer.
      }
    } while (await pause(ASK_AGAIN_MS));
  }

  function tellClock(): void {
    try {
      assertClock(wecom.clockAhead());
    } catch (error) {
      const { facts } = error as BotError;
      log.warn({ code: codeOf(error), minutesAhead: facts.ahead }, "this machine's clock is not the platform's");
    }
  }

  function pause(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: leaving.signal }).catch(() => false);
  }

  return {
    inbox,
    checks: {
      store: () => store.ping(),
      token: () => wecom.token.get(),
      clock: async () => assertClock(wecom.clockAhead()),
      library: libraryThere,
    },
    probes: {
      libraryReadAt: () => catalog.peek()?.library.readAt,
      tags: () => catalog.peek()?.library.tagCount,
      clockAhead: () => wecom.clockAhead(),
      tokenHeld: () => wecom.token.held(),
      underWay: () => inbox.underWay(),
      owed: () => store.countOwed(),
    },
    resume: () => inbox.resume(),
    takeOver: () => inbox.takeOver(),
    diagnose: () => findings({ admin: true }),
    granted() {
      catalog.outdated();
      wecom.directory.forget();
    },
    renew(renewed, asking) {
      wecom.renew({ secret: renewed, asking });
      // What the former one was refused says nothing any more.
      catalog.outdated();
    },
    tell: (member, content) => wecom.messages.send(member, { msgtype: 'text', text: { content } }),
    drain: () => {
      leaving.abort();
      return inbox.drain();
    },
    close: () => wecom.close(),
  };
}

/** The same bot, for an app that sees no names. */
function marksRemoved({ handle, atOnce, recover, tooOld, parked }: Bot): Bot {
  return {
    handle: async (message, turn) => {
      const outgoing = await handle(message, turn);
      return outgoing && unmarked(outgoing);
    },
    atOnce: (message) => {
      const outgoing = atOnce(message);
      return outgoing && namesSomebody(outgoing) ? undefined : outgoing;
    },
    recover: async (row, changes) => unmarked(await recover(row, changes)),
    tooOld,
    parked: async (row, changes) => unmarked(await parked(row, changes)),
  };
}

/** Drops what members wrote before `before` (ms), out of messages and sessions; how many of each. */
export async function forgetIn(
  store: Store,
  before: number,
): Promise<{ readonly messages: number; readonly sessions: number }> {
  return { messages: await store.forget(before), sessions: await store.forgetSessions(before, lastingOf) };
}
