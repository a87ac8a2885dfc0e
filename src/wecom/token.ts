/**
 * The access token of one app (doc 91039): fetched once for all who wait, renewed before it ends, dropped when refused.
 *
 * A wrong secret stops the calls for ten minutes: repeated failures make the platform ban the server's IP for an hour.
 */
import { BotError } from '../errors.ts';
import type { Log } from '../log.ts';
import { sharedRun } from '../queue.ts';
import type { Send } from './request.ts';
import { id, numberOrNone } from './shape.ts';

const RENEW_BEFORE_MS = 300_000;
const HOLD_MS = 600_000;
/** After a renewal in the background failed, the present token is used this long before the next try. */
const RENEW_PAUSE_MS = 10_000;
const USUAL_LIFE_S = 7_200;
const WRONG_CREDENTIALS: ReadonlySet<number | undefined> = new Set([40001, 40013, 40091, 41002, 41004]);
const RATE_LIMITED = 45009;

export interface TokenSource {
  /** A usable token. Throws BotError; while the credentials are known to be wrong without calling. */
  get(): Promise<string>;
  /** The platform refused this token. A newer one that has come meanwhile stays. */
  drop(token: string): void;
  /** `unknown` until the first answer; `failed` while the last try brought no usable token. */
  state(): 'unknown' | 'ok' | 'failed';
  /** Why `state` is failed. */
  failure(): BotError | undefined;
}

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly endsAt: number;
}

export function createTokenSource(options: {
  readonly corpId: string;
  readonly secret: string;
  readonly send: Send;
  readonly now: () => number;
  readonly log: Log;
}): TokenSource {
  const { corpId, secret, send, now, log } = options;
  let held: Held | undefined;
  let failure: BotError | undefined;
  /** No call before this moment; `failure` is told instead. */
  let holdUntil = 0;
  let renewPauseUntil = 0;

  async function fetchToken(): Promise<string> {
    const askedAt = now();
    try {
      const { token, life } = await send({
        path: 'gettoken',
        method: 'GET',
        query: { corpid: corpId, corpsecret: secret },
        idempotent: true,
        read: (answer) => ({
          token: id(answer.access_token, 'access_token'),
          life: 1000 * Math.max(1, numberOrNone(answer.expires_in) ?? USUAL_LIFE_S),
        }),
      });
      held = { token, renewAt: askedAt + life - Math.min(RENEW_BEFORE_MS, life / 2), endsAt: askedAt + life };
      failure = undefined;
      return token;
    } catch (error) {
      if (error instanceof BotError) remember(error);
      throw failure ?? error;
    }
  }

  function remember(error: BotError): void {
    failure = error;
    if (WRONG_CREDENTIALS.has(error.errcode)) {
      holdUntil = now() + HOLD_MS;
      log.error({ code: error.code, holdMs: HOLD_MS }, 'wrong corp id or secret; no token calls for a while');
    } else if (error.errcode === RATE_LIMITED) {
      holdUntil = Number(error.facts.retryAt ?? now());
    }
  }

  const fetching = sharedRun(fetchToken);

  /** The present token still works; its successor is fetched while it does. */
  function renew(present: Held): string {
    if (now() >= Math.max(renewPauseUntil, holdUntil) && !fetching.isRunning()) {
      fetching.joined().catch((error: unknown) => {
        renewPauseUntil = now() + RENEW_PAUSE_MS;
        log.warn({ err: error }, 'access token could not be renewed yet');
      });
    }
    return present.token;
  }

  return {
    async get() {
      const time = now();
      if (held !== undefined && time < held.renewAt) return held.token;
      if (held !== undefined && time < held.endsAt) return renew(held);
      if (!fetching.isRunning() && failure !== undefined && time < holdUntil) throw failure;
      return fetching.joined();
    },
    drop(token) {
      if (held?.token === token) held = undefined;
    },
    state() {
      if (held !== undefined && now() < held.endsAt) return 'ok';
      return failure === undefined ? 'unknown' : 'failed';
    },
    failure: () => failure,
  };
}
