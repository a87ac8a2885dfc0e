/**
 * By which way an answer reaches its member: pushed while the callback is held, inside the callback, pushed later, or
 * owed and given with the next message. Every answer ends in one of them; none is dropped.
 */

import { setMaxListeners } from 'node:events';
import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { CardUpdate, Clock, IncomingMessage, Outgoing, PassiveReply, PushMessage } from '../message.ts';
import type { AnswerWay, Metrics } from '../metrics.ts';
import type { MessageRow, Store } from '../store/store.ts';
import { utf8Length } from '../text.ts';
import { laterMayHelp, wasRefused } from './failure.ts';
import type { MessageRecord } from './message-record.ts';
import { type Part, partOf, TEXT_LIMIT } from './owed.ts';

export interface DeliveryDeps {
  readonly store: Store;
  /** message/send to one member. Throws BotError. */
  push(member: string, message: PushMessage): Promise<void>;
  /** update_template_card for the one who pressed. Throws BotError. */
  updateCard(member: string, responseCode: string, update: CardUpdate): Promise<void>;
  /** True, and counted, when one more push to this member stays within the platform's limit. */
  mayPush(member: string): Promise<boolean>;
  /** ms of a clock that never jumps, for durations. */
  readonly ticks: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Pauses before the repeats of a push that the platform could not take. */
  readonly pushPausesMs?: readonly number[] | undefined;
}

export interface Receiver {
  readonly message: IncomingMessage;
  /** When its callback arrived, in ticks. */
  readonly since: number;
  readonly record: MessageRecord;
}

export interface Passive {
  readonly reply: PassiveReply | undefined;
  /** What the reply holds of what was owed; to be told to `settled`. */
  readonly owed: readonly Installment[];
}

interface Installment {
  readonly row: MessageRow;
  readonly part: Part;
}

export interface Delivery {
  /** Whether the answer has to be pushed, or would rather be. */
  wantsPush(message: IncomingMessage, outgoing: Outgoing): boolean;
  /** One try; true when the platform has taken it. */
  pushNow(to: Receiver, outgoing: Outgoing): Promise<boolean>;
  /** What goes back inside the callback. `pushed`: the words have gone by push, or could not. */
  passive(to: Receiver, outgoing: Outgoing, pushed: boolean | undefined): Promise<Passive>;
  /** What is owed went back inside the callback (`isGiven`), or did not get through. */
  settled(member: string, owed: Passive['owed'], isGiven: boolean): Promise<void>;
  /** The same of an answer that is text alone, to somebody who is owed nothing. */
  atOnce(to: Receiver, outgoing: Outgoing): PassiveReply;
  /** The callback is over: pushed with patience, else owed. */
  later(to: Receiver, outgoing: Outgoing): Promise<void>;
  /** Given with the member's next message. */
  owe(to: Receiver, outgoing: Outgoing): Promise<void>;
  /** A word in between, told by push; nothing depends on it. */
  mention(member: string, outgoing: Outgoing): Promise<void>;
  /** Pushes what the member is owed, as far as that works now. */
  payDebts(member: string): Promise<void>;
  /** Ends all patience: what cannot be pushed now is owed. */
  stopWaiting(): void;
}

