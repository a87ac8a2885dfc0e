/**
 * The corps that one process serves: each built with its first message, and, where there are many, given up again when
 * nobody has needed it for long. Never while it is busy, and never two of one at a time: whoever comes meanwhile waits
 * until the former one has let go of its lock.
 */

import { isDeepStrictEqual } from 'node:util';
import type { CorpConfig } from '../config.ts';
import { type Corp, type CorpDeps, createCorp, forgetIn } from '../corp.ts';
import { BotError, codeOf } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { inParallel, Lines } from '../queue.ts';
import type { Database } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { tellingFailures } from '../store/telling-failures.ts';
import type { AskToken } from '../wecom/token.ts';

/** So few are built at start, as one alone is: their libraries are read ahead of the first message. They also stay. */
const KEPT = 20;
/** ms without a message. */
const IDLE_MS = 60 * 60_000;
const AT_A_TIME = 5;
/** Callbacks that one corp may hold at a time before further ones are acknowledged early; see `lagOf`. */
const MOST_HELD = 128;

export interface CorpsDeps extends Omit<CorpDeps, 'store' | 'metrics' | 'refusal' | 'askToken'> {
  readonly database: Database;
  readonly metrics: Metrics;
  /** For tests: a shorter time, in ms, and fewer that stay. */
  readonly idleMs?: number | undefined;
  readonly keptCorps?: number | undefined;
}

/** One of them while somebody needs it. */
export interface Present {
  readonly corp: Corp;
  readonly store: Store;
}

export interface Corps {
  /**
   * From now on there is this corp, or it is configured otherwise: another secret is taken up on the spot, for anything
   * else what is built is given up as soon as it has done what it has in hand. `askToken`: see CorpDeps.
   */
  put(config: CorpConfig, askToken?: AskToken): void;
  /** There is no such corp any more: it begins no further call, concludes what it has in hand, and is given up. */
  remove(key: string): Promise<void>;
  has(key: string): boolean;
  /** Builds those that have something to do, and all of them where there are few. Throws BotError `store.*`. */
  start(): Promise<void>;
  /** Runs `work` with a corp, which is built if need be, and stays until `work` has ended. */
  with<T>(key: string, work: (present: Present) => Promise<T>): Promise<T>;
  /** The store of a corp that is built now. */
  storeOf(corpId: string): Store | undefined;
  /** Those that are built now. */
  present(): readonly Corp[];
  /** Whether the operator has stopped this corp. */
  isPaused(corpId: string): boolean;
  /** Hears what the operator has stopped, takes up what other replicas have left behind, gives up who is idle; to be called every few seconds. */
  lookAround(): Promise<void>;
  /** Drops what members wrote before `before` (ms), whether their corp is built, or still configured, or not. */
  forget(before: number): Promise<{ readonly messages: number; readonly sessions: number }>;
  /** Resolves when nothing is under way any more. */
  drain(): Promise<void>;
  /** Closes connections; calls under way fail. The stores are the database's to close. */
  close(): void;
}

interface Slot {
  config: CorpConfig;
  askToken: AskToken | undefined;
  /** Set once the corp has been removed. */
  refusal: BotError | undefined;
  built: Present | undefined;
  /** Has looked after what was left: a message that came before could be taken for a leftover. */
  isReady: boolean;
  /** What the last run left is not taken up while the operator has stopped the corp. */
  mustResume: boolean;
  users: number;
  lastUsed: number;
}

