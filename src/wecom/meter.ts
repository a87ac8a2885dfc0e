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
  /** Whether a push to this member would be within the limits now. */
  room(member: string): boolean;
  /** Takes one push; false, and nothing taken, when there is no room. */
  take(member: string): boolean;
  /** ms until there is room again; 0 when there is. */
  wait(member: string): number;
}

export function createMeter(now: () => number, limits: { perMinute?: number; perHour?: number } = {}): Meter {
  const { perMinute = PER_MINUTE, perHour = PER_HOUR } = limits;
  /** Times of the pushes of the last hour, oldest first. */
  const pushes = new LRUCache<string, number[]>({ max: MAX_MEMBERS });

  function wait(member: string): number {
    const times = pushes.get(member);
    if (times === undefined) return 0;
    const time = now();
    let old = 0;
    while (old < times.length && (times[old] as number) <= time - HOUR_MS) old++;
    if (old > 0) times.splice(0, old);
    // The push that has to leave its window before the next one fits into it.
    const forMinute = (times.at(-perMinute) ?? -MINUTE_MS) + MINUTE_MS - time;
    const forHour = (times.at(-perHour) ?? -HOUR_MS) + HOUR_MS - time;
    return Math.max(0, forMinute, forHour);
  }

  return {
    wait,
    room: (member) => wait(member) === 0,
    take(member) {
      if (wait(member) > 0) return false;
      const times = pushes.get(member);
      if (times === undefined) pushes.set(member, [now()]);
      else times.push(now());
      return true;
    },
  };
}
