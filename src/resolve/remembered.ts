/** What is worked out of a library once for everybody who may read the same of it, and not again with each message. */

import type { LibraryId } from '../tags/tag.ts';
import type { View } from './names.ts';

export class Remembered<T> {
  readonly #made = new WeakMap<object, Map<string, T>>();

  /** What was made of `source` (it never changes, and takes all this along when it is gone) under `key`. */
  of(source: object, key: string, make: () => T): T {
    let made = this.#made.get(source);
    if (made === undefined) {
      made = new Map();
      this.#made.set(source, made);
    }
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make();
    made.set(key, fresh);
    return fresh;
  }
}

const keys = new WeakMap<ReadonlySet<LibraryId>, string>();

/** The same for two views that may read the same libraries. */
export function readersOf({ readable }: View): string {
  let key = keys.get(readable);
  if (key === undefined) {
    key = [...readable].join();
    keys.set(readable, key);
  }
  return key;
}
