/**
 * How many messages a member may still be pushed. More than 30 a minute or 1,000 an hour to one member are dropped by the
 * platform without an error (doc 90236), so the bot counts itself and stays below: any 60 seconds, any 60 minutes.
 */
import { LRUCache } from 'lru-cache';

const PER_MINUTE = 25;
const PER_HOUR = 900;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MAX_MEMBERS = 20_000;

export interface Meter {
  /** Takes one push; false, and nothing taken, when there is no room. */
  take(member: string): boolean;
}

export function createMeter(now: () => number, limits: { perMinute?: number; perHour?: number } = {}): Meter {
  const { perMinute = PER_MINUTE, perHour = PER_HOUR } = limits;
  /** Times of the pushes of the last hour, oldest first. */
  const pushes = new LRUCache<string, number[]>({ max: MAX_MEMBERS });

  /** The push that has to leave its window before the next one fits into it has left it. */
  function isFree(times: readonly number[], most: number, windowMs: number): boolean {
    const blocking = times.at(-most);
    return blocking === undefined || blocking + windowMs <= now();
  }

  return {
    take(member) {
      const time = now();
      const times = (pushes.get(member) ?? []).filter((at) => at > time - HOUR_MS);
      const free = isFree(times, perMinute, MINUTE_MS) && isFree(times, perHour, HOUR_MS);
      if (free) times.push(time);
      pushes.set(member, times);
      return free;
    },
  };
}
