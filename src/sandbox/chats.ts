/** What stands in each member's chat with the app: bubbles in the order they came, changed in place by id. */
import type { ChatMessage } from './protocol.ts';

const KEPT_PER_MEMBER = 500;

export class Chats {
  readonly #byMember = new Map<string, ChatMessage[]>();
  /** Of every bubble that is kept, the member. */
  readonly #memberOf = new Map<string, string>();
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
    this.#memberOf.set(bubble.id, message.member);
    const gone = chat.length > KEPT_PER_MEMBER ? chat.shift() : undefined;
    if (gone !== undefined) this.#memberOf.delete(gone.id);
    this.#changed(bubble);
    return bubble;
  }

  /** Changes a bubble; a bubble that is gone (after a reset) stays gone. */
  update(id: string, patch: Partial<ChatMessage>): void {
    this.#change(id, (bubble) => ({ ...bubble, ...patch }));
  }

  /** Takes the mark of a disabled card away and shows another card in its place. */
  replaceCard(id: string, card: Readonly<Record<string, unknown>>, disabledText: string | undefined): void {
    this.#change(id, ({ disabledText: _, ...rest }) => {
      const body = { msgtype: 'template_card', template_card: card } as const;
      return { ...rest, body, ...(disabledText === undefined ? {} : { disabledText }) };
    });
  }

  #change(id: string, changed: (bubble: ChatMessage) => ChatMessage): void {
    const chat = this.#byMember.get(this.#memberOf.get(id) ?? '');
    const at = chat?.findLastIndex((bubble) => bubble.id === id) ?? -1;
    const bubble = chat?.[at];
    if (chat === undefined || bubble === undefined) return;
    const after = changed(bubble);
    chat[at] = after;
    this.#changed(after);
  }

  of(member: string): readonly ChatMessage[] {
    return this.#byMember.get(member) ?? [];
  }

  all(): Readonly<Record<string, readonly ChatMessage[]>> {
    return Object.fromEntries(this.#byMember);
  }
}
