/** What the store cannot take now is tried again for as long as it is away. */

import { setTimeout as pause } from 'node:timers/promises';
import { BotError } from '../errors.ts';

/** ms between the tries; the last one again and again. */
const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 60_000];

/** Tries after a pause, and again while the store is away. Rejects with what no waiting mends. */
export async function later<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    await pause(PAUSES_MS[tries] ?? PAUSES_MS.at(-1), undefined, { ref: false });
    try {
      return await work();
    } catch (error) {
      if (!isStoreAway(error)) throw error;
    }
  }
}

/** Rejects as the first try does, and goes on trying while the store is away. */
export async function insisting(write: () => Promise<void>): Promise<void> {
  await write().catch((error: unknown) => {
    if (isStoreAway(error)) later(write).catch(() => {});
    throw error;
  });
}

/** Whether it may work as soon as the store is back. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof BotError && error.kind === 'busy' && error.code.startsWith('store.');
}
