/**
 * How WeCom reaches the bot: seals a plaintext once, posts it, waits, and repeats the very same bytes up to three times
 * (doc 90238). Also the console's check of a callback URL.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Envelope, Sealed } from '../callback/envelope.ts';
import { randomText } from './ids.ts';
import type { Delivery, WireEntry } from './protocol.ts';
import { openReply } from './reply-reader.ts';
import { shortened } from './wire-text.ts';

const ATTEMPTS = 4;
const MAX_RESPONSE_BYTES = 1024 * 1024;

export interface Letter {
  readonly url: URL;
  readonly envelope: Envelope;
  readonly plaintext: string;
  /** Stands outside the seal. */
  readonly toUserName: string;
  /** Undefined: the element is missing. */
  readonly agentId?: string | number | undefined;
  /** After this the connection is dropped. */
  readonly windowMs: number;
  /** What is wrong with the body of a 200, if anything is; then it is sent again as after a failure. */
  readonly complaint?: (body: string) => string | undefined;
}

export interface Posted {
  readonly ok: boolean;
  readonly attempt: number;
  readonly status: number | undefined;
  readonly body: string;
  readonly note: string | undefined;
}

export interface UrlCheck {
  readonly ok: boolean;
  readonly status: number | undefined;
  readonly ms: number;
  readonly note?: string;
}

export interface PostOptions {
  readonly now: () => number;
  /** From the start of one attempt to the start of the next. */
  readonly retryDelayMs: number;
  readonly record: (entry: WireEntry) => void;
  readonly log: (what: string, facts: Readonly<Record<string, string | number>>) => void;
}

export class Post {
  readonly #options: PostOptions;
  readonly #underway = new Set<Promise<unknown>>();
  readonly #stopped = new AbortController();

  constructor(options: PostOptions) {
    this.#options = options;
  }

  /** Runs `work` as something to wait for before everything is quiet. */
  async under<T>(work: () => Promise<T>): Promise<T> {
    const running = work().finally(() => this.#underway.delete(running));
    this.#underway.add(running);
    return running;
  }

  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.idle();
  }

  /** Settles when the bot has accepted it or the last repeat has failed; never rejects. `told` hears of each attempt. */
  async send(letter: Letter, told: (attempt: number, failed?: Posted) => void): Promise<Posted> {
    const sealed = this.seal(letter.envelope, letter.plaintext);
    const url = signedUrl(letter.url, sealed);
    const agent = letter.agentId === undefined ? '' : `<AgentID><![CDATA[${letter.agentId}]]></AgentID>`;
    const body = `<xml><ToUserName><![CDATA[${letter.toUserName}]]></ToUserName>${agent}<Encrypt><![CDATA[${sealed.encrypt}]]></Encrypt></xml>`;

    for (let attempt = 1; ; attempt++) {
      const started = performance.now();
      told(attempt);
      const outcome = await this.#attempt(url, body, letter, attempt);
      if (outcome.ok) return outcome;
      this.#options.log('callback failed', { attempt, note: outcome.note ?? '' });
      if (attempt === ATTEMPTS || this.#stopped.signal.aborted) return outcome;
      told(attempt, outcome);
      const wait = Math.max(0, this.#options.retryDelayMs - (performance.now() - started));
      await delay(wait, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  /** What the console does when a callback URL is saved: the echo must come back exactly and within a second. */
  async check(callback: URL, envelope: Envelope): Promise<UrlCheck> {
    const echo = `${randomInt(1, 2 ** 47)}${randomInt(10_000)}`;
    const sealed = this.seal(envelope, echo);
    const url = signedUrl(callback, sealed);
    url.searchParams.set('echostr', sealed.encrypt);
    const started = performance.now();
    try {
      const { status, body } = await exchange(url, undefined, AbortSignal.timeout(1000));
      const note =
        status !== 200
          ? `HTTP ${status}`
          : body.toString() !== echo
            ? 'the body is not the decrypted echostr'
            : undefined;
      const ms = performance.now() - started;
      return note === undefined ? { ok: true, status, ms } : { ok: false, status, ms, note };
    } catch (error) {
      return { ok: false, status: undefined, ms: performance.now() - started, note: reasonOf(error) };
    }
  }

  seal(envelope: Envelope, plaintext: string): Sealed {
    const nonce = String(randomBytes(4).readUInt32BE());
    return envelope.seal(plaintext, String(Math.floor(this.#options.now() / 1000)), nonce);
  }

  async #attempt(url: URL, body: string, letter: Letter, attempt: number): Promise<Posted> {
    const at = this.#options.now();
    const started = performance.now();
    let status: number | undefined;
    let response = '';
    let note: string | undefined;
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(letter.windowMs)]);
      const answer = await exchange(url, body, signal);
      status = answer.status;
      response = answer.body.toString();
      note = status === 200 ? letter.complaint?.(response) : `HTTP ${status}`;
    } catch (error) {
      note = reasonOf(error);
    }
    const inside = status === 200 ? opened(response, letter.envelope) : undefined;
    this.#options.record({
      id: randomText(12),
      at,
      direction: 'callback',
      line: `POST ${url.pathname}`,
      status: status ?? 0,
      ms: Math.round(performance.now() - started),
      request: shortened(body),
      plaintext: shortened(letter.plaintext),
      response: shortened(status === undefined ? (note ?? '') : response),
      ...(inside === undefined ? {} : { responsePlaintext: shortened(inside) }),
    });
    return { ok: note === undefined, attempt, status, body: response, note };
  }
}

/** What a delivery tells of its last attempt. */
export function noted({
  status,
  note,
}: {
  readonly status?: number | undefined;
  readonly note?: string | undefined;
}): Partial<Delivery> {
  return { ...(status === undefined ? {} : { status }), ...(note === undefined ? {} : { note }) };
}

/** An empty 200 or a plain `success`: there is nothing to show. */
export const isAcknowledgement = (response: string): boolean => response === '' || response === 'success';

/** The plaintext of a sealed reply, for the wire view; whoever reads it in earnest says what is wrong with it. */
function opened(response: string, envelope: Envelope): string | undefined {
  if (isAcknowledgement(response)) return undefined;
  try {
    return openReply(response, envelope);
  } catch {
    return undefined;
  }
}

function signedUrl(base: URL, { signature, timestamp, nonce }: Sealed): URL {
  const url = new URL(base);
  url.searchParams.set('msg_signature', signature);
  url.searchParams.set('timestamp', timestamp);
  url.searchParams.set('nonce', nonce);
  return url;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return '超时没有回答';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return `连接失败 ${code}`.trim();
}

/** One request on a connection of its own, as after a dropped one. Without a body it is a GET. */
function exchange(url: URL, body: string | undefined, signal: AbortSignal): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: body === undefined ? 'GET' : 'POST',
      agent: false,
      signal,
      headers: body === undefined ? {} : { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) },
    } as const;
    const fail = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_RESPONSE_BYTES) outgoing.destroy(new Error('the response is too long'));
        else chunks.push(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.on('error', fail);
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}
