/**
 * What a former run, or a replica that has gone, has left unfinished: carried out, told, or given up, each once more and in
 * the line of its member.
 */

import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Clock, type Outgoing, recalled } from '../message.ts';
import type { Place } from '../queue.ts';
import type { ChangeRow, MessageRow, Store } from '../store/store.ts';
import { isStoreAway, later } from './again.ts';
import { Callbacks } from './callbacks.ts';
import type { Delivery } from './delivery.ts';
import { type Entry, NOTHING, newEntry } from './entry.ts';
import type { MemberTurns } from './member-turn.ts';
import { MessageRecord } from './message-record.ts';
import { REPEAT_WAIT_MS, type Responses } from './response.ts';
import type { UnderWay } from './under-way.ts';
import { arrivedAt, WINDOW_MS } from './window.ts';

export interface LeftoverDeps {
  readonly store: Store;
  readonly log: Log;
  readonly now: Clock;
  /** ms of a clock that never jumps. */
  readonly ticks: Clock;
  readonly windowMs?: number | undefined;
  readonly repeatWaitMs?: number | undefined;
  /** Tells what became of a message that a crash interrupted after its write had begun. Never writes. */
  recover(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** What to say of a message that is too old to be carried out after a restart. */
  tooOld(row: MessageRow): Outgoing;
  /** Tells that a message is not tried any more because it has ended the process; what had begun is uncertain. */
  parked(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
}

/** What they share with the messages of this run. */
interface Shared extends MemberTurns {
  /** The message is known from now on: its repeat is one. */
  remember(entry: Entry): void;
  handle(entry: Entry): Promise<Outgoing | undefined>;
  stand(member: string): { readonly place: Place; readonly asker: Place };
  readonly delivery: Delivery;
  readonly responses: Responses;
  readonly underWay: UnderWay;
}

/** Messages younger than this are carried out after a restart when their write had not begun. */
const RUN_AFTER_RESTART_MS = 10 * 60_000;
/** How often a message may be in hand when the process dies: the first run and one after a restart. */
const MOST_TRIES = 2;
/** How long WeCom's repeat is waited for when another replica has died: it has begun to come already. */
const TAKEOVER_WAIT_MS = 8_000;

export interface Leftovers {
  /**
   * Looks after what the last run left unfinished; to be called before the first `receive`, which could otherwise be
   * taken for a leftover. Resolves when everything is on its way, not when it is delivered.
   */
  resume(): Promise<void>;
  /** As `resume`, for what other replicas have left behind; to be called every few seconds. */
  takeOver(): Promise<void>;
}

export function createLeftovers(deps: LeftoverDeps, shared: Shared): Leftovers {
  const { store, log, now, ticks, windowMs = WINDOW_MS, repeatWaitMs = REPEAT_WAIT_MS } = deps;
  const clocks = { now, ticks, windowMs };
  const { inTurn, noTurn, handle, stand, delivery, responses, underWay } = shared;

  async function resume(): Promise<void> {
    for (const row of await store.unfinished()) takeUp(row, repeatWaitMs);
  }

  async function takeOver(): Promise<void> {
    for (const row of await store.leftBehind()) takeUp(row, Math.min(repeatWaitMs, TAKEOVER_WAIT_MS));
  }

  function takeUp(row: MessageRow, waitMs: number): void {
    const message = recalled(row);
    const entry = newEntry(
      message,
      arrivedAt(message, clocks),
      MessageRecord.of(store, log, message, row),
      new Callbacks(),
    );
    shared.remember(entry);
    const { place, asker } = stand(row.member);
    const begin = () => {
      asker.leave();
      return place.turn.then(() => resumed(row, entry));
    };
    const work = asker.turn.then(() => inTurn(message, begin, NOTHING, () => whenBegun(row, begin)));
    const leave = () => {
      asker.leave();
      place.leave();
    };
    void underWay.track(work.finally(leave)).catch(() => {});
    if (row.acknowledged) underWay.background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
    else responses.awaitRepeat(entry, work, waitMs);
    const { member, key, state, acknowledged } = row;
    log.info({ member, key, state, acknowledged }, 'resuming a message');
  }

  /** What has begun is only looked into, and told without a turn as well. */
  async function whenBegun(row: MessageRow, tell: () => Promise<Outgoing | undefined>): Promise<Outgoing | undefined> {
    return row.answer !== undefined || (await store.changesOf(row.key)).length > 0 ? tell() : noTurn(recalled(row));
  }

  async function resumed(row: MessageRow, entry: Entry): Promise<Outgoing | undefined> {
    if (row.answer !== undefined) return JSON.parse(row.answer) as Outgoing;
    const outgoing = await patiently(row, lookingAfter(row, entry));
    // It may have to outlive the next restart, and is the same answer then; and WeCom's repeat may reach another replica.
    if (outgoing) await entry.record.answer(outgoing, 'answered');
    return outgoing;
  }

  /** The message is ours now, and nobody else will look after it: a store that is away meanwhile is waited for. */
  function patiently<T>({ member, key }: MessageRow, work: () => Promise<T>): Promise<T> {
    return work().catch((error: unknown) => {
      // Whoever had it before was only cut off and has concluded it now: then its word counts.
      if (!isStoreAway(error) && codeOf(error) !== 'store.concluded') throw error;
      log.warn({ member, key, code: codeOf(error) }, 'message not resumed yet');
      return later(work);
    });
  }

  function lookingAfter(row: MessageRow, entry: Entry): () => Promise<Outgoing | undefined> {
    let tries: number | undefined;
    return async () => {
      const changes = await store.changesOf(row.key);
      const isTooOld = row.content === undefined || now() - row.receivedAt > RUN_AFTER_RESTART_MS;
      if (changes.length === 0 && isTooOld) return deps.tooOld(row);
      tries ??= await store.tryAgain(row.key);
      if (tries <= MOST_TRIES) return changes.length === 0 ? handle(entry) : deps.recover(row, changes);
      log.error({ member: row.member, key: row.key, tries }, 'message parked: it ends the process');
      return deps.parked(row, changes);
    };
  }

  return { resume, takeOver };
}
