/**
 * Between the callback and the bot: the same message gets the same answer and one effect, and the messages of one member
 * are handled in order. When the answer is ready decides how it can travel; delivery.ts sees to it that it arrives.
 *
 * Life of a message:  received → handled → answered ─ window open ─→ passive reply, or pushed while the callback is held
 *                                            └────── window over ─→ persisted, 200 empty, pushed when done
 *                                                                     └ push refused ─→ owed: given with the next message
 */

import { LRUCache } from 'lru-cache';
import { codeOf } from '../errors.ts';
import { type IncomingMessage, NO_TURN, type Outgoing, type PassiveReply, recalled, type Turn } from '../message.ts';
import { Lines } from '../queue.ts';
import type { ChangeRow, MessageRow } from '../store/store.ts';
import { createDelivery, type DeliveryDeps, type Receiver } from './delivery.ts';
import { MessageRecord } from './message-record.ts';

export interface InboxDeps extends DeliveryDeps {
  /** The bot. undefined: nothing to say (an event). Throws only what is a bug. */
  handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined>;
  /** Tells what became of a message that a crash interrupted after its write had begun. Never writes. */
  recover(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** What to say of a message that is too old to be carried out after a restart. */
  tooOld(row: MessageRow): Outgoing;
  /** Tells that a message is not tried any more because it has ended the process; what had begun is uncertain. */
  parked(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** How long an answer may take to go back inside the callback; WeCom hangs up after 5,000 ms. */
  readonly windowMs?: number | undefined;
  /** How long a restart waits for WeCom's repeat before it pushes an answer that was never acknowledged. */
  readonly repeatWaitMs?: number | undefined;
}

export interface Inbox {
  knows(key: string): Promise<boolean>;
  receive(message: IncomingMessage): Promise<PassiveReply | undefined>;
  /**
   * Looks after what the last run left unfinished; to be called before the first `receive`, which could otherwise be
   * taken for a leftover. Resolves when everything is on its way, not when it is delivered.
   */
  resume(): Promise<void>;
  /** The program is stopping: waits for nothing but what is under way. Resolves when that has ended. */
  drain(): Promise<void>;
}

/** Messages younger than this are carried out after a restart when their write had not begun. */
const RUN_AFTER_RESTART_MS = 10 * 60_000;
/** How often a message may be in hand when the process dies: the first run and one after a restart. */
const MOST_TRIES = 2;
/** Answers kept in memory for WeCom's repeats, which come within seconds. */
const RECENT = 1_000;

/** A message at work. */
interface Entry extends Receiver {
  message: IncomingMessage;
  /** While the callback is held: answers it before the work is done. */
  early: ((reply: PassiveReply | undefined) => void) | undefined;
  /** What a message that only the store remembers is answered with. */
  replayed: PassiveReply | undefined;
}

/** What is kept of a message for its repeats: a thousand whole entries would keep the garbage collector busy. */
interface Known {
  /** What every delivery of this message is answered with. */
  response: Promise<PassiveReply | undefined>;
  /** After a restart: WeCom's repeat has come; its callback can take the answer. */
  repeat: ((message: IncomingMessage) => Promise<PassiveReply | undefined>) | undefined;
}

const LATE = Symbol('window over');
type First<T> = typeof LATE | { readonly early: PassiveReply | undefined } | { readonly done: T };

const NOTHING = Promise.resolve(undefined);

export function createInbox(deps: InboxDeps): Inbox {
  const { store, now, log, metrics, windowMs = 4_500, repeatWaitMs = 20_000 } = deps;
  const delivery = createDelivery(deps);
  const recent = new LRUCache<string, Known>({ max: RECENT });
  /** By member. */
  const lines = new Lines<string>();
  const underWay = new Set<Promise<unknown>>();

  async function knows(key: string): Promise<boolean> {
    return recent.has(key) || (await store.findMessage(key)) !== undefined;
  }

  function receive(message: IncomingMessage): Promise<PassiveReply | undefined> {
    if (message.kind === 'other') return NOTHING;
    // A hint that the library is stale, not a message: several equal ones are several hints.
    if (message.kind === 'tagChange') return deps.handle(message, NO_TURN).then(() => undefined);
    const known = recent.get(message.key);
    if (known) {
      repeated(message);
      if (known.repeat) known.response = track(known.repeat(message));
      return known.response;
    }
    const entry = newEntry(message, new MessageRecord(store, log, message));
    // Asked before it waits in line: waiting may outlast the window, and then the row in the store is our own.
    const row = find(message.key);
    const response = inLine(entry, () => handleOnce(entry, row));
    recent.set(message.key, { response, repeat: undefined });
    return response;
  }

  /** Unless the store remembers the message: then it is a repeat from before a restart, or of another replica. */
  async function handleOnce(entry: Entry, found: Promise<MessageRow | undefined>): Promise<Outgoing | undefined> {
    const row = await found;
    if (!row) return await handle(entry);
    repeated(entry.message);
    entry.replayed = await replay(row, entry.message);
    return undefined;
  }

  function repeated({ member, key }: IncomingMessage): void {
    metrics.duplicate();
    log.debug({ member, key }, 'repeat of a message');
  }

  /** A store that cannot be read cannot be written either: then the bot can change nothing, and says so. */
  function find(key: string): Promise<MessageRow | undefined> {
    return store.findMessage(key).catch((error: unknown) => {
      log.error({ key, code: codeOf(error) }, 'message could not be looked up');
      return undefined;
    });
  }

  function handle(entry: Entry): Promise<Outgoing | undefined> {
    const { message, record } = entry;
    return deps.handle(message, {
      keepWith: (write) => record.keepWith(write),
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
    const { message, record } = entry;
    const first = await firstOf(entry, work);
    if (first === LATE || 'early' in first) {
      if (first === LATE) await record.acknowledge();
      background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
      return first === LATE ? undefined : first.early;
    }
    const outgoing = first.done;
    if (outgoing === undefined) return entry.replayed;
    if (delivery.wantsPush(message, outgoing)) return await pushNow(entry, outgoing);
    const reply = await delivery.passive(entry, outgoing, undefined);
    background(delivery.payDebts(message.member));
    return reply;
  }

  /** The work's end, the end of the window, or the bot's word that it will take longer. */
  function firstOf<T>(entry: Entry, work: Promise<T>): Promise<First<T>> {
    return new Promise((resolve, reject) => {
      const windowOver = setTimeout(() => first(LATE), Math.max(0, windowMs - (now() - entry.message.receivedAt)));
      const first = (what: First<T>): void => {
        clearTimeout(windowOver);
        entry.early = undefined;
        resolve(what);
      };
      entry.early = (early) => first({ early });
      work.then(
        (done) => first({ done }),
        (error: unknown) => {
          clearTimeout(windowOver);
          reject(error);
        },
      );
    });
  }

  async function pushNow(entry: Entry, outgoing: Outgoing): Promise<PassiveReply | undefined> {
    const { message, record } = entry;
    const pushing = delivery.pushNow(entry, outgoing);
    const first = await firstOf(entry, pushing);
    if (first !== LATE && 'done' in first) {
      if (first.done) background(delivery.payDebts(message.member));
      return delivery.passive(entry, outgoing, first.done);
    }
    // The push hangs and can fall back to the passive form no longer: the answer must be safe before the 200.
    await record.acknowledge();
    await record.answer(outgoing, 'answered');
    background(pushing.then((done) => (done ? delivery.payDebts(message.member) : delivery.owe(entry, outgoing))));
    return outgoing.update;
  }

  /** A repeat that only the store remembers. */
  async function replay(row: MessageRow, message: IncomingMessage): Promise<PassiveReply | undefined> {
    if (row.answer === undefined) {
      // Another replica is at work on it: its answer will be pushed.
      if (row.state === 'open') await store.acknowledge(row.key);
      return undefined;
    }
    const outgoing = JSON.parse(row.answer) as Outgoing;
    if (message.kind === 'press') return outgoing.update;
    const wasPushed = row.acknowledged || outgoing.push !== undefined;
    if (wasPushed && row.state === 'delivered') return undefined;
    await store.settle(row.key, 'delivered');
    return { kind: 'text', content: outgoing.text };
  }

  // -- after a restart -------------------------------------------------------------------------------------------

  async function resume(): Promise<void> {
    await delivery.recall();
    for (const row of await store.unfinished()) {
      const message = recalled(row);
      const entry = newEntry(message, MessageRecord.of(store, log, message, row));
      const known: Known = { response: NOTHING, repeat: undefined };
      recent.set(row.key, known);
      const work = lines.run([row.member], () => resumed(row, entry));
      void track(work).catch(() => {});
      if (row.acknowledged) background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
      else awaitRepeat(entry, known, work);
      const { member, key, state, acknowledged } = row;
      log.info({ member, key, state, acknowledged }, 'resuming a message');
    }
  }

  async function resumed(row: MessageRow, entry: Entry): Promise<Outgoing | undefined> {
    if (row.answer !== undefined) return JSON.parse(row.answer) as Outgoing;
    const changes = await store.changesOf(row.key);
    const isTooOld = row.content === undefined || now() - row.receivedAt > RUN_AFTER_RESTART_MS;
    if (changes.length === 0 && isTooOld) return deps.tooOld(row);
    const tries = await store.tryAgain(row.key);
    if (tries > MOST_TRIES)
      log.error({ member: row.member, key: row.key, tries }, 'message parked: it ends the process');
    else if (changes.length === 0) return handle(entry);
    const outgoing = await (tries > MOST_TRIES ? deps.parked(row, changes) : deps.recover(row, changes));
    // It may have to outlive the next restart, and is the same answer then.
    await entry.record.answer(outgoing, 'answered');
    return outgoing;
  }

  /** Never acknowledged: WeCom repeats it within seconds and its callback can take the answer; if not, it is pushed. */
  function awaitRepeat(entry: Entry, known: Known, work: Promise<Outgoing | undefined>): void {
    const timer = setTimeout(() => {
      known.repeat = undefined;
      background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
    }, repeatWaitMs);
    timer.unref();
    known.repeat = (message) => {
      clearTimeout(timer);
      known.repeat = undefined;
      entry.message = message;
      return withinWindow(entry, work);
    };
    work.catch((error: unknown) => log.error({ err: error }, 'resumed message failed'));
  }

  // -- order and bookkeeping -------------------------------------------------------------------------------------

  /** The next message of the member waits until this one's answer has had its first try. */
  function inLine(entry: Entry, handling: () => Promise<Outgoing | undefined>): Promise<PassiveReply | undefined> {
    const place = lines.take([entry.message.member]);
    const work = place.turn.then(handling);
    const response = withinWindow(entry, work);
    // WeCom is told 500 when it fails, and its repeat is a new try.
    response.catch(() => recent.delete(entry.message.key));
    void track(Promise.allSettled([work, response]).then(place.leave));
    return response;
  }

  function track<T>(promise: Promise<T>): Promise<T> {
    underWay.add(promise);
    const done = () => underWay.delete(promise);
    promise.then(done, done);
    return promise;
  }

  function background(promise: Promise<unknown>): void {
    track(promise.catch((error: unknown) => log.error({ err: error }, 'background work failed')));
  }

  async function drain(): Promise<void> {
    delivery.hurry();
    while (underWay.size > 0) await Promise.allSettled(underWay);
  }

  return { knows, receive, resume, drain };
}

function newEntry(message: IncomingMessage, record: MessageRecord): Entry {
  return { message, record, early: undefined, replayed: undefined };
}
