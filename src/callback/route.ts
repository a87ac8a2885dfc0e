/**
 * How WeCom reaches us: GET proves that the address is ours (WeCom doc 90930), POST brings a message (90238).
 * Here are only guards. What passes them all goes to whoever it was sealed for, and the answer goes back; what does not is
 * refused with a bare status that tells the sender nothing, counted by reason, and named to the operator at most once a
 * minute.
 */
import type { IncomingMessage as Request, ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';
import { BotError } from '../errors.ts';
import type { Complaints, Source } from '../log.ts';
import type { Clock } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import { decodeEnvelopeBody, type Format } from './decode.ts';
import type { Seal } from './envelope.ts';
import { verify } from './verify.ts';

/** What has come through all guards but its receiver's own. */
export interface Admitted {
  readonly plaintext: string;
  readonly receiveId: string;
  /** The answer is written in the format of the request. */
  readonly format: Format;
  /** ms */
  readonly receivedAt: number;
  /** The timestamp is out of the window: to be thrown, unless it is the repeat of what is known. */
  readonly stale: BotError | undefined;
  /** Resolves once the response has left (true), or the connection was cut before (false). */
  readonly sent: Promise<boolean>;
}

/** What goes back inside the callback. */
export interface Answer {
  readonly type: 'text/plain' | 'application/xml' | 'application/json';
  readonly body: string;
}

/** Who is behind a receive id. */
export interface Receiver {
  /**
   * Undefined: nothing to say but that it has arrived. Throws BotError of kind `callback` for what is to be refused;
   * everything else is not the sender's fault.
   */
  take(admitted: Admitted, source: Source): Promise<Answer | undefined>;
}

export interface CallbackOptions {
  /** Taken literally. */
  readonly path: string;
  /** One more segment is passed over. */
  readonly above?: boolean;
  readonly seal: Seal;
  /** Whether the console may verify the address with a seal for this id. */
  verifies(receiveId: string): boolean | Promise<boolean>;
  /** Undefined for an id that nothing may be sealed for here. */
  receiverOf(receiveId: string): Receiver | undefined | Promise<Receiver | undefined>;
  readonly now: Clock;
  readonly complaints: Pick<Complaints, 'about'>;
  readonly metrics: Pick<Metrics, 'refused' | 'addressVerified'>;
}

/** A callback path and who answers it; http.ts puts it into its router. */
export interface CallbackRoute {
  readonly path: string;
  /** Answers one more segment as well. */
  readonly above: boolean;
  readonly handle: Middleware;
}

/** Of a body. */
const MOST_BYTES = 64 * 1024;
/** How much of one that is too large is still taken in. */
const PATIENCE_BYTES = 16 * MOST_BYTES;

/** Everything that is not the sender's fault it throws on, for http.ts to answer. */
export function callbackRoute(options: CallbackOptions): CallbackRoute {
  const { path, above = false, seal, verifies, receiverOf, now, metrics, complaints } = options;

  async function verifyAddress(ctx: Context): Promise<void> {
    const { plaintext, receiveId, stale } = verify({ querystring: ctx.querystring, encrypt: undefined }, seal, now());
    if (!(await verifies(receiveId))) throw otherReceiver(receiveId);
    if (stale) throw stale;
    answer(ctx, { type: 'text/plain', body: plaintext });
    metrics.addressVerified();
    complaints.about('callback address verified', ctx, { level: 'info', fields: { path } });
  }

  async function receive(ctx: Context): Promise<void> {
    const receivedAt = now();
    const body = await readBody(ctx.req);
    const { format, encrypt } = decodeEnvelopeBody(body);
    const { plaintext, receiveId, stale } = verify({ querystring: ctx.querystring, encrypt }, seal, receivedAt);
    const receiver = await receiverOf(receiveId);
    if (!receiver) throw otherReceiver(receiveId);
    answer(ctx, await receiver.take({ plaintext, receiveId, stale, format, receivedAt, sent: sent(ctx.res) }, ctx));
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
    try {
      if (ctx.method === 'GET') return await verifyAddress(ctx);
      if (ctx.method === 'POST') return await receive(ctx);
      ctx.set('Allow', 'GET, POST');
      bare(ctx, 405);
    } catch (error) {
      refuse(ctx, error);
    }
  }

  return { path, above, handle };
}

function answer(ctx: Context, given: Answer | undefined): void {
  if (given) {
    ctx.set('Content-Type', given.type === 'application/json' ? given.type : `${given.type}; charset=utf-8`);
    ctx.body = given.body;
  } else bare(ctx, 200);
}

/** Rightly sealed, so that it is the platform's own word and may be told to the operator. */
function otherReceiver(receiveId: string): BotError {
  return new BotError('callback.receive-id', 'callback', { facts: { sealedFor: receiveId.slice(0, 64) } });
}

function sent(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    response.on('close', () => resolve(response.writableFinished));
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
  'receive-id': 'sealed for another corp: wrong corp id, or one that has not authorised?',
  'to-user': 'addressed to another corp: wrong corp id?',
  echo: 'echostr holds no echo: a captured message?',
  query: 'signed parameters are missing or given twice',
  body: 'body is no callback envelope',
  'too-large': 'body is too large',
  'broken-off': 'body broke off',
};
