/**
 * Who waits for whom: in line by key, one after the other, one run for all who ask, a few at a time.
 *
 * Own code and no library: p-limit and async-mutex know one key at a time, and what stands in line for two rule groups
 * at once must not lock up; p-queue needs Node 22; none shares a run that has not begun.
 */

/** A place in one or several lines. */
export interface Place {
  /** Resolves when everybody who stood in one of these lines before has left. Never rejects. */
  readonly turn: Promise<void>;
  /** Lets the next one have its turn; to be called whatever came of it, and once is enough. */
  leave(): void;
}

/** Lines of waiting work, one per key; a key is forgotten as soon as nobody stands in its line. */
export class Lines<K> {
  readonly #lastToLeave = new Map<K, Promise<void>>();

  /** Stands in the lines of all these keys at once, so that two who want the same keys cannot wait for each other. */
  take(keys: readonly K[]): Place {
    const ahead = keys.map((key) => this.#lastToLeave.get(key));
    let open = () => {};
    const left = new Promise<void>((resolve) => {
      open = resolve;
    });
    for (const key of keys) this.#lastToLeave.set(key, left);
    return {
      turn: Promise.all(ahead).then(() => undefined),
      leave: () => {
        for (const key of keys) if (this.#lastToLeave.get(key) === left) this.#lastToLeave.delete(key);
        open();
      },
    };
  }

  /** Whether somebody stands in the line of this key. */
  isTaken(key: K): boolean {
    return this.#lastToLeave.has(key);
  }

  /** Runs `work` at its turn and leaves when it has ended; its failure is the caller's alone. */
  async run<T>(keys: readonly K[], work: () => Promise<T>): Promise<T> {
    const place = this.take(keys);
    try {
      await place.turn;
      return await work();
    } finally {
      place.leave();
    }
  }
}

/** One piece of work after the other, in the order of the calls; one that fails does not stop the next. */
export function oneByOne(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** A run whose result all share who ask while it is under way. */
export interface SharedRun<T> {
  isRunning(): boolean;
  /** The result of the run under way, or of one that begins now. */
  joined(): Promise<T>;
  /** The result of a run that begins after this call: at once, or when the one under way has ended. */
  after(): Promise<T>;
}

/** Never more than one run at a time, and never more than one that waits. */
export function sharedRun<T>(run: () => Promise<T>): SharedRun<T> {
  let current: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    next = undefined;
    current = run().finally(() => {
      current = undefined;
    });
    return current;
  };
  return {
    isRunning: () => current !== undefined,
    joined: () => current ?? start(),
    after: () => {
      if (!current) return start();
      next ??= current.then(start, start);
      return next;
    },
  };
}

/** `work` for every item, at most `limit` at a time; the results in the order of the items. The first failure is thrown. */
export async function inParallel<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [at, item] of waiting) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** So many places and no more; who finds none waits for one, first come, first served. */
export class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** True when a place was had within `ms`; it is given back with `leave`. */
  async take(ms: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    return new Promise((resolve) => {
      const had = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(had);
        resolve(false);
      }, ms);
      this.#waiting.add(had);
    });
  }

  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
