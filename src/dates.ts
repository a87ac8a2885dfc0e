/**
 * Dates as the members of this company write and read them: the one reader of TIME_ZONE. Pure; the present is an argument,
 * in ms since 1970.
 *
 * A day is a date of the calendar (`2026-11-28`) until the last moment: where clocks are changed it has 23 or 25 hours, and
 * may begin at 01:00.
 */

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** No zone is further from UTC (UTC−12 to UTC+14), with an hour to spare. */
const FURTHEST_MS = 15 * HOUR_MS;

export interface Range {
  /** ms, inclusive. */
  readonly since: number;
  /** ms, exclusive. */
  readonly until: number;
}

const DAYS_AGO: Readonly<Record<string, number>> = {
  今天: 0,
  今日: 0,
  today: 0,
  昨天: 1,
  昨日: 1,
  yesterday: 1,
  前天: 2,
};
const WEEK: ReadonlySet<string> = new Set(['本周', '最近一周', '最近7天']);

/**
 * 今天, 昨天, 前天, 本周 (seven days up to today), 上周 (from Monday to Sunday), 本月, 上个月, or a date such as 11-22 or
 * 2026-11-22, as a range in the time zone. A date without its year is the latest one that is not to come. Undefined for
 * anything else, 2026-02-30 included.
 */
export function dayRange(text: string, now: number, timeZone: string): Range | undefined {
  const today = localDay(now, timeZone);
  const days = (first: string, last: string): Range => ({
    since: startOf(first, timeZone),
    until: startOf(addDays(last, 1), timeZone),
  });
  const ago = DAYS_AGO[text.toLowerCase()];
  if (ago !== undefined) {
    const day = addDays(today, -ago);
    return days(day, day);
  }
  if (WEEK.has(text)) return days(addDays(today, -6), today);
  if (text === '上周') {
    const sunday = addDays(today, -(new Date(`${today}T00:00:00Z`).getUTCDay() || 7));
    return days(addDays(sunday, -6), sunday);
  }
  const first = `${today.slice(0, 8)}01`;
  if (text === '本月') return days(first, today);
  if (text === '上个月') return days(`${addDays(first, -1).slice(0, 8)}01`, addDays(first, -1));
  const [, year, month = '', date = ''] = /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/.exec(text) ?? [];
  const thisYear = Number(today.slice(0, 4));
  let day = calendarDay(year === undefined ? thisYear : Number(year), month, date);
  if (day !== undefined && year === undefined && day > today) day = calendarDay(thisYear - 1, month, date);
  return day === undefined ? undefined : days(day, day);
}

/**
 * One end of a stretch of time as an operator types it: all that `dayRange` understands, a moment of this time zone
 * (`2026-11-28 08:00`), or one with a zone of its own (`2026-11-28T08:00:00+08:00`). A day ends where the next begins.
 */
export function moment(text: string, end: 'since' | 'until', now: number, timeZone: string): number | undefined {
  const range = dayRange(text, now, timeZone);
  if (range !== undefined) return range[end];
  const [, year, month = '', date = '', hours, minutes, seconds = '00', fraction = '', zone] =
    /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(text) ?? [];
  const day = calendarDay(Number(year), month, date);
  if (day === undefined) return undefined;
  const clock = `${hours}:${minutes}:${seconds}${fraction}`;
  const ms = Date.parse(`${day}T${clock}${zone ?? 'Z'}`);
  if (Number.isNaN(ms)) return undefined;
  return zone === undefined ? firstMoment(ms, (at) => localTime(at, timeZone) >= `${day} ${clock.slice(0, 8)}`) : ms;
}

/** YYYY-MM-DD as people in this time zone write it. */
export function localDay(ms: number, timeZone: string): string {
  return formatter(timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);
}

/** 今天 10:32, 昨天 10:32, or 11-20 10:32. */
export function when(ms: number, now: number, timeZone: string): string {
  const time = formatter(timeZone, { hour: '2-digit', minute: '2-digit' }).format(ms);
  const day = localDay(ms, timeZone);
  const today = localDay(now, timeZone);
  if (day === today) return `今天 ${time}`;
  if (day === addDays(today, -1)) return `昨天 ${time}`;
  return `${day.slice(5)} ${time}`;
}

/** YYYY-MM-DD HH:MM:SS on the clocks of this time zone. */
function localTime(ms: number, timeZone: string): string {
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  return formatter(timeZone, { ...day, hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);
}

/** The moment at which a day of the calendar begins. */
function startOf(day: string, timeZone: string): number {
  return firstMoment(Date.parse(`${day}T00:00:00Z`), (ms) => localDay(ms, timeZone) >= day);
}

/** The first moment, near what would be `utc` in UTC, at which `reached` holds; a clock that jumps over it counts. */
function firstMoment(utc: number, reached: (ms: number) => boolean): number {
  let before = utc - FURTHEST_MS;
  let after = utc + FURTHEST_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (reached(middle)) after = middle;
    else before = middle;
  }
  return after;
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** YYYY-MM-DD, or undefined where the calendar has no such day. */
function calendarDay(year: number, month: string, date: string): string | undefined {
  const day = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const ms = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(ms) || addDays(day, 0) !== day ? undefined : day;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Swedish, because it writes dates and times as ISO does. */
function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${Object.keys(options)}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat('sv-SE', { ...options, timeZone });
    formatters.set(key, made);
  }
  return made;
}
