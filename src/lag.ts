/**
 * How late this process does what it means to do at once: a machine that is too small, a long computation, a slow disk.
 * Whoever has promised an answer by a certain moment must begin that much earlier.
 */

import type { Clock } from './message.ts';

export interface LagMeter {
  /** ms by which the event loop was late at worst within the last seconds, the present moment included. */
  worst(): number;
  /**
   * A connection was taken. One is taken in each turn of the loop, however many wait in the system's queue, and what
   * waits there is late by as long as that queue has not been empty.
   */
  tookConnection(): void;
  stop(): void;
}

const EVERY_MS = 100;
/** The worst of the present and of the former stretch of this length counts. */
const STRETCH_MS = 5_000;

/** `ticks` never jumps. Keeps no process alive. */
export function watchLag(ticks: Clock): LagMeter {
  let last = ticks();
  let turned = last;
  let present = 0;
  let former = 0;
  const timer = setInterval(() => {
    const at = ticks();
    if (at - turned > STRETCH_MS) {
      former = present;
      present = 0;
      turned = at;
    }
    present = Math.max(present, at - last - EVERY_MS);
    last = at;
  }, EVERY_MS);
  timer.unref();

  let taken = 0;
  let queueSince: number | undefined;
  function tookConnection(): void {
    const at = ticks();
    queueSince ??= at;
    present = Math.max(present, at - queueSince);
    const count = ++taken;
    // After a whole turn that took none, the queue is known to be empty.
    setImmediate(() =>
      setImmediate(() => {
        if (taken === count) queueSince = undefined;
      }),
    );
  }

  return {
    worst: () => Math.max(0, present, former, ticks() - last - EVERY_MS),
    tookConnection,
    stop: () => clearInterval(timer),
  };
}
