/**
 * Between the callback and the bot: the same message gets the same answer and one effect, and the messages of one member
 * are handled in order. When the answer is ready decides how it can travel; delivery.ts sees to it that it arrives.
 *
 * Life of a message:  received → handled → answered ─ window open ─→ passive reply, or pushed while the callback is held
 *                                            └────── window over ─→ persisted, 200 empty, pushed when done
 *                                                                     └ push refused ─→ owed: given with the next message
 */

import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from '../errors.ts';
import { type IncomingMessage, NO_TURN, type Outgoing, type PassiveReply, type Turn } from '../message.ts';
import { Lines, type Place } from '../queue.ts';
import type { Claim, MessageRow } from '../store/store.ts';
import { Callbacks } from './callbacks.ts';
import { createDelivery, type DeliveryDeps } from './delivery.ts';
import { type Entry, NOTHING, newEntry } from './entry.ts';
import { createLeftovers, type LeftoverDeps, type Leftovers } from './leftovers.ts';
import { createMemberTurns, type MemberTurnDeps } from './member-turn.ts';
import { MessageRecord } from './message-record.ts';
import type { Recent } from './recent.ts';
import { createResponses, type ResponseDeps } from './response.ts';
import { UnderWay } from './under-way.ts';
import { arrivedAt, WINDOW_MS } from './window.ts';

export interface InboxDeps extends DeliveryDeps, MemberTurnDeps, ResponseDeps, LeftoverDeps {
  /** The bot. undefined: nothing to say (an event). Throws only what is a bug. */
  handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined>;
  /** The bot's answer where it is at hand, and is text alone; undefined: `handle` it. */
  atOnce(message: IncomingMessage): Outgoing | undefined;
  /** Of this inbox alone. */
  readonly recent: Recent;
}

export interface Inbox extends Leftovers {
  knows(key: string): Promise<boolean>;
  /** `sent`: true once the response has left, false when the connection was cut before. */
  receive(message: IncomingMessage, sent: Promise<boolean>): Promise<PassiveReply | undefined>;
  /** The program is stopping: waits for nothing but what is under way. Resolves when that has ended. */
  drain(): Promise<void>;
  /** Pieces of work that are not done yet. */
  underWay(): number;
}

const ASK_AGAIN_MS = 300;
/** The most that a replica takes from a message's arrival to asking for its turn. */
const ASKING_MS = 1_000;

/** Whether the message is to be handled; if not, what is known of it. */
interface Arrival {
  readonly isNew: boolean;
  readonly row: MessageRow | undefined;
  /** As `Claim.behind`. */
  readonly behind?: string | undefined;
}

export function createInbox(deps: InboxDeps): Inbox {
  const { store, recent, now, ticks, log, metrics, windowMs = WINDOW_MS } = deps;
  const { byHeart } = store;
  const clocks = { now, ticks, windowMs };
  const underWay = new UnderWay(log);
  const delivery = createDelivery(deps);
  const responses = createResponses(deps, delivery, underWay);
  const { inTurn, noTurn } = createMemberTurns(deps);
  /** By member. */
  const lines = new Lines<string>();
  /** By member: who is next to ask for the turn among all replicas. */
  const askers = new Lines<string>();
  const leftovers = createLeftovers(deps, {
    inTurn,
    noTurn,
    handle,
    stand,
    remember,
    delivery,
    responses,
    underWay,
  });

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
      if (remembered.repeat) remembered.response = underWay.track(remembered.repeat(message));
      return remembered.response;
    }
    const entry = newEntry(
      message,
      arrivedAt(message, clocks),
      new MessageRecord(store, log, message),
      new Callbacks(sent),
    );
    entry.remembered.response = atOnce(entry, sent) ?? inLine(entry);
    remember(entry);
    return entry.remembered.response;
  }

  /** What waits for nothing and does nothing needs no line, no window and no record. */
  function atOnce(entry: Entry, sent: Promise<boolean>): Promise<PassiveReply> | undefined {
    const { message } = entry;
    if (!byHeart?.isNew(message.key) || !byHeart.owesNothing(message.member)) return undefined;
    if (lines.isTaken(message.member)) return undefined;
    const outgoing = deps.atOnce(message);
    if (outgoing === undefined) return undefined;
    void sent.then((isGiven) => isGiven || responses.onceLeft(entry, outgoing));
    return Promise.resolve(delivery.atOnce(entry, outgoing));
  }

  function remember({ record, remembered }: Entry): void {
    recent.set(record.key, remembered);
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
      const { whose, behind } = claim;
      if (whose === 'theirs') return { isNew: false, row: await theirs(entry) };
      const row = whose === 'alone' ? await store.findMessage(key) : undefined;
      return { isNew: row === undefined, row, behind };
    } catch (error) {
      log.error({ key, code: codeOf(error) }, 'message could not be looked up');
      // Without the store the bot can change nothing, and says so; but not of what another replica is carrying out.
      return { isNew: claim?.whose !== 'theirs', row: undefined };
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
      unconcluded: (conclude) => record.stayOpenUntil(conclude),
      announce: async (outgoing) => {
        await record.acknowledge();
        const { early } = entry;
        if (early && message.kind !== 'press') return early({ kind: 'text', content: outgoing.text });
        early?.(undefined);
        await delivery.mention(message.member, outgoing);
      },
    });
  }

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
      const { isNew, row, behind } = await arrival;
      if (!isNew) {
        // Who waits for another replica's answer must keep nobody from the turn that it needs.
        asker.leave();
        place.leave();
        return await repeat(entry, row);
      }
      // It has come before, but may be about to ask for its turn only now.
      if (behind !== undefined) await store.settled(behind, ASKING_MS).catch(() => undefined);
      const outgoing = await inTurn(entry.message, begin, answered).finally(asker.leave);
      return (await isTheirs(entry, outgoing)) ? await repeat(entry, await theirs(entry)) : outgoing;
    });
    const response = responses.withinWindow(entry, work);
    // WeCom is told 500 when it fails, and its repeat is a new try.
    response.catch(() => recent.delete(entry.message.key));
    const isDone = Promise.allSettled([work, response]).then(() => entry.settling);
    void underWay.track(isDone.then(leave, leave).then(place.leave));
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
    if (row && !entry.isOver) await responses.replay(entry, row);
  }

  async function drain(): Promise<void> {
    delivery.stopWaiting();
    await underWay.end();
  }

  return { knows, receive, ...leftovers, drain, underWay: () => underWay.size };
}
