/**
 * How WeCom calls the bot: seals the plaintext, posts it, waits five seconds, repeats the very same bytes up to three
 * times (doc 90238), and reads what comes back. Also the console's check of the callback URL (doc 90238).
 */
import { randomBytes, randomInt } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Envelope } from '../callback/envelope.ts';
import type { Corp } from './corp.ts';
import { randomText } from './ids.ts';
import type { ChatMessage, Delivery } from './protocol.ts';
import { openReply, type Question, readReply, Unreadable } from './reply-reader.ts';
import { shortened } from './wire-text.ts';

const ATTEMPTS = 4;
const MAX_RESPONSE_BYTES = 1024 * 1024;

export interface CallbackOptions {
  readonly envelope: Envelope;
  /** After this the connection is dropped. */
  readonly answerWindowMs: number;
  /** From the start of one attempt to the start of the next. */
  readonly retryDelayMs: number;
  readonly log: (what: string, facts: Readonly<Record<string, string | number>>) => void;
}

export interface Outbound {
  /** Userid, or `sys`. */
  readonly member: string;
  readonly plaintext: string;
  readonly question: Question;
  /** The member's bubble that shows the delivery; events of the system have none. */
  readonly bubble?: string;
  /** The pressed card. */
  readonly card?: string;
}

export interface Delivered {
  readonly delivery: Delivery;
  /** The bubble of the passive reply, when there was one. */
  readonly reply?: ChatMessage;
}

export interface UrlCheck {
  readonly ok: boolean;
  readonly status: number | undefined;
  readonly ms: number;
  readonly note?: string;
}

export class Callbacks {
  readonly #corp: Corp;
  readonly #options: CallbackOptions;
  readonly #underway = new Set<Promise<unknown>>();
  readonly #stopped = new AbortController();
  #url: URL | undefined;

  constructor(corp: Corp, options: CallbackOptions) {
    this.#corp = corp;
    this.#options = options;
  }

  get hasUrl(): boolean {
    return this.#url !== undefined;
  }

  /** @throws TypeError when it is no URL. */
  setUrl(url: string): void {
    this.#url = new URL(url);
  }

