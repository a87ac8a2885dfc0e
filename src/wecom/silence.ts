/**
 * A platform that answers nothing at all: a firewall that drops what goes out, a resolver that is gone. Whoever finds that
 * out has waited for long; those who come after must not, or nobody would be told the reason in time for the one way that
 * is left, the passive reply.
 */
import type { Clock } from '../message.ts';
import { type HttpAnswer, TransportError } from './transport.ts';

/** What an answer may take while the last thing that was heard is nothing: several calls fit in the window of a message. */
const PATIENCE_MS = 1_000;
/** A failure after so long has been waited for as well. */
const LONG_MS = 1_000;

export interface Silence {
  /** Nothing has been heard since a call that waited in vain. */
  readonly lasts: boolean;
  /**
   * The same answer; during a silence it rejects early for whoever asks for something that does no harm when it arrives all
   * the same. The exchange goes on: its answer, however late, ends the silence.
   */
  hear(answer: Promise<HttpAnswer>, harmless: boolean): Promise<HttpAnswer>;
}

/** Of one platform; `now` in ms. */
export function createSilence(now: Clock): Silence {
  let vain: TransportError | undefined;
  return {
    get lasts() {
      return vain !== undefined;
    },
    hear(answer, harmless) {
      const began = now();
      const heard = answer.then(
        (each) => {
          vain = undefined;
          return each;
        },
        (error: unknown) => {
          // A write that got no answer is looked for by whoever made it, and that look has its time.
          if (harmless && error instanceof TransportError && isVain(error, now() - began)) vain = error;
          throw error;
        },
      );
      return vain === undefined || !harmless ? heard : orElse(heard, vain);
    },
  };
}

function isVain({ reason }: TransportError, tookMs: number): boolean {
  return reason === 'timeout' || (reason !== 'stopped' && tookMs >= LONG_MS);
}

async function orElse<T>(heard: Promise<T>, error: Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, PATIENCE_MS, error);
  });
  try {
    return await Promise.race([heard, late]);
  } finally {
    clearTimeout(timer);
  }
}
