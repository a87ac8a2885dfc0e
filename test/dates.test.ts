import { describe, expect, test } from 'vitest';
import { dayRange, localDay, moment, when } from '../src/dates.ts';

const at = (iso: string): number => Date.parse(iso);
const range = (text: string, now: string, zone: string) => {
  const found = dayRange(text, at(now), zone);
  return found && [found.since, found.until].map((ms) => new Date(ms).toISOString().slice(0, 16));
};

describe('a day is a day of the time zone', () => {
  test.each([
    ['Asia/Shanghai', '2026-11-28T08:00:00Z', ['2026-11-27T16:00', '2026-11-28T16:00']],
    ['America/Los_Angeles', '2026-11-28T20:00:00Z', ['2026-11-28T08:00', '2026-11-29T08:00']],
    ['Europe/Berlin', '2026-11-28T08:00:00Z', ['2026-11-27T23:00', '2026-11-28T23:00']],
    ['Pacific/Kiritimati', '2026-11-28T00:00:00Z', ['2026-11-27T10:00', '2026-11-28T10:00']],
    ['Etc/GMT+12', '2026-11-28T20:00:00Z', ['2026-11-28T12:00', '2026-11-29T12:00']],
  ] as const)('%s', (zone, now, expected) => {
    expect(range('2026-11-28', now, zone)).toEqual(expected);
    expect(range('11-28', now, zone)).toEqual(expected);
    expect(range('11月28日', now, zone)).toEqual(expected);
    expect(range('今天', now, zone)).toEqual(expected);
  });

  test.each([
    ['a day of 23 hours', 'America/Los_Angeles', '2026-03-08', ['2026-03-08T08:00', '2026-03-09T07:00']],
    ['a day of 25 hours', 'America/Los_Angeles', '2026-11-01', ['2026-11-01T07:00', '2026-11-02T08:00']],
    ['a day of 25 hours in Berlin', 'Europe/Berlin', '2026-10-25', ['2026-10-24T22:00', '2026-10-25T23:00']],
    ['a day that begins at 01:00', 'Africa/Cairo', '2026-04-24', ['2026-04-23T22:00', '2026-04-24T21:00']],
  ])('%s', (_, zone, day, expected) => {
    expect(range(day, '2026-12-01T12:00:00Z', zone)).toEqual(expected);
  });

  test.each([
    ['in the last hour of a day of 25 hours', '2026-11-02T07:30:00Z'],
    ['in its first', '2026-11-01T07:10:00Z'],
  ])('yesterday %s', (_, now) => {
    const yesterday = ['2026-10-31T07:00', '2026-11-01T07:00'];
    expect(range('昨天', now, 'America/Los_Angeles')).toEqual(yesterday);
    expect(when(at('2026-11-01T06:30:00Z'), at(now), 'America/Los_Angeles')).toBe('昨天 23:30');
  });

  test('上周 is the week before, 本月 and 上个月 are months', () => {
    expect(range('上周', '2026-11-28T08:00:00Z', 'Asia/Shanghai')).toEqual(['2026-11-15T16:00', '2026-11-22T16:00']);
    expect(range('上周', '2026-11-29T08:00:00Z', 'Asia/Shanghai')).toEqual(['2026-11-15T16:00', '2026-11-22T16:00']);
    expect(range('上周', '2026-11-30T08:00:00Z', 'Asia/Shanghai')).toEqual(['2026-11-22T16:00', '2026-11-29T16:00']);
    expect(range('本月', '2026-11-28T08:00:00Z', 'Asia/Shanghai')).toEqual(['2026-10-31T16:00', '2026-11-28T16:00']);
    expect(range('上个月', '2026-01-05T08:00:00Z', 'Asia/Shanghai')).toEqual(['2025-11-30T16:00', '2025-12-31T16:00']);
  });

  test('本周 is seven days, over a change of the clocks too', () => {
    expect(range('本周', '2026-11-03T20:00:00Z', 'America/Los_Angeles')).toEqual([
      '2026-10-28T07:00',
      '2026-11-04T08:00',
    ]);
    expect(range('本周', '2026-11-28T08:00:00Z', 'Asia/Shanghai')).toEqual(['2026-11-21T16:00', '2026-11-28T16:00']);
  });

  test('a date without its year is the latest that has come', () => {
    expect(range('12-31', '2027-01-02T08:00:00Z', 'Asia/Shanghai')).toEqual(['2026-12-30T16:00', '2026-12-31T16:00']);
  });

  test.each(['2026-02-30', '13-01', '11-31', '0-5', '老客', '2026-11'])('%s is no day', (text) => {
    expect(dayRange(text, at('2026-11-28T08:00:00Z'), 'Asia/Shanghai')).toBeUndefined();
  });
});

describe('moments of an operator', () => {
  const zone = 'America/Los_Angeles';
  const now = at('2026-11-28T20:00:00Z');
  const read = (text: string, end: 'since' | 'until' = 'since', where = zone) => {
    const ms = moment(text, end, now, where);
    return ms === undefined ? undefined : new Date(ms).toISOString();
  };

  test('a date is local midnight; as an end it is the end of the day', () => {
    expect(read('2026-11-28')).toBe('2026-11-28T08:00:00.000Z');
    expect(read('2026-11-28', 'until')).toBe('2026-11-29T08:00:00.000Z');
    expect(read('2026-11-28', 'since', 'Asia/Shanghai')).toBe('2026-11-27T16:00:00.000Z');
    expect(read('昨天', 'until')).toBe('2026-11-28T08:00:00.000Z');
  });

  test.each([
    ['2026-11-28T08:00', '2026-11-28T16:00:00.000Z'],
    ['2026-11-28 08:00:30', '2026-11-28T16:00:30.000Z'],
    ['2026-07-01T08:00', '2026-07-01T15:00:00.000Z'],
    // An hour that the clocks jump over: the moment they do.
    ['2026-03-08T02:30', '2026-03-08T10:00:00.000Z'],
    ['2026-11-28T08:00:00+08:00', '2026-11-28T00:00:00.000Z'],
    ['2026-11-28T08:00:00.250Z', '2026-11-28T08:00:00.250Z'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each(['yesterdayish', '2026-02-30T08:00', '2026-11-28T25:00', '2026', ''])('%j is none', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

test('a moment as members read it', () => {
  const now = at('2026-11-28T08:00:00Z');
  const shown = ['2026-11-28T07:59:00Z', '2026-11-27T15:59:00Z', '2026-11-26T15:59:00Z', '2025-12-31T16:01:00Z'].map(
    (iso) => when(at(iso), now, 'Asia/Shanghai'),
  );
  expect(shown).toEqual(['今天 15:59', '昨天 23:59', '11-26 23:59', '01-01 00:01']);
  expect(localDay(at('2026-11-28T16:00:00Z'), 'Asia/Shanghai')).toBe('2026-11-29');
});
