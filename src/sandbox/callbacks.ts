/**
 * How one app of a corp is called: whose chat shows the delivery, and what the bot's answer does to it. The way there,
 * with its repeats, is post.ts.
 */
import type { Envelope } from '../callback/envelope.ts';
import type { Corp } from './corp.ts';
import { isAcknowledgement, noted, Post, type PostOptions, type UrlCheck } from './post.ts';
import type { ChatMessage, Delivery } from './protocol.ts';
import { openReply, type Question, readReply, Unreadable } from './reply-reader.ts';

export interface CallbackOptions extends Omit<PostOptions, 'record' | 'now'> {
  readonly envelope: Envelope;
  /** The echo of a check may be sealed for somebody else than the messages are. */
  readonly checkEnvelope?: () => Envelope;
  /** After this the connection is dropped. */
  readonly answerWindowMs: number;
}

export interface Outbound {
  /** Userid, or `sys`. */
  readonly member: string;
  readonly plaintext: string;
  readonly question: Question;
  /** The member's bubble that shows the delivery; events of the system have none. */
  readonly bubble?: string;
  /** The pressed card. */
  readonly card?: string;
}

export interface Delivered {
  readonly delivery: Delivery;
  /** The bubble of the passive reply, when there was one. */
  readonly reply?: ChatMessage;
}

export class Callbacks {
  readonly #corp: Corp;
  readonly #options: CallbackOptions;
  readonly #post: Post;
  #url: URL | undefined;

  constructor(corp: Corp, options: CallbackOptions) {
    this.#corp = corp;
    this.#options = options;
    this.#post = new Post({ ...options, now: corp.now, record: (entry) => corp.record(entry) });
  }

  get hasUrl(): boolean {
    return this.#url !== undefined;
  }

  /** @throws TypeError when it is no URL. */
  setUrl(url: string): void {
    this.#url = new URL(url);
  }

  /** Settles when the bot has answered or the last repeat has failed; never rejects. */
  send(outbound: Outbound): Promise<Delivered> {
    return this.#post.under(() => this.#deliver(outbound));
  }

  idle(): Promise<void> {
    return this.#post.idle();
  }

  stop(): Promise<void> {
    return this.#post.stop();
  }

  /** What the console does when the callback URL is saved. */
  async verifyUrl(): Promise<UrlCheck> {
    if (this.#url === undefined) return { ok: false, status: undefined, ms: 0, note: 'no callback url is set' };
    return this.#post.check(this.#url, this.#options.checkEnvelope?.() ?? this.#options.envelope);
  }

  async #deliver(outbound: Outbound): Promise<Delivered> {
    // A reset replaces the chats; an answer to an old message must not appear in a new one.
    const chats = this.#corp.chats;
    const show = (delivery: Delivery): Delivery => {
      if (outbound.bubble !== undefined) chats.update(outbound.bubble, { delivery });
      return delivery;
    };
    if (this.#url === undefined)
      return { delivery: show({ state: 'failed', attempt: 1, note: '应用没有设置接收消息的地址' }) };
    const { corpId, agentId } = this.#corp.identity;
    const letter = {
      url: this.#url,
      envelope: this.#options.envelope,
      plaintext: outbound.plaintext,
      toUserName: corpId,
      agentId: outbound.question === 'sys' ? undefined : agentId,
      windowMs: this.#options.answerWindowMs,
    };
    const { ok, attempt, status, body, note } = await this.#post.send(letter, (nth, failed) => {
      if (failed === undefined) show({ state: nth === 1 ? 'sending' : 'retrying', attempt: nth });
      else show({ state: 'retrying', attempt: nth, ...noted(failed) });
    });
    if (ok) return this.#read(body, outbound, attempt, show, chats === this.#corp.chats);
    return { delivery: show({ state: 'failed', attempt, ...noted({ status, note }) }) };
  }

  #read(
    response: string,
    outbound: Outbound,
    attempt: number,
    show: (delivery: Delivery) => Delivery,
    current: boolean,
  ): Delivered {
    const accepted = { state: 'delivered', attempt, status: 200 } as const;
    if (isAcknowledgement(response)) return { delivery: show(accepted) };
    try {
      const { corpId } = this.#corp.identity;
      const { member, question } = outbound;
      const answer = readReply(openReply(response, this.#options.envelope), {
        member: this.#corp.directory.idOf(member),
        corpId,
        question,
        now: this.#corp.now(),
      });
      const delivery = show(accepted);
      if (!current) return { delivery };
      switch (answer.kind) {
        case 'text': {
          if (answer.cut) this.#corp.violated(member, 'passive reply: a text beyond 2048 bytes was cut');
          const body = { msgtype: 'text', text: { content: answer.content } } as const;
          const answers = outbound.bubble === undefined ? {} : { answers: outbound.bubble };
          return { delivery, reply: this.#corp.chats.add({ member, from: 'bot', via: 'passive', body, ...answers }) };
        }
        case 'button':
          if (outbound.card !== undefined) this.#corp.chats.update(outbound.card, { disabledText: answer.replaceName });
          return { delivery };
        case 'card':
          if (outbound.card !== undefined) this.#corp.messages.replaceCard(outbound.card, answer.card);
          return { delivery };
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#corp.violated(outbound.member, `passive reply: ${error.message}`);
      return { delivery: show({ state: 'failed', attempt, status: 200, note: `回复无法显示：${error.message}` }) };
    }
  }
}
