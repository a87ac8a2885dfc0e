/**
 * One request to the platform with its repeats: exchange → errcode → value or BotError. Knows no access token.
 *
 * What may be repeated:
 * - the platform says it is busy (−1, 6000, 45033, 45035): at most three times, reads and writes alike;
 * - nothing can have been sent, or the call is idempotent and no proper answer came: at most twice;
 *   (not while it answers nothing at all, see silence.ts);
 * - everything else never. A write that may have arrived ends as `api.unknown-outcome`: whoever made it reads again.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { BotError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { refusalOf, refused } from './errcodes.ts';
import { oddAnswer, type Trouble, troubleOf } from './network.ts';
import { isObject, type Json, numberOrNone, WrongShape } from './shape.ts';
import { createSilence } from './silence.ts';
import { type HttpAnswer, type Transport, TransportError } from './transport.ts';

const BUSY_REPEATS = 3;
const NETWORK_REPEATS = 2;
const FIRST_PAUSE_MS = 250;
/** In characters. */
const LONG_ANSWER = 200_000;

export interface ApiRequest<T> {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer | undefined;
  readonly contentType?: string;
  /** Doing it twice does no harm: lookups, and pushes (seen twice beats never seen). */
  readonly idempotent: boolean;
  /** Takes what is wanted out of the answer; throws WrongShape. */
  readonly read: (answer: Json) => T;
  /** Errcodes that are an answer to what was asked, and nothing to warn of. */
  readonly expected?: ((errcode: number) => boolean) | undefined;
}

export type Send = <T>(request: ApiRequest<T>) => Promise<T>;

export interface RequestOptions {
  readonly transport: Transport;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'apiCall'>;
  readonly now: () => number;
  /** Resolves after `ms`. */
  readonly sleep: (ms: number) => Promise<unknown>;
  /** In [0, 1), spreads the pauses. */
  readonly random: () => number;
  readonly timeoutMs: number;
  /** How often a call that got no proper answer is made again; 2. */
  readonly networkRepeats?: number | undefined;
  /** The platform's clock, ms, whenever it answers. */
  readonly observeDate?: (ms: number) => void;
  /** Ends all calls under way. */
  readonly signal?: AbortSignal | undefined;
  /** The app is a provider's: what is wrong with it is put right in the provider's console. */
  readonly ofProvider?: boolean | undefined;
  /** Why no call is begun any more; those under way go on. */
  readonly refusal?: (() => BotError | undefined) | undefined;
}

/** A failed attempt: the error as it will be told, and why another attempt is allowed, if it is. */
interface Failed {
  readonly error: BotError;
  readonly again: 'busy' | 'network' | undefined;
}

