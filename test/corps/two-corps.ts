/**
 * Several corps on one process: a sandbox each, and in front of them one platform as the bot sees it, which tells corps
 * apart by their tokens alone.
 */

import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type App, type AppOptions, createApp } from '../../src/app.ts';
import { type Environment, loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Sandbox, type Sent, startSandbox } from '../../src/sandbox/server.ts';
import { shownBy } from '../chat.ts';
import { newFolder } from '../folder.ts';

export interface Identity {
  readonly name: string;
  readonly corpId: string;
  readonly agentId: number;
  readonly secret: string;
  readonly token: string;
  readonly encodingAesKey: string;
}

export function identity(name: string, different: Partial<Identity> = {}): Identity {
  return {
    name,
    corpId: `wwcorp-${name}`,
    agentId: 1000002,
    secret: `secret-of-${name}-that-nobody-must-read`,
    token: `TokenOf${name}`,
    encodingAesKey: `${name}abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJK`.slice(0, 43),
    ...different,
  };
}

export interface Front {
  readonly url: string;
  /** Calls of this corp are taken, and wait until the returned function is called. */
  hang(corpId: string): () => void;
  close(): Promise<void>;
}

async function startFront(sandboxes: ReadonlyMap<string, Sandbox>): Promise<Front> {
  const corpOf = new Map<string, string>();
  const hung = new Map<string, Promise<void>>();
  const server = createServer((request, response) => void forward(request, response));

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://platform.invalid');
    const corpId = url.searchParams.get('corpid') ?? corpOf.get(url.searchParams.get('access_token') ?? '') ?? '';
    await hung.get(corpId);
    if (response.destroyed) return;
    const [fallback] = sandboxes.values();
    const target = new URL(request.url ?? '/', (sandboxes.get(corpId) ?? fallback)?.url);
    const onward = httpRequest(target, {
      method: request.method ?? 'GET',
      headers: { ...request.headers, host: target.host },
    });
    request.pipe(onward);
    const answer = await new Promise<IncomingMessage | undefined>((resolve) => {
      onward.on('response', resolve).on('error', () => resolve(undefined));
    });
    if (!answer) return void response.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { access_token } = target.pathname.endsWith('/gettoken') ? JSON.parse(body.toString()) : {};
    if (access_token !== undefined) corpOf.set(access_token, corpId);
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang: (corpId) => {
      let release = () => {};
      hung.set(corpId, new Promise((resolve) => (release = resolve)));
      return () => {
        hung.delete(corpId);
        release();
      };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface Site {
  readonly app: App;
  readonly url: string;
  readonly operatorUrl: string;
  readonly front: Front;
  readonly env: Environment;
  readonly log: readonly Record<string, unknown>[];
  sandbox(name: string): Sandbox;
  say(name: string, member: string, text: string): Promise<string>;
  sees(name: string, member: string, act: (sandbox: Sandbox) => Promise<Sent>): Promise<string>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function openSite(
  identities: readonly Identity[],
  options: { readonly app?: Partial<AppOptions>; readonly databaseUrl?: string; readonly entry?: object } = {},
): Promise<Site> {
  const started = await Promise.all(identities.map(async (each) => [each, await startSandbox(each)] as const));
  const sandboxes = new Map(started.map(([{ name }, sandbox]) => [name, sandbox]));
  const front = await startFront(new Map(started.map(([{ corpId }, sandbox]) => [corpId, sandbox])));
  const directory = newFolder('corps');
  const file = join(directory, 'config.yaml');
  const corps = identities.map((each) => ({ ...each, botAdmins: ['wangzong'], defaultLibrary: '1', ...options.entry }));
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ corps }));
  const env = {
    CONFIG_FILE: file,
    WECOM_API_BASE_URL: front.url,
    DATABASE_URL: options.databaseUrl ?? `file:${join(directory, 'bot.db')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    OPERATOR_PORT: '0',
  };
  const config = await loadConfig(env);
  const log: Record<string, unknown>[] = [];
  const start = async () => {
    const app = createApp(config, {
      log: createLog(config.logLevel, { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
      now: Date.now,
      ticks: () => performance.now(),
      lookAgainMs: [20, 40],
      ...options.app,
    });
    const { port, operatorPort } = await app.start();
    for (const [name, sandbox] of sandboxes) sandbox.setCallbackUrl(`http://127.0.0.1:${port}/wecom/callback/${name}`);
    return { app, url: `http://127.0.0.1:${port}`, operatorUrl: `http://127.0.0.1:${operatorPort}` };
  };
  let running = await start();

  function sandboxOf(name: string): Sandbox {
    const sandbox = sandboxes.get(name);
    if (!sandbox) throw new Error(`no corp ${name}`);
    return sandbox;
  }

  const sees: Site['sees'] = (name, member, act) => {
    const sandbox = sandboxOf(name);
    return shownBy(sandbox, member, () => act(sandbox));
  };

  return {
    get app() {
      return running.app;
    },
    get url() {
      return running.url;
    },
    get operatorUrl() {
      return running.operatorUrl;
    },
    front,
    env,
    log,
    sandbox: sandboxOf,
    sees,
    say: (name, member, text) => sees(name, member, (sandbox) => sandbox.say(member, text)),
    restart: async () => {
      await running.app.stop();
      running = await start();
    },
    stop: async () => {
      await running.app.stop();
      for (const sandbox of sandboxes.values()) await sandbox.stop();
      await front.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
