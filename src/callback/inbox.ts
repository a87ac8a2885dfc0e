/**
 * Between the callback and the bot: the same message gets the same answer and one effect, the messages of one member
 * are handled in order, and every answer reaches the member — inside the callback while its window is open, pushed
 * afterwards, or with the member's next message when neither worked.
 *
 * Life of a message:  received → handled → answered ─ window open ─→ passive reply, or pushed while the callback is held
 *                                            └────── window over ─→ persisted, 200 empty, pushed when done
 *                                                                     └ push refused ─→ owed: given with the next message
 */

import { LRUCache } from 'lru-cache';
import { BotError } from '../errors.ts';
import type { Log } from '../log.ts';
import type {
  CardUpdate,
  Clock,
  IncomingMessage,
  IncomingOf,
  Outgoing,
  PassiveReply,
  PushMessage,
  Turn,
} from '../message.ts';
import type { Metrics } from '../metrics.ts';
import type { ChangeRow, MessageRow, NewMessage, Store } from '../store/store.ts';
import { utf8Length } from '../text.ts';

export interface InboxDeps {
  /** The bot. undefined: nothing to say (an event). Throws only what is a bug. */
  handle(message: IncomingMessage, turn: Turn): Promise<Outgoing | undefined>;
  /** Tells what became of a message that a crash interrupted after its write had begun. Never writes. */
  recover(row: MessageRow, changes: readonly ChangeRow[]): Promise<Outgoing>;
  /** What to say of a message that is too old to be carried out after a restart. */
  tooOld(row: MessageRow): Outgoing;
  readonly store: Store;
  /** message/send to one member. Throws BotError. */
  push(member: string, message: PushMessage): Promise<void>;
  /** update_template_card for the one who pressed. Throws BotError. */
  updateCard(member: string, responseCode: string, update: CardUpdate): Promise<void>;
  /** True, and counted, when one more push to this member stays within the platform's limit. */
  mayPush(member: string): boolean;
  readonly now: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long an answer may take to go back inside the callback; WeCom hangs up after 5,000 ms. */
  readonly windowMs?: number;
  /** How long a restart waits for WeCom's repeat before it pushes an answer that was never acknowledged. */
  readonly repeatWaitMs?: number;
  /** Pauses before the repeats of a push whose outcome is unknown or that met a busy platform. */
  readonly pushPausesMs?: readonly number[];
}

