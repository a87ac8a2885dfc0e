/**
 * Between the callback and the bot: the same message gets the same answer and one effect, and the messages of one member
 * are handled in order. When the answer is ready decides how it can travel; delivery.ts sees to it that it arrives.
 *
 * Life of a message:  received → handled → answered ─ window open ─→ passive reply, or pushed while the callback is held
 *                                            └────── window over ─→ persisted, 200 empty, pushed when done
 *                                                                     └ push refused ─→ owed: given with the next message
 */

import { LRUCache } from 'lru-cache';
import type { IncomingMessage, Outgoing, PassiveReply, Turn } from '../message.ts';
import type { ChangeRow, MessageRow } from '../store/store.ts';
import { createDelivery, type DeliveryDeps, type Receiver } from './delivery.ts';
import { codeOf } from './failure.ts';
import { MessageRecord } from './record.ts';

export interface InboxDeps extends DeliveryDeps {
  /** The bot. undefined: nothing to say (an event). Throws only what is a bug. */
  handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined>;
  /** Tells what became of a message that a crash interrupted after its write had begun. Never writes. */
  recover(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** What to say of a message that is too old to be carried out after a restart. */
  tooOld(row: MessageRow): Outgoing;
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
/** Answers kept in memory for WeCom's repeats, which come within seconds. */
const RECENT = 4_000;

interface Entry extends Receiver {
  message: IncomingMessage;
  /** While the callback is held: answers it before the work is done. */
  early: ((reply: PassiveReply | undefined) => void) | undefined;
  /** After a restart: WeCom's repeat has come; its callback can take the answer. */
  repeat: ((message: IncomingMessage) => Promise<PassiveReply | undefined>) | undefined;
  /** What a message that only the store remembers is answered with. */
  replayed: PassiveReply | undefined;
  /** What every delivery of this message is answered with. */
  response: Promise<PassiveReply | undefined>;
}

const LATE = Symbol('window over');
const NOTHING = Promise.resolve(undefined);
/** For hints, which are neither kept nor answered. */
const NO_TURN: Turn = { keepWith: (write) => write(undefined), answered: () => {}, announce: async () => {} };

export function createInbox(deps: InboxDeps): Inbox {
  const { store, now, log, metrics, windowMs = 4_500, repeatWaitMs = 20_000 } = deps;
  const delivery = createDelivery(deps);
  const recent = new LRUCache<string, Entry>({ max: RECENT });
  const lines = new Map<string, Promise<unknown>>();
  const underWay = new Set<Promise<unknown>>();

  async function knows(key: string): Promise<boolean> {
    return recent.has(key) || (await store.findMessage(key)) !== undefined;
  }

  async function receive(message: IncomingMessage): Promise<PassiveReply | undefined> {
    if (message.kind === 'other') return undefined;
    if (message.kind === 'tagChange') {
      // A hint that the library is stale, not a message: several equal ones are several hints.
      await deps.handle(message, NO_TURN);
      return undefined;
    }
    const repeated = recent.get(message.key);
    if (repeated) {
      metrics.duplicate();
      if (repeated.repeat) repeated.response = track(repeated.repeat(message));
      return repeated.response;
    }
    const entry = newEntry(message, new MessageRecord(store, log, message));
    recent.set(message.key, entry);
    // Asked before it waits in line: waiting may outlast the window, and then the row in the store is our own.
    const known = find(message.key);
    entry.response = track(inLine(entry, () => handleOnce(entry, known)));
    entry.response.catch(() => recent.delete(message.key));
    return entry.response;
  }

  /** Unless the store remembers the message: then it is a repeat from before a restart, or of another replica. */
  async function handleOnce(entry: Entry, known: Promise<MessageRow | undefined>): Promise<Outgoing | undefined> {
    const row = await known;
    if (!row) return handle(entry);
    metrics.duplicate();
    entry.replayed = await replay(row, entry.message);
    return undefined;
  }

  /** A store that cannot be read cannot be written either: then the bot can change nothing, and says so. */
  async function find(key: string): Promise<MessageRow | undefined> {
    try {
      return await store.findMessage(key);
    } catch (error) {
      log.error({ key, code: codeOf(error) }, 'message could not be looked up');
      return undefined;
    }
  }

  async function handle(entry: Entry): Promise<Outgoing | undefined> {
    const { message, record } = entry;
    return deps.handle(message, {
      keepWith: (write) => record.keepWith(write),
      answered: () => record.answered(),
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
    let timer: NodeJS.Timeout | undefined;
    const windowOver = new Promise<typeof LATE>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, windowMs - (now() - message.receivedAt)), LATE);
    });
    const announced = new Promise<{ early: PassiveReply | undefined }>((resolve) => {
      entry.early = (early) => resolve({ early });
    });
    const answered = work.then((outgoing) => ({ outgoing }));
    try {
      const first = await Promise.race([answered, windowOver, announced]);
      if (first === LATE || 'early' in first) {
        if (first === LATE) await record.acknowledge();
        background(answered.then(({ outgoing }) => outgoing && delivery.later(entry, outgoing)));
        return first === LATE ? undefined : first.early;
      }
      if (first.outgoing === undefined) return entry.replayed;
      return await deliverNow(entry, first.outgoing, windowOver);
    } finally {
      clearTimeout(timer);
      entry.early = undefined;
    }
  }

