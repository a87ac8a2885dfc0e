/**
 * What the store knows of one message. Its writes go one after the other, so that the message row is made exactly once:
 * together with the bot's first journal entry, or before an acknowledgement, whichever comes first.
 */

import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { IncomingMessage, Keepsake, Outgoing } from '../message.ts';
import { oneByOne } from '../queue.ts';
import type { Claim, MessageRow, Store } from '../store/store.ts';
import { insisting, later } from './again.ts';

/**
 * What there is in the store. `uncertain`: the connection was lost while the row was made. `theirs`: another replica has
 * kept the message, its row is not ours to touch.
 */
type Row = 'none' | 'ours' | 'uncertain' | 'theirs';

export class MessageRecord {
  readonly key: string;
  readonly member: string;
  readonly #store: Store;
  readonly #log: Log;
  readonly #message: IncomingMessage;
  #row: Row = 'none';
  /** Several replicas may be asked for the message. */
  #isShared = false;
  #acknowledged = false;
  #answered = false;
  #staysOpen = false;
  /** What the member has, while that cannot be noted because the message stays open. */
  #unnoted: Outgoing | undefined;
  readonly #inOrder = oneByOne();

  constructor(store: Store, log: Log, message: IncomingMessage) {
    this.#store = store;
    this.#log = log;
    this.key = message.key;
    this.member = message.member;
    this.#message = message;
  }

  /** The head travels in columns of its own; what the member sent is JSON until the retention time drops it. */
  get #keepsake(): Keepsake {
    const { key, member, receivedAt } = this.#message;
    return { key, member, receivedAt, content: JSON.stringify(this.#message) };
  }

  /** The record of a message that a former run has left. */
  static of(store: Store, log: Log, message: IncomingMessage, row: MessageRow): MessageRecord {
    const record = new MessageRecord(store, log, message);
    record.#row = 'ours';
    record.#acknowledged = row.acknowledged;
    record.#answered = row.answer !== undefined;
    return record;
  }

  /** As `Store.claim`; where that persists the message, it is kept from now on. */
  async claim(): Promise<Claim> {
    this.#row = 'uncertain';
    const claim = await this.#store.claim(this.#keepsake);
    this.#isShared = claim.whose !== 'alone';
    this.#row = claim.whose === 'alone' ? 'none' : claim.whose;
    return claim;
  }

  /** Whether another replica has it in hand; where that could not be found out yet, it is asked once more. */
  isTheirs(): Promise<boolean> {
    return this.#inOrder(async () => {
      if (this.#row === 'uncertain') await this.#quietly('claim', async () => void (await this.claim()));
      return this.#row === 'theirs';
    });
  }

  /** Runs a write that persists the message along with it; it is handed nothing when the message is persisted already. */
  keepWith<T>(write: (unkept: Keepsake | undefined) => Promise<T>): Promise<T> {
    return this.#inOrder(async () => {
      if (this.#row === 'uncertain') await this.claim();
      const result = await write(this.#row === 'ours' ? undefined : this.#keepsake);
      this.#row = 'ours';
      return result;
    });
  }

