/**
 * Between the callback and the bot: the same message gets the same answer and one effect, and the messages of one member
 * are handled in order. When the answer is ready decides how it can travel; delivery.ts sees to it that it arrives.
 *
 * Life of a message:  received → handled → answered ─ window open ─→ passive reply, or pushed while the callback is held
 *                                            └────── window over ─→ persisted, 200 empty, pushed when done
 *                                                                     └ push refused ─→ owed: given with the next message
 */

import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { codeOf } from '../errors.ts';
import {
  type Clock,
  type IncomingMessage,
  NO_TURN,
  type Outgoing,
  type PassiveReply,
  recalled,
  type Turn,
} from '../message.ts';
import { Lines, type Place } from '../queue.ts';
import type { ChangeRow, Claim, MessageRow } from '../store/store.ts';
import { Callbacks } from './callbacks.ts';
import { createDelivery, type DeliveryDeps } from './delivery.ts';
import { type Entry, NOTHING, newEntry, type Remembered } from './entry.ts';
import { createMemberTurns, type MemberTurnDeps } from './member-turn.ts';
import { MessageRecord } from './message-record.ts';
import { atEndOfWindow } from './window.ts';

export interface InboxDeps extends DeliveryDeps, MemberTurnDeps {
  /** The bot. undefined: nothing to say (an event). Throws only what is a bug. */
  handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined>;
  /** The bot's answer where it is at hand, and is text alone; undefined: `handle` it. */
  atOnce(message: IncomingMessage): Outgoing | undefined;
  /** Tells what became of a message that a crash interrupted after its write had begun. Never writes. */
  recover(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** What to say of a message that is too old to be carried out after a restart. */
  tooOld(row: MessageRow): Outgoing;
  /** Tells that a message is not tried any more because it has ended the process; what had begun is uncertain. */
  parked(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** How long an answer may take to go back inside the callback; WeCom hangs up after 5,000 ms. */
  readonly windowMs?: number | undefined;
  readonly now: Clock;
  /** ms by which the process is late at present: the window shrinks with it. */
  readonly lag: () => number;
  /** How long a restart waits for WeCom's repeat before it pushes an answer that was never acknowledged. */
  readonly repeatWaitMs?: number | undefined;
}

export interface Inbox {
  knows(key: string): Promise<boolean>;
  /** `sent`: true once the response has left, false when the connection was cut before. */
  receive(message: IncomingMessage, sent: Promise<boolean>): Promise<PassiveReply | undefined>;
  /**
   * Looks after what the last run left unfinished; to be called before the first `receive`, which could otherwise be
   * taken for a leftover. Resolves when everything is on its way, not when it is delivered.
   */
  resume(): Promise<void>;
  /** As `resume`, for what other replicas have left behind; to be called every few seconds. */
  takeOver(): Promise<void>;
  /** The program is stopping: waits for nothing but what is under way. Resolves when that has ended. */
  drain(): Promise<void>;
  /** Pieces of work that are not done yet. */
  underWay(): number;
}

/** Messages younger than this are carried out after a restart when their write had not begun. */
const RUN_AFTER_RESTART_MS = 10 * 60_000;
/** How often a message may be in hand when the process dies: the first run and one after a restart. */
const MOST_TRIES = 2;
/** The most that a callback whose window is over waits for the record. */
const ACKNOWLEDGE_MS = 100;
const ASK_AGAIN_MS = 300;
/** Answers kept in memory for WeCom's repeats, which come within seconds. */
const RECENT = 1_000;

/** Whether the message is to be handled; if not, what is known of it. */
interface Arrival {
  readonly isNew: boolean;
  readonly row: MessageRow | undefined;
}

/** How long WeCom's repeat is waited for when another replica has died: it has begun to come already. */
const TAKEOVER_WAIT_MS = 8_000;

const LATE = Symbol('window over');
type First<T> = typeof LATE | { readonly early: PassiveReply | undefined } | { readonly done: T };

export function createInbox(deps: InboxDeps): Inbox {
  const { store, now, ticks, lag, log, metrics, windowMs = 4_500, repeatWaitMs = 20_000 } = deps;
  const delivery = createDelivery(deps);
  const { inTurn, noTurn } = createMemberTurns(deps);
  const recent = new LRUCache<string, Remembered>({ max: RECENT });
  /** By member. */
  const lines = new Lines<string>();
  /** By member: who is next to ask for the turn among all replicas. */
  const askers = new Lines<string>();
  const underWay = new Set<Promise<unknown>>();

  async function knows(key: string): Promise<boolean> {
    return recent.has(key) || (await store.findMessage(key)) !== undefined;
  }

  function receive(message: IncomingMessage, sent: Promise<boolean>): Promise<PassiveReply | undefined> {
    if (message.kind === 'other') return NOTHING;
    // A hint that the library is stale, not a message: several equal ones are several hints.
    if (message.kind === 'tagChange') return deps.handle(message, NO_TURN).then(() => undefined);
    const remembered = recent.get(message.key);
    if (remembered) {
      repeated(message);
      remembered.callbacks.add(sent);
      if (remembered.repeat) remembered.response = track(remembered.repeat(message));
      return remembered.response;
    }
    const entry = newEntry(message, arrivedAt(message), new MessageRecord(store, log, message), new Callbacks(sent));
    entry.remembered.response = atOnce(entry, sent) ?? inLine(entry);
    recent.set(message.key, entry.remembered);
    return entry.remembered.response;
  }

  /** What waits for nothing and does nothing needs no line, no window and no record. */
  function atOnce(entry: Entry, sent: Promise<boolean>): Promise<PassiveReply> | undefined {
    const { message } = entry;
    const { byHeart } = store;
    if (!byHeart?.isNew(message.key) || !byHeart.owesNothing(message.member)) return undefined;
    if (lines.isTaken(message.member)) return undefined;
    const outgoing = deps.atOnce(message);
    if (outgoing === undefined) return undefined;
    void sent.then((isGiven) => isGiven || onceLeft(entry, outgoing));
    return Promise.resolve(delivery.atOnce(entry, outgoing));
  }

  function repeated({ member, key }: IncomingMessage): void {
    metrics.duplicate();
    log.debug({ member, key }, 'repeat of a message');
  }

  async function arrive(entry: Entry): Promise<Arrival> {
    const { record } = entry;
    const { key } = record;
    let claim: Claim | undefined;
    try {
      claim = await record.claim();
      if (claim === 'theirs') return { isNew: false, row: await theirs(entry) };
      const row = claim === 'alone' ? await store.findMessage(key) : undefined;
      return { isNew: row === undefined, row };
    } catch (error) {
      log.error({ key, code: codeOf(error) }, 'message could not be looked up');
      // Without the store the bot can change nothing, and says so; but not of what another replica is carrying out.
      return { isNew: claim !== 'theirs', row: undefined };
    }
  }

  /** What another replica has in hand is waited for inside the window, so that both give the same answer. */
  function theirs({ record, since }: Entry): Promise<MessageRow | undefined> {
    return store.settled(record.key, Math.max(0, windowMs - (ticks() - since)));
  }

  function handle(entry: Entry): Promise<Outgoing | undefined> {
    const { message, record } = entry;
    return deps.handle(message, {
      keepWith: (write) => record.keepWith(write),
      mayYetRun: () => record.mayBeKept,
      unconcluded: () => record.stayOpen(),
      announce: async (outgoing) => {
        await record.acknowledge();
        const { early } = entry;
        if (early && message.kind !== 'press') return early({ kind: 'text', content: outgoing.text });
        early?.(undefined);
        await delivery.mention(message.member, outgoing);
      },
    });
  }

  /** The work's answer inside the callback if it is ready in time; otherwise 200 now and the answer later. */
  async function withinWindow(entry: Entry, work: Promise<Outgoing | undefined>): Promise<PassiveReply | undefined> {
    const { message } = entry;
    const first = await firstOf(entry, work);
    if (first === LATE || 'early' in first) {
      const reply = first === LATE ? await overdue(entry) : first.early;
      background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
      return reply;
    }
    const outgoing = first.done;
    if (outgoing === undefined) return entry.replayed;
    if (delivery.wantsPush(message, outgoing)) return await pushNow(entry, outgoing);
    return await passively(entry, outgoing, undefined);
  }

  /** The end of the window: nothing can be told yet, unless another replica has answered the message by now. */
  async function overdue(entry: Entry): Promise<PassiveReply | undefined> {
    const { record, message } = entry;
    await record.keep();
    const answered = record.acknowledge().then((isNoted) => (isNoted ? undefined : store.findMessage(record.key)));
    const row = await soon(answered.catch(() => undefined));
    if (row) return given(entry, row);
    // Told 200 without a word, and found out too late that nobody else is going to tell it.
    background(answered.then((late) => late && replyOf(late, message) && makeGood(late)));
    return undefined;
  }

  async function makeGood({ key, member }: MessageRow): Promise<void> {
    await store.settle(key, 'owed');
    await delivery.payDebts(member);
  }

  /** Given once it has left; a callback that was cut off leaves the answer to WeCom's repeat, or to a push. */
  async function passively(
    entry: Entry,
    outgoing: Outgoing,
    pushed: boolean | undefined,
  ): Promise<PassiveReply | undefined> {
    const { reply, owed } = await delivery.passive(entry, outgoing, pushed);
    if (reply?.kind === 'text') {
      const carried = onceLeft(entry, outgoing);
      if (owed.length > 0)
        entry.settling = carried.then((isGiven) => delivery.settled(entry.message.member, owed, isGiven));
    }
    if (pushed !== false) background(entry.settling.then(() => delivery.payDebts(entry.message.member)));
    return reply;
  }

  function onceLeft(entry: Entry, outgoing: Outgoing): Promise<boolean> {
    const carried = entry.remembered.callbacks.carried();
    background(carried.then((isGiven) => (isGiven ? left(entry, outgoing) : unheard(entry, outgoing))));
    return carried;
  }

  async function left(entry: Entry, outgoing: Outgoing): Promise<void> {
    if (await entry.record.delivered(outgoing)) await delivery.later(entry, outgoing);
  }

  async function unheard(entry: Entry, outgoing: Outgoing): Promise<void> {
    const { record } = entry;
    log.info({ member: record.member, key: record.key }, 'callback cut off before its answer');
    await record.answer(outgoing, 'answered');
    awaitRepeat(entry, Promise.resolve(outgoing), repeatWaitMs);
  }

  /** The work's end, the end of the window, or the bot's word that it will take longer. */
  function firstOf<T>(entry: Entry, work: Promise<T>): Promise<First<T>> {
    return new Promise((resolve, reject) => {
      const keep = (): void => void entry.record.keep();
      const callOff = atEndOfWindow({ windowMs, ticks, lag }, entry.since, keep, () => first(LATE));
      const first = (what: First<T>): void => {
        callOff();
        entry.early = undefined;
        entry.isOver = what === LATE || 'early' in what;
        resolve(what);
      };
      entry.early = (early) => first({ early });
      work.then(
        (done) => first({ done }),
        (error: unknown) => {
          callOff();
          reject(error);
        },
      );
    });
  }

  /**
   * Kept, a message is looked after whatever happens. That WeCom was told 200 is written down before, too, but not waited
   * for when the record is slow: a restart that does not know it waits for a repeat, and then pushes the answer.
   */
  function soon<T>(promise: Promise<T>): Promise<T | undefined> {
    return Promise.race([
      promise,
      new Promise<undefined>((resolve) => setTimeout(resolve, ACKNOWLEDGE_MS, undefined).unref()),
    ]);
  }

  async function pushNow(entry: Entry, outgoing: Outgoing): Promise<PassiveReply | undefined> {
    const { message, record } = entry;
    const pushing = delivery.pushNow(entry, outgoing);
    const first = await firstOf(entry, pushing);
    if (first !== LATE && 'done' in first) {
      return passively(entry, outgoing, first.done);
    }
    // The push hangs and can fall back to the passive form no longer: the message must be safe before the 200.
    await record.keep();
    await soon(record.acknowledge());
    background(record.answer(outgoing, 'answered'));
    background(pushing.then((done) => (done ? delivery.payDebts(message.member) : delivery.owe(entry, outgoing))));
    return outgoing.update;
  }

  /** A repeat that only the store remembers. */
  async function replay(entry: Entry, row: MessageRow): Promise<void> {
    // While another replica is at work on it, its answer will be pushed.
    entry.replayed = row.state === 'open' ? await overdue(entry) : given(entry, row);
  }

  function given({ message, remembered }: Entry, row: MessageRow): PassiveReply | undefined {
    const reply = replyOf(row, message);
    if (reply?.kind === 'text') {
      const carried = remembered.callbacks.carried();
      background(carried.then(async (isGiven) => isGiven && (await store.settle(row.key, 'delivered'))));
    }
    return reply;
  }

  // -- after a restart -------------------------------------------------------------------------------------------

  async function resume(): Promise<void> {
    for (const row of await store.unfinished()) takeUp(row, repeatWaitMs);
  }

  async function takeOver(): Promise<void> {
    for (const row of await store.leftBehind()) takeUp(row, Math.min(repeatWaitMs, TAKEOVER_WAIT_MS));
  }

  function takeUp(row: MessageRow, waitMs: number): void {
    const message = recalled(row);
    const entry = newEntry(message, arrivedAt(message), MessageRecord.of(store, log, message, row), new Callbacks());
    recent.set(row.key, entry.remembered);
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
    void track(work.finally(leave)).catch(() => {});
    if (row.acknowledged) background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
    else awaitRepeat(entry, work, waitMs);
    const { member, key, state, acknowledged } = row;
    log.info({ member, key, state, acknowledged }, 'resuming a message');
  }

  /** What has begun is only looked into, and told without a turn as well. */
  async function whenBegun(row: MessageRow, tell: () => Promise<Outgoing | undefined>): Promise<Outgoing | undefined> {
    return row.answer !== undefined || (await store.changesOf(row.key)).length > 0 ? tell() : noTurn(recalled(row));
  }

  async function resumed(row: MessageRow, entry: Entry): Promise<Outgoing | undefined> {
    if (row.answer !== undefined) return JSON.parse(row.answer) as Outgoing;
    const outgoing = await lookedAfter(row, entry);
    // It may have to outlive the next restart, and is the same answer then; and WeCom's repeat may reach another replica.
    if (outgoing) await entry.record.answer(outgoing, 'answered');
    return outgoing;
  }

  async function lookedAfter(row: MessageRow, entry: Entry): Promise<Outgoing | undefined> {
    const changes = await store.changesOf(row.key);
    const isTooOld = row.content === undefined || now() - row.receivedAt > RUN_AFTER_RESTART_MS;
    if (changes.length === 0 && isTooOld) return deps.tooOld(row);
    const tries = await store.tryAgain(row.key);
    if (tries <= MOST_TRIES) return changes.length === 0 ? handle(entry) : deps.recover(row, changes);
    log.error({ member: row.member, key: row.key, tries }, 'message parked: it ends the process');
    return deps.parked(row, changes);
  }

  /** Not heard yet: WeCom repeats it within seconds and its callback can take the answer; if not, it is pushed. */
  function awaitRepeat(entry: Entry, work: Promise<Outgoing | undefined>, waitMs: number): void {
    const { remembered } = entry;
    const timer = setTimeout(() => {
      remembered.repeat = undefined;
      background(work.then((outgoing) => outgoing && pushUnlessGiven(entry, outgoing)));
    }, waitMs);
    timer.unref();
    remembered.repeat = (message) => {
      clearTimeout(timer);
      remembered.repeat = undefined;
      entry.message = message;
      entry.since = arrivedAt(message);
      return withinWindow(entry, work);
    };
    work.catch((error: unknown) => log.error({ err: error }, 'resumed message failed'));
  }

  /** The repeat may have reached another replica, which has answered it out of the record. */
  async function pushUnlessGiven(entry: Entry, outgoing: Outgoing): Promise<void> {
    if (await entry.remembered.callbacks.carried()) return left(entry, outgoing);
    const row = await store.findMessage(entry.record.key).catch(() => undefined);
    if (row?.state !== 'delivered') await delivery.later(entry, outgoing);
  }

  // -- order and bookkeeping -------------------------------------------------------------------------------------

  /**
   * A place in line here, and among those who ask for the turn among all replicas: each asks as soon as the one before has
   * its own, not when that has left, or a later message on another replica would have asked before it.
   */
  function stand(member: string): { readonly place: Place; readonly asker: Place } {
    return { place: lines.take([member]), asker: askers.take([member]) };
  }

  /** The next message of the member waits until this one's answer has had its first try. */
  function inLine(entry: Entry): Promise<PassiveReply | undefined> {
    // Before it waits in line: waiting may outlast the window, and then the row in the store is our own.
    const arrival = arrive(entry);
    const { place, asker } = stand(entry.message.member);
    let leave = (): void => {};
    const answered = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const begin = () => {
      asker.leave();
      return place.turn.then(() => handle(entry));
    };
    const work = asker.turn.then(async () => {
      const { isNew, row } = await arrival;
      if (!isNew) {
        // Who waits for another replica's answer must keep nobody from the turn that it needs.
        asker.leave();
        place.leave();
        return await repeat(entry, row);
      }
      const outgoing = await inTurn(entry.message, begin, answered).finally(asker.leave);
      return (await isTheirs(entry, outgoing)) ? await repeat(entry, await theirs(entry)) : outgoing;
    });
    const response = withinWindow(entry, work);
    // WeCom is told 500 when it fails, and its repeat is a new try.
    response.catch(() => recent.delete(entry.message.key));
    const isDone = Promise.allSettled([work, response]).then(() => entry.settling);
    void track(isDone.then(leave, leave).then(place.leave));
    return response;
  }

  /**
   * Whether another replica turns out to have the message. Whoever cannot find out while the database is away waits for it
   * before telling that a change is not made, which that one may be making.
   */
  async function isTheirs({ record, since }: Entry, outgoing: Outgoing | undefined): Promise<boolean> {
    const end = outgoing?.mayYetRun ? since + windowMs / 2 : 0;
    for (;;) {
      if (await record.isTheirs()) return true;
      if (!record.isUncertain || ticks() + ASK_AGAIN_MS > end) return false;
      await pause(ASK_AGAIN_MS);
    }
  }

  /** From before a restart, or in the hands of another replica. */
  async function repeat(entry: Entry, row: MessageRow | undefined): Promise<undefined> {
    repeated(entry.message);
    if (row && !entry.isOver) await replay(entry, row);
  }

  function track<T>(promise: Promise<T>): Promise<T> {
    underWay.add(promise);
    const done = () => underWay.delete(promise);
    promise.then(done, done);
    return promise;
  }

  function background(promise: Promise<unknown>): void {
    void track(promise.catch((error: unknown) => log.error({ err: error }, 'background work failed')));
  }

  /** The time since its arrival is short, and a clock that jumps within it must not make it long. */
  function arrivedAt({ receivedAt }: IncomingMessage): number {
    return ticks() - Math.min(Math.max(now() - receivedAt, 0), windowMs);
  }

  async function drain(): Promise<void> {
    delivery.stopWaiting();
    while (underWay.size > 0) await Promise.allSettled(underWay);
  }

  return { knows, receive, resume, takeOver, drain, underWay: () => underWay.size };
}

/** What the record says the answer is, unless it is pushed by whoever has the message. */
function replyOf({ state, acknowledged, answer }: MessageRow, message: IncomingMessage): PassiveReply | undefined {
  if (answer === undefined) return undefined;
  const outgoing = JSON.parse(answer) as Outgoing;
  if (message.kind === 'press') return outgoing.update;
  const isPushed = acknowledged ? state !== 'owed' : outgoing.push !== undefined && state === 'delivered';
  return isPushed ? undefined : { kind: 'text', content: outgoing.text };
}