const PAUSES_MS: readonly number[] = [2_000, 10_000];

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { store, ticks, log, metrics, pushPausesMs: pauses = PAUSES_MS } = deps;
  /** Who is being given what is owed: the same must not be given by two at once. */
  const paying = new Set<string>();
  const noMoreWaiting = new AbortController();
  // Every push that waits listens to it.
  setMaxListeners(0, noMoreWaiting.signal);

  function wantsPush(message: IncomingMessage, outgoing: Outgoing): boolean {
    // A press can be answered inside the callback by a card update only (doc 90241).
    return message.kind === 'press' || outgoing.push !== undefined;
  }

  async function pushNow(to: Receiver, outgoing: Outgoing): Promise<boolean> {
    const { message, record } = to;
    if (!(await tryPush(message.member, outgoing.push ?? textPush(outgoing)))) return false;
    void record.delivered(outgoing);
    told(to, outgoing, 'push');
    return true;
  }

  async function passive(to: Receiver, outgoing: Outgoing, pushed: boolean | undefined): Promise<Passive> {
    const { message } = to;
    if (message.kind === 'press') {
      if (pushed === false) await owe(to, outgoing);
      return { reply: outgoing.update, owed: [] };
    }
    if (pushed) return { reply: undefined, owed: [] };
    const owed = await installments(message.member, outgoing.text);
    told(to, outgoing, pushed === false ? 'fallback' : 'passive');
    return {
      reply: { kind: 'text', content: [...owed.map(({ part }) => part.text), outgoing.text].join('\n\n') },
      owed,
    };
  }

  function atOnce(to: Receiver, outgoing: Outgoing): PassiveReply {
    told(to, outgoing, 'passive');
    return { kind: 'text', content: outgoing.text };
  }

  async function later(to: Receiver, outgoing: Outgoing): Promise<void> {
    const { message, record } = to;
    if (!(await record.answer(outgoing, 'answered'))) return;
    if (message.kind === 'press' && outgoing.update) {
      await deps.updateCard(message.member, message.responseCode, outgoing.update).catch((error: unknown) => {
        log.warn({ member: message.member, code: codeOf(error) }, 'card not updated');
      });
    }
    if (!(await pushPatiently(message.member, outgoing))) return owe(to, outgoing);
    void record.delivered(outgoing);
    told(to, outgoing, 'push');
    await payDebts(message.member);
  }

  async function pushPatiently(member: string, outgoing: Outgoing): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      const failure = await attemptPush(member, outgoing.push ?? textPush(outgoing));
      if (failure === undefined) return true;
      if (failure !== 'no-room' && wasRefused(failure.error) && outgoing.push !== undefined) {
        return tryPush(member, textPush(outgoing));
      }
      const pause = pauses[attempt];
      if (pause === undefined || noMoreWaiting.signal.aborted) return false;
      if (failure !== 'no-room' && !laterMayHelp(failure.error)) return false;
      await rest(pause, noMoreWaiting.signal);
    }
  }

  async function tryPush(member: string, message: PushMessage): Promise<boolean> {
    return (await attemptPush(member, message)) === undefined;
  }

  async function attemptPush(
    member: string,
    message: PushMessage,
  ): Promise<undefined | 'no-room' | { readonly error: unknown }> {
    if (!(await deps.mayPush(member))) return 'no-room';
    try {
      await deps.push(member, message);
      return undefined;
    } catch (error) {
      metrics.pushFailed(codeOf(error));
      log.warn({ member, code: codeOf(error) }, 'push failed');
      return { error };
    }
  }

  async function owe(to: Receiver, outgoing: Outgoing): Promise<void> {
    const { message, record } = to;
    await record.answer(outgoing, 'owed');
    told(to, outgoing, 'owed');
    log.warn({ member: message.member, key: record.key }, 'answer owed: it is given with the next message');
  }

  function told({ message, since }: Receiver, { fate }: Outgoing, way: AnswerWay): void {
    const { member, key, kind } = message;
    const { command, outcome, change } = fate ?? {};
    const ms = Math.round(ticks() - since);
    metrics.answer(way, ms);
    // Named one by one: to spread an object behind other fields costs more than the whole line.
    log.info({ member, key, kind, command, outcome, change, way, ms }, 'answered');
  }

  /** As much of what is owed as fits in front of the text, oldest first. Who has some is being paid until it is settled. */
  async function installments(member: string, text: string): Promise<Installment[]> {
    if (paying.has(member)) return [];
    paying.add(member);
    const owed: Installment[] = [];
    try {
      let room = TEXT_LIMIT - utf8Length(text);
      for (const row of (await owes(member)) ? await store.owed(member) : []) {
        const part = partOf(row, room - utf8Length('\n\n'));
        if (!part) break;
        owed.push({ row, part });
        room -= utf8Length(`${part.text}\n\n`);
        if (part.rest) break;
      }
    } catch (error) {
      log.error({ member, code: codeOf(error) }, 'owed answers could not be read');
    }
    if (owed.length === 0) paying.delete(member);
    return owed;
  }

  async function settled(member: string, owed: readonly Installment[], isGiven: boolean): Promise<void> {
    if (owed.length === 0) return;
    try {
      if (!isGiven) return;
      for (const { row, part } of owed) await settle(row, part);
      metrics.answer('merged', 0);
    } catch (error) {
      log.error({ member, code: codeOf(error) }, 'owed answers could not be settled');
    } finally {
      paying.delete(member);
    }
  }

  async function payDebts(member: string): Promise<void> {
    if (paying.has(member)) return;
    paying.add(member);
    try {
      while (await owes(member)) {
        const [row] = await store.owed(member);
        const part = row && partOf(row, TEXT_LIMIT);
        if (!part) break;
        if (!(await tryPush(member, { msgtype: 'text', text: { content: part.text } }))) return;
        await settle(row, part);
      }
    } finally {
      paying.delete(member);
    }
  }

  /** A store that cannot tell is asked again with the next message. */
  function owes(member: string): Promise<boolean> {
    return store.owes(member).catch(() => false);
  }

  async function settle(row: MessageRow, { rest }: Part): Promise<void> {
    if (rest) await store.answer(row.key, JSON.stringify(rest), 'owed');
    else await store.settle(row.key, 'delivered');
  }

  return {
    wantsPush,
    pushNow,
    passive,
    settled,
    atOnce,
    later,
    owe,
    mention: async (member, outgoing) => {
      await tryPush(member, textPush(outgoing));
    },
    payDebts,
    stopWaiting: () => noMoreWaiting.abort(),
  };
}

function textPush(outgoing: Outgoing): PushMessage {
  return { msgtype: 'text', text: { content: outgoing.text } };
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
