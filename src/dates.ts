/**
 * Dates as the members of this company write and read them: the one reader of TIME_ZONE. Pure; the present is an argument,
 * in ms since 1970.
 */

const DAY_MS = 24 * 60 * 60_000;

/** 今天, 昨天, 前天, 本周, or a date such as 11-22 or 2026-11-22, as a range of ms in the configured time zone. */
export function dayRange(text: string, now: number, timeZone: string): { since: number; until: number } | undefined {
  const today = startOfDay(now, timeZone);
  const ago: Readonly<Record<string, number>> = { 今天: 0, 今日: 0, today: 0, 昨天: 1, 昨日: 1, yesterday: 1, 前天: 2 };
  const days = ago[text.toLowerCase()];
  if (days !== undefined)
    return {
      since: startOfDay(today - days * DAY_MS + DAY_MS / 2, timeZone),
      until: startOfDay(today - (days - 1) * DAY_MS + DAY_MS / 2, timeZone),
    };
  if (text === '本周' || text === '最近一周' || text === '最近7天')
    return { since: today - 6 * DAY_MS, until: today + 2 * DAY_MS };
  const date = /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  if (!date) return undefined;
  const year = Number(date[1] ?? localDay(now, timeZone).slice(0, 4));
  const noon = Date.UTC(year, Number(date[2]) - 1, Number(date[3]), 4);
  const since = startOfDay(noon, timeZone);
  return { since, until: startOfDay(since + DAY_MS + DAY_MS / 2, timeZone) };
}

/** YYYY-MM-DD as people in this time zone write it. */
export function localDay(ms: number, timeZone: string): string {
  return formatter('sv-SE', timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);
}

function startOfDay(ms: number, timeZone: string): number {
  const [hours, minutes, seconds] = formatter('sv-SE', timeZone, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
    .format(ms)
    .split(':')
    .map(Number) as [number, number, number];
  return ms - ((hours * 60 + minutes) * 60 + seconds) * 1000 - (ms % 1000);
}

/** 今天 10:32, 昨天 10:32, or 11-20 10:32. */
export function when(ms: number, now: number, timeZone: string): string {
  const time = formatter('sv-SE', timeZone, { hour: '2-digit', minute: '2-digit' }).format(ms);
  const day = localDay(ms, timeZone);
  if (day === localDay(now, timeZone)) return `今天 ${time}`;
  if (day === localDay(now - DAY_MS, timeZone)) return `昨天 ${time}`;
  return `${day.slice(5)} ${time}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    formatters.set(key, made);
  }
  return made;
}
