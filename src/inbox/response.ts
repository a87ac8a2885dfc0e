/**
 * What the callback of a message is answered with. The work may be done inside the window or later, its answer may want a
 * push, the record may know it already; and what has been handed to the response counts only when it has left.
 */

import type { Log } from '../log.ts';
import type { Clock, IncomingMessage, Outgoing, PassiveReply } from '../message.ts';
import type { MessageRow, Store } from '../store/store.ts';
import type { Delivery } from './delivery.ts';
import type { Entry } from './entry.ts';
import type { UnderWay } from './under-way.ts';
import { arrivedAt, atEndOfWindow, WINDOW_MS } from './window.ts';

export interface ResponseDeps {
  readonly store: Store;
  readonly log: Log;
  readonly now: Clock;
  /** ms of a clock that never jumps. */
  readonly ticks: Clock;
  /** ms by which the process is late at present: the window shrinks with it. */
  readonly lag: () => number;
  /** How long an answer may take to go back inside the callback; WeCom hangs up after 5,000 ms. */
  readonly windowMs?: number | undefined;
  /** How long WeCom's repeat is waited for before an answer that was never acknowledged is pushed. */
  readonly repeatWaitMs?: number | undefined;
}

export interface Responses {
  /** The work's answer inside the callback if it is ready in time; otherwise 200 now and the answer later. */
  withinWindow(entry: Entry, work: Promise<Outgoing | undefined>): Promise<PassiveReply | undefined>;
  /** Leaves in `entry` what a repeat that only the record remembers is answered with. */
  replay(entry: Entry, row: MessageRow): Promise<void>;
  /** Sees to an answer that is on its way inside the callback. Resolves with whether it has left. */
  onceLeft(entry: Entry, outgoing: Outgoing): Promise<boolean>;
  /** Not heard yet: WeCom repeats it within seconds and its callback can take the answer; if not, it is pushed. */
  awaitRepeat(entry: Entry, work: Promise<Outgoing | undefined>, waitMs?: number): void;
}

/** The most that a callback whose window is over waits for the record. */
const ACKNOWLEDGE_MS = 100;
export const REPEAT_WAIT_MS = 20_000;

const LATE = Symbol('window over');
type First<T> = typeof LATE | { readonly early: PassiveReply | undefined } | { readonly done: T };

export function createResponses(deps: ResponseDeps, delivery: Delivery, underWay: UnderWay): Responses {
  const { store, now, ticks, lag, log, windowMs = WINDOW_MS, repeatWaitMs = REPEAT_WAIT_MS } = deps;
  const clocks = { now, ticks, windowMs };

  async function withinWindow(entry: Entry, work: Promise<Outgoing | undefined>): Promise<PassiveReply | undefined> {
    const { message } = entry;
    const first = await firstOf(entry, work);
    if (first === LATE || 'early' in first) {
      const reply = first === LATE ? await overdue(entry) : first.early;
      underWay.background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
      return reply;
    }
    const outgoing = first.done;
    if (outgoing === undefined) return entry.replayed;
    if (delivery.wantsPush(message, outgoing)) return await pushNow(entry, outgoing);
    await soon(entry.record.agreeOn(outgoing));
    return await passively(entry, outgoing, undefined);
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

  /** The end of the window: nothing can be told yet, unless another replica has answered the message by now. */
  async function overdue(entry: Entry): Promise<PassiveReply | undefined> {
    const { record, message } = entry;
    await record.keep();
    const answered = record.acknowledge().then((isNoted) => (isNoted ? undefined : store.findMessage(record.key)));
    const row = await soon(answered.catch(() => undefined));
    if (row) return given(entry, row);
    // Told 200 without a word, and found out too late that nobody else is going to tell it.
    underWay.background(answered.then((late) => late && replyOf(late, message) && makeGood(late)));
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
    if (pushed !== false) underWay.background(entry.settling.then(() => delivery.payDebts(entry.message.member)));
    return reply;
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
    underWay.background(record.answer(outgoing, 'answered'));
    underWay.background(
      pushing.then((done) => (done ? delivery.payDebts(message.member) : delivery.owe(entry, outgoing))),
    );
    return outgoing.update;
  }

  // -- when the response has left, or was cut off -------------------------------------------------------------------

  function onceLeft(entry: Entry, outgoing: Outgoing): Promise<boolean> {
    const carried = entry.remembered.callbacks.carried();
    underWay.background(carried.then((isGiven) => (isGiven ? left(entry, outgoing) : unheard(entry, outgoing))));
    return carried;
  }

  async function left(entry: Entry, outgoing: Outgoing): Promise<void> {
    if (await entry.record.delivered(outgoing)) await delivery.later(entry, outgoing);
  }

  async function unheard(entry: Entry, outgoing: Outgoing): Promise<void> {
    const { record } = entry;
    log.info({ member: record.member, key: record.key }, 'callback cut off before its answer');
    await record.answer(outgoing, 'answered');
    awaitRepeat(entry, Promise.resolve(outgoing));
  }

  function awaitRepeat(entry: Entry, work: Promise<Outgoing | undefined>, waitMs = repeatWaitMs): void {
    const { remembered, record } = entry;
    const take = (message: IncomingMessage): Promise<PassiveReply | undefined> => {
      clearTimeout(timer);
      remembered.repeat = undefined;
      entry.message = message;
      entry.since = arrivedAt(message, clocks);
      return withinWindow(entry, work);
    };
    const push = (): void => {
      clearTimeout(timer);
      if (remembered.repeat !== take) return;
      remembered.repeat = undefined;
      underWay.background(work.then((outgoing) => outgoing && pushUnlessGiven(entry, outgoing)));
    };
    const timer = setTimeout(push, waitMs).unref();
    remembered.repeat = take;
    work.then(
      // The repeat has come, here or to another replica, and could wait no longer: there will be none.
      () => record.isAcknowledged && push(),
      (error: unknown) => log.error({ err: error }, 'resumed message failed'),
    );
  }

  /** The repeat may have reached another replica, which has answered it out of the record. */
  async function pushUnlessGiven(entry: Entry, outgoing: Outgoing): Promise<void> {
    if (await entry.remembered.callbacks.carried()) return left(entry, outgoing);
    const row = await store.findMessage(entry.record.key).catch(() => undefined);
    if (row?.state !== 'delivered') await delivery.later(entry, outgoing);
  }

  // -- repeats that only the record remembers ----------------------------------------------------------------------

  async function replay(entry: Entry, row: MessageRow): Promise<void> {
    // While another replica is at work on it, its answer will be pushed.
    entry.replayed = row.state === 'open' ? await overdue(entry) : given(entry, row);
  }

  function given({ message, remembered }: Entry, row: MessageRow): PassiveReply | undefined {
    const reply = replyOf(row, message);
    if (reply?.kind === 'text') {
      const carried = remembered.callbacks.carried();
      underWay.background(carried.then(async (isGiven) => isGiven && (await store.settle(row.key, 'delivered'))));
    }
    return reply;
  }

  return { withinWindow, replay, onceLeft, awaitRepeat };
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

/** What the record says the answer is, unless it is pushed by whoever has the message. */
function replyOf({ state, acknowledged, answer }: MessageRow, message: IncomingMessage): PassiveReply | undefined {
  if (answer === undefined) return undefined;
  const outgoing = JSON.parse(answer) as Outgoing;
  if (message.kind === 'press') return outgoing.update;
  const isPushed = acknowledged ? state !== 'owed' : outgoing.push !== undefined && state === 'delivered';
  return isPushed ? undefined : { kind: 'text', content: outgoing.text };
}
