/** The pushes of one member that still count against the platform's limit, kept as their times (doc 90236). */

import type { PushLimits } from './store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** `times` of the last hour with one more at `now`, ms; undefined when that would be too many. */
export function withOnePush(times: string, now: number, { perMinute, perHour }: PushLimits): string | undefined {
  const recent = times.split(',').filter((time) => time !== '' && Number(time) > now - HOUR_MS);
  const lastMinute = recent.filter((time) => Number(time) > now - MINUTE_MS);
  if (recent.length >= perHour || lastMinute.length >= perMinute) return undefined;
  return [...recent, now].join(',');
}