export interface Inbox {
  knows(key: string): Promise<boolean>;
  receive(message: IncomingMessage): Promise<PassiveReply | undefined>;
  /** Looks after what the last run left unfinished. Resolves when everything is on its way, not when it is delivered. */
  resume(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

/** Messages younger than this are carried out after a restart when their write had not begun. */
const RUN_AFTER_RESTART_MS = 10 * 60_000;
/** Answers kept in memory for WeCom's repeats, which come within seconds. */
const RECENT = 10_000;
const OWED_HEAD = '【补发】上一条的回复当时没能送达：';
const TEXT_LIMIT = 2048;

interface Entry {
  message: IncomingMessage;
  /** The message row is in the store. */
  kept: boolean;
  /** The answer is in the store. */
  stored: boolean;
  /** WeCom has been told 200 without the answer. */
  acknowledged: boolean;
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
const NO_TURN: Turn = {
  unkept: () => undefined,
  kept: () => {},
  answered: () => {},
  announce: async () => {},
};

export function createInbox(deps: InboxDeps): Inbox {
  const { store, now, log, metrics } = deps;
  const windowMs = deps.windowMs ?? 4_500;
  const repeatWaitMs = deps.repeatWaitMs ?? 20_000;
  const pauses = deps.pushPausesMs ?? [2_000, 10_000];
  const recent = new LRUCache<string, Entry>({ max: RECENT });
  const lines = new Map<string, Promise<unknown>>();
  const underWay = new Set<Promise<unknown>>();
  const debtors = new Set<string>();

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
    const entry = newEntry(message);
    recent.set(message.key, entry);
    entry.response = track(inLine(entry, () => handleOnce(entry)));
    entry.response.catch(() => recent.delete(message.key));
    return entry.response;
  }

  /** Unless the store remembers the message: then it is a repeat from before a restart, or of another replica. */
  async function handleOnce(entry: Entry): Promise<Outgoing | undefined> {
    const row = await store.findMessage(entry.message.key);
    if (!row) return handle(entry);
    metrics.duplicate();
    entry.replayed = await replay(row);
    return undefined;
  }

  /** The work's answer inside the callback if it is ready in time; otherwise 200 now and the answer later. */
  async function withinWindow(entry: Entry, work: Promise<Outgoing | undefined>): Promise<PassiveReply | undefined> {
    const { message } = entry;
    let timer: NodeJS.Timeout | undefined;
    const outOfTime = new Promise<typeof LATE>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, windowMs - (now() - message.receivedAt)), LATE);
    });
    const announced = new Promise<{ early: PassiveReply | undefined }>((resolve) => {
      entry.early = (early) => resolve({ early });
    });
    const answered = work.then((outgoing) => ({ outgoing }));
    try {
      const first = await Promise.race([answered, outOfTime, announced]);
      if (first === LATE) {
        await acknowledge(entry);
        background(answered.then(({ outgoing }) => deliverLater(entry, outgoing)));
        return undefined;
      }
      if ('early' in first) {
        background(answered.then(({ outgoing }) => deliverLater(entry, outgoing)));
        return first.early;
      }
      if (first.outgoing === undefined) return entry.replayed;
      const delivery = deliverNow(entry, first.outgoing);
      const second = await Promise.race([delivery, outOfTime]);
      if (second !== LATE) return second;
      // The push hangs. Its fallback can no longer be passive, so the answer must be safe before the acknowledgement.
      await acknowledge(entry);
      await storeAnswer(entry, first.outgoing);
      background(
        delivery.then((fallback) => (fallback?.kind === 'text' ? owe(entry, first.outgoing as Outgoing) : undefined)),
      );
      return undefined;
    } finally {
      clearTimeout(timer);
      entry.early = undefined;
    }
  }

  async function handle(entry: Entry): Promise<Outgoing | undefined> {
    const { message } = entry;
    const turn: Turn = {
      unkept: () => (entry.kept ? undefined : rowOf(message)),
      kept: () => {
        entry.kept = true;
      },
      answered: () => {
        entry.stored = true;
      },
      announce: async (outgoing) => {
        await acknowledge(entry);
        if (entry.early && message.kind !== 'press') entry.early({ kind: 'text', content: outgoing.text });
        else {
          entry.early?.(undefined);
          await tryPush(message.member, { msgtype: 'text', text: { content: outgoing.text } });
        }
      },
    };
    return deps.handle(message, turn);
  }

  // -- delivery --------------------------------------------------------------------------------------------------

  /** While the callback is open. Returns what goes back inside it. */
  async function deliverNow(entry: Entry, outgoing: Outgoing): Promise<PassiveReply | undefined> {
    const { message } = entry;
    const started = message.receivedAt;
    if (entry.kept && !entry.stored) await storeAnswer(entry, outgoing);
    if (message.kind === 'press') return deliverPress(entry, message, outgoing);
    if (outgoing.push === undefined) {
      const merged = await withOwed(message.member, outgoing.text);
      settled(entry);
      metrics.answer('passive', now() - started);
      return { kind: 'text', content: merged };
    }
    if (await tryPush(message.member, outgoing.push)) {
      settled(entry);
      metrics.answer('push', now() - started);
      background(payDebts(message.member));
      return undefined;
    }
    settled(entry);
    metrics.answer('fallback', now() - started);
    return { kind: 'text', content: await withOwed(message.member, outgoing.text) };
  }

  /** A press can be answered inside the callback by a card update only; the words are pushed (doc 90241). */
  async function deliverPress(
    entry: Entry,
    message: IncomingOf<'press'>,
    outgoing: Outgoing,
  ): Promise<PassiveReply | undefined> {
    const pushed = await tryPush(message.member, outgoing.push ?? textPush(outgoing));
    if (pushed) settled(entry);
    else await owe(entry, outgoing);
    metrics.answer(pushed ? 'push' : 'owed', now() - message.receivedAt);
    return outgoing.update;
  }

  /** After the acknowledgement: by push, repeated where that makes sense, else owed. */
  async function deliverLater(entry: Entry, outgoing: Outgoing | undefined): Promise<void> {
    if (outgoing === undefined) return;
    const { message } = entry;
    if (!entry.stored) await storeAnswer(entry, outgoing);
    if (message.kind === 'press' && outgoing.update) {
      await deps.updateCard(message.member, message.responseCode, outgoing.update).catch((error: unknown) => {
        log.warn({ member: message.member, error: codeOf(error) }, 'card not updated');
      });
    }
    if (await pushPatiently(message.member, outgoing)) {
      settled(entry);
      metrics.answer('push', now() - message.receivedAt);
      await payDebts(message.member);
    } else await owe(entry, outgoing);
  }

  async function pushPatiently(member: string, outgoing: Outgoing): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      const pause = pauses[attempt];
      if (!deps.mayPush(member)) {
        if (pause === undefined) return false;
      } else {
        try {
          await deps.push(member, outgoing.push ?? textPush(outgoing));
          return true;
        } catch (error) {
          notePush(member, error);
          if (!mayHelp(error) || pause === undefined)
            return outgoing.push !== undefined && tryPush(member, textPush(outgoing));
        }
      }
      await sleep(pause);
    }
  }

  async function tryPush(member: string, message: PushMessage): Promise<boolean> {
    if (!deps.mayPush(member)) return false;
    try {
      await deps.push(member, message);
      return true;
    } catch (error) {
      notePush(member, error);
      return false;
    }
  }

  function notePush(member: string, error: unknown): void {
    metrics.pushFailed(codeOf(error));
    log.warn({ member, error: codeOf(error) }, 'push failed');
  }

  // -- what is owed ----------------------------------------------------------------------------------------------

  async function owe(entry: Entry, outgoing: Outgoing): Promise<void> {
    await keep(entry);
    await store.answer(entry.message.key, JSON.stringify(outgoing), 'owed');
    debtors.add(entry.message.member);
    metrics.answer('owed', now() - entry.message.receivedAt);
    log.warn(
      { member: entry.message.member, key: entry.message.key },
      'answer owed: it is given with the next message',
    );
  }

  /** The text with as many owed answers in front of it as fit into one message; those count as given. */
  async function withOwed(member: string, text: string): Promise<string> {
    if (!debtors.has(member)) return text;
    const rows = await store.owed(member);
    const given: string[] = [];
    let merged = text;
    for (const row of rows) {
      const candidate = `${OWED_HEAD}\n${textOf(row)}\n\n${merged}`;
      if (utf8Length(candidate) > TEXT_LIMIT) break;
      merged = candidate;
      given.push(row.key);
    }
    for (const key of given) await store.settle(key, 'delivered');
    if (given.length === rows.length) debtors.delete(member);
    if (given.length > 0) metrics.answer('merged', 0);
    return merged;
  }

  /** A push has just worked, so what is owed may go the same way. */
  async function payDebts(member: string): Promise<void> {
    if (!debtors.has(member)) return;
    const rows = await store.owed(member);
    for (const row of rows) {
      if (!(await tryPush(member, { msgtype: 'text', text: { content: `${OWED_HEAD}\n${textOf(row)}` } }))) return;
      await store.settle(row.key, 'delivered');
    }
    debtors.delete(member);
  }

  // -- persistence -----------------------------------------------------------------------------------------------

  async function keep(entry: Entry): Promise<void> {
    if (entry.kept) return;
    entry.kept = true;
    await store.keepMessage(rowOf(entry.message));
  }

  async function acknowledge(entry: Entry): Promise<void> {
    if (entry.acknowledged) return;
    entry.acknowledged = true;
    await keep(entry);
    await store.acknowledge(entry.message.key);
  }

  async function storeAnswer(entry: Entry, outgoing: Outgoing): Promise<void> {
    entry.stored = true;
    await store.answer(entry.message.key, JSON.stringify(outgoing), 'answered');
  }

  function settled(entry: Entry): void {
    if (!entry.kept) return;
    background(store.settle(entry.message.key, 'delivered'));
  }

  /** A repeat that only the store remembers. */
  async function replay(row: MessageRow): Promise<PassiveReply | undefined> {
    if (row.answer === undefined) {
      // Another replica is at work on it, or resume() has yet to look at it: its answer will be pushed.
      if (row.state === 'open') await store.acknowledge(row.key);
      return undefined;
    }
    const outgoing = parseOutgoing(row.answer);
    const wasPushed = row.acknowledged || outgoing.push !== undefined || outgoing.update !== undefined;
    return wasPushed && row.state === 'delivered' ? undefined : { kind: 'text', content: outgoing.text };
  }

  // -- after a restart -------------------------------------------------------------------------------------------

  async function resume(): Promise<void> {
    for (const member of await store.owedMembers()) debtors.add(member);
    for (const row of await store.unfinished()) {
      const entry: Entry = {
        ...newEntry(messageOf(row)),
        kept: true,
        stored: row.answer !== undefined,
        acknowledged: row.acknowledged,
      };
      const work = afterEarlier(row.member, () => resumed(row, entry));
      lines.set(
        row.member,
        work.catch(() => undefined),
      );
      if (row.acknowledged) background(work.then((outgoing) => deliverLater(entry, outgoing)));
      else awaitRepeat(entry, work);
      log.info(
        { member: row.member, key: row.key, state: row.state, acknowledged: row.acknowledged },
        'resuming a message',
      );
    }
  }

  async function resumed(row: MessageRow, entry: Entry): Promise<Outgoing | undefined> {
    if (row.answer !== undefined) return parseOutgoing(row.answer);
    const changes = await store.changesOf(row.key);
    if (changes.length > 0) return deps.recover(row, changes);
    if (row.content === undefined || now() - row.receivedAt > RUN_AFTER_RESTART_MS) return deps.tooOld(row);
    return handle(entry);
  }

  /** Never acknowledged: WeCom repeats it within seconds and its callback can take the answer; if not, it is pushed. */
  function awaitRepeat(entry: Entry, work: Promise<Outgoing | undefined>): void {
    recent.set(entry.message.key, entry);
    const timer = setTimeout(() => {
      entry.repeat = undefined;
      background(work.then((outgoing) => deliverLater(entry, outgoing)));
    }, repeatWaitMs);
    timer.unref();
    entry.repeat = (message) => {
      clearTimeout(timer);
      entry.repeat = undefined;
      entry.message = message;
      return withinWindow(entry, work);
    };
    work.catch((error: unknown) => log.error({ error: codeOf(error) }, 'resumed message failed'));
  }

  // -- order and bookkeeping -------------------------------------------------------------------------------------

  /** Takes a place in the member's line at once; the next message waits until this one's answer has had its first try. */
  function inLine(entry: Entry, handling: () => Promise<Outgoing | undefined>): Promise<PassiveReply | undefined> {
    const { member } = entry.message;
    const work = afterEarlier(member, handling);
    const response = withinWindow(entry, work);
    const both = Promise.allSettled([work, response]);
    lines.set(member, both);
    void both.then(() => {
      if (lines.get(member) === both) lines.delete(member);
    });
    return response;
  }

  function afterEarlier<T>(member: string, work: () => Promise<T>): Promise<T> {
    const ahead = lines.get(member);
    return ahead ? ahead.then(work) : work();
  }

  function track<T>(promise: Promise<T>): Promise<T> {
    underWay.add(promise);
    const done = () => underWay.delete(promise);
    promise.then(done, done);
    return promise;
  }

  function background(promise: Promise<unknown>): void {
    track(promise.catch((error: unknown) => log.error({ error: codeOf(error) }, 'background work failed')));
  }

  async function idle(): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled([...underWay]);
  }

  return { knows, receive, resume, idle };
}

