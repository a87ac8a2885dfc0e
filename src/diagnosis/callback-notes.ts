/**
 * What `doctor` wants to know of callbacks and only the running bot sees: when the address was last verified, when a message
 * last came through, and when and why a request was last refused. Kept in the store at most once in a while.
 */

import { codeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import type { NoteName } from '../store/store.ts';

const REFUSAL_PAUSE_MS = 60_000;
const MESSAGE_PAUSE_MS = 5 * 60_000;

type Seen = Pick<Metrics, 'refused' | 'callback' | 'otherApp' | 'addressVerified'>;

/** Times in ms; undefined for what has not happened. */
export interface CallbacksSeen {
  readonly verified: number | undefined;
  readonly taken: number | undefined;
  readonly refused: { readonly at: number; readonly reason: string } | undefined;
}

/** What the notes say of callbacks. */
export function callbacksSeen(notes: ReadonlyMap<NoteName, string>): CallbacksSeen {
  const refused = notes.get('callback.refused');
  return {
    verified: Number(notes.get('callback.verified')) || undefined,
    taken: Number(notes.get('callback.taken')) || undefined,
    refused: refused === undefined ? undefined : (JSON.parse(refused) as CallbacksSeen['refused']),
  };
}

/** The same metrics, with notes; a note that cannot be kept is lost and logged. */
export function notingCallbacks(
  metrics: Seen,
  {
    keep,
    now,
    log,
  }: {
    readonly keep: (name: NoteName, value: string) => Promise<void>;
    readonly now: Clock;
    readonly log: Pick<Log, 'warn'>;
  },
): Seen {
  const next = new Map<NoteName, number>();
  function note(name: NoteName, value: string, pauseMs: number): void {
    const time = now();
    if (time < (next.get(name) ?? 0)) return;
    next.set(name, time + pauseMs);
    keep(name, value).catch((error: unknown) => log.warn({ code: codeOf(error), name }, 'a note could not be kept'));
  }
  return {
    otherApp: () => metrics.otherApp(),
    refused(reason) {
      metrics.refused(reason);
      note('callback.refused', JSON.stringify({ at: now(), reason }), REFUSAL_PAUSE_MS);
    },
    callback(kind) {
      metrics.callback(kind);
      note('callback.taken', String(now()), MESSAGE_PAUSE_MS);
    },
    addressVerified() {
      metrics.addressVerified();
      note('callback.verified', String(now()), 0);
    },
  };
}
