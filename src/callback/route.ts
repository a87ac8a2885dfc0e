/**
 * How WeCom reaches us: GET proves that the address is ours (WeCom doc 90930), POST brings a message (90238).
 * Here are only guards. What passes them all goes to the inbox, and its answer goes back sealed; what does not is refused
 * with a bare status that tells the sender nothing, counted by reason, and named to the operator at most once a minute.
 */
import { randomInt } from 'node:crypto';
import type { IncomingMessage as Request } from 'node:http';
import type { Context, Middleware } from 'koa';
import { BotError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock, IncomingMessage, PassiveReply } from '../message.ts';
import type { Metrics } from '../metrics.ts';
import { decodeEnvelopeBody, decodeMessage, type Format } from './decode.ts';
import type { Envelope, SignedQuery } from './envelope.ts';
import { writeReply, writeSealed } from './passive.ts';

/** Where admitted messages go. */
export interface Inbox {
  /** Whether this message has come before: its repeat is welcome however old it is. */
  knows(key: string): Promise<boolean>;
  /** Resolves with what to answer inside the callback; undefined: nothing, only that it has arrived. */
  receive(message: IncomingMessage): Promise<PassiveReply | undefined>;
}

export interface CallbackOptions {
  /** The one path, taken literally. */
  readonly path: string;
  readonly envelope: Envelope;
  readonly corpId: string;
  readonly inbox: Inbox;
  readonly now: Clock;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics: Pick<Metrics, 'refused' | 'callback'>;
  /** Largest body, in bytes; 64 KiB. */
  readonly maxBodyBytes?: number;
  /** How far a message's timestamp may be from our clock, either way, in ms; 10 minutes. */
  readonly timestampWindowMs?: number;
}

/**
 * The middleware for the callback path, which is compared as it stands: a router would make one pattern of it and a
 * chain of functions per request. Everything that is not the sender's fault it throws on, for http.ts to answer.
 */
export function callbackRoute(options: CallbackOptions): Middleware {
  const { envelope, corpId, inbox, now, metrics } = options;
  const maxBodyBytes = options.maxBodyBytes ?? 64 * 1024;
  const timestampWindowMs = options.timestampWindowMs ?? 10 * 60_000;
  const refuse = refusals(options);
  const nextNonce = nonces();

  function verifyAddress(ctx: Context): void {
    const query = readQuery(ctx.querystring);
    // A proxy that decodes the query once too often leaves spaces where base64 has its plus signs.
    const echo = envelope.open(query, query.echostr.replaceAll(' ', '+'));
    ctx.set('Content-Type', 'text/plain; charset=utf-8');
    ctx.body = echo;
  }

  async function admit(ctx: Context): Promise<{ message: IncomingMessage; format: Format }> {
    const receivedAt = now();
    const body = await readBody(ctx.req, maxBodyBytes);
    const query = readQuery(ctx.querystring);
    const { format, encrypt } = decodeEnvelopeBody(body);
    const message = decodeMessage(envelope.open(query, encrypt), { receivedAt });
    if (message.corpId !== '' && message.corpId !== corpId) throw new BotError('callback.to-user', 'callback');

    const offMs = receivedAt - Number(query.timestamp) * 1000;
    if (Math.abs(offMs) > timestampWindowMs && !(await inbox.knows(message.key))) {
      throw new BotError('callback.timestamp', 'callback', { facts: { minutesOff: Math.round(offMs / 60_000) } });
    }
    return { message, format };
  }

  async function answer(ctx: Context, message: IncomingMessage, format: Format): Promise<void> {
    metrics.callback(message.kind);
    const reply = message.kind === 'other' ? undefined : await inbox.receive(message);
    if (reply === undefined) return bare(ctx, 200);
    const seconds = Math.floor(now() / 1000);
    const plaintext = writeReply(reply, { member: message.member, corpId, createTime: seconds }, format);
    ctx.set('Content-Type', format === 'json' ? 'application/json' : 'application/xml; charset=utf-8');
    ctx.body = writeSealed(envelope.seal(plaintext, seconds, nextNonce()), format);
  }

  async function handle(ctx: Context): Promise<void> {
    let admitted: { message: IncomingMessage; format: Format };
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
    await answer(ctx, admitted.message, admitted.format);
  }

  return (ctx, next) => (ctx.path === options.path ? handle(ctx) : next());
}

