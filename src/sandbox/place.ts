/** One app in one corp, and what people and tests do with it. A sandbox has at least one; a provider's app has one per corp. */
import type { Actions, Doing, Selected } from './actions.ts';
import type { Callbacks, Delivered } from './callbacks.ts';
import type { Corp, Fresh, Violation } from './corp.ts';
import type { MediaKind } from './incoming.ts';
import type { UrlCheck } from './post.ts';
import type { ChatMessage, ConsoleEdit, Delivery, Faults, Variants } from './protocol.ts';

/** What became of something a member did. `reply` is the bubble of the passive reply, if there was one. */
export interface Sent extends Partial<Pick<Delivered, 'reply'>> {
  readonly id: string;
  readonly delivered: Delivery;
}

export interface Place {
  readonly corp: Corp;
  /** What the platform refused to show or cut; empty for a healthy bot. */
  readonly violations: readonly Violation[];
  setCallbackUrl(url: string): void;
  /** The console's check of the callback URL. */
  verifyUrl(): Promise<UrlCheck>;
  /** These settle when the bot has answered the callback or the last repeat has failed. They throw when it cannot be done. */
  say(member: string, text: string): Promise<Sent>;
  press(member: string, messageId: string, key: string, selected?: Selected): Promise<Sent>;
  click(member: string, key: string): Promise<Sent>;
  enter(member: string): Promise<Sent>;
  subscribe(member: string): Promise<Sent>;
  media(member: string, kind: MediaKind): Promise<Sent>;
  /** An admin edits in the corp's console; every app of the corp that may hear of it does. */
  consoleEdit(edit: ConsoleEdit): Promise<{ readonly events: number; readonly delivered: readonly Delivery[] }>;
  setFaults(faults: Partial<Faults>): Faults;
  setVariants(variants: Partial<Variants>): Variants;
  reset(contents?: Fresh): void;
  chat(member: string): readonly ChatMessage[];
  /** Hears of every new or changed bubble; returns how to stop. */
  onMessage(listener: (message: ChatMessage) => void): () => void;
  /**
   * The first message of the bot that stands after `afterId` in the member's chat (without it: the next one to come).
   * @throws when none has come within `timeoutMs` (default 10 s).
   */
  nextFromBot(member: string, afterId?: string, timeoutMs?: number): Promise<ChatMessage>;
}

/** An app in a corp with everything that moves it. */
export interface Seat {
  readonly corp: Corp;
  readonly callbacks: Callbacks;
  readonly actions: Actions;
}

export function openPlace({ corp, callbacks, actions }: Seat): Place {
  const settle = async ({ id, done }: Doing): Promise<Sent> => {
    const { delivery, reply } = await done;
    return { id, delivered: delivery, ...(reply === undefined ? {} : { reply }) };
  };
  return {
    corp,
    violations: corp.violations,
    setCallbackUrl: (url) => callbacks.setUrl(url),
    verifyUrl: () => callbacks.verifyUrl(),
    say: async (member, text) => settle(actions.say(member, text)),
    press: async (member, messageId, key, selected) => settle(actions.press(member, messageId, key, selected)),
    click: async (member, key) => settle(actions.click(member, key)),
    enter: async (member) => settle(actions.enter(member)),
    subscribe: async (member) => settle(actions.subscribe(member)),
    media: async (member, kind) => settle(actions.media(member, kind)),
    consoleEdit: async (edit) => {
      const deliveries = await Promise.all(actions.console(edit));
      return { events: deliveries.length, delivered: deliveries.map(({ delivery }) => delivery) };
    },
    setFaults: (faults) => corp.setFaults(faults),
    setVariants: (variants) => corp.trouble.setVariants(variants),
    reset: (contents) => corp.reset(contents),
    chat: (member) => [...corp.chats.of(member)],
    onMessage: (listener) => listenToMessages(corp, listener),
    nextFromBot: (member, afterId, timeoutMs) => nextFromBot(corp, member, afterId, timeoutMs),
  };
}

function listenToMessages(corp: Corp, listener: (message: ChatMessage) => void): () => void {
  return corp.listen((event) => {
    if (event.type === 'message') listener(event.message);
  });
}

function nextFromBot(
  corp: Corp,
  member: string,
  afterId: string | undefined,
  timeoutMs = 10_000,
): Promise<ChatMessage> {
  const chat = corp.chats.of(member);
  const start = afterId === undefined ? chat.length : chat.findIndex((bubble) => bubble.id === afterId) + 1;
  const seen = new Set(chat.slice(0, start).map((bubble) => bubble.id));
  const present = chat.find((bubble) => bubble.from === 'bot' && !seen.has(bubble.id));
  if (present !== undefined) return Promise.resolve(present);
  return new Promise((resolve, reject) => {
    const forget = listenToMessages(corp, (bubble) => {
      if (bubble.member !== member || bubble.from !== 'bot' || seen.has(bubble.id)) return;
      clearTimeout(timer);
      forget();
      resolve(bubble);
    });
    const timer = setTimeout(() => {
      forget();
      reject(new Error(`the bot has not written to ${member} within ${timeoutMs} ms`));
    }, timeoutMs);
  });
}
