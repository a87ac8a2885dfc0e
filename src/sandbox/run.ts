/**
 * `sandbox`: the bot beside a simulated WeCom. The bot is the one that `serve` runs; it reaches the simulation only
 * through WECOM_API_BASE_URL, and the simulation reaches the bot only through sealed callbacks.
 */

import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderOptions } from './provider/provider.ts';
import type { SuiteOptions } from './provider/suite.ts';
import { CORP_NAME } from './seed.ts';
import { type Sandbox, startSandbox } from './server.ts';

interface Bot {
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
}

export interface SandboxRun {
  /** Of the chat page; 0 takes any free one. */
  readonly port: number;
  readonly logLevel?: string | undefined;
  /** Starts with a library of this many tags instead of the small one. */
  readonly tags?: number;
  /** With a provider, whose suites three corps may install. */
  readonly provider?: boolean;
  /** The real program, configured through its environment as in production. */
  createBot(env: Readonly<Record<string, string>>): Promise<Bot>;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export async function runSandbox(options: SandboxRun): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const credentials = {
    corpId: `ww${randomBytes(8).toString('hex')}`,
    agentId: 1000002,
    secret: letters(43),
    token: letters(24),
    encodingAesKey: letters(43),
  };
  const provider = options.provider === true ? newProvider() : undefined;
  const sandbox = await startSandbox({ ...credentials, port: options.port, ...(provider && { provider }) });
  if (options.tags !== undefined) sandbox.reset({ tags: options.tags });
  const directory = mkdtempSync(join(tmpdir(), 'wecom-tag-bot-'));
  const bot = await options.createBot({
    WECOM_CORP_ID: credentials.corpId,
    WECOM_AGENT_ID: String(credentials.agentId),
    WECOM_SECRET: credentials.secret,
    WECOM_TOKEN: credentials.token,
    WECOM_ENCODING_AES_KEY: credentials.encodingAesKey,
    WECOM_API_BASE_URL: sandbox.url,
    DATABASE_URL: `file:${join(directory, 'bot.db')}`,
    BOT_ADMINS: 'wangzong',
    DEFAULT_STRATEGY_ID: '1',
    HOST: '127.0.0.1',
    PORT: '0',
    OPERATOR_PORT: '0',
    LOG_LEVEL: options.logLevel ?? 'warn',
    ...(provider && writeConfig(directory, provider)),
  });
  const { port } = await bot.start();
  sandbox.setCallbackUrl(`http://127.0.0.1:${port}/wecom/callback`);
  if (provider) connectSuites(sandbox, provider, `http://127.0.0.1:${port}/wecom/suite`);
  return {
    url: sandbox.url,
    stop: async () => {
      await sandbox.stop();
      await bot.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function newProvider(): ProviderOptions {
  const keys = () => ({ token: letters(24), encodingAesKey: letters(43) });
  const template: SuiteOptions = {
    name: 'template',
    kind: 'customized',
    suiteId: `dk${randomBytes(8).toString('hex')}`,
    secret: letters(43),
    ...keys(),
    app: keys(),
  };
  const market: SuiteOptions = {
    name: 'market',
    kind: 'third-party',
    suiteId: `ww${randomBytes(8).toString('hex')}`,
    secret: letters(43),
    ...keys(),
  };
  return {
    corpId: `ww${randomBytes(8).toString('hex')}`,
    secret: letters(43),
    suites: [template, market],
    companies: [CORP_NAME, '远山餐饮', '晨光教育'],
  };
}

/** Suites stand in the config file only; returns the settings that lead to it. */
function writeConfig(directory: string, { corpId, suites }: ProviderOptions): Record<string, string> {
  const file = join(directory, 'config.yaml');
  const keyFile = join(directory, 'credential.key');
  const entries = suites.map(({ appName: _, secret, ...suite }) => ({
    ...suite,
    suiteSecret: secret,
    providerCorpId: corpId,
  }));
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ suites: entries }), { mode: 0o600 });
  writeFileSync(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  return { CONFIG_FILE: file, CREDENTIAL_KEY_FILE: keyFile };
}

/** As one enters the addresses in the provider's console; the tickets begin with that. */
function connectSuites(sandbox: Sandbox, { suites }: ProviderOptions, base: string): void {
  for (const { name, kind } of suites) {
    const app = kind === 'customized' ? `${base}/${name}/app` : `${base}/${name}/data/$CORPID$`;
    sandbox.provider.setUrls(name, { suite: `${base}/${name}`, app });
  }
  void sandbox.provider.startTickets();
}

function letters(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
