/**
 * How WeCom reaches us: GET proves that the address is ours (WeCom doc 90930), POST brings a message (90238).
 * Here are only guards. What passes them all goes to the inbox, and its answer goes back sealed; what does not is refused
 * with a bare status that tells the sender nothing, counted by reason, and named to the operator at most once a minute.
 */
import { randomInt } from 'node:crypto';
import type { IncomingMessage as Request, ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';
import { BotError } from '../errors.ts';
import type { Complaints } from '../log.ts';
import type { Clock, IncomingMessage, PassiveReply } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import { decodeEnvelopeBody, decodeMessage, type Format } from './decode.ts';
import type { Envelope } from './envelope.ts';
import { writeReply, writeSealed } from './passive.ts';
import { verify } from './verify.ts';

/** Where admitted messages go. */
export interface Inbox {
  /** Whether this message has come before: its repeat is welcome however old it is. */
  knows(key: string): Promise<boolean>;
  /**
   * Resolves with what to answer inside the callback; undefined: nothing, only that it has arrived. `sent` is to resolve
   * once the response has left (true) or the connection was cut before (false).
   */
  receive(message: IncomingMessage, sent: Promise<boolean>): Promise<PassiveReply | undefined>;
}

export interface CallbackOptions {
  /** Taken literally. */
  readonly path: string;
  readonly envelope: Envelope;
  readonly corpId: string;
  readonly agentId: number;
  readonly inbox: Inbox;
  readonly now: Clock;
  readonly complaints: Pick<Complaints, 'about'>;
  readonly metrics: Pick<Metrics, 'refused' | 'callback' | 'otherApp' | 'addressVerified'>;
}

/** A callback path and who answers it; http.ts puts it into its router. */
export interface CallbackRoute {
  readonly path: string;
  readonly handle: Middleware;
}

/** Of a body. */
const MOST_BYTES = 64 * 1024;
/** How much of one that is too large is still taken in. */
const PATIENCE_BYTES = 16 * MOST_BYTES;

interface Admitted {
  readonly message: IncomingMessage;
  readonly agentId: string;
  readonly format: Format;
}

/** Everything that is not the sender's fault it throws on, for http.ts to answer. */
export function callbackRoute(options: CallbackOptions): CallbackRoute {
  const { path, envelope, corpId, inbox, now, metrics, complaints } = options;
  const nextNonce = nonces();

  function verifyAddress(ctx: Context): void {
    const { plaintext } = verify({ querystring: ctx.querystring, encrypt: undefined }, envelope, now());
    ctx.set('Content-Type', 'text/plain; charset=utf-8');
    ctx.body = plaintext;
    metrics.addressVerified();
    complaints.about('callback address verified', ctx, { level: 'info', fields: { path } });
  }

  async function admit(ctx: Context): Promise<Admitted> {
    const receivedAt = now();
    const body = await readBody(ctx.req);
    const { format, encrypt } = decodeEnvelopeBody(body);
    const { plaintext, stale } = verify({ querystring: ctx.querystring, encrypt }, envelope, receivedAt);
    const { message, agentId } = decodeMessage(plaintext, { receivedAt });
    if (message.corpId !== '' && message.corpId !== corpId) throw new BotError('callback.to-user', 'callback');
    if (stale !== undefined && !(await inbox.knows(message.key))) throw stale;
    return { message, agentId, format };
  }

  async function answer(ctx: Context, { message, agentId, format }: Admitted): Promise<void> {
    if (isOtherApps(message, agentId)) {
      metrics.otherApp();
      complaints.about('message of another app', ctx, {
        fields: { ours: options.agentId, agentId: agentId.slice(0, 20) },
      });
      return bare(ctx, 200);
    }
    metrics.callback(message.kind);
    const reply = message.kind === 'other' ? undefined : await inbox.receive(message, sent(ctx.res));
    if (reply === undefined) return bare(ctx, 200);
    const seconds = Math.floor(now() / 1000);
    const plaintext = writeReply(reply, { member: message.member, corpId, createTime: seconds }, format);
    ctx.set('Content-Type', format === 'json' ? 'application/json' : 'application/xml; charset=utf-8');
    ctx.body = writeSealed(envelope.seal(plaintext, seconds, nextNonce()), format);
  }

  /**
   * The console lets several apps share one address, token and key. A change of the library is the corp's, not an app's,
   * and no more than a hint to read again.
   */
  function isOtherApps(message: IncomingMessage, agentId: string): boolean {
    return agentId !== '' && agentId !== String(options.agentId) && message.kind !== 'tagChange';
  }

  function refuse(ctx: Context, error: unknown): void {
    if (!(error instanceof BotError) || error.kind !== 'callback') throw error;
    const reason = error.code.replace('callback.', '');
    metrics.refused(reason);
    bare(ctx, reason === 'too-large' ? 413 : 400);
    if (Number(ctx.get('Content-Length')) > PATIENCE_BYTES) ctx.set('Connection', 'close');
    const cause = reason === 'timestamp' ? `timestamp ${error.facts.minutesOff} min off` : (CAUSES[reason] ?? reason);
    complaints.about(`callback refused: ${cause}`, ctx, { reason, fields: { reason, ...error.facts } });
  }

  async function handle(ctx: Context): Promise<void> {
    let admitted: Admitted;
    try {
      if (ctx.method === 'GET') return verifyAddress(ctx);
      if (ctx.method !== 'POST') {
        ctx.set('Allow', 'GET, POST');
        return bare(ctx, 405);
      }
      admitted = await admit(ctx);
    } catch (error) {
      return refuse(ctx, error);
    }
    await answer(ctx, admitted);
  }

  return { path, handle };
}

function sent(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    response.once('close', () => resolve(response.writableFinished));
  });
}

/** A response of the status alone: no body, no type. */
export function bare(ctx: Context, status: number): void {
  ctx.body = null;
  ctx.status = status;
}

/**
 * The whole body. One that is over the limit is refused as soon as that is known; what still comes of it is thrown away,
 * so that the sender hears its 413 instead of a broken connection, but not for ever.
 */
function readBody(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = (): void => {
      refused = true;
      chunks.length = 0;
      reject(new BotError('callback.too-large', 'callback'));
    };
    if (Number(request.headers['content-length']) > MOST_BYTES) refuse();
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (!refused && size > MOST_BYTES) refuse();
      if (!refused) chunks.push(chunk);
      else if (size > PATIENCE_BYTES) request.destroy();
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('close', () => {
      if (!request.complete) reject(new BotError('callback.broken-off', 'callback'));
    });
  });
}

/** What the operator should think of first. */
const CAUSES: Readonly<Record<string, string>> = {
  signature: 'signature differs: wrong Token, or not WeCom',
  ciphertext: 'not decryptable: wrong EncodingAESKey?',
  padding: 'not decryptable: wrong EncodingAESKey?',
  length: 'not decryptable: wrong EncodingAESKey?',
  utf8: 'decrypted text is not UTF-8',
  'receive-id': 'sealed for another corp: wrong corp id?',
  'to-user': 'addressed to another corp: wrong corp id?',
  echo: 'echostr holds no echo: a captured message?',
  query: 'signed parameters are missing or given twice',
  body: 'body is no callback envelope',
  'too-large': 'body is too large',
  'broken-off': 'body broke off',
};

/** Nonces of replies: digits, never the same twice in a process. */
function nonces(): () => string {
  let next = randomInt(1_000_000_000, 2_000_000_000);
  return () => String(next++);
}