function newEntry(message: IncomingMessage): Entry {
  return {
    message,
    kept: false,
    stored: false,
    acknowledged: false,
    early: undefined,
    repeat: undefined,
    replayed: undefined,
    response: NOTHING,
  };
}

/** The head travels in columns of its own; what the member sent is kept as JSON until the retention time drops it. */
function rowOf(message: IncomingMessage): NewMessage {
  return { key: message.key, member: message.member, receivedAt: message.receivedAt, content: JSON.stringify(message) };
}

function messageOf(row: MessageRow): IncomingMessage {
  if (row.content !== undefined) return JSON.parse(row.content) as IncomingMessage;
  return {
    corpId: '',
    key: row.key,
    member: row.member,
    createTime: 0,
    receivedAt: row.receivedAt,
    kind: 'other',
    what: 'forgotten',
  };
}

function parseOutgoing(answer: string): Outgoing {
  return JSON.parse(answer) as Outgoing;
}

function textOf(row: MessageRow): string {
  return row.answer === undefined ? '' : parseOutgoing(row.answer).text;
}

function textPush(outgoing: Outgoing): PushMessage {
  return { msgtype: 'text', text: { content: outgoing.text } };
}

/** The client has repeated what had no proper answer; later repeats help only when the platform wanted a pause. */
function mayHelp(error: unknown): boolean {
  return error instanceof BotError && error.kind === 'busy';
}

function codeOf(error: unknown): string {
  return error instanceof BotError ? error.code : 'bug.unexpected';
}

function sleep(ms: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms ?? 0).unref();
  });
}
