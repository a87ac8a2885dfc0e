/** What the figures of a soak come to. Pure. */

export interface Sample {
  /** ms since the start. */
  readonly at: number;
  /** MB */
  readonly rss: number;
}

export interface Memory {
  /** Median of all samples after the warm-up, MB. */
  readonly level: number;
  /** The farthest that the median of one part of the run is from the level, as a share of it; with its sign. */
  readonly drift: number;
}

/** Of the run's length: until then caches fill and code is compiled. */
const WARM_UP = 0.25;
const PARTS = 10;

/** A part's median counts, not a sample: between two collections of the old heap every process goes up and down. */
export function memory(samples: readonly Sample[], lengthMs: number): Memory {
  const warm = samples.filter(({ at }) => at >= lengthMs * WARM_UP);
  const level = median(warm.map(({ rss }) => rss));
  const partMs = (lengthMs * (1 - WARM_UP)) / PARTS;
  const parts = Array.from({ length: PARTS }, (_, part) => {
    const from = lengthMs * WARM_UP + part * partMs;
    return warm.flatMap(({ at, rss }) => (at >= from && at < from + partMs ? [rss] : []));
  });
  const drifts = parts.filter((part) => part.length > 0).map((part) => median(part) / level - 1);
  return { level, drift: drifts.reduce((far, each) => (Math.abs(each) > Math.abs(far) ? each : far), 0) };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** A line of the bot's log. */
export interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly code?: string;
}

/** What the bot says of strangers' junk; it comes at any time. */
const OF_STRANGERS =
  /^(callback refused: |a signed request came to a path|the target of a request is no path|response could not be written)/;
export function isOfStrangers({ msg }: Line): boolean {
  return OF_STRANGERS.test(msg);
}

/** What it says of a platform in trouble. */
const OF_THE_PLATFORM =
  /^(api call failed|message failed|push failed|card not updated|answer owed|catalog|the library could not be read|access token could not be renewed)/;

/**
 * Whether nothing that was done to the bot is the reason of a warning or an error. `troubled` tells whether the platform
 * was in trouble at a time, ms since 1970. Of errors only those are explained that an answer of the platform causes.
 */
export function isUnexplained(line: Line, troubled: (at: number) => boolean): boolean {
  const { level, time, msg, code = '' } = line;
  if (level !== 'warn' && level !== 'error') return false;
  const byTrouble = OF_THE_PLATFORM.test(msg) && troubled(Date.parse(time));
  return level === 'error' ? !(byTrouble && code.startsWith('api.')) : !(byTrouble || isOfStrangers(line));
}
