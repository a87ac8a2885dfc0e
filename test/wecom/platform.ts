/** A platform for transport tests: a real HTTP server on a free port that says, call by call, what it is told to say. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BotError } from '../../src/errors.ts';
import type { Log } from '../../src/log.ts';
import { type Connection, type ConnectOptions, connect } from '../../src/wecom/client.ts';

export interface Call {
  readonly method: string;
  /** Below /cgi-bin. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** A JSON answer, or a way to misbehave. */
export type Says = object | ((call: Call, response: ServerResponse) => void);

export const ok = { errcode: 0, errmsg: 'ok' };
export const refusal = (errcode: number, errmsg = 'no'): object => ({ errcode, errmsg });
/** The call was read (and could have been carried out), then the connection breaks. */
export const breakOff: Says = (_, response) => response.destroy();
export const hang: Says = () => undefined;
export const raw =
  (status: number, text: string): Says =>
  (_, response) => {
    response.writeHead(status).end(text);
  };

export interface Platform {
  readonly url: string;
  /** Calls below gettoken are not listed here. */
  readonly calls: Call[];
  readonly tokenCalls: Call[];
  /** What is said from now on, one after the other; the last one stays. */
  says(...answers: Says[]): void;
  tokenSays(...answers: Says[]): void;
  close(): Promise<void>;
}

export async function startPlatform(): Promise<Platform> {
  let answers: Says[] = [ok];
  let tokens: Says[] = [];
  const calls: Call[] = [];
  const tokenCalls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://x');
      const call: Call = {
        method: request.method ?? '',
        path: url.pathname.replace(/^\/cgi-bin\//, ''),
        query: url.searchParams,
        text: Buffer.concat(chunks).toString('utf8'),
        headers: request.headers,
      };
      const isToken = call.path === 'gettoken';
      (isToken ? tokenCalls : calls).push(call);
      const script = isToken ? tokens : answers;
      const fresh = { ...ok, access_token: `token-${tokenCalls.length}`, expires_in: 7200 };
      const says = (script.length > 1 ? script.shift() : script[0]) ?? fresh;
      if (typeof says === 'function') says(call, response);
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(says));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    tokenCalls,
    says: (...next) => {
      answers = next;
    },
    tokenSays: (...next) => {
      tokens = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export interface Bench extends Connection {
  /** Moved by tests, and by every pause that the client makes. */
  clock: { time: number };
  readonly pauses: number[];
  readonly results: (number | string)[];
}

/** The client against this platform, with a clock that tests move and pauses that only move the clock. */
export function connectTo(url: string, more: Partial<ConnectOptions> = {}): Bench {
  const clock = { time: 1_700_000_000_000 };
  const pauses: number[] = [];
  const results: (number | string)[] = [];
  const connection = connect({
    baseUrl: url,
    corpId: 'ww1',
    secret: 'the-secret',
    log: silent,
    metrics: { apiCall: (path, result) => path !== 'gettoken' && results.push(result) },
    now: () => clock.time,
    sleep: async (ms) => {
      pauses.push(ms);
      clock.time += ms;
    },
    random: () => 0.5,
    ...more,
  });
  return { ...connection, clock, pauses, results };
}

/** The BotError that the call ends in. */
export async function failure(call: Promise<unknown>): Promise<BotError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BotError)) throw new Error('no BotError', { cause: error });
  return error;
}
