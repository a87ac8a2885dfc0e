/** What the process remembers of the messages of the last seconds, for WeCom's repeats. */

import { LRUCache } from 'lru-cache';
import type { Remembered } from './entry.ts';

/** Of all inboxes together; whoever is busy gets more of it. */
const MOST = 1_000;

/** Of one inbox, by a message's key. */
export interface Recent {
  get(key: string): Remembered | undefined;
  has(key: string): boolean;
  set(key: string, remembered: Remembered): void;
  delete(key: string): void;
}

/**
 * Room for the messages of all inboxes of the process: a thousand for each of hundreds of corps would be a memory that only
 * grows. What it returns gives an inbox its own part, which no other can look into, whatever the keys.
 */
export function createRecents(): () => Recent {
  const all = new LRUCache<string, Remembered>({ max: MOST });
  let inboxes = 0;
  return () => {
    const own = `${++inboxes} `;
    return {
      get: (key) => all.get(own + key),
      has: (key) => all.has(own + key),
      set: (key, remembered) => all.set(own + key, remembered),
      delete: (key) => all.delete(own + key),
    };
  };
}
