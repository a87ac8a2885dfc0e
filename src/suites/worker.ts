/**
 * Works off what suites were told: a code is exchanged for a permanent one, once and within its ten minutes, and that one is
 * kept before anything else is asked; then the company is served and whoever installed the app is greeted. What fails is
 * tried again, further and further apart; what cannot succeed any more is told in the log. One replica works on an event.
 */

import { BotError, codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../message.ts';
import { sharedRun } from '../queue.ts';
import type { SuiteEvent, SuiteStore } from '../store/suite-store.ts';
import type { Suite } from './suite.ts';

/** What an event comes to. A code for the log and the database. */
export type Outcome = 'authorised' | 'renewed' | 'changed' | 'cancelled' | 'superseded' | 'unknown-corp';

export interface WorkerDeps {
  readonly suites: ReadonlyMap<string, Suite>;
  readonly store: Pick<SuiteStore, 'openEvents' | 'openEvent' | 'finishEvent' | 'alone'>;
  /** Carries out one event. Throws BotError for what may be tried again. */
  readonly carryOut: (suite: Suite, event: SuiteEvent) => Promise<Outcome>;
  readonly now: Clock;
  readonly log: Log;
}

export interface Worker {
  /** There may be something to do; returns at once. */
  wake(): void;
  /** What was put off for want of a ticket need not wait any longer. */
  ticketCame(suiteId: string): void;
  /** Begins nothing more; resolves when nothing is under way. */
  drain(): Promise<void>;
}

/** Of one line; see `lineOf`. */
const AT_A_TIME = 4;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Of a code (doc 90642). */
const CODE_LIFE_MS = 10 * 60_000;
/** After a code has been exchanged, and for what has none. */
const PATIENCE_MS = 24 * 60 * 60_000;
/** For another replica that is at work on the same event. */
const TURN_MS = 1_000;
/** The platform takes the code no more, whoever has used it. */
const SPENT = 40078;

export function createWorker({ suites, store, carryOut, now, log }: WorkerDeps): Worker {
  const inHand = new Map<string, { readonly event: SuiteEvent; readonly done: Promise<void> }>();
  const failed = new Map<string, { readonly tries: number; readonly until: number }>();
  let stopped = false;

  const looking = sharedRun(async () => {
    const open = await store.openEvents();
    /** The last of each: whatever was changed is read with it. */
    const newest = new Map(open.map((event) => [subjectOf(event), event]));
    const busy = new Set<string>();
    const lines = new Map<string, number>();
    const takeUp = (event: SuiteEvent): void => {
      busy.add(subjectOf(event));
      lines.set(lineOf(event), (lines.get(lineOf(event)) ?? 0) + 1);
    };
    for (const { event } of inHand.values()) takeUp(event);
    for (const event of open) {
      const suite = suites.get(event.suiteId);
      const name = `${event.suiteId} ${event.key}`;
      if (stopped || !suite || inHand.has(name) || now() < (failed.get(name)?.until ?? 0)) continue;
      if ((lines.get(lineOf(event)) ?? 0) >= AT_A_TIME || busy.has(subjectOf(event)) || mustWait(event, open)) continue;
      const isOld = newest.get(subjectOf(event)) !== event;
      const done = workOff(suite, event, name, isOld).finally(() => {
        inHand.delete(name);
        wake();
      });
      takeUp(event);
      inHand.set(name, { event, done });
    }
  });

  function wake(): void {
    if (!stopped)
      looking.after().catch((error: unknown) => log.warn({ code: codeOf(error) }, 'events of suites not looked at'));
  }

  /** `isOld`: another like it has come since, which does as well. */
  async function workOff(suite: Suite, event: SuiteEvent, name: string, isOld: boolean): Promise<void> {
    const about = { suite: suite.config.name, infoType: event.infoType };
    try {
      const outcome = await mine(event, async () => {
        const fresh = await store.openEvent(event);
        if (!fresh) return undefined;
        const came = isOld ? 'superseded' : await carryOut(suite, fresh);
        await store.finishEvent(event, came);
        return came;
      });
      failed.delete(name);
      if (outcome !== undefined) log.info({ ...about, outcome }, 'event of a suite worked off');
    } catch (error) {
      await goOnLater(event, name, about, error);
    }
  }

  /** Whoever comes second finds it done. */
  function mine<T>(event: SuiteEvent, work: () => Promise<T>): Promise<T> {
    const kind = kindOf(event);
    return kind === 'end' ? work() : store.alone(event.suiteId, `${kind}:${event.key}`, TURN_MS, work);
  }

  async function goOnLater(
    event: SuiteEvent,
    name: string,
    about: Readonly<Record<string, string>>,
    error: unknown,
  ): Promise<void> {
    const tries = (failed.get(name)?.tries ?? 0) + 1;
    const code = codeOf(error);
    const spent = error instanceof BotError && error.errcode === SPENT;
    const { code: unspent } = (await store.openEvent(event).catch(() => undefined)) ?? event;
    const life = unspent === undefined ? PATIENCE_MS : CODE_LIFE_MS;
    if (spent || now() - event.receivedAt > life) {
      const why = spent ? 'spent' : 'expired';
      log.error(
        { ...about, code, why, tries },
        'an event of a suite came to nothing; the company has to authorise anew',
      );
      await store.finishEvent(event, why).catch(() => {});
      failed.delete(name);
      return;
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
    failed.set(name, { tries, until: now() + pauseMs });
    log.warn({ ...about, code, tries, againMs: pauseMs }, 'an event of a suite is tried again');
    setTimeout(wake, pauseMs).unref();
  }

  return {
    wake,
    ticketCame(suiteId) {
      for (const [name, { tries }] of failed)
        if (name.startsWith(`${suiteId} `)) failed.set(name, { tries, until: now() });
      wake();
    },
    async drain() {
      stopped = true;
      await Promise.all([...inHand.values()].map(({ done }) => done));
    },
  };
}

/**
 * Who waits for whom: a code has only minutes and waits neither for what companies have changed, which may take long where
 * one is slow, nor for another suite; an end is one write and waits for nobody.
 */
function lineOf(event: SuiteEvent): string {
  const kind = kindOf(event);
  if (kind === 'end') return `end ${event.suiteId} ${event.key}`;
  return kind === 'code' ? `code ${event.suiteId}` : kind;
}

function kindOf({ infoType }: SuiteEvent): 'code' | 'change' | 'end' {
  if (infoType === 'cancel_auth') return 'end';
  return infoType === 'change_auth' ? 'change' : 'code';
}

/** Changes of one company are one matter; everything else is one by itself. */
function subjectOf({ infoType, suiteId, corpId, key }: SuiteEvent): string {
  return `${suiteId} ${infoType} ${infoType === 'change_auth' ? corpId : key}`;
}

/** A new permanent code is only taken by a company that is known, which the event before it may still have to make. */
function mustWait(event: SuiteEvent, open: readonly SuiteEvent[]): boolean {
  return (
    event.infoType === 'reset_permanent_code' &&
    open.some(
      (other) =>
        other.suiteId === event.suiteId &&
        other.infoType === 'create_auth' &&
        (other.stamp < event.stamp || (other.stamp === event.stamp && other.receivedAt <= event.receivedAt)),
    )
  );
}
