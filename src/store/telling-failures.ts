/** A store whose failures are counted, wherever they are caught. */

import { BotError } from '../errors.ts';
import type { Store } from './store.ts';

/** Not failures but answers: somebody else was faster. */
const ANSWERS: ReadonlySet<string> = new Set(['store.taken', 'store.question-taken', 'store.turn']);

/** The same store; `failed` is told the code of whatever it rejects with. */
export function tellingFailures(store: Store, failed: (code: string) => void): Store {
  const tell = (error: unknown): void => {
    if (error instanceof BotError && error.code.startsWith('store.') && !ANSWERS.has(error.code)) failed(error.code);
  };
  /** Made once each: a message asks the store for several things. */
  const known = new Map<string | symbol, unknown>();
  return new Proxy(store, {
    get(target, name) {
      const made = known.get(name);
      if (made !== undefined) return made;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const told = (...args: unknown[]): unknown => {
        const result: unknown = value.apply(target, args);
        if (result instanceof Promise) result.catch(tell);
        return result;
      };
      known.set(name, told);
      return told;
    },
  });
}