  /** Settles when the bot has answered or the last repeat has failed; never rejects. */
  send(outbound: Outbound): Promise<Delivered> {
    const work = this.#deliver(outbound).finally(() => this.#underway.delete(work));
    this.#underway.add(work);
    return work;
  }

  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.idle();
  }

  /** What the console does when the callback URL is saved: the echo must come back exactly and within a second. */
  async verifyUrl(): Promise<UrlCheck> {
    if (this.#url === undefined) return { ok: false, status: undefined, ms: 0, note: 'no callback url is set' };
    const echo = `${randomInt(1, 2 ** 47)}${randomInt(10_000)}`;
    const { encrypt, ...signed } = this.#seal(echo);
    const url = this.#signedUrl(this.#url, signed);
    url.searchParams.set('echostr', encrypt);
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

  async #deliver(outbound: Outbound): Promise<Delivered> {
    // A reset replaces the chats; an answer to an old message must not appear in a new one.
    const chats = this.#corp.chats;
    const show = (delivery: Delivery): Delivery => {
      if (outbound.bubble !== undefined) chats.update(outbound.bubble, { delivery });
      return delivery;
    };
    if (this.#url === undefined)
      return { delivery: show({ state: 'failed', attempt: 1, note: '应用没有设置接收消息的地址' }) };
    const sealed = this.#seal(outbound.plaintext);
    const url = this.#signedUrl(this.#url, sealed);
    const { corpId, agentId } = this.#corp.identity;
    const agent = outbound.question === 'sys' ? '' : `<AgentID><![CDATA[${agentId}]]></AgentID>`;
    const body = `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName>${agent}<Encrypt><![CDATA[${sealed.encrypt}]]></Encrypt></xml>`;

    for (let attempt = 1; ; attempt++) {
      const started = performance.now();
      show({ state: attempt === 1 ? 'sending' : 'retrying', attempt });
      const outcome = await this.#attempt(url, body, outbound);
      if (outcome.status === 200) return this.#read(outcome.body, outbound, attempt, show, chats === this.#corp.chats);
      const note = outcome.note ?? `HTTP ${outcome.status}`;
      this.#options.log('callback failed', { attempt, note });
      const status = outcome.status === undefined ? {} : { status: outcome.status };
      if (attempt === ATTEMPTS || this.#stopped.signal.aborted) {
        return { delivery: show({ state: 'failed', attempt, ...status, note }) };
      }
      show({ state: 'retrying', attempt, ...status, note });
      const wait = Math.max(0, this.#options.retryDelayMs - (performance.now() - started));
      await delay(wait, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  async #attempt(
    url: URL,
    body: string,
    outbound: Outbound,
  ): Promise<{ status?: number; body: string; note?: string }> {
    const at = this.#corp.now();
    const started = performance.now();
    let status: number | undefined;
    let response = '';
    let note: string | undefined;
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(this.#options.answerWindowMs)]);
      const answer = await exchange(url, body, signal);
      status = answer.status;
      response = answer.body.toString();
    } catch (error) {
      note = reasonOf(error);
    }
    let responsePlaintext: string | undefined;
    if (status === 200 && !isAcknowledgement(response)) {
      try {
        responsePlaintext = openReply(response, this.#options.envelope);
      } catch {
        // `#read` reports it; the wire view just has no plaintext to show.
      }
    }
    this.#corp.record({
      id: randomText(12),
      at,
      direction: 'callback',
      line: `POST ${url.pathname}`,
      status: status ?? 0,
      ms: Math.round(performance.now() - started),
      request: shortened(body),
      plaintext: shortened(outbound.plaintext),
      response: shortened(note ?? response),
      ...(responsePlaintext === undefined ? {} : { responsePlaintext: shortened(responsePlaintext) }),
    });
    return { body: response, ...(status === undefined ? {} : { status }), ...(note === undefined ? {} : { note }) };
  }

  #read(
    response: string,
    outbound: Outbound,
    attempt: number,
    show: (delivery: Delivery) => Delivery,
    current: boolean,
  ): Delivered {
    const accepted = { state: 'delivered', attempt, status: 200 } as const;
    if (isAcknowledgement(response)) return { delivery: show(accepted) };
    try {
      const { corpId } = this.#corp.identity;
      const { member, question } = outbound;
      const answer = readReply(openReply(response, this.#options.envelope), {
        member,
        corpId,
        question,
        now: this.#corp.now(),
      });
      const delivery = show(accepted);
      if (!current) return { delivery };
      switch (answer.kind) {
        case 'text': {
          if (answer.cut) this.#corp.violated(member, 'passive reply: a text beyond 2048 bytes was cut');
          const body = { msgtype: 'text', text: { content: answer.content } } as const;
          const answers = outbound.bubble === undefined ? {} : { answers: outbound.bubble };
          return { delivery, reply: this.#corp.chats.add({ member, from: 'bot', via: 'passive', body, ...answers }) };
        }
        case 'button':
          if (outbound.card !== undefined) this.#corp.chats.update(outbound.card, { disabledText: answer.replaceName });
          return { delivery };
        case 'card':
          if (outbound.card !== undefined) this.#corp.messages.replaceCard(outbound.card, answer.card);
          return { delivery };
      }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#corp.violated(outbound.member, `passive reply: ${error.message}`);
      return { delivery: show({ state: 'failed', attempt, status: 200, note: `回复无法显示：${error.message}` }) };
    }
  }

  #seal(plaintext: string) {
    const nonce = String(randomBytes(4).readUInt32BE());
    return this.#options.envelope.seal(plaintext, String(Math.floor(this.#corp.now() / 1000)), nonce);
  }

  #signedUrl(base: URL, { signature, timestamp, nonce }: { signature: string; timestamp: string; nonce: string }): URL {
    const url = new URL(base);
    url.searchParams.set('msg_signature', signature);
    url.searchParams.set('timestamp', timestamp);
    url.searchParams.set('nonce', nonce);
    return url;
  }
}

const isAcknowledgement = (response: string): boolean => response === '' || response === 'success';

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
