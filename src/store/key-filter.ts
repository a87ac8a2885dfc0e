/**
 * Says of almost every key that it was never added, without asking the database: Bloom filters, a small one first, and a
 * larger one beside it whenever that is full. Sure when it says no, a guess when it says perhaps: of a few strange keys in
 * a hundred. Nearly every message is new, and most corps have few.
 */

const LEAST_WORDS = 1 << 8;
const GROWTH = 4;

export class KeyFilter {
  /** With room for a key in every word; the one that is being filled is the last. */
  readonly #filters = [new Uint32Array(LEAST_WORDS)];
  #room = LEAST_WORDS;

  add(key: string): void {
    if (this.#room === 0) {
      this.#room = this.#last.length * GROWTH;
      this.#filters.push(new Uint32Array(this.#room));
    }
    this.#room--;
    const hash = hashOf(key);
    const filter = this.#last;
    const word = wordOf(filter, hash);
    filter[word] = (filter[word] as number) | bitsOf(hash);
  }

  /** False only for keys that were never added. */
  mayHold(key: string): boolean {
    const hash = hashOf(key);
    const bits = bitsOf(hash);
    return this.#filters.some((filter) => ((filter[wordOf(filter, hash)] as number) & bits) === bits);
  }

  get #last(): Uint32Array {
    return this.#filters.at(-1) as Uint32Array;
  }
}

/** The number of words is a power of two. */
function wordOf(filter: Uint32Array, hash: number): number {
  return (hash >>> 5) & (filter.length - 1);
}

/** Two of them in one word. */
function bitsOf(hash: number): number {
  return (1 << (hash & 31)) | (1 << (hash >>> 27));
}

/** FNV-1a over UTF-16 units; then every bit is made to depend on all of them, since a small filter looks at few. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}
