/**
 * The HTTP faces: one for WeCom (the callback paths, and /healthz for proxies), one for operators (/healthz: the process
 * is up; /readyz: it can do its work; /metrics), which is a port of its own, because what strangers may ask must cost
 * nothing. The error boundary of both: what a route throws is logged here and answered with a bare 500, so that WeCom
 * comes again.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Koa, { type Context, type Middleware } from 'koa';
import Router from 'koa-router';
import { bare, type CallbackRoute } from './callback/route.ts';
import { BotError } from './errors.ts';
import type { Complaints, Log } from './log.ts';
import type { Clock } from './message.ts';
import type { Metrics } from './metrics.ts';

/** Resolves when usable; otherwise throws, best a BotError, whose code is shown as the reason. */
export type Check = () => Promise<unknown>;

interface FaceOptions {
  readonly log: Pick<Log, 'info' | 'error'>;
  readonly complaints: Complaints;
  readonly metrics: Pick<Metrics, 'refusedHttp'>;
}

export interface HttpOptions extends FaceOptions {
  readonly callbacks: readonly CallbackRoute[];
}

/** The face for WeCom. It listens to nothing yet. */
export function createHttp(options: HttpOptions): Koa {
  const { callbacks, complaints, metrics } = options;
  const router = new Router({ sensitive: true, strict: true });
  router.get('/healthz', (ctx) => {
    ctx.body = UP;
  });
  // Compared as they stand, and found in one look however many there are.
  const waiting = new Map(callbacks.map(({ path, handle }) => [path, handle]));
  const above = new Map(callbacks.flatMap((each) => (each.above ? [[each.path, each.handle]] : [])));
  const handlerOf = (path: string) => waiting.get(path) ?? above.get(path.slice(0, path.lastIndexOf('/')));
  const shown = callbacks.slice(0, MOST_PATHS_SHOWN).map(({ path }) => path);
  const waitingAt = [...shown, ...(callbacks.length > MOST_PATHS_SHOWN ? [`${callbacks.length} in all`] : [])].join(
    ', ',
  );

  const app = createFace(options);
  app.use((ctx, next) => handlerOf(ctx.path)?.(ctx, next) ?? next());
  app.use(router.routes());
  app.use((ctx) => {
    bare(ctx, 404);
    // Somebody who knows what a callback looks like, but not where it goes: a mistyped address in the console, most often.
    if (!SIGNED.test(ctx.querystring)) return;
    metrics.refusedHttp('path');
    const cameTo = ctx.path.slice(0, 200);
    complaints.about('a signed request came to a path where nothing waits', ctx, {
      detail: cameTo,
      fields: { cameTo, waitingAt },
    });
  });
  return app;
}

const UP = { status: 'ok' };
const SIGNED = /(?:^|&)msg_signature=[0-9a-f]{40}(?:&|$)/;

const MOST_PATHS_SHOWN = 5;

export interface OperatorHttpOptions extends FaceOptions {
  /** What /readyz asks, by name: store, token. */
  readonly checks: Readonly<Record<string, Check>>;
  readonly metrics: Pick<Metrics, 'refusedHttp' | 'text'>;
  readonly now: Clock;
  /** After this many ms a check that has not answered counts as failed; 3 s. */
  readonly checkTimeoutMs?: number;
}

/** The face for operators. It listens to nothing yet. */
export function createOperatorHttp(options: OperatorHttpOptions): Koa {
  const { checks, metrics, now, checkTimeoutMs = 3_000 } = options;
  const router = new Router({ sensitive: true, strict: true });

  router.get('/healthz', (ctx) => {
    ctx.body = UP;
  });

  const readiness = forASecond(now, async () => {
    const verdicts = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await verdict(check, checkTimeoutMs)] as const),
    );
    return { ready: verdicts.every(([, each]) => each === 'ok'), checks: Object.fromEntries(verdicts) };
  });
  router.get('/readyz', async (ctx: Context) => {
    const { ready, checks } = await readiness();
    ctx.status = ready ? 200 : 503;
    ctx.body = { status: ready ? 'ready' : 'unavailable', checks };
  });

  const measured = forASecond(now, () => metrics.text());
  router.get('/metrics', async (ctx) => {
    const text = await measured();
    ctx.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    ctx.body = text;
  });

  const app = createFace(options);
  app.use(router.routes());
  app.use((ctx) => bare(ctx, 404));
  return app;
}

/** Asked once for all who come while it is being found out and within the second after. */
function forASecond<T>(now: Clock, find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  let until = 0;
  return () => {
    if (found === undefined || now() >= until) {
      until = Number.POSITIVE_INFINITY;
      found = find().finally(() => {
        until = now() + 1_000;
      });
    }
    return found;
  };
}

