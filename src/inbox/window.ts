/**
 * How long a callback is held. WeCom hangs up after five seconds and takes an answer that comes later for none; when the
 * process is late, everything between the decision to answer and the answer is late as well, so it decides earlier.
 */

import type { Clock, IncomingMessage } from '../message.ts';

export interface WindowOptions {
  readonly windowMs: number;
  /** ms of a clock that never jumps. */
  readonly ticks: Clock;
  /** ms by which the process is late at present. */
  readonly lag: () => number;
}

/** How long a callback is held in ms, unless set otherwise; WeCom hangs up after 5,000. */
export const WINDOW_MS = 4_500;
/** How often the length of the window is thought over. */
const LOOK_MS = 250;
/** Of the window: from then on a message is kept in the record, so that the end of the window waits for no write. */
const KEEP_AT = 0.6;
/** However late the process is, what is ready in this part of the window still goes back inside it. */
const LEAST = 0.2;

/**
 * When the callback of a message arrived, in ticks. That is not long ago, and a clock that jumps meanwhile must not make it
 * long.
 */
export function arrivedAt(
  { receivedAt }: IncomingMessage,
  { now, ticks, windowMs }: { readonly now: Clock } & Pick<WindowOptions, 'ticks' | 'windowMs'>,
): number {
  return ticks() - Math.min(Math.max(now() - receivedAt, 0), windowMs);
}

/**
 * Calls `over` at the end of the window of a callback that arrived at `since` (in ticks), and `long` some time before.
 * Returns what calls it off.
 */
export function atEndOfWindow(
  { windowMs, ticks, lag }: WindowOptions,
  since: number,
  long: () => void,
  over: () => void,
): () => void {
  let isLong = false;
  let timer = setTimeout(look, Math.max(0, Math.min(LOOK_MS, windowMs - (ticks() - since))));

  function look(): void {
    const spent = ticks() - since;
    // Once for what waited to be read before it was seen here, once for what is still to be written.
    const limit = Math.max(windowMs * LEAST, windowMs - 2 * lag());
    if (!isLong && spent >= limit * KEEP_AT) {
      isLong = true;
      long();
    }
    if (spent >= limit) over();
    else timer = setTimeout(look, Math.min(LOOK_MS, limit - spent));
  }

  return () => clearTimeout(timer);
}