/** What is repeated, and how often, stands at the head of this file. */
export function createSend(options: RequestOptions): Send {
  const { transport, log, metrics, now, sleep, random, timeoutMs, networkRepeats = NETWORK_REPEATS } = options;
  const { signal } = options;
  const { way } = transport;
  const silence = createSilence(now);

  async function attempt<T>(request: ApiRequest<T>): Promise<{ readonly value: T } | Failed> {
    const { path, method, query = {}, body, contentType } = request;
    const refusal = options.refusal?.();
    if (refusal) return { error: refusal, again: undefined };
    const started = now();
    const finish = (result: number | string): void => metrics.apiCall(path, result, now() - started);
    let answer: HttpAnswer;
    try {
      const exchange = transport.exchange({
        method,
        path,
        query,
        timeoutMs,
        signal,
        ...(body !== undefined && { body }),
        ...(contentType !== undefined && { contentType }),
      });
      answer = await silence.hear(exchange, request.idempotent);
    } catch (cause) {
      if (!(cause instanceof TransportError)) throw cause;
      finish(cause.sent ? cause.reason : 'unreachable');
      const trouble = troubleOf(cause, way);
      return cause.sent ? unanswered(request, cause.reason, trouble, cause) : notSent(path, cause, trouble);
    }
    if (answer.fromProxy) {
      finish('proxy');
      return refusedByProxy(path, answer.status, oddAnswer(answer, way));
    }
    // Of 10,000 tags, each of decoding, parsing and reading takes 10 ms; in between, others are answered.
    const long = answer.text.length > LONG_ANSWER;
    if (long) await turn();
    const json = parse(answer.text);
    if (long) await turn();
    // Two provider calls leave errcode out when all is well (doc 90313); `read` decides whether the answer is one.
    const errcode =
      json === undefined ? undefined : (numberOrNone(json.errcode) ?? (json.errcode === undefined ? 0 : NaN));
    if (json !== undefined && answer.date !== undefined) options.observeDate?.(answer.date);
    if (json !== undefined && errcode !== undefined && Number.isInteger(errcode) && errcode !== 0) {
      finish(errcode);
      const errmsg = typeof json.errmsg === 'string' ? json.errmsg : '';
      const busy = refusalOf(errcode).retry === 'soon';
      const error = refused(errcode, { path, errmsg, now: now(), ofProvider: options.ofProvider === true });
      return { error, again: busy ? 'busy' : undefined };
    }
    if (answer.status >= 500 || answer.status === 429) {
      finish('gateway');
      return unanswered(request, 'gateway', oddAnswer(answer, way));
    }
    if (answer.status < 200 || answer.status >= 300) {
      finish('http-status');
      const { facts, operator } = oddAnswer(answer, way);
      const error = new BotError('api.http-status', 'setup', { facts: { path, ...facts }, operator });
      return { error, again: undefined };
    }
    if (json === undefined) {
      finish('not-json');
      return unanswered(request, 'not-json', oddAnswer(answer, way));
    }
    try {
      if (errcode !== 0) throw new WrongShape('errcode is not a number');
      const value = request.read(json);
      finish(0);
      return { value };
    } catch (cause) {
      if (!(cause instanceof WrongShape)) throw cause;
      finish('wrong-shape');
      return unanswered(request, 'wrong-shape', { facts: { missing: cause.message } });
    }
  }

  return async (request) => {
    let busy = 0;
    let network = 0;
    const repeats = silence.lasts ? 0 : networkRepeats;
    for (;;) {
      const outcome = await attempt(request);
      if ('value' in outcome) return outcome.value;
      const { error, again } = outcome;
      const repeat = (again === 'busy' && busy++ < BUSY_REPEATS) || (again === 'network' && network++ < repeats);
      // Neither is one that ends with the program.
      const expected =
        error.code === 'api.stopped' || (error.errcode !== undefined && request.expected?.(error.errcode) === true);
      log[expected ? 'debug' : repeat ? 'info' : 'warn'](
        { code: error.code, ...error.facts, repeat },
        'api call failed',
      );
      if (!repeat || signal?.aborted) throw error;
      await sleep(FIRST_PAUSE_MS * 2 ** (busy + network - 1) * (0.5 + random()));
    }
  };
}

/** The request may have arrived, but no proper answer came. */
function unanswered(
  request: ApiRequest<unknown>,
  reason: 'timeout' | 'broken' | 'gateway' | 'not-json' | 'wrong-shape' | 'too-large' | 'stopped' | 'unreachable',
  trouble: Partial<Trouble>,
  cause?: unknown,
): Failed {
  const facts = { path: request.path, reason, ...trouble.facts };
  if (!request.idempotent) {
    return { error: new BotError('api.unknown-outcome', 'unknown-outcome', { facts, cause }), again: undefined };
  }
  const ours = reason === 'wrong-shape' || reason === 'too-large';
  const { operator } = ours || reason === 'stopped' ? {} : trouble;
  return {
    error: new BotError(`api.${reason}`, ours ? 'bug' : 'busy', { facts, cause, operator }),
    again: reason === 'stopped' || reason === 'too-large' ? undefined : 'network',
  };
}

function notSent(path: string, cause: TransportError, { facts, operator }: Trouble): Failed {
  if (cause.reason === 'stopped')
    return { error: new BotError('api.stopped', 'busy', { facts: { path }, cause }), again: undefined };
  const error = new BotError('api.unreachable', 'busy', { facts: { path, ...facts }, cause, operator });
  return { error, again: 'network' };
}

/** Nothing has been sent to the platform; only a proxy in trouble of its own is asked again. */
function refusedByProxy(path: string, status: number, { facts, operator }: Trouble): Failed {
  const passing = status >= 500;
  const error = new BotError('api.proxy', passing ? 'busy' : 'setup', { facts: { path, ...facts }, operator });
  return { error, again: passing ? 'network' : undefined };
}

/** The answer as an object; undefined when it is no JSON or no object. */
function parse(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