/** A response of the status alone: no body, no type. */
export function bare(ctx: Context, status: number): void {
  ctx.body = null;
  ctx.status = status;
}

const TIMESTAMP = /^\d{1,12}$/;

/**
 * The signed parameters, each given exactly once. Nothing but percent-decoding is done to them: a raw `+` stays one,
 * where form decoding (querystring, URLSearchParams) would make it a space.
 */
function readQuery(raw: string): SignedQuery & { readonly echostr: string } {
  const found = { msg_signature: '', timestamp: '', nonce: '', echostr: '' };
  for (const pair of raw.split('&')) {
    const equals = pair.indexOf('=');
    const key = percentDecode(equals === -1 ? pair : pair.slice(0, equals));
    // nonce[]=a and nonce[0]=a are ways to say an array.
    const bracket = key.indexOf('[');
    const name = bracket === -1 ? key : key.slice(0, bracket);
    if (name !== 'msg_signature' && name !== 'timestamp' && name !== 'nonce' && name !== 'echostr') continue;
    const value = equals === -1 ? '' : percentDecode(pair.slice(equals + 1));
    if (bracket !== -1 || value === '' || found[name] !== '') throw new BotError('callback.query', 'callback');
    found[name] = value;
  }
  if (found.msg_signature === '' || found.nonce === '' || !TIMESTAMP.test(found.timestamp)) {
    throw new BotError('callback.query', 'callback');
  }
  return found;
}

function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BotError('callback.query', 'callback');
  }
}

/**
 * The whole body. What is over the limit is read on and thrown away, so that the sender hears its 413 instead of a broken
 * connection; what is far over it is not.
 */
function readBody(request: Request, limit: number): Promise<Buffer> {
  const patience = limit * 16;
  return new Promise((resolve, reject) => {
    const tooLarge = (): void => reject(new BotError('callback.too-large', 'callback'));
    const brokenOff = (): void => {
      // `close` follows every request, and an error is dear to make: 6 % of a whole request.
      if (!request.complete) reject(new BotError('callback.broken-off', 'callback'));
    };
    if (Number(request.headers['content-length']) > patience) return tooLarge();
    let chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks = [];
      if (size > patience) tooLarge();
    });
    request.on('end', () => {
      if (size > limit) tooLarge();
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('close', brokenOff);
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
  query: 'signed parameters are missing or given twice',
  body: 'body is no callback envelope',
  'too-large': 'body is too large',
  'broken-off': 'body broke off',
};
const WARNING_PAUSE_MS = 60_000;

type Refuse = (ctx: Context, error: unknown) => void;

/** Answers what was refused; anything but a refusal is thrown on. */
function refusals({ log, metrics, now }: Pick<CallbackOptions, 'log' | 'metrics' | 'now'>): Refuse {
  const warned = new Map<string, { at: number; silent: number }>();

  return (ctx, error) => {
    if (!(error instanceof BotError) || error.kind !== 'callback') throw error;
    const reason = error.code.replace('callback.', '');
    metrics.refused(reason);
    bare(ctx, reason === 'too-large' ? 413 : 400);
    if (reason === 'too-large') ctx.set('Connection', 'close');

    const last = warned.get(reason);
    if (last !== undefined && now() - last.at < WARNING_PAUSE_MS) {
      last.silent++;
      return;
    }
    warned.set(reason, { at: now(), silent: 0 });
    const cause = reason === 'timestamp' ? `timestamp ${error.facts.minutesOff} min off` : CAUSES[reason];
    const source = { address: ctx.ip, forwardedFor: ctx.get('X-Forwarded-For').slice(0, 100) || undefined };
    const alike = last?.silent ?? 0;
    log.warn({ reason, ...error.facts, source, alikeSinceLastWarning: alike }, `callback refused: ${cause ?? reason}`);
  };
}

/** Nonces of replies: digits, never the same twice in a process. */
function nonces(): () => string {
  let next = randomInt(1_000_000_000, 2_000_000_000);
  return () => String(next++);
}
