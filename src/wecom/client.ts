/**
 * How the bot calls the platform: `call(path, body)` with the access token, and what is repeated when the token is refused.
 * Errors are BotErrors with the sentence for the member in them; see request.ts for the rule of repeats.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { BotError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { refusalOf } from './errcodes.ts';
import { type ApiRequest, createSend, type Send } from './request.ts';
import type { Json } from './shape.ts';
import type { TokenNotes } from './shared-token.ts';
import { type AskToken, createTokenSource, getToken, type TokenSource } from './token.ts';
import { createTransport, type Egress } from './transport.ts';

const TIMEOUT_MS = 10_000;

export interface CallOptions<T> {
  /** Takes what is wanted out of the answer; throws WrongShape when it is not there. */
  readonly read: (answer: Json) => T;
  /** Doing it twice does no harm. Default false: a call is taken for a write unless it says otherwise. */
  readonly idempotent?: boolean;
  /** GET when there is no body. */
  readonly query?: Readonly<Record<string, string | number>>;
  /** As in ApiRequest. */
  readonly expected?: ((errcode: number) => boolean) | undefined;
}

export interface Client {
  /**
   * One call, `path` below /cgi-bin. Fields of `body` that are undefined are not sent.
   * Throws BotError `wecom.<errcode>` or `api.*`; `api.unknown-outcome` when a write may or may not have been carried out.
   */
  call<T>(path: string, body: object | undefined, options: CallOptions<T>): Promise<T>;
  /** multipart/form-data with one part `media` (doc 90253). */
  upload<T>(path: string, file: { name: string; bytes: Uint8Array }, options: CallOptions<T>): Promise<T>;
}

export interface Connection {
  readonly client: Client;
  readonly token: TokenSource;
  /** ms that this machine's clock is ahead of the platform's, by its last answer; undefined before the first. */
  clockAhead(): number | undefined;
  /** One request that needs neither credentials nor rights. Throws BotError `api.*`. */
  reach(): Promise<void>;
  /** The app has another secret from now on. */
  renew(credentials: Pick<ConnectOptions, 'secret' | 'asking'>): void;
  close(): void;
}

/** How requests are sent, whoever's they are. */
export interface SendOptions {
  /** e.g. https://qyapi.weixin.qq.com */
  readonly baseUrl: string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'apiCall'>;
  readonly now: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly random?: () => number;
  /** Per attempt, ms. */
  readonly timeoutMs?: number;
  /** See RequestOptions. */
  readonly networkRepeats?: number | undefined;
  readonly egress?: Egress | undefined;
  /** Ends all calls under way: the program is stopping. */
  readonly signal?: AbortSignal;
  /** See RequestOptions. */
  readonly ofProvider?: boolean | undefined;
  /** See RequestOptions. */
  readonly refusal?: (() => BotError | undefined) | undefined;
}

export interface ConnectOptions extends SendOptions {
  readonly corpId: string;
  readonly secret: string;
  /** Where a pause after wrong credentials outlives the process. */
  readonly notes?: TokenNotes | undefined;
  /** Where the token does not come from corp id and secret alone. */
  readonly asking?: AskToken | undefined;
}

/** Transport and requests, without a token. */
export function sending(options: SendOptions): {
  readonly send: Send;
  /** As in Connection. */
  readonly clockAhead: () => number | undefined;
  readonly close: () => void;
} {
  const { now, timeoutMs = TIMEOUT_MS, random = Math.random, sleep = (ms) => pause(ms) } = options;
  const transport = createTransport(options.baseUrl, options.egress);
  let ahead: number | undefined;
  const send = createSend({
    ...options,
    transport,
    sleep,
    random,
    timeoutMs,
    observeDate: (date) => {
      // The header has no fractions of a second.
      ahead = now() - date - 500;
    },
  });
  return { send, clockAhead: () => ahead, close: () => transport.close() };
}

/** Transport, token and client of one app. Nothing is called before the first use. */
export function connect(options: ConnectOptions): Connection {
  const { corpId, secret, log, now } = options;
  const { send, clockAhead, close } = sending(options);
  const askingFor = (given: Pick<ConnectOptions, 'secret' | 'asking'>) =>
    given.asking ?? getToken(send, corpId, given.secret);
  const token = createTokenSource({
    corpId,
    secret,
    asking: askingFor(options),
    now,
    log,
    notes: options.notes,
    ofProvider: options.ofProvider === true,
  });
  return {
    client: createClient(send, token),
    token,
    clockAhead,
    async reach() {
      try {
        // Without corp and secret: refused with an errcode, which is all that is asked for (doc 91039).
        await send({ path: 'gettoken', method: 'GET', idempotent: true, read: () => undefined, expected: () => true });
      } catch (error) {
        if (!(error instanceof BotError) || error.errcode === undefined) throw error;
      }
    },
    renew: (given) => token.renew(given.secret, askingFor(given)),
    close,
  };
}

/** `parameter`: of the query, for the token. */
export function createClient(
  send: Send,
  token: TokenSource,
  parameter: 'access_token' | 'suite_access_token' = 'access_token',
): Client {
  /** A refused token has had no effect, so the same call is made once more with a new one; never twice. */
  async function withToken<T>(request: ApiRequest<T>): Promise<T> {
    const first = await token.get();
    const made = (accessToken: string) => send({ ...request, query: { ...request.query, [parameter]: accessToken } });
    try {
      return await made(first);
    } catch (error) {
      if (!(error instanceof BotError) || error.errcode === undefined) throw error;
      if (refusalOf(error.errcode).retry !== 'refresh') throw error;
      token.drop(first);
      return made(await token.get());
    }
  }

  return {
    call: (path, body, { read, idempotent = false, query = {}, expected }) =>
      withToken({
        path,
        method: body === undefined ? 'GET' : 'POST',
        body: body === undefined ? undefined : toJson(body),
        query,
        idempotent,
        read,
        expected,
      }),
    upload(path, file, { read, idempotent = false, query = {} }) {
      const { body, contentType } = multipart(file);
      return withToken({ path, method: 'POST', body, contentType, query, idempotent, read });
    },
  };
}

/** JSON as the platform wants it: characters as they are, never as \u escapes (40033). */
export function toJson(body: object): string {
  const json = JSON.stringify(body);
  // Only lone surrogates and control characters are ever escaped that way; neither can be shown on a phone.
  return json.includes('\\u')
    ? JSON.stringify(body, (_, value) => (typeof value === 'string' ? legible(value) : value))
    : json;
}

function legible(value: string): string {
  return Buffer.from(value, 'utf8')
    .toString('utf8')
    .replace(/[^\P{Cc}\n\r\t\b\f]/gu, '');
}

/** The file name goes in as raw UTF-8, which is what members see; characters that would end it are replaced. */
function multipart(file: { name: string; bytes: Uint8Array }): { body: Buffer; contentType: string } {
  const name = file.name.replace(/[\p{Cc}"\\/]/gu, '_');
  const content = Buffer.from(file.bytes);
  let boundary = 'wecom-tag-bot-file';
  while (content.includes(boundary)) boundary += '-';
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="media"; filename="${name}"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}
