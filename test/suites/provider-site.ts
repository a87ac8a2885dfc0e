/** A provider's bot in front of the sandbox: its suites configured on both sides, every callback sealed for real. */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { type App, type AppOptions, createApp } from '../../src/app.ts';
import { type Config, type Environment, loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import type { Place } from '../../src/sandbox/place.ts';
import type { Installed } from '../../src/sandbox/provider/console.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { openDatabase } from '../../src/store/open.ts';
import type { Authorisation, SuiteEvent } from '../../src/store/suite-store.ts';
import { shownBy, words } from '../chat.ts';
import { type Gate, openGate } from '../faults/site.ts';
import { newFolder } from '../folder.ts';
import { IDENTITY } from '../sandbox/box.ts';
import { MARKET, PROVIDER, TEMPLATE } from '../sandbox/providing.ts';

export { MARKET, TEMPLATE };
export const CREDENTIAL_KEY = Buffer.alloc(32, 'the key of the tests').toString('base64');
export const FORMER_KEY = Buffer.alloc(32, 'the key before that').toString('base64');
/** Names of companies that may install. */
export const [RETAIL, CATERING] = PROVIDER.companies as readonly [string, string, string];

export interface ProviderSite {
  readonly sandbox: Sandbox;
  /** Between the bot and the platform. */
  readonly gate: Gate;
  readonly app: App;
  readonly url: string;
  readonly operatorUrl: string;
  readonly env: Environment;
  readonly log: readonly Record<string, unknown>[];
  /** What a member sees of the answer. */
  say(place: Place, member: string, text: string): Promise<string>;
  /** All that the bot has said to the member. */
  heard(place: Place, member: string): string[];
  /** The first line of the log with this message, as soon as it is there. */
  logs(message: string): Promise<Record<string, unknown>>;
  authorisations(): Promise<Authorisation[]>;
  openEvents(): Promise<SuiteEvent[]>;
  /** Calls of this path that the platform has answered. */
  calls(path: string): number;
  /** Every byte of the database's files. */
  bytes(): Buffer;
  restart(change?: { readonly env?: Environment; readonly app?: Partial<AppOptions> }): Promise<void>;
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly app?: Partial<AppOptions>;
  readonly env?: Environment;
  readonly sandbox?: Partial<SandboxOptions>;
  /** On top of each suite of the configuration. */
  readonly suite?: object;
  /** Also this in the file. */
  readonly file?: object;
  readonly tickets?: boolean;
}

/** The sandbox's suites as the bot's configuration has them. */
export function suitesOf(more: object = {}): object[] {
  return [TEMPLATE, MARKET].map((suite) => ({
    name: suite.name,
    kind: suite.kind,
    suiteId: suite.suiteId,
    suiteSecret: suite.secret,
    token: suite.token,
    encodingAesKey: suite.encodingAesKey,
    providerCorpId: PROVIDER.corpId,
    ...('app' in suite ? { app: suite.app } : {}),
    ...more,
  }));
}

/** Tells the sandbox where the bot listens. */
export function pointTo(sandbox: Sandbox, url: string): void {
  for (const { name } of [TEMPLATE, MARKET]) sandbox.provider.setUrls(name, { suite: `${url}/wecom/suite/${name}` });
  sandbox.provider.setUrls('template', { app: `${url}/wecom/suite/template/app` });
  sandbox.provider.setUrls('market', { app: `${url}/wecom/suite/market/data/$CORPID$` });
}

/** How long what is done behind a callback may take. */
export const settled = { timeout: 8_000, interval: 20 };

/** Everything that suites were told is done. */
export const worked = (site: ProviderSite) =>
  vi.waitFor(async () => expect(await site.openEvents()).toEqual([]), settled);

/** Authorised, served and greeted. */
export async function installed(site: ProviderSite, suite = 'template', company = RETAIL): Promise<Installed> {
  const made = await site.sandbox.provider.install(suite, company);
  await vi.waitFor(
    async () => expect((await site.authorisations()).map(({ corpId }) => corpId)).toContain(made.corpId),
    settled,
  );
  await worked(site);
  return made;
}

/** Stopped when the test has ended. */
export async function openForTest(options: SiteOptions = {}): Promise<ProviderSite> {
  const site = await openProviderSite(options);
  onTestFinished(() => site.stop());
  return site;
}

export async function openProviderSite(options: SiteOptions = {}): Promise<ProviderSite> {
  const sandbox = await startSandbox({ ...IDENTITY, provider: PROVIDER, retryDelayMs: 300, ...options.sandbox });
  const gate = await openGate(new URL(sandbox.url));
  const directory = newFolder('provider');
  const file = join(directory, 'config.yaml');
  writeFileSync(file, JSON.stringify({ suites: suitesOf(options.suite), ...options.file }));
  const log: Record<string, unknown>[] = [];
  let env: Environment = {
    CONFIG_FILE: file,
    CREDENTIAL_KEY,
    WECOM_API_BASE_URL: gate.url,
    DATABASE_URL: `file:${join(directory, 'bot.db')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    OPERATOR_PORT: '0',
    ...options.env,
  };

  async function start(more: Partial<AppOptions> = {}) {
    const config: Config = await loadConfig(env);
    const app = createApp(config, {
      log: createLog(config.logLevel, { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
      now: Date.now,
      ticks: () => performance.now(),
      lookAgainMs: [20, 40],
      takeOverEveryMs: 100,
      ...options.app,
      ...more,
    });
    const { port, operatorPort } = await app.start();
    const url = `http://127.0.0.1:${port}`;
    pointTo(sandbox, url);
    return { app, url, operatorUrl: `http://127.0.0.1:${operatorPort}` };
  }
  let running = await start();
  if (options.tickets !== false) for (const { name } of [TEMPLATE, MARKET]) await sandbox.provider.pushTicket(name);

  async function looking<T>(look: (store: Awaited<ReturnType<typeof openStore>>['store']) => Promise<T>): Promise<T> {
    const { store, database } = await openStore();
    try {
      return await look(store);
    } finally {
      await database.close();
    }
  }
  async function openStore() {
    const database = await openDatabase(String(env.DATABASE_URL), { now: Date.now, readOnly: true });
    return { database, store: await database.suites([]) };
  }

  return {
    sandbox,
    gate,
    get app() {
      return running.app;
    },
    get url() {
      return running.url;
    },
    get operatorUrl() {
      return running.operatorUrl;
    },
    get env() {
      return env;
    },
    log,
    say: (place, member, text) => shownBy(place, member, () => place.say(member, text)),
    heard: (place, member) =>
      place
        .chat(member)
        .filter(({ from }) => from === 'bot')
        .map(words),
    logs: (message) =>
      vi.waitFor(
        () => {
          const found = log.find(({ msg }) => msg === message);
          if (!found) throw new Error(`not logged: ${message}\n${log.map((line) => JSON.stringify(line)).join('\n')}`);
          return found;
        },
        { timeout: 8_000, interval: 20 },
      ),
    authorisations: () => looking((store) => store.authorisations()),
    openEvents: () => looking((store) => store.openEvents()),
    calls: (path) => sandbox.calls.filter((call) => call.path.endsWith(path)).length,
    bytes: () =>
      Buffer.concat(
        readdirSync(directory)
          .filter((name) => name.startsWith('bot.db'))
          .map((name) => readFileSync(join(directory, name))),
      ),
    async restart(change = {}) {
      await running.app.stop();
      env = { ...env, ...change.env };
      running = await start(change.app);
    },
    async stop() {
      await running.app.stop();
      await sandbox.stop();
      await gate.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