/** `ok`, or the reason as a code. Messages of errors stay inside: they may quote what a stranger should not read. */
async function verdict(check: Check, timeoutMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'timeout');
  });
  try {
    return await Promise.race([check().then(() => 'ok'), tooLate]);
  } catch (error) {
    return error instanceof BotError ? error.code : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What stands in a request line where a path belongs. Of anything else Koa cannot even be asked for the path: it hands
 * `http://[x` and `//a@[x#` to a parser of whole addresses, which throws.
 */
const PATH = /^\/[!-"$-~]*$/;

function createFace({ log, complaints, metrics }: FaceOptions): Koa {
  const app = new Koa();
  // Whatever fails once the boundary has been passed: the peer hung up while it was being answered.
  app.on('error', (error: unknown, ctx: Context) => {
    metrics.refusedHttp('gone');
    complaints.about('response could not be written', ctx, { level: 'info', fields: { code: codeOf(error) } });
  });
  const boundary: Middleware = async (ctx, next) => {
    if (!PATH.test(ctx.req.url ?? '')) {
      metrics.refusedHttp('target');
      complaints.about('the target of a request is no path', ctx);
      return bare(ctx, 400);
    }
    try {
      await next();
    } catch (err) {
      log.error({ err, method: ctx.method, path: ctx.path.slice(0, 200) }, 'request failed');
      bare(ctx, 500);
    }
  };
  app.use(boundary);
  return app;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

// -- listening --------------------------------------------------------------------------------------------------------

export interface Listening {
  /** The port in use; the one asked for unless that was 0. */
  readonly port: number;
  /** Takes no more connections, lets what is under way finish (at most `graceMs`, 10 s), then resolves. */
  close(graceMs?: number): Promise<void>;
}

export interface Place {
  readonly host: string;
  readonly port: number;
  /** For tests: shorter times, fewer connections. */
  readonly limits?: Partial<typeof LIMITS>;
  readonly metrics: Pick<Metrics, 'refusedHttp'>;
  /** Told of every connection at the moment it is taken. */
  readonly onConnection?: () => void;
}

/** The numbers that docs/security.md names; times in ms. */
export const LIMITS = {
  headersTimeout: 5_000,
  /** For the request to arrive, not for its answer. A slow sender of a small message is no sender of messages. */
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the 60 s after which common proxies drop idle connections: they should be the ones to close.
  keepAliveTimeout: 65_000,
  /** At a time; beyond it the one goes that has owed a whole request for the longest. */
  connections: 512,
  requestsPerConnection: 1_000,
  headers: 100,
};

/** Serves the app. Rejects when the port cannot be taken. */
export async function listen(app: Koa, place: Place): Promise<Listening> {
  const limits = { ...LIMITS, ...place.limits };
  const server = createServer(limits, app.callback());
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.maxHeadersCount = limits.headers;
  // Node answers 503 to what comes beyond, and would go on to.
  server.on('dropRequest', (_: IncomingMessage, socket: Socket) => setImmediate(() => socket.destroySoon()));
  boundConnections(server, limits.connections, place.metrics);
  if (place.onConnection) server.on('connection', place.onConnection);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const [status, reason] = NO_HTTP[error.code ?? ''] ?? ['400 Bad Request', 'no-http'];
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    place.metrics.refusedHttp(reason);
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(place.port, place.host, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    close: (graceMs = 10_000) =>
      new Promise((resolve) => {
        // A connection that was busy when closing began becomes idle later and would be kept alive.
        const sweep = setInterval(() => server.closeIdleConnections(), 50);
        const limit = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearInterval(sweep);
          clearTimeout(limit);
          resolve();
        });
      }),
  };
}

const NO_HTTP: Readonly<Record<string, readonly [status: string, reason: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'header-size'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'slow'],
};

/**
 * Connections that cost nothing to hold open must not keep out those that bring something: when there are too many, the
 * one is dropped that has been waiting for the longest without having brought a whole request.
 */
function boundConnections(server: Server, most: number, metrics: Place['metrics']): void {
  const waiting = new Set<Socket>();
  let open = 0;
  server.on('connection', (socket: Socket) => {
    open++;
    waiting.add(socket);
    socket.once('close', () => {
      open--;
      waiting.delete(socket);
    });
    if (open <= most) return;
    const [longest = socket] = waiting;
    metrics.refusedHttp('connections');
    longest.destroy();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    request.on('end', () => waiting.delete(socket));
    response.on('finish', () => {
      if (!socket.destroyed) waiting.add(socket);
    });
  });
}