  /** Persisted from then on, without being told to anybody; at once when it is already. */
  keep(): Promise<void> {
    if (this.#row === 'ours') return Promise.resolve();
    return this.#inOrder(() => this.#quietly('keep', async () => void (await this.#keep())));
  }

  /**
   * WeCom is about to be told 200 without the answer, whoever has the message. A store that is down must not turn that
   * into silence. False when another replica has answered it by now.
   */
  acknowledge(): Promise<boolean> {
    return this.#inOrder(async () => {
      if (this.#acknowledged) return true;
      let isNoted = true;
      await this.#quietly('acknowledge', async () => {
        await this.#keep();
        isNoted = await this.#store.acknowledge(this.key);
      });
      this.#acknowledged = isNoted;
      return isNoted;
    });
  }

  /** As far as is known here; with an answer that is kept it is known what other replicas have done. */
  get isAcknowledged(): boolean {
    return this.#acknowledged;
  }

  get mayBeKept(): boolean {
    return this.#row === 'ours' || this.isUncertain;
  }

  /** Whether it could not be found out yet if the message is kept, and by whom. */
  get isUncertain(): boolean {
    return this.#row === 'uncertain';
  }

  /**
   * A restart shall find the message unfinished, whatever becomes of its answer, until this write has worked. It is tried
   * however long the store is away.
   */
  stayOpenUntil(write: () => Promise<void>): void {
    this.#staysOpen = true;
    const { member, key } = this;
    later(write).then(
      () => {
        this.#log.info({ member, key }, 'journal concluded after all');
        this.#staysOpen = false;
        if (this.#unnoted) void this.delivered(this.#unnoted);
      },
      // Somebody else has concluded it, or the process ends.
      (error: unknown) => this.#log.warn({ member, key, code: codeOf(error) }, 'journal left to others'),
    );
  }

  /**
   * The answer is safe from now on: it is about to be told when nobody will ask for it again, or is owed. `answered`
   * is only for messages that are kept. What is owed is written however long the store is away. False when another replica
   * has taken the message over: then it is that one's to tell.
   */
  answer(outgoing: Outgoing, state: 'answered' | 'owed'): Promise<boolean> {
    return this.#inOrder(async () => {
      const isSafe = state === 'answered' && (this.#answered || this.#row !== 'ours' || this.#staysOpen);
      if (!isSafe) {
        this.#answered = true;
        const write = () => this.#noteAnswer(JSON.stringify(outgoing), state);
        await this.#quietly('answer', () => (state === 'owed' ? insisting(write) : write()));
      }
      return this.#row !== 'theirs';
    });
  }

  /**
   * To be waited for before an answer goes back inside the callback: whoever is asked for the message as well, or takes it
   * over from a replica that dies in that moment, has to tell what was done in the same words.
   */
  async agreeOn(outgoing: Outgoing): Promise<void> {
    if (this.#isShared && outgoing.fate?.change !== undefined) await this.answer(outgoing, 'answered');
  }

  async #noteAnswer(answer: string, state: 'answered' | 'owed'): Promise<void> {
    if (!(await this.#keep())) return;
    try {
      if (await this.#store.answer(this.key, answer, state)) this.#acknowledged = true;
    } catch (error) {
      if (codeOf(error) === 'store.missing') this.#row = 'theirs';
      throw error;
    }
  }

  /**
   * The member has it. Noted lazily, since the journal knows what was done: after a crash the member is told that once
   * more, which beats never. But noted it must be: what the member was told is not done would be run by whoever takes an
   * open message up. A store that is away is tried again for as long as it takes.
   *
   * Resolves with whether WeCom has been told 200 without the answer by another replica: then it was a repeat that went
   * there, and whoever held the first callback had hung up.
   */
  delivered(outgoing: Outgoing): Promise<boolean> {
    return this.#inOrder(async () => {
      if (this.#staysOpen) this.#unnoted = outgoing;
      if (!this.mayBeKept || this.#staysOpen) return false;
      const isStored = this.#answered;
      this.#answered = true;
      let isAcknowledged = false;
      await this.#quietly('deliver', () =>
        insisting(async () => {
          isAcknowledged = await this.#noteDelivered(outgoing, isStored);
        }),
      );
      return isAcknowledged && !this.#acknowledged;
    });
  }

  async #noteDelivered(outgoing: Outgoing, isStored: boolean): Promise<boolean> {
    const answer = JSON.stringify(outgoing);
    if (this.#row === 'uncertain' && (await this.claim()).whose === 'theirs')
      await this.#store.giveUp(this.key, answer);
    if (this.#row !== 'ours') return false;
    if (!isStored) return this.#answerOrGiveUp(answer);
    await this.#store.settle(this.key, 'delivered', true);
    return false;
  }

  /** Taken over by another replica meanwhile, what the member was told must not be undone by it. */
  async #answerOrGiveUp(answer: string): Promise<boolean> {
    try {
      return await this.#store.answer(this.key, answer, 'delivered', true);
    } catch (error) {
      if (codeOf(error) !== 'store.missing') throw error;
      await this.#store.giveUp(this.key, answer);
      return false;
    }
  }

  /** False when the row belongs to another replica. */
  async #keep(): Promise<boolean> {
    if (this.#row === 'uncertain') await this.claim();
    if (this.#row === 'none') this.#row = (await this.#store.keepMessage(this.#keepsake)) ? 'ours' : 'theirs';
    return this.#row === 'ours';
  }

  async #quietly(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#log.error({ member: this.member, key: this.key, what, code: codeOf(error) }, 'message record not written');
    }
  }
}
