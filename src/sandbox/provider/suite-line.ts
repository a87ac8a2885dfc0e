/**
 * What a suite hears on its 指令 or template URL: sealed for the suite, to be answered with `success` within a second
 * (docs 90642, 97172, 97175), otherwise sent again. Events can be held back, repeated and put into another order.
 */
import { createEnvelope, type Envelope } from '../../callback/envelope.ts';
import { randomText } from '../ids.ts';
import { isAcknowledgement, type Letter, noted, type Post, type UrlCheck } from '../post.ts';
import type { Delivery, ProviderEvent } from '../protocol.ts';
import type { Suite } from './suite.ts';

const WINDOW_MS = 1000;
const SHOWN = 50;

export interface SuiteEvent {
  readonly suite: Suite;
  /** For people: 授权, 推送 ticket … */
  readonly what: string;
  readonly plaintext: string;
  /** Whose id is sealed in; by default the suite's. */
  readonly sealedFor?: string;
  /** What stands outside the seal; by default whose id is sealed in. */
  readonly to?: string;
  /** In the form of an app's event, of which an empty answer will do as well. */
  readonly asAppEvent?: boolean;
}

interface Held {
  readonly shown: ProviderEvent;
  readonly event: SuiteEvent;
  settle(delivery: Promise<Delivery>): void;
}

export class SuiteLine {
  readonly #post: Post;
  readonly #now: () => number;
  readonly #changed: () => void;
  readonly #shown: ProviderEvent[] = [];
  readonly #urls = new Map<Suite, URL>();
  readonly #sent = new Map<Suite, SuiteEvent[]>();
  #held: Held[] | undefined;

  /** `changed` hears whenever an event gets on. */
  constructor(post: Post, now: () => number, changed: () => void) {
    this.#post = post;
    this.#now = now;
    this.#changed = changed;
  }

  /** The last events and how far they have got, newest last. */
  get events(): readonly ProviderEvent[] {
    return this.#shown;
  }

  setUrl(suite: Suite, url: string): void {
    this.#urls.set(suite, new URL(url));
  }

  urlOf(suite: Suite): URL | undefined {
    return this.#urls.get(suite);
  }

  get holds(): boolean {
    return this.#held !== undefined;
  }

  /** Settles when the bot has answered or the last repeat has failed; while events are held back, after their release. */
  send(event: SuiteEvent): Promise<Delivery> {
    const shown = this.#note(event);
    const held = this.#held;
    if (held === undefined) return this.#deliver(event, shown);
    return new Promise((settle) => held.push({ event, shown, settle }));
  }

  /** The last `count` events of the suite once more, oldest first. */
  again(suite: Suite, count: number): readonly Promise<Delivery>[] {
    return (this.#sent.get(suite) ?? []).slice(-count).map((event) => this.#deliver(event, this.#note(event)));
  }

  hold(): void {
    this.#held ??= [];
  }

  /** Nobody waits any longer for what is held back. */
  drop(): void {
    for (const { settle } of this.#held ?? [])
      settle(Promise.resolve({ state: 'failed', attempt: 1, note: '沙箱停了' }));
    this.#held = undefined;
  }

  /** Lets go one after the other of what was held back. */
  async release(order: 'as-sent' | 'reversed'): Promise<readonly Delivery[]> {
    const held = this.#held ?? [];
    this.#held = undefined;
    const deliveries: Delivery[] = [];
    this.#changed();
    for (const { event, shown, settle } of order === 'reversed' ? held.toReversed() : held) {
      const delivery = this.#deliver(event, shown);
      settle(delivery);
      deliveries.push(await delivery);
    }
    return deliveries;
  }

  /** A check of an address stands among the events. */
  checked(suite: Suite, what: string, { ok, status, note }: UrlCheck): void {
    const shown = this.#note({ suite, what });
    this.#show(shown, { state: ok ? 'delivered' : 'failed', attempt: 1, ...noted({ status, note }) });
  }

  #note({ what, suite }: Pick<SuiteEvent, 'what' | 'suite'>): ProviderEvent {
    const shown = { id: randomText(12), at: this.#now(), suite: suite.options.name, what };
    this.#shown.push(shown);
    if (this.#shown.length > SHOWN) this.#shown.shift();
    this.#changed();
    return shown;
  }

  #show({ id }: ProviderEvent, delivery: Delivery): void {
    const at = this.#shown.findIndex((each) => each.id === id);
    const shown = this.#shown[at];
    if (shown !== undefined) this.#shown[at] = { ...shown, delivery };
    this.#changed();
  }

  async #deliver(event: SuiteEvent, shown: ProviderEvent): Promise<Delivery> {
    const { suite } = event;
    const sent = this.#sent.get(suite) ?? [];
    this.#sent.set(suite, [...sent.filter((each) => each !== event), event].slice(-50));
    const url = this.#urls.get(suite);
    const delivery: Delivery =
      url === undefined
        ? { state: 'failed', attempt: 1, note: '没有填回调地址' }
        : await this.#post.under(() => this.#sendTo(url, event, shown));
    this.#show(shown, delivery);
    return delivery;
  }

  async #sendTo(url: URL, event: SuiteEvent, shown: ProviderEvent): Promise<Delivery> {
    const { suite, plaintext, asAppEvent, sealedFor = suite.id, to } = event;
    const letter: Letter = {
      url,
      envelope: suiteEnvelope(suite, sealedFor),
      plaintext,
      toUserName: to ?? sealedFor,
      agentId: '',
      windowMs: WINDOW_MS,
      complaint: (body) =>
        body === 'success' || (asAppEvent === true && isAcknowledgement(body)) ? undefined : '回答不是 success',
    };
    const { ok, attempt, status, note } = await this.#post.send(letter, (nth) =>
      this.#show(shown, { state: nth === 1 ? 'sending' : 'retrying', attempt: nth }),
    );
    return { state: ok ? 'delivered' : 'failed', attempt, ...noted({ status, note }) };
  }
}

export function suiteEnvelope({ options }: Suite, receiveId: string): Envelope {
  return createEnvelope({ token: options.token, encodingAesKey: options.encodingAesKey, receiveId });
}

/** Of the URL where an app hears what members write: 代开发 may have a pair of its own there. */
export function appEnvelope({ options }: Suite, receiveId: string): Envelope {
  return createEnvelope({ token: options.token, encodingAesKey: options.encodingAesKey, ...options.app, receiveId });
}