export function createCorps(configs: readonly CorpConfig[], deps: CorpsDeps): Corps {
  const { database, log, now, idleMs = IDLE_MS, keptCorps: kept = KEPT } = deps;
  const slots = new Map(configs.map((config) => [config.key, newSlot(config, undefined)]));
  /** Building and giving up, by corp. */
  const lines = new Lines<string>();
  /** What is built no more, and still has something in hand. */
  const leaving = new Set<Promise<void>>();
  let paused: ReadonlySet<string> = new Set();
  let stopped = false;

  function use<T>(key: string, work: (present: Present) => Promise<T>): Promise<T> {
    const slot = slots.get(key);
    if (!slot) return Promise.reject(removed());
    slot.users++;
    const done = (): void => {
      slot.users--;
      slot.lastUsed = now();
    };
    const result = slot.built && slot.isReady ? work(slot.built) : lines.run([key], () => build(slot)).then(work);
    result.then(done, done);
    return result;
  }

  async function build(slot: Slot): Promise<Present> {
    if (slot.built) return slot.built;
    if (slot.refusal) throw slot.refusal;
    const { key } = slot.config;
    const ownLog = log.child({ corp: key });
    const metrics = deps.metrics.of(key);
    const store = tellingFailures(await database.storeOf(key), metrics.databaseFailed);
    slot.mustResume = await isStopped(store);
    // Not before: `put` may have come meanwhile.
    const { config, askToken } = slot;
    const own = { store, log: ownLog, metrics, lag: lagOf(slot), askToken, refusal: () => slot.refusal };
    const corp = createCorp(config, { ...deps, ...own });
    slot.built = { corp, store };
    metrics.watch(corp.probes);
    try {
      if (!slot.mustResume) await corp.resume();
      slot.isReady = true;
    } catch (error) {
      await letGo(slot);
      throw error;
    }
    return slot.built;
  }

  /** The connections of the process are for all: who holds a great part of them is told that the process is late. */
  function lagOf(slot: Slot): () => number {
    return () => (slots.size > 1 && slot.users > MOST_HELD ? Number.MAX_SAFE_INTEGER : deps.lag());
  }

  async function letGo(slot: Slot): Promise<void> {
    const { built } = slot;
    slot.built = undefined;
    slot.isReady = false;
    if (!built) return;
    deps.metrics.of(slot.config.key).watch({});
    const gone = built.corp.drain().then(() => {
      built.corp.close();
      return built.store.close();
    });
    leaving.add(gone);
    await gone.finally(() => leaving.delete(gone));
  }

  function put(config: CorpConfig, askToken?: AskToken): void {
    const slot = slots.get(config.key);
    if (!slot) {
      slots.set(config.key, newSlot(config, askToken));
      return;
    }
    const isOnlySecret = isDeepStrictEqual(withoutSecret(slot.config), withoutSecret(config));
    slot.config = config;
    slot.askToken = askToken;
    // Whoever writes meanwhile would wait for a plan that runs for long.
    if (isOnlySecret) slot.built?.corp.renew(config.wecom.secret, askToken);
    else if (slot.built) void lines.run([config.key], () => letGo(slot)).catch(troubled(config.key));
  }

  async function remove(key: string): Promise<void> {
    const slot = slots.get(key);
    if (!slot) return;
    slots.delete(key);
    slot.refusal = removed();
    await lines.run([key], () => letGo(slot)).catch(troubled(key));
  }

  function troubled(key: string): (error: unknown) => void {
    return (error) => log.warn({ corp: key, code: codeOf(error) }, 'corp not given up in order');
  }

  async function start(): Promise<void> {
    const [first, ...others] = slots.keys();
    // The first by itself: with it the tables come about.
    if (first !== undefined) await use(first, async () => {});
    const working = new Set(slots.size <= kept ? others : await database.corpsWithWork());
    const due = others.filter((corpId) => working.has(corpId));
    await inParallel(AT_A_TIME, due, async (corpId) => {
      try {
        await use(corpId, async () => {});
      } catch (error) {
        log.error({ corp: corpId, code: codeOf(error) }, 'this corp is not served yet; the next message tries again');
      }
    });
    await hearPauses();
  }

  async function hearPauses(): Promise<void> {
    const before = paused;
    const pausedNow = new Set(await database.pausedCorps());
    // Before the first message is let in again, which could be taken for a leftover.
    for (const [corpId, slot] of slots) if (slot.mustResume && !pausedNow.has(corpId)) await resume(slot);
    paused = pausedNow;
    for (const corpId of slots.keys()) {
      if (paused.has(corpId) === before.has(corpId)) continue;
      log.warn({ corp: corpId }, paused.has(corpId) ? 'corp paused by the operator' : 'corp resumed by the operator');
    }
  }

  async function resume(slot: Slot): Promise<void> {
    slot.mustResume = false;
    await use(slot.config.key, ({ corp }) => corp.resume()).catch((error: unknown) =>
      log.warn({ corp: slot.config.key, code: codeOf(error) }, 'what the last run left is not taken up yet'),
    );
  }

  async function lookAround(): Promise<void> {
    await hearPauses();
    for (const corpId of await database.corpsLeftBehind()) {
      if (!slots.has(corpId) || paused.has(corpId)) continue;
      await use(corpId, ({ corp }) => corp.takeOver()).catch((error: unknown) =>
        log.warn({ corp: corpId, code: codeOf(error) }, 'nothing taken over'),
      );
    }
    await giveUpIdle();
  }

  async function giveUpIdle(): Promise<void> {
    const built = [...slots.values()].filter((slot) => slot.built);
    const idle = built.filter(isIdle).sort((a, b) => a.lastUsed - b.lastUsed);
    for (const slot of idle.slice(0, Math.max(0, built.length - kept))) {
      await lines.run([slot.config.key], async () => {
        if (isIdle(slot) && !stopped) await letGo(slot);
      });
    }
  }

  function isIdle({ built, users, lastUsed }: Slot): boolean {
    return users === 0 && now() - lastUsed > idleMs && built?.corp.probes.underWay?.() === 0;
  }

  async function forget(before: number): Promise<{ messages: number; sessions: number }> {
    const all = { messages: 0, sessions: 0 };
    for (const corpId of await database.corpsToForget(before)) {
      try {
        const { messages, sessions } = await lines.run([corpId], () => forgetOf(corpId, before));
        all.messages += messages;
        all.sessions += sessions;
      } catch (error) {
        // Of another process that serves this corp from the same file, which forgets by itself, for one.
        log.warn({ corp: corpId, code: codeOf(error) }, 'retention failed');
      }
    }
    return all;
  }

  async function forgetOf(corpId: string, before: number): Promise<{ messages: number; sessions: number }> {
    const present = slots.get(corpId)?.built?.store;
    if (present) return forgetIn(present, before);
    const store = await database.storeOf(corpId);
    try {
      return await forgetIn(store, before);
    } finally {
      await store.close();
    }
  }

  function present(): Present[] {
    return [...slots.values()].flatMap(({ built }) => (built ? [built] : []));
  }

  return {
    put,
    remove,
    has: (key) => slots.has(key),
    start,
    with: use,
    storeOf: (corpId) => slots.get(corpId)?.built?.store,
    present: () => present().map(({ corp }) => corp),
    isPaused: (corpId) => paused.has(corpId),
    lookAround,
    forget,
    async drain() {
      stopped = true;
      await Promise.all([
        ...present().map(({ corp }) => corp.drain()),
        ...[...leaving].map((gone) => gone.catch(() => {})),
      ]);
    },
    close() {
      for (const { corp } of present()) corp.close();
    },
  };

  function newSlot(config: CorpConfig, askToken: AskToken | undefined): Slot {
    return {
      config,
      askToken,
      refusal: undefined,
      built: undefined,
      isReady: false,
      mustResume: false,
      users: 0,
      lastUsed: now(),
    };
  }
}

/** Whether the operator has, by what stands in the database: at a start nobody has heard of it yet. */
async function isStopped(store: Store): Promise<boolean> {
  try {
    return ((await store.note('paused')) ?? '') !== '';
  } catch (error) {
    await store.close();
    throw error;
  }
}

function withoutSecret(config: CorpConfig): object {
  return { ...config, wecom: { ...config.wecom, secret: '' } };
}

/** Of a corp that has taken its authorisation back. */
function removed(): BotError {
  return new BotError('corp.removed', 'user', {
    meaning: '企业已经取消了对这个应用的授权，后面的都没有做。',
    advice: '还要用的话，请企业管理员重新安装这个应用。',
  });
}
