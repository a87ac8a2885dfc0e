/**
 * A database that has fallen silent is not asked again for a moment: one message asks it several times, and each of them
 * would wait. Whoever asks after that moment finds out whether it is back. One that refuses at once costs nobody time.
 */

import type { BotError } from '../errors.ts';

/** ms, both. */
const PAUSE_MS = 1_000;
const SILENCE_MS = 1_000;

export class Away {
  readonly #ticks: () => number;
  #since = Number.NEGATIVE_INFINITY;
  #failure: BotError | undefined;

  /** `ticks`: ms of a clock that never jumps. */
  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  /** Runs `work`, unless the database was away a moment ago: then the same failure is told. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#failure && this.#ticks() - this.#since < PAUSE_MS) throw this.#failure;
    const began = this.#ticks();
    try {
      const result = await work();
      this.#failure = undefined;
      return result;
    } catch (error) {
      if (isAway(error) && this.#ticks() - began >= SILENCE_MS) {
        this.#failure = error;
        this.#since = this.#ticks();
      }
      throw error;
    }
  }
}

function isAway(error: unknown): error is BotError {
  return (error as { readonly code?: unknown }).code === 'store.unreachable';
}
