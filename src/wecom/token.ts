/**
 * The access token of one app (doc 91039): fetched once for all who wait, renewed before it ends, dropped when refused.
 *
 * A wrong secret stops the calls for ten minutes: repeated failures make the platform ban the server's IP for an hour. A
 * supervisor that restarts the program in circles must not end the pause, so it is kept outside; another secret does.
 */
import { BotError } from '../errors.ts';
import type { Log } from '../log.ts';
import { sharedRun } from '../queue.ts';
import { refused } from './errcodes.ts';
import type { Send } from './request.ts';
import { id, type Json, numberOrNone } from './shape.ts';
import { type Held, type Hold, shareToken, type TokenNotes } from './shared-token.ts';

const RENEW_BEFORE_MS = 300_000;
const HOLD_MS = 600_000;
/** After a renewal in the background failed, the present token is used this long before the next try. */
const RENEW_PAUSE_MS = 10_000;
const USUAL_LIFE_S = 7_200;
const WRONG_CREDENTIALS: ReadonlySet<number | undefined> = new Set([
  ...[40001, 40013, 40091, 41002, 41004],
  // Of a provider: its own secret, the suite, the company's permanent code.
  ...[40080, 40083, 40084],
]);
const RATE_LIMITED = 45009;

export interface TokenSource {
  /** A usable token. Throws BotError; while the credentials are known to be wrong without calling. */
  get(): Promise<string>;
  /** The platform refused this token. A newer one that has come meanwhile stays. */
  drop(token: string): void;
  /** From now on it is asked for like this; a token that still works is used no more, nor is a pause kept. */
  renew(secret: string, asking: AskToken): void;
  /** `unknown` until the first answer; `failed` while the last try brought no usable token. */
  state(): 'unknown' | 'ok' | 'failed';
  /** Whether no call is made for now, because the last one was refused. */
  held(): boolean;
  /** Why `state` is failed. */
  failure(): BotError | undefined;
}

/** One call for a token. */
export interface AskToken {
  /** Of the call, below /cgi-bin. */
  readonly path: string;
  ask(): Promise<FreshToken>;
}

export interface FreshToken {
  readonly token: string;
  /** ms. */
  readonly life: number;
}

/** For an app of one's own, and for one that a provider has made for a company (doc 97164). */
export function getToken(send: Send, corpId: string, secret: string): AskToken {
  const path = 'gettoken';
  const query = { corpid: corpId, corpsecret: secret };
  return { path, ask: () => send({ path, method: 'GET', query, idempotent: true, read: readToken('access_token') }) };
}

/** Its life is two hours where the answer does not say (doc 91039). */
export function readToken(name: 'access_token' | 'suite_access_token'): (answer: Json) => FreshToken {
  return (answer) => ({
    token: id(answer[name], name),
    life: 1000 * Math.max(1, numberOrNone(answer.expires_in) ?? USUAL_LIFE_S),
  });
}

/** Asks nobody before the first `get`. */
export function createTokenSource(options: {
  readonly corpId: string;
  readonly secret: string;
  readonly asking: AskToken;
  readonly now: () => number;
  readonly log: Log;
  readonly notes?: TokenNotes | undefined;
  /** As in RequestOptions. */
  readonly ofProvider?: boolean;
}): TokenSource {
  const { corpId, now, log } = options;
  let { asking } = options;
  let shared = shareToken({ corpId, secret: options.secret }, options.notes, log);
  let held: Held | undefined;
  let failure: BotError | undefined;
  /** No call before this moment; `failure` is told instead. */
  let holdUntil = 0;
  let renewPauseUntil = 0;
  /** What the platform takes no more, whoever has kept it. */
  let dropped: string | undefined;

  /** One fetches for all replicas; who comes second takes what the first has brought. */
  async function fetchToken(): Promise<string> {
    return shared.alone(async () => {
      for (;;) {
        const from = shared;
        const kept = await from.token();
        if (from !== shared) continue;
        if (kept !== undefined && kept.token !== dropped && now() < kept.renewAt && kept.endsAt > (held?.endsAt ?? 0)) {
          held = kept;
          failure = undefined;
          return kept.token;
        }
        const hold = await from.hold();
        if (from !== shared) continue;
        takeUp(hold);
        if (failure !== undefined && now() < holdUntil) throw failure;
        return await ask();
      }
    });
  }

  /** The pause of a former run, or of another replica. */
  function takeUp(kept: Hold | undefined): void {
    if (kept === undefined || kept.until <= Math.max(now(), holdUntil)) return;
    holdUntil = Math.min(kept.until, now() + HOLD_MS);
    failure = refused(kept.errcode, {
      path: asking.path,
      errmsg: '',
      now: now(),
      ofProvider: options.ofProvider === true,
    });
    log.warn({ code: failure.code, untilMs: holdUntil - now() }, 'wrong corp id or secret; no token calls yet');
  }

  async function ask(): Promise<string> {
    const askedAt = now();
    const asked = asking;
    try {
      const { token, life } = await asked.ask();
      if (asked !== asking) return await ask();
      held = { token, renewAt: askedAt + life - Math.min(RENEW_BEFORE_MS, life / 2), endsAt: askedAt + life };
      failure = undefined;
      await shared.keepToken(held);
      return token;
    } catch (error) {
      if (asked !== asking) return await ask();
      if (error instanceof BotError) await remember(error);
      throw failure ?? error;
    }
  }

  async function remember(error: BotError): Promise<void> {
    failure = error;
    if (WRONG_CREDENTIALS.has(error.errcode)) {
      holdUntil = now() + HOLD_MS;
      log.error({ code: error.code, holdMs: HOLD_MS }, 'wrong corp id or secret; no token calls for a while');
      await shared.keepHold({ until: holdUntil, errcode: error.errcode ?? 0 });
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
      dropped = token;
      if (held?.token === token) held = undefined;
    },
    renew(secret, anew) {
      asking = anew;
      shared = shareToken({ corpId, secret }, options.notes, log);
      held = undefined;
      failure = undefined;
      holdUntil = 0;
      renewPauseUntil = 0;
    },
    state() {
      if (held !== undefined && now() < held.endsAt) return 'ok';
      return failure === undefined ? 'unknown' : 'failed';
    },
    held: () => now() < holdUntil,
    failure: () => failure,
  };
}
