/** What is not done yet: the program ends when nothing of it is left. */

import type { Log } from '../log.ts';

export class UnderWay {
  readonly #log: Log;
  readonly #work = new Set<Promise<unknown>>();

  constructor(log: Log) {
    this.#log = log;
  }

  get size(): number {
    return this.#work.size;
  }

  track<T>(promise: Promise<T>): Promise<T> {
    this.#work.add(promise);
    const done = () => this.#work.delete(promise);
    promise.then(done, done);
    return promise;
  }

  /** Of work that nobody waits for: its failure is a line in the log. */
  background(promise: Promise<unknown>): void {
    void this.track(promise.catch((error: unknown) => this.#log.error({ err: error }, 'background work failed')));
  }

  /** Resolves when nothing is left, what comes meanwhile included. */
  async end(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }
}
