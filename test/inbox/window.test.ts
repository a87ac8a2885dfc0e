/** The answering window: how long a callback is held, on a process that is in time and on one that is late. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atEndOfWindow } from '../../src/inbox/window.ts';
import { watchLag } from '../../src/lag.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const ticks = () => performance.now();

/** When the message is kept and when the window ends, in ms after the callback's arrival. */
function held(lag: () => number, sinceArrival = 0) {
  const seen: { kept?: number; over?: number } = {};
  const arrived = ticks() - sinceArrival;
  const after = () => Math.round(ticks() - arrived);
  const callOff = atEndOfWindow(
    { windowMs: 4_500, ticks, lag },
    arrived,
    () => {
      seen.kept = after();
    },
    () => {
      seen.over = after();
    },
  );
  return { seen, callOff };
}

test('in time: the message is kept well before the end, and the window ends once', () => {
  const { seen } = held(() => 0);
  vi.advanceTimersByTime(4_499);
  expect(seen.kept).toBeLessThan(3_000);
  expect(seen.over).toBeUndefined();
  vi.advanceTimersByTime(10_000);
  expect(seen.over).toBe(4_500);
});

test('late by 800 ms: twice that is left for what is late at both ends', () => {
  const { seen } = held(() => 800);
  vi.advanceTimersByTime(10_000);
  expect(seen.over).toBe(2_900);
});

test('lateness that comes while a callback is held shortens its window, too', () => {
  let late = 0;
  const { seen } = held(() => late);
  vi.advanceTimersByTime(3_000);
  late = 1_000;
  vi.advanceTimersByTime(10_000);
  expect(seen.over).toBeLessThanOrEqual(3_250);
});

test('however late, what is ready at once still goes back inside the callback', () => {
  const { seen } = held(() => 60_000);
  vi.advanceTimersByTime(800);
  expect(seen.over).toBeUndefined();
  vi.advanceTimersByTime(200);
  expect(seen.over).toBe(900);
});

test('what was spent before counts, and a window that is called off does nothing', () => {
  const { seen } = held(() => 0, 4_000);
  vi.advanceTimersByTime(500);
  expect(seen.over).toBe(4_500);
  const off = held(() => 0);
  off.callOff();
  vi.advanceTimersByTime(10_000);
  expect(off.seen).toEqual({});
});

test('connections that had to wait to be taken make the process late by as long', async () => {
  vi.useRealTimers();
  let at = 0;
  const meter = watchLag(() => at);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 20; i++) {
    meter.tookConnection();
    at += 30;
    await turn();
  }
  expect(meter.worst()).toBe(570);
  meter.stop();
  const idle = watchLag(() => at);
  for (let i = 0; i < 20; i++) {
    idle.tookConnection();
    await turn();
    await turn();
    await turn();
    at += 30;
  }
  // Each came alone, when the former had long been taken: 500 ms are since the meter itself last looked.
  expect(idle.worst()).toBe(500);
  idle.stop();
});

test('the meter knows the worst of the last seconds, and a block that is not over yet', () => {
  let extra = 0;
  const meter = watchLag(() => ticks() + extra);
  vi.advanceTimersByTime(1_000);
  expect(meter.worst()).toBe(0);
  extra += 700;
  expect(meter.worst()).toBeGreaterThanOrEqual(600);
  vi.advanceTimersByTime(100);
  expect(meter.worst()).toBe(700);
  vi.advanceTimersByTime(4_000);
  expect(meter.worst()).toBe(700);
  vi.advanceTimersByTime(12_000);
  expect(meter.worst()).toBe(0);
  meter.stop();
});