  async function deliverNow(
    entry: Entry,
    outgoing: Outgoing,
    windowOver: Promise<typeof LATE>,
  ): Promise<PassiveReply | undefined> {
    const { message, record } = entry;
    await record.answer(outgoing, 'answered');
    if (!delivery.wantsPush(message, outgoing)) return delivery.passive(entry, outgoing, undefined);
    const pushing = delivery.pushNow(entry, outgoing);
    const pushed = await Promise.race([pushing, windowOver]);
    if (pushed !== LATE) {
      if (pushed) background(delivery.payDebts(message.member));
      return delivery.passive(entry, outgoing, pushed);
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
      const message = messageOf(row);
      const entry = newEntry(message, MessageRecord.of(store, log, message, row));
      recent.set(row.key, entry);
      const work = queue(row.member, (ahead) => ahead.then(() => resumed(row, entry)));
      if (row.acknowledged) background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
      else awaitRepeat(entry, work);
      const { member, key, state, acknowledged } = row;
      log.info({ member, key, state, acknowledged }, 'resuming a message');
    }
  }

  async function resumed(row: MessageRow, entry: Entry): Promise<Outgoing | undefined> {
    if (row.answer !== undefined) return JSON.parse(row.answer) as Outgoing;
    const changes = await store.changesOf(row.key);
    if (changes.length > 0) return deps.recover(row, changes);
    if (row.content === undefined || now() - row.receivedAt > RUN_AFTER_RESTART_MS) return deps.tooOld(row);
    return handle(entry);
  }

  /** Never acknowledged: WeCom repeats it within seconds and its callback can take the answer; if not, it is pushed. */
  function awaitRepeat(entry: Entry, work: Promise<Outgoing | undefined>): void {
    const timer = setTimeout(() => {
      entry.repeat = undefined;
      background(work.then((outgoing) => outgoing && delivery.later(entry, outgoing)));
    }, repeatWaitMs);
    timer.unref();
    entry.repeat = (message) => {
      clearTimeout(timer);
      entry.repeat = undefined;
      entry.message = message;
      return withinWindow(entry, work);
    };
    work.catch((error: unknown) => log.error({ err: error }, 'resumed message failed'));
  }

  // -- order and bookkeeping -------------------------------------------------------------------------------------

  /** The next message of the member waits until this one's answer has had its first try. */
  function inLine(entry: Entry, handling: () => Promise<Outgoing | undefined>): Promise<PassiveReply | undefined> {
    let response: Promise<PassiveReply | undefined> = NOTHING;
    queue(entry.message.member, (ahead) => {
      // Alone, nothing is waited for: not even the turn of a promise.
      const work = ahead === NOTHING ? handling() : ahead.then(handling);
      response = withinWindow(entry, work);
      return Promise.allSettled([work, response]);
    });
    return response;
  }

  /** Takes a place in the member's line at once. */
  function queue<T>(member: string, work: (ahead: Promise<unknown>) => Promise<T>): Promise<T> {
    const place = work(lines.get(member) ?? NOTHING);
    const over = place.catch(() => undefined);
    lines.set(member, over);
    void over.then(() => {
      if (lines.get(member) === over) lines.delete(member);
    });
    return place;
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
    while (underWay.size > 0) await Promise.allSettled([...underWay]);
  }

  return { knows, receive, resume, drain };
}

function newEntry(message: IncomingMessage, record: MessageRecord): Entry {
  return { message, record, early: undefined, repeat: undefined, replayed: undefined, response: NOTHING };
}

function messageOf(row: MessageRow): IncomingMessage {
  if (row.content !== undefined) return JSON.parse(row.content) as IncomingMessage;
  const { key, member, receivedAt } = row;
  return { corpId: '', key, member, createTime: 0, receivedAt, kind: 'other', what: 'forgotten' };
}
