/**
 * The reading of one message: what is known of the library, and how much may still be read. A text is read in many ways,
 * each of its pieces again with others; whatever it is made of, its reading ends here.
 */

import type { Known, Place } from './known.ts';
import type { Parsed } from './reading.ts';
import { readSentence, STEPS } from './sentence.ts';

/** Steps for a whole message: a hundred orders in full sentences, or several hundred short ones. */
const MOST_STEPS = 40_000;

/** What else takes time, in steps: each found out by timing many texts. */
const OF_A_SENTENCE = 90;
const OF_A_SENTENCE_AGAIN = 10;
const OF_A_NAME = 3;
const OF_A_MEANING = 15;

/** The message takes more than is read; caught where its reading began. */
export class TooMuch extends Error {
  constructor() {
    super('more than is read of one message');
  }
}

export class Reader implements Known {
  readonly rules: Known['rules'];
  readonly #known: Known;
  readonly #sentences = new Map<string, Parsed>();
  #left = MOST_STEPS;

  constructor(known: Known) {
    this.#known = known;
    this.rules = known.rules;
  }

  /** Reads a sentence or clause, once. At most so many steps; throws `TooMuch` when the message has no more. */
  sentence(text: string, steps = STEPS): Parsed {
    const key = `${steps} ${text}`;
    const read = this.#sentences.get(key);
    if (read !== undefined) {
      this.#take(OF_A_SENTENCE_AGAIN);
      return read;
    }
    this.#take(OF_A_SENTENCE + text.length / 2);
    const parsed = readSentence(text, { steps, taken: (some) => this.#take(some) });
    this.#sentences.set(key, parsed);
    return parsed;
  }

  tag(name: string): boolean {
    this.#take(OF_A_NAME);
    return this.#known.tag(name);
  }

  means(name: string): boolean {
    this.#take(OF_A_MEANING);
    return this.#known.means(name);
  }

  group(name: string): boolean {
    this.#take(OF_A_NAME);
    return this.#known.group(name);
  }

  namesIn(text: string): readonly Place[] {
    this.#take(OF_A_NAME + text.length / 2);
    return this.#known.namesIn(text);
  }

  #take(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TooMuch();
  }
}
