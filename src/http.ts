/**
 * The HTTP face: the callback, /healthz (the process is up), /readyz (store and token are usable), /metrics.
 * The error boundary: what a route throws is logged here and answered with a bare 500, so that WeCom comes again.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Context, type Middleware } from 'koa';
import Router from 'koa-router';
import { bare } from './callback/route.ts';
import { BotError } from './errors.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Resolves when usable; otherwise throws, best a BotError, whose code is shown as the reason. */
export type Check = () => Promise<unknown>;

export interface HttpOptions {
  readonly callback: Middleware;
  /** What /readyz asks, by name: store, token. */
  readonly checks: Readonly<Record<string, Check>>;
  readonly metrics: Pick<Metrics, 'text'>;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** After this many ms a check that has not answered counts as failed; 3 s. */
  readonly checkTimeoutMs?: number;
}

/** The Koa app. It listens to nothing yet. */
export function createHttp(options: HttpOptions): Koa {
  const { callback, checks, metrics, log, checkTimeoutMs = 3_000 } = options;
  const app = new Koa();
  // Whatever fails once the boundary has been passed: the peer hung up while it was being answered.
  app.on('error', (err: unknown) => log.info({ err }, 'response could not be written'));

  app.use(async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) bare(ctx, 404);
    } catch (err) {
      log.error({ err, method: ctx.method, path: ctx.path }, 'request failed');
      bare(ctx, 500);
    }
  });
  app.use(callback);
  app.use(operatorRoutes(checks, metrics, checkTimeoutMs).routes());
  return app;
}

function operatorRoutes(
  checks: HttpOptions['checks'],
  metrics: HttpOptions['metrics'],
  checkTimeoutMs: number,
): Router {
  const router = new Router();

  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });

  router.get('/readyz', async (ctx: Context) => {
    const names = Object.keys(checks);
    const verdicts = await Promise.all(Object.values(checks).map((check) => verdict(check, checkTimeoutMs)));
    const ready = verdicts.every((each) => each === 'ok');
    ctx.status = ready ? 200 : 503;
    ctx.body = {
      status: ready ? 'ready' : 'unavailable',
      checks: Object.fromEntries(names.map((name, i) => [name, verdicts[i]])),
    };
  });

  router.get('/metrics', async (ctx) => {
    const text = await metrics.text();
    ctx.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    ctx.body = text;
  });
  return router;
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

export interface Listening {
  /** The port in use; the one asked for unless that was 0. */
  readonly port: number;
  /** Takes no more connections, lets what is under way finish (at most `graceMs`, 10 s), then resolves. */
  close(graceMs?: number): Promise<void>;
}

/** Serves the app. Rejects when the port cannot be taken. */
export async function listen(app: Koa, port: number, host: string): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: 10_000,
      // For the request to arrive, not for its answer. A slow sender of a small message is no sender of messages.
      requestTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      // Longer than the 60 s after which common proxies drop idle connections: they should be the ones to close.
      keepAliveTimeout: 65_000,
    },
    app.callback(),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
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
