/**
 * The real program as a child process between a sandbox and itself: it can be killed at any moment and comes back on the
 * same database and port. Its calls to the platform go through a gate that can hold one at a known point.
 */
import { rmSync } from 'node:fs';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { ChatMessage } from '../../src/sandbox/protocol.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { ChangeRow } from '../../src/store/store.ts';
import { CREDENTIALS, environment, words } from '../chat.ts';
import { newFolder } from '../folder.ts';
import { freePort } from '../port.ts';
import { type Ended, type Program, start } from '../program.ts';

export interface Site {
  readonly sandbox: Sandbox;
  readonly gate: Gate;
  /** Starts the program and waits until it listens. */
  up(): Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with how it ended. */
  terminate(): Promise<Ended>;
  /** Everything the bot has shown the member. */
  heard(member: string): string[];
  /** Resolves with what the bot has shown the member as soon as it matches. */
  hears(member: string, pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** The journal, oldest first, read while the program may be running. */
  journal(): Promise<ChangeRow[]>;
  /** Writes to the record as another program would, until the returned function is called: nobody else can meanwhile. */
  occupyRecord(): () => void;
  /** Standard output and standard error of every run that has ended. */
  readonly output: string[];
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly sandbox?: Partial<SandboxOptions>;
  /** Before the first start. */
  readonly prepare?: (sandbox: Sandbox) => void;
}

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const sandbox = await startSandbox({ ...CREDENTIALS, retryDelayMs: 1_500, ...options.sandbox });
  options.prepare?.(sandbox);
  const gate = await openGate(new URL(sandbox.url));
  const folder = newFolder('faults');
  const databaseUrl = `file:${join(folder, 'bot.db')}`;
  const port = await freePort();
  sandbox.setCallbackUrl(`http://127.0.0.1:${port}/wecom/callback`);
  const env = {
    ...environment(gate.url, databaseUrl),
    BOT_ADMINS: 'wangzong,zhangsan,lisi,chenjie,wangwu',
    REPLY_FORMAT: 'plain',
    PORT: String(port),
    ...options.env,
  };
  const output: string[] = [];
  let program: Program | undefined;

  async function ended(signal: NodeJS.Signals): Promise<Ended> {
    if (!program) throw new Error('the program is not running');
    program.kill(signal);
    const end = await program.ended;
    output.push(end.out, end.err);
    program = undefined;
    return end;
  }

  const heard = (member: string) =>
    sandbox
      .chat(member)
      .filter((message) => message.from === 'bot')
      .map(words);

  return {
    sandbox,
    gate,
    up: async () => {
      program = start(['serve'], { env, cwd: folder });
      await program.logs('listening');
    },
    kill: async () => {
      await ended('SIGKILL');
    },
    terminate: () => ended('SIGTERM'),
    heard,
    hears: (member, pattern, timeoutMs = 20_000) => {
      const present = heard(member).find((text) => pattern.test(text));
      if (present !== undefined) return Promise.resolve(present);
      return new Promise((resolve, reject) => {
        const forget = sandbox.onMessage((message: ChatMessage) => {
          if (message.member !== member || message.from !== 'bot' || !pattern.test(words(message))) return;
          clearTimeout(timer);
          forget();
          resolve(words(message));
        });
        const timer = setTimeout(() => {
          forget();
          reject(new Error(`${member} has not heard ${pattern} but:\n${heard(member).join('\n---\n')}`));
        }, timeoutMs);
      });
    },
    journal: async () => {
      const store = await openStore(databaseUrl, CREDENTIALS.corpId, { now: Date.now, readOnly: true });
      try {
        return (await store.changes({ limit: 10_000 })).reverse();
      } finally {
        await store.close();
      }
    },
    occupyRecord: () => {
      const foreign = new DatabaseSync(join(folder, 'bot.db'), { timeout: 5_000 });
      foreign.exec('BEGIN IMMEDIATE');
      return () => {
        foreign.exec('ROLLBACK');
        foreign.close();
      };
    },
    output,
    close: async () => {
      if (program) await ended('SIGKILL');
      await sandbox.stop();
      await gate.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** ms that the program takes to start on this machine, as busy as it is. */
export async function timeOfStart(): Promise<number> {
  const site = await openSite();
  try {
    const began = performance.now();
    await site.up();
    return performance.now() - began;
  } finally {
    await site.close();
  }
}

export interface Held {
  /** Lets it go on. */
  release(): void;
}

export interface Gate {
  readonly url: string;
  /** Every access token that was used. */
  readonly tokens: ReadonlySet<string>;
  /**
   * Holds the next call whose path ends so: `before` it reaches the platform, or `after` the platform has carried it out,
   * its answer. Resolves when there is one. A held call dies with its caller.
   */
  hold(path: string, where: 'before' | 'after'): Promise<Held>;
  close(): Promise<void>;
}

interface Waiting {
  readonly path: string;
  readonly where: 'before' | 'after';
  readonly caught: (held: Held) => void;
}

export async function openGate(platform: URL): Promise<Gate> {
  const waiting: Waiting[] = [];
  const tokens = new Set<string>();
  const agent = new Agent({ keepAlive: true });

  /** Resolves at once unless somebody waits for this call. */
  function pass(path: string, where: Waiting['where']): Promise<void> {
    const at = waiting.findIndex((each) => each.where === where && path.endsWith(each.path));
    if (at < 0) return Promise.resolve();
    const [caught] = waiting.splice(at, 1);
    return new Promise((resolve) => caught?.caught({ release: resolve }));
  }

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gate.invalid');
    const token = searchParams.get('access_token');
    if (token !== null) tokens.add(token);
    const body = await collect(request);
    await pass(pathname, 'before');
    if (response.destroyed) return;
    const upstream = httpRequest(
      {
        agent,
        hostname: platform.hostname,
        port: platform.port,
        method: request.method,
        path: request.url,
        headers: request.headers,
      },
      async (answer) => {
        const bytes = await collect(answer);
        await pass(pathname, 'after');
        if (!response.destroyed) response.writeHead(answer.statusCode ?? 502, answer.headers).end(bytes);
      },
    );
    upstream.on('error', () => response.destroy());
    upstream.end(body);
  }

  const server: Server = createServer((request, response) => {
    response.on('error', () => response.destroy());
    forward(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    hold: (path, where) => new Promise((caught) => waiting.push({ path, where, caught })),
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function collect(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
