/** What stands in each member's chat with the app: bubbles in the order they came, changed in place by id. */
import type { ChatMessage } from './protocol.ts';

const KEPT_PER_MEMBER = 500;

export class Chats {
  readonly #byMember = new Map<string, ChatMessage[]>();
  readonly #now: () => number;
  readonly #changed: (message: ChatMessage) => void;
  #count = 0;

  /** `changed` hears of every new and every changed bubble. */
  constructor(now: () => number, changed: (message: ChatMessage) => void) {
    this.#now = now;
    this.#changed = changed;
  }

  add(message: Omit<ChatMessage, 'id' | 'at'>): ChatMessage {
    this.#count += 1;
    const bubble: ChatMessage = { id: `c${this.#count}`, at: this.#now(), ...message };
    const chat = this.#byMember.get(message.member) ?? [];
    this.#byMember.set(message.member, chat);
    chat.push(bubble);
    if (chat.length > KEPT_PER_MEMBER) chat.shift();
    this.#changed(bubble);
    return bubble;
  }

  /** Changes a bubble; a bubble that is gone (after a reset) stays gone. */
  update(id: string, patch: Partial<ChatMessage>): void {
    for (const chat of this.#byMember.values()) {
      const at = chat.findIndex((bubble) => bubble.id === id);
      const bubble = chat[at];
      if (bubble === undefined) continue;
      chat[at] = { ...bubble, ...patch };
      this.#changed(chat[at]);
    }
  }

  /** Takes the mark of a disabled card away and shows another card in its place. */
  replaceCard(id: string, card: Readonly<Record<string, unknown>>, disabledText: string | undefined): void {
    for (const chat of this.#byMember.values()) {
      const at = chat.findIndex((bubble) => bubble.id === id);
      const bubble = chat[at];
      if (bubble === undefined) continue;
      const { disabledText: _, ...rest } = bubble;
      const body = { msgtype: 'template_card', template_card: card } as const;
      chat[at] = { ...rest, body, ...(disabledText === undefined ? {} : { disabledText }) };
      this.#changed(chat[at]);
    }
  }

  of(member: string): readonly ChatMessage[] {
    return this.#byMember.get(member) ?? [];
  }

  all(): Readonly<Record<string, readonly ChatMessage[]>> {
    return Object.fromEntries(this.#byMember);
  }
}
